"""Finds what belongs to the verb and path of a request, among routes such as `GET /v1/orders/{orderId}`."""

import re
from typing import Generic, TypeVar

from spshipping.named import NamedTuple

T = TypeVar("T")


class _Entry(NamedTuple, Generic[T]):
    pattern: re.Pattern[str]
    value: T


class Routes(Generic[T]):
    """A table of routes; a route is a verb and a path template, as Amazon's documentation prints it."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry[T]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """All routes of the table."""
        return tuple(self._entries)

    def add(self, route: str, value: T) -> None:
        """Add a route; an equal route that is in the table is replaced."""
        entries = {**self._entries, route: _Entry(_pattern(route), value)}
        # where two routes fit, the one with fewer parameters is meant
        self._entries = dict(sorted(entries.items(), key=_parameters))

    def discard(self, route: str) -> None:
        """Remove a route, if it is in the table."""
        self._entries = {name: entry for name, entry in self._entries.items() if name != route}

    def find(self, method: str, path: str) -> tuple[T, dict[str, str]] | None:
        """Return the value of the route that fits, and the path's parameters; None if no route fits."""
        for entry in self._entries.values():
            match = entry.pattern.fullmatch(f"{method} {path}")
            if match:
                return entry.value, match.groupdict()
        return None


def _parameters(item: tuple[str, _Entry[T]]) -> int:
    return item[0].count("{")


def _pattern(route: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(route)))
