"""What is requested of orders: which orders, and what of each."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar, cast

from spshipping.errors import InvalidRequestError
from spshipping.named import NamedTuple
from spshipping.operation import CallOptions
from spshipping.operation.arguments import checked_elements
from spshipping.regions import Marketplace, id_of_marketplace, is_marketplace_id
from spshipping.transport.rules import check_limits
from spshipping.wire.enums import OpenEnum

if TYPE_CHECKING:
    from spshipping.orders.parts import FulfillmentChannel, OrderStatus

T = TypeVar("T")
E = TypeVar("E", bound=OpenEnum)

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
        InvalidRequestError: there is no such data element or option, or a limit is none.
    """
    rest = cast("CallOptions", {name: value for name, value in options.items() if name != "pii"})
    check_limits(rest)
    if "pii" not in options:
        return Selection(frozenset(default or ()).intersection(ELEMENTS), has_items, rest)
    elements = checked_elements(options["pii"])
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
    statuses: Sequence["OrderStatus"] | None = None
    channels: Sequence["FulfillmentChannel"] | None = None


class Search(NamedTuple):
    """Which orders to search for, checked."""

    created_after: datetime | None
    created_before: datetime | None
    updated_after: datetime | None
    updated_before: datetime | None
    marketplace_ids: tuple[str, ...]
    statuses: tuple["OrderStatus", ...]
    """Empty means all."""
    channels: tuple["FulfillmentChannel", ...]
    """Empty means both."""


def search_of(filters: OrderFilters, marketplace_id: str, now: datetime) -> Search:
    """Check *filters*, and return the search.

    Args:
        filters: as the caller gave them.
        marketplace_id: where the orders were placed, if *filters* do not say.
        now: no order can be later.

    Raises:
        InvalidRequestError: a filter is empty or has no such value, or they do not go together.
    """
    from spshipping.orders.parts import OrderStatus

    search = Search(
        created_after=checked_time("created_after", filters.created_after),
        created_before=checked_time("created_before", filters.created_before),
        updated_after=checked_time("updated_after", filters.updated_after),
        updated_before=checked_time("updated_before", filters.updated_before),
        marketplace_ids=marketplace_ids(filters.marketplaces, marketplace_id),
        statuses=_members("statuses", OrderStatus, filters.statuses),
        channels=channels_of(filters.channels),
    )
    _check_span(search)
    for name in ("created_after", "updated_after"):
        after: object = getattr(search, name)
        if isinstance(after, datetime) and after > now + _AHEAD:
            raise InvalidRequestError("is later than now, so that no order can match", path=name)
    return search


_AHEAD = timedelta(minutes=5)
"""How far the other clock may be ahead of this one."""


def marketplace_ids(given: Sequence[Marketplace | str] | None, default: str) -> tuple[str, ...]:
    """Return the ids of marketplaces, which may be named; *default* where none are given.

    Raises:
        InvalidRequestError: one is no marketplace.
    """
    places = _listed("marketplaces", given)
    return tuple(checked_marketplace(place, "marketplaces") for place in places) or (default,)


def checked_marketplace(place: object, path: str) -> str:
    """Return the id of a marketplace that is given as one, by its name, its country code or its id.

    Raises:
        InvalidRequestError: it is none; *path* names the argument.
    """
    found = id_of_marketplace(place)
    if not is_marketplace_id(found):
        raise InvalidRequestError(
            "is no marketplace: give a Marketplace, a name such as UK, or an id such as A1F83G8C2ARO7P",
            path=path,
        )
    return str(found)


def channels_of(given: Sequence["FulfillmentChannel"] | None) -> tuple["FulfillmentChannel", ...]:
    """Return who ships, checked; nothing means both.

    Raises:
        InvalidRequestError: one is no channel.
    """
    from spshipping.orders.parts import FulfillmentChannel

    return _members("channels", FulfillmentChannel, given)


def checked_ids(order_ids: Iterable[str]) -> list[str]:
    """Return the ids of orders, each once.

    Raises:
        InvalidRequestError: they are one text, or one is no id.
    """
    if isinstance(order_ids, str | bytes) or not isinstance(order_ids, Iterable):
        raise InvalidRequestError("takes a list of ids", path="order_ids")
    return list(dict.fromkeys(checked_id(order_id, "order_ids") for order_id in order_ids))


def checked_id(order_id: object, path: str = "order_id") -> str:
    """Return the id of an order.

    Source: https://developer-docs.amazon.com/sp-api/docs/orders-api-v0-reference

    Raises:
        InvalidRequestError: it does not have the form of one; *path* names the argument.
    """
    if isinstance(order_id, str) and re.fullmatch(rf"[0-9A-Z]{{3}}-[0-9]{{7}}-[0-9]{{7}}|{_WORD}", order_id):
        return order_id
    del order_id
    raise InvalidRequestError(
        "is no id of an Amazon order, such as 902-1845936-5435065; your own number of an order is not one",
        path=path,
    )


_WORD = r"TEST_CASE_\w+"
"""What Amazon's own sandbox takes in the place of values, times too."""


def checked_time(name: str, given: datetime | None) -> datetime | None:
    """Return a time of a search, or None.

    Raises:
        InvalidRequestError: it is none, or has no time zone; *name* names the argument.
    """
    value: object = given
    is_time = isinstance(value, datetime) and value.utcoffset() is not None
    if value is None or is_time or (isinstance(value, str) and re.fullmatch(_WORD, value)):
        return given
    raise InvalidRequestError("takes a datetime with a time zone", path=name)


def _members(name: str, kind: type[E], given: Sequence[E] | None) -> tuple[E, ...]:
    """Return members of *kind*, which may be given as text.

    Raises:
        InvalidRequestError: a text is none that this version lists; one that Amazon has added since is given
            as a member made of it.
    """
    known = [member.value for member in kind]
    for value in _listed(name, given):
        if not isinstance(value, kind) and value not in known:
            raise InvalidRequestError(
                f"takes {', '.join(known)}; a newer value is given as {kind.__name__}('...')", path=name
            )
    return tuple(map(kind, given or ()))


def _listed(name: str, given: Sequence[T] | None) -> Sequence[T]:
    if given is None:
        return ()
    if not given or isinstance(given, str) or not isinstance(given, Collection):
        raise InvalidRequestError("takes a list that is not empty, or None for the default", path=name)
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
        times: list[object] = [before, after]
        if all(isinstance(time, datetime) for time in times) and before < after:
            raise InvalidRequestError(f"is earlier than {name}_after", path=f"{name}_before")
