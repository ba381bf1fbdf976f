"""A submission, and what is known of its outcome."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from spshipping.errors import InvalidRequestError
from spshipping.vendor.acknowledge.outcome import (
    Doubtful,
    NotSent,
    Outcome,
    Pending,
    Superseded,
    outcome_from_text,
)
from spshipping.vendor.acknowledge.said import acknowledgement_of
from spshipping.vendor.ledger.entry import Entry, SubmissionKind, SubmissionState
from spshipping.vendor.orders.models.acknowledgements import OrderAcknowledgement

_RESENT = (
    "it is sent again at the next check(), or by run(): that is harmless, since it takes the place of itself"
)
_REPLACED = (
    "it is sent again as a replacement at the next check(), or by run(), and as an original where Amazon"
    " refuses that because it does not know the shipment"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What was submitted, and what has become of it, as the ledger had it."""

    number: int
    """Its number in the ledger."""
    kind: SubmissionKind
    vendor_code: str
    reference: str
    """The number of the purchase order, or the identifier of the shipment."""
    state: SubmissionState
    outcome: Outcome
    transaction_id: str | None
    """What Amazon calls it; None where no answer came."""
    began_at: datetime
    sent_at: datetime | None
    """When Amazon's answer came."""
    next_check_at: datetime | None
    """When it is worth looking again; None where the outcome is known."""
    read_at: datetime
    """When the ledger had it so, by its own clock, as all times here."""
    warnings: tuple[str, ...] = ()
    """What rules say of it that did not prevent it."""
    body: str = field(repr=False)
    """The JSON text that was sent."""

    @property
    def is_open(self) -> bool:
        """Whether the outcome can still change."""
        return self.next_check_at is not None

    @property
    def acknowledgement(self) -> OrderAcknowledgement:
        """What was answered.

        Raises:
            InvalidRequestError: it is no acknowledgement.
        """
        if self.kind is not SubmissionKind.ACKNOWLEDGEMENT:
            raise InvalidRequestError("is no acknowledgement: its body is in `body`", path="submission")
        return acknowledgement_of(self.body)


def submission_of(entry: Entry) -> Submission:
    """Return a submission as the ledger has it."""
    return Submission(
        number=entry.number,
        kind=entry.scope.kind,
        vendor_code=entry.scope.vendor_code,
        reference=entry.scope.reference,
        state=entry.state,
        outcome=_outcome(entry),
        transaction_id=entry.transaction_id,
        began_at=_time(entry.began_at),
        sent_at=None if entry.sent_at is None else _time(entry.sent_at),
        next_check_at=_time(entry.due_at) if entry.is_open else None,
        read_at=_time(entry.read_at),
        warnings=entry.warnings,
        body=entry.body,
    )


def _outcome(entry: Entry) -> Outcome:
    match entry.state:
        case SubmissionState.SUPERSEDED:
            return Superseded()
        case SubmissionState.NOT_SENT:
            return NotSent()
        case SubmissionState.BEGUN if entry.is_being_sent:
            return Pending()
        case SubmissionState.BEGUN | SubmissionState.UNKNOWN:
            is_replaced = entry.scope.kind is SubmissionKind.SHIPMENT_CONFIRMATION
            return Doubtful(_REPLACED if is_replaced else _RESENT)
    if entry.outcome is not None:
        return outcome_from_text(entry.outcome)
    return Pending()


def _time(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)
