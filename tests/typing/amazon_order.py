"""What the checkers know about an Amazon order. Read by mypy and pyright, never run."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from datetime import datetime
from decimal import Decimal
from typing import Any, assert_type

from spshipping.orders import (
    Address,
    AmazonOrder,
    AmazonOrderItem,
    Difference,
    OrderStatus,
    differences,
    v0,
    v2026_01_01,
)


def read(old: v0.Order, new: v2026_01_01.Order, lines: v0.OrderItemsList) -> AmazonOrder:
    order = AmazonOrder.from_v0(old, items=lines.order_items)
    assert_type(differences(order, AmazonOrder.from_v2026(new)), list[Difference])
    assert_type(order.to_dict(), dict[str, Any])
    return order


def look(order: AmazonOrder) -> None:
    assert_type(order.order_status, OrderStatus | None)
    assert_type(order.purchase_date, datetime | None)
    assert_type(order.items, list[AmazonOrderItem] | None)
    if order.order_total:
        assert_type(order.order_total.amount, Decimal | None)
    if order.shipping_address:
        assert_type(order.shipping_address.street, str | None)


def refused() -> None:
    Address(name=1)  # type: ignore[arg-type]
    AmazonOrder()  # type: ignore[call-arg]
