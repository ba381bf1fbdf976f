"""A ledger in memory, for tests: it ends with the process."""

import threading
from collections.abc import Sequence

from spshipping.clock import SystemClock
from spshipping.forks import renew_after_fork
from spshipping.vendor.ledger import steps
from spshipping.vendor.ledger.entry import Entry, NewEntry, Scope, Settlement, WallClock, Whose


class MemoryLedger:
    """Keeps submissions until the process ends. For tests: what was submitted is forgotten after that."""

    def __init__(self, *, clock: WallClock | None = None) -> None:
        """Make an empty ledger; *clock* decides what is due."""
        self._clock: WallClock = clock or SystemClock()
        self._entries: dict[int, Entry] = {}
        self.renew_locks()
        renew_after_fork(self)

    def renew_locks(self) -> None:
        """Leave behind a lock that another thread held when the process was forked."""
        self._lock = threading.RLock()

    def begin(self, new: NewEntry, lease: float, *, after: int) -> Entry | None:
        """Begin a submission; those of its scope that are in doubt become `SUPERSEDED`."""
        with self._lock:
            found = self.history(new.scope)
            if found and found[-1].number > after:
                return None
            number = len(self._entries) + 1
            return self._kept(steps.begun(found, new, number, self._now(), lease))

    def own(self, number: int, lease: float) -> Entry | None:
        """Return an open submission, for this process to work on."""
        with self._lock:
            found = self.find(number)
            return self._kept(found and steps.owned(found, found.read_at, lease))

    def claim(self, whose: Whose, lease: float) -> Entry | None:
        """Own the open submission that is due longest."""
        with self._lock:
            due = [entry for entry in self._of(whose) if entry.is_due]
            found = min(due, key=lambda entry: (entry.due_at, entry.number), default=None)
            return self._kept(found and steps.owned(found, found.read_at, lease))

    def settle(self, number: int, outcome: Settlement) -> Entry | None:
        """Note what a step has brought."""
        with self._lock:
            found = self.find(number)
            return self._kept(found and steps.settled(found, outcome, found.read_at))

    def find(self, number: int) -> Entry | None:
        """Return a submission, or None."""
        with self._lock:
            found = self._entries.get(number)
            return found and found._replace(read_at=self._now())

    def history(self, scope: Scope) -> Sequence[Entry]:
        """Return all submissions of a scope, the oldest first."""
        whose = Whose(scope.place, scope.vendor_code, scope.kind)
        return [entry for entry in self._of(whose) if entry.scope == scope]

    def entries(
        self, whose: Whose, *, is_open: bool | None = None, after: int = 0, most: int = 100
    ) -> Sequence[Entry]:
        """Return submissions with a number above *after*, the oldest first; those that are open, or not."""
        found = [
            entry for entry in self._of(whose) if entry.number > after and is_open in (None, entry.is_open)
        ]
        return found[:most]

    def latest(self, whose: Whose, *, after: int = 0, most: int = 100) -> Sequence[Entry]:
        """Return the last of each scope that Amazon may have taken, with a number above *after*."""
        last = {entry.scope: entry for entry in self._of(whose) if entry.is_said}
        return sorted(entry for entry in last.values() if entry.number > after)[:most]

    def due_in(self, whose: Whose) -> float | None:
        """Return after how many seconds the next open submission is due."""
        return min((entry.due_at - entry.read_at for entry in self._of(whose) if entry.is_open), default=None)

    def _of(self, whose: Whose) -> list[Entry]:
        with self._lock:
            now = self._now()
            found = [entry for entry in self._entries.values() if whose.has(entry.scope)]
            return [entry._replace(read_at=now) for entry in found]

    def _kept(self, entry: Entry | None) -> Entry | None:
        if entry is not None:
            for each in (*steps.superseded_by(entry, self.history(entry.scope)), entry):
                self._entries[each.number] = each
        return entry

    def _now(self) -> float:
        return self._clock.now().timestamp()
