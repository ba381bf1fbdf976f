"""What an adversary found: interrupts at awkward moments, nested sign-ins, wrong answers of plug-ins."""

import asyncio
import gc
import logging
import signal
import threading
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from spshipping import (
    AsyncClient,
    Call,
    Client,
    Credentials,
    Effect,
    InvalidRequestError,
    Marketplace,
    OutcomeUnknownError,
)
from spshipping.auth.cache import TokenCache
from spshipping.auth.stores import MemoryStore, StoredToken
from spshipping.errors import BadRequestError
from spshipping.operation import Operation, Quota
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.attempts import Execution
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.transport.io import run
from spshipping.transport.tasks import Tasks
from spshipping.transport.threads import ThreadGroup
from spshipping.transport.unsettled import call_of, calls_of
from tests.drives import DRIVES, Drive
from tests.kit import FakeClock, ScriptedTransport, answer, client_of, credentials, raising
from tests.unit.samples import BUY, DROP, Gift, Wish

GOOD = answer(200, {"giftId": "1"})
LOST = HttpFailure("cut", was_sent=True)
PURCHASE = BUY(body=Wish(text="x"))


class Interrupting(logging.Handler):
    """Raises at the first record that begins so, as a signal handler may while a handler writes."""

    def __init__(self, start: str) -> None:
        super().__init__(level=logging.INFO)
        self._start = start

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().startswith(self._start):
            raise KeyboardInterrupt


@pytest.mark.parametrize("step", [GOOD, LOST], ids=["answered", "lost"])
def test_a2_an_interrupt_while_the_end_is_logged_loses_no_purchase(step: Any) -> None:
    logger, handler = logging.getLogger("spshipping"), Interrupting("buy: ")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    client = client_of(ScriptedTransport([step] * 4))
    try:
        with pytest.raises(KeyboardInterrupt) as caught:
            client.send(PURCHASE)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    (unsettled,) = client.unsettled()
    found = call_of(caught.value)
    assert found is not None
    assert found.key == unsettled.call.key
    assert (unsettled.reply is not None) is (step is GOOD)


def test_a2_an_interrupt_while_an_error_is_judged_loses_no_purchase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Execution, "judged", raising(KeyboardInterrupt(), "jobs"))
    client = client_of(ScriptedTransport([LOST] * 4))
    with pytest.raises(KeyboardInterrupt) as caught:
        client.send(PURCHASE)
    assert call_of(caught.value) is not None
    assert len(client.unsettled()) == 1


def test_a2_a_time_limit_inside_requests_carries_nothing_of_the_request() -> None:
    error = TimeoutError("the job took too long")
    transport = RequestsTransport()

    def send(*_: Any, **__: Any) -> None:
        try:
            raising(error, "jobs")()
        except TimeoutError as cause:
            import requests

            raise requests.ReadTimeout(request="the token") from cause  # type: ignore[arg-type]

    transport._home.session.send = send  # type: ignore[method-assign,assignment]
    with pytest.raises(TimeoutError) as caught:
        transport.exchange(HttpRequest("GET", "http://127.0.0.1:9/", {}), Limits(1.0, 1.0, 1e12))
    assert caught.value is error
    assert caught.value.__context__ is caught.value.__cause__ is None
    transport.close()


def test_a2_a_time_limit_inside_a_purchase_passes_as_it_is() -> None:
    clock = FakeClock()
    error = TimeoutError("the job took too long")
    client = client_of(ScriptedTransport([LOST, GOOD]), clock)
    clock.on_sleep = raising(error, "jobs")
    with pytest.raises(TimeoutError) as caught:
        client.send(PURCHASE)
    assert caught.value is error
    assert call_of(error) is not None


def test_a_sign_in_inside_a_sign_in_of_the_same_thread_does_not_wait_for_itself() -> None:
    network = ScriptedTransport([GOOD, GOOD])
    made: list[Client] = []
    calls: list[int] = []

    def secret() -> str:
        calls.append(1)
        if len(calls) == 1:
            made[0].send(PURCHASE)
        return "secret"

    credentials = Credentials("amzn1.application-oa2-client.nested", secret, "Atzr|refresh-nested")
    clock = FakeClock()
    client = Client(
        credentials, Marketplace.UK, transport=network, clock=clock, token_cache=TokenCache(clock)
    )
    made.append(client)
    assert client.send(PURCHASE).meta.status == 200
    assert len(network.requests) == 2


@pytest.mark.parametrize("wrong", [object(), None, "200 OK"])
def test_a1_what_a_transport_returns_in_place_of_an_answer_is_an_unknown_outcome(wrong: Any) -> None:
    client = client_of(ScriptedTransport([wrong]))
    with pytest.raises(OutcomeUnknownError) as caught:
        client.send(PURCHASE)
    assert isinstance(caught.value.cause, TypeError)
    assert caught.value.call.key


@pytest.mark.parametrize("effect", ["ONCE", "once", None])
def test_an_effect_that_is_none_is_refused_when_the_operation_is_made(effect: Any) -> None:
    with pytest.raises(ValueError, match="effect= is an Effect"):
        Operation("odd", "POST /odd", returns=bytes, quota=Quota(1, 1), effect=effect)


def test_an_error_class_that_cannot_hold_an_answer_is_refused_when_the_operation_is_made() -> None:
    with pytest.raises(ValueError, match="no class of answers"):
        Operation(
            "odd",
            "GET /odd",
            returns=bytes,
            quota=Quota(1, 1),
            effect=Effect.NONE,
            errors={"X": InvalidRequestError},
        )


def test_a_group_of_two_unknown_outcomes_is_not_resolved_in_part() -> None:
    client = client_of(ScriptedTransport([LOST] * 8))
    errors: list[OutcomeUnknownError] = []
    for _ in range(2):
        with pytest.raises(OutcomeUnknownError) as caught:
            client.send(PURCHASE)
        errors.append(caught.value)
    group = ExceptionGroup("both", errors)
    assert len(calls_of(group)) == 2
    with pytest.raises(InvalidRequestError, match="carries 2 calls") as refused:
        client.resolve(group)
    assert refused.value.path == "call"


def test_a_cancellation_that_is_unsettled_is_resolved_by_repeating_it() -> None:
    client = client_of(ScriptedTransport([KeyboardInterrupt(), GOOD]))
    with pytest.raises(KeyboardInterrupt):
        client.send(DROP(path={"giftId": "1"}))
    for entry in client.unsettled():
        assert client.resolve(entry).meta.status == 200
    assert client.unsettled() == ()


def test_an_error_with_thousands_of_contexts_is_searched() -> None:
    error: BaseException = ValueError("first")
    for _ in range(3000):
        outer = ValueError("outer")
        outer.__context__ = error
        error = outer
    with pytest.raises(InvalidRequestError, match="can be resolved"):
        client_of(ScriptedTransport()).resolve(error)


def test_a_wait_of_ages_is_a_quota_error() -> None:
    from spshipping import QuotaError

    slow = Operation("slow", "GET /slow", returns=bytes, quota=Quota(1e-12, 1), effect=Effect.NONE)
    client = client_of(ScriptedTransport([answer(200, b"x")] * 2))
    client.send(slow())
    with pytest.raises(QuotaError) as caught:
        client.send(slow())
    assert caught.value.wait > 1e11


def test_a_signal_handler_may_send_a_call_while_the_client_works() -> None:
    client = client_of(ScriptedTransport([GOOD] * 2))
    done: list[int] = []
    lock: Callable[[], object] = client._parts.authorizer._cache._lock.__enter__
    before = signal.signal(signal.SIGUSR1, lambda *_: done.append(client.send(PURCHASE).meta.status))
    try:
        lock()
        signal.raise_signal(signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)
        client._parts.authorizer._cache._lock.__exit__(None, None, None)
    assert done == [200]


def test_an_error_of_amazons_answer_is_a_class_of_answers() -> None:
    made = Operation(
        "fine",
        "GET /fine",
        returns=bytes,
        quota=Quota(1, 1),
        effect=Effect.NONE,
        errors={"X": BadRequestError},
    )
    assert made.errors == {"X": BadRequestError}


class Endless:
    """A transport for asyncio that answers each purchase at once, but the fourth never."""

    def __init__(self) -> None:
        self.purchases = 0

    async def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse:
        if request.url.endswith("token"):
            return answer(200, {"access_token": "Atza|1", "expires_in": 3600})
        request.was_sent = True
        self.purchases += 1
        if self.purchases == 4:
            await asyncio.Event().wait()
        return GOOD

    async def close(self) -> None:
        """Close nothing."""


def wish(text: str) -> Call[Gift]:
    return BUY(body=Wish(text=text))


@pytest.mark.sample(every=3)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # tasks of a closed loop
@pytest.mark.parametrize("collected_in_another", [False, True])
@pytest.mark.parametrize("waits", ["in the body", "for a result"])
def test_a_map_whose_loop_was_closed_ends_and_loses_no_purchase(
    waits: str, collected_in_another: bool
) -> None:
    clock = FakeClock()
    client = AsyncClient(
        credentials(), Marketplace.UK, transport=Endless(), clock=clock, token_cache=TokenCache(clock)
    )
    got: list[str] = []

    async def main() -> None:
        async with client.map(wish, list("abcd"), concurrency=4) as results:
            async for result in results:
                got.append(result.item)
                if waits == "in the body":
                    await asyncio.Event().wait()

    async def collect() -> None:
        gc.collect()

    loop = asyncio.new_event_loop()
    task = loop.create_task(main())
    loop.call_later(0.05, loop.stop)
    loop.run_forever()
    loop.close()
    del task, loop
    if collected_in_another:
        asyncio.run(collect())
    gc.collect()
    kept = {getattr(each.call.body, "text", None): each.reply is not None for each in client.unsettled()}
    assert got == ["a"] if waits == "in the body" else ["a", "b", "c"]
    assert kept == {text: text != "d" for text in "abcd" if text not in got}


def test_a_job_that_ended_as_its_loop_was_stopped_is_collected() -> None:
    group: Tasks[str] = Tasks()

    async def job() -> str:
        return "bought"

    async def start() -> None:
        group.start(job)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(start())
    loop.close()
    assert not group.ended
    run(group.close())
    assert list(group.ended) == ["bought"]


def test_a_map_that_one_of_its_own_threads_collects_as_garbage_ends_and_loses_no_purchase() -> None:
    is_left, is_over, ended = threading.Event(), threading.Event(), threading.Event()

    class Collecting(ScriptedTransport):
        def exchange(self, request: HttpRequest, limits: Limits) -> Any:
            found = super().exchange(request, limits)
            if len(self.requests) == 2:
                assert is_left.wait(30)
                gc.collect()
                is_over.set()
            return found

    client = client_of(Collecting([GOOD] * 2), on_unsettled=lambda _: ended.set())

    def leave() -> None:
        results = client.map(wish, ["a", "b"], concurrency=2)
        cycle: list[Any] = [results]
        cycle.append(cycle)
        next(results)

    gc.disable()
    try:
        leave()
        is_left.set()
        assert is_over.wait(30)
        assert ended.wait(30)
    finally:
        gc.enable()
    (unsettled,) = client.unsettled()
    assert unsettled.reply is not None


def test_at_the_end_of_the_program_a_map_collected_by_its_own_thread_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    group: ThreadGroup[Any] = ThreadGroup(1)
    group._threads.append(threading.current_thread())
    monkeypatch.setattr(threading.Thread, "start", raising(RuntimeError("can't start new thread")))
    assert group.leave(raising(AssertionError()))
    assert group.is_stopped()


@pytest.mark.parametrize("new", DRIVES)
def test_a_mistake_in_a_map_shows_no_item(new: Callable[[], Drive]) -> None:
    drive = new()
    client = drive.client(ScriptedTransport())
    person = "10 Downing Street"
    with pytest.raises(KeyError) as caught:
        list(client.map(raising(KeyError("factory"), "jobs"), [{"street": person}]))
    drive.close()
    # this test's own frame has it
    error = caught.value.with_traceback(caught.tb.tb_next)
    shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "bulk.py" in shown
    assert person not in shown


class Hanging(ScriptedTransport):
    """Answers the first sign-in; each later one takes all the time that it may."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__([GOOD] * 3)
        self._time = clock

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        if not self.sign_ins or not request.url.endswith("token"):
            return super().exchange(request, limits)
        self._time.elapsed += min(limits.read, limits.ends_at - self._time.monotonic())
        return HttpFailure("timeout", was_sent=True)


@pytest.mark.parametrize("new", DRIVES)
def test_a_sign_in_that_hangs_costs_no_call_that_has_a_valid_token(new: Callable[[], Drive]) -> None:
    drive, clock = new(), FakeClock()
    client = drive.client(Hanging(clock), clock)
    client.send(PURCHASE)
    clock.elapsed += 3400
    assert client.send(PURCHASE, deadline=4).meta.elapsed == 2
    clock.elapsed += 11
    assert client.send(PURCHASE).meta.elapsed == 5
    drive.close()


@pytest.mark.parametrize("new", DRIVES)
def test_a_plugin_that_raises_stop_iteration_holds_no_call_up(new: Callable[[], Drive]) -> None:
    class Store(MemoryStore):
        def load(self, key: str) -> StoredToken | None:
            return next(iter(()))

    drive, clock = new(), FakeClock()
    client = drive.client(ScriptedTransport(), clock, token_cache=TokenCache(clock, Store(clock)))
    with pytest.raises(RuntimeError, match="raised StopIteration"):
        client.send(PURCHASE)
    drive.close()
