"""`AmazonOrder`: what it reads from either API, and how it behaves."""

import copy
import pickle
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

import spshipping.orders
from spshipping import from_dict, replace, reveal
from spshipping.orders import (
    Address,
    AddressType,
    AmazonOrder,
    AmazonOrderItem,
    BuyerInfo,
    BuyerTaxInfo,
    FulfillmentChannel,
    Money,
    OrderStatus,
    OrderType,
    PaymentMethod,
    ShipmentServiceLevelCategory,
    TaxClassification,
    v0,
)
from spshipping.orders import v2026_01_01 as v2026
from tests.unit.orders.build import V0_ADDRESS, V0_BUYER, V0_ITEM, V0_ORDER, V2026_ITEM, V2026_ORDER
from tests.unit.orders.schemas import problems

BARE_V0 = {
    name: V0_ORDER[name] for name in ("AmazonOrderId", "PurchaseDate", "LastUpdateDate", "OrderStatus")
}
BARE_ITEM = {"ASIN": "B0", "OrderItemId": "1", "QuantityOrdered": 1}
BARE_V2026 = {
    name: V2026_ORDER[name] for name in ("orderId", "createdTime", "lastUpdatedTime", "salesChannel")
} | {"orderItems": [{"orderItemId": "1", "quantityOrdered": 1, "product": {}}]}


def of_v0(items: list[dict[str, Any]] | None = None, **changes: Any) -> AmazonOrder:
    lines = None if items is None else [from_dict(item, v0.OrderItem) for item in items]
    return AmazonOrder.from_v0(from_dict({**V0_ORDER, **changes}, v0.Order), items=lines)


def of_v2026(**changes: Any) -> AmazonOrder:
    return AmazonOrder.from_v2026(from_dict({**V2026_ORDER, **changes}, v2026.Order))


def only_item(order: AmazonOrder) -> AmazonOrderItem:
    assert order.items
    assert len(order.items) == 1
    return order.items[0]


def item_of_v2026(**changes: Any) -> AmazonOrderItem:
    return only_item(of_v2026(orderItems=[{**V2026_ITEM, **changes}]))


@pytest.mark.parametrize("order", [of_v0([V0_ITEM]), of_v2026()], ids=["v0", "v2026"])
def test_both_apis_make_the_same_of_an_order(order: AmazonOrder) -> None:
    assert order.amazon_order_id == "902-1845936-5435065"
    assert order.order_status is OrderStatus.PARTIALLY_SHIPPED
    assert order.purchase_date == datetime(2026, 10, 1, 9, 15, tzinfo=UTC)
    assert order.fulfillment_channel is FulfillmentChannel.MERCHANT
    assert order.order_type is OrderType.PREORDER
    assert order.shipment_service_level_category is ShipmentServiceLevelCategory.SECOND_DAY
    assert (order.number_of_items_shipped, order.number_of_items_unshipped) == (1, 2)
    assert (order.payment_method, order.payment_method_details) == (PaymentMethod.COD, ["COD"])
    assert (order.is_business_order, order.is_prime, order.is_premium_order) == (True, True, True)
    assert (order.is_ispu, order.is_iba, order.is_access_point_order) == (False, False, False)
    assert order.sales_channel == "Amazon.com"
    assert order.shipping_address
    assert order.shipping_address.address_line2 is None
    item = only_item(order)
    assert item.item_price == Money(amount=Decimal("90.00"), currency_code="USD")
    assert item.promotion_discount == Money(amount=Decimal("3.00"), currency_code="USD")
    assert item.is_gift is True
    assert item.condition_subtype_id == "Very Good"


def test_an_order_that_tells_hardly_anything_is_read() -> None:
    first = AmazonOrder.from_v0(from_dict(BARE_V0, v0.Order))
    assert first == AmazonOrder(
        amazon_order_id=first.amazon_order_id,
        purchase_date=first.purchase_date,
        last_update_date=first.last_update_date,
        order_status=OrderStatus.PARTIALLY_SHIPPED,
    )
    second = AmazonOrder.from_v2026(from_dict(BARE_V2026, v2026.Order))
    assert second == AmazonOrder(
        amazon_order_id=first.amazon_order_id,
        purchase_date=first.purchase_date,
        last_update_date=first.last_update_date,
        marketplace_id="ATVPDKIKX0DER",
        sales_channel="Amazon.com",
        is_business_order=False,
        is_prime=False,
        is_premium_order=False,
        is_iba=False,
        is_ispu=False,
        items=[AmazonOrderItem(order_item_id="1", quantity_ordered=1, is_transparency=False)],
    )


def test_an_item_that_tells_hardly_anything_is_read() -> None:
    assert only_item(of_v0([BARE_ITEM])) == AmazonOrderItem(order_item_id="1", asin="B0", quantity_ordered=1)


def test_items_that_were_not_fetched_are_none_and_not_an_empty_list() -> None:
    assert of_v0().items is None
    assert of_v0([]).items == []


def test_what_was_fetched_beside_comes_before_what_the_order_tells() -> None:
    stripped = {
        name: value for name, value in V0_ORDER.items() if name not in ("ShippingAddress", "BuyerInfo")
    }
    name = {"AmazonOrderId": V0_ORDER["AmazonOrderId"]}
    bare_item = {key: value for key, value in V0_ITEM.items() if key != "BuyerInfo"}
    order = AmazonOrder.from_v0(
        from_dict({**stripped, "ShippingAddress": {"City": "Canton"}}, v0.Order),
        items=[from_dict(bare_item, v0.OrderItem)],
        address=from_dict({**name, "ShippingAddress": V0_ADDRESS}, v0.OrderAddress),
        buyer_info=from_dict({**name, **V0_BUYER}, v0.OrderBuyerInfo),
        items_buyer_info=[
            from_dict({"OrderItemId": V0_ITEM["OrderItemId"], **V0_ITEM["BuyerInfo"]}, v0.OrderItemBuyerInfo)
        ],
    )
    assert order == of_v0([V0_ITEM])


def test_an_address_fetched_beside_that_tells_nothing_hides_none() -> None:
    name = {"AmazonOrderId": V0_ORDER["AmazonOrderId"]}
    order = AmazonOrder.from_v0(from_dict(V0_ORDER, v0.Order), address=from_dict(name, v0.OrderAddress))
    assert order.shipping_address == of_v0().shipping_address


def test_empty_lists_and_sums_without_a_number_tell_nothing() -> None:
    order = of_v0(
        [{**V0_ITEM, "PromotionIds": [], "ItemTax": {"CurrencyCode": "USD"}}],
        PaymentExecutionDetail=[],
        PaymentMethodDetails=[],
        BuyerInfo={"BuyerTaxInfo": {"TaxClassifications": []}},
    )
    assert order.payment_execution_detail is None
    assert order.payment_method_details is None
    assert order.buyer_info == BuyerInfo(buyer_tax_info=BuyerTaxInfo())
    assert only_item(order).promotion_ids is None
    assert only_item(order).item_tax is None
    assert of_v2026(payment={"paymentExecutions": []}).payment_execution_detail is None


@pytest.mark.parametrize(
    ("theirs", "ours"), [("CANCELLED", "Canceled"), ("PENDING", "Pending"), ("ON_HOLD", "ON_HOLD")]
)
def test_statuses_are_in_the_words_of_v0_and_new_ones_stay_as_they_come(theirs: str, ours: str) -> None:
    status = of_v2026(fulfillment={"fulfillmentStatus": theirs}).order_status
    assert status == ours
    assert status
    assert status.is_known == (ours != "ON_HOLD")
    assert of_v0(OrderStatus=ours).order_status == status


def test_a_cancelled_order_can_be_spelled_with_two_ls() -> None:
    assert OrderStatus["CANCELLED"] is OrderStatus.CANCELED


@pytest.mark.parametrize(
    ("methods", "ours", "details"),
    [
        (["CreditCard", "GiftCard"], PaymentMethod.OTHER, ["CreditCard", "GC"]),
        (["ConvenienceStore"], PaymentMethod.CVS, ["CVS"]),
        (["GiftCard", "CashOnDelivery"], PaymentMethod.COD, ["GC", "COD"]),
        ([], None, None),
    ],
)
def test_the_payment_method_says_whether_money_is_to_be_collected(
    methods: list[str], ours: PaymentMethod | None, details: list[str] | None
) -> None:
    order = of_v2026(payment={"paymentExecutions": [{"paymentMethod": method} for method in methods]})
    assert (order.payment_method, order.payment_method_details) == (ours, details)


def test_items_are_not_counted_where_one_does_not_tell() -> None:
    untold = {name: value for name, value in V2026_ITEM.items() if name != "fulfillment"}
    assert of_v2026(orderItems=[V2026_ITEM, untold]).number_of_items_shipped is None
    assert of_v2026(orderItems=[V2026_ITEM, V2026_ITEM]).number_of_items_unshipped == 4


def test_an_order_from_elsewhere_says_so() -> None:
    assert of_v2026(salesChannel={"channelName": "NON_AMAZON"}).sales_channel == "Non-Amazon"


def test_b5_an_answer_that_breaks_the_contract_is_read_and_stays_within_the_schema() -> None:
    old = AmazonOrder.from_v0(
        from_dict({"PaymentExecutionDetail": [{}]}, v0.Order),
        items=[from_dict({"Title": "Mug"}, v0.OrderItem)],
    )
    broken: dict[str, Any] = {"orderItems": [{"proceeds": {"breakdowns": [{"detailedBreakdowns": [{}]}]}}]}
    new = AmazonOrder.from_v2026(from_dict(broken, v2026.Order))
    for order in (old, new):
        made = order.to_dict()
        assert problems(made, AmazonOrder.json_schema()) == []
        assert (made["amazon_order_id"], made["purchase_date"]) == ("", None)
        assert made["items"][0]["order_item_id"] == ""


@pytest.mark.parametrize(
    ("kind", "is_access_point"), [("PICKUP_POINT", True), ("RESIDENTIAL", False), (None, None)]
)
def test_an_access_point_is_known_by_the_kind_of_its_address(
    kind: str | None, is_access_point: bool | None
) -> None:
    place = {"city": "Canton"} | ({"addressType": kind} if kind else {})
    order = of_v2026(recipient={"deliveryAddress": place})
    assert order.is_access_point_order is is_access_point
    assert of_v2026(recipient={}).shipping_address is None


def test_a_buyer_is_known_by_the_tax_register_alone() -> None:
    registration = {"entityType": "BUYER", "taxRegistrationType": "VAT", "taxRegistrationNumber": "GB1"}
    order = from_dict({**V2026_ORDER, "tax": {"taxRegistrations": [registration]}}, v2026.Order)
    order.buyer = None
    assert AmazonOrder.from_v2026(order).buyer_info == BuyerInfo(
        buyer_tax_info=BuyerTaxInfo(tax_classifications=[TaxClassification(name="VAT", value="GB1")])
    )


def test_a_gift_is_none_where_fulfillment_was_not_asked_for() -> None:
    assert item_of_v2026(fulfillment={"quantityFulfilled": 1}).is_gift is False
    assert item_of_v2026(fulfillment=None).is_gift is None


def test_what_an_item_does_not_tell_is_none() -> None:
    item = item_of_v2026(
        proceeds={"breakdowns": [{"type": "ITEM", "subtotal": {"amount": "1", "currencyCode": "USD"}}]},
        cancellation={"cancellationExecution": {"cancelledBy": "AMAZON"}},
        fulfillment={"shipping": {}},
        product={"condition": {}, "price": {}, "customization": {}},
        tax={},
    )
    assert item.shipping_price is None
    assert item.promotion_discount is None
    assert item.is_buyer_requested_cancel is None
    assert item.ioss_number is None
    assert item.unit_price is None
    assert item.deemed_reseller_category is None


@pytest.mark.parametrize("told", ["true", "True"])
def test_flags_that_v0_writes_as_text_are_flags(told: str) -> None:
    assert only_item(of_v0([{**V0_ITEM, "IsGift": told}])).is_gift is True
    assert only_item(of_v0([{**V0_ITEM, "IsGift": "false"}])).is_gift is False


def test_an_address_has_one_field_for_street_and_contact() -> None:
    place = of_v0().shipping_address
    assert place
    assert place.street == "1 Cross St., Back door"
    assert place.contact_name == "Ada Example"
    assert Address(company_name="Engines Ltd").contact_name == "Engines Ltd"
    assert Address().street is None
    assert Address().contact_name is None


@pytest.mark.parametrize("order", [of_v0([V0_ITEM]), of_v2026()], ids=["v0", "v2026"])
def test_repr_hides_people_and_reveal_shows_them(order: AmazonOrder) -> None:
    people = (
        "Ada Example",
        "1 Cross St.",
        "Canton",
        "48187",
        "555-0100",
        "ada@",
        "PO-7",
        "12345'",
        "For you!",
    )
    assert not [word for word in (*people, "AUTH1", "zme-caps", "By mistake") if word in repr(order)]
    assert all(word in reveal(order) for word in people)


@pytest.mark.parametrize("twin", [copy.deepcopy, replace, lambda order: pickle.loads(pickle.dumps(order))])
def test_an_order_is_copied_and_pickled_whole(twin: Any) -> None:
    order = of_v0([V0_ITEM], ShippingAddress={**V0_ADDRESS, "AddressType": "Houseboat"})
    made = twin(order)
    assert made == order
    assert made is not order
    assert made.shipping_address.address_type == AddressType("Houseboat")
    assert made != of_v2026()


def test_every_name_of_the_package_is_there_and_no_other() -> None:
    for name in spshipping.orders.__all__:
        assert getattr(spshipping.orders, name).__doc__
        assert name in dir(spshipping.orders)
    with pytest.raises(AttributeError, match="no attribute 'AmazonOrdre'"):
        spshipping.orders.AmazonOrdre  # type: ignore[attr-defined]  # noqa: B018 - the point of the test


def test_the_package_is_light_and_an_order_needs_the_models_of_neither_api() -> None:
    code = (
        "import sys, spshipping.orders as orders\n"
        "print([m for m in ('attrs', 'spshipping.orders.order') if m in sys.modules])\n"
        "orders.AmazonOrder\n"
        "print([m for m in sys.modules if m.startswith('spshipping.orders.v')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "[]"]
