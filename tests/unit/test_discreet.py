"""The door that hides local variables: what must be cleared, and what must not."""

import asyncio
import gc
import inspect
import threading
import traceback
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator, Iterator
from typing import Any

import pytest

from spshipping.secret import conceal, discreet

WORD = "pa55word"


def shown(error: BaseException) -> str:
    """Return all that a crash reporter with local variables would print, of frames in this package."""
    whole = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join(whole.format())


def raised(action: Callable[[], object]) -> BaseException:
    """Return what *action* raises; no local variable of this frame holds the word."""
    try:
        action()
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def refuse(text: str) -> None:
    del text
    raise ValueError("refused")


def fail(word: str) -> None:
    copied = word + "!"
    refuse(copied)


class Pause:
    """Suspends once."""

    def __await__(self) -> Generator[None, None, None]:
        yield


def finish(work: Coroutine[Any, Any, object]) -> None:
    """Run *work* to its end; it may suspend."""
    while True:
        try:
            work.send(None)
        except StopIteration:
            return


@discreet
def function(word: str) -> int:
    fail(word)
    return 1


@discreet
async def coroutine(word: str) -> int:
    await Pause()
    fail(word)
    return 1


@discreet
def generator(word: str) -> Iterator[int]:
    yield 1
    fail(word)


@discreet
async def async_generator(word: str) -> AsyncGenerator[int, None]:
    yield 1
    await Pause()
    fail(word)


async def through(word: str) -> None:
    async for _ in async_generator(word):
        pass


KINDS: dict[str, Callable[[str], object]] = {
    "function": function,
    "coroutine": lambda word: finish(coroutine(word)),
    "generator": lambda word: list(generator(word)),
    "async_generator": lambda word: finish(through(word)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_e3_no_local_variable_is_shown_whatever_kind_of_function_raises(kind: str) -> None:
    error = raised(lambda: KINDS[kind]("pa55" + "word"))
    text = shown(error)
    assert isinstance(error, ValueError)
    assert "in fail" in text
    assert "in refuse" in text
    of_door = [line for line in text.splitlines() if "args =" in line]
    assert of_door == []
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    hidden = [frame for frame in frames if frame.f_code.co_name in ("door", kind, "fail", "refuse")]
    assert len(hidden) >= 4
    assert not any(WORD in repr(frame.f_locals) for frame in hidden)


def test_what_is_returned_yielded_and_sent_passes_unchanged() -> None:
    @discreet
    def add(a: int, *, b: int = 1) -> int:
        return a + b

    @discreet
    async def later(a: int) -> int:
        await Pause()
        return a

    @discreet
    def echo(first: str) -> Generator[str, str, int]:
        got = yield first
        got = yield got.upper()
        return len(got)

    @discreet
    async def numbers(end: int) -> AsyncGenerator[int, None]:
        for number in range(end):
            await Pause()
            yield number

    async def gather() -> list[int]:
        return [number async for number in numbers(3)]

    assert add(1, b=2) == 3
    assert asyncio.run(later_of(later(5))) == 5
    talk = echo("a")
    assert (next(talk), talk.send("b")) == ("a", "B")
    with pytest.raises(StopIteration) as ended:
        talk.send("four")
    assert ended.value.value == 4
    assert asyncio.run(gather()) == [0, 1, 2]


async def later_of(work: Awaitable[int]) -> int:
    return await work


def test_a_door_looks_like_what_is_behind_it() -> None:
    assert inspect.iscoroutinefunction(coroutine)
    assert inspect.isgeneratorfunction(generator)
    assert inspect.isasyncgenfunction(async_generator)
    assert not inspect.iscoroutinefunction(function)
    assert [*inspect.signature(function).parameters] == ["word"]
    assert function.__name__ == "function"


def test_a_generator_that_is_closed_early_closes_what_is_behind_the_door() -> None:
    ended: list[str] = []

    @discreet
    def plain() -> Iterator[int]:
        try:
            yield 1
        finally:
            ended.append("plain")

    @discreet
    async def asynchronous() -> AsyncGenerator[int, None]:
        try:
            yield 1
        finally:
            await Pause()
            ended.append("asynchronous")

    async def first() -> None:
        pages = asynchronous()
        await anext(pages)
        await pages.aclose()

    pages = plain()
    next(pages)
    assert isinstance(pages, Generator)
    pages.close()
    finish(first())
    assert ended == ["plain", "asynchronous"]


def test_causes_contexts_and_groups_are_cleared_too() -> None:
    def chained(word: str) -> None:
        try:
            fail(word)
        except ValueError as error:
            raise KeyError("chained") from error

    def grouped(word: str) -> None:
        errors: list[Exception] = []
        for _ in range(2):
            try:
                chained(word)
            except KeyError as error:
                errors.append(error)
        raise ExceptionGroup("all", errors)

    for action in (chained, grouped):
        hidden = discreet(action)
        error = raised(lambda hidden=hidden: hidden("pa55" + "word"))  # type: ignore[misc]
        assert "chained" in shown(error)
        assert WORD not in shown(error)


def test_an_exception_that_leads_back_to_itself_ends() -> None:
    @discreet
    def circle() -> None:
        first, second = ValueError("first"), ValueError("second")
        first.__cause__, second.__cause__ = second, first
        raise first

    assert str(raised(circle)) == "first"


@pytest.mark.parametrize("kind", ["function", "generator", "coroutine"])
def test_what_the_caller_is_handling_keeps_its_local_variables(kind: str) -> None:
    def outer_fails() -> None:
        kept_by_the_caller = "visible"
        raise KeyError(kept_by_the_caller)

    def caller() -> None:
        running = generator("pa55" + "word")
        next(running)
        try:
            outer_fails()
        except KeyError:
            if kind == "generator":
                next(running)  # begun outside, and resumed where something is handled
            else:
                KINDS[kind]("pa55" + "word")

    error = raised(caller)
    assert isinstance(error.__context__, KeyError)
    assert "kept_by_the_caller = 'visible'" in shown(error)
    assert not any(
        WORD in repr(frame.f_locals)
        for frame, _ in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_name in ("fail", "refuse", kind, "door")
    )


@pytest.mark.parametrize("base", [KeyboardInterrupt, SystemExit, asyncio.CancelledError, GeneratorExit])
def test_exceptions_that_end_a_program_are_cleared_too(base: type[BaseException]) -> None:
    @discreet
    def interrupted(word: str) -> None:
        copied = word * 2
        raise base(len(copied))

    assert WORD not in shown(raised(lambda: interrupted("pa55" + "word")))


def test_a_suspended_coroutine_in_the_traceback_of_a_stored_exception_survives() -> None:
    stored: list[BaseException] = []

    async def fails(word: str) -> None:
        await Pause()
        fail(word)

    async def keeper() -> str:
        own = "still here"
        try:
            await fails("pa55" + "word")
        except ValueError as error:
            stored.append(error)
        await Pause()
        return own

    @discreet
    def raise_again() -> None:
        raise stored[0]

    @discreet
    def raise_from() -> None:
        raise RuntimeError("shared") from stored[0]

    suspended = keeper()
    suspended.send(None)
    suspended.send(None)
    (caught,) = stored
    assert caught.__traceback__ is not None
    assert caught.__traceback__.tb_frame.f_code.co_name == "keeper"
    for action in (raise_from, raise_again):
        error = raised(action)
        of_fails = [f for f, _ in traceback.walk_tb(caught.__traceback__) if f.f_code.co_name == "fails"]
        assert [frame.f_locals for frame in of_fails] == [{}]
        assert error in (caught, error)
        assert inspect.getcoroutinestate(suspended) == inspect.CORO_SUSPENDED
    with pytest.raises(StopIteration) as ended:
        suspended.send(None)
    assert ended.value.value == "still here"


def test_a_suspended_generator_in_a_traceback_survives() -> None:
    def keeper() -> Iterator[str]:
        own = "still here"
        try:
            fail("pa55" + "word")
        except ValueError as error:
            stored.append(error)
        yield "suspended"
        yield own

    stored: list[BaseException] = []
    kept = keeper()
    assert next(kept) == "suspended"
    conceal(stored[0])
    assert next(kept) == "still here"


def test_a_frame_that_runs_in_another_thread_is_left_alone() -> None:
    stored: list[BaseException] = []
    is_stored, may_end = threading.Event(), threading.Event()
    ended: list[str] = []

    def keeper() -> None:
        own = "still here"
        try:
            fail("pa55" + "word")
        except ValueError as error:
            stored.append(error)
            is_stored.set()
            may_end.wait(10)
            ended.append(own)

    thread = threading.Thread(target=keeper)
    thread.start()
    assert is_stored.wait(10)
    conceal(stored[0])
    assert "copied =" not in shown(stored[0])
    may_end.set()
    thread.join()
    assert ended == ["still here"]


def test_a_door_leaves_no_cycle_behind() -> None:
    class OwnError(Exception):
        pass

    @discreet
    def refusing(word: str) -> None:
        raise OwnError(len(word))

    gc.collect()
    gc.disable()
    try:
        seen = weakref.ref(raised(lambda: refusing("word")))
        assert seen() is None
    finally:
        gc.enable()
