"""Interleaved measuring, and what comes of it: rows with a ratio, and a goal where there is one."""

import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple


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
        """Say whether there is a goal, and it is not met."""
        return self.goal is not None and (self.ratio is None or self.ratio > self.goal)


def cpu_seconds(
    work: Mapping[str, Callable[[], object]], *, rounds: int, calls: int, is_best_of: bool = False
) -> dict[str, float]:
    """Return the CPU seconds of one call of each: all of them in turn, round after round.

    Args:
        work: what to call, by name.
        rounds: how often each has its turn.
        calls: how many calls make a turn.
        is_best_of: the least of all turns (for pure computation) instead of the median.
    """
    taken: dict[str, list[float]] = {name: [] for name in work}
    for call in work.values():
        for _ in range(min(calls, 20)):
            call()
    for _ in range(rounds):
        for name, call in work.items():
            began = time.process_time()
            for _ in range(calls):
                call()
            taken[name].append((time.process_time() - began) / calls)
    choose: Callable[[Iterable[float]], float] = min if is_best_of else statistics.median
    return {name: choose(times) for name, times in taken.items()}
