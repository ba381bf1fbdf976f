"""A journal in a PostgreSQL database, for all machines that share it, and its log of pushed events."""

import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any, NoReturn, cast

from spshipping.auth.vault import KeySource
from spshipping.errors import ConfigurationError
from spshipping.journal import steps
from spshipping.journal.entry import IN_DOUBT, SPENT, Account, Charge, Entry, Owned, Scope, State
from spshipping.journal.events import (
    MOST_SECONDS,
    SOURCE,
    Appended,
    LoggedEvent,
    NewEvent,
    bounded,
    end_of_day,
)
from spshipping.journal.rows import COLUMNS, KEY_COLUMNS, SECRET, SECRET_BYTES, Rows
from spshipping.journal.stepped import Step, Stepped
from spshipping.postgres import PostgresDatabase
from spshipping.postgres_transaction import Transaction
from spshipping.secret import discreet

_KEYS = ", ".join(KEY_COLUMNS)
_KEY_MARKS = ", ".join(["%s"] * len(KEY_COLUMNS))
_SELECT = f"SELECT {', '.join(COLUMNS)} FROM $schema.purchases"  # noqa: S608 - names of ours
_COUNT = "SELECT count(*) FROM $schema.purchases WHERE state = ANY(%s)"
_FIND = f"{_SELECT} WHERE ({_KEYS}) = ({_KEY_MARKS})"
_INSERT = (
    f"INSERT INTO $schema.purchases ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))})"  # noqa: S608
    # of any index: of two who insert at once, one may meet the other in that of keys
    " ON CONFLICT DO NOTHING"
)
_REST = COLUMNS[len(KEY_COLUMNS) :]
_UPDATE = (
    f"UPDATE $schema.purchases SET ({', '.join(_REST)}) = ({', '.join(['%s'] * len(_REST))})"  # noqa: S608
    f" WHERE ({_KEYS}) = ({_KEY_MARKS})"
)
_FIND_FACT = "SELECT value FROM $schema.facts WHERE name = %s"
_KEEP_FACT = "INSERT INTO $schema.facts VALUES (%s, %s) ON CONFLICT DO NOTHING"
_SEAL_FACT = "UPDATE $schema.facts SET value = %s WHERE name = %s AND value = %s"
_SPENT_ON = (
    "SELECT amount, unit FROM $schema.purchases WHERE day = %s AND place = %s AND seller = %s"  # noqa: S608
    f" AND amount IS NOT NULL AND state = ANY(%s) AND ({_KEYS}) <> ({_KEY_MARKS})"
)


def _found_secret(transaction: Transaction) -> bytes | None:
    row = transaction.execute(_FIND_FACT, (SECRET,)).fetchone()
    return None if row is None else bytes(row[0])


def _kept_secret(rows: Rows, transaction: Transaction) -> bytes:
    """Return the secret as it is kept; make it where there is none, and seal it once there is a key.

    So a process with another key is refused at once.
    """
    while (found := _found_secret(transaction)) is None:
        values = (SECRET, rows.seal(secrets.token_hex(SECRET_BYTES), SECRET))
        transaction.execute(_KEEP_FACT, values)
    if rows.lacks_seal(found):
        sealed = rows.seal(rows.secret(found).hex(), SECRET)
        transaction.execute(_SEAL_FACT, (sealed, SECRET, found))
        # that of another process, where it was faster; a fact is never removed
        found = cast(bytes, _found_secret(transaction))
    return found


class PostgresJournal(Stepped):
    """Keeps purchases in a PostgreSQL database, for all processes of all machines that share it.

    What is written is on the disk of the server on return. Leases are by the clock of the server. With a key,
    what is to be bought and what was bought is sealed; the references, states, times and charges are not.
    Without one, nothing personal is kept: no address and no label. All who share it have the same key.

    A spending limit is never passed: those who reserve for the same account and day do so one after another.

    Where the database cannot be reached, steps raise `TransportError`, and nothing is bought.
    """

    def __init__(self, database: PostgresDatabase, *, key: KeySource | None = None) -> None:
        """Use a database, whose tables `make_tables()` has made.

        Args:
            database: where the purchases are kept; on a connection of yours, only one with autocommit can
                send what it has.
            key: a callable that returns the key, called once, when it is first needed: `FileStore.new_key()`
                makes one. None for the variable `SPSHIPPING_STORE_KEY`; where that is not set, there is none.
        """
        self._database = database
        self._rows = Rows(key, f"the journal in the schema {database.schema}")
        self._secret: bytes | None = None

    @property
    def keeps_personal(self) -> bool:
        """Whether texts may hold personal data: they may where there is a key, and are sealed then."""
        return self._rows.keeps_personal

    @discreet
    def secret(self) -> bytes:
        """Return the key for digests of personal fields; who first asks for it makes it."""
        if self._secret is not None:
            return self._secret
        may_end = self._database.is_open()  # with the transaction that it was made in
        found = self._database.read(_found_secret)
        if found is None or self._rows.lacks_seal(found):
            found = self._database.changed(partial(_kept_secret, self._rows), is_durable=True)
        secret = self._rows.secret(found)
        self._secret = None if may_end else secret
        return secret

    @discreet
    def _step(self, scope: Scope, step: Step) -> tuple[Entry | None, Entry | None]:
        return self._done(scope, step)

    def _done(
        self, scope: Scope, step: Step, *, is_durable: bool = False
    ) -> tuple[Entry | None, Entry | None]:
        def done(transaction: Transaction) -> tuple[Entry | None, Entry | None]:
            for _ in range(2):
                row = transaction.execute(f"{_FIND} FOR UPDATE", scope).fetchone()
                now = transaction.now()
                found = None if row is None else self._rows.entry(row, now)
                made = step(found, now)
                if made is None or made == found:
                    return found, made
                values = self._rows.row(made)
                if found is not None:
                    transaction.execute(_UPDATE, (*values[len(KEY_COLUMNS) :], *scope))
                    return found, made
                if transaction.execute(_INSERT, values).rowcount:
                    return found, made
                # another process has made it meanwhile; no entry is ever removed
            raise ConfigurationError(
                "another purchase in the database has the key of this one: bring back a copy that is whole"
            )

        return self._database.changed(done, is_durable=is_durable)

    def _spent(self, scope: Scope, day: str) -> Iterable[Charge]:
        def spent(transaction: Transaction) -> list[tuple[Any, ...]]:
            # those who were alone before have committed, and this sees what they have reserved
            transaction.alone("spending", *scope.account, day)
            values = (day, *scope.account, [state.value for state in SPENT], *scope)
            return transaction.execute(_SPENT_ON, values).fetchall()

        return [Charge(Decimal(amount), unit) for amount, unit in self._database.read(spent)]

    @discreet
    def sending(self, owned: Owned, lease: float) -> bool:
        """Note that the purchase leaves now; False, and then it must not, where it is no longer owned."""

        def step(found: Entry | None, now: float) -> Entry | None:
            return steps.sent(found, owned, now, lease)

        return self._done(owned.scope, step, is_durable=True)[1] is not None

    @discreet
    def find(self, scope: Scope) -> Entry | None:
        """Return a purchase, or None."""

        def found(transaction: Transaction) -> Entry | None:
            row = transaction.execute(_FIND, scope).fetchone()
            return None if row is None else self._rows.entry(row, transaction.now())

        return self._database.read(found)

    @discreet
    def entries(
        self, account: Account, states: Collection[State], after: Scope | None = None, most: int = 100
    ) -> Sequence[Entry]:
        """Return purchases in one of *states*, in the order of scopes, after *after*."""
        asked = f"{_SELECT} WHERE place = %s AND seller = %s AND state = ANY(%s)"
        values: list[Any] = [*account, [state.value for state in states]]
        if after is not None:
            asked += f" AND ({_KEYS}) > ({_KEY_MARKS})"
            values += after

        def listed(transaction: Transaction) -> list[Entry]:
            rows = transaction.execute(f"{asked} ORDER BY {_KEYS} LIMIT %s", (*values, most)).fetchall()
            now = transaction.now()
            return [self._rows.entry(row, now) for row in rows]

        return self._database.read(listed)

    @discreet
    def open_count(self) -> int:
        """Return how many purchases of all sellers may have been bought, and have no known outcome.

        Those that are being sent right now count too.
        """
        states = [state.value for state in (*IN_DOUBT, State.UNSETTLED)]

        def counted(transaction: Transaction) -> int:
            (found,) = cast(tuple[int], transaction.execute(_COUNT, (states,)).fetchone())
            return found

        return self._database.read(counted)

    def events(self, source: str = SOURCE) -> "PostgresEvents":
        """Return the log of what is pushed by *source*; logs of two sources never meet."""
        return PostgresEvents(source, self._database, self._rows)

    def __repr__(self) -> str:
        return f"<PostgresJournal in {self._database!r}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a journal is never pickled: make one of the same database in the other process")


_EVENT = "key, text, personal, received_at, deliveries, unreadable"
_APPEND = """
INSERT INTO $schema.events (source, key, state, text, personal, received_at, changed_at, due_at, forget_at,
    deliveries, unreadable)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 0, %s) ON CONFLICT (source, key) DO NOTHING"""
_CLAIM = f"""
UPDATE $schema.events SET deliveries = deliveries + 1, due_at = %s,
    personal = CASE WHEN forget_at <= %s THEN NULL ELSE personal END
WHERE number = (
    SELECT number FROM $schema.events
    WHERE source = %s AND state = 'waiting' AND (due_at <= %s OR due_at > %s)
    ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING {_EVENT}"""  # noqa: S608 - names of ours
_CLAIMED = "WHERE source = %s AND key = %s AND deliveries = %s AND state = 'waiting'"
# in one order, and past what another step is at: that one erases it, or the next
_FORGET = """
UPDATE $schema.events SET personal = NULL, forget_at = NULL WHERE number IN (
    SELECT number FROM $schema.events WHERE source = %s AND forget_at <= %s
    ORDER BY number FOR UPDATE SKIP LOCKED
)"""


class PostgresEvents:
    """Keeps the events of one source in the database of a `PostgresJournal`."""

    def __init__(self, source: str, database: PostgresDatabase, rows: Rows) -> None:
        self._source = source
        self._database = database
        self._rows = rows

    @property
    def keeps_personal(self) -> bool:
        """Whether it keeps what may be personal: it does where the journal has a key, and seals it."""
        return self._rows.keeps_personal

    @discreet
    def append(self, event: NewEvent) -> Appended:
        """Write an event, unless it is there already."""
        personal = self._rows.seal(event.personal, self._name(event.key)) if self.keeps_personal else None
        state = "waiting" if event.unreadable is None else "quarantined"

        def step(transaction: Transaction) -> Appended:
            # also where nothing is sealed: a process without the key would drop what is personal
            self._rows.secret(_kept_secret(self._rows, transaction))
            now = transaction.now()
            forget_at = end_of_day(now) if event.is_for_today and personal is not None else None
            values = (self._source, event.key, state, event.text, personal, now, now, now, forget_at)
            while not transaction.execute(_APPEND, (*values, event.unreadable)).rowcount:
                asked = "SELECT text FROM $schema.events WHERE source = %s AND key = %s"
                row = transaction.execute(asked, (self._source, event.key)).fetchone()
                if row is not None:  # otherwise it was purged just now
                    return Appended.REPEAT if row[0] == event.text else Appended.OTHER
            transaction.execute(_FORGET, (self._source, now))
            return Appended.NEW

        return self._database.changed(step)

    @discreet
    def claim(self, lease: float) -> LoggedEvent | None:
        """Return the oldest event that is to be handed over now; other claims do not wait for this one."""

        def step(transaction: Transaction) -> LoggedEvent | None:
            now = transaction.now()
            transaction.execute(_FORGET, (self._source, now))
            values = (now + bounded(lease), now, self._source, now, now + MOST_SECONDS)
            row = transaction.execute(_CLAIM, values).fetchone()
            return None if row is None else self._event(row)

        return self._database.changed(step)

    @discreet
    def done(self, event: LoggedEvent) -> bool:
        """Note that a claimed event was handed over."""
        changes = "state = 'done', personal = NULL, forget_at = NULL, changed_at = %s"
        return self._changed(event, changes, 0.0)

    @discreet
    def put_off(self, event: LoggedEvent, seconds: float) -> bool:
        """Let a claimed event be claimed again in *seconds*."""
        return self._changed(event, "due_at = %s", bounded(seconds))

    def _changed(self, event: LoggedEvent, changes: str, seconds: float) -> bool:
        def step(transaction: Transaction) -> bool:
            values = (transaction.now() + seconds, self._source, event.key, event.deliveries)
            asked = f"UPDATE $schema.events SET {changes} {_CLAIMED}"  # noqa: S608 - names of ours
            return transaction.execute(asked, values).rowcount > 0

        return self._database.changed(step)

    @discreet
    def quarantined(self, after: str | None = None, most: int = 100) -> Sequence[LoggedEvent]:
        """Return what could not be read, in the order of keys, after the key *after*."""
        asked = (
            f"SELECT {_EVENT} FROM $schema.events"  # noqa: S608 - names of ours
            " WHERE source = %s AND state = 'quarantined' AND key > %s ORDER BY key LIMIT %s"
        )

        def listed(transaction: Transaction) -> list[LoggedEvent]:
            return [self._event(row) for row in transaction.execute(asked, (self._source, after or "", most))]

        return self._database.read(listed)

    def forget(self) -> int:
        """Erase what is for an earlier day; return of how many events."""

        def step(transaction: Transaction) -> int:
            return transaction.execute(_FORGET, (self._source, transaction.now())).rowcount

        return self._database.changed(step)

    def purge(self, before: datetime) -> int:
        """Remove what was handed over, or put into quarantine, before then; return how many events."""

        def step(transaction: Transaction) -> int:
            transaction.execute(_FORGET, (self._source, transaction.now()))
            asked = "DELETE FROM $schema.events WHERE source = %s AND state <> 'waiting' AND changed_at < %s"
            return transaction.execute(asked, (self._source, before.timestamp())).rowcount

        return self._database.changed(step)

    def _event(self, row: Sequence[Any]) -> LoggedEvent:
        key, text, personal, received_at, deliveries, unreadable = row
        return LoggedEvent(
            key=key,
            text=text,
            personal=self._rows.open(personal, self._name(key)),
            received_at=datetime.fromtimestamp(received_at, UTC),
            deliveries=deliveries,
            unreadable=unreadable,
        )

    def _name(self, key: str) -> str:
        """Return what a sealed text is bound to: it does not open in the place of another."""
        return f"event {self._source} {key}"
