"""Page tokens: opaque, good for a day, and for the search that they came from."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import NamedTuple

from spshipping.sandbox.orders.book import Key

LIFETIME = 24 * 3600
"""Seconds that a page token is good for.

Source: https://github.com/amzn/selling-partner-api-models (orders_2026-01-01.json)
"""
_MARK = "2Yg+Y/"
"""Begins every token, so that each has something in it that must be escaped."""


class Page(NamedTuple):
    """Where a page begins."""

    key: Key
    """That of the last order of the page before."""
    before: int
    """The end of the search, which must not move while somebody turns the pages."""


def write_token(page: Page, query: Mapping[str, str], now: int) -> str:
    """Return the token for *page* of the search *query*."""
    fields = [*page.key, page.before, now + LIFETIME, _digest(query)]
    return _MARK + base64.b64encode(json.dumps(fields).encode().ljust(94)).decode()


def read_token(token: str, query: Mapping[str, str], now: int) -> Page:
    """Return the page that *token* names.

    Raises:
        ValueError: it is no token, or has expired, or belongs to another search.
    """
    if not token.startswith(_MARK):
        raise ValueError("no token")
    try:
        time, number, before, expires, digest = json.loads(
            base64.b64decode(token[len(_MARK) :], validate=True)
        )
    except TypeError:
        raise ValueError("no token") from None
    if now >= expires or digest != _digest(query):
        raise ValueError("expired, or of another search")
    return Page((time, number), before)


def _digest(query: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(query.items())).encode()).hexdigest()[:16]
