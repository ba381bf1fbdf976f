"""How a `map` ends: whatever goes wrong outside, each finished result is handed over exactly once."""

import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from functools import partial
from typing import Any

import pytest

from spshipping import Call, Client, Mapped, OutcomeUnknownError, Progress, Reply, TransportError
from spshipping.operation import Effect, Operation, Quota
from spshipping.transport.bulk import _Failed, _Run, mapped
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.transport.io import iterate
from spshipping.transport.threads import ThreadGroup
from spshipping.transport.unsettled import UnsettledCalls
from tests.kit import ScriptedTransport, answer, client_of
from tests.unit.samples import KEY, Gift, Wish
from tests.unit.transport.test_bulk import workers

MANY = Quota(1000.0, 1000)
BUY_MANY = Operation(
    "buyMany", "POST /gifts", body=Wish, returns=Gift, quota=MANY, effect=Effect.KEYED, headers=(KEY,)
)
LOOK_MANY = Operation("lookMany", "GET /gifts/{giftId}", returns=Gift, quota=MANY, effect=Effect.NONE)


def buy(text: str) -> Call[Gift]:
    return BUY_MANY(body=Wish(text=text))


class Till(ScriptedTransport):
    """Sells at once, unless the wish begins with a letter that says otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()
        self.is_asked = threading.Event()
        self.goes_on = threading.Event()
        self.sold: list[str] = []

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        with self.lock:
            if request.url.endswith("token"):
                return super().exchange(request, limits)
            self.requests.append(request)
        body = (request.body or b"").decode()
        if "slow" in body or "lost" in body or request.url.endswith("slow"):
            self.is_asked.set()
            assert self.goes_on.wait(30)
        if "lost" in body:
            return HttpFailure("cut", was_sent=True)
        with self.lock:
            self.sold.append(body)
        return answer(200, {"giftId": body})


def drain(results: Iterator[Mapped[str, Gift]]) -> tuple[list[str], BaseException | None]:
    """Return the items that came, and what was raised at the end."""
    items: list[str] = []
    try:
        for result in results:
            items.append(result.item)  # noqa: PERF401 - what came before the exception counts
    except BaseException as error:
        return items, error
    return items, None


def test_a4_items_that_raise_cost_no_result() -> None:
    def items() -> Iterator[str]:
        yield from "abcdef"
        raise KeyError("first")

    seen: list[Progress] = []
    with client_of(Till()) as client:
        found, error = drain(client.map(buy, items(), concurrency=3, on_progress=seen.append))
    assert sorted(found) == [*"abcdef"]
    assert isinstance(error, KeyError)
    assert sorted(progress.last.item for progress in seen) == [*"abcdef"]
    assert workers() == []


@pytest.mark.parametrize("kind", [KeyError, KeyboardInterrupt])
def test_a4_of_a_factory_that_fails_more_than_once_the_first_exception_is_raised(
    kind: type[BaseException],
) -> None:
    errors: list[BaseException] = []
    barrier = threading.Barrier(2)

    def factory(item: str) -> Call[Gift]:
        if item in "xy":
            barrier.wait(30)
            errors.append(kind(item))
            raise errors[-1]
        return buy(item)

    with client_of(Till()) as client:
        found, error = drain(client.map(factory, "xy", concurrency=2))
    assert found == []
    assert error in errors
    assert len(errors) == 2


def test_a4_a_progress_that_raises_costs_no_result_and_hears_of_the_others() -> None:
    seen: list[str] = []

    def listen(progress: Progress) -> None:
        seen.append(progress.last.item)
        if len(seen) in (2, 3):
            raise KeyError(progress.done)

    with client_of(Till()) as client:
        found, error = drain(client.map(buy, "abcdef", concurrency=4, on_progress=listen))
    assert isinstance(error, KeyError)
    assert error.args == (2,)
    assert sorted(found) == sorted(seen)
    # two had come back, and at most as many as may be under way were still to come
    assert 2 <= len(found) <= 6


def test_a4_a_thread_that_cannot_start_is_told_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    till = Till()
    with client_of(till) as client:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            found, error = drain(client.map(buy, "abc"))
        assert (found, till.sold) == ([], [])
        assert isinstance(error, RuntimeError)
        assert sorted(drain(client.map(buy, "abc"))[0]) == [*"abc"]


def left(client: Client, till: Till, factory: Callable[[str], Call[Gift]], *items: str, **more: Any) -> None:
    """Leave the loop at its first result, while the rest is under way."""
    results = client.map(factory, items, concurrency=len(items), **more)
    assert next(results).item == items[0]
    assert till.is_asked.wait(30)
    threading.Timer(0, till.goes_on.set).start()
    results.close()  # type: ignore[attr-defined]  # it is a generator
    assert workers() == []


def test_a4_a_purchase_under_way_when_the_loop_is_left_is_unsettled_with_its_answer() -> None:
    till = Till()
    with client_of(till) as client:
        left(client, till, buy, "a", "slow")
        (unsettled,) = client.unsettled()
    assert unsettled.reply is not None
    assert unsettled.call == unsettled.reply.call
    assert unsettled.call.key is not None
    assert (unsettled.interrupted_by, unsettled.reply.value.gift_id) == ("the end of map", '{"text":"slow"}')


def test_a4_a_purchase_that_stays_unknown_when_the_loop_is_left_is_unsettled() -> None:
    till = Till()
    with client_of(till) as client:
        left(client, till, buy, "a", "lost")
        (unsettled,) = client.unsettled()
    assert unsettled.reply is None
    keys = {request.headers["x-key"] for request in till.requests if b"lost" in (request.body or b"")}
    assert keys == {unsettled.call.key}


def test_a4_what_changes_nothing_is_let_go_when_the_loop_is_left() -> None:
    till = Till()
    with client_of(till) as client:
        left(client, till, lambda item: LOOK_MANY(path={"giftId": item}), "a", "slow")
        assert client.unsettled() == ()


def test_a4_when_the_loop_is_left_the_progress_hears_of_the_rest_once() -> None:
    till, seen = Till(), list[Progress]()
    with client_of(till) as client:
        left(client, till, buy, "a", "slow", on_progress=seen.append)
        assert client.unsettled() == ()
    assert [progress.last.item for progress in seen] == ["a", "slow"]
    assert [(progress.done, progress.failed, progress.running) for progress in seen] == [(1, 0, 1), (2, 0, 0)]


def test_a_job_that_has_not_begun_when_the_loop_is_left_sends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[threading.Thread] = []
    start = threading.Thread.start

    def one_only(thread: threading.Thread) -> None:
        if started:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    till, seen = Till(), list[Progress]()
    till.goes_on.set()
    results = client_of(till).map(buy, ["a", "slow", "c", "d"], concurrency=4, on_progress=seen.append)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", one_only)
        till.goes_on.clear()
        assert next(results).item == "a"
        assert till.is_asked.wait(30)
    timer = threading.Timer(0.02, till.goes_on.set)
    timer.start()
    results.close()  # type: ignore[attr-defined]  # it is a generator
    assert [progress.last.item for progress in seen] == ["a", "slow", "c", "d"]
    cancelled = [progress.last.error for progress in seen[2:]]
    assert all(isinstance(error, TransportError) and error.failure == "cancelled" for error in cancelled)
    assert len(till.requests) == 2


class CancelledError(BaseException):
    """What cancels a caller, as asyncio's does."""


class Cancellable(ThreadGroup[Any]):
    """A group whose caller can be cancelled; its methods raise what they are given."""

    def __init__(self) -> None:
        super().__init__(4)
        self.raises: dict[str, list[BaseException]] = {"wait": [], "close": []}
        self.closed: list[bool] = []

    def is_cancellation(self, error: BaseException) -> bool:
        return isinstance(error, CancelledError)

    async def wait(self) -> None:
        if self.raises["wait"]:
            raise self.raises["wait"].pop(0)
        await super().wait()

    async def close(self, *, is_cancelled: bool = False) -> None:
        self.closed.append(is_cancelled)
        if self.raises["close"]:
            raise self.raises["close"].pop(0)
        await super().close(is_cancelled=is_cancelled)


def running(
    group: ThreadGroup[Any],
    items: str = "abc",
    on_progress: Callable[[Progress], object] | None = None,
    till: Till | None = None,
) -> tuple[Iterator[Mapped[str, Gift]], UnsettledCalls]:
    """Map over a group of the test's own."""
    sender = client_of(till or Till())._parts.sender

    async def send(call: Call[Gift], is_cancelled: Callable[[], bool]) -> Reply[Gift]:
        return await sender._send(call, {}, is_cancelled=is_cancelled)

    unsettled = UnsettledCalls()
    made: AsyncGenerator[Mapped[str, Gift], None] = mapped(group, send, buy, items, 4, on_progress, unsettled)
    return iterate(made), unsettled


def test_a2_an_interrupt_while_it_waits_loses_nothing_and_is_raised_at_the_end() -> None:
    group = Cancellable()
    group.raises["wait"] = [KeyboardInterrupt("first"), KeyboardInterrupt("second")]
    results, _ = running(group)
    found, error = drain(results)
    assert sorted(found) == [*"abc"]
    assert error is not None
    assert error.args == ("first",)
    assert group.closed == [False]


def test_a2_a_caller_that_is_cancelled_ends_now_and_cancels_what_runs() -> None:
    group = Cancellable()
    group.raises["wait"] = [CancelledError()]
    till = Till()
    results, unsettled = running(group, till=till)
    found, error = drain(results)
    assert isinstance(error, CancelledError)
    assert group.closed == [True]
    # what was bought meanwhile is handed over all the same
    assert len(found) + len(unsettled.all()) == len(till.sold)


def test_a2_interrupts_while_it_ends_lose_nothing() -> None:
    group = Cancellable()
    group.raises["close"] = [KeyboardInterrupt("one"), CancelledError("two")]
    results, _ = running(group)
    found, error = drain(results)
    assert sorted(found) == [*"abc"]
    assert isinstance(error, KeyboardInterrupt)
    assert group.closed == [False, False, True]


def test_a4_a_progress_that_raises_at_the_end_costs_no_other_result() -> None:
    seen: list[str] = []

    def listen(progress: Progress) -> None:
        seen.append(progress.last.item)
        if len(seen) > 1:
            raise KeyError(progress.last.item)

    group = Cancellable()
    results, _ = running(group, "abc", listen)
    first = next(results)
    with pytest.raises(KeyError, match=r"a|b|c"):
        results.close()  # type: ignore[attr-defined]  # it is a generator
    assert sorted(seen) == [*"abc"]
    assert seen[0] == first.item


def test_a4_handing_over_that_was_interrupted_before_it_began_is_done_again() -> None:
    group: ThreadGroup[Any] = ThreadGroup(1)
    run = _Run(group, _never, buy, iter(()), 1, None, UnsettledCalls())
    result: Mapped[str, Gift] = Mapped("a", None, TransportError("x"))
    group.ended.append(result)
    group.running = 1
    # without a frame of its own, as an interrupt at the first instruction: at first it raises, then it works
    steps = map(int, ["interrupt", "1"])
    run._hand_over = partial(next, steps)  # type: ignore[method-assign]
    run._hand_over_rest()
    assert list(steps) == []
    assert (list(group.ended), group.running) == ([], 0)
    with pytest.raises(ValueError, match="interrupt"):
        run.raise_first()


def test_an_error_that_is_known_to_have_done_nothing_is_let_go_at_the_end() -> None:
    unsettled = UnsettledCalls()
    run: _Run[str, Gift] = _Run(ThreadGroup(1), _never, buy, iter(()), 1, None, unsettled)
    run._hand_over(Mapped("a", None, TransportError("x")))
    assert unsettled.all() == ()
    run._hand_over(Mapped("a", None, OutcomeUnknownError("x", call=buy("a"))))
    assert len(unsettled.all()) == 1


def test_a_mistake_that_comes_back_after_the_loop_was_left_is_let_go() -> None:
    group: ThreadGroup[Any] = ThreadGroup(1)
    run = _Run(group, _never, buy, iter(()), 1, None, UnsettledCalls())
    group.ended.append(_Failed(KeyError("x")))
    group.running = 1
    run._drop("what was dropped before")
    assert len(group.ended) == 1
    run._hand_over_rest()
    run.raise_first()
    assert (list(group.ended), group.running) == ([], 0)


async def _never(call: Call[Gift], is_cancelled: Callable[[], bool]) -> Reply[Gift]:
    raise AssertionError("nothing is sent")
