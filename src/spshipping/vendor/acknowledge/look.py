"""Looks at Amazon for what has become of a submission."""

from collections.abc import Sequence

from spshipping.errors import BadRequestError, NotFoundError
from spshipping.vendor.acknowledge.compare import compared
from spshipping.vendor.acknowledge.decide import Evidence, are_confirmed, decide
from spshipping.vendor.acknowledge.desk import Desk
from spshipping.vendor.acknowledge.guess import subjects_of
from spshipping.vendor.acknowledge.line import LineName
from spshipping.vendor.acknowledge.outcome import LineOutcome, outcome_to_text
from spshipping.vendor.acknowledge.said import acknowledgement_of, said_of
from spshipping.vendor.acknowledge.table import ways_of
from spshipping.vendor.ledger.entry import Entry, Settlement
from spshipping.vendor.orders import GET_PURCHASE_ORDERS_STATUS, OrderAcknowledgement, OrderStatus
from spshipping.vendor.transactions import GET_TRANSACTION
from spshipping.vendor.transactions.models import Transaction


async def look(desk: Desk, entry: Entry) -> Settlement:
    """Ask Amazon what has become of a submission that was sent; nothing is noted yet.

    Of an acknowledgement, the lines come first, and the transaction only where they do not show it, or may
    show an earlier one.
    """
    ways = ways_of(entry.scope.kind, desk.region)
    lines: tuple[LineOutcome, ...] = ()
    transaction, twin = None, None
    if ways.shows_lines:
        answers = acknowledgement_of(entry.body)
        lines = compared(said_of(answers), await _status(desk, entry), answers.acknowledgement_date)
        twin = _twin(entry, await desk.kept(desk.ledger.history, entry.scope))
    is_sure = are_confirmed(lines) and twin is None
    if not is_sure and entry.transaction_id is not None:
        transaction = await _transaction(desk, entry.transaction_id)
    age = entry.read_at - (entry.began_at if entry.sent_at is None else entry.sent_at)
    subjects = subjects_of(entry.scope.kind, entry.body)
    twin_before = None if twin is None else entry.began_at - twin.began_at
    decision = decide(Evidence(ways, age, subjects, lines, transaction, entry.transaction_id, twin_before))
    return Settlement(decision.state, due_in=decision.again, text=outcome_to_text(decision.outcome))


def _twin(entry: Entry, history: Sequence[Entry]) -> Entry | None:
    """Return the last one before that differs, and has the same quantities: what Amazon shows may be its own.

    An update of prices or dates has such a one, and the transaction alone says that it was refused.
    """
    answers = acknowledgement_of(entry.body)
    for each in reversed(history):
        if each.number < entry.number and each.is_said:
            before = acknowledgement_of(each.body)
            if before.items != answers.items and _quantities(before) == _quantities(answers):
                return each
    return None


def _quantities(acknowledgement: OrderAcknowledgement) -> dict[LineName, tuple[int, int]]:
    said = said_of(acknowledgement)
    return {number: (line.taken, line.rejected) for number, line in said.items()}


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
    """Return a transaction; None where Amazon does not know it, or not any more."""
    call = GET_TRANSACTION(path={"transactionId": transaction_id})
    try:
        reply = await desk.context.sender.send(call, **desk.options)
    except (BadRequestError, NotFoundError):
        return None
    return reply.value.transaction_status
