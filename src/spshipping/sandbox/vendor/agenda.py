"""What happens at a time to come, carried out in the order of time."""

import heapq
from collections.abc import Callable

Action = Callable[[int], None]
"""Gets the time at which it was due."""


class Agenda:
    """Actions that wait for their time."""

    def __init__(self) -> None:
        self._number = 0
        self._waiting: list[tuple[int, int, Action]] = []

    def add(self, time: int, action: Action) -> None:
        """Carry out *action* at a time."""
        self._number += 1
        heapq.heappush(self._waiting, (time, self._number, action))

    def run(self, now: int) -> None:
        """Carry out everything that is due; an action may add others."""
        while self._waiting and self._waiting[0][0] <= now:
            time, _, action = heapq.heappop(self._waiting)
            action(time)
