"""When a call is tried again, and after how long: a pure function of facts."""

from enum import Enum
from typing import NamedTuple

from spshipping.operation import Effect


class Outcome(Enum):
    """What one try came to."""

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
    """1 after the first try."""
    outcome: Outcome
    effect: Effect
    chance: float
    """A random number in [0, 1)."""
    remaining: float
    """Seconds until the deadline."""
    retry_after: float | None = None
    """Seconds that the answer asked to wait."""


class RetryPolicy(NamedTuple):
    """Full jitter, capped attempts; what may have happened is repeated only where that is harmless."""

    attempts: int = 4
    """Tries in all."""
    base: float = 0.5
    """Seconds: the most to wait before the second try."""
    throttled_base: float = 1.0
    """Seconds: the same after a 429."""
    cap: float = 20.0
    """Seconds: the most to wait before any try."""

    def decide(self, facts: Facts) -> float | None:
        """Return the seconds to wait before the next try, or None to stop."""
        if facts.attempt >= self.attempts or not _is_repeatable(facts.outcome, facts.effect):
            return None
        base = self.throttled_base if facts.outcome is Outcome.THROTTLED else self.base
        wait = facts.chance * min(self.cap, base * 2.0 ** (facts.attempt - 1))
        wait = max(wait, facts.retry_after or 0.0)
        return wait if wait < facts.remaining else None


def _is_repeatable(outcome: Outcome, effect: Effect) -> bool:
    return outcome in _ALWAYS or (outcome in MAY_HAVE_HAPPENED and effect is not Effect.ONCE)
