"""A journal in one file of SQLite's, for all threads and processes of one machine."""

import os
import secrets
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Self

from spshipping.auth.vault import KeySource
from spshipping.clock import Clock, SystemClock
from spshipping.journal.entry import SPENT, Account, Charge, Entry, Scope, State
from spshipping.journal.events import SOURCE
from spshipping.journal.events_sqlite import SCHEMA, EventFile, SqliteEvents
from spshipping.journal.file import FileKind, SqliteFile
from spshipping.journal.rows import COLUMNS, KEY_COLUMNS, SECRET, SECRET_BYTES, Rows
from spshipping.journal.stepped import Step, Stepped
from spshipping.secret import discreet

if TYPE_CHECKING:
    from sqlite3 import Connection

_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE purchases (
    place TEXT NOT NULL, seller TEXT NOT NULL, business TEXT NOT NULL, reference TEXT NOT NULL,
    generation INTEGER NOT NULL, state TEXT NOT NULL, attempt INTEGER NOT NULL, key TEXT NOT NULL UNIQUE,
    fence INTEGER NOT NULL, lease_until REAL NOT NULL, began_at REAL NOT NULL, changed_at REAL NOT NULL,
    fields TEXT NOT NULL, wanted BLOB, call BLOB, result BLOB, amount TEXT, unit TEXT, day TEXT, sent_at REAL,
    has_been_in_doubt INTEGER NOT NULL, is_by_hand INTEGER NOT NULL, delivered_at REAL,
    PRIMARY KEY (place, seller, business, reference, generation)
);
CREATE INDEX purchases_by_day ON purchases (day, place, seller) WHERE day IS NOT NULL;
CREATE INDEX purchases_by_state ON purchases (state, place, seller);
"""
_KIND = FileKind("journal", application_id=0x53505300, version=2, schema=_SCHEMA + SCHEMA)
_SEAL_FACT = "UPDATE facts SET value = ? WHERE name = ? AND value = ?"
_SELECT = f"SELECT {', '.join(COLUMNS)} FROM purchases"  # noqa: S608 - names of ours
_FIND = f"{_SELECT} WHERE ({', '.join(KEY_COLUMNS)}) = ({', '.join('?' * len(KEY_COLUMNS))})"
_KEEP = (
    f"INSERT INTO purchases ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608
    f" ON CONFLICT ({', '.join(KEY_COLUMNS)}) DO UPDATE SET"
    f" {', '.join(f'{name} = excluded.{name}' for name in COLUMNS)}"
)
_SPENT_ON = (
    "SELECT amount, unit FROM purchases WHERE day = ? AND place = ? AND seller = ? AND amount IS NOT NULL"  # noqa: S608
    f" AND state IN ({', '.join('?' * len(SPENT))})"
    f" AND ({', '.join(KEY_COLUMNS)}) <> ({', '.join('?' * len(KEY_COLUMNS))})"
)


class SqliteJournal(Stepped):
    """Keeps purchases in one file, for all threads and processes of this machine; never on a network drive.

    What is written is on the disk on return. The file belongs to its owner only. Close the journal, or use
    it in `with`.

    With a key, what is to be bought and what was bought is sealed; the references, states, times and charges
    are not. Without one, nothing personal is kept: no address and no label.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        key: KeySource | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Use the file *path*; it, and its folder, are made when the journal is first used.

        Args:
            path: the file; `~` is the user's home.
            key: a callable that returns the key, called once, when it is first needed: `FileStore.new_key()`
                makes one. None for the variable `SPSHIPPING_STORE_KEY`; where that is not set, there is none.
            clock: decides when a lease has ended, and how old a purchase is.
        """
        self._clock = clock or SystemClock()
        self._secret: bytes | None = None
        self._file = SqliteFile(path, _KIND, self._fill)
        self.path: Path = self._file.path
        self._rows = Rows(key, self.path)

    def _fill(self, connection: "Connection") -> None:
        secret = self._rows.seal(secrets.token_hex(SECRET_BYTES), SECRET)
        connection.execute("INSERT INTO facts VALUES (?, ?)", (SECRET, secret))

    @property
    def keeps_personal(self) -> bool:
        """Whether texts may hold personal data: they may where there is a key, and are sealed then."""
        return self._rows.keeps_personal

    @discreet
    def secret(self) -> bytes:
        """Return the key for digests of personal fields; it is made with the file, and sealed by a key."""
        if self._secret is None:
            found = self._found_secret()
            if found is not None and self._rows.lacks_seal(found):
                sealed = self._rows.seal(self._rows.secret(found).hex(), SECRET)
                with self._file.changed() as connection:
                    connection.execute(_SEAL_FACT, (sealed, SECRET, found))
                found = self._found_secret()  # that of another process, where it was faster
            self._secret = self._rows.secret(found)
        return self._secret

    def _found_secret(self) -> bytes | None:
        with self._file.used() as connection:
            row = connection.execute("SELECT value FROM facts WHERE name = ?", (SECRET,)).fetchone()
        return None if row is None else row[0]

    def _has_key(self) -> bool:
        """Say whether there is a key, which is that of the journal then."""
        return self.keeps_personal and bool(self.secret())

    @discreet
    def _step(self, scope: Scope, step: Step) -> tuple[Entry | None, Entry | None]:
        with self._file.changed() as connection:
            now = self._clock.now().timestamp()
            row = connection.execute(_FIND, scope).fetchone()
            found = None if row is None else self._rows.entry(row, now)
            made = step(found, now)
            if made is not None and made != found:
                connection.execute(_KEEP, self._rows.row(made))
        return found, made

    def _spent(self, scope: Scope, day: str) -> Iterable[Charge]:
        values = (day, *scope.account, *(state.value for state in SPENT), *scope)
        with self._file.used() as connection:
            rows = connection.execute(_SPENT_ON, values).fetchall()
        return [Charge(Decimal(amount), unit) for amount, unit in rows]

    @discreet
    def entries(
        self, account: Account, states: Collection[State], after: Scope | None = None, most: int = 100
    ) -> Sequence[Entry]:
        """Return purchases in one of *states*, in the order of scopes, after *after*."""
        keys = ", ".join(KEY_COLUMNS)
        asked = f"{_SELECT} WHERE place = ? AND seller = ? AND state IN ({', '.join('?' * len(states))})"
        values: list[Any] = [*account, *(state.value for state in states)]
        if after is not None:
            asked += f" AND ({keys}) > ({', '.join('?' * len(KEY_COLUMNS))})"
            values += after
        with self._file.used() as connection:
            now = self._clock.now().timestamp()
            rows = connection.execute(f"{asked} ORDER BY {keys} LIMIT ?", (*values, most)).fetchall()
        return [self._rows.entry(row, now) for row in rows]

    def events(self, source: str = SOURCE) -> SqliteEvents:
        """Return the log of what is pushed by *source*, in the same file; logs of two sources never meet."""
        file = EventFile(self._file.changed, self._has_key, self._rows.seal, self._rows.open, self._clock)
        return SqliteEvents(source, file)

    def close(self) -> None:
        """Close the file. A journal that is used again opens it again."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<SqliteJournal {self.path}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a journal is never pickled: open the same file in the other process")
