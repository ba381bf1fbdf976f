"""Searches orders: reads filters from a query, and returns one page of what matches."""

import math
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from spshipping.regions import Marketplace
from spshipping.sandbox.clock import write_time
from spshipping.sandbox.orders.record import Order
from spshipping.sandbox.orders.seller_orders import SellerOrders, StoredOrder
from spshipping.sandbox.pages import PageParameters, PageStart
from spshipping.sandbox.refusals import invalid_input, not_a_time
from spshipping.sandbox.validation import is_time

LAG = 120
"""Seconds by which the end of a search must lie in the past.

Source: https://developer-docs.amazon.com/sp-api/reference/getorders
"""
MAX_VALUES = 50
"""How many values a list of marketplaces or of order ids may have."""

Query = Mapping[str, str]
Matches = Callable[[StoredOrder], bool]


class TimeParameters(NamedTuple):
    """The names that one API gives to the parameters for times."""

    created: tuple[str, str]
    updated: tuple[str, str]
    ids: tuple[str, ...] = ()
    """The parameters that name orders; a search with one of them needs no time."""


class Found(NamedTuple):
    """One page of the orders that were found."""

    orders: list[Order]
    token: str | None
    """The token of the next page, if there is one."""
    end: Mapping[str, str]
    """The parameter for the end of the search, and its value."""


def listed(query: Query, name: str, allowed: Collection[str]) -> frozenset[str]:
    """Return the values of a list parameter; empty where it is missing.

    Raises:
        RefusedError: one of them is not allowed.
    """
    given = frozenset(filter(None, query.get(name, "").split(",")))
    if not given <= set(allowed):
        raise invalid_input(f"{name}: {sorted(given.difference(allowed))[0]} is none of {', '.join(allowed)}")
    return given


def marketplaces(query: Query, name: str) -> frozenset[str]:
    """Return the requested marketplaces; empty for all.

    Raises:
        RefusedError: there are more than fifty, or one that Amazon does not have.
    """
    check_count(query, name)
    return listed(query, name, [marketplace.id for marketplace in Marketplace])


def check_count(query: Query, name: str) -> None:
    """Check the number of values in a list.

    Raises:
        RefusedError: there are more than fifty.
    """
    if query.get(name, "").count(",") >= MAX_VALUES:
        raise invalid_input(f"{name} must have at most {MAX_VALUES} items")


def instant(query: Query, name: str) -> float | None:
    """Return the value of a time parameter in seconds since 1970; None where it is missing.

    Raises:
        RefusedError: it is not a date-time with a time zone.
    """
    if name not in query:
        return None
    if not is_time(query[name]):
        raise invalid_input(not_a_time(name))
    return datetime.fromisoformat(query[name]).timestamp()


def window(query: Query, names: TimeParameters, now: int, *, is_page: bool) -> tuple[str, int, int]:
    """Return the time that is searched by, and the first and last second; the default end is two minutes ago.

    A search for orders by their id needs no time.

    Raises:
        RefusedError: no beginning, both families, an end before the beginning or less than two minutes ago.
    """
    families = {"updated": names.updated, "created": names.created}
    given = [by for by, family in families.items() if any(name in query for name in family)]
    if not given and any(name in query for name in names.ids):
        return "created", 0, now
    if len(given) != 1:
        raise invalid_input(f"Exactly one of {names.created[0]} and {names.updated[0]} must be given")
    first, last = families[given[0]]
    after, before = instant(query, first), instant(query, last)
    if after is None:
        raise invalid_input(f"{last} needs {first}")
    if before is None:
        return given[0], math.ceil(after), now - LAG
    if before < after:
        raise invalid_input(f"{last} must not be before {first}")
    if before > now - LAG and not is_page:
        raise invalid_input(f"{last} must be at least two minutes ago")
    return given[0], math.ceil(after), math.floor(before)


def search(
    orders: SellerOrders, query: Query, names: TimeParameters, pages: PageParameters, matches: Matches
) -> Found:
    """Return one page of the orders that match.

    Args:
        orders: the seller's orders.
        query: the parameters.
        names: the names of the parameters for times.
        pages: the names of the parameters for pages.
        matches: returns whether an order passes the filters.

    Raises:
        RefusedError: the parameters contradict each other, or the page token is not valid.
    """
    now, size = orders.update(), pages.page_size(query)
    by, after, before = window(query, names, now, is_page=pages.token in query)
    start = pages.start(query, now)
    if start:
        before = start.before
    with orders.lock:
        found = orders.between(by, after, before, start and start.key)
        page = list(islice((pair for pair in found if matches(pair[1])), size + 1))
        whole = [stored.order() for _, stored in page[:size]]
    token = None
    if len(page) > size:
        token = pages.write_token(PageStart(page[size - 1][0], before), query, now)
    last = (names.updated if by == "updated" else names.created)[1]
    return Found(whole, token, {last: write_time(before)})
