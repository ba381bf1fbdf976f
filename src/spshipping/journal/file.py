"""One file of SQLite's, for all threads and processes of one machine."""

import errno
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from spshipping import disk
from spshipping.environment import refuse_second_machine
from spshipping.errors import ConfigurationError
from spshipping.forks import renew_after_fork
from spshipping.named import NamedTuple

if TYPE_CHECKING:
    from sqlite3 import Connection

_PATIENCE_SECONDS = 30.0
"""So long a step waits for those of other processes."""

_NOT_WRITABLE = (errno.EROFS, errno.EACCES)
_REMEDY = "; choose a file on a disk of this machine that can be written, and that outlasts the program"

_left_behind: list["Connection"] = []
"""Connections of a parent process: a forked child must neither use nor close them."""


class FileKind(NamedTuple):
    """What a file is for, and how a new one is made."""

    name: str
    """What errors call it, such as `journal`."""
    application_id: int
    """By it, another SQLite file is recognized and refused."""
    version: int
    schema: str
    """The statements that make its tables."""


class SqliteFile:
    """Opens the file when it is first used, and gives it to one thread at a time.

    What is written is on the disk on return. The file belongs to its owner only.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        kind: FileKind,
        fill: Callable[["Connection"], None] = lambda _: None,
    ) -> None:
        """Use the file *path*; *fill* writes what belongs into a new one.

        Raises:
            ConfigurationError: there is a second machine.
        """
        refuse_second_machine(
            f"a {kind.name} in a file",
            "Keep it in PostgreSQL, where there is a store for it; or unset SPSHIPPING_MACHINES on the only"
            " machine that uses it.",
        )
        self.path: Path = Path(path).expanduser()
        self._kind = kind
        self._fill = fill
        self._connection: Connection | None = None
        self._identity: tuple[int, int] | None = None
        self.renew_locks()
        renew_after_fork(self)

    def renew_locks(self) -> None:
        """Leave the lock and the connection to the parent, in a process that was forked."""
        self._lock = threading.RLock()
        if self._connection is not None:
            _left_behind.append(self._connection)
            self._connection = None

    @contextmanager
    def used(self) -> Iterator["Connection"]:
        """Use the connection alone; what SQLite raises becomes an error of this package.

        Raises:
            ConfigurationError: the file cannot be used, and why; or it is no longer the one that was opened.
        """
        import sqlite3

        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._open()
                self._check_identity()
                yield self._connection
            except sqlite3.Error as error:
                # other errors than SQLite's own have no code
                code = getattr(error, "sqlite_errorcode", 0) & 0xFF
                remedy = _REMEDY if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN) else ""
                reason = f"{error}{remedy}"
            except OSError as error:
                reason = f"{error.strerror}{_REMEDY if error.errno in _NOT_WRITABLE else ''}"
            else:
                return
        raise ConfigurationError(f"the {self._kind.name} {self.path} cannot be used: {reason}")

    @contextmanager
    def changed(self) -> Iterator["Connection"]:
        """Write alone among all processes, all or nothing.

        Raises:
            ConfigurationError: the file cannot be used; or this is called by a signal handler, within another
                change.
        """
        with self.used() as connection:
            if connection.in_transaction:
                raise ConfigurationError(
                    f"the {self._kind.name} is in use by the code that a signal handler interrupted"
                )
            with _transaction(connection):
                yield connection

    def close(self) -> None:
        """Close the file; when it is used again, it is opened again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> "Connection":
        if not self.path.exists():
            self._check_none_left()
            self._make()
        self._identity = _identity_of(self.path)
        connection = _connected(self.path)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            kind = self._kind
            if application != kind.application_id:
                raise ConfigurationError(f"{self.path} is no {kind.name}: choose another file")
            if version != kind.version:
                remedy = "a newer package" if version > kind.version else "the package that made it"
                raise ConfigurationError(
                    f"{self.path} is a {kind.name} of version {version}, and this package reads version"
                    f" {kind.version}: use {remedy}"
                )
        except BaseException:
            connection.close()
            raise
        return connection

    def _check_identity(self) -> None:
        """Refuse to write where no other process reads: into a file that was removed or replaced."""
        if _identity_of(self.path) != self._identity:
            raise ConfigurationError(
                f"the {self._kind.name} {self.path} was removed or replaced while it was in use: stop every"
                " process that uses it, and bring back the file"
            )

    def _check_none_left(self) -> None:
        """Refuse to make a new file where only the main file of an old one is gone: SQLite would mix both."""
        left = self.path.with_name(f"{self.path.name}-wal")
        # where another process has just made both, the main file is there now: it comes first
        if left.exists() and not self.path.exists():
            raise ConfigurationError(
                f"the {self._kind.name} {self.path} is gone, and {left.name}, which belongs to it, is still"
                " there: bring back the file"
            )

    def _make(self) -> None:
        """Make the file, whole or not at all; where another process was faster, its file stays."""
        disk.make_folder(self.path.parent, private=True, durable=True)
        made = self.path.with_name(f".{secrets.token_hex(8)}{disk.TEMPORARY_SUFFIX}")
        disk.claim(made, private=True)
        try:
            connection = _connected(made)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(self._kind.schema)
                self._fill(connection)
                connection.execute(f"PRAGMA application_id = {self._kind.application_id}")
                connection.execute(f"PRAGMA user_version = {self._kind.version}")
            finally:
                connection.close()
            disk.publish(made, self.path)
        finally:
            made.unlink()


def _connected(path: Path) -> "Connection":
    import sqlite3

    # transactions are begun and ended here, and the lock makes threads take turns
    return sqlite3.connect(path, timeout=_PATIENCE_SECONDS, isolation_level=None, check_same_thread=False)


def _identity_of(path: Path) -> tuple[int, int] | None:
    """Return the device and the inode of a file; None where the file is missing."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def _transaction(connection: "Connection") -> Iterator[None]:
    """Write alone among all processes, all or nothing."""
    try:
        # within the block: a signal that came while this waited is handled just after it
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
