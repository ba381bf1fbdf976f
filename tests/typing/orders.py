"""What the checkers know about the facade of orders. Read by mypy and pyright, never run."""

# An ignore marks what must be an error: both checkers fail on one that is not needed.
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from datetime import datetime
from typing import assert_type

from spshipping import Client, Marketplace
from spshipping.async_client import AsyncClient
from spshipping.facade import Context
from spshipping.notifications import NotificationsApi
from spshipping.orders import (
    Address,
    AmazonOrder,
    AsyncOrdersApi,
    Comparison,
    Comparisons,
    Difference,
    FulfillmentChannel,
    OrdersApi,
    OrderSource,
    OrderStatus,
    workflows,
)
from spshipping.orders.selection import OrderFilters
from spshipping.orders.v0 import AsyncOrdersV0Api, CodCollectionMethod, OrdersV0Api
from spshipping.orders.v2026_01_01 import GET_ORDER, GetOrderResponse, OrdersV20260101Api


def facades(client: Client) -> None:
    assert_type(client.orders, OrdersApi)
    assert_type(client.orders.v0, OrdersV0Api)
    assert_type(client.orders.v2026_01_01, OrdersV20260101Api)
    assert_type(client.notifications, NotificationsApi)


def retrieving(orders: OrdersApi, since: datetime) -> None:
    assert_type(orders.retrieve("1"), AmazonOrder)
    assert_type(orders.retrieve("1", source=OrderSource.V2026, pii={"buyerInfo"}, deadline=5.0), AmazonOrder)
    found = orders.retrieve_all(
        updated_after=since,
        marketplaces=[Marketplace.UK, "A1"],
        statuses=[OrderStatus.UNSHIPPED],
        channels=(FulfillmentChannel.MERCHANT,),
        items=False,
    )
    assert_type(found, Iterator[AmazonOrder])
    orders.retrieve("1", OrderSource.V0)  # type: ignore[call-arg]
    orders.retrieve("1", source="v0")  # type: ignore[arg-type]
    orders.retrieve_all(updated_after="2026-01-01")  # type: ignore[arg-type]
    orders.retrieve_all(updated_afer=since)  # type: ignore[call-arg]


def comparing(orders: OrdersApi, ids: list[str]) -> None:
    (comparison,) = orders.compare(ids, pii=None)
    assert_type(comparison, Comparison)
    assert_type(comparison.v0, AmazonOrder | None)
    assert_type(comparison.differences, tuple[Difference, ...])
    assert_type(comparison.unexpected, list[Difference])
    assert_type(comparison.is_as_expected, bool)


def confirming(orders: OrdersApi, now: datetime) -> None:
    orders.confirm("1", carrier_code="DHL", tracking_number="D1", ship_date=now)
    orders.confirm(
        "1",
        carrier_code="Other",
        carrier_name="My van",
        tracking_number="D1",
        ship_date=now,
        items={"A": 1},
        package_reference_id="2",
        transparency_codes={"A": ["code"]},
        cod_collection_method=CodCollectionMethod.DIRECT_PAYMENT,
        max_wait=0,
    )
    orders.confirm("1", carrier_code="DHL", tracking_number="D1")  # type: ignore[call-arg]
    orders.confirm("1", carrier_code="DHL", tracking_number="D1", ship_date=now, items=["A"])  # type: ignore[arg-type]


async def with_tasks(client: AsyncClient, since: datetime) -> None:
    orders = client.orders
    assert_type(orders, AsyncOrdersApi)
    assert_type(orders.v0, AsyncOrdersV0Api)
    assert_type(await orders.retrieve("1", pii={"buyerInfo"}), AmazonOrder)
    assert_type(orders.retrieve_all(updated_after=since), AsyncIterator[AmazonOrder])
    async for order in orders.retrieve_all(updated_after=since):
        assert_type(order.purchase_date, datetime | None)
    assert_type(orders.retrieve_many(["1"]), AsyncIterator[AmazonOrder])
    assert_type(await orders.compare(["1"]), Comparisons)
    await orders.confirm("1", carrier_code="DHL", tracking_number="D1", ship_date=since)
    str(orders.retrieve("1").items)  # type: ignore[attr-defined]
    orders.retrieve_all(updated_afer=since)  # type: ignore[call-arg]


async def within_a_workflow(context: Context, since: datetime) -> None:
    """A workflow of one's own is typed to the last value, and serves either client."""
    reply = await context.sender.send(GET_ORDER(path={"orderId": "1"}))
    assert_type(reply.value, GetOrderResponse)
    assert_type(await workflows.retrieve(context, "1"), AmazonOrder)
    found = workflows.retrieve_all(context, OrderFilters(updated_after=since))
    assert_type(found, AsyncGenerator[AmazonOrder, None])
    async for order in found:
        assert_type(order.shipping_address, Address | None)
    async for result in context.sender.map(lambda id_: GET_ORDER(path={"orderId": id_}), ["1"]):
        assert_type(result.value, GetOrderResponse)
    await workflows.retrieve(context, 1)  # type: ignore[arg-type]
    await workflows.retrieve(context, "1", sorce=OrderSource.V2026)  # type: ignore[call-arg]
