"""One PostgreSQL database, for all machines: its connections, its time, and the tables of everything."""

import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, NoReturn, Self, TypeVar, cast
from weakref import WeakKeyDictionary

from spshipping.clock import Clock
from spshipping.errors import (
    ConfigurationError,
    SpShippingError,
    TransportError,
)
from spshipping.forks import renew_after_fork
from spshipping.postgres_access import SecretSource, hidden, opened
from spshipping.postgres_remedies import FOREIGN, MAKE, UNDONE, error_of, fault_of_begin
from spshipping.postgres_tables import SCHEMA, VERSION
from spshipping.postgres_transaction import Transaction
from spshipping.secret import Secret, discreet

if TYPE_CHECKING:
    from psycopg import Connection

T = TypeVar("T")

_OLDEST_SERVER = 130_000
_TIMES = 3
"""So often a step is done at most, where nothing is left of the time before."""
_OPEN = (
    "this has to be on the disk before anything else happens, and the connection is in a transaction that"
    " only you commit: use one with autocommit, or the URL of the database"
)
_NOT_KNOWN = (
    "the database was lost while a step was committed, and it is not known whether it was written: do"
    " the same again when the database is back"
)
_READ_ONLY = "25006"
_LOOKS = 100
_LOOK_SECONDS = 0.05
_MOST_IDLE = 8
"""So many connections at most are kept open that no thread uses."""
# All in one statement, and for this transaction alone: behind PgBouncer, the next may have another one.
# A process that hangs within a step loses it before those that wait for it give up.
_BEGIN = """
BEGIN ISOLATION LEVEL READ COMMITTED;
SET LOCAL lock_timeout = '30s';
SET LOCAL idle_in_transaction_session_timeout = '20s';
"""
# A server that has crashed begins its statistics anew. It may give the number of a lost transaction to
# another one, and so may a server that takes over.
_ERA = "SELECT stats_reset::text FROM pg_stat_bgwriter"
_STATUS = f"SELECT pg_xact_status(%s::text::xid8), ({_ERA})"
_FACTS = """
SELECT current_setting('server_encoding'), current_setting('server_version_num')::integer,
    to_regclass(%(facts)s) IS NOT NULL, (
        SELECT count(*) = 2 FROM pg_attribute WHERE attrelid = to_regclass(%(facts)s)
            AND (attname, atttypid) IN (('name', 'text'::regtype), ('value', 'bytea'::regtype))
    )
"""
_REPEATABLE = frozenset(("40001", "40P01"))


Step = Callable[[Transaction], T]


class _Here(threading.local):
    transaction: Transaction | None = None
    """That of the step which this thread is in."""


class _Attempt(Generic[T]):
    """One attempt of a step on a connection of ours, and what is known of it when it fails."""

    def __init__(self, connection: "Connection[Any]", transaction: Transaction, era: str | None) -> None:
        self._connection = connection
        self._transaction = transaction
        self.era = era
        """That of the server when the connection was opened."""
        self.number = ""
        """By which the server knows the transaction."""
        self.made: list[T] = []
        """What the step has returned, from the moment at which it may be committed."""

    def do(self, step: Step[T], *, is_change: bool) -> T:
        """Do the step in a transaction, and commit it."""
        import psycopg

        transaction = self._transaction
        try:
            if is_change:
                self.number = transaction.begin(_BEGIN)
            else:
                transaction.execute(_BEGIN)
            result = step(transaction)
            if is_change:
                transaction.check_whole()
                self.made.append(result)
            transaction.execute("COMMIT")
        except BaseException:
            if transaction.is_here() and not self._connection.closed:
                with suppress(psycopg.Error):
                    transaction.execute("ROLLBACK")
            raise
        return result


class _Turns:
    """The locks of the connections that are the users': of two threads, one would join the other's step."""

    def __init__(self) -> None:
        self.renew_locks()
        renew_after_fork(self)

    def renew_locks(self) -> None:
        """Leave behind the locks that other threads held when the process was forked."""
        self._known: WeakKeyDictionary[Connection[Any], threading.RLock] = WeakKeyDictionary()
        self._lock = threading.RLock()  # a signal handler may come in between

    def of(self, connection: "Connection[Any]") -> threading.RLock:
        """Return the lock of a connection."""
        with self._lock:
            return self._known.setdefault(connection, threading.RLock())


_turns = _Turns()


def _status_of(connection: "Connection[Any]") -> str:
    """Return what a connection of the user's is at."""
    if connection.info.pipeline_status.value:
        return "PIPELINE"
    # a signal handler that waited for a statement around it would wait for ever
    return "ACTIVE" if connection.lock.locked() else connection.info.transaction_status.name


_left_behind: list[list["Connection[Any]"]] = []
"""Connections of a parent process: a forked child must neither use nor close them."""


class PostgresDatabase:
    """A database that journals, ledgers, serials and leases of many machines share.

    It opens a connection for each thread that is at work, when one is needed, and keeps some of them. It
    works behind PgBouncer in transaction mode too. A connection that was lost is opened anew, and a step is
    done again where the server says that nothing of it was written. Close the database, or use it in `with`.

    With a connection of yours, steps join your transaction where one is open, each in a savepoint; you commit
    it. What has to be on the disk before something is sent, or before a serial number is used, is refused
    then: such a step commits by itself on a connection with `autocommit`, or on one that is opened here.

    Needs the extra `spshipping[postgres]`.
    """

    def __init__(
        self,
        database: "SecretSource | Connection[Any]",
        *,
        password: SecretSource | None = None,
        schema: str = "spshipping",
        clock: Clock | None = None,
    ) -> None:
        """Use a database. Nothing is opened yet.

        Args:
            database: its URL, such as `postgresql://shop@db.example.com/shop?sslmode=verify-full`, or a
                callable that returns it; or a connection of psycopg 3 that is yours.
            password: the password, or a callable that returns it, which is called for each connection; None
                where it is in the URL, or in a file of PostgreSQL's own.
            schema: the schema that the tables are in; nothing else should be in it.
            clock: decides when leases have ended, in tests; None for the clock of the database, which all
                machines share.

        Raises:
            ConfigurationError: the extra is not installed, or an argument cannot be used.
        """
        self.schema: str = schema
        try:
            import psycopg
        except ImportError:
            raise ConfigurationError(
                'PostgresDatabase needs psycopg: pip install "spshipping[postgres]"'
            ) from None
        given: object = schema
        if not isinstance(given, str) or not re.fullmatch(r"(?!pg_)[a-z_][a-z0-9_]{0,62}", given):
            raise ConfigurationError("schema= is a name of lower case letters, digits and underscores")
        self._theirs = database if isinstance(database, psycopg.Connection) else None
        self._url = None if isinstance(database, psycopg.Connection) else hidden(database, "database")
        self._password = None if password is None else hidden(password, "password")
        self._quoted = f'"{schema}"'
        self._clock = clock
        self._is_checked = False
        self._has_worked = False
        """Whether a connection was opened before: then the address and the password were right."""
        self._idle: list[Connection[Any]] = []
        self._eras: WeakKeyDictionary[Connection[Any], str | None] = WeakKeyDictionary()
        self._process = os.getpid()
        self.renew_locks()
        renew_after_fork(self)

    def renew_locks(self) -> None:
        """Leave the connections to the parent, in a process that was forked."""
        if self._idle:
            _left_behind.append(self._idle)
        self._idle = []
        self._here = _Here()

    @discreet
    def make_tables(self) -> None:
        """Make the schema and its tables, or do nothing where they are there. Many may do so at once.

        Raises:
            ConfigurationError: the tables are of another version, and what to do; or they cannot be made.
            TransportError: the database cannot be reached.
        """

        def step(transaction: Transaction) -> None:
            transaction.alone("tables")
            if self._version(transaction) is not None:
                return
            execute = transaction.execute
            # one who may not make schemas may use one that is there
            if execute("SELECT to_regnamespace(%s) IS NULL", (self._quoted,)).fetchone() == (True,):
                execute("CREATE SCHEMA $schema")
            execute(SCHEMA)
            execute("INSERT INTO $schema.facts VALUES ('version', %s)", (str(VERSION).encode(),))

        self._did(step, is_change=True)

    @discreet
    def changed(self, step: Step[T], *, is_durable: bool = False) -> T:
        """Do a step, all or nothing; it is on the disk on return, but in a transaction that is yours.

        Where the connection is lost, it is done anew on another one, unless it was committed: *step* may be
        called more than once, and changes nothing but the database.

        Args:
            step: gets the transaction.
            is_durable: refuse to join a transaction that is open: something leaves this machine right after.

        Raises:
            ConfigurationError: the database cannot be used, and why.
            InvalidRequestError: it cannot keep a text.
            TransportError: it cannot be reached, or was lost. What became of the step is not known only where
                the text says so.
        """
        return self._did(partial(self._looked, step), is_change=True, is_durable=is_durable)

    @discreet
    def read(self, step: Step[T]) -> T:
        """Do a step that only reads; within a change it is part of it.

        Raises:
            ConfigurationError: the database cannot be used, and why.
            TransportError: it cannot be reached.
        """
        if self._here.transaction is not None:
            if self._here.transaction.is_busy:
                raise ConfigurationError(
                    "the database was read by a signal handler within a statement: read it when that has"
                    " ended"
                )
            return step(self._here.transaction)
        return self._did(partial(self._looked, step), is_change=False)

    def is_open(self) -> bool:
        """Return whether a step is part of a transaction of yours, which may be rolled back."""
        connection = self._theirs
        return connection is not None and (
            not connection.autocommit or connection.info.transaction_status.name != "IDLE"
        )

    def close(self) -> None:
        """Close the connections that were opened here. A database that is used again opens them again."""
        self._is_checked = False
        idle = self._idle
        with suppress(IndexError):  # other threads take from it too
            while True:
                idle.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<PostgresDatabase, schema {self.schema}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a PostgresDatabase is never pickled: make one in the other process")

    def _did(self, step: Step[T], *, is_change: bool, is_durable: bool = False) -> T:
        import psycopg

        if self._here.transaction is not None:
            raise ConfigurationError(
                "a change of the database was begun within a step of it, by the step or by a signal handler:"
                " begin it when the step has ended"
            )
        if self._theirs is not None:
            try:
                with _turns.of(self._theirs):
                    return self._joined(self._theirs, step, is_change=is_change, is_durable=is_durable)
            except psycopg.Error as error:
                failure = error_of(error, is_closed=self._theirs.closed)
            raise failure
        left = _TIMES
        while True:
            left -= 1
            with self._lent() as connection:
                attempt: _Attempt[T] | None = None
                try:
                    transaction = self._transaction(connection)
                    attempt = _Attempt(connection, transaction, self._eras.get(connection))
                    with self._within(transaction):
                        return attempt.do(step, is_change=is_change)
                except psycopg.Error as error:
                    failure = error_of(error, is_closed=connection.closed)
                    is_repeatable = error.sqlstate in _REPEATABLE
                    if error.sqlstate == _READ_ONLY:
                        connection.close()  # the name of the server may lead to the primary by now
            if connection.closed:
                self.close()  # those that are idle are no better
            if isinstance(failure, TransportError):
                is_repeatable = True
                if attempt and attempt.made and self._was_committed(attempt.number, attempt.era):
                    return attempt.made[0]
            if not left or not is_repeatable:
                raise failure

    def _joined(
        self, connection: "Connection[Any]", step: Step[T], *, is_change: bool, is_durable: bool
    ) -> T:
        import psycopg

        if os.getpid() != self._process:
            raise ConfigurationError(
                "the connection is of the process that this one was forked from: make one here, and give it"
                " to a PostgresDatabase"
            )
        fault = fault_of_begin(_status_of(connection))
        if fault is not None:
            raise ConfigurationError(fault)
        transaction = self._transaction(connection)
        number = ""
        is_open = self.is_open()
        if is_open and is_durable:
            raise ConfigurationError(_OPEN)
        if is_open:  # where there is no autocommit, this begins the transaction that the step joins
            transaction.check_isolation()
        made: list[T] = []
        try:
            with connection.transaction() as opened, self._within(transaction):
                if is_durable and opened.savepoint_name:
                    raise ConfigurationError(f"{_OPEN}: another thread has begun one meanwhile")
                if not is_open:
                    transaction.check_isolation()  # within it: the connection may have a level of its own
                    number = transaction.begin() if is_change else ""
                result = step(transaction)
                transaction.check_whole()
                made.append(result)
            state = transaction.execute(_STATUS, (number,)).fetchone() if number else None
        except psycopg.Error:
            if number and made and connection.closed:
                raise TransportError(_NOT_KNOWN, failure="cut") from None
            raise
        if state is not None and state[0] != "committed":
            raise ConfigurationError(UNDONE)
        return result

    def _transaction(self, connection: "Connection[Any]") -> Transaction:
        return Transaction(connection, self._quoted, self._clock)

    @contextmanager
    def _within(self, transaction: Transaction) -> Iterator[None]:
        """Be in a step."""
        self._here.transaction = transaction
        try:
            yield
        finally:
            self._here.transaction = None

    def _looked(self, step: Step[T], transaction: Transaction) -> T:
        """Do a step; before the first one, look whether the tables are those of this package."""
        if not self._is_checked:
            if self._version(transaction) is None:
                raise ConfigurationError(f"the schema {self.schema} of the database is empty: {MAKE}")
            self._is_checked = True
        return step(transaction)

    @contextmanager
    def _lent(self) -> Iterator["Connection[Any]"]:
        """Give out a connection; it is kept afterwards, where it is in order."""
        from psycopg.pq import TransactionStatus

        idle, process = self._idle, os.getpid()  # after a fork, the child has another list
        connection: Connection[Any] | None = None
        with suppress(IndexError):
            connection = idle.pop()
        if connection is None:
            connection = self._opened()
        try:
            yield connection
        finally:
            is_in_order = connection.info.transaction_status is TransactionStatus.IDLE
            if os.getpid() != process:
                _left_behind.append([connection])
            elif is_in_order and len(idle) < _MOST_IDLE:
                idle.append(connection)
            else:
                connection.close()

    def _opened(self) -> "Connection[Any]":
        import psycopg

        url = cast(Callable[[], Secret], self._url)()
        password = None if self._password is None else self._password()
        connection = opened(url, password, is_first=not self._has_worked)
        self._has_worked = True
        with suppress(psycopg.Error):
            self._eras[connection] = cast(tuple[Any, ...], connection.execute(_ERA).fetchone())[0]
        return connection

    def _version(self, transaction: Transaction) -> int | None:
        """Return the version of the tables, which is ours; None where there are none."""
        row = transaction.execute(_FACTS, {"facts": f"{self._quoted}.facts"}).fetchone()
        encoding, server, is_there, is_ours = cast(tuple[str, int, bool, bool], row)
        if encoding != "UTF8":
            raise ConfigurationError(f"the database has the encoding {encoding}: make one with UTF8")
        if server < _OLDEST_SERVER:
            raise ConfigurationError("PostgreSQL 13 or newer is needed")
        if not is_there:
            return None
        if not is_ours:
            raise ConfigurationError(f"the database cannot be used: {FOREIGN}")
        row = transaction.execute("SELECT value FROM $schema.facts WHERE name = 'version'").fetchone()
        if row is None or not re.fullmatch(rb"[0-9]{1,9}", row[0]):
            raise ConfigurationError(
                f"the table facts in the schema {self.schema} is damaged: bring back a copy of the database"
                " that is whole"
            )
        version = int(row[0])
        if version != VERSION:
            remedy = "a newer package" if version > VERSION else "the package that made them"
            raise ConfigurationError(
                f"the tables in the schema {self.schema} are of version {version}, and this package uses"
                f" version {VERSION}: use {remedy}"
            )
        return version

    def _was_committed(self, number: str, era: str | None) -> bool:
        """Ask the server what became of a transaction whose commit has no answer.

        Raises:
            TransportError: it is not known.
        """
        import psycopg

        with suppress(psycopg.Error, SpShippingError), self._lent() as connection:
            cursor = connection.cursor()
            for _ in range(_LOOKS):
                state, now = cast(tuple[Any, ...], cursor.execute(_STATUS, (number,)).fetchone())
                if state == "aborted":
                    return False
                if era is None or now != era:
                    break  # the server has crashed: what is committed may be another one with its number
                if state == "committed":
                    return True
                # the connection was lost, and the server has not noticed it yet
                cursor.execute("SELECT pg_sleep(%s)", (_LOOK_SECONDS,))
        raise TransportError(_NOT_KNOWN, failure="cut")
