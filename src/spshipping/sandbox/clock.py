"""Sandbox time: real time plus an offset that tests can increase."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

MINUTE, HOUR, DAY = 60, 3600, 86400
_FROZEN_MONOTONIC = 1_000_000.0


class SandboxClock:
    """Real time plus what was added by `advance`; or time that stands still but for that."""

    def __init__(self, frozen_at: datetime | None = None) -> None:
        """Start at real time, or at *frozen_at*, where it stays until it is advanced.

        Raises:
            ValueError: *frozen_at* has no time zone.
        """
        if frozen_at is not None and frozen_at.tzinfo is None:
            raise ValueError("frozen_at is a time with its zone, as datetime(2026, 6, 15, 9, tzinfo=UTC)")
        self._frozen_at = frozen_at
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
        start = datetime.now(UTC) if self._frozen_at is None else self._frozen_at.astimezone(UTC)
        return start + timedelta(seconds=self._offset)

    def monotonic(self) -> float:
        """Return a count of seconds that advances with sandbox time."""
        start = time.monotonic() if self._frozen_at is None else _FROZEN_MONOTONIC
        return start + self._offset

    def advance(self, seconds: float) -> None:
        """Move sandbox time forward.

        Raises:
            ValueError: *seconds* is negative, or not a finite number.
        """
        if not 0 <= seconds < float("inf"):
            raise ValueError("sandbox time can only move forward")
        with self._lock:
            self._offset += seconds
        if self.on_advance:
            self.on_advance()

    @property
    def is_frozen(self) -> bool:
        """Whether time stands still but for `advance`."""
        return self._frozen_at is not None

    def sleep(self, seconds: float) -> None:
        """Wait, as the clock of a client: time that stands still is advanced, and nobody waits."""
        if self.is_frozen:
            self.advance(max(0.0, seconds))
        else:
            time.sleep(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Wait as `sleep` does, and let other tasks go on."""
        # imported here: a server needs no asyncio
        import asyncio

        if self.is_frozen:
            self.sleep(seconds)
        await asyncio.sleep(0 if self.is_frozen else seconds)

    def reset(self) -> None:
        """Return to real time, or to where it was frozen."""
        with self._lock:
            self._offset = 0.0


def write_time(moment: datetime | int) -> str:
    """Write a time as Amazon does, in UTC, to the second; a number is seconds since 1970."""
    time = datetime.fromtimestamp(moment, UTC) if isinstance(moment, int) else moment.astimezone(UTC)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
