"""What the walks have found, one by one."""

from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from spshipping import ThrottledError
from spshipping.orders import AmazonOrder, OrderSource, OrderSync
from spshipping.sync import Checkpoint, MemoryCheckpoint, Window
from spshipping.sync.step import STEP_DEADLINE
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from tests.drives import DRIVES, Drive
from tests.kit import START, FakeClock, ScriptedTransport, answer, client_of, refusal
from tests.unit import test_sync
from tests.unit.orders.build import ONE, TWO
from tests.unit.orders.test_order_sync import UK, World, page
from tests.unit.orders.v2026_01_01.orders import order
from tests.unit.sync.test_named_changes import POINT, NamingFeed, Way, tasks, threads
from tests.unit.test_sync import LATEST, MINUTE, change, kept, last, taken
from tests.unit.vendor.imports.amazon import World as VendorWorld

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BOTH = OrderSource.BOTH
DOWN = refusal(500, "InternalFailure")
RECENT = order(ONE, lastUpdatedTime="2026-03-01T11:57:00Z")


def listed(kind: str = "Preorder") -> HttpResponse:
    """Make what Orders v0 has of an order."""
    return answer(200, {"payload": {"Orders": [{"AmazonOrderId": ONE, "OrderType": kind}]}})


def dated(network: ScriptedTransport, clock: FakeClock) -> Callable[[float], None]:
    """Let each answer state the time by Amazon's clock; return what sets by how much that is ahead."""
    exchange, ahead = network.exchange, [0.0]

    def stated(request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        came = exchange(request, limits)
        if isinstance(came, HttpResponse):
            time = clock.now() + timedelta(seconds=ahead[0])
            came = HttpResponse(
                came.status, {**came.headers, "date": format_datetime(time, usegmt=True)}, came.body
            )
        return came

    network.exchange = stated  # type: ignore[method-assign]

    def set_ahead(seconds: float) -> None:
        ahead[0] = seconds

    return set_ahead


@pytest.fixture(params=[threads, tasks])
def way(request: pytest.FixtureRequest) -> Way:
    found: Way = request.param
    return found


@pytest.mark.parametrize("cursor", [None, "again "])
def test_a_first_page_that_a_slow_clock_ends_early_leaves_its_window_undone(cursor: str | None) -> None:
    """A pass goes on in a process that does not know yet that its machine's clock is behind."""
    clock = FakeClock()
    network = ScriptedTransport([page(), page(RECENT)])
    dated(network, clock)(9 * 3600)
    now = clock.now() + 9 * HOUR
    window = Window(now - 15 * MINUTE, now - 3 * MINUTE)
    state = Checkpoint(now - 5 * MINUTE, {"marketplaceIds": UK}, window=window, cursor=cursor)
    store, found = MemoryCheckpoint(state), list[AmazonOrder]()
    sync = OrderSync(client_of(network, clock).orders, store)
    sync.step(found.extend, every=60)
    assert (found, kept(store).until, kept(store).window) == ([], state.until, None)
    sync.step(found.extend, every=60)
    assert [one.amazon_order_id for one in found] == [ONE]
    assert kept(store).until == now - timedelta(seconds=125)


def test_an_end_that_amazon_states_before_the_window_is_not_believed() -> None:
    world = World(answer(200, {"orders": [RECENT], "lastUpdatedBefore": "1970-01-01T00:00:00Z"}))
    assert world.ids() == [[ONE]]
    assert kept(world.store).until == LATEST


@pytest.mark.parametrize("make_drive", DRIVES)
def test_a_clock_that_runs_ahead_hides_no_later_change_of_a_purchase_order(
    make_drive: Callable[[], Drive],
) -> None:
    world = VendorWorld(make_drive)
    set_ahead = dated(world.amazon, world.clock)
    world.amazon.place("PO1", HOUR)
    world.clock.elapsed += 10 * 3600
    set_ahead(-10 * 3600)
    assert world.came() == [("PO1", "new")]
    assert max(kept(world.store).delivered.values(), default=START) <= START
    world.clock.elapsed -= 10 * 3600 - 300
    set_ahead(0)
    world.amazon.change("PO1")
    world.later(HOUR)
    assert world.came() == [("PO1", "changed")]
    world.drive.close()


def test_a_clock_that_is_set_back_does_not_end_the_searches() -> None:
    clock = FakeClock()
    network = ScriptedTransport([page(RECENT), page(), page(order("b")), page()])
    set_ahead = dated(network, clock)
    sync, found = OrderSync(client_of(network, clock).orders, MemoryCheckpoint()), list[AmazonOrder]()
    sync.step(found.extend, every=60)
    clock.elapsed += 600
    clock.start -= 5 * HOUR  # somebody sets it
    set_ahead(5 * 3600)
    sync.step(found.extend, every=60)
    assert [one.amazon_order_id for one in found] == [ONE, "b"]
    assert len(network.requests) == 3, "one only to ask for the time"


def test_an_order_that_v0_completed_is_not_replaced_by_less_of_it() -> None:
    world = World(page(RECENT), listed(), page(RECENT), DOWN, page(RECENT), listed("StandardOrder"))
    for expected in ([[ONE]], [], [[ONE]]):
        assert world.ids(source=BOTH) == expected
        world.clock.elapsed += 60


def test_an_order_that_v0_could_not_complete_is_delivered_again_once_it_can() -> None:
    world = World(page(RECENT), DOWN, page(RECENT), DOWN, page(RECENT), listed())
    changed = order(ONE, lastUpdatedTime="2026-03-01T11:57:00Z", orderItems=[])
    world.network.steps += [page(changed), DOWN]
    for expected in ([[ONE]], [], [[ONE]], [[ONE]]):
        assert world.ids(source=BOTH) == expected
        world.clock.elapsed += 60


def test_a_named_order_that_v0_completed_is_not_replaced_by_less_of_it() -> None:
    one, v0 = answer(200, {"order": RECENT}), {"AmazonOrderId": ONE, "OrderType": "Preorder"}
    world = World(one, answer(200, {"payload": v0}), one, DOWN, page(RECENT), DOWN)
    sync, found = world.sync(source=BOTH, since=DAY), list[AmazonOrder]()
    for _ in range(2):
        assert sync.step_changed([ONE], found.extend).delivered == [ONE]
    assert [made.order_type for made in found] == ["Preorder"]
    assert world.ids(source=BOTH) == []


def test_an_order_that_lacks_less_than_what_was_delivered_is_delivered_again() -> None:
    denied = refusal(403, "Unauthorized")  # no Restricted Data Token: no order is ever complete
    fails, works = (page(RECENT), denied, DOWN), (page(RECENT), denied, listed())
    world, found = World(*fails, *works, *fails, *works), list[AmazonOrder]()
    for expected in (1, 2, 2, 2):
        for batch in world.sync(source=BOTH, pii={"shippingAddress"}).batches():
            found.extend(batch)
            batch.commit()
        assert len(found) == expected
        world.clock.elapsed += 60
    assert [made.order_type for made in found] == [None, "Preorder"]
    assert all(made.incomplete for made in found)


def test_what_is_missing_is_not_left_out_where_v0_fails() -> None:
    world = World(page(RECENT), listed(), page(RECENT), DOWN)
    sync = world.sync(source=BOTH)
    for batch in sync.batches():
        batch.commit()
    assert [one.amazon_order_id for one in sync.missing((), after=START - DAY)] == [ONE]


def test_a_named_order_costs_no_call_of_v0_after_its_end() -> None:
    world = World(answer(200, {"order": RECENT}))
    world.clock.elapsed = timedelta(days=365 * 2).total_seconds()
    found: list[AmazonOrder] = []
    assert world.sync(source=BOTH).step_changed([ONE], found.extend).delivered == [ONE]


def test_a_step_waits_for_v0_as_long_as_a_step_may_take() -> None:
    busy = refusal(429, "QuotaExceeded", retry_after="400")
    world, found = World(page(RECENT), busy, listed()), list[AmazonOrder]()
    world.sync(source=BOTH).step(found.extend, every=60)
    assert [one.incomplete is None for one in found] == [False]
    assert sum(world.clock.slept) < 120


def test_a_named_order_is_not_waited_for_longer_than_a_step_may_take() -> None:
    world, found = World(refusal(429, "QuotaExceeded", retry_after="400")), list[AmazonOrder]()
    step = world.sync().step_changed([ONE, TWO], found.extend)
    assert (step.delivered, step.error, step.wait, found) == ([], None, 400, [])
    assert sum(world.clock.slept) < STEP_DEADLINE


def test_named_items_are_fetched_until_the_time_of_a_step_is_over(way: Way) -> None:
    class Slow(NamingFeed):
        async def change(self, item_id: str) -> Any:
            self.clock.elapsed += STEP_DEADLINE / 2
            return await super().change(item_id)

    feed, found = Slow(change("a", LATEST), change("b", LATEST)), list[str]()
    step = way(feed, MemoryCheckpoint(POINT))(["a", "b", "c"], found.extend)
    assert (step.delivered, step.wait, step.error) == (["a", "b"], 0, None)
    assert len(found) == 2


def test_a_429_that_says_nothing_is_no_failure_of_a_named_item(way: Way) -> None:
    feed = NamingFeed(ThrottledError("slow down"))
    step = way(feed, MemoryCheckpoint(POINT))(["a"], print)
    assert (step.error, step.met_by, step.wait) == (None, None, 60)


def test_what_was_named_a_moment_before_its_time_is_not_delivered_again(way: Way) -> None:
    """Amazon's clock may be ahead by a moment, as no answer shows."""
    named = change("a", START + timedelta(seconds=2))
    feed = NamingFeed(named, pages=[last(), last(named), last(named)])
    store, found = MemoryCheckpoint(POINT), list[str]()
    way(feed, store)(["a"], found.extend)
    assert found == ["a at 12:00"]
    for _ in range(3):
        assert taken(test_sync.sync_of(feed, store)) == []
        feed.clock.elapsed += 300
    assert kept(store).delivered == {"a": named.time}
