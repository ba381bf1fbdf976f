"""A ledger in one file of SQLite's, for all threads and processes of one machine."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Self

from spshipping.clock import SystemClock
from spshipping.journal.file import FileKind, SqliteFile
from spshipping.vendor.ledger import steps
from spshipping.vendor.ledger.entry import (
    MOST_SECONDS,
    Entry,
    NewEntry,
    Scope,
    Settlement,
    WallClock,
    Whose,
)
from spshipping.vendor.ledger.rows import (
    COLUMNS,
    IS_OPEN,
    IS_SAID,
    SCOPE,
    condition_of,
    entry_of,
    row_of,
    values_of,
)

if TYPE_CHECKING:
    from sqlite3 import Connection

_SCHEMA = f"""
CREATE TABLE submissions (
    number INTEGER PRIMARY KEY AUTOINCREMENT, place TEXT NOT NULL, vendor_code TEXT NOT NULL,
    kind TEXT NOT NULL, reference TEXT NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL,
    began_at REAL NOT NULL, due_at REAL NOT NULL, sent_at REAL, transaction_id TEXT, outcome TEXT,
    has_been_in_doubt INTEGER NOT NULL, warnings TEXT NOT NULL
);
CREATE INDEX submissions_by_reference ON submissions (place, vendor_code, kind, reference, number);
CREATE INDEX submissions_open ON submissions (place, due_at) WHERE {IS_OPEN};
"""
_KIND = FileKind("ledger of submissions", application_id=0x53505302, version=1, schema=_SCHEMA)
_SELECT = f"SELECT {', '.join(COLUMNS)} FROM submissions"  # noqa: S608 - names of ours
_KEEP = (
    f"INSERT INTO submissions ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608
    f" ON CONFLICT (number) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in COLUMNS[1:])}"
)
_HISTORY = f"{_SELECT} WHERE ({', '.join(SCOPE)}) = (?, ?, ?, ?) ORDER BY number"
_NUMBER = "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'submissions'"


class SqliteLedger:
    """Keeps submissions in one file, for all threads and processes of this machine; never on a network drive.

    What is written is on the disk on return. The file belongs to its owner only. Close the ledger, or use it
    in `with`.
    """

    def __init__(self, path: str | os.PathLike[str], *, clock: WallClock | None = None) -> None:
        """Use the file *path*; it, and its folder, are made when the ledger is first used.

        Args:
            path: the file; `~` is the user's home.
            clock: decides what is due, and when a process that died has lost what it worked on.
        """
        self._clock: WallClock = clock or SystemClock()
        self._file = SqliteFile(path, _KIND)
        self.path: Path = self._file.path

    def begin(self, new: NewEntry, lease: float, *, after: int) -> Entry | None:
        """Begin a submission; it is on the disk on return."""
        with self._file.changed() as connection:
            found = self._found(connection, _HISTORY, values_of(new.scope))
            if found and found[-1].number > after:
                return None
            (number,) = connection.execute(_NUMBER).fetchone()
            return self._kept(connection, steps.begun(found, new, number, self._now(), lease))

    def own(self, number: int, lease: float) -> Entry | None:
        """Return an open submission, for this process to work on."""
        with self._file.changed() as connection:
            found = self._one(connection, f"{_SELECT} WHERE number = ?", (number,))
            return self._kept(connection, found and steps.owned(found, found.read_at, lease))

    def claim(self, whose: Whose, lease: float) -> Entry | None:
        """Own the open submission that is due longest."""
        test, values = condition_of(whose, "?")
        now = self._now()
        asked = (
            f"{_SELECT} WHERE {test} AND {IS_OPEN} AND (due_at <= ? OR due_at > ?)"
            " ORDER BY due_at, number LIMIT 1"
        )
        with self._file.changed() as connection:
            found = self._one(connection, asked, (*values, now, now + MOST_SECONDS))
            return self._kept(connection, found and steps.owned(found, found.read_at, lease))

    def settle(self, number: int, outcome: Settlement) -> Entry | None:
        """Note what a step has brought; it is on the disk on return."""
        with self._file.changed() as connection:
            found = self._one(connection, f"{_SELECT} WHERE number = ?", (number,))
            return self._kept(connection, found and steps.settled(found, outcome, found.read_at))

    def find(self, number: int) -> Entry | None:
        """Return a submission, or None."""
        with self._file.used() as connection:
            return self._one(connection, f"{_SELECT} WHERE number = ?", (number,))

    def history(self, scope: Scope) -> Sequence[Entry]:
        """Return all submissions of a scope, the oldest first."""
        with self._file.used() as connection:
            return self._found(connection, _HISTORY, values_of(scope))

    def entries(
        self, whose: Whose, *, is_open: bool | None = None, after: int = 0, most: int = 100
    ) -> Sequence[Entry]:
        """Return submissions with a number above *after*, the oldest first; those that are open, or not."""
        test, values = condition_of(whose, "?")
        state = {None: "", True: f" AND {IS_OPEN}", False: f" AND NOT {IS_OPEN}"}[is_open]
        asked = f"{_SELECT} WHERE {test} AND number > ?{state} ORDER BY number LIMIT ?"
        with self._file.used() as connection:
            return self._found(connection, asked, (*values, after, most))

    def latest(self, whose: Whose, *, after: int = 0, most: int = 100) -> Sequence[Entry]:
        """Return the last of each scope that Amazon may have taken, with a number above *after*."""
        test, values = condition_of(whose, "?")
        last = f"SELECT max(number) FROM submissions WHERE {test} AND {IS_SAID} GROUP BY {', '.join(SCOPE)}"  # noqa: S608
        asked = f"{_SELECT} WHERE number IN ({last}) AND number > ? ORDER BY number LIMIT ?"
        with self._file.used() as connection:
            return self._found(connection, asked, (*values, after, most))

    def due_in(self, whose: Whose) -> float | None:
        """Return after how many seconds the next open submission is due."""
        test, values = condition_of(whose, "?")
        with self._file.used() as connection:
            asked = f"SELECT min(due_at) FROM submissions WHERE {test} AND {IS_OPEN}"  # noqa: S608
            (due_at,) = connection.execute(asked, values).fetchone()
        return None if due_at is None else float(due_at) - self._now()

    def close(self) -> None:
        """Close the file. A ledger that is used again opens it again."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<SqliteLedger {self.path}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a ledger is never pickled: open the same file in the other process")

    def _found(self, connection: "Connection", asked: str, values: Sequence[Any]) -> list[Entry]:
        now = self._now()
        return [entry_of(row, now) for row in connection.execute(asked, values)]

    def _one(self, connection: "Connection", asked: str, values: Sequence[Any]) -> Entry | None:
        found = self._found(connection, asked, values)
        return found[0] if found else None

    def _kept(self, connection: "Connection", entry: Entry | None) -> Entry | None:
        if entry is not None:
            history = self._found(connection, _HISTORY, values_of(entry.scope))
            for each in (*steps.superseded_by(entry, history), entry):
                connection.execute(_KEEP, row_of(each))
        return entry

    def _now(self) -> float:
        return self._clock.now().timestamp()
