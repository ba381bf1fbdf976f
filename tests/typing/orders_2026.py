"""What the checkers know about Orders 2026-01-01. Read by mypy and pyright, never run."""

# An ignore marks what must be an error: both checkers fail on one that is not needed.
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import assert_type

from spshipping import Client, PagedOperation, Reply
from spshipping.cursor import call_from_cursor, cursor_of
from spshipping.operation import Call
from spshipping.orders.v2026_01_01 import (
    GET_ORDER,
    SEARCH_ORDERS,
    CustomerAddress,
    FulfillmentStatus,
    GetOrderResponse,
    IncludedData,
    Money,
    Order,
    OrderItem,
    OrderProgram,
    OrdersV20260101Api,
    SearchOrdersResponse,
)


def searching(api: OrdersV20260101Api, since: datetime) -> None:
    assert_type(api.search_orders(created_after=since), SearchOrdersResponse)
    assert_type(api.iter_orders(last_updated_after=since, pii={"buyerInfo"}), Iterator[Order])
    assert_type(
        api.order_pages(created_after=since, included_data=(IncludedData.BUYER, IncludedData.TAX)),
        Iterator[Reply[SearchOrdersResponse]],
    )
    assert_type(api.get_order("701-0000000-0000000", max_wait=0), GetOrderResponse)
    api.search_orders(created_after="2026-01-01")  # type: ignore[arg-type]
    api.search_orders(createdAfter=since)  # type: ignore[call-arg]
    api.search_orders(created_after=since, included_data=["BUYER"])  # type: ignore[list-item]
    api.iter_orders(created_after=since, pagination_token="t")  # type: ignore[call-arg]


def cursors(client: Client, api: OrdersV20260101Api, reply: Reply[SearchOrdersResponse], text: str) -> None:
    assert_type(SEARCH_ORDERS, PagedOperation[SearchOrdersResponse, Order])
    assert_type(cursor_of(reply.next_call), str | None)
    assert_type(cursor_of(reply.call), str)
    assert_type(call_from_cursor(SEARCH_ORDERS, text), Call[SearchOrdersResponse])
    assert_type(client.send(call_from_cursor(SEARCH_ORDERS, text)).value, SearchOrdersResponse)
    assert_type(api.resume_order_pages(text), Iterator[Reply[SearchOrdersResponse]])
    api.resume_order_pages(cursor_of(reply.next_call))  # type: ignore[arg-type]
    call_from_cursor(GET_ORDER, text)  # type: ignore[arg-type]


def orders(order: Order, money: Money) -> None:
    assert_type(order.order_id, str)
    assert_type(order.created_time, datetime)
    assert_type(order.order_items, list[OrderItem])
    assert_type(order.programs, list[OrderProgram] | None)
    assert_type(money.amount, Decimal)
    if order.recipient and order.fulfillment:
        assert_type(order.recipient.delivery_address, CustomerAddress | None)
        assert_type(order.fulfillment.fulfillment_status, FulfillmentStatus)
    assert order.buyer.buyer_name  # type: ignore[union-attr]
