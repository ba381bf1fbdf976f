"""The base of the facades: what turns an operation into a method."""

from collections.abc import Iterator
from typing import Protocol, TypeVar, Unpack

from spshipping.errors import BadRequestError, PaginationError
from spshipping.operation import Call, CallOptions, PagedOperation, Reply

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - the item of a page


class Sender(Protocol):
    """What a facade needs of a client."""

    def send(self, call: Call[T], **options: Unpack[CallOptions]) -> Reply[T]:
        """Send *call*, with repeats where they are safe."""
        ...


class Api:
    """The base of the facades: a facade names operations, and nothing else."""

    __slots__ = ("_sender",)

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def _run(self, call: Call[T], **options: Unpack[CallOptions]) -> T:
        return self._sender.send(call, **options).value

    def _pages(self, call: Call[T], **options: Unpack[CallOptions]) -> Iterator[Reply[T]]:
        following: Call[T] | None = call
        seen = set()
        while following is not None:
            page = frozenset(following.query.items())
            if page in seen:
                raise PaginationError(
                    f"{call.operation.name} names a page that it named before; stopped", cursor=following
                )
            seen.add(page)
            reply = self._page(following, **options)
            following = reply.next_call
            yield reply

    def _page(self, call: Call[T], **options: Unpack[CallOptions]) -> Reply[T]:
        try:
            return self._sender.send(call, **options)
        except BadRequestError as error:
            if not call.operation.is_page(call):
                raise
            # the parameters were good enough for the page before it
            raise PaginationError(
                f"Amazon no longer takes this page's token, start again: {error}", cursor=call
            ) from error

    def _iter(
        self, operation: PagedOperation[T, I], call: Call[T], **options: Unpack[CallOptions]
    ) -> Iterator[I]:
        for reply in self._pages(call, **options):
            yield from operation.items_of(reply.value)
