"""Where two Amazon orders differ, and whether that is to be expected."""

import pickle

import pytest

from spshipping import from_dict, replace
from spshipping.orders import (
    AddressType,
    AmazonOrder,
    AmazonOrderItem,
    OrderStatus,
    PaymentMethod,
    differences,
    v0,
)
from spshipping.orders import v2026_01_01 as v2026
from spshipping.orders.bridge.compare import COUNTERPARTS, Difference, counterpart_of
from tests.unit.orders.build import V0_ITEM, V0_ORDER, V2026_ORDER

OLD = AmazonOrder.from_v0(from_dict(V0_ORDER, v0.Order), items=[from_dict(V0_ITEM, v0.OrderItem)])
NEW = AmazonOrder.from_v2026(from_dict(V2026_ORDER, v2026.Order))


def only(found: list[Difference]) -> Difference:
    assert len(found) == 1, found
    return found[0]


def test_an_order_does_not_differ_from_itself() -> None:
    assert differences(OLD, OLD) == []


def test_the_same_order_differs_where_an_api_has_no_such_field_and_nowhere_else() -> None:
    found = differences(OLD, NEW)
    assert {difference.path for difference in found} == {
        "is_global_express_enabled",
        "is_sold_by_ab",
        "order_channel",
        "ship_service_level",
        "order_total",
        "estimated_total",
        "shipping_address.district",
        "default_ship_from_location_address.name",
        "default_ship_from_location_address.address_line1",
        "default_ship_from_location_address.city",
        "buyer_info.buyer_county",
        "buyer_info.buyer_tax_info.taxing_region",
        "fulfillment_instruction.fulfillment_supply_source_id",
        "automated_shipping_settings.has_automated_shipping_settings",
        "automated_shipping_settings.automated_carrier",
        "automated_shipping_settings.automated_ship_method",
        "items[68828574383266].unit_price",
    }
    assert all(difference.reason for difference in found)


def test_a_difference_tells_both_values_and_its_repr_none() -> None:
    moved = replace(NEW, buyer_info=None)
    found = {difference.path: difference for difference in differences(NEW, moved)}
    name = found["buyer_info.buyer_name"]
    assert (name.v0, name.v2026) == ("Ada Example", None)
    assert repr(name) == "Difference(path='buyer_info.buyer_name')"
    assert pickle.loads(pickle.dumps(name)) == name
    assert "buyer_info.buyer_tax_info.company_legal_name" in found


def test_items_are_matched_by_their_id() -> None:
    assert NEW.items
    second = AmazonOrderItem(order_item_id="2", quantity_ordered=5)
    one = replace(NEW, items=[*NEW.items, second])
    turned = replace(NEW, items=[replace(second, quantity_ordered=6), *NEW.items])
    difference = only(differences(one, turned))
    assert (difference.path, difference.field) == ("items[2].quantity_ordered", "items[].quantity_ordered")
    assert (difference.v0, difference.v2026, difference.reason) == (5, 6, None)
    missing = differences(one, NEW)
    assert [difference.path for difference in missing] == [
        "items[2].order_item_id",
        "items[2].quantity_ordered",
    ]
    assert differences(replace(NEW, items=None), replace(NEW, items=[])) == []


@pytest.mark.parametrize(
    ("old", "new", "is_expected"),
    [
        (OrderStatus.INVOICE_UNCONFIRMED, OrderStatus.SHIPPED, True),
        (OrderStatus.PENDING, OrderStatus.SHIPPED, False),
        (OrderStatus.PENDING, None, False),
        (None, OrderStatus.PENDING, False),
    ],
)
def test_a_status_may_differ_only_where_the_other_api_has_no_word_for_it(
    old: OrderStatus | None, new: OrderStatus | None, is_expected: bool
) -> None:
    difference = only(differences(replace(NEW, order_status=old), replace(NEW, order_status=new)))
    assert (difference.reason is not None) == is_expected


def test_what_both_tell_must_agree_even_where_one_may_be_silent() -> None:
    other = replace(NEW, payment_method=PaymentMethod.OTHER)
    assert only(differences(NEW, other)).reason is None
    assert only(differences(NEW, replace(NEW, payment_method=None))).reason is not None
    assert only(differences(replace(NEW, payment_method=None), NEW)).reason is None


def test_words_of_payments_may_differ_and_pickup_points_too() -> None:
    worded = replace(NEW, payment_method_details=["GiftCertificate"])
    assert only(differences(worded, NEW)).reason == COUNTERPARTS["payment_method_details"].note
    assert NEW.shipping_address
    point = replace(NEW.shipping_address, address_type=AddressType.PICKUP_POINT)
    difference = only(differences(NEW, replace(NEW, shipping_address=point)))
    assert difference.reason == "Orders v0 has no `PickupPoint`."


def test_what_is_said_of_a_part_holds_for_all_that_is_in_it() -> None:
    assert (
        counterpart_of("fulfillment_instruction.fulfillment_supply_source_id")
        is COUNTERPARTS["fulfillment_instruction"]
    )
    assert counterpart_of("shipping_address.city") is None
