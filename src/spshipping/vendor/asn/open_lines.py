"""What is still to be shipped of purchase orders: what was accepted, less what was shipped before."""

from collections.abc import Iterator
from typing import NamedTuple

from spshipping.errors import InvalidRequestError
from spshipping.vendor.asn.packed import LineKey
from spshipping.vendor.orders.models.acknowledgements import AcknowledgementCode
from spshipping.vendor.orders.models.amounts import UnitOfMeasure
from spshipping.vendor.orders.models.purchase_orders import Order, OrderItem
from spshipping.vendor.rules.answers import acknowledgements_of, answer_to
from spshipping.vendor.rules.context import Outcome, RuleContext
from spshipping.vendor.rules.packing import ConfirmationView, latest_of_each, order_party
from spshipping.vendor.rules.quantities import (
    Identified,
    Quantity,
    line_number,
    lines,
    lines_of,
    ordered,
    pieces,
)
from spshipping.vendor.shipments.models.confirmations import ShipmentConfirmation


class OpenLine(NamedTuple):
    """A line of a purchase order, and how much of it can still be shipped; amounts are in its own unit."""

    key: LineKey
    vendor_code: str
    centre: str
    """The fulfilment centre where it goes."""
    amazon_product_identifier: str | None
    vendor_product_identifier: str | None
    unit: UnitOfMeasure
    case_size: int | None
    """Pieces in a case; None where the order does not say it, and for pieces."""
    is_by_weight: bool
    accepted: int
    """Without what was promised for later."""
    back_ordered: int
    shipped: int
    """In confirmations before, and by other ways."""

    @property
    def is_cases(self) -> bool:
        """Whether amounts are cases."""
        return self.unit == UnitOfMeasure.CASES

    @property
    def ready(self) -> int:
        """How much is to be shipped now: what was accepted and not shipped."""
        return max(0, self.accepted - self.shipped)

    @property
    def most(self) -> int:
        """How much can be shipped: with what was promised for later."""
        return max(0, self.accepted + self.back_ordered - self.shipped)


def open_lines(context: RuleContext, *, without: str | None = None) -> tuple[OpenLine, ...]:
    """Return all lines of the orders in *context*, with what was accepted and shipped of each.

    What was accepted is what the acknowledgements in `context.history` say last; without one, what was
    ordered. What was shipped is what the confirmations in `context.history` say that were not refused, and
    `shipped_elsewhere`, which counts pieces.

    Args:
        context: orders and history.
        without: the identifier of a confirmation that does not count, since it is to be replaced.

    Raises:
        InvalidRequestError: an order does not say its vendor code or its fulfilment centre.
    """
    found: list[OpenLine] = []
    for index, order in enumerate(context.orders or ()):
        code, centre = order_party(order, "selling_party"), order_party(order, "ship_to_party")
        if not code or not centre:
            raise InvalidRequestError(
                "has no vendor code, or no fulfilment centre: read it with its details",
                path=f"orders[{index}]",
            )
        accepted = [
            _open_line(key_of(order, line), code, centre, line, *_accepted(context, order, code, line))
            for line in lines(order)
        ]
        found += _less_shipped(
            accepted, _elsewhere(context, order), _in_confirmations(context, order, code, without)
        )
    return tuple(found)


def _less_shipped(
    accepted: list[OpenLine], elsewhere: dict[tuple[str, int | str], int], confirmed: dict[str, int]
) -> Iterator[OpenLine]:
    """Yield lines with what was shipped of them.

    Confirmations name products alone: of two lines of one product, what was shipped fills the first one.
    """
    left = dict(confirmed)
    for index, line in enumerate(accepted):
        product = product_of(line)
        told = elsewhere.get(normal(line.key), 0)
        here = left.get(product, 0)
        if any(product_of(other) == product for other in accepted[index + 1 :]):
            here = min(here, max(0, line.accepted + line.back_ordered - told))
        left[product] = left.get(product, 0) - here
        yield line._replace(shipped=told + here)


def product_of(item: Identified) -> str:
    """Return what names an item in all documents about an order."""
    return item.amazon_product_identifier or item.vendor_product_identifier or ""


def _open_line(key: LineKey, code: str, centre: str, line: OrderItem, accepted: int, later: int) -> OpenLine:
    quantity = ordered(line)
    unit = quantity.unit_of_measure or UnitOfMeasure.EACHES
    price = line.net_cost or line.list_price
    return OpenLine(
        key=key,
        vendor_code=code,
        centre=centre,
        amazon_product_identifier=line.amazon_product_identifier,
        vendor_product_identifier=line.vendor_product_identifier,
        unit=unit,
        case_size=quantity.unit_size if unit == UnitOfMeasure.CASES else None,
        is_by_weight=price is not None and price.unit_of_measure is not None,
        accepted=accepted,
        back_ordered=later,
        shipped=0,
    )


def key_of(order: Order, line: OrderItem) -> LineKey:
    """Return the name of a line."""
    return LineKey(order.purchase_order_number.strip(), line.item_sequence_number)


def normal(key: LineKey) -> tuple[str, int | str]:
    """Return a name that is the same for `1` and `00001`."""
    number = line_number(key.item_sequence_number)
    return key.purchase_order_number.strip(), key.item_sequence_number if number is None else number


def _accepted(context: RuleContext, order: Order, code: str, line: OrderItem) -> tuple[int, int]:
    """Return how much was accepted for now, and for later."""
    size, unit = ordered(line).unit_size, ordered(line).unit_of_measure
    history = context.history.acknowledgements if context.history else ()
    for sent in reversed(acknowledgements_of(history, order.purchase_order_number, code)):
        answered = answer_to(sent, line)
        if answered is None:
            continue
        sums = {AcknowledgementCode.ACCEPTED: 0, AcknowledgementCode.BACKORDERED: 0}
        for answer in answered.item_acknowledgements:
            if answer.acknowledgement_code in sums:
                amount = in_unit(answer.acknowledged_quantity, unit, size)
                sums[answer.acknowledgement_code] += amount
        return sums[AcknowledgementCode.ACCEPTED], sums[AcknowledgementCode.BACKORDERED]
    return ordered(line).amount or 0, 0


def in_unit(quantity: Quantity, unit: str | None, size: int | None, *, up: bool = False) -> int:
    """Return a quantity in the unit of a line; a part of a case counts as a case where *up*, else as none."""
    amount = quantity.amount or 0
    if quantity.unit_of_measure in (None, unit) and quantity.unit_size in (None, size):
        return amount
    found = pieces(quantity, size)
    if found is None:
        return amount
    if unit != UnitOfMeasure.CASES or not size:
        return found
    return -(-found // size) if up else found // size


def _in_confirmations(context: RuleContext, order: Order, code: str, without: str | None) -> dict[str, int]:
    """Return how much of each product of an order was confirmed before, in the unit of its first line."""
    history = context.history.confirmations if context.history else ()
    sent = sorted(
        (
            each
            for each in history
            if each.outcome is not Outcome.REFUSED
            and each.document.selling_party.party_id == code
            and each.document.shipment_identifier != without
        ),
        key=lambda each: each.at,
    )
    found: dict[str, int] = {}
    for document in latest_of_each(sent):
        for product, amount in shipped_amounts(document, context, order).items():
            found[product] = found.get(product, 0) + amount
    return found


def shipped_amounts(document: ShipmentConfirmation, context: RuleContext, order: Order) -> dict[str, int]:
    """Return how much of each product of an order a confirmation ships, in the unit of its first line."""
    found: dict[str, int] = {}
    number = order.purchase_order_number.strip()
    for portion in ConfirmationView(document, context).portions:
        of_order = lines_of(order, portion.item) if (portion.number or "").strip() == number else []
        if of_order:
            quantity = ordered(of_order[0])
            size = quantity.unit_size or portion.item.shipped_quantity.unit_size
            amount = in_unit(portion.quantity, quantity.unit_of_measure, size, up=True)
            product = product_of(of_order[0])
            found[product] = found.get(product, 0) + amount
    return found


def _elsewhere(context: RuleContext, order: Order) -> dict[tuple[str, int | str], int]:
    """Return how much was shipped by other ways, in the unit of each line."""
    told = (context.history and context.history.shipped_elsewhere) or {}
    sizes = {normal(key_of(order, line)): ordered(line) for line in lines(order)}
    found: dict[tuple[str, int | str], int] = {}
    for (number, item), amount in told.items():
        name = normal(LineKey(number, item))
        if name in sizes:
            size = sizes[name].unit_size if sizes[name].unit_of_measure == UnitOfMeasure.CASES else None
            found[name] = found.get(name, 0) + (-(-amount // size) if size else amount)
    return found
