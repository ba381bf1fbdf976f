"""When a call is attempted again, and how soon: a pure function of facts, and a budget for all calls."""

import threading
from enum import Enum

from spshipping.forks import renew_after_fork
from spshipping.named import NamedTuple
from spshipping.operation import Effect


class Outcome(Enum):
    """How one attempt ended."""

    REFUSED = "Amazon refused it, and will again"
    THROTTLED = "refused before work, with 429"
    UNSENT = "nothing left this machine"
    UNTRUSTED = "the other side has no valid certificate; nothing left this machine"
    BROKEN = "5xx: it may have been carried out"
    LOST = "sent, and no readable answer: it may have been carried out"


MAY_HAVE_HAPPENED = frozenset({Outcome.BROKEN, Outcome.LOST})
_ALWAYS = frozenset({Outcome.THROTTLED, Outcome.UNSENT})


class Facts(NamedTuple):
    """All that the decision depends on."""

    attempt: int
    """1 after the first attempt; those that were answered with 429 and others are counted apart."""
    outcome: Outcome
    effect: Effect
    chance: float
    """A random number in [0, 1)."""
    remaining: float
    """Seconds until the deadline."""
    retry_after: float | None = None
    """Seconds to wait, from the answer."""
    rate: float = 1.0
    """Requests per second that the operation's quota allows."""
    has_budget: bool = True
    """Whether the client may repeat at all."""


class RetryPolicy(NamedTuple):
    """Full jitter, capped attempts; what may have happened is repeated only where that is harmless."""

    attempts: int = 4
    """Attempts in all; those that were answered with 429 are not counted."""
    base: float = 0.5
    """Seconds: the most to wait before the second attempt."""
    throttled_base: float = 1.0
    """Seconds: the same after a 429, before waiting for the quota."""
    cap: float = 20.0
    """Seconds: the most to wait before any attempt; after a 429 at least one interval of the quota's rate."""
    throttled_attempts: int = 10
    """Attempts that may be answered with 429: nothing was carried out, and each waits for the quota."""

    def decide(self, facts: Facts) -> float | None:
        """Return the seconds to wait before the next attempt, or None to stop."""
        is_throttled = facts.outcome is Outcome.THROTTLED
        most = self.throttled_attempts if is_throttled else self.attempts
        if facts.attempt >= most or not _is_repeatable(facts.outcome, facts.effect):
            return None
        if not is_throttled and not facts.has_budget:
            return None
        base, cap = self.base, self.cap
        if is_throttled:
            base, cap = self.throttled_base, max(cap, 1 / facts.rate)
        # beyond 30 doublings nothing grows any more
        wait = facts.chance * min(cap, base * 2.0 ** min(facts.attempt - 1, 30))
        wait = max(wait, facts.retry_after or 0.0)
        return wait if wait < facts.remaining else None


def _is_repeatable(outcome: Outcome, effect: Effect) -> bool:
    return outcome in _ALWAYS or (outcome in MAY_HAVE_HAPPENED and effect is not Effect.ONCE)


class RetryBudget:
    """Repeats that a client and all made from it may still send, so that an outage meets no storm.

    A repeat costs one, and is paid back when its call succeeds; every call brings a tenth. In an outage the
    budget runs dry after *capacity* repeats, and then at most one call in ten is repeated. A 429 costs
    nothing: the quota paces those.
    """

    SHARE = 0.1
    """What a call brings."""

    def __init__(self, capacity: float = 50.0) -> None:
        """Start full.

        Args:
            capacity: repeats that may fail in a row.
        """
        self.capacity = capacity
        self._left = capacity
        self._lock = threading.RLock()
        renew_after_fork(self)

    @property
    def left(self) -> float:
        """Repeats that may still be sent."""
        return self._left

    def deposit(self, repeats: float = SHARE) -> None:
        """Put in what a new call brings, or the repeats that a call which succeeded had cost."""
        if self._left < self.capacity:
            with self._lock:
                self._left = min(self.capacity, self._left + repeats)

    def decide(self, policy: RetryPolicy, facts: Facts) -> float | None:
        """Decide as *policy* does, with what is left; the repeat, unless after a 429, is paid for."""
        if facts.outcome is Outcome.THROTTLED:
            return policy.decide(facts)
        with self._lock:
            wait = policy.decide(facts._replace(has_budget=self._left >= 1.0))
            if wait is not None:
                self._left -= 1.0
            return wait

    def renew_locks(self) -> None:
        """Leave behind a lock that another thread held when the process was forked."""
        self._lock = threading.RLock()
