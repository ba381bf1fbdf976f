"""Waiting one's turn: a reservation bucket for each seller and route."""

import threading
from typing import NamedTuple, Protocol

from spshipping.clock import Clock, SystemClock
from spshipping.operation import Quota

Key = tuple[str, str]
"""Whose quota it is, and the operation's route."""


class Turn(NamedTuple):
    """The answer to asking for a turn."""

    wait: float
    """Seconds until it."""
    is_granted: bool
    """Whether it was taken; it is not where the wait would be longer than allowed."""


class QuotaKeeper(Protocol):
    """Hands out turns."""

    def reserve(self, key: Key, quota: Quota, longest: float) -> Turn:
        """Take the next turn, unless it is more than *longest* seconds away. A turn is not given back."""
        ...

    def drain(self, key: Key, quota: Quota) -> None:
        """Learn from a 429 that nothing is left."""
        ...


class MemoryQuota:
    """Keeps the buckets in this process.

    Tokens may go below zero: whoever asks first has the first turn, and nobody polls.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._tokens: dict[Key, tuple[float, float]] = {}

    def _left(self, key: Key, quota: Quota, now: float) -> float:
        tokens, at = self._tokens.get(key, (float(quota.burst), now))
        return min(float(quota.burst), tokens + (now - at) * quota.rate)

    def reserve(self, key: Key, quota: Quota, longest: float) -> Turn:
        """Take the next turn, unless it is more than *longest* seconds away."""
        with self._lock:
            now = self._clock.monotonic()
            left = self._left(key, quota, now) - 1.0
            wait = max(0.0, -left / quota.rate)
            if wait > longest:
                return Turn(wait, is_granted=False)
            self._tokens[key] = (left, now)
            return Turn(wait, is_granted=True)

    def drain(self, key: Key, quota: Quota) -> None:
        """Learn from a 429 that nothing is left."""
        with self._lock:
            now = self._clock.monotonic()
            self._tokens[key] = (min(0.0, self._left(key, quota, now)), now)
