"""An order of 2026-01-01, completed by the same order of v0."""

from decimal import Decimal

from spshipping import from_dict, replace
from spshipping.orders import (
    Address,
    AmazonOrder,
    AmazonOrderItem,
    BuyerInfo,
    Money,
    OrderStatus,
    OrderType,
    differences,
    v0,
)
from spshipping.orders import v2026_01_01 as v2026
from spshipping.orders.bridge.complete import complete
from tests.unit.orders.build import V0_ITEM, V0_ORDER, V2026_ORDER


def old() -> AmazonOrder:
    return AmazonOrder.from_v0(from_dict(V0_ORDER, v0.Order), items=[from_dict(V0_ITEM, v0.OrderItem)])


def new() -> AmazonOrder:
    return AmazonOrder.from_v2026(from_dict(V2026_ORDER, v2026.Order))


def test_what_only_one_of_them_tells_is_told() -> None:
    order = complete(new(), old())
    assert order.order_total == Money(amount=Decimal("108.20"), currency_code="USD")
    assert order.buyer_info
    assert order.buyer_info.buyer_county == "Wayne"
    assert order.buyer_info.buyer_tax_info
    assert order.buyer_info.buyer_tax_info.taxing_region == "BR"
    assert order.items
    assert order.items[0].unit_price == (new().items or [])[0].unit_price
    silent = [one.path for one in differences(old(), order) if one.v2026 is None]
    assert silent == []


def test_what_2026_tells_comes_first() -> None:
    other = replace(old(), order_status=OrderStatus.CANCELED, order_type=OrderType.BACK_ORDER)
    other.items = [AmazonOrderItem(order_item_id="elsewhere", title="Never seen")]
    mine = replace(new(), order_status=OrderStatus.SHIPPED, order_type=None)
    order = complete(mine, other)
    assert (order.order_status, order.order_type) == (OrderStatus.SHIPPED, OrderType.BACK_ORDER)
    assert [item.order_item_id for item in order.items or ()] == [V0_ITEM["OrderItemId"]]


def test_an_amount_is_taken_whole_or_not_at_all() -> None:
    mine = replace(new(), order_total=Money(amount=Decimal(1)))
    assert complete(mine, old()).order_total == Money(amount=Decimal(1))


def test_a_district_is_there_also_where_it_is_the_county() -> None:
    for county in ("North", "Wayne"):
        place = complete(replace(new(), shipping_address=Address(county=county)), old()).shipping_address
        assert place
        assert (place.county, place.district, place.city) == (county, "North", "Canton")


def test_parts_and_items_that_are_missing_on_one_side_do_no_harm() -> None:
    bare = replace(new(), buyer_info=None, items=None)
    order = complete(bare, replace(old(), shipping_address=None))
    assert order.items == old().items
    assert isinstance(order.buyer_info, BuyerInfo)
    assert complete(new(), replace(old(), items=None)).items == new().items
