"""An answer: its value, and how it came."""

from __future__ import annotations

from typing import Generic, TypeVar

from spshipping.meta import ReplyMeta
from spshipping.operation.call import Call

T = TypeVar("T")


class Reply(Generic[T]):
    """An answer: its value, what is known about it, its bytes, and the call that it answers.

    It pickles whole, personal data too.
    """

    __slots__ = ("call", "meta", "raw", "value")

    def __init__(self, value: T, meta: ReplyMeta, raw: bytes, call: Call[T]) -> None:
        self.value: T = value
        self.meta: ReplyMeta = meta
        self.raw: bytes = raw
        self.call: Call[T] = call

    @property
    def next_call(self) -> Call[T] | None:
        """The call of the next page: the cursor to resume from. None on the last page."""
        return self.call.operation.next_call(self.call, self.value)

    def __repr__(self) -> str:
        # imported here: hardly a program shows a reply
        from spshipping.wire.model import Model

        # only a model knows what of it is personal
        value = repr(self.value) if isinstance(self.value, Model) else type(self.value).__name__
        return f"<Reply {self.meta.status} to {self.call.operation.name}: {value}>"
