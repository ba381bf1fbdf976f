"""The base of the facades: what makes a method of an operation."""

from collections.abc import Iterator
from typing import Protocol, TypeVar, Unpack

from spshipping.errors import PaginationError
from spshipping.operation import Call, CallOptions, PagedOperation, Reply

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - the item of a page

_NONE: CallOptions = {}


class Sender(Protocol):
    """What a facade needs of a client."""

    def send(self, call: Call[T], **options: Unpack[CallOptions]) -> Reply[T]:
        """Send *call*, with repeats where they are safe."""
        ...


class Api:
    """The base of the facades: a facade names operations, and nothing else.

    The options of a call are given by name, or as the mapping that `Operation.split` returns.
    """

    __slots__ = ("_sender",)

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def _run(self, call: Call[T], given: CallOptions = _NONE, /, **options: Unpack[CallOptions]) -> T:
        merged: CallOptions = {**given, **options}
        return self._sender.send(call, **merged).value

    def _pages(
        self, call: Call[T], given: CallOptions = _NONE, /, **options: Unpack[CallOptions]
    ) -> Iterator[Reply[T]]:
        merged: CallOptions = {**given, **options}
        following: Call[T] | None = call
        # by the token alone: nothing else changes, and a traceback with local variables would show the rest
        token, seen = call.operation.page_token or "", set()
        while following is not None:
            page = following.query.get(token)
            if page in seen:
                raise PaginationError(
                    "it names a page that it named before; stopped",
                    operation=call.operation.name,
                    cursor=following,
                )
            seen.add(page)
            replies = [self._sender.send(following, **merged)]
            following = replies[0].next_call
            yield replies.pop()  # not kept here: a page is large, and the next one is as large

    def _iter(
        self,
        operation: PagedOperation[T, I],
        call: Call[T],
        given: CallOptions = _NONE,
        /,
        **options: Unpack[CallOptions],
    ) -> Iterator[I]:
        for reply in self._pages(call, given, **options):
            items = operation.items_of(reply.value)
            del reply
            yield from items
            del items
