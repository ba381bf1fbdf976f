"""How fast changes come, compared with how fast the quota lets a search read them."""

from datetime import datetime, timedelta

from spshipping.sync.checkpoint import Checkpoint

DAY = timedelta(days=1)
_LEAST = timedelta(hours=20)
"""A shorter span says nothing: there are busy hours and quiet ones."""


class Pace:
    """Counts what came in a span of the time of the changes, over passes; restarts are not noticed."""

    __slots__ = ("_began", "_count", "_size", "_until")

    def __init__(self) -> None:
        self._began: datetime | None = None
        self._until: datetime | None = None
        self._count = 0
        self._size = 0

    def add(self, state: Checkpoint, until: datetime | None, count: int, full: int) -> None:
        """Count a page.

        Args:
            state: the checkpoint before it.
            until: up to when everything has been delivered now; None where the page does not show that.
            count: how much of the page was new.
            full: how much was on it, if another one follows; else 0.
        """
        if self._began is None:
            self._began, self._count = state.until, state.items
        self._until = until
        self._count += count
        self._size = max(self._size, full)

    def per_day(self) -> float | None:
        """Return how many changes a day come; None as long as that cannot be said."""
        if self._began is None or self._until is None or not self._size:
            return None
        span = self._until - self._began
        return self._count / (span / DAY) if span >= _LEAST else None

    def advice(self, per_day: float, rate: float) -> str | None:
        """Return what to do where more comes than *rate* searches a second can read; None otherwise."""
        most = rate * DAY.total_seconds() * self._size
        if per_day <= most:
            return None
        return (
            f"about {per_day:,.0f} changes a day come, and the quota lets searches read {most:,.0f} of them:"
            " the sync falls behind for good; let notifications name what changed (ORDER_CHANGE for orders),"
            " fetch that by its id with changed(), and search only for what they missed"
        )

    def begin_again(self) -> None:
        """Forget what was counted so far, but not how large a page is."""
        self._began = self._until = None
        self._count = 0
