"""The attempts of one call: whatever fails in them is judged by whether it may have been carried out."""

import logging
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from spshipping import (
    Attempt,
    ConfigurationError,
    Deviation,
    MemoryQuota,
    OutcomeUnknownError,
    QuotaError,
    RetryPolicy,
    ThrottledError,
    TransportError,
)
from spshipping.auth.cache import TokenCache
from spshipping.operation import Call, Effect, Operation, Quota
from spshipping.transport.bucket import Reservation
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.transport.io import Late, run
from spshipping.transport.sender import CallSender
from spshipping.transport.threads import ThreadIo
from spshipping.transport.unsettled import call_of
from tests import kit
from tests.at_once import msgspec
from tests.drives import CLIENTS, MakeClient
from tests.kit import FakeClock, ScriptedTransport, Step, answer, raising, refusal
from tests.unit.samples import Gift, Wish
from tests.unit.transport.test_pipeline import CALLS, DOWN, EXPIRED, GOOD, LOST, THROTTLED, UNSENT

FOREIGN = [MemoryError("full"), RecursionError("deep"), ConfigurationError("gone"), ZeroDivisionError("x")]


@pytest.fixture(params=CLIENTS.values(), ids=list(CLIENTS))
def client_of(request: pytest.FixtureRequest) -> MakeClient:
    """Return what makes a client, over threads or over asyncio."""
    made: MakeClient = request.param
    return made


class FailingQuota(MemoryQuota):
    """A keeper of the user's, whose methods fail from some use on."""

    def __init__(self, clock: FakeClock, method: str, error: Exception, after: int = 0) -> None:
        super().__init__(clock)
        self.method, self.error, self.after = method, error, after

    def _fail(self, method: str) -> None:
        if method == self.method:
            self.after -= 1
            if self.after < 0:
                raise self.error

    def reserve(self, *args: Any) -> Reservation:
        self._fail("reserve")
        return super().reserve(*args)

    def learn(self, *args: Any) -> None:
        self._fail("learn")
        super().learn(*args)

    def drain(self, *args: Any) -> None:
        self._fail("drain")
        super().drain(*args)


@pytest.mark.parametrize("error", FOREIGN, ids=repr)
@pytest.mark.parametrize("name", ["keyed", "idempotent"])
def test_a1_a_keeper_that_fails_after_a_purchase_may_have_left_loses_no_key(
    client_of: MakeClient, name: str, error: Exception
) -> None:
    clock = FakeClock()
    transport = ScriptedTransport([LOST])
    client = client_of(transport, clock, quota=FailingQuota(clock, "reserve", error, after=1))
    with pytest.raises(OutcomeUnknownError) as caught:
        client.send(CALLS[name])
    assert caught.value.cause is error
    assert caught.value.__cause__ is error
    assert caught.value.call.key == transport.requests[0].headers.get("x-key")
    assert caught.value.attempts == 1
    assert client.unsettled() == ()


@pytest.mark.parametrize("error", FOREIGN, ids=repr)
@pytest.mark.parametrize("name", CALLS)
def test_a1_a_keeper_that_fails_before_anything_has_left_passes_unchanged(
    client_of: MakeClient, name: str, error: Exception
) -> None:
    clock = FakeClock()
    transport = ScriptedTransport()
    client = client_of(transport, clock, quota=FailingQuota(clock, "reserve", error))
    with pytest.raises(type(error)) as caught:
        client.send(CALLS[name])
    assert caught.value is error
    assert call_of(error) is None
    assert transport.requests == []


@pytest.mark.parametrize("method", ["learn", "drain"])
def test_a1_after_an_answer_no_keeper_can_cost_it(
    client_of: MakeClient, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    stated = {"x-amzn-ratelimit-limit": "1.5"}
    steps = [refusal(429, "QuotaExceeded", **stated), answer(200, {"giftId": "1"}, **stated)]
    client = client_of(
        ScriptedTransport(steps), clock, quota=FailingQuota(clock, method, ZeroDivisionError("Ann"))
    )
    reply = client.send(CALLS["once"])
    assert (reply.value, reply.meta.attempts) == (Gift(gift_id="1"), 2)
    assert caplog.records[0].getMessage() == "the quota keeper raised ZeroDivisionError; ignored"
    assert "Ann" not in caplog.text


def test_a1_a_log_filter_that_raises_costs_no_label(client_of: MakeClient) -> None:
    class Broken(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            raise ValueError(record.getMessage())

    logger, broken = logging.getLogger("spshipping"), Broken()
    logger.addFilter(broken)
    level = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        odd = answer(200, {"giftId": 5})
        reply = client_of(ScriptedTransport([LOST, odd])).send(CALLS["keyed"])
        with pytest.raises(KeyboardInterrupt):
            client_of(ScriptedTransport([KeyboardInterrupt()])).send(CALLS["keyed"])
    finally:
        logger.removeFilter(broken)
        logger.setLevel(level)
    assert reply.value == Gift(gift_id="5")
    assert reply.meta.deviations == (Deviation("giftId", "converted"),)


@pytest.mark.parametrize("error", [MemoryError("full"), RecursionError("deep")], ids=repr)
@pytest.mark.parametrize("name", ["keyed", "once"])
def test_a1_an_answer_that_cannot_be_read_for_want_of_memory_loses_no_key(
    client_of: MakeClient, name: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spshipping.wire.text.parse", raising(error, "spshipping.wire.text"))
    client = client_of(ScriptedTransport([GOOD]))
    client._parts.authorizer._cache = _Full()  # type: ignore[assignment]  # nobody needs to sign in
    with msgspec(is_on=False), pytest.raises(OutcomeUnknownError) as caught:
        client.send(CALLS[name])
    assert caught.value.cause is error
    assert caught.value.status is None
    assert type(error).__name__ in str(caught.value)


class _Full:
    async def get(self, *_: object) -> Any:
        from spshipping import Secret

        return Secret("Atza|1")


def test_a1_of_a_foreign_exception_only_the_name_is_shown(client_of: MakeClient) -> None:
    clock = FakeClock()
    error = ZeroDivisionError("Ann Smith")
    quota = FailingQuota(clock, "reserve", error, after=1)
    with pytest.raises(OutcomeUnknownError) as caught:
        client_of(ScriptedTransport([LOST]), clock, quota=quota).send(CALLS["keyed"])
    assert caught.value.details == "ZeroDivisionError"
    assert "Ann" not in str(caught.value)


def test_a1_an_unknown_outcome_pickles_whatever_its_cause_is(client_of: MakeClient) -> None:
    class LocalError(Exception):
        """Cannot be pickled."""

    clock = FakeClock()
    for cause in (LocalError("x"), ConfigurationError("gone")):
        quota = FailingQuota(clock, "reserve", cause, after=1)
        with pytest.raises(OutcomeUnknownError) as caught:
            client_of(ScriptedTransport([LOST]), clock, quota=quota).send(CALLS["keyed"])
        again = pickle.loads(pickle.dumps(caught.value))
        assert again.call == caught.value.call
        assert str(again) == str(caught.value)
        assert (again.cause is None) is isinstance(cause, LocalError)
        assert caught.value.cause is cause


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
@pytest.mark.parametrize("name", CALLS)
def test_a2_an_interrupt_passes_with_the_call_a_note_a_warning_and_an_attempt(
    name: str, kind: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[Attempt] = []
    error = kind()
    client = kit.client_of(ScriptedTransport([error]), on_reply=seen.append)
    with pytest.raises(kind) as caught:
        client.send(CALLS[name])
    assert caught.value is error
    if name == "none":
        assert (call_of(error), client.unsettled(), caplog.records) == (None, (), [])
        return
    call = call_of(error)
    assert call is not None
    assert call.operation is CALLS[name].operation
    assert (call.key is not None) == (name == "keyed")
    assert [unsettled.call for unsettled in client.unsettled()] == [call]
    (note,) = error.__notes__
    assert call.operation.name in note
    assert (call.key or "look it up at Amazon") in note
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage().startswith(f"{call.operation.name} was interrupted by {kind.__name__}")
    outcomes = [(attempt.outcome, attempt.number, attempt.was_sent, attempt.wait) for attempt in seen]
    # what is being closed cannot wait for who listens
    assert outcomes == ([] if kind is GeneratorExit else [("interrupted", 1, True, None)])


@pytest.mark.parametrize("kind", [TimeoutError, ValueError, RuntimeError])
@pytest.mark.parametrize("name", CALLS)
def test_a2_what_a_signal_handler_raises_is_neither_swallowed_nor_repeated(
    client_of: MakeClient, name: str, kind: type[Exception]
) -> None:
    error = kind("limit")
    transport = ScriptedTransport([error, GOOD])
    client = client_of(transport)
    with pytest.raises(kind) as caught:
        client.send(CALLS[name])
    assert caught.value is error
    assert len(transport.requests) == 1
    assert len(client.unsettled()) == (name != "none")
    assert (call_of(error) is not None) == (name != "none")


def test_a2_what_is_raised_while_nothing_can_have_left_passes_unchanged(client_of: MakeClient) -> None:
    class Unsent(ScriptedTransport):
        def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
            if not request.url.endswith("token"):
                request.was_sent = False
            return super().exchange(request, limits)

    client = client_of(Unsent([KeyboardInterrupt()]))
    with pytest.raises(KeyboardInterrupt) as caught:
        client.send(CALLS["keyed"])
    assert (call_of(caught.value), client.unsettled()) == (None, ())


def test_a2_an_interrupt_during_the_wait_after_a_lost_answer_carries_the_call(client_of: MakeClient) -> None:
    clock = FakeClock()
    transport = ScriptedTransport([LOST])
    client = client_of(transport, clock)
    clock.on_sleep = raising(KeyboardInterrupt(), "shop")
    with pytest.raises(KeyboardInterrupt) as caught:
        client.send(CALLS["keyed"])
    call = call_of(caught.value)
    assert call is not None
    assert call.key == transport.requests[0].headers["x-key"]


@pytest.mark.parametrize(
    ("step", "is_unknown"),
    [
        (GOOD, True),
        (refusal(400, "x"), False),
        (answer(302), False),
        (DOWN, True),
        (UNSENT, False),
        (LOST, True),
    ],
)
def test_a1_what_fails_after_an_answer_is_judged_by_the_answer(
    client_of: MakeClient, step: Step, is_unknown: bool
) -> None:
    class Failing(FakeClock):
        def now(self) -> Any:
            if transport.requests:
                raise MemoryError
            return super().now()

    transport, clock = ScriptedTransport([step]), Failing()
    client = client_of(transport, clock, token_cache=TokenCache(FakeClock()))
    # it is raised by what the caller brought, as a signal handler would
    with pytest.raises(MemoryError) as caught:
        client.send(CALLS["once"])
    assert (call_of(caught.value) is not None) == is_unknown
    assert len(client.unsettled()) == is_unknown


def test_a2_a_call_made_while_another_error_is_handled_is_judged_by_its_own(client_of: MakeClient) -> None:
    clock = FakeClock()
    quota = FailingQuota(clock, "reserve", MemoryError("full"), after=1)
    client = client_of(ScriptedTransport([LOST]), clock, quota=quota)
    try:
        raise KeyError("the caller's own")
    except KeyError:
        with pytest.raises(OutcomeUnknownError) as caught:
            client.send(CALLS["keyed"])
    assert isinstance(caught.value.cause, MemoryError)


def test_a6_a_call_made_inside_another_leaves_the_outer_one_as_it_was() -> None:
    class Outer(ScriptedTransport):
        def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
            if request.url.endswith("token"):
                return super().exchange(request, limits)
            request.was_sent = True
            with pytest.raises(TransportError):
                inner.send(CALLS["none"])
            raise KeyboardInterrupt

    inner = kit.client_of(ScriptedTransport([UNSENT] * 4))
    client = kit.client_of(Outer())
    with pytest.raises(KeyboardInterrupt) as caught:
        client.send(CALLS["once"])
    assert call_of(caught.value) == CALLS["once"]


@pytest.mark.parametrize("stated", ["1e-12", "1e-320", "0", "-1", "nan", "inf", "soon"])
def test_a8_a_rate_that_makes_no_sense_breaks_no_quota(client_of: MakeClient, stated: str) -> None:
    transport = ScriptedTransport()
    client = client_of(transport)
    for name in CALLS:
        mad = {"x-amzn-ratelimit-limit": stated}
        transport.steps += [refusal(429, "QuotaExceeded", **mad), answer(200, {"giftId": "1"}, **mad)]
        assert client.send(CALLS[name], deadline=60.0).meta.attempts == 2


def test_a12_a_refusal_that_ends_in_waiting_too_long_keeps_its_facts(client_of: MakeClient) -> None:
    clock = FakeClock()
    transport = ScriptedTransport([refusal(429, "QuotaExceeded", "slow down", "later", retry_after="0")])
    client = client_of(transport, clock, max_wait=0.1, retry=RetryPolicy(throttled_base=0.0))
    with pytest.raises(QuotaError) as caught:
        client.send(CALLS["keyed"])
    error = caught.value
    assert (error.operation, error.status, error.code, error.request_id) == (
        "buy",
        429,
        "QuotaExceeded",
        "req-1",
    )
    assert (error.attempts, error.details, error.retry_after) == (1, "later", 0.0)
    assert isinstance(error.__cause__, ThrottledError)


def test_a12_attempts_are_those_that_were_sent(client_of: MakeClient) -> None:
    clock = FakeClock()
    client = client_of(ScriptedTransport([THROTTLED] * 3), clock, retry=RetryPolicy(throttled_attempts=3))
    with pytest.raises(ThrottledError) as caught:
        client.send(CALLS["none"])
    assert caught.value.attempts == 3
    with pytest.raises(QuotaError) as waiting:
        client.send(CALLS["none"], max_wait=0)
    assert (waiting.value.attempts, waiting.value.status, waiting.value.__cause__) == (0, None, None)


def test_a12_a_deadline_after_a_lost_answer_keeps_what_came_before(client_of: MakeClient) -> None:
    clock = FakeClock()
    transport = ScriptedTransport([DOWN] * 2, clock=clock, seconds=1.0)
    with pytest.raises(OutcomeUnknownError) as caught:
        client_of(transport, clock).send(CALLS["keyed"], deadline=2.0)
    assert (caught.value.attempts, caught.value.status) == (2, 503)


def test_c6_a_long_wait_for_the_quota_is_said_beforehand(
    client_of: MakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clock = FakeClock()
    client = client_of(ScriptedTransport([GOOD] * 40), clock)
    sender = client._parts.sender
    for _ in range(25):
        sender.parts.quota.keeper.reserve(
            sender.rules.quota_key(CALLS["none"].operation), CALLS["none"].operation.quota, 60.0
        )
    client.send(CALLS["none"])
    waits = [r.getMessage() for r in caplog.records if "waits" in r.getMessage()]
    assert waits == ["look: waits 8 s for the quota, until 12:00:08 UTC"]


def test_c6_a_long_wait_that_an_answer_asks_for_is_said_beforehand(
    client_of: MakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    busy = answer(503, {}, retry_after="180")
    client_of(ScriptedTransport([busy, answer(503, {}, retry_after="4"), GOOD]), FakeClock()).send(
        CALLS["none"]
    )
    waits = [r.getMessage() for r in caplog.records if "waits" in r.getMessage()]
    assert waits == ["look: waits 180 s before the next attempt, until 12:03:00 UTC"]


class LateIo(ThreadIo):
    """Cancels the caller of an exchange, and hands the answer in later, as under asyncio."""

    def __init__(self, late: HttpResponse | HttpFailure) -> None:
        super().__init__(ScriptedTransport(), FakeClock())
        self.late = late
        self.hand_in: Late | None = None

    async def exchange(
        self, request: HttpRequest, limits: Limits, on_late: Late | None = None
    ) -> HttpResponse | HttpFailure:
        request.was_sent = True
        self.hand_in = on_late
        raise KeyboardInterrupt


def sending(io: ThreadIo, call: Call[Any]) -> tuple[CallSender, Callable[[], Any]]:
    """Make a sender with another `Io`, whose calls carry no token."""

    class Open:
        async def authorize(self, request: HttpRequest, call: Call[Any], ends_at: float) -> HttpRequest:
            return request

        def reject(self, request: HttpRequest, call: Call[Any]) -> bool:
            return False

    sender = kit.client_of(ScriptedTransport())._parts.sender
    made = CallSender(sender.rules, sender.parts._replace(io=io, authorizer=Open()))
    return made, lambda: run(made.send(call))


@pytest.mark.parametrize("late", [GOOD, LOST, DOWN])
def test_a2_the_answer_to_a_purchase_whose_caller_was_cancelled_is_kept(late: Any) -> None:
    io = LateIo(late)
    sender, send = sending(io, CALLS["keyed"])
    with pytest.raises(KeyboardInterrupt):
        send()
    (unsettled,) = sender.parts.unsettled.all()
    assert io.hand_in is not None
    io.hand_in(late)
    if late is GOOD:
        assert unsettled.reply is not None
        assert (unsettled.reply.value, unsettled.reply.call) == (Gift(gift_id="1"), unsettled.call)
    else:
        assert unsettled.reply is None


def test_nothing_that_changes_nothing_is_finished_for_a_caller_who_left() -> None:
    io = LateIo(GOOD)
    _, send = sending(io, CALLS["none"])
    with pytest.raises(KeyboardInterrupt):
        send()
    assert io.hand_in is None


def test_a_token_that_cannot_be_replaced_is_refused_once() -> None:
    _, send = sending(ThreadIo(ScriptedTransport([EXPIRED]), FakeClock()), CALLS["none"])
    with pytest.raises(Exception, match="expired"):
        send()


@pytest.mark.parametrize("error", FOREIGN, ids=repr)
def test_a1_what_follows_an_answer_cannot_cost_it(
    client_of: MakeClient, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    follow = raising(error, "shop")
    odd = Operation(
        "odd", "POST /gifts", body=Wish, returns=Gift, quota=Quota(1, 1), effect=Effect.ONCE, after=follow
    )
    reply = client_of(ScriptedTransport([GOOD])).send(odd(body=Wish(text="x")))
    assert reply.value == Gift(gift_id="1")
    message = f"odd: what follows an answer raised {type(error).__name__}; ignored"
    assert [record.getMessage() for record in caplog.records] == [message]
