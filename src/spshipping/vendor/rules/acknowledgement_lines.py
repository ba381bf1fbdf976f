"""Rules about the lines of an acknowledgement: identifiers, units, prices, and the order as it is now."""

from collections.abc import Iterator
from decimal import Decimal

from spshipping.vendor.orders.models.amounts import Money
from spshipping.vendor.orders.models.purchase_orders import OrderItem
from spshipping.vendor.rules.answers import AcknowledgementView, Answered
from spshipping.vendor.rules.quantities import details, is_cancelled, ordered, party
from spshipping.vendor.rules.rule import (
    E_SURE,
    W_CONTRADICTED,
    W_SURE,
    DocumentKind,
    Fault,
    Rule,
    RuleRegion,
)

_ACKNOWLEDGEMENT = (DocumentKind.ACKNOWLEDGEMENT,)
_DROP = "leave the line out"


def net_cost(view: AcknowledgementView) -> Iterator[Fault]:
    """Find lines without a possible net cost."""
    for answered in view.answered:
        path, cost = f"{answered.path}.net_cost", answered.item.net_cost
        if cost is None or cost.amount is None:
            yield Fault(path, "has no net cost", "state the unit cost that you will invoice")
        elif cost.amount <= 0:
            yield Fault(f"{path}.amount", "is not above 0", "state the unit cost that you will invoice")
        elif answered.line is not None:
            yield from _compared(path, cost, cost.amount, answered.line)


def _compared(path: str, cost: Money, amount: Decimal, line: OrderItem) -> Iterator[Fault]:
    price = line.net_cost or line.list_price
    if price is not None and price.currency_code not in (None, cost.currency_code):
        yield Fault(f"{path}.currency_code", "is not the currency of the order", "use that of the order")
    elif line.net_cost is not None and line.net_cost.amount is not None and amount > line.net_cost.amount:
        yield Fault(
            f"{path}.amount",
            "is above the cost of the order",
            "state that of the order or a lower one, or reject the line",
        )


def book_prices(view: AcknowledgementView) -> Iterator[Fault]:
    """Find books with a list price that is not complete."""
    for answered in view.answered:
        item, line = answered.item, answered.line
        has_list_price, has_discount = item.list_price is not None, item.discount_multiplier is not None
        is_book = line is not None and line.list_price is not None and line.net_cost is None
        needed = has_list_price or has_discount or is_book
        if needed and not (has_list_price and has_discount):
            name = "discount_multiplier" if has_list_price else "list_price"
            yield Fault(
                f"{answered.path}.{name}",
                "is missing for an item with a list price",
                "send list price and discount multiplier together, or neither for what is no book",
            )


def identifiers(view: AcknowledgementView) -> Iterator[Fault]:
    """Find lines whose identifiers are not those of the order."""
    if view.order is None:
        return
    for answered in view.answered:
        item, line = answered.item, answered.line
        if line is None:
            yield Fault(answered.path, "is no line of the order", _DROP)
            continue
        for name in ("amazon_product_identifier", "vendor_product_identifier"):
            if getattr(item, name) != getattr(line, name):
                yield Fault(
                    f"{answered.path}.{name}", "is not the one of the order", "repeat it as the order has it"
                )


def units(view: AcknowledgementView) -> Iterator[Fault]:
    """Find quantities in another unit, or another case size, than the order has."""
    for answered in view.answered:
        if answered.line is None:
            continue
        wanted = ordered(answered.line)
        quantities = [(f"{answered.path}.ordered_quantity", answered.item.ordered_quantity)]
        quantities += [
            (f"{path}.acknowledged_quantity", each.acknowledged_quantity) for path, each in answered.answers()
        ]
        for path, quantity in quantities:
            for name in ("unit_of_measure", "unit_size"):
                if getattr(quantity, name) not in (None, getattr(wanted, name)):
                    yield Fault(f"{path}.{name}", "differs from the order", "repeat the one of the order")


def selling_party(view: AcknowledgementView) -> Iterator[Fault]:
    """Find a vendor code that is not the order's."""
    order = view.order
    code = None if order is None else party(details(order), "selling_party")
    if code is not None and party(view.document, "selling_party") != code:
        yield Fault(
            f"{view.prefix}selling_party.party_id",
            "is not the vendor code of the order",
            "use the vendor code that the order has",
        )


def other_quantities(view: AcknowledgementView) -> Iterator[Fault]:
    """Find an answer to a quantity that the order does not have any more."""
    for answered in view.answered:
        stated = answered.item.ordered_quantity.amount
        if answered.line is not None and stated is not None and not _agrees(answered, answered.line):
            yield Fault(
                f"{answered.path}.ordered_quantity.amount",
                "is not what the order says",
                "read the order again, and answer what it says now",
            )


def _agrees(answered: Answered, line: OrderItem) -> bool:
    quantity, wanted = answered.item.ordered_quantity, ordered(line)
    if quantity.unit_of_measure not in (None, wanted.unit_of_measure):
        return True  # another rule is about units
    return quantity.amount == wanted.amount


def cancelled_answers(view: AcknowledgementView) -> Iterator[Fault]:
    """Find answers to lines that Amazon has cancelled."""
    for answered in view.answered:
        if answered.line is None or not is_cancelled(answered.line):
            continue
        for path, answer in answered.answers():
            if answer.acknowledged_quantity.amount:
                yield Fault(
                    f"{path}.acknowledged_quantity.amount", "is of a line that Amazon has cancelled", _DROP
                )


LINE_ROWS = (
    Rule(
        "L-006",
        "Each line has a net cost above 0, in the currency of the order and not above its cost.",
        _ACKNOWLEDGEMENT,
        (E_SURE,),
        ("ACK-16",),
        "a net cost of 0.00; 10.50 where the order says 10.20",
        net_cost,
        needs=("orders",),
    ),
    Rule(
        "L-008",
        "A book with a list price has list price and discount multiplier.",
        _ACKNOWLEDGEMENT,
        (W_SURE,),
        ("ACK-19",),
        "a list price alone",
        book_prices,
        regions=frozenset({RuleRegion.NA, RuleRegion.IN}),
    ),
    Rule(
        "L-014",
        "The lines, and their identifiers, are those of the order.",
        _ACKNOWLEDGEMENT,
        (E_SURE,),
        ("ACK-21",),
        "an EAN where the order has the vendor's own number",
        identifiers,
        needs=("orders",),
    ),
    Rule(
        "L-019",
        "Unit and case size are those of the order.",
        _ACKNOWLEDGEMENT,
        (W_CONTRADICTED,),
        ("ACK-15",),
        "pieces where the order has cases",
        units,
        needs=("orders",),
    ),
    Rule(
        "L-021",
        "The selling party is the vendor code of the order.",
        _ACKNOWLEDGEMENT,
        (E_SURE,),
        ("ACK-33",),
        "another vendor code of the same group",
        selling_party,
        needs=("orders",),
    ),
)
