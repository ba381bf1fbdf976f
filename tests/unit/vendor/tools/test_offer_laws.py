"""Laws of matching: nothing is matched twice, and nothing is lost."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spshipping import from_dict
from spshipping.vendor.orders import Order
from spshipping.vendor.rules import quantities
from spshipping.vendor.tools.offers import (
    BulkBuy,
    LineDecision,
    MemoryOffers,
    Offer,
    OfferLine,
    OfferState,
    Reason,
    Tolerance,
)
from tests.kit import FakeClock
from tests.unit.vendor.build import line, purchase_order
from tests.unit.vendor.tools.documents import EACHES
from tests.unit.vendor.tools.documents import item as item_of
from tests.unit.vendor.tools.documents import order as order_of

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ASINS = ("B0A", "B0B", "B0C")
CODES = (None, "DEAL1", "DEAL2")
PRICES = (Decimal("10.00"), Decimal("10.05"), Decimal("12.00"))

lines_of_offers = st.lists(
    st.fixed_dictionaries(
        {
            "quantity": st.integers(1, 120),
            "price": st.sampled_from(PRICES),
            "amazon_product_identifier": st.sampled_from(ASINS),
        }
    ),
    min_size=1,
    max_size=4,
)
offers = st.lists(
    st.tuples(
        lines_of_offers, st.sampled_from(CODES), st.sampled_from(["approve", "decline", "wait", "half"])
    ),
    max_size=4,
)
items = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.sampled_from(ASINS),
        st.sampled_from(PRICES),
        st.sampled_from([("Cases", 6), ("Eaches", None), ("Cases", None)]),
        st.sampled_from(["1", "2", "00002", "3", "4"]),
    ),
    max_size=5,
)
orders = st.lists(st.tuples(st.sampled_from("ABCD"), st.sampled_from(CODES), items), max_size=8)


def order(number: str, code: str | None, found: list[Any]) -> Order:
    made = [
        {
            **line(name, amount),
            "amazonProductIdentifier": asin,
            "vendorProductIdentifier": None,
            "netCost": {"currencyCode": "USD", "amount": str(price)},
            "orderedQuantity": {"amount": amount, "unitOfMeasure": unit, "unitSize": size},
        }
        for amount, asin, price, (unit, size), name in found
    ]
    return from_dict(purchase_order(number, items=made, dealCode=code), Order)


def pieces_of(order: Order) -> Counter[str]:
    """Return the pieces of each line; of two with one number, of the first that has a clear quantity."""
    assert order.order_details is not None
    found: Counter[str] = Counter()
    for item in order.order_details.items:
        quantity = item.ordered_quantity
        name = str(int(item.item_sequence_number))
        is_unclear = quantity.unit_of_measure == "Cases" and not quantity.unit_size
        if is_unclear or not quantity.amount:
            continue
        found.setdefault(name, quantity.amount * (quantity.unit_size or 1))
    return found


@pytest.mark.long
@settings(deadline=None)
@given(offers, orders, st.sampled_from([Decimal(0), Decimal("0.1")]), st.integers(1, 3))
def test_each_line_quantity_is_matched_to_one_offer_line_at_most_and_none_twice(
    given_offers: list[Any], given_orders: list[Any], share: Decimal, size: int
) -> None:
    ledger = MemoryOffers()
    tolerance = Tolerance(quantity=share, price=Decimal("0.01"))
    bulk = BulkBuy(ledger, tolerance=tolerance, clock=FakeClock(NOW))
    for index, (found, code, fate) in enumerate(given_offers):
        lines = tuple(OfferLine(number=number, **each) for number, each in enumerate(found, 1))
        bulk.receive([Offer(number=f"D-{index}", currency="USD", lines=lines, deal_code=code)])
        if fate == "decline":
            bulk.decline(f"D-{index}", "approval", by="m")
        elif fate != "wait":
            half = {1: LineDecision(quantity=-(-lines[0].quantity // 2))} if fate == "half" else {}
            bulk.approve(f"D-{index}", "approval", by="m", lines=half)
    made = [order(*each) for each in given_orders]
    for start in range(0, len(made), size):
        batch = made[start : start + size]
        report = bulk.match(batch)
        # every piece of the batch is told: matched, or not matched with a reason
        told: Counter[tuple[str, str]] = Counter()
        for matched in report.matched:
            told[matched.purchase_order, matched.line] += matched.quantity
        for unmatched in report.unmatched:
            told[unmatched.purchase_order, unmatched.line] += unmatched.quantity or 0
        for each_order in {one.purchase_order_number: one for one in batch}.values():
            for name, amount in pieces_of(each_order).items():
                assert told[each_order.purchase_order_number, name] >= amount
    latest = {one.purchase_order_number: pieces_of(one) for one in made}
    with ledger.changed() as book:
        allocations, kept = book.allocations(), {each.offer.number: each for each in book.offers()}
    keys = [(each.purchase_order, each.line) for each in allocations]
    assert len(set(keys)) == len(keys)
    used: Counter[tuple[str, int]] = Counter()
    for each in allocations:
        assert 0 < each.quantity <= latest[each.purchase_order][each.line]
        assert kept[each.offer].state is OfferState.APPROVED
        used[each.offer, each.offer_line] += each.quantity
    for (number, line_number), amount in used.items():
        taken = kept[number].taken(kept[number].offer.line(line_number))
        assert amount <= taken + int(taken * share)


def test_an_order_is_compared_with_the_offers_of_its_products_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def counted(item: quantities.Identified, other: quantities.Identified) -> bool:
        compared.append(item)
        return is_same(item, other)

    is_same = quantities.is_same_item
    monkeypatch.setattr(quantities, "is_same_item", counted)
    bulk = BulkBuy(MemoryOffers())
    for number in range(50):
        lines = tuple(
            OfferLine(
                number=index,
                quantity=10,
                price=Decimal(1),
                amazon_product_identifier=f"B0{number:03d}{index:03d}",
            )
            for index in range(1, 21)
        )
        bulk.receive([Offer(number=f"D-{number}", currency="USD", lines=lines)])
        bulk.approve(f"D-{number}", "approval", by="m.lopez")
    items = [
        item_of(
            str(index),
            1,
            EACHES,
            amazonProductIdentifier=f"B0007{index:03d}",
            netCost={"currencyCode": "USD", "amount": "1"},
        )
        for index in range(1, 21)
    ]
    report = bulk.match([order_of("2JK3S9VC", *items)])
    assert [(each.offer, each.quantity) for each in report.matched] == [("D-7", 1)] * 20
    # each of twenty meets the one of its product, when offers are ranked and when it is matched
    assert len(compared) == 40


@pytest.mark.parametrize("deal_code", [None, "DEAL1"])
def test_a_price_by_weight_is_never_taken_for_that_of_a_piece(deal_code: str | None) -> None:
    bulk = BulkBuy(MemoryOffers())
    lines = (OfferLine(number=1, quantity=9, price=Decimal("3.50"), amazon_product_identifier="B0ITEM1"),)
    bulk.receive([Offer(number="D-1", currency="USD", lines=lines, deal_code=deal_code)])
    bulk.approve("D-1", "approval", by="m.lopez")
    cost = {"currencyCode": "USD", "amount": "3.50", "unitOfMeasure": "POUNDS"}
    details = {} if deal_code is None else {"dealCode": deal_code}
    report = bulk.match([order_of("2JK3S9VC", item_of("1", 9, EACHES, netCost=cost), **details)])
    if deal_code is None:
        assert [each.reason for each in report.unmatched] == [Reason.PRICE]
    else:
        assert [each.deviation for each in report.matched] == [
            "3.50 USD by weight (POUNDS), and 3.50 USD was offered"
        ]
