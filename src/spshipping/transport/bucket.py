"""A reservation bucket as plain numbers: no clock, no lock, no I/O."""

import copy
import math

from spshipping.named import NamedTuple

SLACK_SECONDS = 0.05
"""So much later than here a full bucket begins to refill at Amazon: the request must get there first."""
MOST_RATE = 1000.0
"""Requests per second beyond which a stated rate is taken for nonsense."""
YIELD = 0.48
"""A little less than half, so that two who share one bucket evenly are both at rest."""
LEAST_SHARE = 0.1
"""The least of its stated rate that an account has been seen to have.

Source: https://github.com/amzn/selling-partner-api-models/issues/4686
"""
LEAST_STATED = 0.01
CALM_SECONDS = 60.0
CALM_TURNS = 10
FUZZ = 1e-9


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
    era: int = 0
    """The bucket that it belongs to; in another one, which replaced that, its number says nothing."""
    due: float = 0.0
    """When it was due, as it was taken: monotonic seconds."""

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
    """Reservations are handed out in order, without polling.

    Tokens come in with time, and every reservation takes the next: it is due as soon as as many tokens have
    come in as reservations were taken up to it. The queue can be long, so that the bucket is below zero;
    whatever changes the rate moves every reservation that still waits.
    """

    __slots__ = (
        "at",
        "burst",
        "calm_since",
        "drained",
        "era",
        "learned",
        "plan",
        "rate",
        "supplied",
        "taken",
        "unsure_most",
        "unsure_since",
    )

    def __init__(
        self,
        supplied: float,
        taken: int,
        at: float,
        rate: float,
        plan: float,
        burst: int,
        era: int = 0,
        learned: float = 0.0,
        drained: int = 0,
        calm_since: float = 0.0,
        unsure_since: float = -1.0,
        unsure_most: float = MOST_RATE,
    ) -> None:
        """Hold the numbers.

        Args:
            supplied: tokens that came in since the beginning, as of *at*.
            taken: reservations taken since the beginning.
            at: monotonic seconds.
            rate: tokens per second that come in now.
            plan: the rate as Amazon publishes it.
            burst: the most that may be left.
            era: tells this bucket from those that were, or will be, in its place.
            learned: the rate as Amazon's header says, or 0.
            drained: up to this reservation, a 429 tells nothing new.
            calm_since: when the last 429 came, or the rate was last raised.
            unsure_since: since when the plan's rate was assumed, without a word from Amazon and with less
                than a full bucket; below zero once there was a word.
            unsure_most: the highest rate at which it would not have been full since then.
        """
        self.supplied: float = supplied
        self.taken: int = taken
        self.at: float = at
        self.rate: float = rate
        self.plan: float = plan
        self.burst: int = burst
        self.era: int = era
        self.learned: float = learned
        self.drained: int = drained
        self.calm_since: float = calm_since
        self.unsure_since: float = unsure_since
        self.unsure_most: float = unsure_most

    @classmethod
    def full(cls, rate: float, burst: int, now: float, era: int = 0) -> "Bucket":
        """Return a bucket that was never used."""
        return cls(float(burst), 0, now, float(rate), float(rate), burst, era, unsure_since=now)

    def numbers(self) -> list[float]:
        """Return what `Bucket(*numbers)` takes."""
        first = [self.supplied, self.taken, self.at, self.rate, self.plan, self.burst, self.era]
        return [*first, self.learned, self.drained, self.calm_since, self.unsure_since, self.unsure_most]

    @property
    def stated(self) -> float:
        """The rate as the header says, or else as published."""
        return self.learned or self.plan

    def _advance(self, now: float) -> None:
        if self.rate < self.stated:
            self._recover(now)
        self._credit(now)
        if self.supplied >= self.taken + self.burst:
            self.supplied = float(self.taken + self.burst)
            if self.unsure_since >= 0:
                self.unsure_since, self.unsure_most = self.at, MOST_RATE

    def _recover(self, now: float) -> None:
        """Raise the rate by the steps that were due until now, each as of its own time."""
        calm = max(CALM_SECONDS, CALM_TURNS / self.stated)
        while self.rate < self.stated and now - self.calm_since >= calm:
            self.calm_since += calm
            self._credit(self.calm_since)
            self.rate = min(self.stated, self.rate + self.stated / 10)

    def _credit(self, now: float) -> None:
        if now > self.at:
            self.supplied += (now - self.at) * self.rate
            self.at = now

    def _wait(self, number: int, now: float) -> float:
        missing = number - self.supplied
        if missing <= FUZZ:
            return 0.0
        return max(0.0, self.at - now + missing / self.rate)

    def reserve(self, now: float, longest: float) -> Reservation:
        """Take the next reservation, unless it is more than *longest* seconds away."""
        self._advance(now)
        number = self.taken + 1
        wait = self._wait(number, now)
        if wait > longest:
            return Reservation(wait, 0)
        missing = self.taken + self.burst - self.supplied
        if missing <= 0:
            self.at = now + SLACK_SECONDS
        if self.unsure_since >= 0:
            if missing <= 0:
                self.unsure_since = self.at
            elif now > self.unsure_since:
                self.unsure_most = min(self.unsure_most, self.rate + missing / (now - self.unsure_since))
        self.taken = number
        return Reservation(wait, number, self.supplied - number, wait > 0, self.era, now + wait)

    def remaining(self, now: float, reservation: Reservation) -> float:
        """Return the seconds until *reservation*, as things stand now.

        One that belongs to a bucket that was lost waits until it was due, and no longer.
        """
        self._advance(now)
        if reservation.era != self.era:
            return max(0.0, reservation.due - now)
        return self._wait(reservation.number, now)

    def give_back(self, reservation: Reservation) -> None:
        """Take back the latest reservation; an earlier one is lost, or those behind it would jump."""
        if reservation.number == self.taken and reservation.era == self.era:
            self.taken -= 1
            self.drained = min(self.drained, self.taken)

    def drain(self, now: float, reservation: Reservation) -> None:
        """Learn from a 429 to *reservation* that nothing is left.

        Where the reservation kept to the rate, another program uses the same quota: the rate is lowered, and
        rises again in steps while there is no 429.
        """
        self._advance(now)
        if reservation.era == self.era:
            if reservation.number <= self.drained:
                return
            if reservation.is_paced:
                self.rate = max(self.rate * YIELD, self.stated * LEAST_SHARE)
        gone = min(math.floor(self.supplied + FUZZ), self.taken)
        self.supplied, self.drained = float(gone), gone
        self.at = self.calm_since = now
        self.unsure_since = -1.0

    def learn(self, now: float, rate: float) -> None:
        """Adopt the rate that an answer stated, if it is a sensible number.

        The first word from Amazon counts from the beginning: the rate was the same before it was stated.
        """
        if not self.plan * LEAST_STATED < rate <= MOST_RATE or rate == self.learned:
            return
        self._advance(now)
        if self.unsure_since >= 0:
            lasted = max(0.0, self.at - self.unsure_since)
            correction = lasted * (min(rate, max(self.rate, self.unsure_most)) - self.rate)
            # what was sent was let through: we cannot have been further ahead than by a burst
            self.supplied += max(-float(self.burst), correction)
            self.unsure_since = -1.0
        self._restate(self.plan, rate)

    def adopt(self, now: float, plan: float, burst: int) -> None:
        """Go on by another plan, such as a new version's: its burst, and its rate if Amazon stated none."""
        if plan == self.plan and burst == self.burst:
            return
        self._advance(now)
        self._restate(float(plan), self.learned)
        self.burst = burst
        if self.unsure_since >= 0:
            self.unsure_since, self.unsure_most = self.at, MOST_RATE
        self._advance(now)

    def _restate(self, plan: float, learned: float) -> None:
        is_lowered = self.rate < self.stated
        self.plan, self.learned = plan, learned
        self.rate = min(self.rate, self.stated) if is_lowered else self.stated

    def state(self, now: float) -> QuotaState:
        """Return how it stands."""
        self._advance(now)
        return QuotaState(self.rate, self.burst, self.supplied - self.taken, self._wait(self.taken + 1, now))

    def is_spare(self, now: float, idle: float) -> bool:
        """Say whether a new bucket would serve as well, and this one was not used for *idle* seconds.

        No call waits, it is full, and no 429 lowers its rate.
        """
        if now - self.at < idle:
            return False
        later = copy.copy(self)
        later._advance(now)
        return later.rate >= later.stated and later.supplied >= later.taken + later.burst
