"""`Io` for asyncio: every effect is awaited, and what may block runs in threads of our own."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from functools import partial
from typing import Any, ClassVar, Generic, ParamSpec, TypeVar, cast
from weakref import WeakSet

from spshipping.clock import Clock
from spshipping.forks import renew_after_fork
from spshipping.secret import discreet
from spshipping.transport.http import AsyncTransport, HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.transport.io import Late
from spshipping.transport.lifetime import Lifetime

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")

Job = Callable[[], Coroutine[Any, Any, T]]

_THREADS = 32
_ENTIRE_SECONDS = 30.0
"""So long a caller that is cancelled waits for what must not be left half done: it may hang."""
_WORKING, _WAITING = "spshipping", "spshipping waiting"
"""What threads are for: to do what is the user's, or to wait until another process lets go."""


class AsyncioIo:
    """The effects of an `AsyncClient`."""

    __slots__ = ("__weakref__", "_clock", "_executors", "_late", "transport")

    is_blocking: ClassVar[bool] = False

    def __init__(self, transport: AsyncTransport, clock: Clock) -> None:
        self.transport: AsyncTransport = transport
        self._clock = clock
        self._executors: dict[str, ThreadPoolExecutor] = {}
        """By what they are for: one that waits for another process must not keep one that can go on."""
        self._late: set[asyncio.Task[Any]] = set()
        renew_after_fork(self)

    async def exchange(
        self, request: HttpRequest, limits: Limits, on_late: Late | None = None
    ) -> HttpResponse | HttpFailure:
        """Send *request* once; one with `on_late` gets its answer even if the caller is cancelled."""
        if on_late is None:
            return await self.transport.exchange(request, limits)
        task = asyncio.ensure_future(_exchanged(self.transport, request, limits))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if request.was_sent is False:
                task.cancel()
            # where it has ended just now, its answer is handed over once the call is known to be unsettled
            self._late.add(task)
            task.add_done_callback(partial(self._ended_late, on_late))
            raise

    def _ended_late(self, on_late: Late, task: asyncio.Task[HttpResponse | HttpFailure]) -> None:
        self._late.discard(task)
        if not task.cancelled() and task.exception() is None:
            on_late(task.result())

    async def sleep(self, seconds: float) -> None:
        """Wait, by the client's clock."""
        await self._clock.sleep_async(seconds)

    async def plugin(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call something of the user's in a thread; a coroutine function is awaited here."""
        result: Any
        if inspect.iscoroutinefunction(function):
            result = function(*args, **kwargs)
        else:
            result = await asyncio.wrap_future(self._in_thread(_WORKING, partial(function, *args, **kwargs)))
        return cast(R, await result if inspect.isawaitable(result) else result)

    async def entire(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Do the same; a caller that is cancelled meanwhile leaves when the function has ended, or hangs."""
        work = asyncio.ensure_future(_called(self, partial(function, *args, **kwargs)))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            work.add_done_callback(_ended_unheard)
            ending = asyncio.ensure_future(asyncio.wait([work], timeout=_ENTIRE_SECONDS))
            self._late.add(ending)
            ending.add_done_callback(self._late.discard)
            await asyncio.shield(ending)  # cancelled once more, the caller does not wait for it
            raise

    def _in_thread(self, kind: str, work: Callable[[], R]) -> Future[R]:
        while True:
            executors = self._executors
            executor = executors.get(kind)
            if executor is None:
                executor = executors[kind] = ThreadPoolExecutor(_THREADS, thread_name_prefix=kind)
            try:
                return executor.submit(contextvars.copy_context().run, _done, work)
            except RuntimeError:
                # another loop has closed the client just now; at the end of the program it stays closed
                if self._executors is executors:
                    raise

    async def hook(self, function: Callable[[T], object], value: T, /) -> None:
        """Call something of the user's that only listens; a coroutine is awaited."""
        result = function(value)
        if inspect.isawaitable(result):
            await result

    @asynccontextmanager
    async def holding(self, manager: AbstractContextManager[R]) -> AsyncIterator[R]:
        """Hold something of the user's that may block; a caller that is cancelled in its wait releases it."""
        entering = self._in_thread(_WAITING, manager.__enter__)
        try:
            held = await asyncio.wrap_future(entering)
        except BaseException:
            # in the thread that enters, should it do so yet: the loop may have been closed by then
            entering.add_done_callback(partial(_let_go, manager))
            raise
        try:
            yield held
        except GeneratorExit:
            manager.__exit__(None, None, None)  # nothing can be awaited while the caller is being closed
            raise
        except BaseException:
            await self._leave(manager)
            raise
        await self._leave(manager)

    async def _leave(self, manager: AbstractContextManager[Any]) -> None:
        leaving = self._in_thread(_WORKING, partial(manager.__exit__, None, None, None))
        await asyncio.shield(asyncio.wrap_future(leaving))

    async def join(self, flight: Future[None], seconds: float) -> bool:
        """Wait for another's flight to end, in whatever thread or loop it is."""
        waiting = asyncio.wrap_future(flight)
        try:
            done, _ = await asyncio.wait([waiting], timeout=seconds)
        finally:
            with suppress(RuntimeError):  # the loop was closed
                waiting.cancel()
        return bool(done)

    def liveness(self) -> Callable[[bool], bool]:
        """Return a function that says whether the loop that runs now still runs, and is not held up."""
        return partial(_can_go_on, asyncio.get_running_loop())

    def group(self, concurrency: int) -> Tasks[Any]:  # noqa: ARG002 - tasks are made one by one
        """Return an empty group of tasks."""
        return Tasks()

    async def close(self, *, is_own: bool = True) -> None:
        """Wait for purchases whose callers were cancelled, then close the connections if they are ours.

        Both are those of the running loop.
        """
        loop = asyncio.get_running_loop()
        while late := [task for task in tuple(self._late) if task.get_loop() is loop]:
            await asyncio.wait(late)
        if is_own:
            await self.transport.close()
        executors, self._executors = self._executors, {}
        for executor in executors.values():
            executor.shutdown(wait=False)

    def renew_locks(self) -> None:
        """Leave behind the threads and tasks of the parent, which no forked child has."""
        self._executors = {}
        self._late = set()


class LoopLifetime(Lifetime):
    """Whether a client is closed in the event loop that runs: each loop has connections of its own."""

    __slots__ = ("_loops",)

    def __init__(self, parent: Lifetime | None = None) -> None:
        super().__init__(parent)
        self._loops: WeakSet[asyncio.AbstractEventLoop] = WeakSet()

    def end(self) -> None:
        """Let no further call begin in this loop."""
        self._loops.add(asyncio.get_running_loop())

    @property
    def is_closed(self) -> bool:
        """Whether `end` was called in this loop."""
        return bool(self._loops) and asyncio._get_running_loop() in self._loops


@discreet
async def _exchanged(
    transport: AsyncTransport, request: HttpRequest, limits: Limits
) -> HttpResponse | HttpFailure:
    """Exchange in a task of its own, out of which an interrupt leaves the event loop directly."""
    return await transport.exchange(request, limits)


@discreet
async def _called(io: AsyncioIo, work: Callable[[], R]) -> R:
    """Call something of the user's in a task of its own; an interrupt leaves that in the same way."""
    return await io.plugin(work)


def _ended_unheard(work: asyncio.Task[Any]) -> None:
    if not work.cancelled():
        work.exception()  # or asyncio would log it as one that nobody has seen


def _done(work: Callable[[], R]) -> R:
    """Do *work*; what asyncio cannot pass on as it is becomes the cause of another exception.

    A caller would wait for ever after a `StopIteration`, and `CancelledError`, which is of futures here,
    would look as if the caller's task was cancelled.
    """
    try:
        return work()
    except (StopIteration, CancelledError) as error:
        raise RuntimeError(f"a plug-in raised {type(error).__name__}") from error


def _let_go(manager: AbstractContextManager[Any], entering: Future[Any]) -> None:
    if not entering.cancelled() and entering.exception() is None:
        manager.__exit__(None, None, None)


def _can_go_on(loop: asyncio.AbstractEventLoop, is_blocking: bool) -> bool:
    """Say whether the tasks of *loop* run while a caller waits for them.

    They do not where the loop has stopped, or where the caller blocks the thread that it runs in.
    """
    is_here = is_blocking and asyncio._get_running_loop() is loop
    return loop.is_running() and not is_here


class Tasks(Generic[T]):
    """Jobs as tasks."""

    def __init__(self) -> None:
        self.ended: deque[T] = deque()
        self.running: int = 0
        self._tasks: set[asyncio.Task[T]] = set()
        self._has_ended = asyncio.Event()
        self._is_stopped = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, job: Job[T]) -> None:
        """Start a job."""
        self._loop = asyncio.get_running_loop()
        self.running += 1
        task = asyncio.ensure_future(job())
        self._tasks.add(task)
        task.add_done_callback(self._collect)

    def _collect(self, task: asyncio.Task[T]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            self.running -= 1  # it was cancelled before it began
        else:
            self.ended.append(task.result())
        self._has_ended.set()

    async def wait(self) -> None:
        """Wait until something has ended."""
        while not self.ended and self.running:
            self._has_ended.clear()
            await self._has_ended.wait()

    def is_stopped(self) -> bool:
        """Return whether `stop` was called."""
        return self._is_stopped

    def is_cancellation(self, error: BaseException) -> bool:
        """Return whether the caller's task was cancelled, or its loop closed before the task had ended."""
        return isinstance(error, asyncio.CancelledError | GeneratorExit)

    def stop(self) -> None:
        """Let jobs that only wait give up."""
        self._is_stopped = True

    def leave(self, end: Callable[[], Coroutine[Any, Any, None]]) -> bool:  # noqa: ARG002 - the protocol's
        """Return no: the garbage collector has a task of its own end what is no longer used."""
        return False

    async def close(self, *, is_cancelled: bool = False) -> None:
        """Stop, and wait until what runs has ended; where the loop was closed, nothing runs any more."""
        self.stop()
        if asyncio._get_running_loop() is not self._loop:
            for task in [task for task in self._tasks if task.done()]:
                self._collect(task)
            return
        if is_cancelled:
            for task in self._tasks:
                task.cancel()
        while self._tasks:
            await asyncio.wait(self._tasks)
