"""What is requested of orders: which orders, and what of each."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar, cast

from spshipping.errors import InvalidRequestError
from spshipping.operation import CallOptions
from spshipping.orders.parts import FulfillmentChannel, OrderStatus
from spshipping.regions import Marketplace

T = TypeVar("T")

BUYER, ADDRESS, BUYER_TAX = "buyerInfo", "shippingAddress", "buyerTaxInformation"
ELEMENTS = (BUYER, ADDRESS, BUYER_TAX)
"""The data elements of personal data, as Orders v0 calls them."""


class Selection(NamedTuple):
    """What is requested of each order."""

    elements: frozenset[str]
    """Those of `ELEMENTS` that are requested."""
    has_items: bool
    options: CallOptions
    """The options of every call, without `pii`."""


def selection_of(options: CallOptions, default: Collection[str] | None, *, has_items: bool) -> Selection:
    """Return what is requested of each order.

    Args:
        options: as the caller gave them.
        default: the data elements that the client requests where the caller gives none.
        has_items: whether items are requested.

    Raises:
        InvalidRequestError: there is no such data element.
    """
    rest = cast("CallOptions", {name: value for name, value in options.items() if name != "pii"})
    if "pii" not in options:
        return Selection(frozenset(default or ()).intersection(ELEMENTS), has_items, rest)
    elements = frozenset(options["pii"] or ())
    unknown = elements.difference(ELEMENTS)
    if unknown:
        raise InvalidRequestError(
            f"orders have no {sorted(unknown)[0]!r} (they have: {', '.join(ELEMENTS)})", path="pii"
        )
    return Selection(elements, has_items, rest)


class OrderFilters(NamedTuple):
    """Which orders to search for, as the caller gives it."""

    updated_after: datetime | None = None
    updated_before: datetime | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    marketplaces: Sequence[Marketplace | str] | None = None
    statuses: Sequence[OrderStatus] | None = None
    channels: Sequence[FulfillmentChannel] | None = None


class Search(NamedTuple):
    """Which orders to search for, checked."""

    created_after: datetime | None
    created_before: datetime | None
    updated_after: datetime | None
    updated_before: datetime | None
    marketplace_ids: tuple[str, ...]
    statuses: tuple[OrderStatus, ...]
    """Empty means all."""
    channels: tuple[FulfillmentChannel, ...]
    """Empty means both."""


def search_of(filters: OrderFilters, marketplace_id: str) -> Search:
    """Check *filters*, and return the search.

    Args:
        filters: as the caller gave them.
        marketplace_id: where the orders were placed, if *filters* do not say.

    Raises:
        InvalidRequestError: a filter is empty, or they do not go together.
    """
    search = Search(
        created_after=filters.created_after,
        created_before=filters.created_before,
        updated_after=filters.updated_after,
        updated_before=filters.updated_before,
        marketplace_ids=marketplace_ids(filters.marketplaces, marketplace_id),
        statuses=tuple(map(OrderStatus, _listed("statuses", filters.statuses))),
        channels=fulfillment_channels(filters.channels),
    )
    _check_span(search)
    return search


def marketplace_ids(given: Sequence[Marketplace | str] | None, default: str) -> tuple[str, ...]:
    """Return the ids of marketplaces; *default* where none are given."""
    places = _listed("marketplaces", given)
    return tuple(place.id if isinstance(place, Marketplace) else place for place in places) or (default,)


def fulfillment_channels(given: Sequence[FulfillmentChannel] | None) -> tuple[FulfillmentChannel, ...]:
    """Return who ships; empty where that is not given, and means both.

    Raises:
        InvalidRequestError: there is no such channel.
    """
    listed: Sequence[object] = _listed("channels", given)
    channels = tuple(FulfillmentChannel(channel) for channel in listed if isinstance(channel, str))
    if len(channels) < len(listed) or not all(channel.is_known for channel in channels):
        known = ", ".join(channel.value for channel in FulfillmentChannel)
        raise InvalidRequestError(f"there is no such channel (there are: {known})", path="channels")
    return channels


def _listed(name: str, given: Sequence[T] | None) -> Sequence[T]:
    if given is None:
        return ()
    if not given or isinstance(given, str):
        raise InvalidRequestError("is empty, or text: give a list, or leave it out", path=name)
    return given


def _check_span(search: Search) -> None:
    """Make sure that one time is searched by.

    Raises:
        InvalidRequestError: Amazon would refuse it, with an error that names all parameters at once.
    """
    if (search.created_after is None) == (search.updated_after is None):
        raise InvalidRequestError("give exactly one of updated_after and created_after", path="updated_after")
    spans: Mapping[str, tuple[datetime | None, datetime | None]] = {
        "created": (search.created_after, search.created_before),
        "updated": (search.updated_after, search.updated_before),
    }
    for name, (after, before) in spans.items():
        if before is None:
            continue
        if after is None:
            raise InvalidRequestError(f"goes with {name}_after only", path=f"{name}_before")
        if _is_earlier(before, after):
            raise InvalidRequestError(f"is earlier than {name}_after", path=f"{name}_before")


def _is_earlier(before: object, after: object) -> bool:
    if not isinstance(before, datetime) or not isinstance(after, datetime):
        return False
    # a time without a zone is refused where it is written
    return before.utcoffset() is not None and after.utcoffset() is not None and before < after
