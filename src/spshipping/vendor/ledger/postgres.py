"""A ledger in a PostgreSQL database, for all machines that share it."""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, cast

from spshipping.postgres import PostgresDatabase
from spshipping.postgres_transaction import Transaction
from spshipping.secret import discreet
from spshipping.vendor.ledger import steps
from spshipping.vendor.ledger.entry import MOST_SECONDS, Entry, NewEntry, Scope, Settlement, Whose
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

_SELECT = f"SELECT {', '.join(COLUMNS)} FROM $schema.submissions"  # noqa: S608 - names of ours
_NUMBERED = f"{_SELECT} WHERE number = %s"
_HISTORY = f"{_SELECT} WHERE ({', '.join(SCOPE)}) = (%s, %s, %s, %s) ORDER BY number"
_KEEP = (
    f"INSERT INTO $schema.submissions ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))})"  # noqa: S608
    f" ON CONFLICT (number) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in COLUMNS[1:])}"
)
_NUMBER = "SELECT nextval('$schema.submission_numbers')"
_CANDIDATES = 100
"""More than others can be at in the same moment."""


class PostgresLedger:
    """Keeps submissions in a PostgreSQL database, for all processes of all machines that share it.

    What is written is on the disk of the server on return. Times are by the clock of the server. Steps of
    the same scope happen one after another; those of others do not wait for them.

    Where the database cannot be reached, steps raise `TransportError`, and nothing is sent.
    """

    def __init__(self, database: PostgresDatabase) -> None:
        """Use a database, whose tables `make_tables()` has made."""
        self._database = database

    @discreet
    def begin(self, new: NewEntry, lease: float, *, after: int) -> Entry | None:
        """Begin a submission; it is on the disk on return."""

        def step(transaction: Transaction) -> Entry | None:
            _be_alone(transaction, new.scope)
            found = _found(transaction, _HISTORY, values_of(new.scope))
            if found and found[-1].number > after:
                return None
            (number,) = cast(tuple[int], transaction.execute(_NUMBER).fetchone())
            return _kept(transaction, steps.begun(found, new, number, transaction.now(), lease))

        return self._database.changed(step, is_durable=True)

    @discreet
    def own(self, number: int, lease: float) -> Entry | None:
        """Return an open submission, for this process to work on."""
        return self._settled(number, lambda found: steps.owned(found, found.read_at, lease), is_durable=True)

    @discreet
    def claim(self, whose: Whose, lease: float) -> Entry | None:
        """Own the open submission that is due longest, past those that others are at."""
        test, values = condition_of(whose, "%s")
        asked = (
            f"{_SELECT} WHERE {test} AND {IS_OPEN} AND (due_at <= %s OR due_at > %s)"
            " ORDER BY due_at, number LIMIT %s"
        )

        def step(transaction: Transaction) -> Entry | None:
            now = transaction.now()
            for seen in _found(transaction, asked, (*values, now, now + MOST_SECONDS, _CANDIDATES)):
                if not transaction.is_alone("submissions", *values_of(seen.scope)):
                    continue
                (found,) = _found(transaction, _NUMBERED, (seen.number,))
                # another process may have had it meanwhile
                if found.is_due and (made := steps.owned(found, found.read_at, lease)):
                    return _kept(transaction, made)
            return None

        return self._database.changed(step, is_durable=True)

    @discreet
    def settle(self, number: int, outcome: Settlement) -> Entry | None:
        """Note what a step has brought; it is on the disk on return."""
        return self._settled(number, lambda found: steps.settled(found, outcome, found.read_at))

    def _settled(
        self, number: int, step: Callable[[Entry], Entry | None], *, is_durable: bool = False
    ) -> Entry | None:
        def done(transaction: Transaction) -> Entry | None:
            seen = _found(transaction, _NUMBERED, (number,))
            if not seen:
                return None
            _be_alone(transaction, seen[0].scope)
            (found,) = _found(transaction, _NUMBERED, (number,))
            return _kept(transaction, step(found))

        return self._database.changed(done, is_durable=is_durable)

    @discreet
    def find(self, number: int) -> Entry | None:
        """Return a submission, or None."""
        return next(iter(self._read(_NUMBERED, (number,))), None)

    @discreet
    def history(self, scope: Scope) -> Sequence[Entry]:
        """Return all submissions of a scope, the oldest first."""
        return self._read(_HISTORY, values_of(scope))

    @discreet
    def entries(
        self, whose: Whose, *, is_open: bool | None = None, after: int = 0, most: int = 100
    ) -> Sequence[Entry]:
        """Return submissions with a number above *after*, the oldest first; those that are open, or not."""
        test, values = condition_of(whose, "%s")
        state = {None: "", True: f" AND {IS_OPEN}", False: f" AND NOT {IS_OPEN}"}[is_open]
        asked = f"{_SELECT} WHERE {test} AND number > %s{state} ORDER BY number LIMIT %s"
        return self._read(asked, (*values, after, most))

    @discreet
    def latest(self, whose: Whose, *, after: int = 0, most: int = 100) -> Sequence[Entry]:
        """Return the last of each scope that Amazon may have taken, with a number above *after*."""
        test, values = condition_of(whose, "%s")
        last = (
            f"SELECT max(number) FROM $schema.submissions WHERE {test} AND {IS_SAID}"  # noqa: S608
            f" GROUP BY {', '.join(SCOPE)}"
        )
        asked = f"{_SELECT} WHERE number IN ({last}) AND number > %s ORDER BY number LIMIT %s"
        return self._read(asked, (*values, after, most))

    @discreet
    def due_in(self, whose: Whose) -> float | None:
        """Return after how many seconds the next open submission is due."""
        test, values = condition_of(whose, "%s")
        asked = f"SELECT min(due_at) FROM $schema.submissions WHERE {test} AND {IS_OPEN}"  # noqa: S608

        def step(transaction: Transaction) -> float | None:
            (due_at,) = cast(tuple[float | None], transaction.execute(asked, values).fetchone())
            return None if due_at is None else due_at - transaction.now()

        return self._database.read(step)

    def _read(self, asked: str, values: Sequence[Any]) -> list[Entry]:
        return self._database.read(lambda transaction: _found(transaction, asked, values))

    def __repr__(self) -> str:
        return f"<PostgresLedger in {self._database!r}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a ledger is never pickled: make one of the same database in the other process")


def _be_alone(transaction: Transaction, scope: Scope) -> None:
    transaction.alone("submissions", *values_of(scope))


def _found(transaction: Transaction, asked: str, values: Sequence[Any]) -> list[Entry]:
    rows = transaction.execute(asked, values).fetchall()
    now = transaction.now()
    return [entry_of(row, now) for row in rows]


def _kept(transaction: Transaction, entry: Entry | None) -> Entry | None:
    if entry is not None:
        history = _found(transaction, _HISTORY, values_of(entry.scope))
        for each in (*steps.superseded_by(entry, history), entry):
            transaction.execute(_KEEP, row_of(each))
    return entry
