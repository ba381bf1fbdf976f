"""How calls wait: for their turn in the quota, within the budget, until somebody cancels."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from spshipping import (
    OutcomeUnknownError,
    QuotaError,
    QuotaState,
    RetryPolicy,
    ServerError,
    TransportError,
)
from spshipping.operation import Effect, Operation, Quota
from spshipping.transport.bucket import Reservation
from spshipping.transport.io import run
from spshipping.transport.quota import Key, MemoryQuota
from spshipping.transport.retry import RetryBudget
from tests.kit import START, FakeClock, ScriptedTransport, answer, client_of, raising
from tests.unit.samples import GRAB, LIST, LOOK, SLOW, Gift
from tests.unit.transport.test_pipeline import CALLS, DOWN, GOOD, LOST, THROTTLED


def test_a_call_waits_its_turn() -> None:
    clock = FakeClock()
    client = client_of(ScriptedTransport([GOOD] * 12), clock)
    for _ in range(12):
        client.send(CALLS["none"])
    assert clock.elapsed == pytest.approx(1.05)


def test_a_turn_beyond_max_wait_is_a_quota_error_that_says_until_when() -> None:
    clock = FakeClock()
    transport = ScriptedTransport([GOOD] * 10)
    client = client_of(transport, clock)
    for _ in range(10):
        client.send(CALLS["none"])
    with pytest.raises(QuotaError) as caught:
        client.send(CALLS["none"], max_wait=0)
    assert caught.value.wait == pytest.approx(0.55)
    assert caught.value.retry_at is not None
    assert (caught.value.retry_at - clock.now()).total_seconds() == pytest.approx(0.55)
    with pytest.raises(QuotaError):
        client.send(CALLS["none"], deadline=0.1)
    assert (clock.slept, len(transport.requests)) == ([], 10)


def test_failing_at_once_does_not_even_sign_in() -> None:
    transport = ScriptedTransport()
    first = client_of(transport)
    keeper, key = first._parts.sender.parts.quota.keeper, first._parts.sender.rules.quota_key(LOOK)
    for _ in range(10):
        keeper.reserve(key, LOOK.quota, 0)
    with pytest.raises(QuotaError):
        first.send(CALLS["none"], max_wait=0)
    assert transport.sign_ins == 0


def test_a_client_tells_how_a_quota_stands() -> None:
    clock = FakeClock()
    client = client_of(ScriptedTransport([GOOD] * 11), clock)
    assert client.quota(LOOK) == QuotaState(rate=2.0, burst=10, left=10.0, wait=0.0)
    for _ in range(11):
        client.send(CALLS["none"])
    state = client.quota(LOOK)
    assert [state.left, state.wait] == pytest.approx([0.0, 0.5])


def test_case_33_a_429_without_headers_empties_our_own_bucket_and_the_call_is_repeated() -> None:
    clock = FakeClock()
    client = client_of(ScriptedTransport([THROTTLED, GOOD]), clock)
    assert client.send(CALLS["once"]).meta.attempts == 2
    assert clock.elapsed == pytest.approx(0.5)
    assert client.quota(GRAB).left == pytest.approx(0.0)


def test_case_36_a_turn_that_is_minutes_away_fails_at_once_and_costs_nothing() -> None:
    clock = FakeClock()
    slow = Operation("slow", "GET /slow", returns=Gift, quota=Quota(0.0056, 1), effect=Effect.NONE)
    client = client_of(ScriptedTransport([GOOD, GOOD]), clock)
    client.send(slow())
    for _ in range(3):
        with pytest.raises(QuotaError, match=r"its reservation is 178\.6 s away"):
            client.send(slow(), deadline=30.0)
    assert clock.slept == []
    client.send(slow())
    assert clock.elapsed == pytest.approx(178.6, abs=0.1)


def test_a_turn_that_moves_beyond_what_is_allowed_is_given_back() -> None:
    clock = FakeClock()
    client = client_of(ScriptedTransport([GOOD] * 11), clock, max_wait=2.0)
    sender = client._parts.sender
    quota, key = sender.parts.quota.keeper, sender.rules.quota_key(LOOK)
    for _ in range(10):
        client.send(CALLS["none"])
    clock.on_sleep = lambda: quota.learn(key, LOOK.quota, 0.1)
    with pytest.raises(QuotaError):
        client.send(CALLS["none"])
    assert client.quota(LOOK).wait == pytest.approx(9.5, abs=1.0)


def test_max_wait_is_for_all_attempts_of_a_call_together() -> None:
    clock = FakeClock()
    slow = Operation("slow", "GET /slow", returns=Gift, quota=Quota(0.1, 1), effect=Effect.NONE)
    client = client_of(ScriptedTransport([GOOD, THROTTLED, THROTTLED, THROTTLED, GOOD]), clock)
    client.send(slow())
    with pytest.raises(QuotaError, match="later than max_wait") as caught:
        client.send(slow(), max_wait=30.0)
    assert (caught.value.attempts, caught.value.status) == (1, 429)
    assert sum(clock.slept) < 30.0
    assert client.send(slow()).meta.attempts == 3


def test_an_interrupted_wait_gives_its_turn_back() -> None:
    clock = FakeClock()
    client = client_of(ScriptedTransport([GOOD] * 10), clock)
    for _ in range(10):
        client.send(CALLS["none"])

    def interrupt() -> None:
        raise KeyboardInterrupt

    clock.on_sleep = interrupt
    with pytest.raises(KeyboardInterrupt):
        client.send(CALLS["none"])
    assert client.quota(LOOK).left >= 0


def test_a_token_is_looked_at_again_after_a_long_wait_for_the_turn() -> None:
    clock = FakeClock()
    slow = Operation("slow", "GET /slow", returns=Gift, quota=Quota(0.001, 1), effect=Effect.NONE)
    transport = ScriptedTransport([GOOD] * 5)
    client = client_of(transport, clock, deadline=36000.0)
    for _ in range(5):
        client.send(slow())
    tokens = [request.headers["x-amz-access-token"] for request in transport.requests]
    assert tokens == ["Atza|1"] * 4 + ["Atza|2"]


@pytest.mark.parametrize("stated", ["string", "", "NaN", "0", "-1", "1e9", "inf", "2.0, 3.0"])
def test_case_35_a_rate_that_is_nonsense_is_passed_over(stated: str) -> None:
    good = answer(200, {"giftId": "1"}, **{"x-amzn-ratelimit-limit": stated})
    client = client_of(ScriptedTransport([good]))
    client.send(CALLS["none"])
    assert client.quota(LOOK).rate == 2.0


def test_case_35_a_stated_rate_is_taken_for_its_own_operation_only() -> None:
    stating = answer(200, {"giftId": "1"}, **{"x-amzn-ratelimit-limit": "0.5"})
    client = client_of(ScriptedTransport([stating, stating]))
    client.send(CALLS["none"])
    client.send(CALLS["none"])
    assert (client.quota(LOOK).rate, client.quota(GRAB).rate) == (0.5, 2.0)


def test_the_rate_that_amazons_sandbox_states_is_no_rate() -> None:
    stating = answer(200, {"giftId": "1"}, **{"x-amzn-ratelimit-limit": "5.0"})
    client = client_of(ScriptedTransport([stating]), environment="sandbox")
    client.send(CALLS["none"])
    assert client.quota(LOOK).rate == 2.0


def test_operations_without_a_seller_share_the_applications_quota() -> None:
    grantless = Operation(
        "all", "GET /all", returns=Gift, quota=SLOW, effect=Effect.NONE, scope="sellingpartnerapi::x"
    )
    one = client_of(ScriptedTransport([GOOD, GOOD]))
    one.send(grantless())
    one.send(LOOK(path={"giftId": "1"}))
    other = one.for_seller("Atzr|another")
    assert (round(other.quota(grantless).left), round(other.quota(LOOK).left)) == (9, 10)


def test_a_before_that_is_too_young_is_set_back_once_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    pages = [answer(200, {"gifts": [], "pagination": {"nextToken": token}}) for token in ("a+/=", None)]
    transport, clock = ScriptedTransport(pages), FakeClock()
    client = client_of(transport, clock)
    reply = client.send(LIST(query={"kind": "x", "until": clock.now()}))
    clock.elapsed += 3600
    assert reply.next_call is not None
    client.send(reply.next_call)
    assert [request.url.partition("?")[2] for request in transport.requests] == [
        "kind=x&until=2026-03-01T11%3A57%3A55Z",
        "kind=x&until=2026-03-01T11%3A57%3A55Z&page=a%2B%2F%3D",
    ]
    assert [r.getMessage() for r in caplog.records if "two minutes" in r.getMessage()] == [
        "list: until set to two minutes ago, the latest allowed"
    ]


@pytest.mark.parametrize("until", [START - timedelta(minutes=3), "TEST_CASE_200"])
def test_a_before_that_is_old_enough_stays_as_it_is(until: Any) -> None:
    transport = ScriptedTransport([answer(200, {"gifts": []})])
    call = LIST(query={"kind": "x", "until": until})
    assert client_of(transport).send(call).call is call


def test_case_39_the_budget_stops_the_repeats_of_an_outage() -> None:
    budget = RetryBudget(5)
    transport = ScriptedTransport([DOWN] * 200)
    client = client_of(transport, retry_budget=budget)
    for _ in range(100):
        with pytest.raises(ServerError):
            client.with_options(timeout=1.0).send(CALLS["none"])
    assert len(transport.requests) <= 100 * 1.1 + 5


def test_a_repeat_that_succeeds_is_paid_back() -> None:
    budget = RetryBudget(5)
    client = client_of(ScriptedTransport([DOWN, LOST, GOOD] * 50), retry_budget=budget)
    for _ in range(50):
        client.send(CALLS["none"])
    assert budget.left == 5


def test_a_wait_can_be_cancelled() -> None:
    clock, answers = FakeClock(), iter([False, False, True])
    client = client_of(ScriptedTransport([LOST] * 4), clock, retry=RetryPolicy(base=10.0))
    with pytest.raises(OutcomeUnknownError) as caught:
        run(client._parts.sender._send(CALLS["keyed"], {}, is_cancelled=lambda: next(answers)))
    assert isinstance(caught.value.cause, TransportError)
    assert caught.value.cause.failure == "cancelled"
    assert clock.slept == [0.2, 0.2]


def test_a_wait_that_nobody_cancels_takes_as_long_as_any() -> None:
    clock = FakeClock()
    client = client_of(ScriptedTransport([LOST, GOOD]), clock)
    run(client._parts.sender._send(CALLS["keyed"], {}, is_cancelled=lambda: False))
    assert clock.elapsed == pytest.approx(0.25)


class Refusing(MemoryQuota):
    """Takes nothing back."""

    def give_back(self, key: Key, quota: Quota, reservation: Reservation) -> None:
        raise OSError("the disk is full")


def test_a_keeper_that_fails_hides_no_interrupt_of_the_wait(caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock()
    client = client_of(ScriptedTransport([GOOD] * 10), clock, quota=Refusing(clock))
    for _ in range(10):
        client.send(CALLS["none"])
    clock.on_sleep = raising(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        client.send(CALLS["none"])
    assert "the quota keeper raised OSError; ignored" in caplog.text
