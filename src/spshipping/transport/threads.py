"""`Io` for threads: every effect blocks, so that no coroutine is ever suspended."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, ClassVar, Generic, ParamSpec, TypeVar

from spshipping.clock import Clock
from spshipping.errors import ConfigurationError
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits, Transport
from spshipping.transport.io import Late, run

if TYPE_CHECKING:
    from concurrent.futures import Future

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

Job = Callable[[], Coroutine[Any, Any, T]]


class ThreadIo:
    """The effects of a `Client`."""

    __slots__ = ("_clock", "transport")

    is_blocking: ClassVar[bool] = True

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self.transport: Transport = transport
        self._clock = clock

    async def exchange(
        self,
        request: HttpRequest,
        limits: Limits,
        on_late: Late | None = None,  # noqa: ARG002 - a thread cannot be cancelled
    ) -> HttpResponse | HttpFailure:
        """Send *request* once."""
        return self.transport.exchange(request, limits)

    async def sleep(self, seconds: float) -> None:
        """Wait, by the client's clock."""
        self._clock.sleep(seconds)

    async def plugin(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call something of the user's, in this thread."""
        result = function(*args, **kwargs)
        if isinstance(result, Coroutine):
            result.close()
            raise ConfigurationError("a coroutine function was given: only AsyncClient awaits those")
        return result

    async def entire(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Do the same: a thread cannot be cancelled."""
        return await self.plugin(function, *args, **kwargs)

    async def hook(self, function: Callable[[T], object], value: T, /) -> None:
        """Call something of the user's that only listens."""
        function(value)

    @asynccontextmanager
    async def holding(self, manager: AbstractContextManager[R]) -> AsyncIterator[R]:
        """Hold something of the user's."""
        with manager as held:
            yield held

    async def join(self, flight: Future[None], seconds: float) -> bool:
        """Wait for another's flight to end."""
        try:
            flight.result(timeout=max(0.0, min(seconds, threading.TIMEOUT_MAX)))
        except TimeoutError:
            return False
        return True

    def liveness(self) -> Callable[[bool], bool]:
        """Return a function that says no to a caller in this very thread, such as a signal handler."""
        return partial(_can_go_on, threading.get_ident())

    def group(self, concurrency: int) -> ThreadGroup[Any]:
        """Return an empty group of threads."""
        return ThreadGroup(concurrency)


def _can_go_on(thread: int, blocks_own_thread: bool) -> bool:
    return not (blocks_own_thread and thread == threading.get_ident())


class ThreadGroup(Generic[T]):
    """Jobs over threads; a thread is started when one more is needed."""

    def __init__(self, concurrency: int) -> None:
        self.ended: deque[T] = deque()
        self.running: int = 0
        self._concurrency = concurrency
        self._jobs: SimpleQueue[Job[T] | None] = SimpleQueue()
        self._signals: SimpleQueue[None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._stop = threading.Event()

    def start(self, job: Job[T]) -> None:
        """Start a job."""
        if len(self._threads) < min(self._concurrency, self.running + 1):
            from contextvars import copy_context  # only `map` needs it

            # in a copy of the caller's context, as a task is: with its span, and what its log is bound to
            work = partial(copy_context().run, self._work)
            thread = threading.Thread(target=work, name="spshipping map", daemon=True)
            # first noted: an interrupt may come at any moment from here on
            self._threads.append(thread)
            try:
                thread.start()
            except RuntimeError:
                self._threads.remove(thread)
                # fewer threads can run the jobs too; without any, nothing would
                if not self._threads:
                    raise
        self.running += 1
        self._jobs.put(job)

    async def wait(self) -> None:
        """Wait until something has ended."""
        while not self.ended:
            self._signals.get()

    def is_stopped(self) -> bool:
        """Return whether `stop` was called."""
        return self._stop.is_set()

    def is_cancellation(self, error: BaseException) -> bool:  # noqa: ARG002 - the protocol's
        """Return no: a thread that is interrupted can go on."""
        return False

    def stop(self) -> None:
        """Let jobs that only wait give up."""
        self._stop.set()

    def leave(self, end: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Run *end* in another thread, where this one is one of the group.

        The garbage collector runs in any thread, and may end a `map` that is no longer used in its own.
        """
        if threading.current_thread() not in self._threads:
            return False
        self.stop()
        with suppress(RuntimeError):  # at the end of the program no thread can be started
            threading.Thread(target=lambda: run(end()), name="spshipping map", daemon=False).start()
        return True

    async def close(self, *, is_cancelled: bool = False) -> None:  # noqa: ARG002 - a thread cannot be cancelled
        """Stop, and wait until what runs has ended."""
        self.stop()
        self._jobs.put(None)
        while len(self.ended) < self.running:
            self._signals.get()
        for thread in self._threads:
            # an interrupt may have kept one from being started
            if thread.is_alive():
                thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            self.ended.append(run(job()))
            self._signals.put(None)
        self._jobs.put(None)  # for the next thread
