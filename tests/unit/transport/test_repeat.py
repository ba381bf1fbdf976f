"""The one loop that repeats, whatever it is that is attempted."""

import pytest

from spshipping.errors import ServerError
from spshipping.operation import Effect
from spshipping.transport.io import run
from spshipping.transport.repeat import Refusal, Repeats, repeated
from spshipping.transport.retry import Outcome, RetryBudget, RetryPolicy
from tests.kit import FakeClock, ScriptedTransport, io_of

BROKEN = Refusal(Outcome.BROKEN, ServerError("broken"))
THROTTLED = Refusal(Outcome.THROTTLED, ServerError("throttled"))
REFUSED = Refusal(Outcome.REFUSED, ServerError("refused"))
STALE = Refusal(Outcome.REFUSED, ServerError("stale"), is_about_token=True)


class Task:
    """Something that is attempted, and follows a script."""

    effect = Effect.NONE
    rate = 2.0

    def __init__(self, *steps: str | Refusal, is_renewable: bool = True, ends_at: float = 2000.0) -> None:
        self.steps = list(steps)
        self.is_renewable = is_renewable
        self.ends_at = ends_at
        self.numbers: list[int] = []
        self.refreshed = 0
        self.ended_in: list[tuple[str, float | None]] = []
        self.slept: list[float] = []

    async def attempt(self, number: int) -> str | Refusal:
        self.numbers.append(number)
        return self.steps.pop(0)

    async def refresh(self) -> bool:
        self.refreshed += 1
        return self.is_renewable

    async def refused(self, refusal: Refusal, wait: float | None) -> None:
        self.ended_in.append((str(refusal.error), wait))

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def rules(retry: RetryPolicy | None = None, budget: RetryBudget | None = None) -> Repeats:
    clock = FakeClock()
    io = io_of(ScriptedTransport(), clock)
    return Repeats(io, retry or RetryPolicy(), budget or RetryBudget(), clock, lambda: 0.5)


def test_a_success_is_returned_at_once() -> None:
    task = Task("good")
    assert run(repeated(task, rules())) == "good"
    assert (task.numbers, task.slept, task.ended_in) == ([1], [], [])


def test_what_fails_is_attempted_again_after_a_wait_that_it_hears_of() -> None:
    task = Task(BROKEN, THROTTLED, "good")
    assert run(repeated(task, rules())) == "good"
    assert task.numbers == [1, 2, 3]
    assert task.slept == [0.25, 0.5]
    assert task.ended_in == [("broken", 0.25), ("throttled", 0.5)]


def test_the_last_error_is_raised_when_no_further_attempt_is_right() -> None:
    task = Task(*[BROKEN] * 4)
    with pytest.raises(ServerError, match="broken"):
        run(repeated(task, rules()))
    assert task.ended_in[-1] == ("broken", None)
    assert len(task.slept) == 3
    task = Task(REFUSED)
    with pytest.raises(ServerError, match="refused"):
        run(repeated(task, rules()))
    assert task.refreshed == 0


def test_a_429_and_another_failure_are_counted_apart() -> None:
    task = Task(*[THROTTLED, BROKEN] * 3, *[THROTTLED] * 6, BROKEN)
    with pytest.raises(ServerError, match="broken"):
        run(repeated(task, rules()))
    assert task.numbers == list(range(1, 14))


def test_a_token_is_refreshed_once_and_without_a_wait() -> None:
    task = Task(STALE, "good")
    assert run(repeated(task, rules())) == "good"
    assert (task.refreshed, task.slept) == (1, [0.0])
    task = Task(STALE, STALE, "never")
    with pytest.raises(ServerError, match="stale"):
        run(repeated(task, rules()))
    assert task.refreshed == 1


def test_a_token_that_cannot_be_refreshed_is_not_tried_again() -> None:
    task = Task(STALE, "never", is_renewable=False)
    with pytest.raises(ServerError, match="stale"):
        run(repeated(task, rules()))
    task = Task(Refusal(Outcome.BROKEN, ServerError("odd"), is_about_token=True), STALE, is_renewable=False)
    with pytest.raises(ServerError, match="stale"):
        run(repeated(task, rules()))
    assert task.refreshed == 1


def test_what_the_answer_asks_for_is_waited_and_the_end_is_kept() -> None:
    task = Task(BROKEN._replace(retry_after=7.0), "good")
    assert run(repeated(task, rules())) == "good"
    assert task.slept == [7.0]
    task = Task(BROKEN._replace(retry_after=7.0), "never", ends_at=1006.0)
    with pytest.raises(ServerError):
        run(repeated(task, rules()))
    assert task.slept == []


def test_a_repeat_that_succeeds_is_paid_back_and_one_that_fails_is_not() -> None:
    budget = RetryBudget(5.0)
    run(repeated(Task(BROKEN, THROTTLED, BROKEN, "good"), rules(budget=budget)))
    assert budget.left == 5.0
    with pytest.raises(ServerError):
        run(repeated(Task(BROKEN, THROTTLED, BROKEN, REFUSED), rules(budget=budget)))
    assert budget.left == 3.0


def test_no_repeat_is_sent_without_a_budget() -> None:
    task = Task(BROKEN, "never")
    with pytest.raises(ServerError):
        run(repeated(task, rules(budget=RetryBudget(0.0))))
    assert task.numbers == [1]
