"""Tokens that many threads share: one of them fetches, the others use or await what it brings."""

import copy
import threading
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import NamedTuple

from spshipping.clock import Clock, SystemClock
from spshipping.errors import SpShippingError, TransportError
from spshipping.secret import Secret

_MARGIN_SHARE = 0.1
_MARGIN_SECONDS = 60.0
_AHEAD = 4.0
"""Refresh ahead begins this many margins before the end."""


class Grant(NamedTuple):
    """A token, and for how many seconds it is good."""

    token: Secret
    lifetime: float


class _Held(NamedTuple):
    token: Secret
    refresh_at: float
    ends_at: float
    ends_on: datetime


class _Entry:
    """One token's place: whoever holds the lock is the one who fetches."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.held: _Held | None = None
        self.failure: SpShippingError | None = None
        self.flights = 0


class TokenCache:
    """Holds tokens until shortly before they end, in two tiers.

    A token that ends soon is refreshed by one caller while the others go on with it; only a token that has
    ended makes all wait, for one fetch. No thread is started, and no lock is held across the network but the
    fetch's own. The end is taken from the monotonic and from the wall clock, whichever says so first.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._entries: dict[Hashable, _Entry] = {}

    def _entry(self, key: Hashable) -> _Entry:
        with self._lock:
            return self._entries.setdefault(key, _Entry())

    def get(self, key: Hashable, fetch: Callable[[], Grant], ends_at: float) -> Secret:
        """Return the token under *key*; fetch it where there is none that is good.

        Args:
            key: everything that makes the token.
            fetch: brings a new one.
            ends_at: the monotonic time at which the caller gives up waiting.

        Raises:
            SpShippingError: what fetching came to, for the one who fetched and for all who waited for it.
        """
        entry = self._entries.get(key) or self._entry(key)
        held, now = entry.held, self._clock.monotonic()
        if held and self._is_good(held, now):
            if now < held.refresh_at or not entry.lock.acquire(blocking=False):
                return held.token
            return self._refresh_ahead(entry, held, fetch)
        seen = entry.flights
        if not entry.lock.acquire(timeout=max(0.0, min(ends_at - now, threading.TIMEOUT_MAX))):
            raise TransportError("the time allowed ended while another thread signed in", failure="deadline")
        try:
            return self._after_waiting(entry, seen, fetch)
        finally:
            entry.lock.release()

    def _is_good(self, held: _Held, now: float) -> bool:
        return now < held.ends_at and self._clock.now() < held.ends_on

    def _refresh_ahead(self, entry: _Entry, held: _Held, fetch: Callable[[], Grant]) -> Secret:
        try:
            if entry.held is held:
                return self._fetch(entry, fetch)
            return entry.held.token if entry.held else held.token
        except SpShippingError:
            return held.token  # it is good for a while yet, and the next caller tries again
        finally:
            entry.lock.release()

    def _after_waiting(self, entry: _Entry, seen: int, fetch: Callable[[], Grant]) -> Secret:
        if entry.flights != seen and entry.failure:
            raise copy.copy(entry.failure)
        if entry.held and self._is_good(entry.held, self._clock.monotonic()):
            return entry.held.token
        return self._fetch(entry, fetch)

    def _fetch(self, entry: _Entry, fetch: Callable[[], Grant]) -> Secret:
        entry.failure = None
        try:
            grant = fetch()
        except SpShippingError as error:
            entry.failure = error
            raise
        finally:
            # counted when it ends, so that whoever began to wait during it knows that it was for them
            entry.flights += 1
        now = self._clock.monotonic()
        margin = min(_MARGIN_SECONDS, grant.lifetime * _MARGIN_SHARE)
        entry.held = _Held(
            grant.token,
            refresh_at=now + grant.lifetime - _AHEAD * margin,
            ends_at=now + grant.lifetime - margin,
            ends_on=self._clock.now() + timedelta(seconds=grant.lifetime - margin),
        )
        return grant.token

    def reject(self, key: Hashable, token: Secret) -> None:
        """Forget *token*, if it is still the one that is held."""
        entry = self._entry(key)
        held = entry.held
        if held and held.token == token:
            entry.held = None


process_tokens: TokenCache = TokenCache()
"""The cache that all clients of the process share, unless they are given another."""
