"""Another client's programs, as a page about moving from it shows them: `python -m tests.foreign.pages PAGE`.

They are the `py` blocks of the page, with the `python` blocks that are for both sides. The programs run as
one, and what they print is compared with the `output` block that follows. A line of JSON at the end names the
lines of the page where something else was printed.
"""

import contextlib
import doctest
import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {
    "python-amazon-sp-api": "moving-from-python-amazon-sp-api.md",
    "amzn-selling-partner": "moving-from-amzn-selling-partner.md",
    "amzn-sp-api": "moving-from-amzn-sp-api.md",
}
"""The page about moving from each client."""

_BLOCK = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_BOTH = re.compile(r"<!-- both sides -->\n\Z")


class Step(NamedTuple):
    """A program, or what it prints."""

    is_program: bool
    text: str
    line: int


def steps_of(page: str) -> Iterator[Step]:
    """Yield the programs of the other side, and what each of them prints that prints anything."""
    waits = False
    for found in _BLOCK.finditer(page):
        language, text, before = found[1], found[2], page[: found.start()]
        line = before.count("\n") + 1
        if language == "py" or (language == "python" and _BOTH.search(before)):
            waits = True
            yield Step(True, text, line)
        elif language == "output" and waits:
            waits = False
            yield Step(False, text, line)


def calls_of(page: str) -> list[tuple[str, str, str]]:
    """Return the rows of the table of calls: Amazon's operation, theirs, ours."""
    table = page.split("\n## Call by call\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| `")]
    return [(row[0].strip().split("`")[1], row[1].strip(" `"), row[2].strip(" `")) for row in rows]


def run(name: str, page: str) -> list[dict[str, Any]]:
    """Run the programs, and return where they print something else than the page says."""
    same = doctest.OutputChecker().check_output
    namespace: dict[str, Any] = {"__name__": "theirs"}
    printed, differing = "", []
    for step in steps_of(page):
        if step.is_program:
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                exec(compile("\n" * step.line + step.text, name, "exec"), namespace)
            printed = output.getvalue()
        elif not same(step.text, printed, doctest.ELLIPSIS):
            differing.append({"line": step.line, "expected": step.text, "printed": printed})
    return differing


if __name__ == "__main__":
    report = run(sys.argv[1], (DOCS / sys.argv[1]).read_text("utf-8"))
    sys.stdout.write(json.dumps(report) + "\n")
