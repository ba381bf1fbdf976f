"""Virtual time over real HTTP: sandbox time jumps to the earliest wake-up once every worker waits."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterable
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from spshipping.sandbox.clock import SandboxClock

_LOOK_SECONDS = 1.0


class StillClock(SandboxClock):
    """Sandbox time that passes by jumps alone, so that a busy machine is not taken for a slow client.

    Each look at it is a microsecond later than the one before, as a request arrives later than it leaves.
    """

    def __init__(self) -> None:
        super().__init__()
        self._began = datetime.now(UTC), time.monotonic()

    def now(self) -> datetime:
        return self._began[0] + timedelta(seconds=self.offset)

    def monotonic(self) -> float:
        with self._lock:  # not by `advance`: nothing is to happen at a mere look
            self._offset += 1e-6
        return self._began[1] + self.offset


class VirtualClock:
    """The sandbox's clock, as its clients see it; workers are threads or tasks."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._moved = threading.Condition()
        self._workers = 0
        self._sleepers: list[float] = []
        self._tasks: list[tuple[float, Callable[[], object]]] = []
        """When each task that sleeps is to wake, and what wakes it."""

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        wakes_at = self._clock.monotonic() + seconds
        with self._moved:
            self._sleepers.append(wakes_at)
            self._jump()
            while (left := wakes_at - self._clock.monotonic()) > 0:
                # real time may pass as well: a worker may be in the midst of a request
                self._moved.wait(min(_LOOK_SECONDS, left))
                self._jump()
            self._sleepers.remove(wakes_at)

    async def sleep_async(self, seconds: float) -> None:
        moved = asyncio.Event()
        wake = partial(asyncio.get_running_loop().call_soon_threadsafe, moved.set)
        wakes_at = self._clock.monotonic() + seconds
        with self._moved:
            self._sleepers.append(wakes_at)
            self._tasks.append((wakes_at, wake))
            self._jump()
        try:
            while (left := wakes_at - self._clock.monotonic()) > 0:
                moved.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(moved.wait(), min(_LOOK_SECONDS, left))
                with self._moved:
                    self._jump()
        finally:
            with self._moved:
                self._sleepers.remove(wakes_at)
                self._tasks.remove((wakes_at, wake))

    def _jump(self) -> None:
        if self._sleepers and len(self._sleepers) >= self._workers:
            ahead = min(self._sleepers) - self._clock.monotonic()
            if ahead > 0:
                self._clock.advance(ahead)
            self._moved.notify_all()
            now = self._clock.monotonic()
            for wakes_at, wake in self._tasks:
                if wakes_at <= now:
                    wake()

    @contextmanager
    def worker(self) -> Any:
        """Count a worker in: no time is skipped while it does not sleep."""
        with self._moved:
            self._workers += 1
        try:
            yield
        finally:
            with self._moved:
                self._workers -= 1
                self._jump()

    def run(self, jobs: Iterable[Callable[[], object]]) -> None:
        """Run every job in a thread of its own, as a worker; return when all have ended.

        Raises:
            BaseException: what the first job that failed raised.
        """
        failures: list[BaseException] = []
        ready = threading.Barrier(len(jobs := list(jobs)))

        def work(job: Callable[[], object]) -> None:
            with self.worker():
                ready.wait()
                try:
                    job()
                except BaseException as error:
                    failures.append(error)

        threads = [threading.Thread(target=work, args=(job,), daemon=True) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]

    async def run_tasks(self, jobs: Iterable[Callable[[], Coroutine[Any, Any, object]]]) -> None:
        """Run every job in a task of its own, as a worker; return when all have ended.

        Raises:
            BaseException: what the first job that failed raised.
        """

        async def work(job: Callable[[], Coroutine[Any, Any, object]]) -> None:
            with self.worker():
                await asyncio.sleep(0)  # until all have been counted in
                await job()

        for result in await asyncio.gather(*map(work, jobs), return_exceptions=True):
            if isinstance(result, BaseException):
                raise result
