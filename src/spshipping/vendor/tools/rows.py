"""Tables that people keep in spreadsheets: read with every fault named by row and column, and written."""

import csv
import io
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from spshipping import disk
from spshipping.errors import InvalidRequestError, printable

T = TypeVar("T")

_MOST_SHOWN = 20
_MOST_AMOUNT = 10**12
_WHOLE = re.compile(r"\d+(\.0{1,2})?", re.ASCII)
_THOUSANDS = re.compile(r"\d{1,3}([.,]\d{3})+", re.ASCII)
_PRICE = re.compile(r"\d+\.?\d*|\.\d+", re.ASCII)
_MAYBE_THOUSANDS = re.compile(r"[1-9]\d{0,2}\.\d{3}", re.ASCII)
_ROUNDED = re.compile(r"\d([.,]\d+)?E\+\d+", re.ASCII)
"""What a spreadsheet makes of a long number: its last digits are lost."""


class Faults:
    """Collects the faults of a file, so that one error lists them all."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._found: list[str] = []

    def add(self, place: str, message: str) -> None:
        """Note a fault."""
        self._found.append(f"{place}: {message}" if place else message)

    def refuse(self) -> None:
        """Raise what was noted, if anything was.

        Raises:
            InvalidRequestError: it names every place.
        """
        if self._found:
            shown, more = self._found[:_MOST_SHOWN], len(self._found) - _MOST_SHOWN
            rest = f"; and {more} more" if more > 0 else ""
            raise InvalidRequestError(printable(f"{'; '.join(shown)}{rest}"), path=self._source)


class Row:
    """One row, or one object of JSON; what cannot be read is noted, and read as None."""

    def __init__(
        self, place: str, values: Mapping[str, object], faults: Faults, *, has_commas: bool = True
    ) -> None:
        """Read a row.

        Args:
            place: what errors call it.
            values: by the names of their columns.
            faults: gets what is wrong.
            has_commas: whether commas are between the cells. Where they are not, they are in the numbers of
                whoever has made the file, and points may be between thousands.
        """
        self.place = place
        self._values = values
        self._faults = faults
        self._has_commas = has_commas

    def text(self, column: str, *, is_needed: bool = False) -> str | None:
        """Return text without blanks around it; None where there is none."""
        given = self._values.get(column)
        if isinstance(given, str) and given.strip():
            found = given.strip()
            if not found.isprintable():
                self.refuse(column, "has line breaks or control characters")
            elif _ROUNDED.fullmatch(found):
                self.refuse(
                    column, "was rounded by a spreadsheet: make the column text there, and enter it again"
                )
            else:
                return found
        elif given is not None and not isinstance(given, str):
            self.refuse(column, "must be text")
        elif is_needed:
            self.refuse(column, "is missing")
        return None

    def whole(self, column: str, *, is_needed: bool = True) -> int | None:
        """Return a whole number above 0."""
        given = self._values.get(column)
        if isinstance(given, str) and _THOUSANDS.fullmatch(given.strip()):
            self.refuse(column, "has points or commas between thousands: write 1000")
            return None
        return self._number(column, "must be a whole number above 0", _whole, is_needed=is_needed)

    def price(self, column: str, *, is_needed: bool = True) -> Decimal | None:
        """Return an amount above 0."""
        given = self._values.get(column)
        if not self._has_commas and isinstance(given, str) and _MAYBE_THOUSANDS.fullmatch(given.strip()):
            self.refuse(column, "may have decimals or thousands: write 1234, or 1.2340")
            return None
        message = "must be an amount above 0, with a point before decimals, such as 12.50"
        return self._number(column, message, _price, is_needed=is_needed)

    def currency(self, column: str, *, is_needed: bool = True) -> str | None:
        """Return the code of a currency."""
        found = self.text(column, is_needed=is_needed)
        if found is not None and not (
            len(found) == 3 and found.isascii() and found.isalpha() and found.isupper()
        ):
            self.refuse(column, "must be three capital letters, such as EUR")
        return found

    def refuse(self, column: str, message: str) -> None:
        """Note a fault of a column."""
        is_row = self.place.startswith("row ")
        self._faults.add(f"{self.place}, column {column}" if is_row else f"{self.place}.{column}", message)

    def _number(
        self, column: str, message: str, read: Callable[[object], T | None], *, is_needed: bool
    ) -> T | None:
        given = self._values.get(column)
        if given is None or given == "":
            if is_needed:
                self.refuse(column, "is missing")
            return None
        found = read(given)
        if found is None:
            self.refuse(column, message)
        return found


def _price(given: object) -> Decimal | None:
    if isinstance(given, bool) or not isinstance(given, str | int | Decimal):
        return None
    text = given.strip() if isinstance(given, str) else given
    if isinstance(text, str) and not _PRICE.fullmatch(text):
        return None
    found = Decimal(text)
    return found if 0 < found < _MOST_AMOUNT else None


def _whole(given: object) -> int | None:
    if isinstance(given, str) and not _WHOLE.fullmatch(given.strip()):
        return None
    found = _price(given)
    return int(found) if found is not None and found == found.to_integral_value() else None


def read_text(path: str | os.PathLike[str]) -> str:
    """Return the text of a file.

    Raises:
        InvalidRequestError: it cannot be read, or is not UTF-8.
    """
    where = Path(path).expanduser()
    try:
        return disk.read(where).decode("utf-8-sig")
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        reason = "is not UTF-8: save it as CSV UTF-8"
    raise InvalidRequestError(reason, path=str(where))


def rows_of(text: str, columns: Sequence[str], needed: Sequence[str], faults: Faults) -> Iterator[Row]:
    """Yield the rows of CSV text, numbered as a spreadsheet shows them: the first row has the names.

    Args:
        text: separated by commas, semicolons or tabs.
        columns: all columns that there may be.
        needed: those that there must be.
        faults: gets what is wrong.
    """
    text = text.removeprefix("\ufeff")
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    try:
        found = [
            (number, row)
            for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=separator, strict=True), 1)
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        faults.add("", f"is no CSV ({error})")
        return
    names = [name.strip().lower() for name in found[0][1]] if found else []
    unknown = [name for name in names if name not in columns]
    missing = [name for name in needed if name not in names]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        faults.add("row 1", f"has the column {name} twice")
    if unknown:
        faults.add("row 1", f"has columns that are not known: {', '.join(unknown)}; {', '.join(columns)} are")
    if missing:
        faults.add("row 1", f"has no column {', '.join(missing)}")
    if unknown or missing:
        return
    for number, row in found[1:]:
        if len(row) > len(names):
            faults.add(f"row {number}", f"has {len(row)} cells, and there are {len(names)} columns")
        yield Row(f"row {number}", dict(zip(names, row, strict=False)), faults, has_commas=separator == ",")
