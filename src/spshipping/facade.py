"""The bases of the facades, for threads and for asyncio, and the one value that facades and workflows get."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterable, Iterator
from contextlib import aclosing
from types import FunctionType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, Unpack

from spshipping.clock import Clock
from spshipping.errors import ConfigurationError, PaginationError
from spshipping.named import NamedTuple
from spshipping.operation import Call, CallOptions, Operation, Reply
from spshipping.secret import discreet
from spshipping.transport.bucket import QuotaState
from spshipping.transport.io import DEFAULT_CONCURRENCY, Io, iterate, run

if TYPE_CHECKING:
    from spshipping.operation import PagedOperation
    from spshipping.transport.bulk import Mapped

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - the item of a page

_NONE: CallOptions = {}


class Sender(Protocol):
    """Sends calls; one and the same under threads and under asyncio."""

    async def send(self, call: Call[T], **options: Unpack[CallOptions]) -> Reply[T]:
        """Send *call*, and repeat it where that is safe."""
        ...

    def map(
        self,
        call_factory: Callable[[I], Call[T]],
        items: Iterable[I],
        *,
        concurrency: int = DEFAULT_CONCURRENCY,
        **options: Unpack[CallOptions],
    ) -> AsyncGenerator[Mapped[I, T], None]:
        """Send a call for each item, some at a time, and yield the result of each as it ends."""
        ...

    async def resolve(self, call: Call[Any], options: CallOptions, /) -> Reply[Any]:
        """Send a keyed call again with its key, to learn its outcome."""
        ...

    async def quota(self, operation: Operation[Any]) -> QuotaState:
        """Return how the quota of *operation* stands. Sends nothing."""
        ...

    def unrepeated(self) -> Sender:
        """Return a sender that repeats nothing but a 429, once, and leaves the budget for repeats alone."""
        ...


class Origin(NamedTuple):
    """From whom calls come, and where they go."""

    endpoint: str
    seller: str | None
    """The selling partner's id, where the credentials have it."""
    business: str | ConfigurationError
    """The Amazon Shipping business, or why it is not known."""


class Context(NamedTuple):
    """What facades and workflows need of a client, as one value: `client.context`."""

    sender: Sender
    io: Io
    clock: Clock
    """By Amazon's time, as far as its answers have stated it."""
    marketplace_id: str
    """The marketplace that is meant where a method is given none."""
    pii: Collection[str] | None = None
    """The data elements of personal data that are requested where a method is given none."""
    origin: Origin = Origin("", None, "")
    """Whose client it is."""
    vendor_code: str | None = None
    """The vendor code that is meant where a method is given none."""


def _behind_the_door(facade: type[object]) -> None:
    """Keep what the methods of *facade* are given out of tracebacks: ids, addresses, bodies."""
    for name, member in list(vars(facade).items()):
        if isinstance(member, FunctionType) and not name.startswith("_"):
            setattr(facade, name, discreet(member))


class Api:
    """The base of the facades of `Client`: a method names an operation, and does nothing else.

    The options of a call are given by name, or as the mapping that `Operation.split` returns.
    """

    __slots__ = ("_context",)

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        _behind_the_door(cls)

    def __init__(self, context: Context) -> None:
        """Make a facade; `client.context` is what it needs."""
        self._context = context

    @property
    def context(self) -> Context:
        """What a workflow needs of the client."""
        return self._context

    def _run(self, call: Call[T], given: CallOptions = _NONE, /, **options: Unpack[CallOptions]) -> T:
        return run(self._context.sender.send(call, **_merged(given, options))).value

    def _pages(
        self, call: Call[T], given: CallOptions = _NONE, /, **options: Unpack[CallOptions]
    ) -> Iterator[Reply[T]]:
        return iterate(pages(self._context.sender, call, **_merged(given, options)))

    def _iter(
        self,
        operation: PagedOperation[T, I],
        call: Call[T],
        given: CallOptions = _NONE,
        /,
        **options: Unpack[CallOptions],
    ) -> Iterator[I]:
        return iterate(items(self._context.sender, operation, call, **_merged(given, options)))


class AsyncApi:
    """The base of the facades of `AsyncClient`; see `Api`."""

    __slots__ = ("_context",)

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        _behind_the_door(cls)

    def __init__(self, context: Context) -> None:
        """Make a facade; `client.context` is what it needs."""
        self._context = context

    @property
    def context(self) -> Context:
        """What a workflow needs of the client."""
        return self._context

    async def _run(self, call: Call[T], given: CallOptions = _NONE, /, **options: Unpack[CallOptions]) -> T:
        return (await self._context.sender.send(call, **_merged(given, options))).value

    def _pages(
        self, call: Call[T], given: CallOptions = _NONE, /, **options: Unpack[CallOptions]
    ) -> AsyncIterator[Reply[T]]:
        return pages(self._context.sender, call, **_merged(given, options))

    def _iter(
        self,
        operation: PagedOperation[T, I],
        call: Call[T],
        given: CallOptions = _NONE,
        /,
        **options: Unpack[CallOptions],
    ) -> AsyncIterator[I]:
        return items(self._context.sender, operation, call, **_merged(given, options))


def _merged(given: CallOptions, options: CallOptions) -> CallOptions:
    return {**given, **options} if given else options


@discreet
async def pages(
    sender: Sender, call: Call[T], **options: Unpack[CallOptions]
) -> AsyncGenerator[Reply[T], None]:
    """Yield the reply of each page, from *call* on; a page is requested when it is reached.

    Raises:
        PaginationError: Amazon names a page twice, or no longer takes a page's token.
    """
    following: Call[T] | None = call
    # by the token alone: nothing else changes, and a traceback with local variables would show the rest
    token, seen = call.operation.page_token or "", set()
    while following is not None:
        page = following.query.get(token)
        if page in seen:
            raise PaginationError(
                "the answer names a page that was named before; stopped",
                operation=call.operation.name,
                cursor=following,
            )
        seen.add(page)
        reply = await sender.send(following, **options)
        following = reply.next_call
        yield reply
        del reply  # a page is large, and the next one is as large


@discreet
async def items(
    sender: Sender, operation: PagedOperation[T, I], call: Call[T], **options: Unpack[CallOptions]
) -> AsyncGenerator[I, None]:
    """Yield the items of each page, from *call* on."""
    async with aclosing(pages(sender, call, **options)) as replies:
        async for reply in replies:
            found = operation.items_of(reply.value)
            del reply
            for item in found:
                yield item
            del found
