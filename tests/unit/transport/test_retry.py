import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spshipping.operation import Effect
from spshipping.transport.retry import Facts, Outcome, RetryBudget, RetryPolicy

POLICY = RetryPolicy()


def facts(outcome: Outcome, effect: Effect = Effect.NONE, attempt: int = 1, **rest: Any) -> Facts:
    return Facts(attempt, outcome, effect, rest.pop("chance", 0.5), rest.pop("remaining", 600.0), **rest)


REPEATED = {
    Outcome.REFUSED: frozenset(),
    Outcome.UNTRUSTED: frozenset(),
    Outcome.THROTTLED: frozenset(Effect),
    Outcome.UNSENT: frozenset(Effect),
    Outcome.BROKEN: frozenset(Effect) - {Effect.ONCE},
    Outcome.LOST: frozenset(Effect) - {Effect.ONCE},
}


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("effect", Effect)
def test_what_is_repeated_follows_from_outcome_and_effect(outcome: Outcome, effect: Effect) -> None:
    assert (POLICY.decide(facts(outcome, effect)) is not None) is (effect in REPEATED[outcome])


def test_waits_grow_with_full_jitter_up_to_a_cap() -> None:
    policy = RetryPolicy(attempts=20)
    waits = [policy.decide(facts(Outcome.LOST, attempt=n, chance=0.5)) for n in range(1, 8)]
    assert waits == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0]
    assert policy.decide(facts(Outcome.LOST, chance=0.0)) == 0.0
    assert policy.decide(facts(Outcome.THROTTLED)) == 0.5


def test_after_a_429_the_waits_may_grow_as_long_as_one_turn_takes() -> None:
    policy = RetryPolicy(throttled_attempts=3000)
    slow = policy.decide(facts(Outcome.THROTTLED, attempt=2000, rate=0.0056))
    assert slow == pytest.approx(0.5 / 0.0056)
    assert policy.decide(facts(Outcome.THROTTLED, attempt=2000, rate=80.0)) == 10.0


@pytest.mark.parametrize("asked", [7.0, 599.0])
def test_case_34_what_the_answer_asks_for_is_waited(asked: float) -> None:
    assert POLICY.decide(facts(Outcome.THROTTLED, retry_after=asked)) == asked


def test_case_34_what_would_take_longer_than_the_call_may_is_not_waited_for() -> None:
    assert POLICY.decide(facts(Outcome.THROTTLED, retry_after=600.0)) is None
    assert POLICY.decide(facts(Outcome.LOST, retry_after=99999999.0)) is None


@given(
    st.lists(st.sampled_from(Outcome), max_size=60),
    st.sampled_from(Effect),
    st.floats(0, 1, exclude_max=True),
    st.floats(0, 500),
    st.floats(0, 20),
    st.floats(0.001, 100),
)
def test_any_run_of_outcomes_stays_within_attempts_time_and_budget(
    outcomes: list[Outcome], effect: Effect, chance: float, time: float, capacity: float, rate: float
) -> None:
    budget, spent, tries, throttled = RetryBudget(capacity), 0.0, 0, 0
    for outcome in outcomes:
        is_throttled = outcome is Outcome.THROTTLED
        throttled += is_throttled
        tries += not is_throttled
        number = throttled if is_throttled else tries
        wait = budget.decide(
            POLICY, facts(outcome, effect, number, chance=chance, remaining=time - spent, rate=rate)
        )
        if wait is None:
            break
        spent += wait
        assert 0 <= wait <= max(POLICY.cap, 1 / rate)
        assert spent <= time
    assert tries <= POLICY.attempts
    assert throttled <= POLICY.throttled_attempts
    assert 0 <= budget.left <= capacity
    assert capacity - budget.left <= tries


def test_a_repeat_after_a_429_costs_nothing() -> None:
    budget = RetryBudget(0)
    assert budget.decide(POLICY, facts(Outcome.THROTTLED)) == 0.5
    assert budget.decide(POLICY, facts(Outcome.UNSENT)) is None


def test_what_is_not_repeated_costs_nothing() -> None:
    budget = RetryBudget(3)
    assert budget.decide(POLICY, facts(Outcome.REFUSED)) is None
    assert budget.left == 3


def test_the_budget_never_holds_more_than_it_can() -> None:
    budget = RetryBudget(2)
    budget.deposit(5)
    budget.decide(POLICY, facts(Outcome.LOST))
    budget.deposit(5)
    assert budget.left == 2


def test_ten_calls_bring_one_repeat() -> None:
    budget = RetryBudget(1)
    assert budget.decide(POLICY, facts(Outcome.LOST)) is not None
    for _ in range(9):
        budget.deposit()
    assert budget.decide(POLICY, facts(Outcome.LOST)) is None
    budget.deposit()
    assert budget.left == pytest.approx(1.0)


def test_threads_cannot_spend_more_than_there_is() -> None:
    budget = RetryBudget(50)
    granted: list[float | None] = []
    threads = [
        threading.Thread(
            target=lambda: granted.extend(budget.decide(POLICY, facts(Outcome.LOST)) for _ in range(20))
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(wait is not None for wait in granted) == 50


def test_a_lock_that_was_held_at_a_fork_does_not_hold_up_the_child() -> None:
    budget = RetryBudget()
    budget._lock.acquire()
    budget.renew_locks()
    assert budget.decide(POLICY, facts(Outcome.LOST)) is not None
