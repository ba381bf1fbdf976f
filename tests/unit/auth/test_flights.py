"""One fetch of a token that threads and tasks of two event loops need at once, however its leader ends."""

import asyncio
import gc
import os
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from typing import Any

import pytest

from spshipping import AuthError, QuotaError, Secret, TransportError
from spshipping.auth import cache as module
from spshipping.auth.cache import Grant, TokenCache
from spshipping.auth.stores import MemoryStore
from spshipping.transport.io import Io, run
from spshipping.transport.tasks import AsyncioIo
from tests.kit import FakeClock, io_of
from tests.loops import SECONDS, LoopThread, in_thread, loop_threads, outcomes

KEY = ("k",)
THREADS, TASKS = 16, 16


class Unused:
    """A transport that nothing is sent over."""

    async def exchange(self, request: Any, limits: Any) -> Any:
        raise AssertionError("nothing is sent")

    async def close(self) -> None:
        """Close nothing."""


class Watched(TokenCache):
    """Counts those who wait for another's fetch."""

    def __init__(self, clock: FakeClock, store: MemoryStore | None = None) -> None:
        super().__init__(clock, store)
        self.waiting = threading.Semaphore(0)

    async def _join(self, io: Io, entry: Any, flight: Any, left: float) -> float:
        self.waiting.release()
        return await super()._join(io, entry, flight, left)


class Crowd:
    """Threads and tasks that all need one token."""

    def __init__(self, loops: list[LoopThread]) -> None:
        self.loops = loops
        self.clock = FakeClock()
        self.cache = Watched(self.clock)
        self.aio = AsyncioIo(Unused(), self.clock)
        self.threads = io_of(clock=self.clock)
        self.fetches = 0
        self.is_fetching = threading.Event()
        self.first: Callable[[], Awaitable[Grant]] = self.forever
        """How the first fetch ends."""

    async def forever(self) -> Grant:
        await asyncio.Event().wait()
        raise AssertionError("it never ends")

    async def fetch(self, _: float) -> Grant:
        self.fetches += 1
        number = self.fetches
        if number == 1:
            self.is_fetching.set()
            return await self.first()
        return Grant(Secret(f"t{number}"), 3600)

    async def get(self, seconds: float = 60.0) -> str:
        """Get the token as a task."""
        ends_at = self.clock.monotonic() + seconds
        return (await self.cache.get(self.aio, KEY, self.fetch, ends_at)).reveal()

    def get_in_thread(self, seconds: float = 60.0) -> str:
        """Get the token as a thread."""
        ends_at = self.clock.monotonic() + seconds
        return run(self.cache.get(self.threads, KEY, self.fetch, ends_at)).reveal()

    def lead(self, loop: LoopThread) -> "Future[str]":
        """Begin the first fetch, in a task."""
        leader = loop.submit(self.get())
        assert self.is_fetching.wait(SECONDS)
        return leader

    def start(self, tasks: int = TASKS, threads: int = THREADS) -> "list[Future[str]]":
        """Start all the others."""
        followers = [self.loops[number % len(self.loops)].submit(self.get()) for number in range(tasks)]
        return followers + [in_thread(self.get_in_thread) for _ in range(threads)]

    def follow(self, tasks: int = TASKS, threads: int = THREADS) -> "list[Future[str]]":
        """Start all the others, and wait until they wait."""
        followers = self.start(tasks, threads)
        for _ in followers:
            assert self.cache.waiting.acquire(timeout=SECONDS)
        return followers


@contextmanager
def crowd(monkeypatch: pytest.MonkeyPatch) -> Iterator[Crowd]:
    """Make a crowd on two loops that looks often whether a leader can still go on."""
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.01)
    with loop_threads(2) as loops:
        yield Crowd(loops)


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> Iterator[Crowd]:
    with crowd(monkeypatch) as made:
        yield made


def cancelled(loop: LoopThread, leader: "Future[str]") -> None:
    leader.cancel()
    with pytest.raises(CancelledError):
        leader.result(SECONDS)


def stopped(loop: LoopThread, leader: "Future[str]") -> None:
    loop.stop()


def closed(loop: LoopThread, leader: "Future[str]") -> None:
    loop.close()


ENDS: list[Callable[[LoopThread, "Future[str]"], None]] = [cancelled, stopped, closed]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # tasks of a closed loop
@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_when_the_leader_cannot_go_on_one_of_32_others_fetches_for_all(
    many: Crowd, caplog: pytest.LogCaptureFixture, end: Callable[[LoopThread, "Future[str]"], None]
) -> None:
    with loop_threads(1) as (own,):
        # one that is cancelled shares its loop with those who wait
        loop = many.loops[0] if end is cancelled else own
        leader = many.lead(loop)
        followers = many.follow()
        end(loop, leader)
        assert outcomes(followers) == ["t2"] * (TASKS + THREADS)
        assert many.fetches == 2
        assert many.loops[1].run(many.get()) == many.get_in_thread() == "t2"
        assert many.fetches == 2
    del leader
    gc.collect()
    assert not [record for record in caplog.records if record.name == "concurrent.futures"]


def test_a_leader_whose_loop_runs_again_takes_nothing_away(many: Crowd) -> None:
    goes_on = asyncio.Event()

    async def late() -> Grant:
        await goes_on.wait()
        return Grant(Secret("t1"), 3600)

    many.first = late
    loop = asyncio.new_event_loop()
    leader = loop.create_task(many.get())
    loop.run_until_complete(asyncio.sleep(0))
    assert many.is_fetching.is_set()
    assert outcomes(many.start()) == ["t2"] * (TASKS + THREADS)
    goes_on.set()
    assert loop.run_until_complete(leader) == "t1"
    loop.close()
    assert many.get_in_thread() == "t1"
    assert many.fetches == 2


def test_what_the_leader_fetches_is_everybodys(many: Crowd) -> None:
    goes_on = threading.Event()

    async def good() -> Grant:
        while not goes_on.is_set():
            await asyncio.sleep(0.001)
        return Grant(Secret("t1"), 3600)

    many.first = good
    leader = many.lead(many.loops[0])
    followers = many.follow()
    goes_on.set()
    assert outcomes([leader, *followers]) == ["t1"] * (1 + TASKS + THREADS)
    assert many.fetches == 1


def blocked(goes_on: threading.Event, error: Exception) -> Callable[[], Awaitable[Grant]]:
    """Make a fetch that blocks its thread, and then fails."""

    async def fetch() -> Grant:
        assert goes_on.wait(SECONDS)
        raise error

    return fetch


def test_a_foreign_exception_is_its_threads_own_and_one_of_the_others_fetches(many: Crowd) -> None:
    goes_on = threading.Event()
    many.first = blocked(goes_on, KeyError("a plug-in"))
    leader = in_thread(many.get_in_thread)
    assert many.is_fetching.wait(SECONDS)
    followers = many.follow()
    goes_on.set()
    assert isinstance(leader.exception(SECONDS), KeyError)
    assert outcomes(followers) == ["t2"] * (TASKS + THREADS)
    assert many.fetches == 2


def test_a_refusal_is_everybodys_and_each_has_an_error_of_its_own(many: Crowd) -> None:
    goes_on = threading.Event()
    many.first = blocked(goes_on, AuthError("revoked", code="invalid_grant"))
    leader = in_thread(many.get_in_thread)
    assert many.is_fetching.wait(SECONDS)
    followers = many.follow()
    goes_on.set()
    found = outcomes([leader, *followers])
    assert {type(error) for error in found} == {AuthError}
    assert len({id(error) for error in found}) == 1 + TASKS + THREADS
    assert many.fetches == 1


def test_whoever_has_no_more_time_gives_up_and_the_others_get_the_token(many: Crowd) -> None:
    goes_on = threading.Event()

    async def good() -> Grant:
        while not goes_on.is_set():
            await asyncio.sleep(0.001)
        return Grant(Secret("t1"), 3600)

    many.first = good
    leader = many.lead(many.loops[0])
    hasty: list[Future[str]] = [loop.submit(many.get(0.02)) for loop in many.loops]
    hasty.append(in_thread(lambda: many.get_in_thread(0.02)))
    for error in outcomes(hasty):
        assert isinstance(error, TransportError)
        assert error.failure == "deadline"
    followers = many.follow(2, 2)
    goes_on.set()
    assert outcomes([leader, *followers]) == ["t1"] * 5
    assert many.fetches == 1


@pytest.mark.parametrize(
    "own",
    [TransportError("no more time", failure="deadline"), QuotaError("no max_wait")],
    ids=["time", "quota"],
)
def test_what_the_leader_itself_allows_too_little_of_fails_none_of_the_others(
    many: Crowd, own: Exception
) -> None:
    goes_on = threading.Event()
    many.first = blocked(goes_on, own)
    leader = in_thread(many.get_in_thread)
    assert many.is_fetching.wait(SECONDS)
    followers = many.follow()
    goes_on.set()
    assert outcomes([leader]) == [own]
    assert outcomes(followers) == ["t2"] * (TASKS + THREADS)
    assert many.fetches == 2


def test_waiters_that_are_cancelled_disturb_nobody(many: Crowd) -> None:
    leader = many.lead(many.loops[0])
    followers = many.follow()
    for one in followers[: TASKS // 2]:
        one.cancel()
    for one in followers[: TASKS // 2]:
        with pytest.raises(CancelledError):
            one.result(SECONDS)
    assert not leader.done()
    leader.cancel()
    assert outcomes(followers[TASKS // 2 :]) == ["t2"] * (TASKS // 2 + THREADS)


def test_while_a_task_refreshes_ahead_the_others_use_what_they_have(many: Crowd) -> None:
    many.fetches = 1  # no fetch waits yet
    assert many.get_in_thread() == "t2"
    many.clock.elapsed = 3400
    many.fetches = 0
    leader = many.lead(many.loops[0])
    assert outcomes(many.start()) == ["t2"] * (TASKS + THREADS)
    leader.cancel()
    many.loops[0].settle()
    assert many.get_in_thread() == "t2"
    assert many.fetches == 2


def test_a_refresh_ahead_that_is_never_resumed_holds_nobody_up_once_the_token_has_ended(many: Crowd) -> None:
    many.fetches = 1
    assert many.get_in_thread() == "t2"
    many.clock.elapsed = 3400
    many.fetches = 0
    with loop_threads(1) as (own,):
        leader = many.lead(own)
        own.stop()
        many.clock.elapsed = 4000
        assert outcomes(many.start(2, 2)) == ["t2"] * 4
        assert many.fetches == 2
        cancel(own, leader)


def cancel(loop: LoopThread, leader: "Future[str]") -> None:
    """Let a stopped loop end its tasks."""
    for task in asyncio.all_tasks(loop.loop):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            loop.loop.run_until_complete(task)


def test_a_thread_that_blocks_the_leaders_loop_signs_in_by_itself(many: Crowd) -> None:
    async def blocks() -> str:
        # a `Client` that is used in the midst of a coroutine: the leader cannot go on meanwhile
        return many.get_in_thread()

    leader = many.lead(many.loops[0])
    assert many.loops[0].run(blocks()) == "t2"
    assert many.fetches == 2
    leader.cancel()


FORK = """
import asyncio, os, sys, threading, warnings
from spshipping import Secret
from spshipping.auth.cache import Grant, TokenCache
from spshipping.clock import SystemClock
from spshipping.transport.tasks import AsyncioIo

warnings.simplefilter("ignore")  # forking beside a thread is what is tried here
cache, io = TokenCache(), AsyncioIo(None, SystemClock())
is_fetching, goes_on = threading.Event(), threading.Event()

async def get(fetch):
    return (await cache.get(io, ("k",), fetch, float("inf"))).reveal()

async def slow(_):
    is_fetching.set()
    while not goes_on.is_set():
        await asyncio.sleep(0.001)
    return Grant(Secret("parent"), 3600)

async def quick(_):
    return Grant(Secret("child"), 3600)

thread = threading.Thread(target=lambda: asyncio.run(get(slow)))
thread.start()
is_fetching.wait()
child = os.fork()
if child == 0:
    os._exit(0 if asyncio.run(get(quick)) == "child" else 1)
status = os.waitpid(child, 0)[1]
goes_on.set()
thread.join()
assert asyncio.run(get(quick)) == "parent"
sys.exit(status)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_case_70_a_child_forked_in_the_midst_of_a_tasks_fetch_fetches_by_itself() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FORK], timeout=60, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
