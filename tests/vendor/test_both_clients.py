"""Each method of the three facades gives the same through either client."""

from collections.abc import Iterator

import pytest

from spshipping import AsyncClient, Client, Credentials, Marketplace
from spshipping.auth.cache import TokenCache
from spshipping.sandbox import Sandbox
from tests.onloop import Loop, OnLoop
from tests.security.vendor_calls import got_goods, vendor_facade_calls

ITERATIONS = (
    "iter_purchase_orders",
    "iter_purchase_orders_status",
    "iter_shipment_details",
    "iter_shipment_labels",
)
METHODS = (
    "get_purchase_orders",
    "purchase_order_pages",
    "get_purchase_order",
    "submit_acknowledgement",
    "get_purchase_orders_status",
    "purchase_orders_status_pages",
    "submit_shipment_confirmations",
    "submit_shipments",
    "get_shipment_details",
    "shipment_detail_pages",
    "get_shipment_labels",
    "shipment_label_pages",
    "get_transaction",
)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(quotas=False) as box:
        yield box


def test_both_clients_get_the_same(sandbox: Sandbox) -> None:
    where = {"endpoint": sandbox.url, "token_url": sandbox.token_url, "token_cache": TokenCache()}
    credentials, loop = Credentials(**sandbox.credentials), Loop()
    with Client(credentials, Marketplace.US, **where) as client:  # type: ignore[arg-type]
        goods = got_goods(client, sandbox)
        other = OnLoop(AsyncClient(credentials, Marketplace.US, **where), loop)  # type: ignore[arg-type]
        ours, theirs = vendor_facade_calls(client, goods), vendor_facade_calls(other, goods)  # type: ignore[arg-type]
        for name in METHODS:
            assert type(ours[name]()) is type(theirs[name]()), name
        for name in ITERATIONS:
            assert {type(one) for one in ours[name]()} == {type(one) for one in theirs[name]()} != set(), name
        number = goods.order.purchase_order_number
        assert ours["get_purchase_order"]().purchase_order_number == number
        assert theirs["get_purchase_order"]().purchase_order_number == number
        other.close()
    loop.close()
