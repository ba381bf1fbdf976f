"""What shares many sellers among many workers: a row for each, which one worker at a time has."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from enum import Enum
from typing import Protocol

from spshipping.named import NamedTuple
from spshipping.sync.checkpoint import Checkpoint

MOST_SECONDS = 30 * 86_400.0
"""So far off a row, or a change, may be due at most."""


class Noted(Enum):
    """What came of noting a change."""

    NEW = "new"
    REPEAT = "repeat"
    """It was noted before, delivered or not; no change is written now."""
    UNKNOWN = "unknown"
    """No seller has that name; nothing is written."""


class NewChange(NamedTuple):
    """A change that a notification names; nothing in it is personal."""

    key: str
    """The id of the notification."""
    seller: str
    item_id: str
    """What changed, such as an order."""
    changed_at: datetime | None = None
    """When, where that is stated: another notification of the same change is a repeat too."""


class PendingChange(NamedTuple):
    """A change that a worker has taken."""

    key: str
    item_id: str
    failures: int
    """How often it could not be fetched so far."""


class Quarantined(NamedTuple):
    """What was set aside; it is not taken any more."""

    key: str
    reason: str
    set_aside_at: datetime
    seller: str | None = None
    """None where the seller is not known."""
    item_id: str | None = None


class SellerState(NamedTuple):
    """A seller's row."""

    name: str
    until: datetime | None
    """Whatever was last changed by then was delivered; None before the first search."""
    due_in: float
    """Seconds until it is to be claimed; negative where it waits for a worker."""
    is_owned: bool
    failures: int
    """Failures in a row."""
    changes: int
    """How many changes wait."""


class SellerLease(Protocol):
    """A row that was claimed: the checkpoint store of one seller, for its owner alone.

    It is for one thread at a time. Each method but `load` raises `LeaseLostError` where another owner has
    claimed the row since, or it was released or removed; nothing is written then. A lease that has expired
    still holds until somebody else claims the row. A change that waits no longer is left as it is.
    """

    @property
    def seller(self) -> str:
        """The name of the seller."""
        ...

    @property
    def fence(self) -> int:
        """A number that is greater with each claim, also where the seller was removed and added again."""
        ...

    @property
    def search_in(self) -> float:
        """Seconds until the next search was due when the row was claimed; none or fewer mean now."""
        ...

    @property
    def failures(self) -> int:
        """Failures in a row when the row was claimed."""
        ...

    def load(self) -> Checkpoint | None:
        """Return what was saved last, or None."""
        ...

    def save(self, checkpoint: Checkpoint) -> None:
        """Keep *checkpoint*, and extend the lease; it is safe on return."""
        ...

    def renew(self) -> None:
        """Extend the lease by as long as it was claimed for."""
        ...

    def take(self, most: int) -> Sequence[PendingChange]:
        """Return the oldest changes that wait and are due."""
        ...

    def done(self, changes: Iterable[PendingChange]) -> None:
        """Note that changes were delivered: none of them is taken, or noted, again."""
        ...

    def put_off(self, change: PendingChange, seconds: float, *, is_failure: bool = False) -> None:
        """Let a change be taken again in *seconds*, and count a failure of it where it is one."""
        ...

    def set_aside(self, change: PendingChange, reason: str) -> None:
        """Put a change into quarantine."""
        ...

    def release(self, search_in: float, failures: int = 0) -> None:
        """Give the row back; the next search is due in *search_in* seconds.

        It is due earlier where a change waits, or where it was pulled forward since it was claimed; but not
        where there are *failures*: then nothing comes before the search.
        """
        ...


class SyncLeases(Protocol):
    """Keeps the rows of all sellers, and the changes that notifications name.

    It may block; on return, what it wrote is safe. It is safe for all threads, processes and machines that
    share it. All times are by its own clock. The name of a seller has at most 200 bytes, the key of a change
    and the id of an item have at most 1000; none has a NUL or half of a character: else it is an
    `InvalidRequestError`.
    """

    def add(self, sellers: Iterable[str]) -> int:
        """Add rows, due now; a seller that is there already stays as it is. Return how many are new.

        Raises:
            InvalidRequestError: a name cannot be used, and nothing is added.
        """
        ...

    def remove(self, seller: str) -> bool:
        """Remove a seller's row, with its checkpoint and its changes; False where there is none."""
        ...

    def claim(self, owner: str, lease: float, sellers: AbstractSet[str] | None = None) -> SellerLease | None:
        """Lease the free row that has been due longest, for *lease* seconds, and return it; or None.

        Only rows of *sellers* are claimed; None means all.
        """
        ...

    def note(self, change: NewChange) -> Noted:
        """Note a change, once for each notification and once for each item and time; its seller is due now.

        A seller that fails is due no earlier than it was. What was rejected, such as before the seller had
        a row, is no repeat, and leaves quarantine.
        """
        ...

    def reject(self, key: str, reason: str) -> bool:
        """Put into quarantine what names no seller's change; False where its key is known there."""
        ...

    def pull_forward(self, seller: str, seconds: float = 0.0) -> bool:
        """Let a seller's search be due in *seconds* at the latest; False where there is no such seller.

        A seller that fails is due no earlier than it was.
        """
        ...

    def next_in(self, sellers: AbstractSet[str] | None = None) -> float | None:
        """Return the seconds until a row can be claimed, 0 where one can; None where there is no row.

        Only rows of *sellers* count; None means all.
        """
        ...

    def sellers(self) -> Sequence[SellerState]:
        """Return all rows, in the order of their names."""
        ...

    def quarantined(self, after: str | None = None, most: int = 100) -> Sequence[Quarantined]:
        """Return what was set aside, in the order of keys, after the key *after*."""
        ...

    def purge(self, seconds: float) -> int:
        """Forget what was done or set aside longer ago than *seconds*; return how many changes.

        One that is notified again later is a new one.
        """
        ...


def bounded(seconds: float) -> float:
    """Return in how many seconds something is really due."""
    return min(max(seconds, 0.0), MOST_SECONDS)
