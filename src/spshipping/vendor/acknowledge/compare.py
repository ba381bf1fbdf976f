"""What Amazon has noted of the lines of an order, compared with what was submitted."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from spshipping.vendor.acknowledge.line import LineName, number_of
from spshipping.vendor.acknowledge.outcome import LineOutcome, LineState
from spshipping.vendor.acknowledge.said import Said, SaidLine
from spshipping.vendor.orders.models.amounts import ItemQuantity, UnitOfMeasure
from spshipping.vendor.orders.models.status import (
    ConfirmationStatus,
    OrderItemStatus,
    OrderItemStatusAcknowledgementStatus,
    OrderStatus,
)

_TOLERANCE = timedelta(minutes=1)
"""So much earlier Amazon may have dated an answer: times in its answers have no fraction at times."""


def compared(said: Said, status: OrderStatus | None, since: datetime) -> tuple[LineOutcome, ...]:
    """Return what Amazon shows of each line that was answered.

    Args:
        said: what was submitted.
        status: what Amazon has noted; None where it does not show the order.
        since: when it was submitted: what is older is not of this submission.
    """
    shown = _by_number(getattr(status, "item_status", ()))
    updated = getattr(status, "last_updated_date", None)
    return tuple(_line(line, shown.get(number), updated, since) for number, line in said.items())


def _by_number(items: Iterable[OrderItemStatus]) -> dict[LineName, OrderItemStatus]:
    found = {}
    for item in items:
        # a required field that did not come is not there
        text = getattr(item, "item_sequence_number", None)
        if text:
            found[number_of(text)] = item
    return found


def _line(
    said: SaidLine, item: OrderItemStatus | None, updated: datetime | None, since: datetime
) -> LineOutcome:
    if item is None:
        return LineOutcome(said.item_sequence_number, LineState.MISSING)
    ordered = item.ordered_quantity.ordered_quantity if item.ordered_quantity else None
    noted = item.acknowledgement_status
    return LineOutcome(
        said.item_sequence_number,
        _state(said, noted, updated, since),
        accepted=_amount(noted.accepted_quantity if noted else None),
        rejected=_amount(noted.rejected_quantity if noted else None),
        ordered=_amount(ordered),
    )


def _state(
    said: SaidLine,
    noted: OrderItemStatusAcknowledgementStatus | None,
    updated: datetime | None,
    since: datetime,
) -> LineState:
    if noted is None or noted.confirmation_status in (None, ConfirmationStatus.UNCONFIRMED):
        return LineState.UNCONFIRMED
    # back orders count as accepted: no field tells them apart
    agrees = _is(noted.accepted_quantity, said.taken, said) and _is(
        noted.rejected_quantity, said.rejected, said
    )
    details = noted.acknowledgement_status_details or ()
    dates = [detail.acknowledgement_date for detail in details if detail.acknowledgement_date]
    latest = max(dates, default=updated)
    is_ours = latest is None or latest >= since - _TOLERANCE
    return LineState.CONFIRMED if agrees and is_ours else LineState.DIFFERENT


def _is(shown: ItemQuantity | None, amount: int, said: SaidLine) -> bool:
    """Say whether a quantity is *amount* of the unit of the line; one that did not come is none."""
    if shown is None or shown.amount is None:
        return amount == 0
    if shown.unit_of_measure in (None, said.unit) or said.unit is None:
        return shown.amount == amount
    size = {UnitOfMeasure.CASES.value: shown.unit_size or said.unit_size, UnitOfMeasure.EACHES.value: 1}
    own = {UnitOfMeasure.CASES.value: said.unit_size, UnitOfMeasure.EACHES.value: 1}
    pieces, wanted = size.get(shown.unit_of_measure or ""), own.get(said.unit)
    return pieces is not None and wanted is not None and shown.amount * pieces == amount * wanted


def _amount(quantity: ItemQuantity | None) -> int | None:
    return quantity.amount if quantity else None
