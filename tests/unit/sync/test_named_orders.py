"""Orders that notifications name: one getOrder each within its quota, and no search repeats them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from spshipping import Client, InvalidRequestError, Marketplace, ServerError
from spshipping.orders import AmazonOrder, FulfillmentChannel, OrderSync
from spshipping.orders.source import OrderSource
from spshipping.orders.v2026_01_01 import GET_ORDER
from spshipping.sync import Batch, MemoryCheckpoint
from tests.kit import START, FakeClock, answer, refusal
from tests.unit.orders.test_order_sync import World
from tests.unit.orders.v2026_01_01.orders import order
from tests.unit.sync.fake_amazon import FakeAmazon, client_at

ORDERS = [f"026-{number:07}-1234567" for number in range(40)]
SELLER = "mill-street"


@pytest.fixture
def amazon() -> FakeAmazon:
    made = FakeAmazon(100)
    for number, order_id in enumerate(ORDERS):
        made.change(SELLER, order_id, START - timedelta(seconds=60 + number))
    return made


@pytest.fixture
def client(amazon: FakeAmazon, clock: FakeClock) -> Iterator[Client]:
    with client_at(amazon, clock) as made:
        yield made.for_seller(f"Atzr|{SELLER}")


def ids(batch: Batch[AmazonOrder]) -> list[str | None]:
    return [order.amazon_order_id for order in batch]


def test_an_order_that_was_named_costs_one_call_and_no_search_delivers_it_again(
    client: Client, amazon: FakeAmazon, clock: FakeClock
) -> None:
    sync, found = OrderSync(client.orders, MemoryCheckpoint()), list[str | None]()
    step = sync.step_changed(ORDERS[:2], lambda batch: found.extend(ids(batch)))
    assert (step.delivered, found) == (ORDERS[:2], ORDERS[1::-1])
    assert (amazon.fetches.total(), amazon.searches.total()) == (2, 0)
    clock.elapsed += 600
    searched = [order_id for batch in sync.batches() for order_id in ids(batch)]
    assert sorted(map(str, searched)) == ORDERS[2:]


def test_the_quota_of_get_order_is_used_and_not_waited_for(
    client: Client, amazon: FakeAmazon, clock: FakeClock
) -> None:
    sync, found = OrderSync(client.orders, MemoryCheckpoint()), list[str | None]()
    step = sync.step_changed(ORDERS, lambda batch: found.extend(ids(batch)))
    assert len(step.delivered) == len(found) == GET_ORDER.quota.burst
    assert step.wait == pytest.approx(1 / GET_ORDER.quota.rate, abs=0.1)
    assert clock.slept == []


def test_what_is_no_id_of_an_order_fails_alone(client: Client) -> None:
    sync = OrderSync(client.orders, MemoryCheckpoint(), source=OrderSource.V2026)
    step = sync.step_changed(["../orders", ORDERS[0]], lambda _: None)
    assert step.delivered == [ORDERS[0]]
    assert isinstance(step.failed["../orders"], InvalidRequestError)


def test_an_order_is_not_waited_for_longer_than_a_lease_lasts() -> None:
    world = World(refusal(503, "ServiceUnavailable", retry_after="200"))
    step = world.sync().step_changed([ORDERS[0]], lambda _: None)
    assert isinstance(step.error, ServerError)
    assert step.met_by == ORDERS[0]
    assert world.clock.slept == []


ELSEWHERE = {"channelName": "AMAZON", "marketplaceId": Marketplace.DE.id, "marketplaceName": "Amazon.de"}
BY_AMAZON = {"fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "AMAZON"}


@pytest.mark.parametrize(
    ("options", "more", "is_delivered"),
    [
        ({"channels": [FulfillmentChannel.MERCHANT]}, {"fulfillment": BY_AMAZON}, False),
        ({"channels": [FulfillmentChannel.AMAZON]}, {"fulfillment": BY_AMAZON}, True),
        ({"channels": [FulfillmentChannel.MERCHANT]}, {}, True),
        ({}, {"fulfillment": BY_AMAZON}, True),
        ({"marketplaces": [Marketplace.UK]}, {"salesChannel": ELSEWHERE}, False),
        ({"marketplaces": [Marketplace.UK, Marketplace.DE]}, {"salesChannel": ELSEWHERE}, True),
    ],
)
def test_an_order_that_the_search_would_not_find_is_done_with_and_not_delivered(
    options: dict[str, Any], more: dict[str, Any], is_delivered: bool
) -> None:
    world, found = World(answer(200, {"order": order(ORDERS[0], **more)})), list[str | None]()
    step = world.sync(**options).step_changed([ORDERS[0]], lambda batch: found.extend(ids(batch)))
    assert step.delivered == [ORDERS[0]]
    assert found == ([ORDERS[0]] if is_delivered else [])
