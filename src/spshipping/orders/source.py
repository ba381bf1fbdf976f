"""Where Amazon orders are read from: what each source does, and calls for many orders at a time."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from spshipping.errors import DecodeError, InvalidRequestError, SpShippingError
from spshipping.facade import Sender
from spshipping.named import NamedTuple
from spshipping.operation import Call, CallOptions, Reply

if TYPE_CHECKING:
    from spshipping.orders.order import AmazonOrder
    from spshipping.orders.selection import Search
    from spshipping.transport.bulk import Mapped

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - an item


class OrderSource(Enum):
    """Where an order is read from."""

    BOTH = "both"
    """From Orders 2026-01-01, with the fields of the order that only Orders v0 has: as fast as `V2026`, and
    the same from 27 March 2027 on."""
    FULLEST = "fullest"
    """The same, with what Orders v0 has more of each item: a call for each order."""
    V2026 = "2026-01-01"
    V0 = "v0"
    """Until 27 March 2027."""


class RetrievalPlan(NamedTuple):
    """How many calls a search takes, and how long that is."""

    orders: int
    """How many orders there are; an estimate where more than one page follows."""
    calls: int
    seconds: float
    """How long Amazon's quotas make it wait."""
    is_estimate: bool


Listener = Callable[[RetrievalPlan], object]


class Source(Protocol):
    """Reads orders from one API, or from both."""

    async def one(self, order_id: str) -> "AmazonOrder":
        """Return one order."""
        ...

    def search(
        self, search: "Search", on_progress: Listener | None = None
    ) -> AsyncGenerator["AmazonOrder", None]:
        """Yield the orders of all pages; the search is checked at once.

        Raises:
            InvalidRequestError: the API does not have such a search.
        """
        ...

    def many(self, order_ids: Sequence[str]) -> AsyncGenerator["AmazonOrder", None]:
        """Yield the orders of these ids as they come.

        Raises:
            SpShippingError: after all others, the error of the first that failed.
        """
        ...


def checked_source(source: object) -> OrderSource | None:
    """Return which API is meant, which may be given as text.

    Raises:
        InvalidRequestError: it is none.
    """
    found = [one for one in OrderSource if source in (one, one.value)]
    if source is None or found:
        return found[0] if found else None
    raise InvalidRequestError(
        f"takes an OrderSource, or one of {', '.join(one.value for one in OrderSource)}", path="source"
    )


def check_function(name: str, function: object) -> None:
    """Make sure that *function*, the argument *name*, can be called.

    Raises:
        InvalidRequestError: it cannot.
    """
    if function is not None and not callable(function):
        raise InvalidRequestError("takes a function", path=name)


async def one_by_one(
    one: Callable[[str], Awaitable["AmazonOrder"]], order_ids: Iterable[str]
) -> AsyncGenerator["AmazonOrder", None]:
    """Yield what *one* returns of each id, and raise the first error in the end."""
    first: SpShippingError | None = None
    for order_id in order_ids:
        try:
            order = await one(order_id)
        except SpShippingError as error:
            first = first or error
        else:
            yield order
    if first is not None:
        raise first


async def in_order(
    sender: Sender, call_factory: Callable[[I], Call[T]], items: Sequence[I], options: CallOptions
) -> AsyncGenerator["Mapped[int, T]", None]:
    """Send a call for each item, some at a time, and yield the results in the order of the items."""
    ended: dict[int, Mapped[int, T]] = {}
    following = 0

    def call_of(index: int) -> Call[T]:
        return call_factory(items[index])

    async with aclosing(sender.map(call_of, range(len(items)), **options)) as results:
        async for result in results:
            ended[result.item] = result
            while following in ended:
                yield ended.pop(following)
                following += 1


def reply_of(result: "Mapped[Any, T]") -> Reply[T]:
    """Return the reply in a result.

    Raises:
        SpShippingError: the error of the call, where it failed.
    """
    if result.reply is not None:
        return result.reply
    assert result.error is not None  # noqa: S101 - a result has one of the two
    raise result.error


def lacks(reply: Reply[Any], path: str) -> DecodeError:
    """Return the error for an answer that lacks what it cannot do without.

    Args:
        reply: the answer.
        path: what it lacks.
    """
    return DecodeError(
        f"the answer lacks {path}",
        operation=reply.call.operation.name,
        status=reply.meta.status,
        request_id=reply.meta.request_id,
        deviations=reply.meta.deviations,
    )
