"""Which serial numbers are issued: taken from a store in blocks, before the first of a block is used."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, NoReturn, Protocol, Self

from spshipping.clock import Clock, SystemClock
from spshipping.errors import ConfigurationError, InvalidRequestError
from spshipping.forks import renew_after_fork
from spshipping.journal.file import FileKind, SqliteFile
from spshipping.vendor.sscc.code import Sscc, capacity, check_prefix

if TYPE_CHECKING:
    from sqlite3 import Connection

REUSE_AFTER = timedelta(days=365)
"""A code may be used again when its last shipment is longer ago than this.

Source: https://developer-docs.amazon.com/sp-api/docs/vendor-shipments-api-v1-use-case-guide
"""
_SCHEMA = """
CREATE TABLE blocks (
    prefix TEXT NOT NULL, extension INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    issued_at REAL NOT NULL, shipped_at REAL,
    PRIMARY KEY (prefix, extension, first)
) WITHOUT ROWID;
"""
_FIND = (
    "SELECT first, last, shipped_at FROM blocks"
    " WHERE prefix = ? AND extension = ? AND first <= ? AND last >= ?"
)
_KIND = FileKind("ledger of serials", application_id=0x53505301, version=1, schema=_SCHEMA)


class SerialRange(NamedTuple):
    """The serial numbers that one site issues: two sites that share no store have ranges that do not meet."""

    prefix: str
    extension: int = 0
    first: int = 0
    last: int | None = None
    """The last one; None for as many as the prefix allows."""

    @property
    def end(self) -> int:
        """The last serial number."""
        return capacity(self.prefix) - 1 if self.last is None else self.last

    def check(self) -> None:
        """Check the range.

        Raises:
            InvalidRequestError: there is no such range.
        """
        check_prefix(self.prefix)
        if type(self.first) is not int or type(self.end) is not int or self.first > self.end:
            raise InvalidRequestError("ends before it begins", path="last")
        Sscc.of(self.prefix, self.first, extension=self.extension)
        Sscc.of(self.prefix, self.end, extension=self.extension)


class Block(NamedTuple):
    """Serial numbers that belong to one process."""

    first: int
    last: int


class SerialStore(Protocol):
    """Gives blocks of serial numbers away. It may block; on return, what it wrote is on the disk.

    It is safe for all threads and processes that share it.
    """

    def take(self, wanted: SerialRange, size: int) -> Block | None:
        """Take a block of at most *size* serial numbers of a range, none of which is in use.

        A block is in use until `REUSE_AFTER` after its last shipment; one that was never shipped, for ever.
        Returns None where all are in use.
        """
        ...

    def shipped(self, prefix: str, extension: int, serial: int, at: datetime) -> bool:
        """Note when a serial number was shipped; False where it is in no block of this store."""
        ...


class IssuedBlock(NamedTuple):
    """A block that was taken, as a store has it."""

    first: int
    last: int
    shipped_at: float | None


def next_block(
    rows: list[IssuedBlock], wanted: SerialRange, size: int, now: float
) -> tuple[Block, bool] | None:
    """Return the next block of a range, and whether it is used again.

    Args:
        rows: the blocks that share a number with the range.
        wanted: the range.
        size: how many numbers a new block has at most.
        now: seconds since 1970.
    """
    gap = _gap(rows, wanted)
    if gap is not None:
        return Block(gap.first, min(gap.first + size - 1, gap.last)), False
    limit = now - REUSE_AFTER.total_seconds()
    free = [
        row
        for row in rows
        if row.first >= wanted.first and row.last <= wanted.end and (row.shipped_at or now) < limit
    ]
    if not free:
        return None
    oldest = min(free, key=lambda row: (row.shipped_at, row.first))
    return Block(oldest.first, oldest.last), True


def _gap(rows: list[IssuedBlock], wanted: SerialRange) -> Block | None:
    """Return numbers of a range that were never taken: those behind all blocks, else the first before one.

    A wider range may be used behind which, or within which, another one has begun.
    """
    first = max((row.last + 1 for row in rows), default=wanted.first)
    if first <= wanted.end:
        return Block(first, wanted.end)
    first = wanted.first
    for row in sorted(rows):
        if first < row.first:
            return Block(first, row.first - 1)
        first = row.last + 1
    return None


class MemorySerials:
    """Keeps blocks until the process ends. For tests: two runs issue the same codes."""

    def __init__(self, *, clock: Clock | None = None) -> None:
        """Make an empty store; *clock* decides when a code may be used again."""
        self._clock = clock or SystemClock()
        self._blocks: dict[tuple[str, int, int], IssuedBlock] = {}
        self.renew_locks()
        renew_after_fork(self)

    def renew_locks(self) -> None:
        """Leave behind a lock that another thread held when the process was forked."""
        self._lock = threading.RLock()

    def take(self, wanted: SerialRange, size: int) -> Block | None:
        """Take a block of at most *size* serial numbers of a range."""
        with self._lock:
            rows = [
                row
                for (prefix, extension, _), row in self._blocks.items()
                if (prefix, extension) == wanted[:2] and row.first <= wanted.end and row.last >= wanted.first
            ]
            found = next_block(rows, wanted, size, self._clock.now().timestamp())
            if found is None:
                return None
            block, _ = found
            self._blocks[(*wanted[:2], block.first)] = IssuedBlock(*block, None)
            return block

    def shipped(self, prefix: str, extension: int, serial: int, at: datetime) -> bool:
        """Note when a serial number was shipped."""
        time = timestamp_of(at)
        with self._lock:
            for key, row in self._blocks.items():
                if key[:2] == (prefix, extension) and row.first <= serial <= row.last:
                    self._blocks[key] = row._replace(shipped_at=max(time, row.shipped_at or time))
                    return True
        return False


class SqliteSerials:
    """Keeps blocks in one file, for all threads and processes of this machine; never on a network drive.

    Close it, or use it in `with`. A copy of the file, or an older one that is brought back, issues codes a
    second time: then begin the range behind the last code that was printed.
    """

    def __init__(self, path: str | os.PathLike[str], *, clock: Clock | None = None) -> None:
        """Use the file *path*; it, and its folder, are made when the store is first used.

        Args:
            path: the file; `~` is the user's home.
            clock: decides when a code may be used again.
        """
        self._clock = clock or SystemClock()
        self._file = SqliteFile(path, _KIND)

    def take(self, wanted: SerialRange, size: int) -> Block | None:
        """Take a block of at most *size* serial numbers of a range; it is on the disk on return."""
        with self._changed() as connection:
            now = self._clock.now().timestamp()
            where = (wanted.prefix, wanted.extension, wanted.end, wanted.first)
            found = connection.execute(f"{_FIND} ORDER BY first DESC LIMIT 1", where).fetchall()
            if found and found[0][1] >= wanted.end:  # only where nothing is left behind it, all are needed
                found = connection.execute(_FIND, where).fetchall()
            taken = next_block([IssuedBlock(*row) for row in found], wanted, size, now)
            if taken is None:
                return None
            block, is_again = taken
            if is_again:
                connection.execute(
                    "UPDATE blocks SET issued_at = ?, shipped_at = NULL"
                    " WHERE prefix = ? AND extension = ? AND first = ?",
                    (now, wanted.prefix, wanted.extension, block.first),
                )
            else:
                connection.execute(
                    "INSERT INTO blocks VALUES (?, ?, ?, ?, ?, NULL)",
                    (wanted.prefix, wanted.extension, block.first, block.last, now),
                )
            return block

    def shipped(self, prefix: str, extension: int, serial: int, at: datetime) -> bool:
        """Note when a serial number was shipped."""
        time = timestamp_of(at)
        with self._changed() as connection:
            found = connection.execute(
                "UPDATE blocks SET shipped_at = max(?, coalesce(shipped_at, ?))"
                " WHERE prefix = ? AND extension = ? AND first <= ? AND last >= ?",
                (time, time, prefix, extension, serial, serial),
            )
            return found.rowcount > 0

    @contextmanager
    def _changed(self) -> Iterator["Connection"]:
        with self._file.changed() as connection:
            yield connection

    def close(self) -> None:
        """Close the file. A store that is used again opens it again."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<SqliteSerials {self._file.path}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a store of serials is never pickled: open the same file in the other process")


def timestamp_of(at: datetime) -> float:
    """Return a time in seconds since 1970.

    Raises:
        InvalidRequestError: it has no time zone.
    """
    if at.utcoffset() is None:
        raise InvalidRequestError("must be a datetime with a time zone", path="at")
    return at.timestamp()


def exhausted(wanted: SerialRange) -> ConfigurationError:
    """Return the error of a range whose serial numbers are all in use."""
    return ConfigurationError(
        f"all serial numbers from {wanted.first} to {wanted.end} are in use: use a further extension digit or"
        " a wider range, or note with shipped() what was shipped; a code is free again"
        f" {REUSE_AFTER.days} days after that"
    )
