"""What each step does to a submission: pure functions, which every ledger shares.

A step returns the entry as it is afterwards, or None where it is not allowed.
"""

from collections.abc import Sequence

from spshipping.vendor.ledger.entry import (
    IN_DOUBT,
    MOST_SECONDS,
    OPEN,
    Entry,
    NewEntry,
    Settlement,
    SubmissionState,
)

_FOLLOWING = {
    SubmissionState.BEGUN: (
        SubmissionState.SENT,
        SubmissionState.UNKNOWN,
        SubmissionState.REFUSED,
        SubmissionState.NOT_SENT,
    ),
    SubmissionState.UNKNOWN: (SubmissionState.UNKNOWN, SubmissionState.SENT),
    SubmissionState.SENT: (
        SubmissionState.SENT,
        SubmissionState.CONFIRMED,
        SubmissionState.UNCONFIRMED,
        SubmissionState.REFUSED,
    ),
}
"""What may follow each state that is not an end; `SUPERSEDED` may follow all of them."""


def begun(history: Sequence[Entry], new: NewEntry, number: int, now: float, lease: float) -> Entry | None:
    """Return a new entry; None where one of its scope is being sent by another process.

    Args:
        history: the entries of its scope, the oldest first.
        new: what is submitted.
        number: its number.
        now: seconds since 1970.
        lease: so many seconds the process has for sending it.
    """
    if any(entry.is_being_sent for entry in history):
        return None
    return Entry(
        number=number,
        scope=new.scope,
        state=SubmissionState.BEGUN,
        body=new.body,
        began_at=now,
        due_at=now + bounded(lease),
        read_at=now,
        warnings=new.warnings,
    )


def superseded_by(made: Entry, history: Sequence[Entry]) -> list[Entry]:
    """Return the entries whose place *made* takes, as they are then.

    What is in doubt is never sent again once another has begun. What Amazon has is followed until it may have
    the other one, which may still be refused.
    """
    has_arrived = made.state in (SubmissionState.SENT, SubmissionState.UNKNOWN)
    states = OPEN if has_arrived else IN_DOUBT if made.state is SubmissionState.BEGUN else ()
    return [
        entry._replace(state=SubmissionState.SUPERSEDED)
        for entry in history
        if entry.number < made.number and entry.state in states
    ]


def owned(entry: Entry, now: float, lease: float) -> Entry | None:
    """Return an open entry as the process has it that works on it; None where another sends it.

    One in doubt is `begun` again: it is about to be sent.
    """
    if not entry.is_open or entry.is_being_sent:
        return None
    is_doubtful = entry.state in IN_DOUBT
    return entry._replace(
        state=SubmissionState.BEGUN if is_doubtful else entry.state,
        has_been_in_doubt=entry.has_been_in_doubt or is_doubtful,
        due_at=now + bounded(lease),
    )


def settled(entry: Entry, outcome: Settlement, now: float) -> Entry | None:
    """Return an entry with what a step has brought; None where that cannot follow.

    What was in doubt once may have been carried out: that the next attempt was not sent leaves it unknown.
    """
    if outcome.state not in _FOLLOWING.get(entry.state, ()):
        return None
    state = outcome.state
    is_answered = state is SubmissionState.SENT and entry.state is not state
    if state is SubmissionState.NOT_SENT and entry.has_been_in_doubt:
        state = SubmissionState.UNKNOWN
    return entry._replace(
        state=state,
        has_been_in_doubt=entry.has_been_in_doubt or state is SubmissionState.UNKNOWN,
        due_at=now + bounded(outcome.due_in) if state in OPEN else entry.due_at,
        sent_at=now if is_answered else entry.sent_at,
        transaction_id=outcome.transaction_id or entry.transaction_id,
        outcome=outcome.text or entry.outcome,
    )


def bounded(seconds: float) -> float:
    """Return how long a lease really lasts."""
    return min(max(seconds, 0.0), MOST_SECONDS)
