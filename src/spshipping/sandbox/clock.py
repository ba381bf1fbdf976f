"""Sandbox time: real time plus an offset that tests can increase."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

MINUTE, HOUR, DAY = 60, 3600, 86400


class SandboxClock:
    """Real time plus what was added by `advance`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset = 0.0
        self.on_advance: Callable[[], object] | None = None
        """Called when time was moved forward."""

    @property
    def offset(self) -> float:
        """Seconds by which sandbox time is ahead of real time."""
        return self._offset

    def now(self) -> datetime:
        """Return sandbox time, aware, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self._offset)

    def monotonic(self) -> float:
        """Return a count of seconds that advances with sandbox time."""
        return time.monotonic() + self._offset

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

    def reset(self) -> None:
        """Return to real time."""
        with self._lock:
            self._offset = 0.0


def write_time(moment: datetime | int) -> str:
    """Write a time as Amazon does, in UTC, to the second; a number is seconds since 1970."""
    time = datetime.fromtimestamp(moment, UTC) if isinstance(moment, int) else moment.astimezone(UTC)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
