"""What somebody wants to know of orders, and what it takes to ask for it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from enum import Enum
from typing import NamedTuple, Protocol, TypeVar, Unpack, cast

from spshipping.errors import InvalidRequestError
from spshipping.facade import Sender
from spshipping.operation import Call, CallOptions
from spshipping.orders.parts import FulfillmentChannel, OrderStatus
from spshipping.transport.bulk import Mapped

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - an item

BUYER, ADDRESS, BUYER_TAX = "buyerInfo", "shippingAddress", "buyerTaxInformation"
ELEMENTS = (BUYER, ADDRESS, BUYER_TAX)
"""The data elements of personal data, as Orders v0 calls them."""


class OrderSource(Enum):
    """Where an order is read from."""

    FULLEST = "fullest"
    """From Orders 2026-01-01, completed from Orders v0 where that has more."""
    V2026 = "2026-01-01"
    V0 = "v0"
    """Until 27 March 2027."""


class OrdersSender(Sender, Protocol):
    """What the workflows with orders need of a client."""

    def map(
        self, call_factory: Callable[[I], Call[T]], items: Iterable[I], **options: Unpack[CallOptions]
    ) -> Iterator[Mapped[I, T]]:
        """Send a call for each item over threads, and yield what came of each as it ends."""
        ...


class Wanted(NamedTuple):
    """What is to be told of each order."""

    elements: frozenset[str]
    """Those of `ELEMENTS` that are asked for."""
    has_items: bool
    options: CallOptions
    """What is different for every call, but for `pii`."""


def wanted(options: CallOptions, default: Collection[str] | None, *, has_items: bool) -> Wanted:
    """Return what is to be told.

    Args:
        options: as the caller gave them.
        default: the data elements that the client asks for where the caller does not say.
        has_items: whether items are to be told.

    Raises:
        InvalidRequestError: there is no such data element.
    """
    rest = cast("CallOptions", {name: value for name, value in options.items() if name != "pii"})
    if "pii" not in options:
        return Wanted(frozenset(default or ()).intersection(ELEMENTS), has_items, rest)
    elements = frozenset(options["pii"] or ())
    unknown = elements.difference(ELEMENTS)
    if unknown:
        raise InvalidRequestError(
            f"orders have no {sorted(unknown)[0]!r} (they have: {', '.join(ELEMENTS)})", path="pii"
        )
    return Wanted(elements, has_items, rest)


class Search(NamedTuple):
    """Which orders are meant."""

    created_after: datetime | None
    created_before: datetime | None
    updated_after: datetime | None
    updated_before: datetime | None
    marketplace_ids: tuple[str, ...]
    statuses: tuple[OrderStatus, ...]
    """None of them means all."""
    channels: tuple[FulfillmentChannel, ...]
    """None of them means both."""


def check_span(search: Search) -> None:
    """Make sure that one time is searched by, and not two.

    Raises:
        InvalidRequestError: Amazon would refuse it, with a word on all parameters at once.
    """
    if (search.created_after is None) == (search.updated_after is None):
        raise InvalidRequestError("give exactly one of updated_after and created_after", path="updated_after")
    for before, after in (("created_before", "created_after"), ("updated_before", "updated_after")):
        if getattr(search, before) is not None and getattr(search, after) is None:
            raise InvalidRequestError(f"goes with {after} only", path=before)


def in_turn(
    sender: OrdersSender, call_factory: Callable[[I], Call[T]], items: Sequence[I], options: CallOptions
) -> Iterator[Mapped[int, T]]:
    """Send a call for each item over threads, and yield what came of each in the order of the items."""
    ended: dict[int, Mapped[int, T]] = {}
    following = 0

    def call_of(index: int) -> Call[T]:
        return call_factory(items[index])

    for mapped in sender.map(call_of, range(len(items)), **options):
        ended[mapped.item] = mapped
        while following in ended:
            yield ended.pop(following)
            following += 1
