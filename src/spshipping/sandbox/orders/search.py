"""Finds orders: which of them a query means, and page by page."""

import math
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from spshipping.regions import Marketplace
from spshipping.sandbox.answers import RefusedError, invalid_input
from spshipping.sandbox.orders.book import Book, Entry
from spshipping.sandbox.orders.pages import Page, read_token, write_token
from spshipping.sandbox.orders.record import Order
from spshipping.sandbox.validate import is_time

LAG = 120
"""Seconds that the end of a search must lie back.

Source: https://developer-docs.amazon.com/sp-api/reference/getorders
"""
MOST = 100
"""Orders on a page."""

Query = Mapping[str, str]


class Spelling(NamedTuple):
    """What one API calls the parameters that both have."""

    created: tuple[str, str]
    updated: tuple[str, str]
    size: str
    token: str
    sized_by_page: bool
    """Another page of the same search may have another size."""
    ids: tuple[str, ...] = ()
    """What names orders by their id."""


class Found(NamedTuple):
    """One page of a search."""

    orders: list[Order]
    token: str | None
    """Of the next page."""
    by: str
    """`updated` or `created`."""
    before: int
    """The end of the search."""


def listed(query: Query, name: str, allowed: Collection[str]) -> frozenset[str]:
    """Return the values of a list parameter; empty where it is not given.

    Raises:
        RefusedError: one of them is not allowed.
    """
    given = frozenset(filter(None, query.get(name, "").split(",")))
    if not given <= set(allowed):
        raise invalid_input(f"{name}: {sorted(given.difference(allowed))[0]} is none of {', '.join(allowed)}")
    return given


def marketplaces(query: Query, name: str) -> frozenset[str]:
    """Return the marketplaces that are asked for; empty for all.

    Raises:
        RefusedError: there are more than fifty, or one that Amazon does not have.
    """
    if query.get(name, "").count(",") >= 50:
        raise invalid_input(f"{name} must have at most 50 items")
    return listed(query, name, [place.id for place in Marketplace])


def instant(query: Query, name: str) -> float | None:
    """Return a time that is given, in seconds since 1970.

    Raises:
        RefusedError: it is no date-time with a time zone.
    """
    if name not in query:
        return None
    if not is_time(query[name]):
        raise invalid_input(f"{name} must be a date-time such as 2026-01-31T09:30:00Z")
    return datetime.fromisoformat(query[name]).timestamp()


def page_size(query: Query, name: str) -> int:
    """Return how many orders are wanted on a page.

    Raises:
        RefusedError: fewer than one, or more than a hundred.
    """
    size = int(query.get(name, MOST))
    if not 1 <= size <= MOST:
        raise invalid_input(f"{name} must be between 1 and {MOST}")
    return size


def window(query: Query, spelling: Spelling, now: int) -> tuple[str, int, int]:
    """Return by which time is searched, and from when to when; the end is two minutes ago unless told.

    Who asks for orders by their id need not say when.

    Raises:
        RefusedError: no beginning, both families, an end before the beginning or less than two minutes ago.
    """
    families = {"updated": spelling.updated, "created": spelling.created}
    given = [by for by, names in families.items() if any(name in query for name in names)]
    if not given and any(name in query for name in spelling.ids):
        return "created", 0, now
    if len(given) != 1:
        raise invalid_input(f"Exactly one of {spelling.created[0]} and {spelling.updated[0]} must be given")
    first, last = families[given[0]]
    after, before = instant(query, first), instant(query, last)
    if after is None:
        raise invalid_input(f"{last} needs {first}")
    if before is None:
        return given[0], math.ceil(after), now - LAG
    if before < after:
        raise invalid_input(f"{last} must not be before {first}")
    if before > now - LAG and spelling.token not in query:
        raise invalid_input(f"{last} must be at least two minutes ago")
    return given[0], math.ceil(after), math.floor(before)


def search(
    book: Book,
    query: Query,
    spelling: Spelling,
    keeps: Callable[[Entry], bool],
    broken: Callable[[], RefusedError],
) -> Found:
    """Return one page of the orders that *keeps* keeps.

    Args:
        book: the seller's orders.
        query: the parameters.
        spelling: what they are called.
        keeps: tells whether an order is meant.
        broken: makes the refusal of a page token that is not good.

    Raises:
        RefusedError: the parameters do not go together, or the token is not good.
    """
    now, size = book.now(), page_size(query, spelling.size)
    by, after, before = window(query, spelling, now)
    aside = {spelling.token} | ({spelling.size} if spelling.sized_by_page else set())
    kept = {name: value for name, value in query.items() if name not in aside}
    start = None
    if spelling.token in query:
        try:
            start, before = read_token(query[spelling.token], kept, now)
        except ValueError:
            raise broken() from None
    with book.lock:
        meant = (pair for pair in book.between(by, after, before, start) if keeps(pair[1]))
        found = list(islice(meant, size + 1))
        orders = [entry.order() for _, entry in found[:size]]
    token = write_token(Page(found[size - 1][0], before), kept, now) if len(found) > size else None
    return Found(orders, token, by, before)
