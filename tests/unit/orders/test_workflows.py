"""The workflows with orders under threads and under asyncio, which are the same functions."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from spshipping import InvalidRequestError, Marketplace, NotFoundError
from spshipping.checking import Outcome, check
from spshipping.orders import AsyncOrderSync, OrderSource, workflows
from spshipping.orders.selection import OrderFilters
from spshipping.orders.v0 import AsyncOrdersV0Api
from spshipping.orders.v2026_01_01 import AsyncOrdersV20260101Api
from spshipping.sync import MemoryCheckpoint
from tests.drives import DRIVES, Drive, RoutedTransport, async_client_of, listed
from tests.kit import FakeClock, Step, answer, refusal
from tests.unit.orders.build import ONE, THREE, TWO, V0_ITEM, V0_ORDER, V2026_ORDER

NEW, OLD = "/orders/2026-01-01/orders", "/orders/v0/orders"
SINCE = datetime(2026, 2, 1, tzinfo=UTC)
IDS = [ONE, TWO, THREE]
SPAN = OrderFilters(SINCE)


def new(order_id: str) -> dict[str, Any]:
    return {**V2026_ORDER, "orderId": order_id}


def old(order_id: str) -> dict[str, Any]:
    return {**V0_ORDER, "AmazonOrderId": order_id, "OrderChannel": f"channel of {order_id}"}


def lines(order_id: str) -> dict[str, Any]:
    return {"AmazonOrderId": order_id, "OrderItems": [{**V0_ITEM, "Title": f"line of {order_id}"}]}


def network(**more: list[Step]) -> RoutedTransport:
    """Answer whatever is requested of three orders, any number of times."""
    routes: dict[str, list[Step]] = {
        NEW: [answer(200, {"orders": list(map(new, IDS))})],
        OLD: [answer(200, {"payload": {"Orders": list(map(old, reversed(IDS)))}})],
    }
    for order_id in IDS:
        routes[f"{NEW}/{order_id}"] = [answer(200, {"order": new(order_id)})] * 3
        routes[f"{OLD}/{order_id}"] = [answer(200, {"payload": old(order_id)})] * 3
        routes[f"{OLD}/{order_id}/orderItems"] = [answer(200, {"payload": lines(order_id)})] * 3
        routes[f"{OLD}/{order_id}/shipmentConfirmation"] = [answer(204)]
    return RoutedTransport({**routes, **more})


@pytest.fixture(params=DRIVES)
def drive(request: pytest.FixtureRequest) -> Drive:
    make: Callable[[], Drive] = request.param
    return make()


def test_an_order_is_retrieved_from_both_apis(drive: Drive) -> None:
    order = drive.run(workflows.retrieve(drive.context(network()), TWO))
    assert (order.amazon_order_id, order.order_channel) == (TWO, f"channel of {TWO}")
    assert order.items
    assert order.items[0].unit_price


def test_all_orders_are_completed_in_the_order_of_the_search(drive: Drive) -> None:
    found = drive.run(listed(workflows.retrieve_all(drive.context(network()), SPAN)))
    assert [(order.amazon_order_id, order.order_channel) for order in found] == [
        (order_id, f"channel of {order_id}") for order_id in IDS
    ]


def test_an_order_that_comes_twice_on_a_page_is_completed_twice(drive: Drive) -> None:
    page: list[Step] = [answer(200, {"orders": [new(ONE), new(TWO), new(ONE)]})]
    found = drive.run(listed(workflows.retrieve_all(drive.context(network(**{NEW: page})), SPAN)))
    assert [order.order_channel for order in found] == [
        f"channel of {ONE}",
        f"channel of {TWO}",
        f"channel of {ONE}",
    ]


@pytest.mark.filterwarnings("ignore:Amazon switches off:DeprecationWarning")
def test_all_orders_of_v0_come_with_their_items(drive: Drive) -> None:
    context = drive.context(network())
    found = drive.run(listed(workflows.retrieve_all(context, SPAN, source=OrderSource.V0)))
    assert [[item.title for item in order.items or ()] for order in found] == [
        [f"line of {order_id}"] for order_id in reversed(IDS)
    ]


def test_a_search_that_is_left_early_requests_no_more(drive: Drive) -> None:
    page: list[Step] = [answer(200, {"orders": [new(ONE)], "pagination": {"nextToken": "t"}})]
    routed = network(**{NEW: page})
    context = drive.context(routed)

    async def first() -> str:
        orders = workflows.retrieve_all(context, SPAN, source=OrderSource.V2026)
        order = await anext(orders)
        await orders.aclose()
        return order.amazon_order_id

    assert drive.run(first()) == ONE
    assert len(routed.requests) == 1


def test_orders_are_compared_in_the_order_of_the_ids(drive: Drive) -> None:
    missing: list[Step] = [refusal(404, "NotFound")]
    context = drive.context(network(**{f"{NEW}/{TWO}": missing}))
    found = drive.run(workflows.compare(context, [*reversed(IDS), ONE]))
    assert [(one.order_id, one.v2026 is None) for one in found] == [(THREE, False), (TWO, True), (ONE, False)]
    assert all(one.v0 and one.v0.amazon_order_id == one.order_id for one in found)


def test_a_package_with_the_rest_of_an_order_is_confirmed(drive: Drive) -> None:
    routed = network()
    drive.run(
        workflows.confirm(
            drive.context(routed),
            THREE,
            carrier_code="DHL",
            tracking_number="D1",
            ship_date=SINCE,
            package_reference_id="77",
        )
    )
    body = json.loads(routed.requests[-1].body or b"")
    assert body["packageDetail"]["packageReferenceId"] == "77"
    assert [line["quantity"] for line in body["packageDetail"]["orderItems"]] == [2]


def test_an_order_that_neither_api_has_is_not_found(drive: Drive) -> None:
    missing: list[Step] = [refusal(404, "NotFound")]
    with pytest.raises(NotFoundError):
        drive.run(workflows.retrieve(drive.context(network(**{f"{NEW}/{ONE}": missing})), ONE))


def test_after_the_end_of_v0_one_request_is_sent(drive: Drive) -> None:
    routed = network()
    clock = FakeClock(datetime(2027, 3, 27, tzinfo=UTC) + timedelta(seconds=1))
    assert drive.run(workflows.retrieve(drive.context(routed, clock), ONE)).order_channel is None
    assert len(routed.requests) == 1


def test_a_connection_is_checked(drive: Drive) -> None:
    routed = RoutedTransport(
        {
            "/shipping/v2/tracking": [refusal(404, "ResourceNotFound")],
            "/sellers/v1/marketplaceParticipations": [refusal(403, "Unauthorized")],
        }
    )

    async def sign_in(seconds: float) -> None:
        assert seconds == 30

    report = drive.run(check(drive.context(routed), sign_in, "shipping"))
    assert [step.outcome for step in report.steps] == [Outcome.WORKS, Outcome.WORKS, Outcome.NOT_NEEDED]


def test_the_marketplace_of_the_client_is_the_default(drive: Drive) -> None:
    routed = network()
    drive.run(listed(workflows.retrieve_all(drive.context(routed), SPAN, source=OrderSource.V2026)))
    assert f"marketplaceIds={Marketplace.UK.id}" in routed.requests[-1].url


async def batches_of(sync: AsyncOrderSync) -> list[list[str]]:
    """Take every batch, commit it, and return the ids."""
    found = []
    async for batch in sync.batches():
        found.append([order.amazon_order_id for order in batch])
        await batch.commit()
    return found


def test_orders_are_synced_on_an_event_loop() -> None:
    pages: list[Step] = [
        answer(200, {"orders": [new(ONE)], "pagination": {"nextToken": "t"}}),
        answer(200, {"orders": [new(TWO)]}),
        answer(200, {"orders": list(map(new, IDS))}),
    ]
    gone: list[Step] = [refusal(404, "NotFound")]
    routed = network(**{NEW: pages, f"{NEW}/{TWO}": gone})
    client, store = async_client_of(routed), MemoryCheckpoint()
    sync = AsyncOrderSync(client.orders, store, since=SINCE)

    async def changed() -> list[str]:
        found = []
        try:
            async for order in sync.changed(IDS):
                found.append(order.amazon_order_id)  # noqa: PERF401 - what came before the error is kept
        except NotFoundError:
            return found
        raise AssertionError

    async def main() -> None:
        assert await batches_of(sync) == [[ONE], [TWO]]
        missing = await listed(sync.missing({TWO}, after=SINCE))
        assert [order.amazon_order_id for order in missing] == [ONE, THREE]
        assert sorted(await changed()) == [ONE, THREE]

    asyncio.run(main())
    assert store.checkpoint is not None
    assert store.checkpoint.window is None


def test_the_facade_for_asyncio_has_what_the_other_has() -> None:
    routed = network()
    client = async_client_of(routed)
    orders = client.orders
    assert repr(orders) == f"<AsyncOrdersApi at {Marketplace.UK.id}>"
    assert isinstance(orders.v0, AsyncOrdersV0Api)
    assert isinstance(orders.v2026_01_01, AsyncOrdersV20260101Api)

    async def main() -> None:
        assert (await orders.retrieve(ONE)).amazon_order_id == ONE
        found = [
            order.amazon_order_id async for order in orders.retrieve_all(updated_after=SINCE, items=False)
        ]
        assert found == IDS
        many = orders.retrieve_many([TWO], source=OrderSource.V2026)
        assert [order.amazon_order_id async for order in many] == [TWO]
        with pytest.raises(InvalidRequestError, match=r"^order_ids: takes a list"):
            await orders.compare(ONE)
        await orders.confirm(ONE, carrier_code="DHL", tracking_number="D1", ship_date=SINCE, items={"A": 1})

    asyncio.run(main())
    assert routed.requests[-1].url.endswith(f"/orders/v0/orders/{ONE}/shipmentConfirmation")


def test_a_deprecated_source_is_reported_at_the_line_that_awaits() -> None:
    client = async_client_of(network())

    async def main() -> None:
        await client.orders.retrieve(ONE, source=OrderSource.V0)

    with pytest.warns(DeprecationWarning, match="leave source= out") as caught:
        asyncio.run(main())
    assert [warning.filename for warning in caught] == [__file__]
