"""What the lines of an order of 2026-01-01 cost."""

from decimal import Decimal
from typing import Any

import pytest

from spshipping import from_dict
from spshipping.orders import AmazonOrder, AmazonOrderItem, Money
from spshipping.orders import v2026_01_01 as v2026


def pounds(amount: str, currency: str = "GBP") -> dict[str, str]:
    return {"amount": amount, "currencyCode": currency}


def entry(kind: str | None, amount: str, currency: str = "GBP", **details: str) -> dict[str, Any]:
    """Return a breakdown; *details* are amounts by what they are on."""
    made: dict[str, Any] = {"subtotal": pounds(amount, currency)}
    if kind:
        made["type"] = kind
    if details:
        made["detailedBreakdowns"] = [
            {"subtype": name, "value": pounds(value)} for name, value in details.items()
        ]
    return made


def line(*breakdowns: dict[str, Any]) -> dict[str, Any]:
    proceeds = {"proceedsTotal": pounds("1"), "breakdowns": list(breakdowns)}
    return {"orderItemId": "1", "quantityOrdered": 1, "proceeds": proceeds}


def order_of(*lines: dict[str, Any]) -> AmazonOrder:
    order = {
        "orderId": "1",
        "createdTime": "2026-07-01T00:00:00Z",
        "lastUpdatedTime": "2026-07-01T00:00:00Z",
        "proceeds": {"grandTotal": pounds("999")},
        "orderItems": list(lines),
    }
    return AmazonOrder.from_v2026(from_dict(order, v2026.Order))


def item_of(*breakdowns: dict[str, Any]) -> AmazonOrderItem:
    (item,) = order_of(line(*breakdowns)).items or []
    return item


def gbp(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency_code="GBP")


def test_b6_entries_of_one_kind_are_added_up() -> None:
    discount = entry("DISCOUNT", "-6.00", ITEM="-2.00", SHIPPING="-1.00")
    discount["detailedBreakdowns"].append({"subtype": "ITEM", "value": pounds("-3.00")})
    order = order_of(line(entry("ITEM", "30.00"), discount, entry("ITEM", "5.00")))
    (item,) = order.items or []
    assert item.item_price == gbp("35.00")
    assert (item.promotion_discount, item.shipping_discount) == (gbp("5.00"), gbp("1.00"))
    assert order.estimated_total == gbp("29.00")


def test_b6_what_is_on_the_only_charge_needs_no_detail() -> None:
    order = order_of(line(entry("ITEM", "39.99"), entry("TAX", "10.00"), entry("DISCOUNT", "-4.00")))
    (item,) = order.items or []
    assert (item.item_tax, item.promotion_discount) == (gbp("10.00"), gbp("4.00"))
    assert (item.shipping_tax, item.gift_wrap_tax, item.shipping_discount) == (None, None, None)
    assert order.estimated_total == gbp("45.99")


def test_b6_a_charge_of_nothing_is_none() -> None:
    item = item_of(entry("ITEM", "10"), entry("SHIPPING", "0.00"), entry("TAX", "2"))
    assert (item.item_tax, item.shipping_tax) == (gbp("2"), None)


@pytest.mark.parametrize(
    "tax",
    [
        [entry("TAX", "3")],
        [entry("TAX", "2", ITEM="2"), entry("TAX", "1")],
        [entry("TAX", "2", ITEM="2") | {"detailedBreakdowns": [{"value": pounds("2")}]}],
    ],
    ids=["no detail", "detail of a part", "detail of nothing"],
)
def test_b6_what_may_be_on_several_charges_is_not_guessed(tax: list[dict[str, Any]]) -> None:
    off = entry("DISCOUNT", "-1", ITEM="-1")
    item = item_of(entry("ITEM", "10"), entry("SHIPPING", "5"), off, *tax)
    assert (item.item_tax, item.shipping_tax) == (None, None)
    assert (item.item_price, item.shipping_price, item.promotion_discount) == (gbp("10"), gbp("5"), gbp("1"))


def test_b6_what_cannot_be_added_up_is_not_known() -> None:
    assert item_of(entry("ITEM", "10"), entry("ITEM", "10", "EUR")).item_price is None
    assert item_of(entry("ITEM", "10"), {"type": "ITEM"}).item_price is None
    assert item_of(entry("ITEM", "10"), {"type": "TAX"}).item_tax is None


def test_the_total_is_estimated_over_all_lines() -> None:
    first = line(
        entry("ITEM", "30"),
        entry("SHIPPING", "4"),
        entry("GIFT_WRAP", "2"),
        entry("TAX", "7.20", ITEM="6", SHIPPING="0.80", GIFT_WRAP="0.40"),
        entry("DISCOUNT", "-3", ITEM="-3"),
        entry("OTHER", "0"),
    )
    assert order_of(first, line(entry("ITEM", "1.50"))).estimated_total == gbp("41.70")


def test_a_discount_is_taken_off_whatever_its_sign() -> None:
    for amount in ("-3", "3"):
        assert order_of(line(entry("ITEM", "10"), entry("DISCOUNT", amount))).estimated_total == gbp("7")


NO_DETAIL = {"orderItemId": "2", "quantityOrdered": 1}


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [NO_DETAIL],
        [line(entry("ITEM", "10")), NO_DETAIL],
        [line(entry("ITEM", "10")), {**NO_DETAIL, "proceeds": {"proceedsTotal": pounds("5")}}],
        [line(entry("SHIPPING", "10"))],
        [line(entry("ITEM", "10"), entry("COD_FEE", "3"))],
        [line(entry("ITEM", "10"), entry("OTHER", "-3"))],
        [line(entry("ITEM", "10"), entry(None, "3"))],
        [line(entry("ITEM", "10"), {"type": "TAX"})],
        [line(entry("ITEM", "10"), {"type": "DISCOUNT"})],
        [line(entry("ITEM", "10")), line(entry("ITEM", "10", "EUR"))],
    ],
)
def test_a_total_that_is_not_known_is_not_estimated(lines: list[dict[str, Any]]) -> None:
    assert order_of(*lines).estimated_total is None
