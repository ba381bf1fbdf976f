"""One step of a sync: one page, no waiting, and when the next is due; under threads and under asyncio."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from spshipping import ConfigurationError, InvalidRequestError, QuotaError, ServerError
from spshipping.sync import Checkpoint, MemoryCheckpoint, Window
from spshipping.sync.page import Change, Page
from tests.kit import START
from tests.unit import test_sync, test_sync_async
from tests.unit.test_sync import DAY, LATEST, MINUTE, ScriptedFeed, change, kept, last

EVERY = 5 * MINUTE
Steps = Callable[..., datetime]


def threads(feed: ScriptedFeed, store: MemoryCheckpoint) -> Steps:
    return test_sync.sync_of(feed, store).step


def tasks(feed: ScriptedFeed, store: MemoryCheckpoint) -> Steps:
    sync = test_sync_async.sync_of(feed, store)
    return lambda *args, **options: asyncio.run(sync.step(*args, **options))


WAYS = pytest.mark.parametrize("way", [threads, tasks])


class Way:
    """Steps, and what they delivered."""

    def __init__(self, way: Any, feed: ScriptedFeed) -> None:
        self.feed, self.store = feed, MemoryCheckpoint()
        self.delivered: list[str] = []
        self._step: Steps = way(feed, self.store)

    def step(self, deliver: Any = None, every: Any = EVERY) -> timedelta:
        """Make a step, and return in how long the next one is due."""
        return self._step(deliver or self.delivered.extend, every=every) - self.feed.clock.now()


def test_a_step_may_say_in_how_many_seconds_the_next_one_is_due() -> None:
    sync = test_sync_async.sync_of(two_pages())
    found: list[str] = []
    assert [asyncio.run(sync.step_in(found.extend, every=EVERY)) for _ in range(2)] == [0, 300]
    assert found == ["a at 11:57", "b at 11:57"]


def two_pages() -> ScriptedFeed:
    return ScriptedFeed(Page([change("a", LATEST - DAY)], "2"), last(change("b", LATEST - DAY)))


@WAYS
def test_a_step_is_one_page_and_the_next_is_due_at_once_while_a_pass_is_under_way(way: Any) -> None:
    steps = Way(way, two_pages())
    assert steps.step() == timedelta(0)
    assert steps.delivered == ["a at 11:57"]
    assert kept(steps.store).cursor == "2"
    assert steps.step() == EVERY
    assert steps.delivered == ["a at 11:57", "b at 11:57"]
    assert kept(steps.store).window is None
    assert steps.feed.clock.slept == []


@WAYS
def test_where_the_quota_allows_no_page_nothing_is_sent_and_the_wait_is_returned(way: Any) -> None:
    steps = Way(way, two_pages())
    steps.feed.waits = [178.0]
    assert steps.step() == timedelta(seconds=178)
    assert steps.feed.asked == []
    # two before the page, and one after it
    steps.feed.waits = [0.0, 0.0, 60.0]
    assert steps.step() == timedelta(seconds=60)
    assert steps.delivered == ["a at 11:57"]
    steps.feed.waits = [30.0]
    assert steps.step() == timedelta(seconds=30)
    assert len(steps.feed.asked) == 1
    assert steps.feed.clock.slept == []


@WAYS
def test_a_page_without_anything_new_is_a_step_too(way: Any) -> None:
    steps = Way(way, ScriptedFeed(Page([], "2"), last(change("b", LATEST - DAY))))
    assert steps.step() == timedelta(0)
    assert steps.delivered == []
    assert kept(steps.store).cursor == "2"
    steps.step()
    assert steps.delivered == ["b at 11:57"]


@WAYS
def test_a_pass_that_was_completed_begins_the_next_one_in_the_next_step(way: Any) -> None:
    steps = Way(way, ScriptedFeed(last(), last(change("c", LATEST))))
    steps.step()
    steps.feed.clock.elapsed += 300
    steps.step()
    assert steps.delivered == ["c at 11:57"]


@WAYS
def test_an_error_is_raised_and_the_next_step_begins_with_what_was_not_committed(way: Any) -> None:
    steps = Way(way, ScriptedFeed(ServerError("out of order"), *(two_pages().steps[:1] * 2)))
    with pytest.raises(ServerError):
        steps.step()

    def fail(_: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        steps.step(fail)
    steps.step()
    assert steps.delivered == ["a at 11:57"]


@WAYS
def test_a_token_that_has_expired_costs_a_step(way: Any) -> None:
    feed = ScriptedFeed(InvalidRequestError("is no cursor"), last(change("a", LATEST - DAY)))
    steps = Way(way, feed)
    window = Window(START - DAY, LATEST)
    steps.store.checkpoint = Checkpoint(START - DAY, {"places": "UK"}, window=window, cursor="old")
    steps.step()
    assert steps.delivered == ["a at 11:57"]
    assert [cursor for _, cursor in feed.asked] == ["old", None]


@WAYS
def test_what_is_no_function_and_no_span_of_time_is_refused(way: Any) -> None:
    steps = Way(way, two_pages())
    with pytest.raises(InvalidRequestError, match="takes a function"):
        steps.step("print")
    with pytest.raises(InvalidRequestError, match="more than zero"):
        steps.step(every=0)
    assert steps.feed.asked == []


@WAYS
def test_a_checkpoint_of_another_sync_is_refused(way: Any) -> None:
    steps = Way(way, two_pages())
    steps.store.checkpoint = Checkpoint(START - DAY, {"places": "DE"})
    with pytest.raises(ConfigurationError):
        steps.step()


def test_what_is_not_to_be_kept_is_delivered_each_time_that_it_is_found() -> None:
    found = Change("a", None, "a is missing", is_kept=False)
    feed = ScriptedFeed(last(found), last(found))
    store = MemoryCheckpoint()
    sync = test_sync.sync_of(feed, store)
    assert test_sync.taken(sync) == [["a is missing"]]
    assert kept(store).digests == {}
    feed.clock.elapsed += 300
    assert test_sync.taken(sync) == [["a is missing"]]


def test_a_change_may_say_what_tells_its_states_apart_and_what_it_is_when_it_comes_again() -> None:
    def of(version: str) -> Change[str]:
        return Change("a", LATEST, f"new {version}", version[0], again=f"again {version}")

    feed = ScriptedFeed(last(of("1 first")), last(of("1 second")), last(of("2 third")))
    sync = test_sync.sync_of(feed)
    found = []
    for _ in range(3):
        found += test_sync.taken(sync)
        feed.clock.elapsed += 300
    assert found == [["new 1 first"], ["again 2 third"]]


@WAYS
def test_a_step_whose_page_would_have_to_wait_for_the_quota_ends_and_says_when(way: Any) -> None:
    steps = Way(way, ScriptedFeed(Page([], None, wait=50.0), last(change("a", LATEST - DAY))))
    assert steps.step() == timedelta(seconds=50)
    assert (steps.delivered, steps.feed.clock.slept) == ([], [])
    assert steps.step() == EVERY
    assert steps.delivered == ["a at 11:57"]
    assert steps.feed.longest == [30.0, 30.0]


def test_a_whole_pass_waits_as_long_as_the_quota_requires() -> None:
    feed = ScriptedFeed(last())
    assert list(test_sync.sync_of(feed).batches()) == []
    assert feed.longest == [None]


@WAYS
def test_what_a_page_needs_of_another_quota_is_no_reason_to_say_nothing(way: Any) -> None:
    steps = Way(way, ScriptedFeed(QuotaError("late", wait=50.0)))
    with pytest.raises(QuotaError, match="late"):
        steps.step()
