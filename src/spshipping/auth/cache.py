"""Tokens that many threads and tasks share: one fetches, the others use or await what it brings."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import logging
import math
import threading
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar

from spshipping.auth.stores import MemoryStore, StoredToken, TokenStore
from spshipping.clock import Clock, SystemClock
from spshipping.errors import AuthError, QuotaError, SpShippingError, TransportError
from spshipping.forks import renew_after_fork
from spshipping.named import NamedTuple
from spshipping.secret import Secret
from spshipping.transport.io import Io

P = ParamSpec("P")
R = TypeVar("R")

Key = tuple[str, ...]
"""Everything that makes a token; of secrets, their digests only."""

_logger = logging.getLogger("spshipping")
_MARGIN_SHARE = 0.1
_MARGIN_SECONDS = 60.0
_AHEAD = 3.0
"""Refresh ahead begins this many margins before a token is no longer used."""
_AHEAD_SECONDS = 5.0
"""A refresh ahead, whose caller has a token that is good, takes no longer, nor half of the caller's time."""
_PAUSE_SECONDS = 10.0
"""So long after a refresh ahead that failed, the next one begins."""
_LASTING = frozenset({"invalid_grant", "invalid_client"})
_REMEMBERED_SECONDS = 60.0
_PATIENCE_SECONDS = 30.0
"""After so long, another process that still fetches is taken to be stuck."""
_LOOK_SECONDS = 1.0
"""Seconds between two checks, by a caller that waits for a fetch, whether that fetch can still end."""
_SWEEP_SECONDS = 60.0
"""So often tokens that have ended are looked for."""


class Grant(NamedTuple):
    """A token, and for how many seconds it is good."""

    token: Secret
    lifetime: float


Fetch = Callable[[float], Awaitable[Grant]]
"""Brings a new token until a monotonic time."""
Bring = Callable[[], Awaitable[Grant]]
"""The same, until a time that is set."""


class _Held(NamedTuple):
    token: Secret
    refresh_at: float
    ends_at: float
    ends_on: datetime


class _Flight:
    """One fetch of a token: the caller that started it leads, the others wait for its result."""

    __slots__ = ("failure", "future", "is_alive")

    def __init__(self, is_alive: Callable[[bool], bool]) -> None:
        # imported here: only who signs in needs it
        from concurrent.futures import Future

        self.future: Future[None] = Future()
        # so that a caller that waits, and is cancelled, does not cancel it
        self.future.set_running_or_notify_cancel()
        self.failure: SpShippingError | None = None
        """What it ended in, if Amazon or the network refused; without a traceback, which keeps frames."""
        self.is_alive = is_alive


class _Entry:
    """One token's place."""

    __slots__ = ("fails_until", "failure", "flight", "held", "rejected", "rejected_until")

    def __init__(self) -> None:
        self.held: _Held | None = None
        self.rejected: Secret | None = None
        """What is not to be taken from the store again; it ends by itself at `rejected_until`."""
        self.rejected_until: float = -math.inf
        self.flight: _Flight | None = None
        self.failure: SpShippingError | None = None
        """What will be refused again, until `fails_until`."""
        self.fails_until: float = -math.inf


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
        # a store made from it may do more, and block
        self._is_memory = type(self._store) is MemoryStore
        self._sweep_at = -math.inf
        self._is_store_away = False
        self._lock = threading.RLock()
        self._entries: dict[Key, _Entry] = {}
        renew_after_fork(self)

    def _entry(self, key: Key) -> _Entry:
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                entry = self._entries[key] = _Entry()
            return entry

    def forget(self) -> int:
        """Drop the tokens that have ended; return how many. It happens by itself once a minute of use."""
        with self._lock:
            return self._drop_ended(self._clock.monotonic())

    def _drop_ended(self, now: float) -> int:
        before = len(self._entries)
        for key, entry in list(self._entries.items()):
            if entry.flight is not None and not entry.flight.is_alive(False):
                self._end(entry, entry.flight)
            is_needed = (
                entry.flight is not None
                or now < max(entry.fails_until, entry.rejected_until)
                or (entry.held is not None and self._is_good(entry.held, now))
            )
            if not is_needed:
                del self._entries[key]
        self._sweep_at = now + _SWEEP_SECONDS
        return before - len(self._entries)

    async def get(self, io: Io, key: Key, fetch: Fetch, ends_at: float) -> Secret:
        """Return the token under *key*; fetch it where there is none that is good.

        Args:
            io: how the caller waits, and how the store is reached.
            key: everything that makes the token.
            fetch: brings a new one, until the time that it is given.
            ends_at: the monotonic time at which the caller gives up waiting.

        Raises:
            SpShippingError: what fetching ended in, for the one who fetched and for all who waited for it;
                where only the time of the one who fetched was over, one of the others fetches.
        """
        entry = self._entries.get(key) or self._entry(key)
        held, now = entry.held, self._clock.monotonic()
        if held and self._is_good(held, now):
            if now < held.refresh_at:
                return held.token
            flight = self._lead(key, entry, io)
            if flight is None:
                return held.token
            until = now + min(_AHEAD_SECONDS, (ends_at - now) / 2)
            return await self._refresh_ahead(io, key, entry, held, lambda: fetch(until), flight)
        left = ends_at - now
        while True:
            entry = self._entry(key)
            known = self._known(entry)
            if known is not None:
                return known
            flight = self._lead(key, entry, io)
            if flight is not None:
                token = await self._led(io, key, entry, lambda: fetch(ends_at), ends_at, flight)
                return token or _give_up("process")
            flight = entry.flight
            if flight is None:
                continue
            left = await self._join(io, entry, flight, left)
            if flight.failure:
                raise copy.copy(flight.failure)

    def _lead(self, key: Key, entry: _Entry, io: Io) -> _Flight | None:
        """Begin a flight, unless another is under way, or the entry was dropped meanwhile."""
        with self._lock:
            if entry.flight is not None or self._entries.get(key) is not entry:
                return None
            entry.flight = flight = _Flight(io.liveness())
            now = self._clock.monotonic()
            if now >= self._sweep_at:
                self._drop_ended(now)
            return flight

    def _land(self, entry: _Entry, flight: _Flight) -> None:
        """End a flight: those who joined go on, and where there is no token, one of them leads the next."""
        with self._lock:
            self._end(entry, flight)

    def _end(self, entry: _Entry, flight: _Flight) -> None:
        if entry.flight is flight:
            entry.flight = None
        if not flight.future.done():
            flight.future.set_result(None)

    async def _join(self, io: Io, entry: _Entry, flight: _Flight, left: float) -> float:
        """Wait for another's flight; return the seconds that are left."""
        while True:
            if not flight.is_alive(io.is_blocking):
                self._land(entry, flight)
            if left <= 0 and not flight.future.done():
                _give_up("thread")
            step = max(0.0, min(left, _LOOK_SECONDS))
            if await io.join(flight.future, step):
                return left
            left -= step

    async def _led(
        self, io: Io, key: Key, entry: _Entry, fetch: Bring, ends_at: float, flight: _Flight
    ) -> Secret | None:
        try:
            # once more: another flight may have landed since this caller looked
            return self._known(entry) or await self._fetch(io, key, entry, fetch, ends_at)
        except SpShippingError as error:
            if not _is_of_one_caller(error):
                flight.failure = copy.copy(error)
            raise
        finally:
            self._land(entry, flight)

    def _known(self, entry: _Entry) -> Secret | None:
        """Return the token that is held and good; raise what would be refused again."""
        now = self._clock.monotonic()
        if entry.held and self._is_good(entry.held, now):
            return entry.held.token
        if entry.failure and now < entry.fails_until:
            raise copy.copy(entry.failure)
        return None

    def _is_good(self, held: _Held, now: float) -> bool:
        return now < held.ends_at and self._clock.now() < held.ends_on

    async def _refresh_ahead(
        self, io: Io, key: Key, entry: _Entry, held: _Held, fetch: Bring, flight: _Flight
    ) -> Secret:
        try:
            if entry.held is held:
                # do not wait for another process: the token at hand is still valid
                return await self._fetch(io, key, entry, fetch, -math.inf) or held.token
            return entry.held.token if entry.held else held.token
        except SpShippingError:
            until = max(self._clock.monotonic() + _PAUSE_SECONDS, entry.fails_until)
            entry.held = held._replace(refresh_at=until)
            return held.token
        finally:
            self._land(entry, flight)

    async def _fetch(self, io: Io, key: Key, entry: _Entry, fetch: Bring, ends_at: float) -> Secret | None:
        """Bring a token from the store or else anew; None where another process held us up for too long."""
        name = _digest(key)
        found = await self._find(io, name, entry)
        if found:
            return found
        async with contextlib.AsyncExitStack() as stack:
            is_mine = True
            if not self._is_memory:
                patience = max(0.0, min(ends_at - self._clock.monotonic(), _PATIENCE_SECONDS))
                try:
                    is_mine = await stack.enter_async_context(io.holding(self._flight(name, patience)))
                except OSError as error:
                    self._warn_of_store(error)
                found = await self._find(io, name, entry)
            if found:
                return found
            if not is_mine and self._clock.monotonic() >= ends_at:
                return None
            return await self._fetch_anew(io, name, entry, fetch)

    @contextlib.contextmanager
    def _flight(self, name: str, patience: float) -> Iterator[bool]:
        """Hold the right to fetch; a store that is out of reach when that ends costs no token."""
        manager = self._store.flight(name, patience)
        is_mine = manager.__enter__()
        try:
            yield is_mine
        finally:
            try:
                manager.__exit__(None, None, None)
            except OSError as error:
                self._warn_of_store(error)

    async def _find(self, io: Io, name: str, entry: _Entry) -> Secret | None:
        stored = await self._use_store(io, None, self._store.load, name)
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

    async def _fetch_anew(self, io: Io, name: str, entry: _Entry, fetch: Bring) -> Secret:
        if entry.rejected:
            await self._use_store(io, None, self._store.delete, name)
        entry.failure = None
        try:
            grant = await fetch()
        except SpShippingError as error:
            if isinstance(error, AuthError) and error.code in _LASTING:
                entry.failure = copy.copy(error)
                entry.fails_until = self._clock.monotonic() + _REMEMBERED_SECONDS
            raise
        seconds = grant.lifetime - _margin(grant.lifetime)
        stored = StoredToken(grant.token, self._clock.now() + timedelta(seconds=seconds))
        entry.held = self._held(stored, seconds)
        entry.rejected = None
        await self._use_store(io, None, self._store.save, name, stored)
        return grant.token

    def _held(self, stored: StoredToken, seconds: float) -> _Held:
        now = self._clock.monotonic()
        refresh_at = now + seconds - _AHEAD * _margin(seconds)
        return _Held(stored.token, refresh_at, ends_at=now + seconds, ends_on=stored.ends_on)

    async def _use_store(
        self, io: Io, otherwise: R, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Use the store, or go on without it."""
        if self._is_memory:
            return function(*args, **kwargs)
        try:
            found = await io.plugin(function, *args, **kwargs)
        except OSError as error:
            self._warn_of_store(error)
            return otherwise
        self._is_store_away = False
        return found

    def _warn_of_store(self, error: OSError) -> None:
        """Say that the store is out of reach, once until it answers again."""
        if not self._is_store_away:
            self._is_store_away = True
            _logger.warning("the token store is out of reach (%s): going on without it", type(error).__name__)

    def reject(self, key: Key, token: Secret) -> None:
        """Forget *token*, if it is still the one that is held, and do not take it from the store again."""
        entry = self._entries.get(key)
        if entry and entry.held and entry.held.token == token:
            entry.rejected, entry.rejected_until = token, entry.held.ends_at
            entry.held = None

    def renew_locks(self) -> None:
        """Leave behind the locks that other threads held, and their flights, when the process was forked."""
        self._lock = threading.RLock()
        for entry in self._entries.values():
            entry.flight = None  # a thread that forked during its own fetch still ends it


def _is_of_one_caller(error: SpShippingError) -> bool:
    """Say whether a fetch ended at what its caller allows, which others may allow more of."""
    return isinstance(error, QuotaError) or (
        isinstance(error, TransportError) and error.failure == "deadline"
    )


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
