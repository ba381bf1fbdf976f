"""Leases of one process, which last as long as it does."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from spshipping.clock import Clock, SystemClock
from spshipping.errors import LeaseLostError
from spshipping.forks import renew_after_fork
from spshipping.sync.checkpoint import Checkpoint, CheckpointStore, LockableStore, MemoryCheckpoint
from spshipping.sync.leases import NewChange, Noted, PendingChange, Quarantined, SellerState, bounded
from spshipping.sync.names import check_change, check_id, checked_names, kept_text


@dataclass(slots=True)
class _Kept:
    """A change that waits, is done, or was set aside."""

    seller: str | None
    change: PendingChange
    changed_at: datetime | None
    due_at: float
    over_at: float | None = None
    quarantined: Quarantined | None = None


@dataclass(slots=True)
class _Row:
    store: CheckpointStore
    due_at: float
    search_at: float
    pulled_to: float | None = None
    """The earliest time to which it was pulled forward since it was claimed."""
    lease_until: float | None = None
    """None where it is free."""
    fence: int = 0
    failures: int = 0
    until: datetime | None = None
    waiting: dict[str, _Kept] = field(default_factory=dict)
    users: int = 0
    """How many have locked its checkpoint: one whose lease has ended may still be at work."""

    def free_at(self) -> float:
        """Return when it can be claimed."""
        return self.due_at if self.lease_until is None else max(self.due_at, self.lease_until)

    def pull(self, time: float) -> None:
        """Let it be due then at the latest."""
        if not self.failures:
            self.due_at = min(self.due_at, time)


class MemoryLeases:
    """Keeps rows and changes until the process ends, for its threads; checkpoints as long as you wish."""

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        checkpoints: Callable[[str], CheckpointStore] = lambda _: MemoryCheckpoint(),
    ) -> None:
        """Keep what there is to know of sellers.

        Args:
            clock: what the time is.
            checkpoints: returns where the checkpoint of a seller is kept, such as a `FileCheckpoint`.
        """
        self._clock = clock or SystemClock()
        self._checkpoints = checkpoints
        self._rows: dict[str, _Row] = {}
        self._changes: dict[str, _Kept] = {}
        self._times: set[tuple[str | None, str, datetime]] = set()
        """Of which sellers, items and times a change is known."""
        self._fences = count(1)
        self.renew_locks()
        renew_after_fork(self)

    def renew_locks(self) -> None:
        """Leave behind a lock that another thread held when the process was forked."""
        self._lock = threading.RLock()

    def add(self, sellers: Iterable[str]) -> int:
        """Add rows, due now; return how many are new."""
        names = checked_names(sellers)
        with self._lock:
            now = self._now()
            unknown = [name for name in names if name not in self._rows]
            fresh = {name: _Row(self._checkpoints(name), now, now) for name in unknown}
            self._rows.update(fresh)
            return len(fresh)

    def remove(self, seller: str) -> bool:
        """Remove a seller's row, with its checkpoint and its changes."""
        check_id(seller, "seller")
        with self._lock:
            if self._rows.pop(seller, None) is None:
                return False
            self._forget([key for key, kept in self._changes.items() if kept.seller == seller])
            return True

    def claim(
        self,
        owner: str,  # noqa: ARG002 - for people, who look
        lease: float,
        sellers: AbstractSet[str] | None = None,
    ) -> "MemoryLease | None":
        """Lease the free row of *sellers* that has been due longest, for *lease* seconds, and return it."""
        with self._lock:
            now, lease = self._now(), bounded(lease)
            free = [(row.due_at, name) for name, row in self._of(sellers) if row.free_at() <= now]
            if not free:
                return None
            _, name = min(free)
            row = self._rows[name]
            row.fence = next(self._fences)
            row.lease_until, row.pulled_to = now + lease, None
            return MemoryLease(self, name, row.fence, lease, row.search_at - now, row.failures)

    def note(self, change: NewChange) -> Noted:
        """Note a change, unless it is known."""
        check_change(change)
        with self._lock:
            row = self._rows.get(change.seller)
            if row is None:
                return Noted.UNKNOWN
            seller, changed_at = change.seller, change.changed_at
            time = None if changed_at is None else (seller, change.item_id, changed_at)
            known = self._changes.get(change.key)
            if known is not None and known.seller is None:  # what was rejected was noted for nobody
                del self._changes[change.key]
            if change.key in self._changes or time in self._times:
                return Noted.REPEAT
            if time is not None:
                self._times.add(time)
            now = self._now()
            kept = _Kept(seller, PendingChange(change.key, change.item_id, 0), changed_at, now)
            self._changes[change.key] = row.waiting[change.key] = kept
            row.pull(now)
            return Noted.NEW

    def reject(self, key: str, reason: str) -> bool:
        """Put into quarantine what names no seller's change."""
        check_id(key, "key")
        with self._lock:
            if key in self._changes:
                return False
            now = self._now()
            why = Quarantined(key, kept_text(reason), self._clock.now())
            self._changes[key] = _Kept(None, PendingChange(key, "", 0), None, now, now, why)
            return True

    def pull_forward(self, seller: str, seconds: float = 0.0) -> bool:
        """Let a seller's search be due in *seconds* at the latest."""
        check_id(seller, "seller")
        with self._lock:
            row = self._rows.get(seller)
            if row is None:
                return False
            time = self._now() + bounded(seconds)
            row.pulled_to = time if row.pulled_to is None else min(row.pulled_to, time)
            if not row.failures:
                row.search_at = min(row.search_at, time)
            row.pull(time)
            return True

    def next_in(self, sellers: AbstractSet[str] | None = None) -> float | None:
        """Return the seconds until a row of *sellers* can be claimed."""
        with self._lock:
            now = self._now()
            return min((max(0.0, row.free_at() - now) for _, row in self._of(sellers)), default=None)

    def sellers(self) -> Sequence[SellerState]:
        """Return all rows, in the order of their names."""
        with self._lock:
            now = self._now()
            return [
                SellerState(
                    name=name,
                    until=row.until,
                    due_in=row.due_at - now,
                    is_owned=row.lease_until is not None and row.lease_until > now,
                    failures=row.failures,
                    changes=len(row.waiting),
                )
                for name, row in sorted(self._rows.items())
            ]

    def quarantined(self, after: str | None = None, most: int = 100) -> Sequence[Quarantined]:
        """Return what was set aside, in the order of keys, after the key *after*."""
        with self._lock:
            found = [kept.quarantined for _, kept in sorted(self._changes.items()) if kept.quarantined]
            return [one for one in found if after is None or one.key > after][:most]

    def purge(self, seconds: float) -> int:
        """Forget what was done or set aside longer ago than *seconds*."""
        with self._lock:
            limit = self._now() - seconds
            kept = self._changes.items()
            return self._forget([key for key, one in kept if one.over_at is not None and one.over_at < limit])

    def _of(self, sellers: AbstractSet[str] | None) -> Iterator[tuple[str, _Row]]:
        return ((name, row) for name, row in self._rows.items() if sellers is None or name in sellers)

    def _forget(self, keys: Sequence[str]) -> int:
        for key in keys:
            kept = self._changes.pop(key)
            if kept.changed_at is not None:
                self._times.discard((kept.seller, kept.change.item_id, kept.changed_at))
        return len(keys)

    def _now(self) -> float:
        return self._clock.monotonic()


class MemoryLease:
    """A row of `MemoryLeases` that was claimed."""

    def __init__(
        self, leases: MemoryLeases, seller: str, fence: int, lease: float, search_in: float, failures: int
    ) -> None:
        self.seller: str = seller
        self.fence: int = fence
        self.search_in: float = search_in
        self.failures: int = failures
        self._leases = leases
        self._lease = lease
        self._locked: _Row | None = None

    def lock(self) -> None:
        """Keep syncs outside of these leases from using the checkpoint, where its store can.

        Raises:
            LeaseLostError: another sync has locked it, or the row is another's by now.
        """
        with self._owned() as (row, _):
            if not row.users and isinstance(row.store, LockableStore):
                row.store.lock()
            row.users += 1
            self._locked = row

    def unlock(self) -> None:
        """Let others use the checkpoint."""
        with self._leases._lock:
            row, self._locked = self._locked, None
            if row is None:
                return
            row.users -= 1
            if not row.users and isinstance(row.store, LockableStore):
                row.store.unlock()

    def load(self) -> Checkpoint | None:
        """Return what was saved last, or None."""
        row = self._leases._rows.get(self.seller)
        return row.store.load() if row else None

    def save(self, checkpoint: Checkpoint) -> None:
        """Keep *checkpoint*, and extend the lease."""
        with self._owned() as (row, now):
            row.store.save(checkpoint)
            row.until, row.lease_until = checkpoint.until, now + self._lease

    def renew(self) -> None:
        """Extend the lease by as long as it was claimed for."""
        with self._owned() as (row, now):
            row.lease_until = now + self._lease

    def take(self, most: int) -> Sequence[PendingChange]:
        """Return the oldest changes that wait and are due."""
        with self._owned() as (row, now):
            return [kept.change for kept in row.waiting.values() if kept.due_at <= now][:most]

    def done(self, changes: Iterable[PendingChange]) -> None:
        """Note that changes were delivered."""
        with self._owned() as (row, now):
            for change in changes:
                kept = row.waiting.pop(change.key, None)
                if kept is not None:
                    kept.over_at = now

    def put_off(self, change: PendingChange, seconds: float, *, is_failure: bool = False) -> None:
        """Let a change be taken again in *seconds*, and count a failure of it where it is one."""
        with self._owned() as (row, now):
            kept = row.waiting.get(change.key)
            if kept is not None:
                kept.due_at = now + bounded(seconds)
                kept.change = kept.change._replace(failures=kept.change.failures + is_failure)

    def set_aside(self, change: PendingChange, reason: str) -> None:
        """Put a change into quarantine."""
        with self._owned() as (row, now):
            kept = row.waiting.pop(change.key, None)
            if kept is not None:
                kept.over_at, at = now, self._leases._clock.now()
                kept.quarantined = Quarantined(change.key, kept_text(reason), at, self.seller, change.item_id)

    def release(self, search_in: float, failures: int = 0) -> None:
        """Give the row back; the next search is due in *search_in* seconds, or earlier."""
        with self._owned() as (row, now):
            row.lease_until, row.failures = None, failures
            row.due_at = row.search_at = now + bounded(search_in)
            if not failures:
                if row.pulled_to is not None:
                    row.due_at = row.search_at = min(row.search_at, row.pulled_to)
                waiting = min((kept.due_at for kept in row.waiting.values()), default=row.due_at)
                row.due_at = max(now, min(row.due_at, waiting))  # behind those that are due already

    @contextmanager
    def _owned(self) -> Iterator[tuple[_Row, float]]:
        """Give the row and the present time, while the lock is held.

        Raises:
            LeaseLostError: it is another's by now, or no one's.
        """
        leases = self._leases
        with leases._lock:
            row = leases._rows.get(self.seller)
            if row is None or row.lease_until is None or row.fence != self.fence:
                raise LeaseLostError(
                    "the seller is another worker's by now, or was given back or removed: what it was claimed"
                    " for is claimed again"
                )
            yield row, leases._now()
