import logging
import math
import pickle
from decimal import Decimal
from typing import Any

import pytest

from spshipping import (
    AccessDeniedError,
    Attempt,
    AuthError,
    BadRequestError,
    ConfigurationError,
    DecodeError,
    Deviation,
    InvalidRequestError,
    OutcomeUnknownError,
    ServerError,
    SpShippingError,
    ThrottledError,
    TransportError,
)
from spshipping.operation import Call
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse
from spshipping.transport.io import run
from spshipping.transport.sender import CallSender
from tests.kit import FakeClock, ScriptedTransport, Step, answer, client_of, refusal
from tests.unit.samples import BUY, DROP, GRAB, LOOK, Gift, Wish

GOOD = answer(200, {"giftId": "1"})
LOST = HttpFailure("cut", was_sent=True)
UNSENT = HttpFailure("connect", was_sent=False)
EXPIRED = refusal(403, "Unauthorized", details="The access token you provided has expired.")
THROTTLED = refusal(429, "QuotaExceeded")
DOWN = answer(503, b"<html>")

CALLS: dict[str, Call[Any]] = {
    "none": LOOK(path={"giftId": "1"}),
    "keyed": BUY(body=Wish(text="x")),
    "once": GRAB(body=Wish(text="x")),
    "idempotent": DROP(path={"giftId": "1"}),
}


def outcome(name: str, *steps: Step) -> tuple[Any, ScriptedTransport]:
    """Send one of the calls against a script; return the value or the error, and the transport."""
    transport = ScriptedTransport(steps)
    try:
        return client_of(transport).send(CALLS[name]).value, transport
    except SpShippingError as error:
        return error, transport


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("first", [UNSENT, THROTTLED, EXPIRED], ids=["unsent", "429", "expired"])
def test_what_was_refused_before_work_is_repeated_for_every_effect(name: str, first: Step) -> None:
    value, transport = outcome(name, first, GOOD)
    assert not isinstance(value, SpShippingError)
    assert len(transport.requests) == 2


@pytest.mark.parametrize("name", ["none", "keyed", "idempotent"])
@pytest.mark.parametrize("first", [LOST, DOWN], ids=["lost", "503"])
def test_what_may_have_happened_is_repeated_where_that_is_harmless(name: str, first: Step) -> None:
    value, transport = outcome(name, first, GOOD)
    assert not isinstance(value, SpShippingError)
    one, other = transport.requests
    assert (one.url, one.body) == (other.url, other.body)
    assert one.headers.get("x-key") == other.headers.get("x-key")


@pytest.mark.parametrize("first", [LOST, DOWN, answer(200, b""), answer(200, b"<html>")])
def test_what_has_no_key_is_never_sent_twice_once_it_may_have_left(first: Step) -> None:
    error, transport = outcome("once", first, GOOD)
    assert isinstance(error, OutcomeUnknownError)
    assert len(transport.requests) == 1
    assert error.call == CALLS["once"]
    assert "look it up at Amazon" in str(error)


@pytest.mark.parametrize(("name", "attempts"), [("none", 2), ("keyed", 4)])
def test_an_answer_to_something_else_is_believed_the_second_time_unless_it_may_have_bought(
    name: str, attempts: int
) -> None:
    error, transport = outcome(name, *[answer(200, "something else")] * 4)
    assert len(transport.requests) == attempts
    cause = error.cause if isinstance(error, OutcomeUnknownError) else error
    assert isinstance(cause, DecodeError)
    assert (cause is error) is (name == "none")
    assert cause.deviations == (Deviation("", "unreadable"),)


def test_a_lost_answer_without_effect_is_a_transport_error() -> None:
    error, transport = outcome("none", LOST, LOST, LOST, LOST)
    assert isinstance(error, TransportError)
    assert (len(transport.requests), error.attempts) == (4, 4)


def test_a_purchase_that_stays_lost_is_unknown_and_carries_its_key() -> None:
    error, transport = outcome("keyed", LOST, DOWN, LOST, DOWN)
    assert isinstance(error, OutcomeUnknownError)
    assert isinstance(error.cause, ServerError)
    assert error.__cause__ is error.cause
    assert error.status == 503
    assert error.call.key == transport.requests[0].headers["x-key"]
    assert {request.headers["x-key"] for request in transport.requests} == {error.call.key}
    assert pickle.loads(pickle.dumps(error)).call == error.call
    assert "client.resolve(error)" in str(error)


@pytest.mark.parametrize(
    "last", [refusal(400, "InvalidInput"), THROTTLED, refusal(403, "Unauthorized"), UNSENT]
)
@pytest.mark.parametrize("name", ["keyed", "idempotent"])
def test_once_it_may_have_happened_only_a_success_settles_it(name: str, last: Step) -> None:
    error, _ = outcome(name, LOST, *[last] * 10)
    assert isinstance(error, OutcomeUnknownError)
    assert {"keyed": "client.resolve(error)", "idempotent": "which is harmless"}[name] in error.message
    assert isinstance(error.cause, SpShippingError)


@pytest.mark.parametrize(
    ("last", "cls"),
    [
        (refusal(400, "InvalidInput"), BadRequestError),
        (THROTTLED, ThrottledError),
        (EXPIRED, AccessDeniedError),
        (UNSENT, TransportError),
        (HttpFailure("tls", was_sent=False), TransportError),
    ],
)
@pytest.mark.parametrize("name", CALLS)
def test_what_surely_did_not_happen_keeps_its_own_error(
    name: str, last: Step, cls: type[SpShippingError]
) -> None:
    error, _ = outcome(name, *[last] * 10)
    assert type(error) is cls


def test_a_refused_token_is_refreshed_once_and_once_only() -> None:
    error, transport = outcome("none", EXPIRED, EXPIRED, GOOD)
    assert isinstance(error, AccessDeniedError)
    assert transport.sign_ins == 2
    assert [r.headers["x-amz-access-token"] for r in transport.requests] == ["Atza|1", "Atza|2"]


def test_a_refusal_for_another_reason_does_not_refresh() -> None:
    error, transport = outcome("none", refusal(403, "Unauthorized", details=""))
    assert isinstance(error, AccessDeniedError)
    assert transport.sign_ins == 1


def test_a_reply_tells_how_it_came() -> None:
    clock = FakeClock()
    transport = ScriptedTransport([DOWN, answer(200, {"giftId": "1"}, **{"x-amzn-ratelimit-limit": "2.0"})])
    reply = client_of(transport, clock).send(CALLS["none"])
    meta = reply.meta
    assert (meta.status, meta.request_id, meta.attempts, meta.rate_limit) == (200, "req-1", 2, "2.0")
    assert meta.elapsed == clock.elapsed == 0.25
    assert meta.received_at == clock.now()
    assert reply.raw == b'{"giftId": "1"}'
    assert reply.call == CALLS["none"]
    assert reply.next_call is None
    assert repr(reply) == "<Reply 200 to look: Gift(gift_id='1')>"


def test_every_attempt_is_told() -> None:
    seen: list[Attempt] = []
    transport = ScriptedTransport([LOST, answer(200, b""), GOOD])
    client_of(transport, on_reply=seen.append).send(CALLS["keyed"])
    assert [(a.number, a.outcome, a.status, a.failure, a.was_sent, a.wait) for a in seen] == [
        (1, "lost", None, "cut", True, 0.25),
        (2, "lost", 200, "unreadable", True, 0.5),
        (3, "answered", 200, None, True, None),
    ]
    assert [round(a.quota_left, 2) for a in seen] == [9.0, 8.4, 8.4]
    assert {(a.operation, a.route) for a in seen} == {("buy", "POST /gifts")}
    assert {a.endpoint for a in seen} == {"https://sellingpartnerapi-eu.amazon.com"}


def test_an_attempt_tells_how_long_it_waited_for_its_turn() -> None:
    seen: list[Attempt] = []
    client = client_of(ScriptedTransport([GOOD] * 11), on_reply=seen.append)
    for _ in range(11):
        client.send(CALLS["none"])
    assert [round(a.waited, 2) for a in seen] == [0.0] * 10 + [0.55]
    assert [a.elapsed for a in seen] == [0.0] * 11


def test_a_watcher_that_raises_costs_no_label(caplog: pytest.LogCaptureFixture) -> None:
    def watch(attempt: Attempt) -> None:
        raise RuntimeError(f"secret {attempt}")

    transport = ScriptedTransport([GOOD])
    assert client_of(transport, on_reply=watch).send(CALLS["keyed"]).value == Gift(gift_id="1")
    assert [record.message for record in caplog.records] == ["on_reply raised RuntimeError; ignored"]


def test_each_kind_of_repair_is_logged_once_and_never_the_value(caplog: pytest.LogCaptureFixture) -> None:
    odd = answer(200, {"giftId": 15786, "notes": ["a", {"b": 1}]})
    client = client_of(ScriptedTransport([odd, odd]))
    for _ in range(2):
        meta = client.send(CALLS["none"]).meta
        assert meta.deviations == (Deviation("giftId", "converted"), Deviation("notes[1]", "unreadable"))
    assert [record.getMessage() for record in caplog.records] == [
        "look: the answer's giftId was converted; read leniently",
        "look: the answer's notes[] was unreadable; read leniently",
    ]


def test_the_log_names_the_operation_and_nothing_of_anybody(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    outcome("keyed", LOST, GOOD)
    assert [(r.levelname, r.getMessage()) for r in caplog.records] == [
        (
            "DEBUG",
            "buy: attempt 1: cut in 0.000 s, after 0.000 s for the quota, 9.0 left; next attempt in 0.250 s,"
            " request None",
        ),
        (
            "DEBUG",
            "buy: attempt 2: 200 in 0.000 s, after 0.000 s for the quota, 8.4 left; no further attempt,"
            " request req-1",
        ),
        ("INFO", "buy: 200 after 2 attempt(s) in 0.250 s, request req-1"),
    ]


def test_a_call_that_fails_has_its_line_in_the_log_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    outcome("once", DOWN)
    outcome("none", refusal(404, "NotFound", "Gift 1 of Ann is not here"))
    assert [r.getMessage() for r in caplog.records] == [
        "grab: OutcomeUnknownError after 1 attempt(s) in 0.000 s, request req-1",
        "look: NotFoundError after 1 attempt(s) in 0.000 s, request req-1",
    ]


def test_strict_raises_but_hands_over_what_was_read() -> None:
    transport = ScriptedTransport([answer(200, {"giftId": 7})])
    with pytest.raises(DecodeError, match="differs from Amazon's own contract at giftId") as caught:
        client_of(transport, strict=True).send(CALLS["keyed"])
    assert caught.value.value == Gift(gift_id="7")
    assert caught.value.deviations == (Deviation("giftId", "converted"),)
    assert len(transport.requests) == 1


def test_strict_is_satisfied_with_a_good_answer() -> None:
    assert client_of(ScriptedTransport([GOOD]), strict=True).send(CALLS["none"]).value == Gift(gift_id="1")


def test_the_deadline_covers_tries_and_waits() -> None:
    clock = FakeClock()
    transport = ScriptedTransport([LOST] * 4, clock=clock, seconds=3.0)
    with pytest.raises(TransportError):
        client_of(transport, clock).send(CALLS["none"], deadline=7.0)
    assert len(transport.requests) == 3
    assert transport.limits[0].ends_at == 1007.0


NO_TIMES: list[tuple[str, Any]] = [
    (name, value)
    for name in ("deadline", "timeout", "max_wait")
    for value in (-1, math.nan, True, "5", None, (5, 0, 1), [1.0], Decimal(5))
]
NO_TIMES += [("deadline", 0), ("timeout", 0), ("timeout", (5, 0)), ("timeout", math.inf), ("tiemout", 3)]


@pytest.mark.parametrize(("name", "value"), NO_TIMES, ids=str)
@pytest.mark.parametrize("call", CALLS)
def test_a9_an_option_that_makes_no_sense_is_refused_before_anything_is_sent(
    call: str, name: str, value: Any
) -> None:
    transport = ScriptedTransport([GOOD])
    options: Any = {name: value}
    with pytest.raises(InvalidRequestError) as caught:
        client_of(transport).send(CALLS[call], **options)
    assert caught.value.path == name
    assert (transport.requests, transport.sign_ins) == ([], 0)


def test_a9_times_that_make_sense_are_taken() -> None:
    transport = ScriptedTransport([GOOD] * 3)
    client = client_of(transport)
    client.send(CALLS["none"], deadline=math.inf, max_wait=0, timeout=1)
    client.send(CALLS["none"], deadline=1, max_wait=math.inf, timeout=(1, 2.5))
    assert [limits.ends_at for limits in transport.limits] == [math.inf, 1001.0]


def test_a_deadline_that_ends_before_the_first_attempt_sends_nothing() -> None:
    clock = FakeClock()

    class Slow(ScriptedTransport):
        def exchange(self, request: Any, limits: Any) -> HttpResponse | HttpFailure:
            clock.elapsed += 5.0
            return super().exchange(request, limits)

    transport = Slow([GOOD])
    with pytest.raises(TransportError, match="time allowed") as caught:
        client_of(transport, clock).send(CALLS["keyed"], deadline=5.0)
    assert (caught.value.failure, caught.value.attempts, caught.value.operation) == ("deadline", 0, "buy")
    assert transport.requests == []


def test_timeouts_come_from_the_client_or_the_call() -> None:
    transport = ScriptedTransport([GOOD] * 3)
    client = client_of(transport, timeout=(1.0, 2.0))
    client.send(CALLS["none"])
    client.send(CALLS["none"], timeout=5.0)
    client.send(CALLS["none"], timeout=(3.0, 4.0))
    assert [(limits.connect, limits.read) for limits in transport.limits] == [
        (1.0, 2.0),
        (5.0, 5.0),
        (3.0, 4.0),
    ]


def test_a_bad_body_is_refused_before_anything_is_sent() -> None:
    transport = ScriptedTransport([GOOD])
    with pytest.raises(InvalidRequestError, match="text: has 11 characters"):
        client_of(transport).send(BUY(body=Wish(text="x" * 11)))
    assert (transport.requests, transport.sign_ins) == ([], 0)


def test_a_sign_in_that_fails_after_a_lost_answer_leaves_the_outcome_unknown() -> None:
    class Refusing(ScriptedTransport):
        def exchange(self, request: Any, limits: Any) -> HttpResponse | HttpFailure:
            if self.sign_ins and request.url.endswith("token"):
                return answer(400, {"error": "invalid_grant"})
            return super().exchange(request, limits)

    with pytest.raises(OutcomeUnknownError) as caught:
        client_of(Refusing([LOST, EXPIRED])).send(CALLS["keyed"])
    assert isinstance(caught.value.cause, AuthError)


def test_whatever_ends_the_call_after_a_lost_answer_leaves_the_outcome_unknown() -> None:
    sender = client_of(ScriptedTransport([LOST]))._parts.sender

    class Failing:
        calls = 0

        async def authorize(self, request: HttpRequest, call: Call[Any], ends_at: float) -> HttpRequest:
            self.calls += 1
            if self.calls > 1:
                raise ConfigurationError("the secret store is gone")
            return request

        def reject(self, request: HttpRequest, call: Call[Any]) -> bool:
            raise AssertionError("nobody refused it")

    failing = CallSender(sender.rules, sender.parts._replace(authorizer=Failing()))
    with pytest.raises(OutcomeUnknownError, match="the secret store is gone") as caught:
        run(failing.send(CALLS["keyed"]))
    assert isinstance(caught.value.cause, ConfigurationError)


def test_an_interrupt_passes_through() -> None:
    with pytest.raises(KeyboardInterrupt):
        client_of(ScriptedTransport([KeyboardInterrupt()])).send(CALLS["keyed"])


def test_resolve_sends_the_same_call_with_the_same_key() -> None:
    error, first = outcome("keyed", LOST, LOST, LOST, LOST)
    second = ScriptedTransport([refusal(400, "InvalidInput"), GOOD])
    client = client_of(second)
    with pytest.raises(OutcomeUnknownError):
        client.resolve(error)
    assert client.resolve(error.call).value == Gift(gift_id="1")
    assert second.requests[1].headers["x-key"] == first.requests[0].headers["x-key"]
    assert second.requests[1].body == first.requests[0].body


@pytest.mark.parametrize("name", ["once", "none", "keyed"])
def test_what_has_no_key_cannot_be_resolved(name: str) -> None:
    with pytest.raises(InvalidRequestError, match="only a call with an idempotency key"):
        client_of(ScriptedTransport()).resolve(CALLS[name])
    with pytest.raises(InvalidRequestError):
        client_of(ScriptedTransport()).resolve(OutcomeUnknownError("x"))
