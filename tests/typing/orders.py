"""What the checkers know about the facade of orders. Read by mypy and pyright, never run."""

# An ignore marks what must be an error: both checkers fail on one that is not needed.
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from collections.abc import Iterator
from datetime import datetime
from typing import assert_type

from spshipping import Client, Marketplace
from spshipping.notifications import NotificationsApi
from spshipping.orders import (
    AmazonOrder,
    Comparison,
    Difference,
    FulfillmentChannel,
    OrdersApi,
    OrderSource,
    OrderStatus,
)
from spshipping.orders.v0 import CodCollectionMethod, OrdersV0Api
from spshipping.orders.v2026_01_01 import OrdersV20260101Api


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
