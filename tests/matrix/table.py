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

What can go wrong with one call, and how the call ends. Every cell below is a test: a proxy plays the fault on
a real connection, a client sends a call through it, and the ledger of the [sandbox](sandbox.md) says what was
carried out. The page is written by `{COMMAND}`, and a test compares the two.

The columns are the effects of the [operations](operations.md):

| Effect | Tested with |
|---|---|
| `NONE` | `getTracking` and `getRates`, which end in the same way |
| `KEYED` | `purchaseShipment` |
| `ONCE` | `oneClickShipment` |
| `IDEMPOTENT` | `cancelShipment` |

The cells:

- **answer** is the right one, whole. A purchase has bought one label, never two.
- **unknown** is an `OutcomeUnknownError`. Beside it is what only the sandbox knows: whether it was done. The
  `cause` is the error that a call of effect `NONE` ends with, if the fault does not cease.
- **answer** of a cancellation whose first answer was lost: the sandbox refused the repeat, because the
  shipment was cancelled already, and the client knows by that refusal that it was carried out.
- Any other error says that nothing was done.
- **attempt 2** is the number of the last attempt. Without a number there was only one.

*Once* means that the fault affects the first attempt, *always* that it affects every attempt. What leads to
no second attempt is under *once* alone.

In every cell, if a connection is possible at all, the same client then sends another call, without a fault,
and gets the answer to that one. Every repeat has the same key and the same bytes. The host that a redirect
names is never contacted. Beyond this page, an answer is cut after each of its bytes: a call of effect `ONCE`
is unknown then, and all others get their answer.

[Errors](errors.md#what-may-have-been-carried-out) has the rules behind the tables.
"""


def cell(outcome: Outcome) -> str:
    """Return in few words how a call ended."""
    at = f", attempt {outcome.tries}" if outcome.tries > 1 else ""
    if outcome.came_to == "answer":
        return f"answer{at}"
    if outcome.came_to != "OutcomeUnknownError":
        return f"`{outcome.came_to}`{at}"
    return f"**unknown**{at}; {'done' if outcome.done else 'not done'}"


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
