"""Workflows with orders, on answers that lack what Amazon promises: an error of ours says what is missing."""

from datetime import UTC, datetime
from typing import Any

import pytest

from spshipping import DecodeError
from spshipping.orders import AmazonOrder, OrderSource, OrderSync
from spshipping.sync import MemoryCheckpoint
from tests.kit import FakeClock, ScriptedTransport, Step, answer, client_of
from tests.unit.orders.build import ONE, V0_ORDER
from tests.unit.orders.schemas import problems

SHIPPED = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
PLAIN: dict[str, Any] = {"carrier_code": "Royal Mail", "tracking_number": "RM1", "ship_date": SHIPPED}
SINCE = datetime(2026, 2, 1, tzinfo=UTC)
ALONE = {"orderId": ONE}


def order(**more: Any) -> Step:
    return answer(200, {"order": {**ALONE, **more}})


def test_b5_an_order_that_is_null_says_what_is_missing_and_in_which_answer() -> None:
    network = ScriptedTransport([answer(200, {"order": None})])
    with client_of(network) as client, pytest.raises(DecodeError) as caught:
        client.orders.retrieve(ONE, source=OrderSource.V2026)
    assert str(caught.value) == "getOrder 200: the answer lacks order [request req-1]"


@pytest.mark.parametrize("source", [OrderSource.V2026, OrderSource.V0, OrderSource.FULLEST])
def test_b5_an_order_of_which_only_the_id_came_is_read_from_either_api(source: OrderSource) -> None:
    new, old = order(orderItems=[{}]), answer(200, {"payload": {"AmazonOrderId": ONE}})
    lines = answer(200, {"payload": {"AmazonOrderId": ONE, "OrderItems": [{"Title": "Mug"}]}})
    steps: dict[OrderSource, list[Step]] = {
        OrderSource.V2026: [new],
        OrderSource.V0: [old, lines],
        OrderSource.FULLEST: [new, old, lines],
    }
    with client_of(ScriptedTransport(steps[source])) as client:
        found = client.orders.retrieve(ONE, source=source)
    assert (found.amazon_order_id, found.order_status) == (ONE, None)
    assert found.items is not None
    assert (found.items[0].quantity_ordered, found.items[0].order_item_id) == (None, "")
    assert found.purchase_date is None
    assert problems(found.to_dict(), AmazonOrder.json_schema()) == []


def test_b5_what_one_api_lacks_is_completed_from_the_other() -> None:
    lines = answer(200, {"payload": {"AmazonOrderId": ONE, "OrderItems": None}})
    steps = [order(), answer(200, {"payload": {**V0_ORDER, "AmazonOrderId": ONE}}), lines]
    with client_of(ScriptedTransport(steps)) as client:
        found = client.orders.retrieve(ONE, source=OrderSource.FULLEST)
    assert found.to_dict()["purchase_date"]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ({"orderItemId": "A"}, "quantityOrdered"),
        ({"orderItemId": "A", "quantityOrdered": None}, "quantityOrdered"),
        ({"quantityOrdered": 3}, "orderItemId"),
    ],
)
def test_b5_a_shipment_of_lines_that_lack_something_is_not_confirmed(line: dict[str, Any], name: str) -> None:
    network = ScriptedTransport([order(orderItems=[line])])
    with client_of(network) as client, pytest.raises(DecodeError, match=name):
        client.orders.confirm(ONE, **PLAIN)
    assert len(network.requests) == 1


def test_b5_a_package_without_a_reference_does_not_hinder_a_confirmation() -> None:
    line = {"orderItemId": "A", "quantityOrdered": 3}
    network = ScriptedTransport([order(orderItems=[line], packages=[{}]), answer(204)])
    with client_of(network) as client:
        client.orders.confirm(ONE, **PLAIN)
    assert len(network.requests) == 2


def test_b5_a_sync_delivers_an_order_that_lacks_its_times() -> None:
    clock = FakeClock()
    network = ScriptedTransport([answer(200, {"orders": [{**ALONE, "orderItems": [{}]}]})])
    with client_of(network, clock) as client:
        sync = OrderSync(client.orders, MemoryCheckpoint(), since=SINCE)
        (batch,) = sync.batches()
    assert [one.amazon_order_id for one in batch] == [ONE]
    assert batch.items[0].last_update_date is None


def test_b5_orders_without_items_that_can_be_told_apart_are_compared() -> None:
    lines = answer(200, {"payload": {"AmazonOrderId": ONE, "OrderItems": [{"Title": "Mug"}]}})
    old = answer(200, {"payload": {"Orders": [{"AmazonOrderId": ONE}]}})
    with client_of(ScriptedTransport([order(orderItems=[{}]), old, lines])) as client:
        (found,) = client.orders.compare([ONE])
    assert [one.path for one in found.differences if one.path.startswith("items")] == []
