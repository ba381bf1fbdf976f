"""The one loop that repeats what failed: calls, sign-ins and requests to STS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from spshipping.clock import Clock
from spshipping.errors import AnsweredError, SpShippingError
from spshipping.named import NamedTuple
from spshipping.operation import Effect
from spshipping.transport.io import Io
from spshipping.transport.log import log_wait
from spshipping.transport.retry import Facts, Outcome, RetryBudget, RetryPolicy

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Refusal(NamedTuple):
    """The result of an attempt that is no readable success."""

    outcome: Outcome
    error: SpShippingError
    is_about_token: bool = False
    """It says that the token, or the secret, is no longer accepted."""
    retry_after: float | None = None
    is_whole: bool = False
    """An answer came whole, and is something else than was asked for: a repeat hardly brings another one."""
    is_final: bool = False
    """Another attempt would end in the same."""


class Repeatable(Protocol[T_co]):
    """Something that is attempted until it succeeds or no further attempt is right."""

    @property
    def effect(self) -> Effect:
        """What it does, and hence when it may be repeated."""
        ...

    @property
    def rate(self) -> float:
        """Requests per second that its quota allows."""
        ...

    @property
    def ends_at(self) -> float:
        """The monotonic time at which it must be over."""
        ...

    async def attempt(self, number: int) -> T_co | Refusal:
        """Make one attempt; the first is number 1."""
        ...

    async def refresh(self) -> bool:
        """Replace the token or secret that was refused; say whether there can be another."""
        ...

    async def refused(self, refusal: Refusal, wait: float | None) -> None:
        """Learn what an attempt ended in, and the seconds until the next; None where there is none."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait before the next attempt."""
        ...


class Repeats(NamedTuple):
    """By what rules attempts are repeated."""

    io: Io
    retry: RetryPolicy
    budget: RetryBudget
    clock: Clock
    chance: Callable[[], float]


async def repeated(task: Repeatable[T], repeats: Repeats) -> T:
    """Attempt *task* until it succeeds.

    Raises:
        SpShippingError: the error of the last attempt.
    """
    number = throttled = paid = 0
    has_refreshed = False
    repeats.budget.deposit()
    while True:
        number += 1
        result = await task.attempt(number)
        if not isinstance(result, Refusal):
            if paid:
                repeats.budget.deposit(paid)
            return result
        is_throttled = result.outcome is Outcome.THROTTLED
        throttled += is_throttled
        wait: float | None
        if result.is_about_token and not has_refreshed and await task.refresh():
            has_refreshed, wait = True, 0.0
        else:
            has_refreshed = has_refreshed or result.is_about_token
            wait = (
                None
                if result.is_final
                else repeats.budget.decide(
                    repeats.retry,
                    Facts(
                        attempt=throttled if is_throttled else number - throttled,
                        outcome=result.outcome,
                        effect=task.effect,
                        chance=repeats.chance(),
                        remaining=task.ends_at - repeats.clock.monotonic(),
                        retry_after=result.retry_after,
                        rate=task.rate,
                    ),
                )
            )
            paid += wait is not None and not is_throttled
        await task.refused(result, wait)
        if wait is None:
            raise result.error
        error = result.error
        name = error.operation if isinstance(error, AnsweredError) else None
        log_wait(name or "the sign-in", "before the next attempt", wait, repeats.clock.now())
        await task.sleep(wait)
