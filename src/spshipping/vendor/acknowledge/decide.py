"""Decides what has become of a submission from what Amazon shows: a pure function."""

from collections.abc import Sequence
from typing import NamedTuple

from spshipping.vendor.acknowledge.guess import Subject, errors_of
from spshipping.vendor.acknowledge.outcome import (
    LineOutcome,
    LineState,
    Overdue,
    Refused,
    Shown,
    Taken,
    Unconfirmed,
)
from spshipping.vendor.acknowledge.table import (
    DAY,
    FIRST_LOOK_SECONDS,
    FOLLOWED_SECONDS,
    HOUR,
    PATIENCE_SECONDS,
    Ways,
)
from spshipping.vendor.ledger.entry import SubmissionState
from spshipping.vendor.transactions.models import Transaction, TransactionState


class Evidence(NamedTuple):
    """What is known at one look."""

    ways: Ways
    age: float
    """Seconds since Amazon's answer to the submission."""
    subjects: Sequence[Subject]
    """What an error may mean."""
    lines: tuple[LineOutcome, ...]
    """What Amazon has noted of the lines; empty where it shows none."""
    transaction: Transaction | None
    """None where it was not asked for."""
    transaction_id: str | None
    twin_before: float | None = None
    """So many seconds before, others were submitted with the same quantities, which Amazon may show."""


class Decision(NamedTuple):
    """What follows from it."""

    state: SubmissionState
    outcome: Shown
    again: float
    """After how many seconds to look again, where it is open."""


def are_confirmed(lines: tuple[LineOutcome, ...]) -> bool:
    """Return whether Amazon has noted every line as it was submitted."""
    return bool(lines) and all(line.state is LineState.CONFIRMED for line in lines)


def decide(evidence: Evidence) -> Decision:
    """Return what has become of a submission."""
    ways, lines, transaction = evidence.ways, evidence.lines, evidence.transaction
    if are_confirmed(lines) and evidence.twin_before is None:
        return Decision(SubmissionState.CONFIRMED, Taken(lines), 0.0)
    status = None if transaction is None else getattr(transaction, "status", None)
    if transaction is not None and status == TransactionState.FAILURE:
        errors = [
            # a required field that did not come is not there
            (getattr(error, "code", ""), getattr(error, "message", ""), error.details)
            for error in transaction.errors or ()
        ]
        return Decision(SubmissionState.REFUSED, Refused(errors_of(errors, evidence.subjects), lines), 0.0)
    if are_confirmed(lines) and max(evidence.age, evidence.twin_before or 0.0) >= PATIENCE_SECONDS:
        return Decision(SubmissionState.CONFIRMED, Taken(lines), 0.0)
    if status == TransactionState.SUCCESS and not ways.shows_lines:
        return Decision(SubmissionState.CONFIRMED, Taken(lines), 0.0)
    return _not_yet(evidence)


def _not_yet(evidence: Evidence) -> Decision:
    """Return what to make of a submission that has neither failed nor shows."""
    ways, age, lines = evidence.ways, evidence.age, evidence.lines
    has_more = ways.shows_lines or ways.reaches_success
    if age < PATIENCE_SECONDS:
        return Decision(SubmissionState.SENT, Unconfirmed(lines), FIRST_LOOK_SECONDS)
    if not has_more:
        return Decision(SubmissionState.UNCONFIRMED, Unconfirmed(lines), 0.0)
    is_over = age >= FOLLOWED_SECONDS
    state = SubmissionState.UNCONFIRMED if is_over else SubmissionState.SENT
    again = HOUR if age < DAY else 2 * HOUR
    return Decision(state, Overdue(_advice(evidence), lines), again)


def _advice(evidence: Evidence) -> str:
    name = evidence.transaction_id or "(Amazon returned none)"
    case = f"open a case at Amazon's vendor support with the transaction id {name}"
    if any(line.state is LineState.DIFFERENT for line in evidence.lines):
        return (
            "Amazon has noted other quantities: read the order again, since Amazon may have changed it, or"
            f" somebody answered it in Vendor Central; if neither is so, {case}"
        )
    return (
        f"Amazon shows no effect after {int(evidence.age // 60)} minutes, where it usually needs 30: {case}"
    )
