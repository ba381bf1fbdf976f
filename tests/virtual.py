"""Virtual time over real HTTP: sandbox time jumps to the earliest wake-up once every worker waits."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from spshipping.sandbox.clock import SandboxClock

_GLANCE = 0.001


class VirtualClock:
    """The sandbox's clock, as its clients see it."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._moved = threading.Condition()
        self._workers = 0
        self._sleepers: list[float] = []

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        wakes_at = self._clock.monotonic() + seconds
        with self._moved:
            self._sleepers.append(wakes_at)
            self._jump()
            while self._clock.monotonic() < wakes_at:
                # real time passes as well: a worker may be in the midst of a request
                self._moved.wait(min(1.0, max(0.0, wakes_at - self._clock.monotonic())))
                self._jump()
            self._sleepers.remove(wakes_at)

    async def sleep_async(self, seconds: float) -> None:
        wakes_at = self._clock.monotonic() + seconds
        with self._moved:
            self._sleepers.append(wakes_at)
            self._jump()
        try:
            while self._clock.monotonic() < wakes_at:
                # other tasks go on, and real time passes as well
                await asyncio.sleep(_GLANCE)
                with self._moved:
                    self._jump()
        finally:
            with self._moved:
                self._sleepers.remove(wakes_at)

    def _jump(self) -> None:
        if self._sleepers and len(self._sleepers) >= self._workers:
            ahead = min(self._sleepers) - self._clock.monotonic()
            if ahead > 0:
                self._clock.advance(ahead)
            self._moved.notify_all()

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

    def run_tasks(self, jobs: Iterable[Callable[[], Coroutine[Any, Any, object]]]) -> None:
        """Run every job in a task of its own, as a worker; return when all have ended.

        Raises:
            BaseException: what the first job that failed raised.
        """

        async def work(job: Callable[[], Coroutine[Any, Any, object]]) -> None:
            with self.worker():
                await asyncio.sleep(0)  # until all have been counted in
                await job()

        async def all_of_them() -> list[object]:
            return await asyncio.gather(*(work(job) for job in jobs), return_exceptions=True)

        for result in asyncio.run(all_of_them()):
            if isinstance(result, BaseException):
                raise result
