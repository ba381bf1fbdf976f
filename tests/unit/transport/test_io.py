"""The driver of the synchronous client, and the effects under threads."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import Future
from typing import Any

import pytest

from spshipping.transport.http import HttpRequest, Limits
from spshipping.transport.io import iterate, run
from spshipping.transport.threads import ThreadGroup, ThreadIo
from tests.kit import FakeClock, ScriptedTransport, answer, io_of


class Suspended:
    """Never ends by itself."""

    def __init__(self) -> None:
        self.is_closed = False

    async def wait(self) -> None:
        try:
            await asyncio.sleep(0)
        finally:
            self.is_closed = True


def test_a_coroutine_runs_to_its_end_in_one_step() -> None:
    async def inner(number: int) -> int:
        return number + 1

    async def outer() -> int:
        return await inner(1) + await inner(2)

    assert run(outer()) == 5


def test_what_a_coroutine_raises_is_raised() -> None:
    async def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        run(fail())


def test_a_coroutine_that_is_suspended_is_a_bug_and_is_closed() -> None:
    suspended = Suspended()
    with pytest.raises(RuntimeError, match="its Io must block"):
        run(suspended.wait())
    assert suspended.is_closed


class Numbers:
    """An asynchronous generator that says when it was closed."""

    def __init__(self, most: int = 3) -> None:
        self.most = most
        self.made: list[int] = []
        self.is_closed = False

    async def each(self) -> AsyncGenerator[int, None]:
        try:
            for number in range(self.most):
                self.made.append(number)
                yield number
        finally:
            self.is_closed = True


def test_an_asynchronous_generator_is_iterated_one_by_one_to_its_end() -> None:
    numbers = Numbers()
    values = iterate(numbers.each())
    assert (next(values), numbers.made) == (0, [0])
    assert list(values) == [1, 2]
    assert numbers.is_closed


def test_an_asynchronous_generator_that_is_left_is_closed() -> None:
    numbers = Numbers()
    values = iterate(numbers.each())
    assert next(values) == 0
    assert isinstance(values, Iterator)
    values.close()  # type: ignore[attr-defined]  # it is a generator
    assert numbers.is_closed
    assert numbers.made == [0]


def test_what_an_asynchronous_generator_raises_is_raised() -> None:
    async def fail() -> AsyncGenerator[int, None]:
        yield 1
        raise KeyError("x")

    values = iterate(fail())
    assert next(values) == 1
    with pytest.raises(KeyError):
        next(values)


def test_an_asynchronous_generator_that_is_suspended_is_a_bug_and_is_closed() -> None:
    suspended = Suspended()

    async def each() -> AsyncGenerator[int, None]:
        await suspended.wait()
        yield 1

    with pytest.raises(RuntimeError, match="a generator was suspended under threads: its Io must block"):
        next(iterate(each()))
    assert suspended.is_closed


def test_the_effects_of_threads_block_and_return() -> None:
    clock, transport = FakeClock(), ScriptedTransport([answer(200)])
    io = ThreadIo(transport, clock)
    heard: list[int] = []

    async def all_of_them() -> tuple[Any, int]:
        await io.sleep(2.0)
        await io.hook(heard.append, 7)
        got = await io.exchange(HttpRequest("GET", "https://a.example/", {}), Limits(1.0, 2.0, 3.0))
        return got, (await io.plugin(divmod, 7, 2))[1]

    got, rest = run(all_of_them())
    assert (got.status, rest, heard, clock.slept) == (200, 1, [7], [2.0])
    assert transport.limits == [Limits(1.0, 2.0, 3.0)]
    is_alive = io.liveness()
    assert is_alive(False)
    assert not is_alive(True)  # nobody waits for the thread that it blocks


def test_something_of_the_users_is_held_and_let_go() -> None:
    steps: list[str] = []

    @contextlib.contextmanager
    def lock() -> Iterator[int]:
        steps.append("in")
        try:
            yield 5
        finally:
            steps.append("out")

    async def use() -> None:
        async with io_of().holding(lock()) as held:
            steps.append(str(held))
            raise KeyError

    with pytest.raises(KeyError):
        run(use())
    assert steps == ["in", "5", "out"]


def test_a_flight_is_joined_until_it_ends_or_the_time_is_over() -> None:
    io = io_of()
    flight: Future[None] = Future()
    assert not run(io.join(flight, 0.0))
    assert not run(io.join(flight, -5.0))
    flight.set_result(None)
    assert run(io.join(flight, float("inf")))


class Job:
    """A job that ends when it is let go."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.goes_on = threading.Event()

    async def __call__(self) -> str:
        assert self.goes_on.wait(30)
        return self.name


def ready(name: str) -> Job:
    job = Job(name)
    job.goes_on.set()
    return job


def taken(group: ThreadGroup[str], count: int) -> list[str]:
    """Take so many results."""
    found = []
    for _ in range(count):
        run(group.wait())
        found.append(group.ended.popleft())
        group.running -= 1
    return found


def test_jobs_run_side_by_side_on_no_more_threads_than_needed() -> None:
    group: ThreadGroup[str] = ThreadGroup(8)
    one, other = Job("one"), Job("other")
    group.start(one)
    group.start(other)
    assert (group.running, len(group._threads)) == (2, 2)
    other.goes_on.set()
    assert taken(group, 1) == ["other"]
    one.goes_on.set()
    assert taken(group, 1) == ["one"]
    group.start(ready("third"))
    assert taken(group, 1) == ["third"]
    assert len(group._threads) == 2
    run(group.close())
    assert not any(thread.is_alive() for thread in group._threads)
    assert not group.is_cancellation(KeyboardInterrupt())


def test_no_more_threads_than_allowed_are_started() -> None:
    group: ThreadGroup[str] = ThreadGroup(2)
    for number in range(5):
        group.start(ready(str(number)))
    assert sorted(taken(group, 5)) == [*"01234"]
    assert len(group._threads) <= 2
    run(group.close())


def test_closing_waits_for_what_runs_and_lets_what_waits_give_up() -> None:
    group: ThreadGroup[str] = ThreadGroup(2)
    job = Job("a")
    group.start(job)
    assert not group.is_stopped()
    group.stop()
    assert group.is_stopped()
    job.goes_on.set()
    run(group.close(is_cancelled=True))
    assert list(group.ended) == ["a"]


def test_a4_fewer_threads_than_wanted_carry_the_jobs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    group: ThreadGroup[str] = ThreadGroup(8)
    group.start(ready("a"))

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        group.start(ready("b"))
        group.start(ready("c"))
        with pytest.raises(RuntimeError, match="can't start new thread"):
            # without any, nothing would be carried
            ThreadGroup[str](8).start(ready("d"))
    assert sorted(taken(group, 3)) == [*"abc"]
    assert len(group._threads) == 1
    run(group.close())
    assert not [thread for thread in threading.enumerate() if thread.name == "spshipping map"]
