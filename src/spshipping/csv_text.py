"""Rows as CSV that is safe to open in a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

_DANGEROUS = re.compile(r"(^|[;\t\r\n])(?=\s*[=+\-@＝＋－＠\t\r])")
"""Where a spreadsheet would begin a formula; some end a cell at each semicolon, also within quotes."""


def csv_rows(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV; text that a spreadsheet would run as a formula gets an apostrophe before it."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    return _DANGEROUS.sub(r"\1'", value) if isinstance(value, str) else "" if value is None else value
