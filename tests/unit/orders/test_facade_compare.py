"""`client.orders.compare`: the same orders through both APIs."""

from decimal import Decimal
from typing import Any

import pytest

from spshipping import AccessDeniedError, InvalidRequestError
from spshipping.orders import AmazonOrder, Comparison, Comparisons, Estimates, Money
from spshipping.orders.bridge.compare import COUNTERPARTS, Difference, counterpart_of
from tests.kit import ScriptedTransport, answer, client_of, refusal
from tests.unit.orders.build import V0_ITEM, V0_ORDER, V2026_ORDER

ID = "902-1845936-5435065"
PII = ("buyerInfo", "shippingAddress", "buyerTaxInformation")
MINTED = answer(200, {"restrictedDataToken": "Atz.sprdt|1", "expiresIn": 3600})


def compared(old: dict[str, Any] = V0_ORDER, *, pii: Any = None) -> Comparison:
    """Compare one order, which v0 tells as *old*."""
    found = answer(200, {"payload": {"Orders": [old]}})
    lines = answer(200, {"payload": {"AmazonOrderId": ID, "OrderItems": [V0_ITEM]}})
    steps = [answer(200, {"order": V2026_ORDER}), found, lines]
    if pii:
        steps[1:1] = [MINTED]
        steps[3:3] = [MINTED]
    with client_of(ScriptedTransport(steps)) as client:
        (comparison,) = client.orders.compare([ID, ID], pii=pii)
    return comparison


def test_an_order_that_differs_only_as_expected_is_as_expected() -> None:
    comparison = compared(pii=PII)
    assert comparison.is_as_expected
    assert comparison.unexpected == []
    assert {counterpart_of(one.field) for one in comparison.differences} <= set(COUNTERPARTS.values())
    assert comparison.v0
    assert comparison.v2026
    assert comparison.v0.order_total != comparison.v2026.order_total


def test_a_difference_that_nothing_explains_is_unexpected() -> None:
    comparison = compared({**V0_ORDER, "OrderStatus": "Shipped", "NumberOfItemsShipped": 5})
    assert not comparison.is_as_expected
    assert [(one.path, str(one.v0)) for one in comparison.unexpected] == [
        ("order_status", "Shipped"),
        ("number_of_items_shipped", "5"),
    ]


def test_people_are_compared_only_where_they_are_asked_for() -> None:
    moved = {**V0_ORDER, "ShippingAddress": {"Name": "Bob"}, "BuyerInfo": {"BuyerName": "Bob"}}
    assert compared(moved).is_as_expected
    unexpected = {one.path for one in compared(moved, pii=PII).unexpected}
    assert {"shipping_address.name", "buyer_info.buyer_name"} <= unexpected


def test_an_order_that_one_api_does_not_know_is_not_as_expected() -> None:
    nothing = answer(200, {"payload": {"Orders": []}})
    with client_of(ScriptedTransport([refusal(404, "NotFound"), nothing])) as client:
        (comparison,) = client.orders.compare([ID])
    assert (comparison.v0, comparison.v2026, comparison.differences) == (None, None, ())
    assert not comparison.is_as_expected


def test_a_refusal_is_no_missing_order() -> None:
    network = ScriptedTransport([refusal(403, "Unauthorized")])
    with client_of(network) as client, pytest.raises(AccessDeniedError):
        client.orders.compare([ID])


def test_nothing_is_asked_for_nothing_and_no_letters_are_taken_for_ids() -> None:
    network = ScriptedTransport()
    with client_of(network) as client:
        assert client.orders.compare([]) == []
        with pytest.raises(InvalidRequestError, match="list"):
            client.orders.compare(ID)
    assert network.requests == []


@pytest.mark.parametrize(
    ("path", "is_personal"),
    [
        ("order_status", False),
        ("order_total", False),
        ("shipping_address.name", True),
        ("shipping_address.country_code", False),
        ("buyer_info.buyer_tax_info.company_legal_name", True),
        ("buyer_info.buyer_tax_info.tax_classifications", True),
        ("payment_execution_detail", True),
        ("payment_method_details", False),
        ("items[1].gift_message_text", True),
        ("items[1].title", False),
    ],
)
def test_it_is_known_which_values_are_about_people(path: str, is_personal: bool) -> None:
    assert Difference(path=path, v0=1, v2026=2).is_personal is is_personal


def test_it_is_counted_how_often_the_estimate_is_the_total() -> None:
    def one(total: str | None, estimate: str | None) -> Comparison:
        amounts = [
            Money(amount=Decimal(text), currency_code="GBP") if text else None for text in (total, estimate)
        ]
        old = AmazonOrder(amazon_order_id="1", order_total=amounts[0])
        new = AmazonOrder(amazon_order_id="1", estimated_total=amounts[1])
        return Comparison(order_id="1", v0=old, v2026=new, differences=())

    unknown = Comparison(order_id="1", v0=None, v2026=None, differences=())
    pairs = [("10", "10.00"), ("10", "9"), ("10", None), (None, "10"), (None, None)]
    found = Comparisons([*(one(*pair) for pair in pairs), unknown])
    assert [each.is_estimate_right for each in found] == [True, False, None, None, None, None]
    assert found.estimates == Estimates(equal=1, different=1, missing=1)
