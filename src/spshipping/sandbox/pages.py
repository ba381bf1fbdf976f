"""Pages of an answer: their size, and page tokens, which last a day and belong to one search."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import NamedTuple

from spshipping.sandbox.clock import DAY
from spshipping.sandbox.refusals import RefusedError, invalid_input

LIFETIME = DAY
"""Seconds until a page token expires.

Source: https://github.com/amzn/selling-partner-api-models (orders_2026-01-01.json)
"""
_PREFIX = "2Yg+Y/"
"""Begins every token, so that every token contains characters that must be escaped in a URL."""

Key = tuple[int, int]
"""What a search sorts by: a time, and a number that separates entries of the same second."""


class PageStart(NamedTuple):
    """Where a page begins."""

    key: Key
    """The key of the last entry of the page before."""
    before: int
    """The end of the search, which must stay the same on all its pages."""


class PageParameters(NamedTuple):
    """The query parameters by which an operation is paged, and how it refuses a page token."""

    token: str
    broken: Callable[[], RefusedError]
    size: str
    """The parameter for the page size."""
    largest: int = 100
    smallest: int = 1
    has_fixed_size: bool = True
    """Every page of a search must have the same size."""

    def page_size(self, query: Mapping[str, str]) -> int:
        """Return how many entries a page has.

        Raises:
            RefusedError: the size is out of range.
        """
        size = int(query.get(self.size, self.largest))
        if not self.smallest <= size <= self.largest:
            raise invalid_input(f"{self.size} must be between {self.smallest} and {self.largest}")
        return size

    def refuse_token(self, query: Mapping[str, str]) -> None:
        """Refuse every page token, for an operation whose answer always has a single page.

        Raises:
            RefusedError: there is a page token.
        """
        if self.token in query:
            raise self.broken()

    def start(self, query: Mapping[str, str], now: int) -> PageStart | None:
        """Return where the page begins that *query* names; None for the first page.

        Raises:
            RefusedError: the token is malformed, has expired, or belongs to another search.
        """
        if self.token not in query:
            return None
        try:
            return _read_token(query[self.token], self._digest(query), now)
        except ValueError:
            raise self.broken() from None

    def write_token(self, start: PageStart, query: Mapping[str, str], now: int) -> str:
        """Return the token of the page that begins at *start* in the search *query*."""
        fields = [*start.key, start.before, now + LIFETIME, self._digest(query)]
        return _PREFIX + base64.b64encode(json.dumps(fields).encode().ljust(94)).decode()

    def _digest(self, query: Mapping[str, str]) -> str:
        """Return a digest of the parameters that must be the same for every page."""
        free = {self.token} if self.has_fixed_size else {self.token, self.size}
        kept = sorted((name, value) for name, value in query.items() if name not in free)
        return hashlib.sha256(json.dumps(kept).encode()).hexdigest()[:16]


def _read_token(token: str, expected_digest: str, now: int) -> PageStart:
    if not token.startswith(_PREFIX):
        raise ValueError("malformed")
    try:
        time, number, before, expires, digest = json.loads(
            base64.b64decode(token[len(_PREFIX) :], validate=True)
        )
    except TypeError:
        raise ValueError("malformed") from None
    if now >= expires or digest != expected_digest:
        raise ValueError("expired, or of another search")
    return PageStart((time, number), before)
