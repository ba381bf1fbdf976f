"""Sandbox time: real time plus an offset that tests push forward."""

import threading
import time
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """Real time plus what was added by `advance`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset = 0.0

    @property
    def offset(self) -> float:
        """Seconds that sandbox time is ahead of real time."""
        return self._offset

    def now(self) -> datetime:
        """Return sandbox time, aware, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self._offset)

    def monotonic(self) -> float:
        """Return seconds that run with sandbox time."""
        return time.monotonic() + self._offset

    def advance(self, seconds: float) -> None:
        """Push sandbox time forward.

        Raises:
            ValueError: *seconds* is negative, or no finite number.
        """
        if not 0 <= seconds < float("inf"):
            raise ValueError("sandbox time runs forward only")
        with self._lock:
            self._offset += seconds

    def reset(self) -> None:
        """Return to real time."""
        with self._lock:
            self._offset = 0.0


def as_text(time: datetime) -> str:
    """Write *time* as Amazon does: in UTC, to the second."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
