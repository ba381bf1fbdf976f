"""A page of what changed, and how much of its window it shows to be done."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from spshipping.sync.checkpoint import Window
from spshipping.sync.digests import digest_of

T = TypeVar("T")


class Change(NamedTuple, Generic[T]):
    """Something that changed."""

    key: str
    """Its id."""
    time: datetime | None
    """When it was last changed; None where that is not known."""
    value: T
    version: object = None
    """The value, or a tuple of values, by which two states of an item are compared; None means `value`."""
    is_kept: bool = True
    """Whether it is noted as delivered; if not, it is delivered each time that it is found."""
    again: T | None = None
    """The value where another state of it was delivered before; None means the same."""

    @property
    def digest(self) -> str:
        """A short digest of its state."""
        return digest_of(self.value if self.version is None else self.version)


class Page(NamedTuple, Generic[T]):
    """One page of what changed in a window."""

    changes: Sequence[Change[T]]
    """In the order of the answer."""
    cursor: str | None
    """The next page."""
    before: datetime | None = None
    """Where the search really ended, if that is known."""
    wait: float = 0.0
    """In how many seconds the quota allows it, where it was not requested."""


def time_in(window: Window, change: Change[T]) -> datetime | None:
    """Return when something was last changed; None where no time is stated that the search could find."""
    time = change.time
    return time if time is not None and window.after <= time <= window.before else None


def order_in(window: Window, change: Change[T]) -> tuple[datetime, str]:
    """Return by what changes are sorted: what has no time comes last."""
    return time_in(window, change) or window.before, change.key


def times_of(window: Window, page: Page[T]) -> list[datetime]:
    """Return the times of a page's changes; none where pages do not come in the order of the last change."""
    found = (time_in(window, change) for change in page.changes)
    times = [time for time in found if time is not None]
    return times if times == sorted(times) else []


def estimate_of(window: Window, page: Page[T]) -> tuple[float | None, int | None]:
    """Return how much of the window is done, and how many pages like this one fill the rest."""
    times = times_of(window, page)
    if not times or window.after == window.before:
        return None, None
    left, span = window.before - times[-1], times[-1] - times[0]
    share = min(1.0, max(0.0, 1 - left / (window.before - window.after)))
    return share, max(1, math.ceil(left / span)) if span else None
