"""Steps make progress, or raise, whatever is refused and whoever uses up the quota."""

import asyncio
import json
import logging
import threading
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from spshipping import InvalidRequestError, LeaseLostError, PaginationError, QuotaError, ThrottledError
from spshipping.orders import OrderSync
from spshipping.orders.v2026_01_01 import SEARCH_ORDERS
from spshipping.sync import Checkpoint, FileCheckpoint, MemoryCheckpoint, SyncStatus, Window
from spshipping.sync.page import Page
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from tests.kit import START, FakeClock, ScriptedTransport, answer, client_of, refusal
from tests.unit import test_sync, test_sync_async
from tests.unit.orders.test_order_sync import FULL, SINCE, World, page
from tests.unit.orders.v2026_01_01.orders import order
from tests.unit.test_sync import DAY, LATEST, ScriptedFeed, change, kept, last
from tests.unit.test_sync_step import EVERY, WAYS, Way

INTERVAL = 1 / SEARCH_ORDERS.quota.rate
GONE = refusal(400, "InvalidInput", "Invalid paginationToken")


def step(world: World, sync: OrderSync) -> list[str | None]:
    """Make a step, and let the time pass until the next one is due."""
    found: list[str | None] = []
    due = sync.step(lambda batch: found.extend(one.amazon_order_id for one in batch), every=300)
    world.clock.elapsed += max(0.001, (due - world.clock.now()).total_seconds())
    return found


def test_an_expired_token_and_no_quota_cost_one_search() -> None:
    world = World(page(order("a"), token="t"), *[page()] * 19, GONE, page(order("a"), order("b")))
    sync = world.sync()
    assert step(world, sync) == ["a"]
    for _ in range(19):
        world.client.orders.v2026_01_01.search_orders(last_updated_after=SINCE)
    found = [step(world, sync) for _ in range(3)]
    assert found == [[], [], ["a", "b"]]
    assert ["paginationToken" in query for query in world.queries[-2:]] == [True, False]
    assert world.store.checkpoint is not None
    assert world.store.checkpoint.window is None


@WAYS
def test_tokens_that_are_always_refused_are_an_error_of_each_step(way: Any) -> None:
    first, gone = Page([change("a", LATEST - DAY)], "2"), PaginationError("expired")
    feed = ScriptedFeed(first, gone, first, gone, first, gone, first, last(change("b", LATEST)))
    feed.waits = [0.0] * 100
    steps = Way(way, feed)
    steps.step()
    steps.step()  # begins again
    for _ in range(2):
        with pytest.raises(PaginationError, match="expired"):
            steps.step()
        assert steps.store.checkpoint is not None
        assert steps.store.checkpoint.cursor is None
        steps.step()
    assert steps.step() == EVERY
    assert steps.delivered == ["a at 11:57"] * 4 + ["b at 11:57"]
    assert feed.steps == []


def test_a_token_that_was_accepted_lets_a_later_one_expire() -> None:
    window = Window(START - DAY, LATEST)
    state = Checkpoint(START - DAY, {}, window=window).at_page("1", 1).begun_again(LATEST)
    assert Checkpoint.from_json(state.to_json()) == state
    first = state.at_page("1", 1)
    assert Checkpoint.from_json(first.to_json()) == first
    assert (state.restarts, first.restarts, first.at_page("2", 1).restarts) == (1, 1, 0)
    assert "restarts" not in first.at_page("2", 1).to_json()
    assert first.begun(window).restarts == first.at_end(LATEST, DAY).restarts == 0


@WAYS
def test_tokens_that_are_refused_further_on_each_time_are_an_error_too(way: Any) -> None:
    """Such as those of the second week of an import, whose first takes pages of its own."""
    pages: list[Page[str] | Exception] = [Page([change("a", LATEST - DAY)], "2"), Page([], "3")]
    pages.append(PaginationError("expired"))
    steps = Way(way, ScriptedFeed(*pages * 4))
    steps.feed.waits = [0.0] * 100
    for _ in range(3):
        steps.step()  # the third begins again
    for count in (1, 2):
        for _ in range(count):
            steps.step()
        with pytest.raises(PaginationError, match="expired"):
            steps.step()


@WAYS
@pytest.mark.parametrize("length", [1, 2, 3, 7])
@pytest.mark.parametrize("before", [0, 1, 5])
def test_pages_that_go_round_from_step_to_step_are_an_error(way: Any, before: int, length: int) -> None:
    tokens = [f"first {number}" for number in range(before)] + [f"{number % length}" for number in range(60)]
    steps = Way(way, ScriptedFeed(*[Page[str]([], token) for token in tokens]))

    def walk() -> None:
        for _ in range(60):
            steps.step()

    with pytest.raises(PaginationError, match="names a page again"):
        walk()
    assert len(steps.feed.asked) <= 4 * (before + length) + 1
    steps.feed.steps = [Page([], kept(steps.store).cursor)]
    with pytest.raises(PaginationError, match="names a page again"):
        steps.step()


@WAYS
def test_a_pass_that_ends_while_no_quota_is_left_is_followed_as_it_is_wanted(way: Any) -> None:
    feed = ScriptedFeed(Page([change("a", LATEST - DAY)], "2"), last(change("b", LATEST)))
    steps = Way(way, feed)
    steps.step()
    feed.waits = [0.0, 178.0]
    assert steps.step() == EVERY
    assert steps.delivered == ["a at 11:57", "b at 11:57"]


@pytest.mark.parametrize("refused", [refusal(429, "QuotaExceeded", retry_after="1000")])
def test_a_step_does_not_wait_as_long_as_amazon_may_say(refused: HttpResponse) -> None:
    world = World(*[refused] * 10)
    with pytest.raises((ThrottledError, QuotaError)):
        step(world, world.sync())
    assert sum(world.clock.slept) <= 120


def test_a_step_asks_for_the_time_without_waiting_for_the_quota() -> None:
    world = World(refusal(429, "QuotaExceeded"), page(), page(order("a")))
    world.store.checkpoint = Checkpoint(world.clock.now() + timedelta(minutes=5), world.sync()._feed.filters)
    assert step(world, world.sync()) == []
    assert sum(world.clock.slept) < 30
    assert INTERVAL - 2 < world.clock.elapsed < INTERVAL * 2


def test_a_first_page_that_is_requested_once_more_is_as_the_sync_is_by_then() -> None:
    world = World(page(*FULL), answer(200, {"orders": []}))
    assert step(world, world.sync(pii={"buyerInfo"})) == []
    assert world.store.checkpoint is not None
    assert json.loads(world.store.checkpoint.to_json())["pass"]["cursor"] == "again "
    assert step(world, world.sync(page_size=50)) == []
    first, again = world.queries
    assert "BUYER" in first["includedData"]
    assert "BUYER" not in again["includedData"]
    assert {**again, "includedData": "", "maxResultsPerPage": "100"} == {**first, "includedData": ""}


def test_a_page_is_full_by_the_size_with_which_its_pass_began() -> None:
    twenty = [order(f"o{number}") for number in range(20)]
    world = World(page(*twenty, token="t"), page(*twenty), page(*twenty, order("last")))
    step(world, world.sync(page_size=20))
    sync = world.sync(page_size=100)
    found = [step(world, sync) for _ in range(2)]
    assert [len(ids) for ids in found] == [0, 21]
    assert world.queries[1] == world.queries[2]


class Dated(ScriptedTransport):
    """States a time by Amazon's clock."""

    def __init__(self, clock: FakeClock, seconds: float) -> None:
        super().__init__([page(order("a"))] * 3)
        self._now, self._ahead = clock.now, timedelta(seconds=seconds)

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        came = super().exchange(request, limits)
        assert isinstance(came, HttpResponse)
        date = format_datetime(self._now() + self._ahead, usegmt=True)
        return HttpResponse(came.status, {**came.headers, "date": date}, came.body)


@pytest.mark.parametrize("ahead", [-3600, -6, 0, 6, 3600])
def test_when_the_next_step_is_due_is_said_by_the_clock_of_this_machine(ahead: float) -> None:
    clock = FakeClock()
    sync = OrderSync(
        client_of(Dated(clock, ahead), clock).orders, MemoryCheckpoint(), since=timedelta(days=1)
    )
    assert sync.step(print, every=300) - clock.now() == timedelta(seconds=300)
    clock.elapsed += 300
    assert sync.step_in(print, every=300) == 300


def test_a_function_that_only_listens_cannot_end_a_sync(caplog: pytest.LogCaptureFixture) -> None:
    class Stop:
        def is_set(self) -> bool:
            return feed.clock.elapsed > 100

    def full(_: object) -> None:
        raise OSError("Ulm, no space left")

    feed = ScriptedFeed(last(change("a", LATEST - DAY)), last())
    sync = test_sync.sync_of(feed, on_progress=full)
    found: list[str] = []
    with caplog.at_level(logging.WARNING, logger="spshipping"):
        sync.run(found.extend, every=60, stop=Stop(), on_status=full)
    assert found == ["a at 11:57"]
    assert sync.status._replace(last_run=None) == SyncStatus(delivered=1)
    assert "on_progress raised OSError; ignored" in caplog.text
    assert "on_status raised OSError; ignored" in caplog.text
    assert "Ulm" not in caplog.text


class Held(FileCheckpoint):
    """A file whose lock takes as long as a test wants."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.has_begun, self.may_go_on = threading.Event(), threading.Event()

    def lock(self) -> None:
        self.has_begun.set()
        assert self.may_go_on.wait(60)
        super().lock()


def test_a_step_that_is_cancelled_while_its_checkpoint_is_being_locked_leaves_no_lock(tmp_path: Path) -> None:
    async def main() -> None:
        store = Held(tmp_path / "orders.json")
        sync = test_sync_async.sync_of(ScriptedFeed(last()), store)
        task = asyncio.create_task(sync.step(print, every=60))
        assert await asyncio.to_thread(store.has_begun.wait, 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        store.may_go_on.set()
        for _ in range(10_000):  # until the thread has taken the lock, and let it go
            try:
                await sync.step(print, every=60)
            except LeaseLostError:
                await asyncio.sleep(0)
            else:
                return
        raise AssertionError("the lock is still held")

    asyncio.run(main())


def test_a_lock_that_has_to_be_awaited_is_refused() -> None:
    class Store(MemoryCheckpoint):
        async def lock(self) -> None:
            """Cannot be called by a thread."""

    with pytest.raises(InvalidRequestError, match="a coroutine function"):
        test_sync_async.sync_of(ScriptedFeed(), Store())
