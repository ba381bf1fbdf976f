"""Tokens that many threads share: one of them fetches, the others use or await what it brings."""

import contextlib
import copy
import hashlib
import logging
import math
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from spshipping.auth.stores import MemoryStore, StoredToken, TokenStore
from spshipping.clock import Clock, SystemClock
from spshipping.errors import AuthError, SpShippingError, TransportError
from spshipping.forks import renew_after_fork
from spshipping.secret import Secret

T = TypeVar("T")

Key = tuple[str, ...]
"""Everything that makes a token; of secrets, their digests only."""

_logger = logging.getLogger("spshipping")
_MARGIN_SHARE = 0.1
_MARGIN_SECONDS = 60.0
_AHEAD = 3.0
"""Refresh ahead begins this many margins before a token is no longer used."""
_PAUSE_SECONDS = 10.0
"""So long after a refresh ahead that failed, the next one begins."""
_LASTING = frozenset({"invalid_grant", "invalid_client"})
_REMEMBERED_SECONDS = 60.0
_PATIENCE_SECONDS = 30.0
"""After so long, another process that still fetches is taken to be stuck."""
_FEW = 1000
"""So many tokens are kept without looking for ended ones."""


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
        self.rejected: Secret | None = None
        self.failure: SpShippingError | None = None
        self.fails_until = -math.inf
        self.flights = 0


class TokenCache:
    """Holds tokens until shortly before they end, in two tiers.

    A token that ends soon is refreshed by one caller while the others go on with it; only a token that has
    ended makes all wait, for one fetch. No thread is started, and no lock is held across the network but the
    fetch's own. The end is taken from the monotonic and from the wall clock, whichever says so first.

    Before it fetches, it looks whether another process has put a good token into the store; a token at hand
    costs no look. That the refresh token was revoked, or the client's secret is wrong, is remembered for a
    minute.
    """

    def __init__(self, clock: Clock | None = None, store: TokenStore | None = None) -> None:
        """Make an empty cache.

        Args:
            clock: says what has ended.
            store: where other processes find the tokens; without one, they stay in this process.
        """
        self._clock = clock or SystemClock()
        self._store = store or MemoryStore(self._clock)
        self._full = _FEW
        self._lock = threading.Lock()
        self._entries: dict[Key, _Entry] = {}
        renew_after_fork(self)

    def _entry(self, key: Key) -> _Entry:
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                if len(self._entries) >= self._full:
                    self._drop_ended()
                entry = self._entries[key] = _Entry()
            return entry

    def _drop_ended(self) -> None:
        now = self._clock.monotonic()
        for key, entry in list(self._entries.items()):
            is_needed = now < entry.fails_until or (entry.held and self._is_good(entry.held, now))
            if not is_needed and entry.lock.acquire(blocking=False):
                del self._entries[key]
                entry.lock.release()
        self._full = max(_FEW, 2 * len(self._entries))

    def get(self, key: Key, fetch: Callable[[], Grant], ends_at: float) -> Secret:
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
            return self._refresh_ahead(key, entry, held, fetch)
        while True:
            seen = entry.flights
            wait = max(0.0, min(ends_at - self._clock.monotonic(), threading.TIMEOUT_MAX))
            if not entry.lock.acquire(timeout=wait):
                _give_up("thread")
            try:
                if self._entries.get(key) is entry:  # else it was dropped while nobody held it
                    return self._after_waiting(key, entry, seen, fetch, ends_at)
            finally:
                entry.lock.release()
            entry = self._entry(key)

    def _is_good(self, held: _Held, now: float) -> bool:
        return now < held.ends_at and self._clock.now() < held.ends_on

    def _refresh_ahead(self, key: Key, entry: _Entry, held: _Held, fetch: Callable[[], Grant]) -> Secret:
        try:
            if entry.held is held:
                # nobody waits for another process: what is at hand is good for a while yet
                return self._fetch(key, entry, fetch, -math.inf) or held.token
            return entry.held.token if entry.held else held.token
        except SpShippingError:
            until = max(self._clock.monotonic() + _PAUSE_SECONDS, entry.fails_until)
            entry.held = held._replace(refresh_at=until)
            return held.token
        finally:
            entry.lock.release()

    def _after_waiting(
        self, key: Key, entry: _Entry, seen: int, fetch: Callable[[], Grant], ends_at: float
    ) -> Secret:
        now = self._clock.monotonic()
        if entry.failure and (entry.flights != seen or now < entry.fails_until):
            raise copy.copy(entry.failure)
        if entry.held and self._is_good(entry.held, now):
            return entry.held.token
        return self._fetch(key, entry, fetch, ends_at) or _give_up("process")

    def _fetch(self, key: Key, entry: _Entry, fetch: Callable[[], Grant], ends_at: float) -> Secret | None:
        """Bring a token from the store or else anew; None where another process held us up for too long."""
        name = _digest(key)
        found = self._find(name, entry)
        if found:
            return found
        with contextlib.ExitStack() as stack:
            patience = max(0.0, min(ends_at - self._clock.monotonic(), _PATIENCE_SECONDS))
            is_mine = self._ask(lambda: stack.enter_context(self._store.flight(name, patience)), True)
            found = self._find(name, entry)
            if found:
                return found
            if not is_mine and self._clock.monotonic() >= ends_at:
                return None
            return self._fetch_anew(name, entry, fetch)

    def _find(self, name: str, entry: _Entry) -> Secret | None:
        stored = self._ask(lambda: self._store.load(name), None)
        if (
            stored is None
            or stored.token == entry.rejected
            or (entry.held and stored.token == entry.held.token)
        ):
            return None
        seconds = (stored.ends_on - self._clock.now()).total_seconds()
        if seconds <= 0:
            return None
        entry.failure = None
        entry.held = self._held(stored, seconds)
        return stored.token

    def _fetch_anew(self, name: str, entry: _Entry, fetch: Callable[[], Grant]) -> Secret:
        if entry.rejected:
            self._ask(lambda: self._store.delete(name), None)
        entry.failure = None
        try:
            grant = fetch()
        except SpShippingError as error:
            entry.failure = copy.copy(error)  # without its traceback, which keeps frames alive
            if isinstance(error, AuthError) and error.code in _LASTING:
                entry.fails_until = self._clock.monotonic() + _REMEMBERED_SECONDS
            raise
        finally:
            # counted when it ends, so that whoever began to wait during it knows that it was for them
            entry.flights += 1
        seconds = grant.lifetime - _margin(grant.lifetime)
        stored = StoredToken(grant.token, self._clock.now() + timedelta(seconds=seconds))
        entry.held = self._held(stored, seconds)
        entry.rejected = None
        self._ask(lambda: self._store.save(name, stored), None)
        return grant.token

    def _held(self, stored: StoredToken, seconds: float) -> _Held:
        now = self._clock.monotonic()
        refresh_at = now + seconds - _AHEAD * _margin(seconds)
        return _Held(stored.token, refresh_at, ends_at=now + seconds, ends_on=stored.ends_on)

    def _ask(self, store: Callable[[], T], otherwise: T) -> T:
        """Use the store, or go on without it."""
        try:
            return store()
        except OSError as error:
            _logger.warning("the token store is out of reach (%s): going on without it", type(error).__name__)
            return otherwise

    def reject(self, key: Key, token: Secret) -> None:
        """Forget *token*, if it is still the one that is held, and do not take it from the store again."""
        entry = self._entries.get(key)
        if entry and entry.held and entry.held.token == token:
            entry.rejected = token
            entry.held = None

    def renew_locks(self) -> None:
        """Leave behind the locks that other threads held when the process was forked."""
        self._lock = threading.Lock()
        renewed = {key: copy.copy(entry) for key, entry in self._entries.items()}
        for entry in renewed.values():
            entry.lock = threading.Lock()
        self._entries = renewed  # whoever forked in the midst of a fetch releases the lock it has


def _margin(seconds: float) -> float:
    return min(_MARGIN_SECONDS, seconds * _MARGIN_SHARE)


def _digest(key: Key) -> str:
    # with their lengths, so that no two keys read alike
    return hashlib.sha256("".join(f"{len(part)}:{part}" for part in key).encode()).hexdigest()


def _give_up(other: str) -> Secret:
    message = f"the time allowed ended while another {other} signed in"
    raise TransportError(message, failure="deadline")


process_tokens: TokenCache = TokenCache()
"""The cache that all clients of the process share, unless they are given another."""
