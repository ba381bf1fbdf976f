"""A journal that lasts as long as the process: for tests."""

import secrets
import threading
from collections.abc import Collection, Iterable, Sequence

from spshipping.clock import Clock, SystemClock
from spshipping.forks import renew_after_fork
from spshipping.journal.entry import SPENT, Account, Charge, Entry, Scope, State
from spshipping.journal.events import SOURCE
from spshipping.journal.events_memory import MemoryEvents
from spshipping.journal.stepped import Step, Stepped


class MemoryJournal(Stepped):
    """Keeps purchases until the process ends. For tests: what is bought for money belongs on a disk."""

    def __init__(self, *, clock: Clock | None = None) -> None:
        """Make an empty journal; *clock* decides when a lease has ended."""
        self._clock = clock or SystemClock()
        self._entries: dict[Scope, Entry] = {}
        self._events: dict[str, MemoryEvents] = {}
        self._secret = secrets.token_bytes(32)
        self.renew_locks()
        renew_after_fork(self)

    def renew_locks(self) -> None:
        """Leave behind a lock that another thread held when the process was forked."""
        self._lock = threading.RLock()

    @property
    def keeps_personal(self) -> bool:
        """Whether texts may hold personal data: they may, for nothing is written."""
        return True

    def secret(self) -> bytes:
        """Return the key for digests of personal fields."""
        return self._secret

    def _step(self, scope: Scope, step: Step) -> tuple[Entry | None, Entry | None]:
        with self._lock:
            now = self._clock.now().timestamp()
            found = self._entries.get(scope)
            if found is not None:
                found = found._replace(read_at=now)
            made = step(found, now)
            if made is not None:
                self._entries[scope] = made
            return found, made

    def _spent(self, scope: Scope, day: str) -> Iterable[Charge]:
        return [
            found.charge
            for found in self._entries.values()
            if found.scope.account == scope.account
            and found.scope != scope
            and found.day == day
            and found.state in SPENT
            and found.charge is not None
        ]

    def entries(
        self, account: Account, states: Collection[State], after: Scope | None = None, most: int = 100
    ) -> Sequence[Entry]:
        """Return purchases in one of *states*, in the order of scopes, after *after*."""
        with self._lock:
            now = self._clock.now().timestamp()
            return [
                found._replace(read_at=now)
                for scope, found in sorted(self._entries.items())
                if scope.account == account and found.state in states and (after is None or scope > after)
            ][:most]

    def events(self, source: str = SOURCE) -> MemoryEvents:
        """Return the log of what is pushed by *source*; logs of two sources never meet."""
        with self._lock:
            return self._events.setdefault(source, MemoryEvents(self._clock))
