"""A log of pushed events that lasts as long as the process: for tests."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from spshipping.clock import Clock
from spshipping.forks import renew_after_fork
from spshipping.journal.events import Appended, LoggedEvent, NewEvent, bounded, end_of_day, is_due


@dataclass(slots=True)
class _Kept:
    event: LoggedEvent
    due_at: float
    changed_at: float
    forget_at: float | None = None
    is_done: bool = False

    @property
    def is_waiting(self) -> bool:
        return not self.is_done and self.event.unreadable is None


class MemoryEvents:
    """Keeps events until the process ends."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self.renew_locks()
        renew_after_fork(self)

    def renew_locks(self) -> None:
        """Leave behind a lock that another thread held when the process was forked."""
        self._lock = threading.RLock()

    @property
    def keeps_personal(self) -> bool:
        """Whether it keeps what may be personal: it does, for nothing is written."""
        return True

    def append(self, event: NewEvent) -> Appended:
        """Keep an event, unless it is there already."""
        with self._lock:
            known = self._kept.get(event.key)
            if known is not None:
                return Appended.REPEAT if known.event.text == event.text else Appended.OTHER
            self.forget()
            now = self._now()
            self._kept[event.key] = _Kept(
                LoggedEvent(
                    key=event.key,
                    text=event.text,
                    personal=event.personal,
                    received_at=datetime.fromtimestamp(now, UTC),
                    deliveries=0,
                    unreadable=event.unreadable,
                ),
                due_at=now,
                changed_at=now,
                forget_at=end_of_day(now) if event.is_for_today else None,
            )
            return Appended.NEW

    def claim(self, lease: float) -> LoggedEvent | None:
        """Return the oldest event that is to be handed over now."""
        with self._lock:
            self.forget()
            now = self._now()
            for kept in self._kept.values():
                if kept.is_waiting and is_due(kept.due_at, now):
                    kept.due_at = now + bounded(lease)
                    kept.event = kept.event._replace(deliveries=kept.event.deliveries + 1)
                    return kept.event
            return None

    def done(self, event: LoggedEvent) -> bool:
        """Note that a claimed event was handed over."""
        with self._lock:
            kept = self._claimed(event)
            if kept is None:
                return False
            kept.event = kept.event._replace(personal=None)
            kept.is_done, kept.changed_at = True, self._now()
            return True

    def put_off(self, event: LoggedEvent, seconds: float) -> bool:
        """Let a claimed event be claimed again in *seconds*."""
        with self._lock:
            kept = self._claimed(event)
            if kept is None:
                return False
            kept.due_at = self._now() + bounded(seconds)
            return True

    def quarantined(self, after: str | None = None, most: int = 100) -> Sequence[LoggedEvent]:
        """Return what could not be read, in the order of keys, after the key *after*."""
        with self._lock:
            return [
                kept.event
                for key, kept in sorted(self._kept.items())
                if kept.event.unreadable is not None and (after is None or key > after)
            ][:most]

    def forget(self) -> int:
        """Erase what is for an earlier day; return of how many events."""
        with self._lock:
            now = self._now()
            over = [
                kept for kept in self._kept.values() if kept.forget_at is not None and kept.forget_at <= now
            ]
            for kept in over:
                kept.event, kept.forget_at = kept.event._replace(personal=None), None
            return len(over)

    def purge(self, before: datetime) -> int:
        """Remove what was handed over, or put into quarantine, before then; return how many events."""
        with self._lock:
            self.forget()
            limit = before.timestamp()
            over = [
                key for key, kept in self._kept.items() if not kept.is_waiting and kept.changed_at < limit
            ]
            for key in over:
                del self._kept[key]
            return len(over)

    def _claimed(self, event: LoggedEvent) -> _Kept | None:
        kept = self._kept.get(event.key)
        is_ours = kept is not None and kept.is_waiting and kept.event.deliveries == event.deliveries
        return kept if is_ours else None

    def _now(self) -> float:
        return self._clock.now().timestamp()
