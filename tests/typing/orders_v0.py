"""What the checkers know about Orders v0. Read by mypy and pyright, never run."""

# An ignore marks what must be an error: both checkers fail on one that is not needed.
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import assert_type

from spshipping import Client, Reply
from spshipping.operation import Call
from spshipping.orders.v0 import (
    CONFIRM_SHIPMENT,
    GET_ORDER,
    GET_ORDER_ITEMS,
    GET_ORDERS,
    Address,
    ConfirmShipmentRequest,
    Money,
    Order,
    OrderItem,
    OrderItemBuyerInfo,
    OrderItemsList,
    OrdersList,
    OrderStatus,
    OrdersV0Api,
    UpdateShipmentStatusRequest,
)


def reading(api: OrdersV0Api, since: datetime) -> None:
    statuses = [OrderStatus.UNSHIPPED, "PartiallyShipped"]
    assert_type(api.get_orders(marketplace_ids=["A1F83G8C2ARO7P"], created_after=since), OrdersList)
    assert_type(
        api.iter_orders(marketplace_ids=(), order_statuses=statuses, pii={"buyerInfo"}), Iterator[Order]
    )
    assert_type(api.order_pages(marketplace_ids=[], next_token=None, max_wait=0), Iterator[Reply[OrdersList]])
    assert_type(api.get_order("1", pii=()), Order)
    assert_type(api.get_order_items("1", next_token="2"), OrderItemsList)
    assert_type(api.iter_order_items("1", deadline=5.0), Iterator[OrderItem])
    assert_type(api.iter_order_items_buyer_info("1"), Iterator[OrderItemBuyerInfo])
    assert_type(api.order_item_pages("1"), Iterator[Reply[OrderItemsList]])


def telling(
    api: OrdersV0Api, confirmation: ConfirmShipmentRequest, status: UpdateShipmentStatusRequest
) -> None:
    api.confirm_shipment(confirmation, order_id="1", timeout=5.0)
    api.update_shipment_status(status, order_id="1")
    api.confirm_shipment(status, order_id="1")  # type: ignore[arg-type]
    api.confirm_shipment(confirmation, "1")  # type: ignore[call-arg]


def mistakes(api: OrdersV0Api, since: datetime) -> None:
    api.get_orders(created_after=since)  # type: ignore[call-arg]
    api.get_orders(marketplace_ids=[], created_afer=since)  # type: ignore[call-arg]
    api.get_orders(marketplace_ids=[], created_after="2026-01-01")  # type: ignore[arg-type]
    api.get_orders(marketplace_ids=[], is_ispu="true")  # type: ignore[arg-type]
    api.iter_orders(["A1F83G8C2ARO7P"])  # type: ignore[arg-type, call-arg]


def fields(order: Order, item: OrderItem, money: Money) -> None:
    assert_type(order.order_status, OrderStatus)
    assert_type(order.purchase_date, datetime)
    assert_type(order.latest_ship_date, datetime | None)
    assert_type(order.shipping_address, Address | None)
    assert_type(order.order_total, Money | None)
    assert_type(money.amount, Decimal | None)
    assert_type(item.quantity_ordered, int)
    assert_type(item.is_gift, str | None)
    Money(currency_code="EUR", amount=1.5)  # type: ignore[arg-type]
    assert order.shipping_address.name  # type: ignore[union-attr]


def calls(client: Client) -> None:
    assert_type(GET_ORDERS(), Call[OrdersList])
    assert_type(client.send(GET_ORDER()).value, Order)
    assert_type(GET_ORDER_ITEMS.items_of(client.send(GET_ORDER_ITEMS()).value), list[OrderItem])
    assert_type(CONFIRM_SHIPMENT(), Call[None])
    assert_type(OrdersV0Api(client.context), OrdersV0Api)
