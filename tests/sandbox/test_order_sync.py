"""`OrderSync` against the local SP-API, on virtual time: what comes, when, and at what price."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from spshipping import Client, Marketplace
from spshipping.auth.cache import TokenCache
from spshipping.orders import AmazonOrder, OrderSync
from spshipping.orders.v2026_01_01 import GET_ORDER, SEARCH_ORDERS
from spshipping.sandbox import Sandbox
from spshipping.sandbox.orders import OrderSupply
from spshipping.sync import FileCheckpoint, MemoryCheckpoint, SyncProgress
from tests.sandbox.conftest import MakeClient
from tests.virtual import VirtualClock

pytestmark = [pytest.mark.dates, pytest.mark.usefixtures("still_time")]

SEARCH, ONE = SEARCH_ORDERS.route, GET_ORDER.route
EVERYWHERE = list(Marketplace)
MONTH, DAY, MINUTE = timedelta(days=31), timedelta(days=1), timedelta(minutes=1)
State = tuple[str, datetime | None]


class Shop:
    """Somebody whose orders are synced."""

    def __init__(self, box: Sandbox, make_client: MakeClient) -> None:
        self.box = box
        self.clock = VirtualClock(box.clock)
        where: Any = {"endpoint": box.url, "token_url": box.token_url}
        self.client: Client = make_client(clock=self.clock, token_cache=TokenCache(self.clock), **where)
        self.store: Any = MemoryCheckpoint()
        self.states: Counter[State] = Counter()

    def sync(self, **options: Any) -> OrderSync:
        defaults = {"since": MONTH, "marketplaces": EVERYWHERE}
        return OrderSync(self.client.orders, self.store, **{**defaults, **options})

    def put(self, orders: Any) -> None:
        self.states.update((order.amazon_order_id, order.last_update_date) for order in orders)

    def catch_up(self, **options: Any) -> None:
        for batch in self.sync(**options).batches():
            self.put(batch)
            batch.commit()

    def settle(self, age: timedelta = 30 * MINUTE) -> None:
        """Let time pass, so that whatever has happened can be found, and catch up."""
        self.clock.sleep(age.total_seconds())
        self.catch_up()

    def asked(self) -> Counter[str | None]:
        """Return how often each route was asked; none was refused."""
        seen = self.box.ledger.requests()
        assert {one.status for one in seen} == {200}
        return Counter(one.route for one in seen)

    def due(self) -> set[State]:
        """Return the last change of every order, as far as a search tells of it by now."""
        latest = self.clock.now() - timedelta(minutes=2, seconds=10)
        found = {change.order_id: change for change in self.box.order_changes()}
        times = {id_: datetime.fromisoformat(change.as_dict()["time"]) for id_, change in found.items()}
        return {(id_, time) for id_, time in times.items() if time < latest}


@pytest.fixture
def open_shop(make_client: MakeClient) -> Iterator[Callable[..., Shop]]:
    boxes: list[Sandbox] = []

    def open_it(count: int = 290, **supply: Any) -> Shop:
        boxes.append(Sandbox(orders=OrderSupply(count, seed=7, **supply)).start())
        return Shop(boxes[-1], make_client)

    yield open_it
    for box in boxes:
        box.close()


OpenShop = Callable[..., Shop]


def test_every_order_comes_once_and_no_more_searches_are_made_than_pages(open_shop: OpenShop) -> None:
    shop = open_shop()
    shop.catch_up()
    assert set(shop.states.values()) == {1}
    assert shop.due() <= shop.states.keys()
    assert shop.asked() == {SEARCH: 3}


@pytest.mark.long
def test_changes_are_delivered_as_they_come_each_once_and_late_ones_too(open_shop: OpenShop) -> None:
    # seven minutes late, and a search lies back two
    shop = open_shop(days=2.0, late=420.0)
    for _ in range(60):
        shop.catch_up()
        shop.clock.sleep(240.0)
    shop.settle()
    assert shop.due() <= shop.states.keys()
    assert set(shop.states.values()) == {1}
    assert len(shop.states) > 350
    assert shop.asked()[SEARCH] < 80


class WrongClock(VirtualClock):
    """The clock of a machine that is wrong by some seconds."""

    ahead = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.ahead)


@pytest.mark.parametrize("ahead", [100.0, -100.0, 3600.0])
def test_c3_a_machine_whose_clock_is_wrong_misses_nothing(make_client: MakeClient, ahead: float) -> None:
    with Sandbox(orders=OrderSupply(290, seed=7, days=2.0)) as box:
        shop = Shop(box, make_client)
        clock = WrongClock(box.clock)
        clock.ahead = ahead
        where: Any = {"endpoint": box.url, "token_url": box.token_url}
        shop.client = make_client(clock=clock, token_cache=TokenCache(clock), **where)
        for _ in range(10):
            shop.catch_up()
            shop.clock.sleep(240.0)
        shop.settle()
        assert shop.due() <= shop.states.keys()
        assert set(shop.states.values()) == {1}
        refused = [seen for seen in box.ledger.requests(SEARCH_ORDERS.name) if seen.status == 400]
        assert len(refused) == int(ahead > 0)


def test_without_an_overlap_late_changes_are_missed(open_shop: OpenShop) -> None:
    shop = open_shop(days=2.0, late=420.0)
    for _ in range(60):
        shop.catch_up(overlap=timedelta(0))
        shop.clock.sleep(240.0)
    assert shop.due() - shop.states.keys()


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.soak) for seed in (1, 2))])
def test_wherever_it_is_stopped_nothing_is_missed_and_only_the_page_in_hand_comes_again(
    open_shop: OpenShop, tmp_path: Any, seed: int
) -> None:
    shop, chance = open_shop(days=2.0, late=420.0), Random(seed)
    in_hand: Counter[State] = Counter()
    for _ in range(80):
        shop.store = FileCheckpoint(tmp_path / "sync.json")
        for batch in shop.sync(page_size=15).batches():
            shop.put(batch)
            if chance.random() < 0.3:  # killed, with the page in hand
                in_hand.update((order.amazon_order_id, order.last_update_date) for order in batch)
                break
            batch.commit()
        shop.clock.sleep(chance.random() * 600)
    shop.settle()
    assert shop.due() <= shop.states.keys()
    assert in_hand
    assert all(count <= 1 + in_hand[state] for state, count in shop.states.items())


def test_the_burst_is_used_first_and_then_each_turn_as_it_comes(open_shop: OpenShop) -> None:
    shop = open_shop(296)
    told: list[SyncProgress] = []
    began = shop.clock.monotonic()
    shop.catch_up(on_progress=told.append, page_size=10)
    took = shop.clock.monotonic() - began
    searches = shop.asked()[SEARCH]
    assert searches == len(told) == 30
    times = [seen.time for seen in shop.box.ledger.requests()]
    assert times[19] - times[0] < MINUTE < times[20] - times[0]
    ideal = (searches - 20) / 0.0056
    assert ideal <= took <= 1.02 * ideal
    assert told[-1].share == 1.0
    assert told[-1].items == len(shop.states)
    # five pages before the end, it says when that will be, give or take two pages
    assert told[24].done_at is not None
    assert abs((told[24].done_at - shop.clock.now()).total_seconds()) < 2 / 0.0056


def test_a_pass_of_which_the_token_expired_is_begun_anew(open_shop: OpenShop) -> None:
    shop = open_shop()
    first = next(iter(shop.sync().batches()))
    shop.put(first)
    first.commit()
    shop.clock.sleep(25 * 3600.0)
    for batch in shop.sync().batches():
        shop.put(batch)
        batch.commit()
    assert shop.due() <= shop.states.keys()
    refused = [seen for seen in shop.box.ledger.requests() if seen.status == 400]
    assert len(refused) == 1


def test_the_end_of_a_search_stays_where_it_was_while_its_pages_are_turned(open_shop: OpenShop) -> None:
    shop = open_shop(days=1.0)
    for batch in shop.sync().batches():
        shop.put(batch)
        shop.clock.sleep(3600.0)
        batch.commit()
    queries = [seen.query.partition("&paginationToken=")[0] for seen in shop.box.ledger.requests()]
    assert len(queries) > 2
    assert len({query.partition("lastUpdatedBefore=")[2][:20] for query in queries}) == 1


def test_missing_orders_are_found_and_no_others(open_shop: OpenShop) -> None:
    shop = open_shop()
    orders = [order.id for order in shop.box.orders()]
    lost = set(orders[::7])
    found = list(shop.sync().missing(set(orders) - lost, after=shop.clock.now() - MONTH))
    assert {order.amazon_order_id for order in found} == lost
    assert shop.asked() == {SEARCH: 3}


def test_an_order_that_a_notification_names_costs_one_call(open_shop: OpenShop) -> None:
    shop = open_shop()
    ids = [order.id for order in shop.box.orders()][:40]
    found: list[AmazonOrder] = []
    shop.clock.run([lambda: found.extend(shop.sync(pii={"buyerInfo"}).changed(ids))])
    assert {order.amazon_order_id for order in found} == set(ids)
    assert shop.asked() == {ONE: 40}


def test_each_connection_has_a_sync_of_its_own_and_they_do_not_wait_for_each_other(
    make_client: MakeClient,
) -> None:
    with Sandbox(orders=OrderSupply(230, days=5.0)) as box:
        clock = VirtualClock(box.clock)
        where: Any = {"endpoint": box.url, "token_url": box.token_url}
        first = make_client(clock=clock, token_cache=TokenCache(clock), **where)
        second = first.for_seller(box.add_seller("Atzr|second").refresh_token)
        ends = clock.monotonic() + 3600

        class Stop:
            def is_set(self) -> bool:
                return clock.monotonic() >= ends

        syncs = [
            OrderSync(client.orders, MemoryCheckpoint(), since=MONTH, marketplaces=EVERYWHERE, page_size=10)
            for client in (first, second)
        ]
        got: list[list[str]] = [[], []]

        def run(number: int) -> None:
            syncs[number].run(
                lambda batch: got[number].extend(order.amazon_order_id for order in batch),
                every=5 * MINUTE,
                stop=Stop(),
            )

        clock.run([lambda: run(0), lambda: run(1)])
        assert all(len(ids) > 220 for ids in got)
        assert not set(got[0]) & set(got[1])
        for sync in syncs:
            assert sync.status.last_run is not None
            assert sync.status.last_error is None
        seen = box.ledger.requests(SEARCH_ORDERS.name)
        assert {one.status for one in seen} == {200}
        assert len({one.seller for one in seen}) == 2


@pytest.mark.long
def test_a_run_goes_on_after_a_fault(open_shop: OpenShop) -> None:
    shop = open_shop(days=2.0)
    shop.box.add_fault("searchOrders", "status", status=503, count=4)
    sync = shop.sync()
    ends = shop.clock.monotonic() + 3 * 3600

    class Stop:
        def is_set(self) -> bool:
            return shop.clock.monotonic() >= ends

    sync.run(shop.put, every=5 * MINUTE, stop=Stop())
    status = sync.status
    assert str(status.last_error).startswith("searchOrders 503")
    assert (status.failures, status.delivered) == (0, shop.states.total())
    assert status.last_error_at is not None
    assert status.last_run is not None
    assert status.last_error_at < status.last_run
    assert set(shop.states.values()) == {1}
