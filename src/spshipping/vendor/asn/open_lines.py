"""What is still to be shipped of purchase orders: what was accepted, less what was shipped before."""

from collections.abc import Sequence
from typing import NamedTuple

from spshipping.errors import InvalidRequestError
from spshipping.vendor.asn.packed import LineKey
from spshipping.vendor.asn.shipped import Room, Unit, in_confirmations, product_of, shares
from spshipping.vendor.orders.models.acknowledgements import AcknowledgementCode
from spshipping.vendor.orders.models.amounts import UnitOfMeasure
from spshipping.vendor.orders.models.purchase_orders import Order, OrderItem
from spshipping.vendor.rules.answers import SaidBefore, acknowledgements_of
from spshipping.vendor.rules.context import RuleContext
from spshipping.vendor.rules.packing import order_party
from spshipping.vendor.rules.quantities import Quantity, line_number, lines, ordered, pieces


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

    What was accepted is what the acknowledgements in `context.history` say last, as far as it is ordered
    still; without one, what was ordered. What was shipped is what the confirmations in `context.history` say
    that were not refused, and `shipped_elsewhere`, which counts pieces.

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
        sent = context.history.acknowledgements if context.history else ()
        said = [SaidBefore(each) for each in acknowledgements_of(sent, order.purchase_order_number, code)]
        accepted = [
            _open_line(key_of(order, line), code, centre, line, *_accepted(said[::-1], line))
            for line in lines(order)
        ]
        told = _elsewhere(context, order)
        rest = [line._replace(shipped=told.get(normal(line.key), 0)) for line in accepted]
        shipped = shares([_room(line) for line in rest], in_confirmations(context, order, code, without))
        found += [
            line._replace(shipped=line.shipped + more) for line, more in zip(rest, shipped, strict=True)
        ]
    return tuple(found)


def _room(line: OpenLine) -> Room:
    return Room(product_of(line), Unit(line.is_cases, line.case_size), line.most)


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
    # where the caller made it, it may be a number
    number = line_number(str(key.item_sequence_number))
    return key.purchase_order_number.strip(), key.item_sequence_number if number is None else number


def _accepted(said: Sequence[SaidBefore], line: OrderItem) -> tuple[int, int]:
    """Return how much was accepted for now, and for later, of what is ordered now.

    Amazon lowers orders after they were answered, and what counts is the order as it is now.
    """
    whole = ordered(line)
    answered = next(filter(None, (each.answer_to(line) for each in said)), None)
    if answered is None:
        return whole.amount or 0, 0
    sums = {AcknowledgementCode.ACCEPTED: 0, AcknowledgementCode.BACKORDERED: 0}
    for answer in answered.item_acknowledgements:
        if answer.acknowledgement_code in sums:
            amount = in_unit(answer.acknowledged_quantity, whole.unit_of_measure, whole.unit_size)
            sums[answer.acknowledgement_code] += amount
    now, later = sums[AcknowledgementCode.ACCEPTED], sums[AcknowledgementCode.BACKORDERED]
    if whole.amount is None:
        return now, later
    now = min(now, whole.amount)
    return now, min(later, whole.amount - now)


def in_unit(quantity: Quantity, unit: str | None, size: int | None) -> int:
    """Return a quantity in the unit of a line; a part of a case counts as none."""
    amount = quantity.amount or 0
    if quantity.unit_of_measure in (None, unit) and quantity.unit_size in (None, size):
        return amount
    found = pieces(quantity, size)
    if found is None:
        return amount
    return found if unit != UnitOfMeasure.CASES or not size else found // size


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
