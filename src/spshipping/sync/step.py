"""One page at a time: a step of a sync, which ends instead of waiting."""

STEP_SECONDS = 30.0
"""So long at most a step waits for the quota: far shorter than a lease."""
STEP_DEADLINE = 120.0
"""So long at most it repeats a call that fails."""


class Step:
    """Stops a pass after one page, or where it would have to wait."""

    __slots__ = ("has_read", "is_under_way", "wait")

    def __init__(self) -> None:
        self.has_read: bool = False
        """Whether a page was fetched."""
        self.is_under_way: bool = False
        """Whether the pass has more pages."""
        self.wait: float = 0.0
        """Seconds for which it would have had to wait."""

    def is_set(self) -> bool:
        """Return whether to stop."""
        return self.has_read

    def note(self, cursor: str | None) -> None:
        """Note that a page was fetched, and which one follows."""
        self.has_read, self.is_under_way = True, cursor is not None
