"""The threads of an `AsyncioIo`, which all event loops share."""

import asyncio
import gc
import threading
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from traceback import TracebackException
from typing import Any

import pytest

from spshipping.transport import tasks
from spshipping.transport.tasks import AsyncioIo
from tests.kit import FakeClock, raising
from tests.loops import SECONDS


class Quiet:
    """A transport that nobody uses."""

    async def exchange(self, request: Any, limits: Any) -> Any:
        raise NotImplementedError

    async def close(self) -> None:
        pass


class Closing:
    """An executor that another loop closes while a job is handed to it."""

    def __init__(self, io: AsyncioIo, *, is_end: bool) -> None:
        self._io = io
        self._is_end = is_end

    def submit(self, *_: Any) -> "Future[Any]":
        if not self._is_end:
            self._io._executors = {}
        raise RuntimeError("cannot schedule new futures after shutdown")


def test_a_job_goes_on_where_another_loop_closes_the_client_just_then() -> None:
    io = AsyncioIo(Quiet(), FakeClock())
    io._executors["spshipping"] = Closing(io, is_end=False)  # type: ignore[assignment]

    async def main() -> int:
        found = await io.plugin(int, "5")
        await io.close()
        return found

    assert asyncio.run(main()) == 5
    assert not io._executors


def test_at_the_end_of_the_program_a_job_is_refused() -> None:
    io = AsyncioIo(Quiet(), FakeClock())
    io._executors["spshipping"] = Closing(io, is_end=True)  # type: ignore[assignment]
    with pytest.raises(RuntimeError, match="after shutdown"):
        asyncio.run(_plugin(io))


async def _plugin(io: AsyncioIo) -> None:
    await io.plugin(int, "5")


@pytest.mark.parametrize("error", [StopIteration(), CancelledError()])
def test_what_asyncio_cannot_pass_on_is_the_cause_of_another_exception(error: Exception) -> None:
    io = AsyncioIo(Quiet(), FakeClock())
    with pytest.raises(RuntimeError, match=f"raised {type(error).__name__}") as caught:
        asyncio.run(io.plugin(raising(error)))
    assert caught.value.__cause__ is error


def test_closing_waits_for_nothing_of_the_users_that_still_runs() -> None:
    io = AsyncioIo(Quiet(), FakeClock())
    has_begun, may_end = threading.Event(), threading.Event()

    def work() -> bool:
        has_begun.set()
        return may_end.wait(30)

    async def main() -> bool:
        working = asyncio.create_task(io.plugin(work))
        await asyncio.to_thread(has_begun.wait, 30)
        await io.close()
        assert not working.done()
        may_end.set()
        return await working

    assert asyncio.run(main()), "the work was waited for"


def test_threads_are_started_when_they_are_first_needed_and_again_after_a_close() -> None:
    io = AsyncioIo(Quiet(), FakeClock())

    async def main() -> None:
        for _ in range(2):
            before = dict(io._executors)
            await io.plugin(int, "5")
            assert not before
            assert isinstance(io._executors["spshipping"], ThreadPoolExecutor)
            await io.close()

    asyncio.run(main())


class Slow:
    """Work that ends when it may."""

    def __init__(self, error: Exception | None = None) -> None:
        self.has_begun, self.may_end = threading.Event(), threading.Event()
        self.has_ended = False
        self._error = error

    def __call__(self) -> str:
        self.has_begun.set()
        assert self.may_end.wait(SECONDS)
        self.has_ended = True
        if self._error:
            raise self._error
        return "done"

    async def cancel(self, io: AsyncioIo, times: int) -> "asyncio.Task[str]":
        """Have it done by a task, and cancel that so often."""
        task = asyncio.create_task(io.entire(self))
        await asyncio.to_thread(self.has_begun.wait, SECONDS)
        for _ in range(times):
            task.cancel()
            await asyncio.to_thread(int)
        return task


@pytest.mark.parametrize("error", [None, OSError("the disk is full")])
def test_who_is_cancelled_while_work_is_done_entirely_waits_for_its_end(
    error: Exception | None, caplog: pytest.LogCaptureFixture
) -> None:
    io, slow = AsyncioIo(Quiet(), FakeClock()), Slow(error)

    async def main() -> None:
        task = await slow.cancel(io, times=1)
        assert not task.done()
        slow.may_end.set()
        await asyncio.wait([task])
        assert task.cancelled()
        assert slow.has_ended

    asyncio.run(main())
    gc.collect()
    assert not io._late
    assert caplog.text == "", "asyncio logs an exception that nobody has seen"


def test_who_is_cancelled_twice_does_not_wait_and_closing_does() -> None:
    io, slow = AsyncioIo(Quiet(), FakeClock()), Slow()

    async def main() -> None:
        task = await slow.cancel(io, times=2)
        await asyncio.wait([task])
        assert task.cancelled()
        closing = asyncio.create_task(io.close())
        await asyncio.to_thread(int)
        assert not closing.done()
        assert not slow.has_ended
        slow.may_end.set()
        await closing
        assert slow.has_ended

    asyncio.run(main())


def test_who_is_cancelled_leaves_work_that_hangs_and_so_does_closing(monkeypatch: pytest.MonkeyPatch) -> None:
    io, slow = AsyncioIo(Quiet(), FakeClock()), Slow()
    monkeypatch.setattr(tasks, "_ENTIRE_SECONDS", 0.0)

    async def main() -> None:
        task = await slow.cancel(io, times=1)
        await asyncio.wait([task], timeout=SECONDS)
        assert task.cancelled()
        await io.close()
        assert not slow.has_ended
        slow.may_end.set()

    asyncio.run(main())


def test_work_that_is_cancelled_with_its_caller_ends_both() -> None:
    io, slow = AsyncioIo(Quiet(), FakeClock()), Slow()

    async def main() -> None:
        task = await slow.cancel(io, times=0)
        for each in asyncio.all_tasks() - {asyncio.current_task()}:
            each.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        slow.may_end.set()

    asyncio.run(main())


def test_what_is_done_entirely_is_returned() -> None:
    io = AsyncioIo(Quiet(), FakeClock())
    assert asyncio.run(io.entire(int, "5")) == 5


def test_an_interrupt_of_work_that_is_done_entirely_shows_nothing_of_it() -> None:
    io = AsyncioIo(Quiet(), FakeClock())

    def interrupted(secret: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        asyncio.run(io.entire(interrupted, "pa55"))
    shown = TracebackException.from_exception(caught.value, capture_locals=True)
    assert "pa55" not in "".join(line for line in shown.format() if "test_executor" not in line)
