"""The purchase orders that were imported, in one file of SQLite's."""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Self

from spshipping.journal.file import FileKind, SqliteFile
from spshipping.vendor.orders import Order, OrderStatus
from spshipping.vendor.sync import ImportedOrder, ImportReason
from spshipping.wire.convert import dumps, loads

_SCHEMA = """
CREATE TABLE orders (
    place TEXT NOT NULL, number TEXT NOT NULL, reason TEXT NOT NULL, document BLOB NOT NULL, status BLOB,
    read_at REAL NOT NULL,
    PRIMARY KEY (place, number)
) WITHOUT ROWID;
"""
_KIND = FileKind("store of purchase orders", application_id=0x53505310, version=1, schema=_SCHEMA)
# an order that came without its state keeps the state that is known of it
_KEEP = (
    "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (place, number) DO UPDATE SET"
    " reason = excluded.reason, document = excluded.document,"
    " status = coalesce(excluded.status, status), read_at = excluded.read_at"
)
_SELECT = "SELECT reason, document, status, read_at FROM orders WHERE place = ?"


class StoredOrder(NamedTuple):
    """A purchase order as it was read last."""

    imported: ImportedOrder
    read_at: datetime

    @property
    def order(self) -> Order:
        """The purchase order itself."""
        return self.imported.purchase_order


class OrderStore:
    """Keeps the purchase orders of one endpoint; a later state of an order takes the place of an earlier one.

    What is written is on the disk on return.
    """

    def __init__(self, path: Path, place: str) -> None:
        """Use the file *path*, which is made when it is first used.

        Args:
            path: the file.
            place: the endpoint: orders of Amazon's sandbox and of production do not mix.
        """
        self._file = SqliteFile(path, _KIND)
        self._place = place

    def put(self, orders: Iterable[ImportedOrder], at: datetime) -> None:
        """Write orders that were read at a time."""
        rows = [
            (
                self._place,
                each.number,
                each.reason.value,
                dumps(each.purchase_order),
                None if each.status is None else dumps(each.status),
                at.timestamp(),
            )
            for each in orders
        ]
        with self._file.changed() as connection:
            connection.executemany(_KEEP, rows)

    def known(self, numbers: Collection[str]) -> set[str]:
        """Return those of the numbers that are here."""
        with self._file.used() as connection:
            found = connection.execute("SELECT number FROM orders WHERE place = ?", (self._place,))
            return set(numbers) & {number for (number,) in found}

    def find(self, number: str) -> StoredOrder | None:
        """Return an order by its number, or None."""
        with self._file.used() as connection:
            row = connection.execute(f"{_SELECT} AND number = ?", (self._place, number)).fetchone()
        return None if row is None else _stored(row)

    def all(self) -> Iterator[StoredOrder]:
        """Yield every order, by its number."""
        with self._file.used() as connection:
            rows = connection.execute(f"{_SELECT} ORDER BY number", (self._place,)).fetchall()
        yield from map(_stored, rows)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _stored(row: tuple[str, bytes, bytes | None, float]) -> StoredOrder:
    reason, document, status, read_at = row
    return StoredOrder(
        ImportedOrder(
            loads(document, Order),
            None if status is None else loads(status, OrderStatus),
            ImportReason(reason),
        ),
        datetime.fromtimestamp(read_at, UTC),
    )
