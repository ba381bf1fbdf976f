import pytest
from hypothesis import given
from hypothesis import strategies as st

from spshipping.operation import Effect
from spshipping.transport.retry import Facts, Outcome, RetryPolicy

POLICY = RetryPolicy()


def facts(outcome: Outcome, effect: Effect = Effect.NONE, attempt: int = 1, **rest: float) -> Facts:
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


def test_what_the_answer_asks_for_is_waited() -> None:
    assert POLICY.decide(facts(Outcome.THROTTLED, retry_after=7.0)) == 7.0
    assert POLICY.decide(facts(Outcome.THROTTLED, retry_after=700.0)) is None


@given(
    st.lists(st.sampled_from([Outcome.LOST, Outcome.THROTTLED, Outcome.UNSENT]), min_size=10, max_size=10),
    st.floats(0, 1, exclude_max=True),
    st.floats(0, 50),
)
def test_any_run_of_outcomes_stays_within_attempts_and_time(
    outcomes: list[Outcome], chance: float, time: float
) -> None:
    spent, attempt = 0.0, 0
    for outcome in outcomes:
        attempt += 1
        wait = POLICY.decide(facts(outcome, attempt=attempt, chance=chance, remaining=time - spent))
        if wait is None:
            break
        spent += wait
        assert spent <= time
    assert attempt <= POLICY.attempts
