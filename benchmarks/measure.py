"""Measures alternately, and returns rows with a ratio, and a goal where there is one."""

import asyncio
import statistics
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, NamedTuple

CONCURRENT = 50
"""Calls that are under way at a time where they are made on an event loop."""


class Row(NamedTuple):
    """One line of the table."""

    part: str
    what: str
    ratio: float | None
    """To the base of its part; None where it could not be measured."""
    goal: float | None = None
    """The most that the ratio may be."""
    note: str = ""

    @property
    def is_missed(self) -> bool:
        """Return whether there is a goal, and it is not met."""
        return self.goal is not None and (self.ratio is None or self.ratio > self.goal)


def cpu_seconds(
    work: Mapping[str, Callable[[], object]],
    *,
    rounds: int,
    calls: int,
    is_best_of: bool = False,
    warm_up: int | None = None,
) -> dict[str, float]:
    """Return the CPU seconds of one call of each; each round measures all of them, one after another.

    Args:
        work: what to call, by name.
        rounds: how often each is measured.
        calls: how many calls are measured at a time.
        is_best_of: the least of all rounds (for pure computation) instead of the median.
        warm_up: how many calls come first; None for as many as in a round, at most 20.
    """
    taken: dict[str, list[float]] = {name: [] for name in work}
    for call in work.values():
        for _ in range(min(calls, 20) if warm_up is None else warm_up):
            call()
    for _ in range(rounds):
        for name, call in work.items():
            began = time.process_time()
            for _ in range(calls):
                call()
            taken[name].append((time.process_time() - began) / calls)
    choose: Callable[[Iterable[float]], float] = min if is_best_of else statistics.median
    return {name: choose(times) for name, times in taken.items()}


async def side_by_side(make: Callable[[], Coroutine[Any, Any, object]], calls: int) -> None:
    """Make so many calls on the running loop, 50 at a time."""

    async def some() -> None:
        for _ in range(calls // CONCURRENT):
            await make()

    await asyncio.gather(*(some() for _ in range(CONCURRENT)))
