"""Files with rows: as CSV, with a line of column names, or as JSON, a list of objects."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

from spshipping.cli.vendor.office import read_file
from spshipping.errors import DecodeError, InvalidRequestError
from spshipping.wire.text import parse
from spshipping.wire.times import read_time

_SEPARATORS = (",", ";", "\t")


class Table(NamedTuple):
    """The columns that a file may have."""

    columns: tuple[str, ...]
    required: str
    """The one that it must have."""


class Row(NamedTuple):
    """One row of a file: texts, and what errors call it."""

    name: str
    values: Mapping[str, str]

    def get(self, column: str) -> str | None:
        """Return a value; None where it is empty."""
        return self.values.get(column) or None

    def path(self, column: str) -> str:
        """Return what errors call a value."""
        return f"{self.name}, {column}"

    def text(self, column: str, what: str) -> str:
        """Return a value that must be there.

        Raises:
            InvalidRequestError: it is empty; it says *what* is needed.
        """
        found = self.get(column)
        if found is None:
            raise InvalidRequestError(f"is missing: {what}", path=self.path(column))
        return found

    def decimal(self, column: str) -> Decimal | None:
        """Return a number such as 12.50.

        Raises:
            InvalidRequestError: it is none.
        """
        text = self.get(column)
        if text is None:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("nan")
        if not number.is_finite():
            raise InvalidRequestError("is a number such as 12.50", path=self.path(column))
        return number

    def whole(self, column: str) -> int | None:
        """Return a whole number.

        Raises:
            InvalidRequestError: it is none.
        """
        text = self.get(column)
        if text is None:
            return None
        if not re.fullmatch("[0-9]{1,9}", text):
            raise InvalidRequestError("is a whole number", path=self.path(column))
        return int(text)

    def time(self, column: str) -> datetime | None:
        """Return a time.

        Raises:
            InvalidRequestError: it is none, or has no offset.
        """
        text = self.get(column)
        if text is None:
            return None
        try:
            return read_time(text)
        except ValueError:
            raise InvalidRequestError(
                "is a time with its offset, such as 2026-12-04T12:00:00Z", path=self.path(column)
            ) from None


def read_rows(path: Path, table: Table) -> list[Row]:
    """Read a file: one whose name ends in `.json` as JSON, any other as CSV.

    Raises:
        ConfigurationError: it cannot be read.
        InvalidRequestError: it is none, and where.
    """
    data = read_file(path)
    is_json = path.suffix.lower() == ".json"
    return _from_json(data, path, table) if is_json else _from_csv(data, path, table)


def _from_csv(data: bytes, path: Path, table: Table) -> list[Row]:
    text = _text(data, path)
    head = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise InvalidRequestError(f"is no CSV: {error}", path=path.name) from None
    if not rows:
        raise InvalidRequestError("is empty", path=path.name)
    names = [name.strip().lower() for name in rows[0]]
    _check_columns(names, path.name, table)
    found = []
    for number, values in enumerate(rows[1:], 2):
        if not any(value.strip() for value in values):
            continue
        name = f"{path.name}, row {number}"
        if len(values) != len(names):
            raise InvalidRequestError(f"has {len(values)} values for {len(names)} columns", path=name)
        found.append(Row(name, dict(zip(names, (value.strip() for value in values), strict=True))))
    return found


def _from_json(data: bytes, path: Path, table: Table) -> list[Row]:
    try:
        found = parse(data)
    except DecodeError:
        raise InvalidRequestError("is no JSON", path=path.name) from None
    if not isinstance(found, list):
        raise InvalidRequestError("is no list of objects", path=path.name)
    return [_row(each, f"{path.name}[{index}]", table) for index, each in enumerate(found)]


def _row(value: Any, name: str, table: Table) -> Row:
    if not isinstance(value, dict):
        raise InvalidRequestError("is no object", path=name)
    _check_columns(list(value), name, table)
    values = {}
    for column, given in value.items():
        if isinstance(given, bool) or not isinstance(given, str | int | Decimal | None):
            raise InvalidRequestError("is a text or a number", path=f"{name}, {column}")
        values[column] = "" if given is None else str(given).strip()
    return Row(name, values)


def _check_columns(names: Sequence[str], path: str, table: Table) -> None:
    unknown = [name for name in names if name not in table.columns]
    if unknown or len(set(names)) != len(names):
        wrong = f"has {unknown[0]!r}, which is no column" if unknown else "has a column twice"
        raise InvalidRequestError(f"{wrong}; columns are {', '.join(table.columns)}", path=path)
    if table.required not in names:
        raise InvalidRequestError(f"has no {table.required}", path=path)


def _text(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidRequestError("is not UTF-8: save it as CSV UTF-8", path=path.name) from None
