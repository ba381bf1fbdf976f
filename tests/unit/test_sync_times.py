"""Changes with equal times, without a time, and with one that cannot be: each is delivered."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from spshipping.orders import AmazonOrder, BuyerInfo
from spshipping.sync import Checkpoint, MemoryCheckpoint
from spshipping.sync.page import Change, Page
from tests.kit import START
from tests.unit import test_sync, test_sync_async
from tests.unit.test_sync import DAY, LATEST, MINUTE, ScriptedFeed, change, kept, last

ODD_TIMES = [
    None,
    datetime(9999, 12, 31, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).replace(microsecond=999999),
    datetime(1, 1, 1, tzinfo=UTC),
    LATEST + DAY,
]


class Catching:
    """Takes every batch of a sync, and commits it: under threads, or under asyncio."""

    def __init__(self, way: str, feed: Any, store: MemoryCheckpoint) -> None:
        self._is_async = way == "asyncio"
        self._feed, self._store = feed, store

    def __call__(self, **options: Any) -> list[list[Any]]:
        if not self._is_async:
            return test_sync.taken(test_sync.sync_of(self._feed, self._store, **options))

        async def taken() -> list[list[Any]]:
            found: list[list[Any]] = []
            async for batch in test_sync_async.sync_of(self._feed, self._store, **options).batches():
                found.append(list(batch))
                await batch.commit()
            return found

        return asyncio.run(taken())


WAYS = pytest.mark.parametrize("way", ["threads", "asyncio"])


@WAYS
def test_c1_a_second_change_of_the_same_second_that_is_shown_late_is_delivered(way: str) -> None:
    time = LATEST - MINUTE
    first, second = Change("a", time, "Unshipped"), Change("a", time, "Shipped")
    feed, store = ScriptedFeed(last(first), last(second), last(second)), MemoryCheckpoint()
    taken = Catching(way, feed, store)
    for expected in ([["Unshipped"]], [["Shipped"]], []):
        assert taken() == expected
        feed.clock.elapsed += 120
        # another process goes on
        store.checkpoint = Checkpoint.from_json(kept(store).to_json())


@WAYS
def test_c1_a_change_back_within_the_same_second_is_delivered(way: str) -> None:
    time = LATEST - MINUTE
    states = [Change("a", time, word) for word in ("Unshipped", "Shipped", "Unshipped")]
    feed, store = ScriptedFeed(*map(last, states)), MemoryCheckpoint()
    taken = Catching(way, feed, store)
    for state in states:
        assert taken() == [[state.value]]
        feed.clock.elapsed += 60


def test_c1_orders_are_told_apart_by_what_their_repr_hides_too() -> None:
    jane, john = (
        Change("a", LATEST - MINUTE, AmazonOrder(amazon_order_id="a", buyer_info=BuyerInfo(buyer_name=name)))
        for name in ("Jane", "John")
    )
    feed: Any = ScriptedFeed(*(Page[Any]([found], None) for found in (jane, jane, john)))
    store = MemoryCheckpoint()
    for expected in ([[jane.value]], [], [[john.value]]):
        assert Catching("threads", feed, store)() == expected
        assert "Jane" not in kept(store).to_json()
        feed.clock.elapsed += 60


def test_c1_a_checkpoint_of_an_older_version_tells_equal_times_again() -> None:
    found = change("a", LATEST - MINUTE)
    store = MemoryCheckpoint(Checkpoint(LATEST - MINUTE, {"places": "UK"}, delivered={"a": LATEST - MINUTE}))
    assert Catching("threads", ScriptedFeed(last(found)), store)() == [[found.value]]


@WAYS
@pytest.mark.parametrize("odd", ODD_TIMES)
def test_c2_a_time_that_cannot_be_hides_no_later_change(way: str, odd: datetime | None) -> None:
    # at the last second of the first search, and shown after it
    late = change("a", LATEST - MINUTE)
    feed = ScriptedFeed(last(Change("a", odd, "odd")), last(late), last(late))
    store = MemoryCheckpoint()
    taken = Catching(way, feed, store)
    for expected in ([["odd"]], [[late.value]], []):
        assert taken() == expected
        feed.clock.elapsed += 120


@WAYS
@pytest.mark.parametrize("odd", ODD_TIMES)
def test_c2_a_time_that_cannot_be_stays_in_no_checkpoint_and_does_not_move_it(
    way: str, odd: datetime | None
) -> None:
    feed, store = ScriptedFeed(*[last(Change("a", odd, "odd"))] * 2, last()), MemoryCheckpoint()
    taken = Catching(way, feed, store)
    assert taken() == [["odd"]]
    state = kept(store)
    assert (state.until, state.delivered, state.undated) == (LATEST, {}, {"a": START})
    assert Checkpoint.from_json(state.to_json()) == state
    feed.clock.elapsed += 300
    assert taken() == []  # the same once more
    feed.clock.elapsed += 3600
    assert taken() == []
    assert kept(store) == Checkpoint(until=LATEST + 65 * MINUTE, filters={"places": "UK"})


@WAYS
def test_what_changed_while_a_long_pass_went_on_is_not_delivered_again_by_a_later_pass(way: str) -> None:
    # later than the end of the search that shows it, so that its time counts only in the next one
    found = change("a", LATEST + 50 * MINUTE)
    feed, store = ScriptedFeed(*[last(found)] * 3, last()), MemoryCheckpoint()
    taken = Catching(way, feed, store)
    assert taken() == [[found.value]]
    feed.clock.elapsed += 55 * 60
    assert taken() == []
    feed.clock.elapsed += 60
    assert taken() == []
    feed.clock.elapsed += 3600
    assert taken() == []
    assert kept(store).digests == {}


def test_c2_a_time_that_cannot_be_does_not_move_what_is_known_of_an_order() -> None:
    known, older = change("a", LATEST - MINUTE), change("a", LATEST - 2 * MINUTE)
    odd = Change("a", datetime(9999, 12, 31, tzinfo=UTC), "odd")
    feed, store = ScriptedFeed(last(known), last(odd), last(older)), MemoryCheckpoint()
    for expected in ([[known.value]], [["odd"]], []):
        assert Catching("threads", feed, store)() == expected
        assert kept(store).delivered == {"a": known.time}
        feed.clock.elapsed += 60


def test_c2_what_has_no_time_stands_at_the_end_of_its_batch_and_of_no_estimate() -> None:
    told: list[Any] = []
    good = change("b", LATEST - 12 * 60 * MINUTE)
    feed = ScriptedFeed(Page([Change("a", None, "odd"), good], "2"), last())
    assert Catching("threads", feed, MemoryCheckpoint())(
        overlap=timedelta(0), on_progress=told.append, since=LATEST - DAY
    ) == [[good.value, "odd"]]
    assert (told[0].share, told[0].pages_left) == (0.5, None)
