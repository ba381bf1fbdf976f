"""Defects of acknowledgements."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

from spshipping.vendor import orders as po
from spshipping.vendor.rules import History, RuleRegion, SentAcknowledgement
from tests.unit.vendor.rules.clean import (
    COLLECT,
    NOW,
    PREPAID,
    Case,
    accept_all,
    acknowledgement_of,
    answer,
    answered_item,
    clean_acknowledgement,
    details_of,
    quantity,
)
from tests.unit.vendor.rules.defects import Defects, E, I, W

ACKNOWLEDGEMENTS = Defects(clean_acknowledgement)
of = ACKNOWLEDGEMENTS.of
Ack = Case[po.OrderAcknowledgement]


def pick(case: Ack, rng: Random) -> tuple[po.OrderAcknowledgementItem, po.OrderItem]:
    index = rng.randrange(len(case.document.items))
    return case.document.items[index], details_of(case.order).items[index]


def accept(case: Ack, rng: Random, *codes: tuple[str, int]) -> po.OrderAcknowledgementItem:
    """Order 10 of a line, and answer as told."""
    item, line = pick(case, rng)
    line.ordered_quantity.amount = 10
    item.ordered_quantity = quantity(line, 10)
    item.item_acknowledgements = [answer(line, code, amount) for code, amount in codes]
    return item


@of("L-001", E, "items", is_update=False)
def two_of_three_lines_are_answered(case: Ack, rng: Random) -> None:
    del case.document.items[rng.randrange(len(case.document.items))]


@of("L-001", W, "items", is_update=True)
def an_update_leaves_a_line_out(case: Ack, rng: Random) -> None:
    del case.document.items[rng.randrange(len(case.document.items))]


@of("L-002", E, "item_acknowledgements")
def eleven_of_ten(case: Ack, rng: Random) -> None:
    accept(case, rng, ("Accepted", 11))


@of("L-002", E, "item_acknowledgements")
def a_line_is_answered_twice(case: Ack, rng: Random) -> None:
    item, line = pick(case, rng)
    case.document.items.append(answered_item(line, item.item_acknowledgements))


@of("L-002", E, "item_acknowledgements", is_update=False)
def too_many_pieces_of_cases(case: Ack, rng: Random) -> None:
    item, line = pick(case, rng)
    line.ordered_quantity = po.ItemQuantity(amount=10, unit_of_measure=po.UnitOfMeasure.CASES, unit_size=6)
    item.ordered_quantity = quantity(line, 10)
    item.item_acknowledgements = [answer(line, "Accepted", 61)]
    item.item_acknowledgements[0].acknowledged_quantity = po.ItemQuantity(
        amount=61, unit_of_measure=po.UnitOfMeasure.EACHES
    )


@of("L-003", W, "item_acknowledgements")
def nine_of_ten(case: Ack, rng: Random) -> None:
    accept(case, rng, ("Accepted", 6), ("Accepted", 3))


@of("L-004", E, "acknowledgement_code")
def a_code_in_capitals(case: Ack, rng: Random) -> None:
    item, _ = pick(case, rng)
    item.item_acknowledgements[0].acknowledgement_code = po.AcknowledgementCode(
        rng.choice(["REJECTED", "accepted", "Backorder"])
    )


@of("L-005", W, "amount")
def a_rejection_of_nothing(case: Ack, rng: Random) -> None:
    item, line = pick(case, rng)
    whole = line.ordered_quantity.amount or 0
    item.item_acknowledgements = [
        answer(line, "Accepted", whole),
        answer(line, "Rejected", 0, reason="TemporarilyUnavailable"),
    ]


def price(item: po.OrderAcknowledgementItem) -> po.Money:
    assert item.net_cost is not None
    return item.net_cost


@of("L-006", E, "net_cost.amount")
def a_price_of_zero(case: Ack, rng: Random) -> None:
    price(pick(case, rng)[0]).amount = rng.choice([Decimal("0.00"), Decimal("-1.50")])


@of("L-006", E, "net_cost.amount")
def a_price_above_the_order(case: Ack, rng: Random) -> None:
    item, line = pick(case, rng)
    assert line.net_cost is not None
    line.net_cost.amount = Decimal("10.20")
    price(item).amount = Decimal("10.50")


@of("L-006", E, "net_cost")
def no_price(case: Ack, rng: Random) -> None:
    pick(case, rng)[0].net_cost = None


@of("L-006", E, "currency_code")
def a_price_in_another_currency(case: Ack, rng: Random) -> None:
    price(pick(case, rng)[0]).currency_code = "CHF"


@of("L-008", W, "discount_multiplier", region=RuleRegion.NA)
def a_list_price_alone(case: Ack, rng: Random) -> None:
    item, _ = pick(case, rng)
    item.list_price = po.Money(currency_code="USD", amount=Decimal(20))


@of("L-008", W, "list_price", region=RuleRegion.IN)
def a_book_without_list_price(case: Ack, rng: Random) -> None:
    item, line = pick(case, rng)
    line.list_price, line.net_cost = line.net_cost, None
    item.discount_multiplier = rng.choice([None, ".90"])


@of("L-009", E, "acknowledgement_code", is_update=False)
def a_back_order_that_is_not_allowed(case: Ack, rng: Random) -> None:
    item, line = pick(case, rng)
    line.is_back_order_allowed = False
    later = NOW + timedelta(days=30)
    whole = line.ordered_quantity.amount or 0
    item.item_acknowledgements = [
        answer(line, "Accepted", whole - 4),
        answer(line, "Backordered", 4, date=later),
    ]


@of("L-009", E, "acknowledgement_code", region=RuleRegion.IN, is_update=False)
def a_back_order_in_india(case: Ack, rng: Random) -> None:
    item, line = pick(case, rng)
    line.is_back_order_allowed = True
    whole = line.ordered_quantity.amount or 0
    item.item_acknowledgements = [answer(line, "Backordered", whole, date=NOW + timedelta(days=30))]


@of("L-010", E, "item_acknowledgements[0]", region=RuleRegion.EU)
def a_back_order_without_a_date(case: Ack, rng: Random) -> None:
    item, line = pick(case, rng)
    line.is_back_order_allowed = True
    item.item_acknowledgements = [answer(line, "Backordered", line.ordered_quantity.amount or 0)]


@of("L-012", W, "rejection_reason")
def accepted_with_a_reason(case: Ack, rng: Random) -> None:
    item, line = pick(case, rng)
    whole = line.ordered_quantity.amount or 0
    item.item_acknowledgements = [answer(line, "Accepted", whole, reason="InvalidProductIdentifier")]


@of("L-012", W, "rejection_reason")
def rejected_without_a_reason(case: Ack, rng: Random) -> None:
    item, line = pick(case, rng)
    item.item_acknowledgements = [answer(line, "Rejected", line.ordered_quantity.amount or 0)]


def sent_before(case: Ack, given: dict[str, list[po.OrderItemAcknowledgement]], hours: int = 20) -> None:
    """Say that the lines were answered before: all accepted, but those that are *given*."""
    at = NOW - timedelta(hours=hours)
    sent = accept_all(case.order, at)
    for item in sent.document.items:
        item.item_acknowledgements = given.get(item.item_sequence_number or "", item.item_acknowledgements)
    case.context = replace(case.context, history=History(acknowledgements=[sent]))


@of("L-013", E, "item_acknowledgements", is_update=True)
def rejected_first_and_accepted_later(case: Ack, rng: Random) -> None:
    item, line = pick(case, rng)
    whole = line.ordered_quantity.amount or 0
    rejected = [answer(line, "Rejected", whole, reason="TemporarilyUnavailable")]
    sent_before(case, {line.item_sequence_number: rejected})
    item.item_acknowledgements = [answer(line, "Accepted", whole)]


@of("L-013", E, "item_acknowledgements", is_update=True)
def left_out_first_and_accepted_later(case: Ack, rng: Random) -> None:
    item, line = pick(case, rng)
    sent_before(case, {line.item_sequence_number: []})
    item.item_acknowledgements = [answer(line, "Accepted", line.ordered_quantity.amount or 0)]


@of("L-013", W, "item_acknowledgements", is_update=True)
def a_rejected_part_is_accepted_later(case: Ack, rng: Random) -> None:
    item, line = pick(case, rng)
    whole = line.ordered_quantity.amount or 0
    rejected = answer(line, "Rejected", 2, reason="TemporarilyUnavailable")
    sent_before(case, {line.item_sequence_number: [answer(line, "Accepted", whole - 2), rejected]})
    item.item_acknowledgements = [answer(line, "Accepted", whole)]


@of("L-015", W, "acknowledgement_date", is_update=False)
def a_first_answer_after_thirty_hours(case: Ack, rng: Random) -> None:
    details_of(case.order).purchase_order_date = NOW - timedelta(hours=30)


@of("L-015", W, "items[0]", is_update=True)
def another_price_on_day_four(case: Ack, rng: Random) -> None:
    sent_before(case, {}, hours=96)
    for item, line in zip(case.document.items, details_of(case.order).items, strict=True):
        item.item_acknowledgements = [answer(line, "Accepted", line.ordered_quantity.amount or 0)]
    price(case.document.items[0]).amount = Decimal("0.01")


@of("L-017", W, "item_acknowledgements", is_update=False)
def a_second_hard_rejection(case: Ack, rng: Random) -> None:
    item, line = pick(case, rng)
    given = [answer(line, "Rejected", line.ordered_quantity.amount or 0, reason="ObsoleteProduct")]
    item.item_acknowledgements = given
    other = acknowledgement_of(case.order, [answered_item(line, given)])
    other.purchase_order_number = "OTHER123"
    earlier = SentAcknowledgement(other, NOW - timedelta(hours=rng.randint(48, 900)))
    case.context = replace(case.context, history=History(acknowledgements=[earlier]))


@of("L-018", I, "item_acknowledgements", region=RuleRegion.NA)
def seven_of_ten_are_rejected_as_unavailable(case: Ack, rng: Random) -> None:
    item = accept(case, rng, ("Accepted", 3), ("Rejected", 7))
    item.item_acknowledgements[1].rejection_reason = po.RejectionReason.TEMPORARILY_UNAVAILABLE


def set_unit(amount: po.ItemQuantity, unit: str) -> None:
    amount.unit_of_measure = po.UnitOfMeasure(unit)


@of("L-019", W, "unit_of_measure")
def pieces_for_cases(case: Ack, rng: Random) -> None:
    item, line = pick(case, rng)
    set_unit(line.ordered_quantity, "Cases")
    set_unit(item.ordered_quantity, "Cases")
    set_unit(item.item_acknowledgements[0].acknowledged_quantity, "Eaches")


@of("L-019", W, "unit_size")
def another_case_size(case: Ack, rng: Random) -> None:
    item, _ = pick(case, rng)
    item.ordered_quantity.unit_size = 7


@of("L-020", W, "scheduled_ship_date", freight=COLLECT)
def a_ship_date_one_day_late(case: Ack, rng: Random) -> None:
    item, line = pick(case, rng)
    window = details_of(case.order).ship_window
    assert window is not None
    late = answer(line, "Accepted", line.ordered_quantity.amount or 0, date=window.end + timedelta(days=1))
    item.item_acknowledgements = [late]


@of("L-020", W, "scheduled_delivery_date", freight=PREPAID)
def a_delivery_before_the_window(case: Ack, rng: Random) -> None:
    item, line = pick(case, rng)
    early = answer(line, "Accepted", line.ordered_quantity.amount or 0)
    early.scheduled_delivery_date = NOW - timedelta(days=2)
    item.item_acknowledgements = [early]


@of("L-014", E, "vendor_product_identifier")
def an_ean_for_the_vendors_number(case: Ack, rng: Random) -> None:
    pick(case, rng)[0].vendor_product_identifier = "4006381333931"


@of("L-014", E, "amazon_product_identifier")
def no_asin(case: Ack, rng: Random) -> None:
    pick(case, rng)[0].amazon_product_identifier = None


@of("L-014", E, "items[0]")
def a_line_that_the_order_does_not_have(case: Ack, rng: Random) -> None:
    case.document.items[0].item_sequence_number = "99"


@of("L-021", E, "selling_party.party_id")
def another_vendor_code_of_the_group(case: Ack, rng: Random) -> None:
    case.document.selling_party = po.PartyIdentification(party_id="ABCD2")


@of("L-022", E, "purchase_order_number")
def the_order_has_changed(case: Ack, rng: Random) -> None:
    changed = {case.order.purchase_order_number: NOW - timedelta(minutes=5)}
    case.context = replace(case.context, changed=changed)
    details_of(case.order).purchase_order_changed_date = rng.choice([None, NOW - timedelta(hours=1)])


@of("L-022", E, "ordered_quantity.amount")
def the_order_wants_another_quantity(case: Ack, rng: Random) -> None:
    item, _ = pick(case, rng)
    item.ordered_quantity.amount = (item.ordered_quantity.amount or 0) + 5


@of("L-023", W, "acknowledged_quantity.amount")
def a_cancelled_line_is_answered(case: Ack, rng: Random) -> None:
    item, line = pick(case, rng)
    line.ordered_quantity.amount = item.ordered_quantity.amount = 0
    item.item_acknowledgements = [answer(line, "Accepted", 5)]
