"""An order as plain values, read from an Amazon order, and what speaks against shipping it."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from spshipping import loads
from spshipping.orders import AmazonOrder, AmazonOrderItem, FulfillmentChannel, Money, OrderStatus
from spshipping.orders.v2026_01_01 import GetOrderResponse
from spshipping.shipping import Address
from spshipping.shipping.gateway import ItemToShip, OrderToShip

SHIP_BY, DELIVER_BY = datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 4, tzinfo=UTC)


def amazon_order(**changes: Any) -> AmazonOrder:
    values: dict[str, Any] = {
        "amazon_order_id": "902-1",
        "order_status": OrderStatus.UNSHIPPED,
        "fulfillment_channel": FulfillmentChannel.MERCHANT,
        "latest_ship_date": SHIP_BY,
        "latest_delivery_date": DELIVER_BY,
        "items": [
            AmazonOrderItem(
                order_item_id="item-1",
                seller_sku="BOWL-24",
                title="Bowl",
                quantity_ordered=3,
                quantity_shipped=1,
                item_price=Money(amount=Decimal(10), currency_code="GBP"),
            )
        ],
        **changes,
    }
    return AmazonOrder(**values)


def to_ship(**changes: Any) -> OrderToShip:
    return OrderToShip.of(amazon_order(**changes))


def item(**changes: Any) -> AmazonOrderItem:
    return AmazonOrderItem(**{"order_item_id": "item-1", "quantity_ordered": 1, **changes})


def test_an_amazon_order_gives_what_is_left_to_ship_of_it() -> None:
    assert to_ship() == OrderToShip(
        order_id="902-1",
        items=(
            ItemToShip(
                product_id="BOWL-24",
                quantity=2,
                item_id="item-1",
                description="Bowl",
                value=Decimal("3.33"),
                currency="GBP",
            ),
        ),
        channel="AMAZON",
        ship_by=SHIP_BY,
        deliver_by=DELIVER_BY,
    )
    assert to_ship().refusal is None


def test_an_order_of_the_newer_api_gives_one_too() -> None:
    answer = {
        "order": {
            "orderId": "902-2",
            "createdTime": "2026-11-01T00:00:00Z",
            "lastUpdatedTime": "2026-11-01T00:00:00Z",
            "salesChannel": {"channelName": "AMAZON", "marketplaceId": "A1F83G8C2ARO7P"},
            "fulfillment": {"fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "MERCHANT"},
            "orderItems": [
                {
                    "orderItemId": "item-9",
                    "quantityOrdered": 2,
                    "product": {
                        "asin": "B00EXAMPLE",
                        "price": {"unitPrice": {"amount": "4.50", "currencyCode": "GBP"}},
                    },
                }
            ],
        }
    }
    order = OrderToShip.of(AmazonOrder.from_v2026(loads(json.dumps(answer), GetOrderResponse).order))
    assert (order.status, order.refusal) == ("ready", None)
    (line,) = order.items
    assert (line.product_id, line.quantity, line.value) == ("B00EXAMPLE", 2, Decimal("4.50"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"fulfillment_channel": FulfillmentChannel.AMAZON}, "Amazon ships it"),
        ({"order_status": OrderStatus.PENDING}, "it is pending"),
        ({"order_status": OrderStatus.PENDING_AVAILABILITY}, "it is pending"),
        ({"order_status": OrderStatus.INVOICE_UNCONFIRMED}, "it is pending"),
        ({"order_status": OrderStatus.CANCELED}, "it is cancelled"),
        ({"order_status": OrderStatus.SHIPPED}, "it is shipped already"),
        ({"order_status": OrderStatus.UNFULFILLABLE}, "unfulfillable"),
        ({"order_status": OrderStatus("OnTheMoon")}, "status is not known"),
        ({"order_status": None}, "status is not known"),
        ({"fulfillment_channel": None}, "status is not known"),
        ({"items": None}, "status is not known"),
        ({"items": []}, "nothing of it is left to ship"),
        ({"items": [item(quantity_shipped=1)]}, "nothing of it is left to ship"),
        ({"is_ispu": True}, "the buyer fetches it in a store"),
        ({"items": [item(), item(is_buyer_requested_cancel=True)]}, "the buyer wants to cancel it"),
    ],
)
def test_what_must_not_be_shipped_says_why(changes: dict[str, Any], reason: str) -> None:
    assert reason in (to_ship(**changes).refusal or "")


def test_an_order_that_is_shipped_in_part_ships_the_rest() -> None:
    assert to_ship(order_status=OrderStatus.PARTIALLY_SHIPPED).refusal is None


@pytest.mark.parametrize(
    ("prices", "value"),
    [
        ({}, None),
        ({"item_price": Money()}, None),
        ({"item_price": Money(amount=Decimal("1E+40"), currency_code="GBP")}, None),
        ({"item_price": Money(amount=Decimal("0.01")), "quantity_ordered": 2}, Decimal("0.01")),
        ({"unit_price": Money(amount=Decimal(4)), "item_price": Money(amount=Decimal(9))}, Decimal("4.00")),
    ],
)
def test_the_value_of_one_piece_is_its_price_to_the_penny(
    prices: dict[str, Any], value: Decimal | None
) -> None:
    (line,) = to_ship(items=[item(**prices)]).items
    assert line.value == value


def test_an_order_from_elsewhere_needs_an_address() -> None:
    order = OrderToShip("1001", (ItemToShip("BOWL-24"),))
    assert order.refusal == "it has no address to ship to"
    address = Address(
        name="Ada Example",
        address_line1="12 Orchard Row",
        city="Bristol",
        state_or_region="",
        postal_code="BS1 5TR",
        country_code="GB",
    )
    assert order._replace(ship_to=address).refusal is None
    assert repr(order._replace(ship_to=address)) == "<OrderToShip '1001', EXTERNAL, ready>"
    assert repr(order.items[0]) == "<ItemToShip 'BOWL-24', 1>"
    assert order.parcel_reference == "1001"
    assert order._replace(reference="1001/b").parcel_reference == "1001/b"
