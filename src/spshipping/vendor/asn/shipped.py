"""How much of each line of an order was shipped: confirmations name products alone, in cases or in pieces."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from spshipping.vendor.orders.models.purchase_orders import Order
from spshipping.vendor.rules.context import Outcome, RuleContext
from spshipping.vendor.rules.packing import ConfirmationView, latest_of_each
from spshipping.vendor.rules.quantities import CASES, Identified, ordered
from spshipping.vendor.shipments.models.confirmations import ShipmentConfirmation


class Unit(NamedTuple):
    """What amounts are counted in: pieces, or cases of a size."""

    is_cases: bool
    size: int | None = None
    """Pieces in a case; None where it is not known, and for pieces."""

    @classmethod
    def of(cls, name: str | None, size: int | None) -> "Unit":
        """Return the unit that a quantity states."""
        return cls(True, size) if name == CASES else cls(False)

    def has(self, other: "Unit") -> bool:
        """Say whether both are the same; a size that is not known may be any."""
        sizes = {self.size, other.size} - {None}
        return self.is_cases is other.is_cases and len(sizes) < 2


Amounts = Mapping[Unit, int]


class Room(NamedTuple):
    """A line of an order, and how much of it is not yet shipped as far as is known, in its own unit."""

    product: str
    unit: Unit
    amount: int


def product_of(item: Identified) -> str:
    """Return what names an item in all documents about an order."""
    return item.amazon_product_identifier or item.vendor_product_identifier or ""


def in_confirmations(
    context: RuleContext, order: Order, code: str, without: str | None
) -> dict[str, dict[Unit, int]]:
    """Return how much of each product of an order was confirmed before, in the units that were stated.

    Args:
        context: what was sent before.
        order: the order.
        code: its vendor code.
        without: the identifier of a confirmation that does not count.
    """
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
    found: dict[str, dict[Unit, int]] = {}
    for document in latest_of_each(sent):
        for product, amounts in shipped_amounts(document, context, order).items():
            for unit, amount in amounts.items():
                _add(found.setdefault(product, {}), unit, amount)
    return found


def shipped_amounts(
    document: ShipmentConfirmation, context: RuleContext, order: Order
) -> dict[str, dict[Unit, int]]:
    """Return how much of each product of an order a confirmation ships, in the units that it states."""
    view, found = ConfirmationView(document, context), dict[str, dict[Unit, int]]()
    for portion in view.by_order.get(order.purchase_order_number.strip(), ()):
        of_order = view.lines_of(portion)
        if of_order:
            # what a quantity leaves out is as in the order
            first, given = ordered(of_order[0]), portion.quantity
            size = given.unit_size or portion.item.shipped_quantity.unit_size or first.unit_size
            unit = Unit.of(given.unit_of_measure or first.unit_of_measure, size)
            _add(found.setdefault(product_of(of_order[0]), {}), unit, given.amount or 0)
    return found


def pieces_of(amounts: Amounts) -> int:
    """Return a sum in pieces; a case of unknown size counts as one."""
    return sum(amount * (unit.size or 1) for unit, amount in amounts.items())


def shares(rooms: Sequence[Room], shipped: Mapping[str, Amounts]) -> list[int]:
    """Return how much of each line was shipped, in its own unit.

    Of several lines of one product, those in the unit that was shipped are filled first, in their order; what
    is more belongs to the others, where a part of a case counts as a case, and in the end to the last one.
    """
    found = [0] * len(rooms)
    of_product: dict[str, list[int]] = {}
    for index, room in enumerate(rooms):
        of_product.setdefault(room.product, []).append(index)
    for product, places in of_product.items():
        for unit, amount in shipped.get(product, {}).items():
            same = [index for index in places if rooms[index].unit.has(unit)]
            left = amount
            for index in same:
                taken = min(left, max(0, rooms[index].amount - found[index]))
                found[index] += taken
                left -= taken
            others = [index for index in places if index not in same]
            _pour(rooms, found, others or same, left, unit)
    return found


def _pour(rooms: Sequence[Room], found: list[int], places: Sequence[int], amount: int, unit: Unit) -> None:
    """Add an amount that is in another unit than the lines, or more than what they have left."""
    for index in places if amount > 0 else ():
        own = rooms[index].unit
        # of two sizes of which one is not known, the other holds for both
        size = (own.size or unit.size or 1) if own.is_cases else 1
        each = (unit.size or own.size or 1) if unit.is_cases else 1
        wanted = -(-amount * each // size)
        is_last = index == places[-1]
        taken = wanted if is_last else min(wanted, max(0, rooms[index].amount - found[index]))
        found[index] += taken
        amount = max(0, amount - taken * size // each)


def _add(amounts: dict[Unit, int], unit: Unit, amount: int) -> None:
    amounts[unit] = amounts.get(unit, 0) + amount
