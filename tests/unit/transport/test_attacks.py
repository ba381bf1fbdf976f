"""What an adversary found: interrupts at awkward moments, nested sign-ins, wrong answers of plug-ins."""

import logging
import signal
from collections.abc import Callable
from typing import Any

import pytest

from spshipping import Client, Credentials, Effect, InvalidRequestError, Marketplace, OutcomeUnknownError
from spshipping.auth.cache import TokenCache
from spshipping.errors import BadRequestError
from spshipping.operation import Operation, Quota
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.attempts import Execution
from spshipping.transport.http import HttpFailure, HttpRequest, Limits
from spshipping.transport.unsettled import call_of, calls_of
from tests.kit import FakeClock, ScriptedTransport, answer, client_of, raising
from tests.unit.samples import BUY, DROP, Wish

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
    with pytest.raises(InvalidRequestError, match="carries 2 calls"):
        client.resolve(group)


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
