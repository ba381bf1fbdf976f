"""What notifications name: fetched by its id, delivered once, and noted for the searches that follow."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from spshipping import (
    ConfigurationError,
    InvalidRequestError,
    NotFoundError,
    QuotaError,
    ServerError,
    SpShippingError,
)
from spshipping.sync import Checkpoint, MemoryCheckpoint, StepOfChanges, Window
from spshipping.sync.page import Change
from tests.kit import START
from tests.unit import test_sync, test_sync_async
from tests.unit.test_sync import DAY, LATEST, MINUTE, ScriptedFeed, change, kept, last, taken

Steps = Callable[..., StepOfChanges]
POINT = Checkpoint(LATEST - 60 * MINUTE, {"places": "UK"})


class NamingFeed(ScriptedFeed):
    """A feed that fetches items by their ids, or fails to."""

    def __init__(self, *found: Change[str] | SpShippingError, pages: Sequence[Any] = ()) -> None:
        super().__init__(*pages)
        self.found = list(found)
        self.named: list[str] = []

    async def change(self, item_id: str) -> Change[str]:
        self.named.append(item_id)
        one = self.found.pop(0)
        if isinstance(one, SpShippingError):
            raise one
        return one


def threads(feed: ScriptedFeed, store: MemoryCheckpoint) -> Steps:
    return test_sync.sync_of(feed, store).step_changed


def tasks(feed: ScriptedFeed, store: MemoryCheckpoint) -> Steps:
    sync = test_sync_async.sync_of(feed, store)
    return lambda *args: asyncio.run(sync.step_changed(*args))


@pytest.fixture(params=[threads, tasks])
def way(request: pytest.FixtureRequest) -> Callable[[ScriptedFeed, MemoryCheckpoint], Steps]:
    found: Callable[[ScriptedFeed, MemoryCheckpoint], Steps] = request.param
    return found


Way = Callable[[ScriptedFeed, MemoryCheckpoint], Steps]


def test_what_is_named_is_fetched_once_each_and_delivered_in_one_batch(way: Way) -> None:
    feed = NamingFeed(change("b", START - MINUTE), change("a", START - 3 * MINUTE))
    store, batches = MemoryCheckpoint(POINT), list[list[str]]()
    step = way(feed, store)(["b", "a", "b"], lambda batch: batches.append(list(batch)))
    assert batches == [["a at 11:57", "b at 11:59"]]
    assert step == StepOfChanges(["b", "a"])
    assert feed.named == ["b", "a"]
    assert feed.asked == []
    assert kept(store).until == POINT.until
    assert set(kept(store).delivered) == {"a", "b"}


def test_a_search_does_not_deliver_again_what_a_notification_has_named(way: Way) -> None:
    named = change("a", START - MINUTE)
    feed = NamingFeed(named, pages=[last(change("b", LATEST), named), last(change("a", START))])
    store, found = MemoryCheckpoint(POINT), list[str]()
    way(feed, store)(["a"], found.extend)
    feed.clock.elapsed += 300
    assert taken(test_sync.sync_of(feed, store)) == [["b at 11:57"]]
    feed.clock.elapsed += 3600
    assert taken(test_sync.sync_of(feed, store)) == [["a at 12:00"]], "once it has changed again"
    assert kept(store).delivered == {}


def test_what_was_delivered_as_it_is_is_left_out_and_counts_as_delivered(way: Way) -> None:
    found_by_search = change("a", LATEST - MINUTE)
    feed = NamingFeed(found_by_search, pages=[last(found_by_search)])
    store, found = MemoryCheckpoint(POINT), list[str]()
    taken(test_sync.sync_of(feed, store))
    assert way(feed, store)(["a"], found.extend).delivered == ["a"]
    assert found == []


@pytest.mark.parametrize("age", [timedelta(days=-1), timedelta(days=20 * 365), None])
def test_a_time_that_cannot_be_hides_no_change(way: Way, age: timedelta | None) -> None:
    odd = Change("a", None if age is None else START - age, "odd")
    feed = NamingFeed(odd, pages=[last(odd), last(Change("a", START + DAY / 2, "later"))])
    store, found = MemoryCheckpoint(POINT), list[str]()
    way(feed, store)(["a"], found.extend)
    assert found == ["odd"]
    assert taken(test_sync.sync_of(feed, store)) == [], "as it is, it was delivered"
    feed.clock.elapsed += 86_400
    assert taken(test_sync.sync_of(feed, store)) == [["later"]]


def test_a_change_from_before_the_checkpoint_is_delivered_and_not_noted(way: Way) -> None:
    feed, store, found = NamingFeed(change("a", START - DAY)), MemoryCheckpoint(POINT), list[str]()
    way(feed, store)(["a"], found.extend)
    assert found == ["a at 12:00"]
    assert kept(store) == POINT


def test_a_pass_under_way_goes_on_where_it_was(way: Way) -> None:
    window = Window(POINT.until, LATEST)
    under_way = POINT._replace(window=window, cursor="2", pages=1, items=4)
    named = change("a", LATEST - MINUTE)
    feed, store = NamingFeed(named, pages=[last(named, change("b", LATEST))]), MemoryCheckpoint(under_way)
    way(feed, store)(["a"], list[str]().extend)
    point = kept(store)
    assert (point.window, point.cursor, point.pages, point.items) == (window, "2", 1, 4)
    assert taken(test_sync.sync_of(feed, store)) == [["b at 11:57"]]


def test_without_a_checkpoint_one_is_made_first(way: Way) -> None:
    feed, store = NamingFeed(change("a", START - MINUTE)), MemoryCheckpoint()
    way(feed, store)(["a"], list[str]().extend)
    assert kept(store).until == START - DAY


def test_where_the_quota_allows_no_call_the_others_are_delivered_and_the_wait_is_returned(way: Way) -> None:
    refused = QuotaError("no turn")
    refused.wait = 2.5
    feed, found = NamingFeed(change("a", LATEST), refused), list[str]()
    step = way(feed, MemoryCheckpoint(POINT))(["a", "b", "c"], found.extend)
    assert step == StepOfChanges(["a"], {}, 2.5)
    assert found == ["a at 11:57"]
    assert feed.named == ["a", "b"]


def test_after_two_minutes_what_was_fetched_is_delivered_and_the_rest_is_left_for_the_next_step(
    way: Way,
) -> None:
    class SlowFeed(NamingFeed):
        async def change(self, item_id: str) -> Change[str]:
            self.clock.elapsed += 50
            return await super().change(item_id)

    feed, found = SlowFeed(*[change(one, LATEST) for one in "abcd"]), list[str]()
    step = way(feed, MemoryCheckpoint(POINT))(["a", "b", "c", "d"], found.extend)
    assert step == StepOfChanges(["a", "b", "c"])
    assert len(found) == 3
    assert feed.named == ["a", "b", "c"]


def test_one_that_cannot_be_fetched_does_not_stop_the_others(way: Way) -> None:
    odd = NotFoundError("no such order")
    feed, found = NamingFeed(odd, change("b", LATEST)), list[str]()
    step = way(feed, MemoryCheckpoint(POINT))(["a", "b"], found.extend)
    assert step == StepOfChanges(["b"], {"a": odd})
    assert found == ["b at 11:57"]


def test_an_error_that_is_not_of_one_item_ends_the_step_after_what_was_fetched(way: Way) -> None:
    down = ServerError("out of order")
    feed, found = NamingFeed(change("a", LATEST), down), list[str]()
    step = way(feed, MemoryCheckpoint(POINT))(["a", "b", "c"], found.extend)
    assert step == StepOfChanges(["a"], error=down, met_by="b")
    assert found == ["a at 11:57"]


def test_what_could_not_be_delivered_is_not_noted(way: Way) -> None:
    feed, store = NamingFeed(change("a", LATEST)), MemoryCheckpoint(POINT)

    def fail(_: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        way(feed, store)(["a"], fail)
    assert kept(store) == POINT


def test_a_sync_that_only_searches_says_so(way: Way) -> None:
    step = way(ScriptedFeed(), MemoryCheckpoint(POINT))
    with pytest.raises(ConfigurationError, match="cannot fetch what a notification names"):
        step(["a"], print)
    with pytest.raises(InvalidRequestError, match="takes a function"):
        step(["a"], "print")
