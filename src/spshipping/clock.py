"""Time as something that is handed in, so that no test has to wait."""

import time
from datetime import UTC, datetime
from typing import Protocol


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
