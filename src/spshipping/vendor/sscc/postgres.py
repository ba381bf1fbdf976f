"""Which serial numbers are issued, in a PostgreSQL database, for all machines that share it."""

from datetime import datetime
from typing import NoReturn

from spshipping.postgres import PostgresDatabase
from spshipping.postgres_transaction import Transaction
from spshipping.vendor.sscc.serials import Block, IssuedBlock, SerialRange, next_block, timestamp_of

_FIND = """
SELECT first, last, shipped_at FROM $schema.serial_blocks
WHERE prefix = %s AND extension = %s AND first <= %s AND last >= %s"""
_TAKE_AGAIN = """
UPDATE $schema.serial_blocks SET issued_at = %s, shipped_at = NULL
WHERE prefix = %s AND extension = %s AND first = %s"""
_TAKE = "INSERT INTO $schema.serial_blocks VALUES (%s, %s, %s, %s, %s, NULL)"
_SHIPPED = """
UPDATE $schema.serial_blocks SET shipped_at = greatest(shipped_at, %s)
WHERE prefix = %s AND extension = %s AND first <= %s AND last >= %s"""


class PostgresSerials:
    """Keeps blocks in a PostgreSQL database, for all processes of all machines that share it.

    A block is on the disk of the server before the first of its numbers is used. An older copy of the
    database that is brought back issues codes a second time: then begin the range behind the last code that
    was printed.

    Where the database cannot be reached, steps raise `TransportError`, and no number is issued.
    """

    def __init__(self, database: PostgresDatabase) -> None:
        """Use a database, whose tables `make_tables()` has made."""
        self._database = database

    def take(self, wanted: SerialRange, size: int) -> Block | None:
        """Take a block of at most *size* serial numbers of a range; it is on the disk on return."""

        def step(transaction: Transaction) -> Block | None:
            prefix, extension = wanted.prefix, wanted.extension
            transaction.alone("serials", prefix, str(extension))
            where = (prefix, extension, wanted.end, wanted.first)
            found = transaction.execute(f"{_FIND} ORDER BY first DESC LIMIT 1", where).fetchall()
            if found and found[0][1] >= wanted.end:  # only where nothing is left behind it, all are needed
                found = transaction.execute(_FIND, where).fetchall()
            now = transaction.now()
            taken = next_block([IssuedBlock(*row) for row in found], wanted, size, now)
            if taken is None:
                return None
            block, is_again = taken
            if is_again:
                transaction.execute(_TAKE_AGAIN, (now, prefix, extension, block.first))
            else:
                transaction.execute(_TAKE, (prefix, extension, *block, now))
            return block

        return self._database.changed(step, is_durable=True)

    def shipped(self, prefix: str, extension: int, serial: int, at: datetime) -> bool:
        """Note when a serial number was shipped."""
        values = (timestamp_of(at), prefix, extension, serial, serial)
        return self._database.changed(lambda transaction: transaction.execute(_SHIPPED, values).rowcount > 0)

    def __repr__(self) -> str:
        return f"<PostgresSerials in {self._database!r}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a store of serials is never pickled: make one of the same database in the other process"
        )
