"""Event loops in threads of their own, and threads beside them."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
SECONDS = 30.0
"""After so long, a test has hung."""


class LoopThread:
    """An event loop that runs in a thread of its own, until it is stopped."""

    def __init__(self, *, debug: bool = False) -> None:
        self.loop: asyncio.AbstractEventLoop = asyncio.new_event_loop()
        self.loop.set_debug(debug)
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> "Future[T]":
        """Run a coroutine in a task; cancelling the future cancels the task."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end."""
        return self.submit(coroutine).result(SECONDS)

    def settle(self, running: int = 0) -> None:
        """Wait until no more than so many tasks are running."""

        async def look() -> None:
            while len(asyncio.all_tasks()) - 1 > running:
                await asyncio.sleep(0.001)

        self.run(look())

    def stop(self) -> None:
        """Let the loop stop where it is: its tasks are never resumed."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(SECONDS)

    def close(self) -> None:
        """Stop the loop and close it, whatever is pending."""
        if not self.loop.is_closed():
            self.stop()
            self.loop.close()


@contextmanager
def loop_threads(count: int = 1, *, debug: bool = False) -> Iterator[list[LoopThread]]:
    """Run so many event loops, and close them at the end."""
    loops = [LoopThread(debug=debug) for _ in range(count)]
    try:
        yield loops
    finally:
        for each in loops:
            each.close()


def in_thread(work: Callable[[], T]) -> "Future[T]":
    """Run *work* in a thread of its own."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def outcomes(futures: "list[Future[T]]") -> "list[T | BaseException]":
    """Wait for all, and return what each has returned or raised."""
    return [future.exception(SECONDS) or future.result() for future in futures]
