"""How a ledger writes a submission into a row of a table, and reads it."""

from collections.abc import Sequence
from typing import Any

from spshipping.vendor.ledger.entry import OPEN, Entry, Scope, SubmissionKind, SubmissionState, Whose
from spshipping.wire.text import parse, write

SCOPE = ("place", "vendor_code", "kind", "reference")
COLUMNS = (
    "number",
    *SCOPE,
    "state",
    "body",
    "began_at",
    "due_at",
    "sent_at",
    "transaction_id",
    "outcome",
    "has_been_in_doubt",
    "warnings",
)
IS_OPEN = f"state IN ({', '.join(repr(state.value) for state in sorted(OPEN, key=lambda s: s.value))})"
IS_SAID = "(state NOT IN ('refused', 'not sent') OR (state = 'refused' AND has_been_in_doubt))"


def values_of(scope: Scope) -> tuple[str, str, str, str]:
    """Return the values of the columns that a scope has."""
    return scope.place, scope.vendor_code, scope.kind.value, scope.reference


def condition_of(whose: Whose, mark: str) -> tuple[str, list[str]]:
    """Return the SQL condition that selects the entries of *whose*, and its parameters.

    *mark* stands for a parameter.
    """
    kind = None if whose.kind is None else whose.kind.value
    given = {"place": whose.place, "vendor_code": whose.vendor_code, "kind": kind}
    named = {name: value for name, value in given.items() if value is not None}
    return " AND ".join(f"{name} = {mark}" for name in named), list(named.values())


def entry_of(row: Sequence[Any], now: float) -> Entry:
    """Return the entry of a row that was read at a time."""
    found = dict(zip(COLUMNS, row, strict=True))
    place, vendor_code, kind, reference = (found.pop(name) for name in SCOPE)
    return Entry(
        **{
            **found,
            "scope": Scope(place, vendor_code, SubmissionKind(kind), reference),
            "state": SubmissionState(found["state"]),
            "has_been_in_doubt": bool(found["has_been_in_doubt"]),
            "warnings": tuple(parse(found["warnings"].encode())),
            "read_at": now,
        }
    )


def row_of(entry: Entry) -> list[Any]:
    """Return the values of the columns."""
    values = {
        **entry._asdict(),
        **dict(zip(SCOPE, values_of(entry.scope), strict=True)),
        "state": entry.state.value,
        "warnings": write(list(entry.warnings)),
    }
    return [values[name] for name in COLUMNS]
