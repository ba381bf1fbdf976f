"""A log of pushed events in the file of a journal, in a table of its own."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from spshipping.clock import Clock
from spshipping.journal.events import MOST_SECONDS, Appended, LoggedEvent, NewEvent, bounded, end_of_day
from spshipping.named import NamedTuple
from spshipping.secret import discreet

if TYPE_CHECKING:
    from sqlite3 import Connection

_WAITING, _DONE, _QUARANTINED = "waiting", "done", "quarantined"
SCHEMA = """
CREATE TABLE events (
    number INTEGER PRIMARY KEY, source TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL,
    text TEXT NOT NULL, personal BLOB, received_at REAL NOT NULL, changed_at REAL NOT NULL,
    due_at REAL NOT NULL, forget_at REAL, deliveries INTEGER NOT NULL, unreadable TEXT,
    UNIQUE (source, key)
);
CREATE INDEX events_waiting ON events (source, number) WHERE state = 'waiting';
CREATE INDEX events_to_forget ON events (forget_at) WHERE forget_at IS NOT NULL;
"""
_SELECT = "SELECT key, text, personal, received_at, deliveries, unreadable FROM events WHERE source = ?"
_INSERT = """
INSERT INTO events (source, key, state, text, personal, received_at, changed_at, due_at, forget_at,
    deliveries, unreadable)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)"""
_DUE = f"{_SELECT} AND state = 'waiting' AND (due_at <= ? OR due_at > ?) ORDER BY number LIMIT 1"
_CLAIMED = "WHERE source = ? AND key = ? AND deliveries = ? AND state = 'waiting'"
_FORGET = "UPDATE events SET personal = NULL, forget_at = NULL WHERE source = ? AND forget_at <= ?"


class EventFile(NamedTuple):
    """What the log needs of the journal whose file it is in."""

    used: Callable[[], AbstractContextManager["Connection"]]
    """Opens the file for one transaction."""
    keeps_personal: Callable[[], bool]
    seal: Callable[[str | None, str], bytes | None]
    """Seals a text for a name."""
    open: Callable[[bytes | None, str], str | None]
    clock: Clock


class SqliteEvents:
    """Keeps the events of one source in the file of a `SqliteJournal`."""

    def __init__(self, source: str, file: EventFile) -> None:
        self._source = source
        self._file = file

    @property
    def keeps_personal(self) -> bool:
        """Whether it keeps what may be personal: it does where the journal has a key, and seals it."""
        return self._file.keeps_personal()

    @discreet
    def append(self, event: NewEvent) -> Appended:
        """Write an event, unless it is there already."""
        file = self._file
        personal = file.seal(event.personal, self._name(event.key)) if file.keeps_personal() else None
        with file.used() as connection:
            row = connection.execute(f"{_SELECT} AND key = ?", (self._source, event.key)).fetchone()
            if row is not None:
                return Appended.REPEAT if row[1] == event.text else Appended.OTHER
            now = self._now()
            connection.execute(_FORGET, (self._source, now))
            is_forgotten = event.is_for_today and personal is not None
            values = (
                self._source,
                event.key,
                _WAITING if event.unreadable is None else _QUARANTINED,
                event.text,
                personal,
                now,
                now,
                now,
                end_of_day(now) if is_forgotten else None,
                event.unreadable,
            )
            connection.execute(_INSERT, values)
            return Appended.NEW

    @discreet
    def claim(self, lease: float) -> LoggedEvent | None:
        """Return the oldest event that is to be handed over now."""
        with self._file.used() as connection:
            now = self._now()
            connection.execute(_FORGET, (self._source, now))
            row = connection.execute(_DUE, (self._source, now, now + MOST_SECONDS)).fetchone()
            if row is None:
                return None
            event = self._event(row)
            event = event._replace(deliveries=event.deliveries + 1)
            values = (event.deliveries, now + bounded(lease), self._source, event.key)
            connection.execute(
                "UPDATE events SET deliveries = ?, due_at = ? WHERE source = ? AND key = ?", values
            )
            return event

    def done(self, event: LoggedEvent) -> bool:
        """Note that a claimed event was handed over."""
        changes = "state = ?, changed_at = ?, personal = NULL, forget_at = NULL"
        return self._changed(event, changes, _DONE, self._now())

    def put_off(self, event: LoggedEvent, seconds: float) -> bool:
        """Let a claimed event be claimed again in *seconds*."""
        return self._changed(event, "due_at = ?", self._now() + bounded(seconds))

    def _changed(self, event: LoggedEvent, changes: str, *values: object) -> bool:
        with self._file.used() as connection:
            asked = f"UPDATE events SET {changes} {_CLAIMED}"  # noqa: S608 - names of ours
            found = connection.execute(asked, (*values, self._source, event.key, event.deliveries))
            return found.rowcount > 0

    @discreet
    def quarantined(self, after: str | None = None, most: int = 100) -> Sequence[LoggedEvent]:
        """Return what could not be read, in the order of keys, after the key *after*."""
        with self._file.used() as connection:
            asked = f"{_SELECT} AND state = ? AND key > ? ORDER BY key LIMIT ?"
            rows = connection.execute(asked, (self._source, _QUARANTINED, after or "", most)).fetchall()
        return [self._event(row) for row in rows]

    def forget(self) -> int:
        """Erase what is for an earlier day; return of how many events."""
        with self._file.used() as connection:
            return connection.execute(_FORGET, (self._source, self._now())).rowcount

    def purge(self, before: datetime) -> int:
        """Remove what was handed over, or put into quarantine, before then; return how many events."""
        with self._file.used() as connection:
            connection.execute(_FORGET, (self._source, self._now()))
            asked = "DELETE FROM events WHERE source = ? AND state <> ? AND changed_at < ?"
            return connection.execute(asked, (self._source, _WAITING, before.timestamp())).rowcount

    def _event(self, row: Sequence[Any]) -> LoggedEvent:
        key, text, personal, received_at, deliveries, unreadable = row
        return LoggedEvent(
            key=key,
            text=text,
            personal=self._file.open(personal, self._name(key)),
            received_at=datetime.fromtimestamp(received_at, UTC),
            deliveries=deliveries,
            unreadable=unreadable,
        )

    def _name(self, key: str) -> str:
        """Return what a sealed text is bound to: it does not open in the place of another."""
        return f"event {self._source} {key}"

    def _now(self) -> float:
        return self._file.clock.now().timestamp()
