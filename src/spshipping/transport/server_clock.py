"""The time by Amazon's clock, as its answers state it: for what Amazon compares with its own."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeGuard

from spshipping.clock import Clock

_MOST_SECONDS = 86_400.0
"""No clock is further off than this: such an answer was recorded."""
_NOTED_SECONDS = 5.0
_logger = logging.getLogger("spshipping")


class ServerClock:
    """The caller's clock, put right by the `Date` of Amazon's answers where that contradicts it."""

    __slots__ = ("_clock", "_stated", "_stated_at", "offset")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._stated = ""
        self._stated_at: tuple[datetime, float] | None = None
        self.offset: float = 0.0
        """Seconds to add to the caller's clock; 0 until an answer contradicts it."""

    @property
    def is_stated(self) -> bool:
        """Whether an answer has stated the time since this machine's clock was last set."""
        if self._stated_at is None:
            return False
        at, began = self._stated_at
        moved = (self._clock.now() - at).total_seconds() - (self._clock.monotonic() - began)
        return abs(moved) < _NOTED_SECONDS

    def now(self) -> datetime:
        """Return the wall-clock time by Amazon's clock, at the latest."""
        now = self._clock.now()
        return now + timedelta(seconds=self.offset) if self.offset else now

    def local_now(self) -> datetime:
        """Return the wall-clock time by the caller's clock."""
        return self._clock.now()

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait, and block the thread."""
        self._clock.sleep(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Wait, and let other tasks go on."""
        await self._clock.sleep_async(seconds)

    def is_news(self, stated: str | None) -> TypeGuard[str]:
        """Say whether the `Date` of an answer is there, and another than that of the latest one."""
        return stated is not None and stated != self._stated

    def learn(self, stated: str, seconds: float) -> None:
        """Learn from the `Date` of an answer that has just come.

        Args:
            stated: the header.
            seconds: how long the exchange took; the header was written at some moment of it.
        """
        self._stated, self._stated_at = stated, (self._clock.now(), self._clock.monotonic())
        least = seconds_ahead(stated, self._clock.now())
        # the header has whole seconds
        if least is None or least <= self.offset <= least + 1 + seconds:
            return
        if least + 1 + seconds < -_MOST_SECONDS or least > _MOST_SECONDS:
            return
        # the least of what is possible: a search must not end later than Amazon allows
        before, self.offset = self.offset, 0.0 if least <= 0 <= least + 1 + seconds else least
        if abs(self.offset - before) > _NOTED_SECONDS:
            _logger.warning(
                "this machine's clock is %s Amazon's; time filters are corrected, but set the clock right",
                compared(self.offset) if self.offset else "right again, and agrees with",
            )


def seconds_ahead(stated: str | None, now: datetime) -> float | None:
    """Return by how many seconds the `Date` of an answer is ahead of *now*; None where it is no time."""
    try:
        time = parsedate_to_datetime(stated or "")
        return (time.replace(tzinfo=time.tzinfo or UTC) - now).total_seconds()
    except (ValueError, OverflowError):
        return None


def compared(ahead: float) -> str:
    """Say how this machine's clock compares with one that is so many seconds ahead of it."""
    return f"{abs(ahead):.0f} s {'behind' if ahead > 0 else 'ahead of'}"
