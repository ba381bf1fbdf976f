"""What is to be done next with a purchase order, and until when."""

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple, Self

from spshipping.errors import SpShippingError
from spshipping.vendor.asn import open_lines
from spshipping.vendor.orders import Order, OrderItem, PurchaseOrderState, PurchaseOrderStatus
from spshipping.vendor.orders.deadlines import Deadlines
from spshipping.vendor.rules import History, RuleContext, SentAcknowledgement, SentConfirmation
from spshipping.vendor.rules.packing import ConfirmationView
from spshipping.vendor.sync import ImportedOrder

ACKNOWLEDGE, REQUEST_PICKUP, SHIP = "acknowledge", "request pickup", "ship"


class Due(NamedTuple):
    """The next step, and until when it is to be done."""

    step: str
    by: datetime


class Said:
    """What was submitted, by purchase order: an order is looked at with what is about it alone."""

    def __init__(self, history: History) -> None:
        self._acknowledgements: defaultdict[str, list[SentAcknowledgement]] = defaultdict(list)
        self._confirmations: defaultdict[str, list[SentConfirmation]] = defaultdict(list)
        for answers in history.acknowledgements:
            self._acknowledgements[answers.document.purchase_order_number.strip()].append(answers)
        for notice in history.confirmations:
            view = ConfirmationView(notice.document, RuleContext())
            for number in {(portion.number or "").strip() for portion in view.portions}:
                self._confirmations[number].append(notice)
        self._picked_up = {
            order.purchase_order_number.strip()
            for request in history.requests
            for order in request.document.purchase_orders or ()
            if order.purchase_order_number
        }

    def about(self, number: str) -> History:
        """Return what was submitted about an order."""
        return History(
            acknowledgements=self._acknowledgements.get(number, ()),
            confirmations=self._confirmations.get(number, ()),
        )

    def is_answered(self, number: str) -> bool:
        """Return whether an acknowledgement of an order may be with Amazon."""
        return number in self._acknowledgements

    def has_pickup(self, number: str) -> bool:
        """Return whether a pickup was requested for an order."""
        return number in self._picked_up


class Overview(NamedTuple):
    """A purchase order, its limits, and what is due."""

    imported: ImportedOrder
    deadlines: Deadlines | None
    """None where the order does not say enough."""
    due: Due | None
    """None where nothing is to be done."""

    @classmethod
    def of(cls, imported: ImportedOrder, said: Said) -> Self:
        """Look at an order, with what was submitted."""
        limits = deadlines_of(imported.purchase_order)
        return cls(imported, limits, None if limits is None else _due(imported, limits, said))


def deadlines_of(order: Order) -> Deadlines | None:
    """Return the limits of an order; None where it does not say enough."""
    try:
        return order.deadlines()
    except SpShippingError:
        return None


def _due(imported: ImportedOrder, limits: Deadlines, said: Said) -> Due | None:
    order, number = imported.purchase_order, imported.number
    if is_closed(imported):
        return None
    is_new = order.purchase_order_state != PurchaseOrderState.ACKNOWLEDGED
    if is_new and not said.is_answered(number):
        return Due(ACKNOWLEDGE, limits.answer)
    if not _left(order, said.about(number)):
        return None
    if limits.transportation_request and not limits.deliver and not said.has_pickup(number):
        return Due(REQUEST_PICKUP, limits.transportation_request)
    ends = [end for end in (limits.ship, limits.deliver, limits.shipment_confirmation) if end is not None]
    return Due(SHIP, min(ends)) if ends else None


def is_closed(imported: ImportedOrder) -> bool:
    """Return whether nothing can be done any more: it is closed, or all of its lines were cancelled."""
    order, status = imported.purchase_order, imported.status
    if order.purchase_order_state == PurchaseOrderState.CLOSED:
        return True
    # a required field that did not come is not there
    if getattr(status, "purchase_order_status", None) == PurchaseOrderStatus.CLOSED:
        return True
    return not any(quantity_of(line.item) for line in imported.lines)


def quantity_of(item: OrderItem) -> int:
    """Return how much of a line is ordered, in its own unit; 0 where it is cancelled, or not known."""
    quantity = getattr(item, "ordered_quantity", None)
    return getattr(quantity, "amount", None) or 0


def _left(order: Order, history: History) -> int:
    """Return how much is accepted and not shipped, in cases and pieces; 1 where that is not known."""
    try:
        return sum(line.ready for line in open_lines(RuleContext(orders=[order], history=history)))
    except SpShippingError:
        return 1
