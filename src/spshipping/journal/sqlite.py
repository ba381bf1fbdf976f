"""A journal in one file of SQLite's, for all threads and processes of one machine."""

import os
import secrets
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Self

from spshipping import disk
from spshipping.auth import vault
from spshipping.auth.vault import KeySource, Vault
from spshipping.clock import Clock, SystemClock
from spshipping.errors import ConfigurationError
from spshipping.forks import renew_after_fork
from spshipping.journal.entry import SPENT, Account, Charge, Entry, Scope, State
from spshipping.journal.stepped import Step, Stepped
from spshipping.secret import Secret, discreet
from spshipping.wire.text import parse, write

if TYPE_CHECKING:
    from sqlite3 import Connection

_VERSION = 1
_APPLICATION_ID = 0x53505300
"""The `application_id` of our files: by it, another SQLite file is recognized and refused."""
_PATIENCE_SECONDS = 30.0
"""So long a step waits for those of other processes."""
_SECRET = "secret"  # noqa: S105 - the name of it
_KEY_COLUMNS = ("place", "seller", "business", "reference", "generation")
_SEALED = ("wanted", "call", "result")
_COLUMNS = (
    *_KEY_COLUMNS,
    "state",
    "attempt",
    "key",
    "fence",
    "lease_until",
    "began_at",
    "changed_at",
    "fields",
    *_SEALED,
    "amount",
    "unit",
    "day",
    "sent_at",
    "has_been_in_doubt",
    "is_by_hand",
    "delivered_at",
)
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
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM purchases"  # noqa: S608 - names of ours
_FIND = f"{_SELECT} WHERE ({', '.join(_KEY_COLUMNS)}) = ({', '.join('?' * len(_KEY_COLUMNS))})"
_KEEP = (
    f"INSERT INTO purchases ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608
    f" ON CONFLICT ({', '.join(_KEY_COLUMNS)}) DO UPDATE SET"
    f" {', '.join(f'{name} = excluded.{name}' for name in _COLUMNS)}"
)
_SPENT_ON = (
    "SELECT amount, unit FROM purchases WHERE day = ? AND place = ? AND seller = ? AND amount IS NOT NULL"  # noqa: S608
    f" AND state IN ({', '.join('?' * len(SPENT))})"
    f" AND ({', '.join(_KEY_COLUMNS)}) <> ({', '.join('?' * len(_KEY_COLUMNS))})"
)

_left_behind: list["Connection"] = []
"""Connections of a parent process: a forked child must neither use nor close them."""


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
        self.path: Path = Path(path).expanduser()
        self._vault = Vault(key or vault.key_from_environment)
        self._clock = clock or SystemClock()
        self._connection: Connection | None = None
        self._secret: bytes | None = None
        self.renew_locks()
        renew_after_fork(self)

    def renew_locks(self) -> None:
        """Leave the lock and the connection to the parent, in a process that was forked."""
        self._lock = threading.RLock()
        if self._connection is not None:
            _left_behind.append(self._connection)
            self._connection = None

    @property
    def keeps_personal(self) -> bool:
        """Whether texts may hold personal data: they may where there is a key, and are sealed then."""
        return self._vault.has_key()

    @discreet
    def secret(self) -> bytes:
        """Return the key for digests of personal fields; it is made with the file."""
        if self._secret is None:
            with self._used() as connection:
                row = connection.execute("SELECT value FROM facts WHERE name = ?", (_SECRET,)).fetchone()
            self._secret = bytes.fromhex(self._opened(row[0], _SECRET) or "")
        return self._secret

    @discreet
    def _step(self, scope: Scope, step: Step) -> tuple[Entry | None, Entry | None]:
        with self._used() as connection, _transaction(connection):
            now = self._clock.now().timestamp()
            row = connection.execute(_FIND, scope).fetchone()
            found = None if row is None else self._entry(row, now)
            made = step(found, now)
            if made is not None and made != found:
                connection.execute(_KEEP, self._row(made))
        return found, made

    def _spent(self, scope: Scope, day: str) -> Iterable[Charge]:
        values = (day, *scope.account, *(state.value for state in SPENT), *scope)
        with self._used() as connection:
            rows = connection.execute(_SPENT_ON, values).fetchall()
        return [Charge(Decimal(amount), unit) for amount, unit in rows]

    @discreet
    def entries(
        self, account: Account, states: Collection[State], after: Scope | None = None, most: int = 100
    ) -> Sequence[Entry]:
        """Return purchases in one of *states*, in the order of scopes, after *after*."""
        keys = ", ".join(_KEY_COLUMNS)
        asked = f"{_SELECT} WHERE place = ? AND seller = ? AND state IN ({', '.join('?' * len(states))})"
        values: list[Any] = [*account, *(state.value for state in states)]
        if after is not None:
            asked += f" AND ({keys}) > ({', '.join('?' * len(_KEY_COLUMNS))})"
            values += after
        with self._used() as connection:
            now = self._clock.now().timestamp()
            rows = connection.execute(f"{asked} ORDER BY {keys} LIMIT ?", (*values, most)).fetchall()
        return [self._entry(row, now) for row in rows]

    def close(self) -> None:
        """Close the file. A journal that is used again opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<SqliteJournal {self.path}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a journal is never pickled: open the same file in the other process")

    def _entry(self, row: Sequence[Any], now: float) -> Entry:
        found = dict(zip(_COLUMNS, row, strict=True))
        scope = Scope(*(found.pop(name) for name in _KEY_COLUMNS))
        amount, unit = found.pop("amount"), found.pop("unit")
        found |= {name: self._opened(found[name], _name(scope, name)) for name in _SEALED}
        return Entry(
            scope=scope,
            charge=None if amount is None else Charge(Decimal(amount), unit),
            read_at=now,
            **{
                **found,
                "state": State(found["state"]),
                "fields": parse(found["fields"].encode()),
                "has_been_in_doubt": bool(found["has_been_in_doubt"]),
                "is_by_hand": bool(found["is_by_hand"]),
            },
        )

    def _row(self, entry: Entry) -> list[Any]:
        texts = {name: self._sealed(getattr(entry, name), _name(entry.scope, name)) for name in _SEALED}
        charge = entry.charge
        values = {
            **entry._asdict(),
            **entry.scope._asdict(),
            **texts,
            "state": entry.state.value,
            "fields": write(dict(entry.fields)),
            "amount": charge and str(charge.amount),
            "unit": charge and charge.unit,
        }
        return [values[name] for name in _COLUMNS]

    def _sealed(self, text: str | None, name: str) -> bytes | None:
        if text is None:
            return None
        return self._vault.seal(Secret(text), name) if self.keeps_personal else text.encode()

    def _opened(self, data: bytes | None, name: str) -> str | None:
        if data is None:
            return None
        if not vault.is_sealed(data):
            return data.decode()
        found = self._vault.open(data, name, self.path)
        if found is None:
            raise ConfigurationError(f"{self.path} is damaged: bring back a copy of it that is whole")
        return found.reveal()

    @contextmanager
    def _used(self) -> Iterator["Connection"]:
        """Use the connection alone; what SQLite raises becomes an error of this package.

        Raises:
            ConfigurationError: the file cannot be used, and why.
        """
        import sqlite3

        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._open()
                yield self._connection
            except (sqlite3.Error, OSError) as error:
                reason = str(error) if isinstance(error, sqlite3.Error) else error.strerror
            else:
                return
        raise ConfigurationError(f"the journal {self.path} cannot be used: {reason}")

    def _open(self) -> "Connection":
        if not self.path.exists():
            self._make()
        connection = _connected(self.path)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if application != _APPLICATION_ID:
                raise ConfigurationError(f"{self.path} is no journal: choose another file")
            if version != _VERSION:
                raise ConfigurationError(
                    f"{self.path} is a journal of version {version}, and this package reads version"
                    f" {_VERSION}: use the newer package"
                )
        except BaseException:
            connection.close()
            raise
        return connection

    def _make(self) -> None:
        """Make the file, whole or not at all; where another process was faster, its file stays."""
        disk.make_folder(self.path.parent, private=True, durable=True)
        made = self.path.with_name(f".{secrets.token_hex(8)}{disk.TEMPORARY_SUFFIX}")
        disk.claim(made, private=True)
        try:
            connection = _connected(made)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(_SCHEMA)
                connection.execute(
                    "INSERT INTO facts VALUES (?, ?)", (_SECRET, self._sealed(secrets.token_hex(32), _SECRET))
                )
                connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {_VERSION}")
            finally:
                connection.close()
            disk.publish(made, self.path)
        finally:
            made.unlink()


def _connected(path: Path) -> "Connection":
    import sqlite3

    # transactions are begun and ended here, and the lock makes threads take turns
    return sqlite3.connect(path, timeout=_PATIENCE_SECONDS, isolation_level=None, check_same_thread=False)


@contextmanager
def _transaction(connection: "Connection") -> Iterator[None]:
    """Write alone among all processes, all or nothing.

    Raises:
        ConfigurationError: it is begun by a signal handler, within another one.
    """
    if connection.in_transaction:
        raise ConfigurationError("the journal is in use by the code that a signal handler interrupted")
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def _name(scope: Scope, column: str) -> str:
    """Return what a sealed text is bound to: it does not open in the place of another."""
    return f"{column} {scope.package}"
