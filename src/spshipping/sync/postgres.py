"""Leases in a PostgreSQL database, for the workers of all machines that share it."""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar, cast

from spshipping.errors import LeaseLostError
from spshipping.named import NamedTuple
from spshipping.postgres import PostgresDatabase
from spshipping.postgres_transaction import Transaction
from spshipping.secret import discreet
from spshipping.sync.checkpoint import Checkpoint
from spshipping.sync.leases import (
    MOST_SECONDS,
    NewChange,
    Noted,
    PendingChange,
    Quarantined,
    SellerState,
    bounded,
)
from spshipping.sync.names import check_change, check_id, checked_names, kept_text

T = TypeVar("T")

_ADD = """
INSERT INTO $schema.sellers (name, due_at, search_at) VALUES (%s, %s, %s) ON CONFLICT (name) DO NOTHING"""
# what lies further off than anything may was written while the clock of the server was wrong
_CLAIM = """
UPDATE $schema.sellers SET owner = %s, lease_until = %s, pulled_to = NULL, fence = nextval('$schema.fences')
WHERE name = (
    SELECT name FROM $schema.sellers
    WHERE (due_at <= %s OR due_at > %s) AND (lease_until IS NULL OR lease_until <= %s OR lease_until > %s)
        AND $whose
    ORDER BY due_at, name LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING name, fence, search_at, failures"""
_LOCK = "SELECT failures FROM $schema.sellers WHERE name = %s FOR UPDATE"
_NOTE = """
INSERT INTO $schema.changes (key, seller, item_id, changed_at, due_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING"""
_REJECT = """
INSERT INTO $schema.changes (key, due_at, over_at, reason) VALUES (%s, %s, %s, %s)
ON CONFLICT (key) DO NOTHING"""
_REJECTED = "DELETE FROM $schema.changes WHERE key = %s AND seller IS NULL"
# what fails is due no earlier than it was
_PULL = "UPDATE $schema.sellers SET due_at = least(due_at, %s) WHERE name = %s AND failures = 0"
_PULL_SEARCH = """
UPDATE $schema.sellers SET pulled_to = least(pulled_to, %s),
    search_at = CASE WHEN failures = 0 THEN least(search_at, %s) ELSE search_at END
WHERE name = %s"""
_NEXT = """
SELECT min(CASE WHEN at > %s THEN 0 ELSE at END) FROM (
    SELECT greatest(due_at, coalesce(lease_until, due_at)) AS at FROM $schema.sellers WHERE $whose
) AS each"""
_SELLERS = """
SELECT name, until, due_at, coalesce(lease_until > %s, false), failures,
    (SELECT count(*) FROM $schema.changes WHERE seller = name AND over_at IS NULL)
FROM $schema.sellers ORDER BY name"""
_QUARANTINED = """
SELECT key, reason, over_at, seller, item_id FROM $schema.changes
WHERE reason IS NOT NULL AND (%s::text IS NULL OR key > %s) ORDER BY key LIMIT %s"""
_OWNED = """
SELECT pulled_to FROM $schema.sellers
WHERE name = %s AND fence = %s AND lease_until IS NOT NULL FOR UPDATE"""
_SAVE = "UPDATE $schema.sellers SET checkpoint = %s, until = %s, lease_until = %s WHERE name = %s"
_RENEW = "UPDATE $schema.sellers SET lease_until = %s WHERE name = %s"
_RELEASE = """
UPDATE $schema.sellers SET owner = NULL, lease_until = NULL, failures = %s, search_at = %s, due_at = %s
WHERE name = %s"""
_DUE_OF_CHANGES = """
SELECT min(CASE WHEN due_at > %s THEN 0 ELSE due_at END) FROM $schema.changes
WHERE seller = %s AND over_at IS NULL"""
_WAITING = "WHERE key = %s AND seller = %s AND over_at IS NULL"
# the column is called deliveries, and counts failures: tables that were made before have it
_TAKE = """
SELECT key, item_id, deliveries FROM $schema.changes
WHERE seller = %s AND over_at IS NULL AND (due_at <= %s OR due_at > %s) ORDER BY number LIMIT %s"""


class PostgresLeases:
    """Keeps a row for each seller in a PostgreSQL database, and the changes that notifications name.

    All times are by the clock of the server. An owner that dies or hangs loses its row when the lease ends;
    what it writes later is refused. Claims do not wait for each other.

    Where the database cannot be reached, steps raise `TransportError`: try again.
    """

    def __init__(self, database: PostgresDatabase) -> None:
        """Use a database, whose tables `make_tables()` has made.

        On a connection of yours, `save` joins your transaction: what you wrote and the checkpoint are
        committed together. Claim where none is open.
        """
        self._database = database

    @discreet
    def add(self, sellers: Iterable[str]) -> int:
        """Add rows, due now; return how many are new."""
        names = sorted(
            checked_names(sellers)
        )  # in one order, so that two who do so do not wait for each other

        def step(transaction: Transaction) -> int:
            now = transaction.now()
            return sum(transaction.execute(_ADD, (name, now, now)).rowcount for name in names)

        return self._database.changed(step)

    @discreet
    def remove(self, seller: str) -> bool:
        """Remove a seller's row, with its checkpoint and its changes."""
        check_id(seller, "seller")
        asked = "DELETE FROM $schema.sellers WHERE name = %s"
        return self._database.changed(lambda step: step.execute(asked, (seller,)).rowcount > 0)

    @discreet
    def claim(
        self, owner: str, lease: float, sellers: AbstractSet[str] | None = None
    ) -> "PostgresLease | None":
        """Lease the free row of *sellers* that has been due longest, for *lease* seconds, and return it."""
        lease = bounded(lease)
        whose, names = _whose(sellers)

        def step(transaction: Transaction) -> PostgresLease | None:
            now = transaction.now()
            latest = now + MOST_SECONDS
            row = transaction.execute(
                _CLAIM.replace("$whose", whose), (owner, now + lease, now, latest, now, latest, *names)
            ).fetchone()
            if row is None:
                return None
            name, fence, search_at, failures = row
            search_in = 0.0 if search_at > latest else search_at - now
            return PostgresLease(self._database, _Claimed(name, fence, search_in, failures), lease)

        # others must see it, and see it end: never part of a transaction that somebody else commits
        return self._database.changed(step, is_durable=True)

    @discreet
    def note(self, change: NewChange) -> Noted:
        """Note a change, unless it is known."""
        check_change(change)
        at = None if change.changed_at is None else change.changed_at.timestamp()

        def step(transaction: Transaction) -> Noted:
            if transaction.execute(_LOCK, (change.seller,)).fetchone() is None:
                return Noted.UNKNOWN
            now = transaction.now()
            values = (change.key, change.seller, change.item_id, at, now)
            is_new = transaction.execute(_NOTE, values).rowcount > 0
            if not is_new and transaction.execute(_REJECTED, (change.key,)).rowcount:
                # what was rejected was noted for nobody
                is_new = transaction.execute(_NOTE, values).rowcount > 0
            if not is_new:
                return Noted.REPEAT
            transaction.execute(_PULL, (now, change.seller))
            return Noted.NEW

        return self._database.changed(step)

    @discreet
    def reject(self, key: str, reason: str) -> bool:
        """Put into quarantine what names no seller's change."""
        check_id(key, "key")
        reason = kept_text(reason)

        def step(transaction: Transaction) -> bool:
            now = transaction.now()
            return transaction.execute(_REJECT, (key, now, now, reason)).rowcount > 0

        return self._database.changed(step)

    @discreet
    def pull_forward(self, seller: str, seconds: float = 0.0) -> bool:
        """Let a seller's search be due in *seconds* at the latest."""
        check_id(seller, "seller")

        def step(transaction: Transaction) -> bool:
            at = transaction.now() + bounded(seconds)
            if not transaction.execute(_PULL_SEARCH, (at, at, seller)).rowcount:
                return False
            transaction.execute(_PULL, (at, seller))
            return True

        return self._database.changed(step)

    @discreet
    def next_in(self, sellers: AbstractSet[str] | None = None) -> float | None:
        """Return the seconds until a row of *sellers* can be claimed."""
        whose, names = _whose(sellers)

        def step(transaction: Transaction) -> float | None:
            now = transaction.now()
            row = transaction.execute(_NEXT.replace("$whose", whose), (now + MOST_SECONDS, *names)).fetchone()
            (at,) = cast(tuple[float | None], row)
            return None if at is None else max(0.0, at - now)

        return self._database.read(step)

    @discreet
    def sellers(self) -> Sequence[SellerState]:
        """Return all rows, in the order of their names."""

        def step(transaction: Transaction) -> list[SellerState]:
            now = transaction.now()
            return [
                SellerState(name, None if until is None else _time(until), due_at - now, *rest)
                for name, until, due_at, *rest in transaction.execute(_SELLERS, (now,)).fetchall()
            ]

        return self._database.read(step)

    @discreet
    def quarantined(self, after: str | None = None, most: int = 100) -> Sequence[Quarantined]:
        """Return what was set aside, in the order of keys, after the key *after*."""
        rows = self._database.read(lambda step: step.execute(_QUARANTINED, (after, after, most)).fetchall())
        return [Quarantined(key, reason, _time(at), *whose) for key, reason, at, *whose in rows]

    @discreet
    def purge(self, seconds: float) -> int:
        """Forget what was done or set aside longer ago than *seconds*."""
        asked = "DELETE FROM $schema.changes WHERE over_at < %s"
        return self._database.changed(lambda step: step.execute(asked, (step.now() - seconds,)).rowcount)

    def __repr__(self) -> str:
        return f"<PostgresLeases in {self._database!r}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("leases are never pickled: make them of the same database in the other process")


class _Claimed(NamedTuple):
    """What is known of a row from when it was claimed."""

    seller: str
    fence: int
    search_in: float
    failures: int


class PostgresLease:
    """A row of `PostgresLeases` that was claimed."""

    def __init__(self, database: PostgresDatabase, claimed: _Claimed, lease: float) -> None:
        self.seller: str = claimed.seller
        self.fence: int = claimed.fence
        self.search_in: float = claimed.search_in
        self.failures: int = claimed.failures
        self._database = database
        self._lease = lease

    @discreet
    def load(self) -> Checkpoint | None:
        """Return what was saved last, or None."""
        asked = "SELECT checkpoint FROM $schema.sellers WHERE name = %s"
        row = self._database.read(lambda step: step.execute(asked, (self.seller,)).fetchone())
        return None if row is None or row[0] is None else Checkpoint.from_json(row[0])

    @discreet
    def save(self, checkpoint: Checkpoint) -> None:
        """Keep *checkpoint*, and extend the lease."""
        saved = (checkpoint.to_json(), checkpoint.until.timestamp())
        self._owned(lambda step, now, _: step.execute(_SAVE, (*saved, now + self._lease, self.seller)))

    @discreet
    def renew(self) -> None:
        """Extend the lease by as long as it was claimed for."""
        self._owned(lambda step, now, _: step.execute(_RENEW, (now + self._lease, self.seller)))

    @discreet
    def take(self, most: int) -> Sequence[PendingChange]:
        """Return the oldest changes that wait and are due."""

        def step(transaction: Transaction, now: float, _: float | None) -> list[tuple[Any, ...]]:
            return transaction.execute(_TAKE, (self.seller, now, now + MOST_SECONDS, most)).fetchall()

        return [PendingChange(*row) for row in self._owned(step)]

    @discreet
    def done(self, changes: Iterable[PendingChange]) -> None:
        """Note that changes were delivered."""
        keys = [change.key for change in changes]

        def step(transaction: Transaction, now: float, _: float | None) -> None:
            for key in keys:
                self._change(transaction, "over_at = %s", (now,), key)

        self._owned(step)

    @discreet
    def put_off(self, change: PendingChange, seconds: float, *, is_failure: bool = False) -> None:
        """Let a change be taken again in *seconds*, and count a failure of it where it is one."""
        due = "due_at = %s, deliveries = deliveries + %s"
        self._owned(
            lambda step, now, _: self._change(
                step, due, (now + bounded(seconds), int(is_failure)), change.key
            )
        )

    @discreet
    def set_aside(self, change: PendingChange, reason: str) -> None:
        """Put a change into quarantine."""
        self._owned(
            lambda step, now, _: self._change(
                step, "over_at = %s, reason = %s", (now, kept_text(reason)), change.key
            )
        )

    @discreet
    def release(self, search_in: float, failures: int = 0) -> None:
        """Give the row back; the next search is due in *search_in* seconds, or earlier."""

        def step(transaction: Transaction, now: float, pulled_to: float | None) -> None:
            search_at = due_at = now + bounded(search_in)
            if not failures:
                search_at = search_at if pulled_to is None else min(search_at, pulled_to)
                row = transaction.execute(_DUE_OF_CHANGES, (now + MOST_SECONDS, self.seller)).fetchone()
                (change_at,) = cast(tuple[float | None], row)
                # behind those that are due already
                due_at = search_at if change_at is None else max(now, min(search_at, change_at))
            transaction.execute(_RELEASE, (failures, search_at, due_at, self.seller))

        self._owned(step)

    def _change(self, transaction: Transaction, changes: str, values: tuple[Any, ...], key: str) -> None:
        asked = f"UPDATE $schema.changes SET {changes} {_WAITING}"  # noqa: S608 - names of ours
        transaction.execute(asked, (*values, key, self.seller))

    def _owned(self, step: Callable[[Transaction, float, float | None], T]) -> T:
        """Do a step while the row is this owner's, and locked against changes.

        Raises:
            LeaseLostError: it is another's by now, or no one's.
        """

        def done(transaction: Transaction) -> T:
            row = transaction.execute(_OWNED, (self.seller, self.fence)).fetchone()
            if row is None:
                raise LeaseLostError(
                    "the seller is another worker's by now, or was given back or removed: what it was claimed"
                    " for is claimed again"
                )
            return step(transaction, transaction.now(), row[0])

        return self._database.changed(done)

    def __repr__(self) -> str:
        return f"<PostgresLease, fence {self.fence}>"


def _whose(sellers: AbstractSet[str] | None) -> tuple[str, tuple[list[str], ...]]:
    """Return the condition for rows of these sellers, and its values; all are of anybody."""
    return ("true", ()) if sellers is None else ("name = ANY(%s::text[])", (list(sellers),))


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
