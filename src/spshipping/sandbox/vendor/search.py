"""What the searches of the vendor APIs have in common: windows, choices, pages."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple, TypeVar

from spshipping.sandbox.clock import DAY
from spshipping.sandbox.orders.search import instant
from spshipping.sandbox.pages import Key, PageParameters, PageStart
from spshipping.sandbox.refusals import RefusedError, invalid_input

T = TypeVar("T")
Query = Mapping[str, str]
WEEK = 7 * DAY
"""The longest window of a call.

Source: https://github.com/amzn/selling-partner-api-models/tree/main/models/vendor-orders-api-model
"""
PAST = 183 * DAY
"""How far back a search goes: six months."""


class Window(NamedTuple):
    """The times between which something must be."""

    after: float
    before: float

    def has(self, time: int | None) -> bool:
        """Say whether a time is inside; what has no time is not."""
        return time is not None and self.after <= time <= self.before


def window(query: Query, name: str, now: int, *, longest: float | None = WEEK) -> Window | None:
    """Return the window that is meant by `...After` and `...Before`; None where neither is given.

    Where it has a longest form, it ends now unless given, and is the longest one. Else it is open.

    Raises:
        RefusedError: it is too long, or ends before it begins.
    """
    after, before = instant(query, f"{name}After"), instant(query, f"{name}Before")
    if after is None and before is None:
        return None
    end = before if before is not None else now if longest else math.inf
    start = after if after is not None else end - longest if longest else -math.inf
    if end < start:
        raise invalid_input(f"{name}Before must not be before {name}After")
    if longest and end - start > longest:
        raise invalid_input(f"The date range from {name}After to {name}Before must not exceed 7 days")
    return Window(start, end)


def choice(query: Query, name: str, allowed: Collection[str]) -> str | None:
    """Return the value of a parameter that has a list of values.

    Raises:
        RefusedError: it is none of them.
    """
    value = query.get(name)
    if value is not None and value not in allowed:
        raise invalid_input(f"{name}: {value} is none of {', '.join(allowed)}")
    return value


def _broken() -> RefusedError:
    return invalid_input("Invalid nextToken")


def paging(largest: int) -> PageParameters:
    """Return how an operation is paged."""
    return PageParameters(token="nextToken", size="limit", largest=largest, broken=_broken)  # noqa: S106 - a name


class Page(NamedTuple):
    """Where a page begins, and how it goes on."""

    parameters: PageParameters
    query: Query
    now: int
    start: PageStart | None
    is_descending: bool

    @classmethod
    def of(cls, query: Query, largest: int, now: int) -> "Page":
        """Read which page is meant.

        Raises:
            RefusedError: the token is not one of this search, or the size is out of range.
        """
        parameters = paging(largest)
        parameters.page_size(query)
        is_descending = choice(query, "sortOrder", ("ASC", "DESC")) == "DESC"
        return cls(parameters, query, now, parameters.start(query, now), is_descending)

    def cut(self, found: Iterator[tuple[Key, T]], end: int) -> tuple[list[T], dict[str, dict[str, str]]]:
        """Return what is on the page, and the `pagination` that leads to the next one, if there is one."""
        size = self.parameters.page_size(self.query)
        page = list(islice(found, size + 1))
        if len(page) <= size:
            return [each for _, each in page], {}
        token = self.parameters.write_token(PageStart(page[size - 1][0], end), self.query, self.now)
        return [each for _, each in page[:size]], {"pagination": {"nextToken": token}}

    def of_list(self, entries: Iterable[tuple[Key, T]]) -> Iterator[tuple[Key, T]]:
        """Yield the entries of a list from where the page begins, in the order that is wanted."""
        ordered = sorted(entries, key=lambda entry: entry[0], reverse=self.is_descending)
        for key, entry in ordered:
            if self.start is None or (key < self.start.key if self.is_descending else key > self.start.key):
                yield key, entry
