"""A reservation bucket as plain numbers: no clock, no lock, no I/O."""

import math
from typing import NamedTuple

SLACK_SECONDS = 0.05
"""So much later than here a full bucket begins to refill at Amazon: the request must get there first."""
MOST_RATE = 1000.0
"""Requests per second beyond which a stated rate is taken for nonsense."""
_YIELD = 0.48
"""A little less than half, so that two who share one bucket evenly are both at rest."""
_LEAST_SHARE = 0.1
"""The least of its stated rate that an account has been seen to have.

Source: https://github.com/amzn/selling-partner-api-models/issues/4686
"""
_LEAST_STATED = 0.01
_CALM_SECONDS = 60.0
_CALM_TURNS = 10
_FUZZ = 1e-9


class Reservation(NamedTuple):
    """A place in the queue for a quota, or how far away it would be."""

    wait: float
    """Seconds until it."""
    number: int
    """Its place in the queue, counted since the beginning; 0 where the wait would be longer than allowed,
    and no reservation was taken."""
    left: float = 0.0
    """Reservations left at once after it; below zero, how many wait."""
    is_paced: bool = False
    """It waits for the rate; the burst was used up."""

    @property
    def is_granted(self) -> bool:
        """Whether it was taken."""
        return self.number > 0


class QuotaState(NamedTuple):
    """How one operation's quota stands."""

    rate: float
    """Reservations per second: as the table or Amazon's header says, less while others use the same quota."""
    burst: int
    left: float
    """Reservations left at once; below zero, how many calls wait."""
    wait: float
    """Seconds until the next call may go; 0 where it may go now."""


class Bucket:
    """Reservations are handed out in order, and nobody polls.

    Tokens come in with time, and every reservation takes the next: it is due as soon as as many tokens have
    come in as reservations were taken up to it. The queue can be long, so that the bucket is below zero;
    whatever changes the rate moves every reservation that still waits.
    """

    __slots__ = ("at", "calm_since", "drained", "rate", "stated", "supplied", "taken", "unsure_since")

    def __init__(
        self,
        supplied: float,
        taken: int,
        at: float,
        rate: float,
        stated: float,
        drained: int = 0,
        calm_since: float = 0.0,
        unsure_since: float = -1.0,
    ) -> None:
        """Hold the numbers.

        Args:
            supplied: tokens that came in since the beginning, as of *at*.
            taken: reservations taken since the beginning.
            at: monotonic seconds.
            rate: tokens per second that come in now.
            stated: the rate as the table or the header says.
            drained: up to this reservation, a 429 tells nothing new.
            calm_since: when the last 429 came, or the rate was last raised.
            unsure_since: since when the table's rate was assumed, without a word from Amazon; below zero
                once there was one.
        """
        self.supplied: float = supplied
        self.taken: int = taken
        self.at: float = at
        self.rate: float = rate
        self.stated: float = stated
        self.drained: int = drained
        self.calm_since: float = calm_since
        self.unsure_since: float = unsure_since

    @classmethod
    def full(cls, rate: float, burst: int, now: float) -> "Bucket":
        """Return a bucket that nobody has used."""
        return cls(float(burst), 0, now, float(rate), float(rate), unsure_since=now)

    def numbers(self) -> list[float]:
        """Return what `Bucket(*numbers)` takes."""
        first = [self.supplied, self.taken, self.at, self.rate, self.stated]
        return [*first, self.drained, self.calm_since, self.unsure_since]

    def _advance(self, now: float, burst: int) -> None:
        if self.rate < self.stated and now - self.calm_since >= max(_CALM_SECONDS, _CALM_TURNS / self.stated):
            self.calm_since = now
            self.rate = min(self.stated, self.rate + self.stated / 10)
        if now > self.at:
            self.supplied += (now - self.at) * self.rate
            self.at = now
        if self.supplied > self.taken + burst:
            self.supplied = float(self.taken + burst)

    def _wait(self, number: int, now: float) -> float:
        missing = number - self.supplied
        if missing <= _FUZZ:
            return 0.0
        return max(0.0, self.at - now + missing / self.rate)

    def reserve(self, now: float, burst: int, longest: float) -> Reservation:
        """Take the next reservation, unless it is more than *longest* seconds away."""
        self._advance(now, burst)
        number = self.taken + 1
        wait = self._wait(number, now)
        if wait > longest:
            return Reservation(wait, 0)
        if self.supplied >= self.taken + burst:
            self.at = now + SLACK_SECONDS
        self.taken = number
        return Reservation(wait, number, self.supplied - number, wait > 0)

    def remaining(self, now: float, burst: int, number: int) -> float:
        """Return the seconds until reservation *number*, as things stand now."""
        self._advance(now, burst)
        return self._wait(number, now)

    def give_back(self, number: int) -> None:
        """Take back the latest reservation; an earlier one is lost, or those behind it would jump."""
        if number == self.taken:
            self.taken -= 1

    def drain(self, now: float, burst: int, reservation: Reservation) -> None:
        """Learn from a 429 to *reservation* that nothing is left.

        Where the reservation kept to the rate, somebody else uses the same quota: the rate is lowered, and
        rises again in steps while there is no 429.
        """
        self._advance(now, burst)
        if reservation.number <= self.drained:
            return
        if reservation.is_paced:
            self.rate = max(self.rate * _YIELD, self.stated * _LEAST_SHARE)
        gone = min(math.floor(self.supplied + _FUZZ), self.taken)
        self.supplied, self.drained = float(gone), gone
        self.at = self.calm_since = now
        self.unsure_since = -1.0

    def learn(self, now: float, burst: int, rate: float, published: float = 0.0) -> None:
        """Adopt the rate that an answer stated, if it is a sensible number.

        The first word from Amazon counts from the beginning: the rate was the same before it was stated.

        Args:
            now: monotonic seconds.
            burst: the most that may be left.
            rate: as the answer states it.
            published: as Amazon publishes it; a hundredth of that, or less, is no sensible number.
        """
        if not max(0.0, published * _LEAST_STATED) < rate <= MOST_RATE:
            return
        unsure_since, self.unsure_since = self.unsure_since, -1.0
        if rate == self.stated:
            return
        self._advance(now, burst)
        if unsure_since >= 0:
            self.supplied += max(0.0, self.at - unsure_since - SLACK_SECONDS) * (rate - self.rate)
        self.rate = rate if self.rate >= self.stated else min(self.rate, rate)
        self.stated = rate

    def state(self, now: float, burst: int) -> QuotaState:
        """Return how it stands."""
        self._advance(now, burst)
        return QuotaState(self.rate, burst, self.supplied - self.taken, self._wait(self.taken + 1, now))
