"""What happens at a time to come, carried out in the order of time."""

import heapq
from collections.abc import Callable
from itertools import count

Action = Callable[[int], None]
"""Gets the time at which it was due."""


class Agenda:
    """Actions that wait for their time."""

    def __init__(self) -> None:
        self._numbers = count()
        self._waiting: list[tuple[int, int, Action]] = []

    def add(self, time: int, action: Action) -> None:
        """Carry out *action* at a time."""
        heapq.heappush(self._waiting, (time, next(self._numbers), action))

    def run(self, now: int) -> None:
        """Carry out everything that is due; an action may add others."""
        while self._waiting and self._waiting[0][0] <= now:
            time, _, action = heapq.heappop(self._waiting)
            action(time)
