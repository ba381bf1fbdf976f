"""Puts tables that are made by a tool into pages that are written by hand."""

import difflib
import re

_MOST_LINES = 12
"""Of two texts that differ, so many lines are shown."""


def differing_lines(before: str, after: str) -> str:
    """Return the first lines in which two texts differ."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), "there", "made now", lineterm="", n=0
    )
    return "\n".join(list(lines)[:_MOST_LINES])


def first_sentence(text: str) -> str:
    """Return the first sentence of a docstring, on one line."""
    paragraph = " ".join(text.strip().split("\n\n")[0].split())
    return re.split(r"(?<=[.?!])\s+(?=[A-Z`*])", paragraph)[0]


def with_table(page: str, name: str, table: str, *, tool: str) -> str:
    """Return the page with what stands between the marks of the table replaced by it.

    The marks are `<!-- NAME: made by tools/TOOL.py -->` and `<!-- end of NAME -->`.
    """
    start, end = f"<!-- {name}: made by tools/{tool}.py -->", f"<!-- end of {name} -->"
    before, start_there, rest = page.partition(f"{start}\n")
    _, end_there, after = rest.partition(end)
    if not start_there or not end_there:
        raise SystemExit(f"the page has not: {start} ... {end}")
    return f"{before}{start_there}\n{table}\n\n{end_there}{after}"
