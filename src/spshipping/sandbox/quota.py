"""Amazon's usage plans: a bucket of tokens for each seller and operation, on sandbox time."""

import threading
from collections.abc import Mapping
from typing import Any

from spshipping.operation import Operation
from spshipping.sandbox.clock import SandboxClock
from spshipping.sandbox.refusals import QUOTA_EXCEEDED, refused

Plan = tuple[float, int]
"""Requests per second, and burst."""


class Quotas:
    """Limits requests to the rates of the usage plans."""

    def __init__(self, clock: SandboxClock, plans: Mapping[str, Plan] | bool = True) -> None:
        """Start with full buckets.

        Args:
            clock: the time by which buckets are refilled.
            plans: plans by operation or route in place of Amazon's own; True for Amazon's own, False for
                no limits.
        """
        self._clock = clock
        self._plans = {} if isinstance(plans, bool) else dict(plans)
        self._is_limited = plans is not False
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def plan(self, operation: Operation[Any]) -> Plan:
        """Return the plan of *operation*."""
        own = (operation.quota.rate, operation.quota.burst)
        return self._plans.get(operation.route, self._plans.get(operation.name, own))

    def take(self, seller: str, operation: Operation[Any]) -> None:
        """Take one token.

        Raises:
            RefusedError: the bucket is empty.
        """
        with self._lock:
            level, now = self._level(seller, operation)
            is_refused = self._is_limited and level < 1
            self._buckets[seller, operation.route] = (level if is_refused else level - 1, now)
        if is_refused:
            raise refused(QUOTA_EXCEEDED)

    def use(self, seller: str, operation: Operation[Any], tokens: float = 1.0) -> None:
        """Take tokens, as another program of the same application would; a bucket never goes below zero."""
        with self._lock:
            level, now = self._level(seller, operation)
            self._buckets[seller, operation.route] = (max(0.0, level - tokens), now)

    def _level(self, seller: str, operation: Operation[Any]) -> tuple[float, float]:
        rate, burst = self.plan(operation)
        now = self._clock.monotonic()
        level, then = self._buckets.get((seller, operation.route), (float(burst), now))
        return min(float(burst), level + (now - then) * rate), now

    def reset(self) -> None:
        """Fill every bucket."""
        with self._lock:
            self._buckets.clear()
