"""What was said before, from a ledger, as rules and builders need it."""

from datetime import UTC, datetime

from spshipping.facade import Context
from spshipping.vendor.acknowledge.desk import Desk
from spshipping.vendor.acknowledge.said import acknowledgement_of
from spshipping.vendor.ledger.entry import Entry, SubmissionKind, SubmissionState
from spshipping.vendor.ledger.protocol import SubmissionLedger
from spshipping.vendor.rules.context import (
    History,
    Outcome,
    SentAcknowledgement,
    SentConfirmation,
    SentRequest,
)
from spshipping.vendor.shipments.models.confirmations import SubmitShipmentConfirmationsRequest
from spshipping.vendor.shipments.models.shipments import SubmitShipments
from spshipping.wire.convert import loads

_PAGE = 100
_OUTCOMES = {
    SubmissionState.CONFIRMED: Outcome.TAKEN,
    SubmissionState.SENT: Outcome.PENDING,
    SubmissionState.UNCONFIRMED: Outcome.PENDING,
}


async def history(context: Context, ledger: SubmissionLedger) -> History:
    """Return all that Amazon may have taken; see `VendorApi.history`."""
    desk = Desk.at(context, ledger, {})
    acknowledgements: list[SentAcknowledgement] = []
    confirmations: list[SentConfirmation] = []
    requests: list[SentRequest] = []
    after = 0
    while True:
        page = await desk.kept(desk.ledger.entries, desk.whose(), after=after, most=_PAGE)
        for entry in page:
            if not entry.is_said:
                continue
            if entry.scope.kind is SubmissionKind.ACKNOWLEDGEMENT:
                answers = acknowledgement_of(entry.body)
                acknowledgements.append(SentAcknowledgement(answers, _began(entry), outcome_of(entry)))
            elif entry.scope.kind is SubmissionKind.SHIPMENT_CONFIRMATION:
                confirmations.append(sent_confirmation(entry))
            else:
                requests.append(sent_request(entry))
        if len(page) < _PAGE:
            return History(acknowledgements=acknowledgements, confirmations=confirmations, requests=requests)
        after = page[-1].number


def sent_confirmation(entry: Entry) -> SentConfirmation:
    """Return a shipment confirmation as rules need it."""
    (document,) = loads(entry.body.encode(), SubmitShipmentConfirmationsRequest).shipment_confirmations or []
    return SentConfirmation(document, _began(entry), outcome_of(entry))


def sent_request(entry: Entry) -> SentRequest:
    """Return a routing request as rules need it."""
    (document,) = loads(entry.body.encode(), SubmitShipments).shipments or []
    return SentRequest(document, _began(entry), outcome_of(entry))


def outcome_of(entry: Entry) -> Outcome:
    """Return what became of a submission that Amazon may have taken."""
    if entry.state is SubmissionState.SUPERSEDED and entry.sent_at is not None:
        return Outcome.PENDING
    return _OUTCOMES.get(entry.state, Outcome.UNKNOWN)


def _began(entry: Entry) -> datetime:
    return datetime.fromtimestamp(entry.began_at, UTC)
