"""Looks at Amazon for what has become of a submission, and notes it in the ledger."""

from datetime import UTC, datetime

from spshipping.vendor.acknowledge.compare import compared
from spshipping.vendor.acknowledge.decide import Evidence, are_confirmed, decide
from spshipping.vendor.acknowledge.desk import Desk
from spshipping.vendor.acknowledge.outcome import LineOutcome, outcome_to_text
from spshipping.vendor.acknowledge.said import Said, acknowledgement_of, said_of
from spshipping.vendor.acknowledge.table import ways_of
from spshipping.vendor.ledger.entry import Entry, Settlement, SubmissionKind
from spshipping.vendor.orders import GET_PURCHASE_ORDERS_STATUS, OrderStatus
from spshipping.vendor.transactions import GET_TRANSACTION
from spshipping.vendor.transactions.models import Transaction


async def look(desk: Desk, entry: Entry) -> Entry:
    """Ask Amazon what has become of a submission that was sent, and return it as the ledger has it then.

    Of an acknowledgement, the lines come first, and the transaction only where they do not show it.
    """
    ways = ways_of(entry.scope.kind, desk.region)
    said: Said = {}
    lines: tuple[LineOutcome, ...] = ()
    transaction = None
    began = datetime.fromtimestamp(entry.began_at, UTC)
    if entry.scope.kind is SubmissionKind.ACKNOWLEDGEMENT:
        said = said_of(acknowledgement_of(entry.body))
        if ways.shows_lines:
            lines = compared(said, await _status(desk, entry), began)
    if not are_confirmed(lines) and entry.transaction_id is not None:
        transaction = await _transaction(desk, entry.transaction_id)
    now = desk.now()
    sent_at = entry.began_at if entry.sent_at is None else entry.sent_at
    decision = decide(Evidence(ways, now - sent_at, said, lines, transaction, entry.transaction_id))
    settlement = Settlement(
        decision.state, due_at=now + decision.again, text=outcome_to_text(decision.outcome)
    )
    found = await desk.kept(desk.ledger.settle, entry.number, settlement)
    # where a later submission has taken its place meanwhile
    return found or await desk.kept(desk.ledger.find, entry.number) or entry


async def _status(desk: Desk, entry: Entry) -> OrderStatus | None:
    query = {"purchaseOrderNumber": entry.scope.reference, "orderingVendorCode": entry.scope.vendor_code}
    reply = await desk.context.sender.send(GET_PURCHASE_ORDERS_STATUS(query=query), **desk.options)
    # filters are applied again to what Amazon answers: what is left shows nothing else
    found = [
        status
        for status in reply.value.orders_status or ()
        if getattr(status, "purchase_order_number", "").strip() == entry.scope.reference
    ]
    return found[0] if found else None


async def _transaction(desk: Desk, transaction_id: str) -> Transaction | None:
    reply = await desk.context.sender.send(
        GET_TRANSACTION(path={"transactionId": transaction_id}), **desk.options
    )
    return reply.value.transaction_status
