"""What blocks, and is held under asyncio: it is let go whatever ends, in whatever thread."""

import asyncio
import contextlib
import gc
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from spshipping.auth.file_store import FileStore
from spshipping.transport.tasks import AsyncioIo
from tests.kit import FakeClock
from tests.loops import SECONDS, LoopThread, loop_threads

KEY = FileStore.new_key().reveal()


class Lock:
    """Something that is held; entering it waits until it may."""

    def __init__(self) -> None:
        self.is_entering, self.may_enter, self.is_left = (
            threading.Event(),
            threading.Event(),
            threading.Event(),
        )
        self.entered = self.left = 0
        self.error: BaseException | None = None

    def __enter__(self) -> str:
        self.is_entering.set()
        assert self.may_enter.wait(SECONDS)
        if self.error is not None:
            raise self.error
        self.entered += 1
        return "held"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.left += 1
        self.is_left.set()


def aio() -> AsyncioIo:
    unused: Any = None
    return AsyncioIo(unused, FakeClock())


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    with loop_threads(1) as (made,):
        yield made


async def hold(io: AsyncioIo, lock: Any, within: Callable[[str], Any]) -> None:
    async with io.holding(lock) as held:
        await within(held)


async def forever(_: str) -> None:
    await asyncio.Event().wait()


def test_it_is_held_and_let_go(loop: LoopThread) -> None:
    lock, seen = Lock(), []

    async def within(held: str) -> None:
        seen.append((held, lock.left))

    lock.may_enter.set()
    loop.run(hold(aio(), lock, within))
    assert (seen, lock.left) == ([("held", 0)], 1)


def test_what_is_raised_while_it_is_held_passes_and_lets_go(loop: LoopThread) -> None:
    async def fail(_: str) -> None:
        raise KeyError("x")

    lock = Lock()
    lock.may_enter.set()
    with pytest.raises(KeyError):
        loop.run(hold(aio(), lock, fail))
    assert lock.left == 1


def test_what_cannot_be_entered_is_not_left(loop: LoopThread) -> None:
    lock = Lock()
    lock.error = OSError("out of reach")
    lock.may_enter.set()
    with pytest.raises(OSError, match="out of reach"):
        loop.run(hold(aio(), lock, forever))
    assert lock.left == 0


@pytest.mark.parametrize("fails", [False, True])
def test_whoever_is_cancelled_while_it_waits_lets_go_in_the_end(loop: LoopThread, fails: bool) -> None:
    lock = Lock()
    lock.error = OSError("out of reach") if fails else None
    waiting = loop.submit(hold(aio(), lock, forever))
    assert lock.is_entering.wait(SECONDS)
    waiting.cancel()
    loop.settle()
    loop.close()  # nothing of the loop is needed any more
    lock.may_enter.set()
    if not fails:
        assert lock.is_left.wait(SECONDS)
    assert lock.entered == lock.left == (not fails)


def test_whoever_is_cancelled_before_a_thread_is_free_never_enters(loop: LoopThread) -> None:
    io, locks, last = aio(), [Lock() for _ in range(32)], Lock()
    busy = [loop.submit(hold(io, lock, forever)) for lock in locks]
    for lock in locks:
        assert lock.is_entering.wait(SECONDS)
    waiting = loop.submit(hold(io, last, forever))
    loop.run(asyncio.sleep(0))
    waiting.cancel()
    loop.settle(len(busy))
    for each in busy:
        each.cancel()
    for lock in locks:
        lock.may_enter.set()
        assert lock.is_left.wait(SECONDS)
    assert not last.is_entering.is_set()


def test_whoever_is_cancelled_while_it_holds_lets_go(loop: LoopThread) -> None:
    lock, is_held = Lock(), threading.Event()

    async def within(held: str) -> None:
        is_held.set()
        await forever(held)

    lock.may_enter.set()
    holding = loop.submit(hold(aio(), lock, within))
    assert is_held.wait(SECONDS)
    holding.cancel()
    assert lock.is_left.wait(SECONDS)
    assert lock.left == 1


def test_a_holder_that_is_never_resumed_lets_go_when_it_is_dropped(loop: LoopThread) -> None:
    lock, is_held = Lock(), threading.Event()

    async def within(held: str) -> None:
        is_held.set()
        await forever(held)

    lock.may_enter.set()
    holding = hold(aio(), lock, within)

    async def begun() -> None:
        step = holding.send(None)
        while not is_held.is_set():
            await asyncio.sleep(0.001)
            if step.done():
                step = holding.send(None)

    loop.run(begun())
    left = [lock.left]
    holding.close()
    assert [*left, lock.left] == [0, 1]


def test_the_lock_of_a_file_store_is_free_once_whoever_waited_for_it_was_cancelled(
    loop: LoopThread, tmp_path: Path
) -> None:
    store, io = FileStore(tmp_path, key=lambda: KEY), aio()
    for _ in range(3):
        with store.flight("token", 1.0) as is_mine:
            assert is_mine
            waiting = loop.submit(hold(io, store.flight("token", SECONDS), forever))
            loop.run(asyncio.sleep(0.05))  # until it looks at the lock
            waiting.cancel()
            loop.settle()
        with store.flight("token", SECONDS) as is_mine:
            assert is_mine


def test_the_lock_of_a_file_store_is_acquired_in_one_thread_and_released_in_another(
    loop: LoopThread, tmp_path: Path
) -> None:
    store, io = FileStore(tmp_path, key=lambda: KEY), aio()
    threads: list[int] = []

    @contextlib.contextmanager
    def noted() -> Iterator[bool]:
        threads.append(threading.get_ident())
        with store.flight("token", SECONDS) as is_mine:
            yield is_mine
        threads.append(threading.get_ident())

    async def twice() -> None:
        both = threading.Barrier(2, timeout=SECONDS)
        async with io.holding(noted()) as is_mine:
            assert is_mine
            # both threads are there by now, and one of them waits on
            goes_on = threading.Event()
            first = asyncio.ensure_future(io.plugin(meet, both, goes_on))
            second = asyncio.ensure_future(io.plugin(meet, both, None))
            await second
        goes_on.set()
        await first

    def meet(both: threading.Barrier, goes_on: threading.Event | None) -> None:
        both.wait()
        if goes_on is not None:
            assert goes_on.wait(SECONDS)

    for _ in range(20):
        threads.clear()
        loop.run(twice())
        with store.flight("token", 0.0) as is_mine:
            assert is_mine
        if threads[0] != threads[1]:
            return
    raise AssertionError("one thread did everything")


def test_a_flight_that_lands_after_the_loop_of_one_who_waited_was_closed_is_no_fault(
    caplog: pytest.LogCaptureFixture,
) -> None:
    io, flight = aio(), Future[None]()
    flight.set_running_or_notify_cancel()  # as of every flight

    async def join(seconds: float) -> bool:
        return await io.join(flight, seconds)

    assert not asyncio.run(join(0.001))
    with loop_threads(1) as (loop,):
        waiting = loop.submit(join(SECONDS))
        loop.run(asyncio.sleep(0))
        loop.close()
    del waiting
    gc.collect()
    flight.set_result(None)
    assert asyncio.run(join(SECONDS))
    assert not [record for record in caplog.records if record.name == "concurrent.futures"]


def test_a_forked_child_has_threads_of_its_own() -> None:
    io = aio()

    async def use() -> str:
        return await io.plugin(lambda: threading.current_thread().name)

    first, parents = asyncio.run(use()), io._executors
    io.renew_locks()
    assert asyncio.run(use()) == first
    assert io._executors is not parents


def test_callers_that_wait_for_other_processes_do_not_keep_one_that_can_go_on(loop: LoopThread) -> None:
    io, locks = aio(), [Lock() for _ in range(40)]

    async def use() -> str:
        return await io.plugin(str, "done")

    waiting = [loop.submit(hold(io, lock, forever)) for lock in locks]
    assert locks[0].is_entering.wait(SECONDS)
    loop.settle(len(locks))
    assert loop.run(use()) == "done"
    for lock in locks:
        lock.may_enter.set()
    for one in waiting:
        one.cancel()


def test_a_loop_that_closes_a_client_waits_for_its_own_purchases_only() -> None:
    class Closing:
        closed = 0

        async def exchange(self, request: Any, limits: Any) -> Any:
            raise AssertionError("nothing is sent")

        async def close(self) -> None:
            self.closed += 1

    transport = Closing()
    io = AsyncioIo(transport, FakeClock())
    with loop_threads(2) as (one, other):

        async def late() -> None:
            io._late.add(asyncio.ensure_future(asyncio.sleep(SECONDS)))
            await asyncio.sleep(0)

        one.run(late())
        other.run(io.close())
        assert transport.closed == 1
