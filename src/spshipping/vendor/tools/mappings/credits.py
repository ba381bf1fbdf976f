"""What of an order is not delivered: rejected by the vendor, or cancelled by Amazon."""

from collections.abc import Iterator
from typing import NamedTuple

from spshipping.vendor.orders.models.acknowledgements import (
    AcknowledgementCode,
    OrderAcknowledgement,
    RejectionReason,
)
from spshipping.vendor.orders.models.purchase_orders import OrderItem, PurchaseOrderItemState
from spshipping.vendor.orders.models.status import OrderItemStatus
from spshipping.vendor.rules.answers import is_line
from spshipping.vendor.rules.quantities import is_cancelled
from spshipping.vendor.tools.mappings.order import CreditKind, amount_of

REJECTED = AcknowledgementCode.REJECTED.value
CANCELLED = PurchaseOrderItemState.CANCELLED.value
CREDIT_REASONS: tuple[str, ...] = (*(reason.value for reason in RejectionReason), REJECTED, CANCELLED)
"""What credits can be for: Amazon's reasons to reject, a rejection without a known one, and Amazon's
cancellations, which have no reason."""


class Credit(NamedTuple):
    """A quantity that is not delivered, in Amazon's words."""

    kind: CreditKind
    quantity: int | None
    reason: str


def credits_of(
    item: OrderItem, status: OrderItemStatus | None, answers: OrderAcknowledgement | None
) -> Iterator[Credit]:
    """Yield what of a line is not delivered.

    Args:
        item: the line.
        status: its state; None where the history was not imported.
        answers: what was answered last; it alone knows the reasons of rejections.
    """
    told = list(_answered(item, answers))
    if not told and status is not None and status.acknowledgement_status is not None:
        amount = amount_of(status.acknowledgement_status.rejected_quantity)
        told = [Credit(CreditKind.REJECTED, amount, REJECTED)] if amount else []
    yield from told
    cancelled = _cancelled(status)
    if cancelled or is_cancelled(item):
        yield Credit(CreditKind.CANCELLED, cancelled or None, CANCELLED)


def _answered(item: OrderItem, answers: OrderAcknowledgement | None) -> Iterator[Credit]:
    for answered in () if answers is None else answers.items:
        if not is_line(item, answered):
            continue
        for answer in answered.item_acknowledgements:
            if answer.acknowledgement_code == AcknowledgementCode.REJECTED:
                reason = answer.rejection_reason
                amount = answer.acknowledged_quantity.amount
                yield Credit(CreditKind.REJECTED, amount, REJECTED if reason is None else reason.value)


def _cancelled(status: OrderItemStatus | None) -> int:
    """Return how much Amazon has cancelled of a line: its changes are listed one by one."""
    ordered = status.ordered_quantity if status is not None else None
    changes = (ordered.ordered_quantity_details if ordered is not None else None) or ()
    return sum(amount_of(change.cancelled_quantity) or 0 for change in changes)
