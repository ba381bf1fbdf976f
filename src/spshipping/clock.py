"""Time as something that is handed in, so that no test has to wait."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

_MONOTONIC = 1_000_000.0


class Clock(Protocol):
    """What the client knows about time."""

    def now(self) -> datetime:
        """Return the wall-clock time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait, and block the thread."""
        ...

    async def sleep_async(self, seconds: float) -> None:
        """Wait, and let other tasks go on; `AsyncClient` uses this one."""
        ...


class SystemClock:
    """The machine's own time."""

    __slots__ = ()

    def now(self) -> datetime:
        """Return the wall-clock time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for *seconds*, and block the thread."""
        time.sleep(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Wait for *seconds*, and let other tasks go on."""
        # imported here: `Client` does not load asyncio
        import asyncio

        await asyncio.sleep(seconds)


class FrozenClock:
    """A clock for tests: it changes only by `advance` or `sleep`, and `sleep` returns at once."""

    def __init__(self, at: datetime) -> None:
        """Let time stand still.

        Raises:
            ValueError: *at* has no time zone.
        """
        if at.tzinfo is None:
            raise ValueError("the time needs its zone, as in datetime(2026, 6, 15, 9, tzinfo=UTC)")
        self._at = at.astimezone(UTC)
        self._seconds = 0.0

    def now(self) -> datetime:
        """Return the wall-clock time in UTC."""
        return self._at + timedelta(seconds=self._seconds)

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return _MONOTONIC + self._seconds

    def advance(self, seconds: float) -> None:
        """Move time forward.

        Raises:
            ValueError: *seconds* is negative, or not a finite number.
        """
        if not 0 <= seconds < float("inf"):
            raise ValueError("time can only move forward")
        self._seconds += seconds

    def sleep(self, seconds: float) -> None:
        """Move time forward at once."""
        self.advance(max(0.0, seconds))

    async def sleep_async(self, seconds: float) -> None:
        """Move time forward at once, and let other tasks go on."""
        import asyncio

        self.sleep(seconds)
        await asyncio.sleep(0)
