"""Sandbox time: real time plus an offset that tests can increase."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from spshipping.clock import Clock, FrozenClock, SystemClock

MINUTE, HOUR, DAY = 60, 3600, 86400
_LAST = datetime(9001, 1, 1, tzinfo=UTC)
"""What is later than time by some years, such as the end of a shipment, is still a date."""


class SandboxClock:
    """Real time plus what was added by `advance`; or time that stands still but for that."""

    def __init__(self, frozen_at: datetime | None = None) -> None:
        """Start at real time, or at *frozen_at*, where it stays until it is advanced.

        Raises:
            ValueError: *frozen_at* has no time zone.
        """
        self._base: Clock = FrozenClock(frozen_at) if frozen_at else SystemClock()
        self._lock = threading.Lock()
        self._offset = 0.0
        self.on_advance: Callable[[], object] | None = None
        """Called when time was moved forward."""

    @property
    def offset(self) -> float:
        """Seconds by which sandbox time is ahead of real time, or of where it was frozen."""
        return self._offset

    def now(self) -> datetime:
        """Return sandbox time, aware, in UTC."""
        return self._base.now() + timedelta(seconds=self._offset)

    def monotonic(self) -> float:
        """Return a count of seconds that advances with sandbox time."""
        return self._base.monotonic() + self._offset

    def advance(self, seconds: float) -> None:
        """Move sandbox time forward.

        Raises:
            ValueError: *seconds* is negative, or not a finite number, or the year would be after 9000.
        """
        if not 0 <= seconds < float("inf"):
            raise ValueError("sandbox time can only move forward")
        with self._lock:
            if seconds > (_LAST - self.now()).total_seconds():
                raise ValueError("sandbox time ends with the year 9000")
            self._offset += seconds
        if self.on_advance:
            self.on_advance()

    @property
    def is_frozen(self) -> bool:
        """Whether time stands still but for `advance`."""
        return isinstance(self._base, FrozenClock)

    def sleep(self, seconds: float) -> None:
        """Wait, as the clock of a client does; frozen time is advanced instead, without waiting."""
        if self.is_frozen:
            self.advance(max(0.0, seconds))
        else:
            self._base.sleep(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Wait as `sleep` does, and let other tasks go on."""
        if self.is_frozen:
            self.advance(max(0.0, seconds))
        await self._base.sleep_async(0 if self.is_frozen else seconds)

    def reset(self) -> None:
        """Return to real time, or to where it was frozen."""
        with self._lock:
            self._offset = 0.0


def write_time(moment: datetime | int) -> str:
    """Write a time as Amazon does, in UTC, to the second; a number is seconds since 1970."""
    time = datetime.fromtimestamp(moment, UTC) if isinstance(moment, int) else moment.astimezone(UTC)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
