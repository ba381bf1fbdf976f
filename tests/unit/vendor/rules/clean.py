"""Clean acknowledgements and purchase orders, drawn from a seed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Generic, TypeVar

from spshipping.vendor import orders as po
from spshipping.vendor.rules import History, RuleContext, RuleRegion, SentAcknowledgement
from spshipping.vendor.shipments import ShipmentFreightTerm
from spshipping.wire.times import DateTimeInterval

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
VENDOR, CENTRE = "ABCD1", "PHX3"
CURRENCIES = {RuleRegion.NA: "USD", RuleRegion.EU: "EUR", RuleRegion.IN: "INR", RuleRegion.OTHER: "JPY"}
COLLECT, PREPAID = ShipmentFreightTerm.COLLECT, ShipmentFreightTerm.PREPAID
D = TypeVar("D")


@dataclass
class Case(Generic[D]):
    """A document, and what its rules need to know."""

    document: D
    context: RuleContext

    @property
    def history(self) -> History:
        assert self.context.history is not None
        return self.context.history

    @property
    def order(self) -> po.Order:
        assert self.context.orders
        return self.context.orders[0]

    @property
    def line(self) -> po.OrderItem:
        return details_of(self.order).items[0]


def details_of(order: po.Order) -> po.OrderDetails:
    assert order.order_details is not None
    return order.order_details


def number_of(rng: Random) -> str:
    return "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=8))


def order_line(rng: Random, index: int, region: RuleRegion) -> po.OrderItem:
    is_case = rng.random() < 0.5
    amount = rng.randint(5, 20)
    by_weight = rng.random() < 0.1
    return po.OrderItem(
        item_sequence_number=rng.choice([str(index), f"{index:05d}"]),
        amazon_product_identifier=f"B0{number_of(rng)}",
        vendor_product_identifier=f"{rng.randrange(10**12):012d}",
        ordered_quantity=po.ItemQuantity(
            amount=amount,
            unit_of_measure=po.UnitOfMeasure.CASES if is_case else po.UnitOfMeasure.EACHES,
            unit_size=rng.choice([6, 12]) if is_case else rng.choice([None, 1]),
        ),
        is_back_order_allowed=region is not RuleRegion.IN and rng.random() < 0.6,
        net_cost=po.Money(
            currency_code=CURRENCIES[region],
            amount=Decimal(rng.randint(200, 5000)) / 100,
            unit_of_measure=po.PriceUnit.POUNDS if by_weight else None,
        ),
    )


def purchase_order(
    rng: Random,
    region: RuleRegion,
    freight: ShipmentFreightTerm,
    *,
    placed: datetime = NOW - timedelta(hours=3),
    state: po.PurchaseOrderState = po.PurchaseOrderState.NEW,
    count: int | None = None,
) -> po.Order:
    """Draw an order whose window is from one day before to 14 days after NOW."""
    window = DateTimeInterval(NOW - timedelta(days=1), NOW + timedelta(days=14))
    return po.Order(
        purchase_order_number=number_of(rng),
        purchase_order_state=state,
        order_details=po.OrderDetails(
            purchase_order_date=placed,
            purchase_order_type=po.PurchaseOrderType.REGULAR_ORDER,
            payment_method=po.PaymentMethod.INVOICE,
            selling_party=po.PartyIdentification(party_id=VENDOR),
            ship_to_party=po.PartyIdentification(party_id=CENTRE),
            ship_window=window if freight == COLLECT else None,
            delivery_window=window if freight == PREPAID else None,
            items=[order_line(rng, index + 1, region) for index in range(count or rng.randint(2, 6))],
        ),
    )


def quantity(line: po.OrderItem, amount: int) -> po.ItemQuantity:
    whole = line.ordered_quantity
    return po.ItemQuantity(amount=amount, unit_of_measure=whole.unit_of_measure, unit_size=whole.unit_size)


def answer(
    line: po.OrderItem, code: str, amount: int, *, date: datetime | None = None, reason: str | None = None
) -> po.OrderItemAcknowledgement:
    return po.OrderItemAcknowledgement(
        acknowledgement_code=po.AcknowledgementCode(code),
        acknowledged_quantity=quantity(line, amount),
        scheduled_ship_date=date,
        rejection_reason=po.RejectionReason(reason) if reason else None,
    )


def accepted(
    line: po.OrderItem, amount: int, rng: Random, freight: ShipmentFreightTerm
) -> po.OrderItemAcknowledgement:
    made = answer(line, "Accepted", amount)
    date = NOW + timedelta(days=rng.randint(1, 13))
    if rng.random() < 0.5:
        made.scheduled_ship_date = date if freight == COLLECT else None
        made.scheduled_delivery_date = date if freight == PREPAID else None
    return made


def answers(
    line: po.OrderItem, rng: Random, freight: ShipmentFreightTerm
) -> list[po.OrderItemAcknowledgement]:
    """Draw answers that add up: one kind, or two."""
    whole = line.ordered_quantity.amount or 0
    part = rng.randint(1, whole - 1)
    later = NOW + timedelta(days=rng.randint(20, 40))
    kind = rng.choice(["all", "all", "later", "part", "none"])
    if kind == "later" and line.is_back_order_allowed:
        return [accepted(line, part, rng, freight), answer(line, "Backordered", whole - part, date=later)]
    if kind == "part":
        rejected = answer(line, "Rejected", whole - part, reason="TemporarilyUnavailable")
        return [accepted(line, part, rng, freight), rejected]
    if kind == "none":
        reason = rng.choice(["TemporarilyUnavailable", "InvalidProductIdentifier", "ObsoleteProduct"])
        return [answer(line, "Rejected", whole, reason=reason)]
    return [accepted(line, whole, rng, freight)]


def answered_item(
    line: po.OrderItem, given: list[po.OrderItemAcknowledgement]
) -> po.OrderAcknowledgementItem:
    return po.OrderAcknowledgementItem(
        item_sequence_number=line.item_sequence_number,
        amazon_product_identifier=line.amazon_product_identifier,
        vendor_product_identifier=line.vendor_product_identifier,
        ordered_quantity=quantity(line, line.ordered_quantity.amount or 0),
        net_cost=line.net_cost
        and po.Money(
            currency_code=line.net_cost.currency_code,
            amount=line.net_cost.amount,
            unit_of_measure=line.net_cost.unit_of_measure,
        ),
        item_acknowledgements=given,
    )


def acknowledgement_of(
    order: po.Order, items: list[po.OrderAcknowledgementItem], at: datetime = NOW
) -> po.OrderAcknowledgement:
    return po.OrderAcknowledgement(
        purchase_order_number=order.purchase_order_number,
        selling_party=po.PartyIdentification(party_id=VENDOR),
        acknowledgement_date=at,
        items=items,
    )


def accept_all(order: po.Order, at: datetime) -> SentAcknowledgement:
    """Make an acknowledgement that was sent before and accepts everything."""
    items = [
        answered_item(line, [answer(line, "Accepted", line.ordered_quantity.amount or 0)])
        for line in details_of(order).items
    ]
    return SentAcknowledgement(acknowledgement_of(order, items, at), at)


def clean_acknowledgement(
    rng: Random,
    *,
    region: RuleRegion | None = None,
    freight: ShipmentFreightTerm | None = None,
    is_update: bool | None = None,
) -> Case[po.OrderAcknowledgement]:
    """Draw an acknowledgement without a fault: a first one, or an update of one that accepted all."""
    region = region or rng.choice(list(RuleRegion))
    freight = freight or rng.choice([COLLECT, PREPAID])
    is_update = rng.random() < 0.3 if is_update is None else is_update
    placed = NOW - timedelta(hours=rng.randint(26, 40) if is_update else rng.randint(1, 23))
    order = purchase_order(rng, region, freight, placed=placed)
    document = acknowledgement_of(
        order, [answered_item(line, answers(line, rng, freight)) for line in details_of(order).items]
    )
    sent = (accept_all(order, placed + timedelta(hours=1)),) if is_update else ()
    context = RuleContext(
        now=NOW,
        region=region,
        orders=[order],
        changed={},
        freight=freight,
        history=History(acknowledgements=sent),
    )
    return Case(document, context)
