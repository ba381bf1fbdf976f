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
    OPEN,
    Entry,
    NewEntry,
    Scope,
    Settlement,
    SubmissionKind,
    SubmissionState,
    WallClock,
    Whose,
)
from spshipping.wire.text import parse, write

if TYPE_CHECKING:
    from sqlite3 import Connection

_SCOPE = ("place", "vendor_code", "kind", "reference")
_COLUMNS = (
    "number",
    *_SCOPE,
    "state",
    "body",
    "began_at",
    "due_at",
    "sent_at",
    "transaction_id",
    "outcome",
    "has_been_in_doubt",
    "warnings",
)
_OPEN = f"state IN ({', '.join(repr(state.value) for state in sorted(OPEN, key=lambda s: s.value))})"
_SCHEMA = f"""
CREATE TABLE submissions (
    number INTEGER PRIMARY KEY AUTOINCREMENT, place TEXT NOT NULL, vendor_code TEXT NOT NULL,
    kind TEXT NOT NULL, reference TEXT NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL,
    began_at REAL NOT NULL, due_at REAL NOT NULL, sent_at REAL, transaction_id TEXT, outcome TEXT,
    has_been_in_doubt INTEGER NOT NULL, warnings TEXT NOT NULL
);
CREATE INDEX submissions_by_reference ON submissions (place, vendor_code, kind, reference, number);
CREATE INDEX submissions_open ON submissions (place, due_at) WHERE {_OPEN};
"""
_KIND = FileKind("ledger of submissions", application_id=0x53505302, version=1, schema=_SCHEMA)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM submissions"  # noqa: S608 - names of ours
_KEEP = (
    f"INSERT INTO submissions ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608
    f" ON CONFLICT (number) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _COLUMNS[1:])}"
)
_HISTORY = f"{_SELECT} WHERE ({', '.join(_SCOPE)}) = (?, ?, ?, ?) ORDER BY number"
_SAID = "(state NOT IN ('refused', 'not sent') OR (state = 'refused' AND has_been_in_doubt))"
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
            found = self._found(connection, _HISTORY, _values(new.scope))
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
        test, values = _test(whose)
        now = self._now()
        asked = (
            f"{_SELECT} WHERE {test} AND {_OPEN} AND (due_at <= ? OR due_at > ?)"
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
            return self._found(connection, _HISTORY, _values(scope))

    def entries(
        self, whose: Whose, *, is_open: bool | None = None, after: int = 0, most: int = 100
    ) -> Sequence[Entry]:
        """Return submissions with a number above *after*, the oldest first; those that are open, or not."""
        test, values = _test(whose)
        state = {None: "", True: f" AND {_OPEN}", False: f" AND NOT {_OPEN}"}[is_open]
        asked = f"{_SELECT} WHERE {test} AND number > ?{state} ORDER BY number LIMIT ?"
        with self._file.used() as connection:
            return self._found(connection, asked, (*values, after, most))

    def latest(self, whose: Whose, *, after: int = 0, most: int = 100) -> Sequence[Entry]:
        """Return the last of each scope that Amazon may have taken, with a number above *after*."""
        test, values = _test(whose)
        last = f"SELECT max(number) FROM submissions WHERE {test} AND {_SAID} GROUP BY {', '.join(_SCOPE)}"  # noqa: S608
        asked = f"{_SELECT} WHERE number IN ({last}) AND number > ? ORDER BY number LIMIT ?"
        with self._file.used() as connection:
            return self._found(connection, asked, (*values, after, most))

    def due_in(self, whose: Whose) -> float | None:
        """Return after how many seconds the next open submission is due."""
        test, values = _test(whose)
        with self._file.used() as connection:
            asked = f"SELECT min(due_at) FROM submissions WHERE {test} AND {_OPEN}"  # noqa: S608
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
        return [_entry(row, now) for row in connection.execute(asked, values)]

    def _one(self, connection: "Connection", asked: str, values: Sequence[Any]) -> Entry | None:
        found = self._found(connection, asked, values)
        return found[0] if found else None

    def _kept(self, connection: "Connection", entry: Entry | None) -> Entry | None:
        if entry is not None:
            history = self._found(connection, _HISTORY, _values(entry.scope))
            for each in (*steps.superseded_by(entry, history), entry):
                connection.execute(_KEEP, _row(each))
        return entry

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _values(scope: Scope) -> tuple[str, str, str, str]:
    return scope.place, scope.vendor_code, scope.kind.value, scope.reference


def _test(whose: Whose) -> tuple[str, list[str]]:
    """Return the SQL condition that selects the entries of *whose*, and its parameters."""
    kind = None if whose.kind is None else whose.kind.value
    given = {"place": whose.place, "vendor_code": whose.vendor_code, "kind": kind}
    named = {name: value for name, value in given.items() if value is not None}
    return " AND ".join(f"{name} = ?" for name in named), list(named.values())


def _entry(row: Sequence[Any], now: float) -> Entry:
    found = dict(zip(_COLUMNS, row, strict=True))
    place, vendor_code, kind, reference = (found.pop(name) for name in _SCOPE)
    return Entry(
        **{
            **found,
            "scope": Scope(place, vendor_code, SubmissionKind(kind), reference),
            "state": SubmissionState(found["state"]),
            "has_been_in_doubt": bool(found["has_been_in_doubt"]),
            "warnings": tuple(parse(found["warnings"].encode())),
            "read_at": now,
        }
    )


def _row(entry: Entry) -> list[Any]:
    values = {
        **entry._asdict(),
        **dict(zip(_SCOPE, _values(entry.scope), strict=True)),
        "state": entry.state.value,
        "warnings": write(list(entry.warnings)),
    }
    return [values[name] for name in _COLUMNS]
