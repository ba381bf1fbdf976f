"""A ledger of offers in one file of SQLite's, for all threads and processes of one machine."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Self

from spshipping.journal.file import FileKind, SqliteFile
from spshipping.vendor.tools.offers.matching import Allocation, MatchedBy
from spshipping.vendor.tools.offers.offer import KeptOffer
from spshipping.vendor.tools.offers.stored import from_text, to_text

if TYPE_CHECKING:
    from sqlite3 import Connection

# the key of an allocation holds that a line belongs to one line of an offer at most
_SCHEMA = """
CREATE TABLE offers (
    place INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT NOT NULL UNIQUE, body TEXT NOT NULL
);
CREATE TABLE allocations (
    purchase_order TEXT NOT NULL, line TEXT NOT NULL, offer TEXT NOT NULL, offer_line INTEGER NOT NULL,
    quantity INTEGER NOT NULL, matched_by TEXT NOT NULL, deviation TEXT,
    PRIMARY KEY (purchase_order, line)
) WITHOUT ROWID;
"""
_KIND = FileKind("ledger of offers", application_id=0x53505304, version=1, schema=_SCHEMA)
_PUT = (
    "INSERT INTO offers (number, body) VALUES (?, ?) ON CONFLICT (number) DO UPDATE SET body = excluded.body"
)
_COLUMNS = "purchase_order, line, offer, offer_line, quantity, matched_by, deviation"


class _Book:
    """The offers in the file, within one transaction."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def find(self, number: str) -> KeptOffer | None:
        row = self._connection.execute("SELECT body FROM offers WHERE number = ?", (number,)).fetchone()
        return None if row is None else from_text(row[0])

    def offers(self) -> Sequence[KeptOffer]:
        return [
            from_text(body) for (body,) in self._connection.execute("SELECT body FROM offers ORDER BY place")
        ]

    def put(self, kept: KeptOffer) -> None:
        self._connection.execute(_PUT, (kept.offer.number, to_text(kept)))

    def allocations(self) -> Sequence[Allocation]:
        asked = f"SELECT {_COLUMNS} FROM allocations"  # noqa: S608 - names of ours
        return [_allocation(row) for row in self._connection.execute(asked)]

    def allocate(self, purchase_order: str, found: Sequence[Allocation]) -> None:
        self._connection.execute("DELETE FROM allocations WHERE purchase_order = ?", (purchase_order,))
        self._connection.executemany(
            f"INSERT INTO allocations ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            [
                (
                    each.purchase_order,
                    each.line,
                    each.offer,
                    each.offer_line,
                    each.quantity,
                    each.matched_by.value,
                    each.deviation,
                )
                for each in found
            ],
        )


class SqliteOffers:
    """Keeps offers in one file, for all threads and processes of this machine; never on a network drive.

    What is written is on the disk on return. The file belongs to its owner only. Close the ledger, or use it
    in `with`.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Use the file *path*; it, and its folder, are made when the ledger is first used."""
        self._file = SqliteFile(path, _KIND)
        self.path: Path = self._file.path

    @contextmanager
    def changed(self) -> Iterator[_Book]:
        """Read and write alone among all processes, all or nothing; it is on the disk when the block ends.

        Raises:
            ConfigurationError: the file cannot be used, and why.
        """
        with self._file.changed() as connection:
            yield _Book(connection)

    def close(self) -> None:
        """Close the file. A ledger that is used again opens it again."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<SqliteOffers {self.path}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a ledger is never pickled: open the same file in the other process")


def _allocation(row: Sequence[object]) -> Allocation:
    found = dict(zip(_COLUMNS.split(", "), row, strict=True))
    return Allocation(**{**found, "matched_by": MatchedBy(found["matched_by"])})  # type: ignore[arg-type]
