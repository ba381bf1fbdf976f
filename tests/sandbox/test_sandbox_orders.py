"""The client over the sandbox's orders: every answer reads without a repair, page after page."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from spshipping import Client, PaginationError
from spshipping.operation import Call, Operation
from spshipping.orders import v0, v2026_01_01
from spshipping.sandbox import Sandbox
from tests.sandbox.conftest import MakeClient

pytestmark = pytest.mark.dates

AGO = datetime.now(UTC) - timedelta(days=60)
ENDS = "ignore:Amazon switches off:DeprecationWarning"
READING: list[tuple[Operation[Any], set[str]]] = [
    (v0.GET_ORDER, {"buyerInfo", "shippingAddress", "buyerTaxInformation"}),
    (v0.GET_ORDER_ITEMS, {"buyerInfo"}),
    (v0.GET_ORDER_BUYER_INFO, set()),
    (v0.GET_ORDER_ADDRESS, set()),
    (v0.GET_ORDER_ITEMS_BUYER_INFO, set()),
    (v0.GET_ORDER_REGULATED_INFO, set()),
]


def walk(client: Client, call: Call[Any], **options: Any) -> list[Any]:
    """Turn all pages of a search."""
    following: Call[Any] | None = call
    found: list[Any] = []
    while following:
        reply = client.send(following, **options)
        assert not reply.meta.deviations
        found += reply.value.orders
        following = reply.next_call
    return found


@pytest.mark.filterwarnings(ENDS)
def test_v0_is_read_strictly_page_by_page_with_everybody_named(
    sandbox: Sandbox, make_client: MakeClient
) -> None:
    places = sorted({order.place.marketplace.id for order in sandbox.orders()})
    call = v0.GET_ORDERS(query={"MarketplaceIds": places, "LastUpdatedAfter": AGO, "MaxResultsPerPage": 60})
    found = walk(make_client(strict=True), call, pii={"buyerInfo", "shippingAddress"})
    ready = {order.id: order for order in sandbox.orders() if order.is_ready}
    assert len(found) == 300
    assert {one.amazon_order_id for one in found if one.shipping_address} == ready.keys()
    assert all(
        one.buyer_info.buyer_name == ready[one.amazon_order_id].buyer.name for one in found if one.buyer_info
    )


def test_2026_is_read_strictly_page_by_page_with_everybody_named(
    sandbox: Sandbox, make_client: MakeClient
) -> None:
    data = [one.value for one in v2026_01_01.IncludedData]
    call = v2026_01_01.SEARCH_ORDERS(
        query={"lastUpdatedAfter": AGO, "includedData": data, "maxResultsPerPage": 60}
    )
    found = walk(make_client(strict=True), call)
    ready = {order.id for order in sandbox.orders() if order.is_ready}
    assert len(found) == 300
    assert {one.order_id for one in found if one.recipient and one.recipient.delivery_address.name} == ready


@pytest.mark.filterwarnings(ENDS)
@pytest.mark.parametrize(("operation", "elements"), READING, ids=[operation.name for operation, _ in READING])
def test_what_v0_tells_of_one_order_is_read_strictly(
    sandbox: Sandbox, make_client: MakeClient, operation: Operation[Any], elements: set[str]
) -> None:
    client = make_client(strict=True)
    for order in sandbox.orders()[:15]:
        reply = client.send(operation(path={"orderId": order.id}), pii=elements)
        assert not reply.meta.deviations
        assert reply.value.amazon_order_id == order.id


def test_a_page_that_has_expired_says_so(sandbox: Sandbox, make_client: MakeClient) -> None:
    call = v2026_01_01.SEARCH_ORDERS(query={"lastUpdatedAfter": AGO, "maxResultsPerPage": 60})
    client = make_client()
    following = client.send(call).next_call
    assert following
    sandbox.clock.advance(86400)
    with pytest.raises(PaginationError):
        client.send(following)
