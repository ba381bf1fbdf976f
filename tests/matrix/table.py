"""Writes the page that shows the matrix: `python -m tests.matrix.table > docs/faults.md`."""

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.matrix.expected import Row
from tests.matrix.rows import GROUPS
from tests.matrix.stage import Outcome, Times

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
COMMAND = "python -m tests.matrix.table > docs/faults.md"

BEGINNING = f"""\
# Faults

What can go wrong with one call, and what the call comes to. Every cell below is a test: a proxy does the
fault to a real connection, a client calls through it, and the books of the [sandbox](sandbox.md) say what was
carried out. The page is written by `{COMMAND}`, and a test compares the two.

The columns are the effects of the [operations](operations.md):

| Effect | Tried with |
|---|---|
| `NONE` | `getTracking` and `getRates`, which come to the same |
| `KEYED` | `purchaseShipment` |
| `ONCE` | `oneClickShipment` |
| `IDEMPOTENT` | `cancelShipment` |

The cells:

- **answer** is the right one, whole. A purchase has bought one label, never two.
- **unknown** is an `OutcomeUnknownError`. What only the sandbox knows stands beside: whether it was done. The
  `cause` is the error that a call of effect `NONE` ends with, if the fault does not cease.
- **unknown (400)**: the cancellation got through, its answer did not, and the sandbox refused the repeat,
  because the shipment was cancelled already. The `cause` is the `BadRequestError`.
- Any other error says that nothing was done.
- **try 2** is the number of the last try. Without a number there was only one.

*Once* means that the fault meets the first try, *always* that it meets every try. What leads to no second try
is under *once* alone.

In every cell, if a connection is to be had at all, the same client then makes another call, undisturbed, and
gets the answer to that one. Every repeat has the same key and the same bytes. The host that a redirect names
is never spoken to. Beyond this page, an answer is cut after each of its bytes: a call of effect `ONCE` is
unknown then, a cancellation is unknown (400), and all others get their answer.

[Errors](errors.md#what-may-have-been-carried-out) has the rules behind the tables.
"""


def cell(outcome: Outcome) -> str:
    """Say in few words what a call came to."""
    at = f", try {outcome.tries}" if outcome.tries > 1 else ""
    if outcome.came_to == "answer":
        return f"answer{at}"
    if outcome.came_to != "OutcomeUnknownError":
        return f"`{outcome.came_to}`{at}"
    why = " (400)" if outcome.cause == "BadRequestError" else ""
    return f"**unknown**{why}{at}; {'done' if outcome.done else 'not done'}"


def table(rows: list[Row], times: Times) -> Iterator[str]:
    """Yield the lines of a table; faults that come to the same share a row."""
    found: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        cells = row.cells(times)
        if cells:
            found.setdefault(tuple(map(cell, cells)), []).append(row.what)
    yield f"| {times.capitalize()} | `NONE` | `KEYED` | `ONCE` | `IDEMPOTENT` |"
    yield "|---|---|---|---|---|"
    for words, names in found.items():
        yield "| " + " | ".join(["<br>".join(names), *words]) + " |"
    yield ""


def page() -> str:
    """Return the whole page."""
    lines = [BEGINNING]
    for title, rows in GROUPS.items():
        lines += [f"## {title}", "", *table(rows, "once"), *table(rows, "always")]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
