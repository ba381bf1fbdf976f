"""Where a sync begins: what `since` may be, and how a sync is set back on purpose."""

import asyncio
import logging
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from spshipping import ConfigurationError, InvalidRequestError, LeaseLostError
from spshipping.orders import FulfillmentChannel, OrderSync
from spshipping.sync import Checkpoint, MemoryCheckpoint, Window
from spshipping.sync.page import Page
from tests.kit import START, ScriptedTransport, client_of
from tests.unit import test_sync, test_sync_async
from tests.unit.test_sync import DAY, LATEST, MINUTE, ScriptedFeed, change, kept, last, sync_of, taken

BAD_SINCE: list[tuple[Any, str]] = [
    (timedelta(days=-30), "is negative"),
    (timedelta.max, "before there was anything"),
    (START + DAY, "lies in the future"),
    (datetime(1, 1, 1, tzinfo=UTC), "before there was anything"),
    (datetime(9999, 12, 31, tzinfo=UTC), "far in the future"),
    (datetime(2026, 1, 1), "naive"),  # noqa: DTZ001 - naive on purpose
    ("2026-01-01T00:00:00Z", "is a datetime, or a timedelta"),
    (3600, "is a datetime, or a timedelta"),
    (None, "is a datetime, or a timedelta"),
]
BAD_OVERLAP: list[Any] = [600, "10m", None, -MINUTE, timedelta(days=31), timedelta.max]
ARGUMENTS: list[tuple[dict[str, Any], str]] = [
    ({"marketplaces": "A1F83G8C2ARO7P"}, "marketplaces"),
    ({"marketplaces": []}, "marketplaces"),
    ({"marketplaces": [5]}, "marketplaces"),
    ({"marketplaces": [f"A{number:012}" for number in range(51)]}, "marketplaceIds"),
    ({"channels": "MFN"}, "channels"),
    ({"channels": []}, "channels"),
    ({"channels": ["FBA"]}, "channels"),
    ({"channels": [5]}, "channels"),
    ({"page_size": 0}, "maxResultsPerPage"),
    ({"page_size": 101}, "maxResultsPerPage"),
    ({"page_size": "50"}, "page_size"),
    ({"page_size": True}, "page_size"),
    ({"tiemout": 5}, "tiemout"),
    ({"timeout": "5"}, "timeout"),
    ({"on_progress": 5}, "on_progress"),
]


@pytest.mark.parametrize(("since", "reason"), BAD_SINCE)
def test_c4_a_since_that_cannot_be_meant_is_refused_at_once(since: Any, reason: str) -> None:
    for make in (test_sync.sync_of, test_sync_async.sync_of):
        with pytest.raises(InvalidRequestError, match=reason) as caught:
            make(ScriptedFeed(), since=since)
        assert caught.value.path == "since"


@pytest.mark.parametrize("overlap", BAD_OVERLAP)
def test_c4_an_overlap_that_cannot_be_meant_is_refused_at_once(overlap: Any) -> None:
    with pytest.raises(InvalidRequestError, match="overlap: is a timedelta, of 0 to 30 days"):
        sync_of(ScriptedFeed(), overlap=overlap)


@pytest.mark.parametrize(("options", "path"), ARGUMENTS)
def test_c4_what_no_search_takes_is_refused_at_once(options: dict[str, Any], path: str) -> None:
    client = client_of(ScriptedTransport())
    with pytest.raises(InvalidRequestError) as caught:
        OrderSync(client.orders, MemoryCheckpoint(), **options)
    assert caught.value.path == path


def test_c4_a_channel_may_be_given_as_amazon_writes_it() -> None:
    channels: Any
    for channels in (["MFN"], [FulfillmentChannel.MERCHANT]):
        sync = OrderSync(client_of(ScriptedTransport()).orders, MemoryCheckpoint(), channels=channels)
        assert sync._feed.filters["fulfilledBy"] == "MERCHANT"


def test_c4_a_search_begins_and_ends_at_a_whole_second() -> None:
    feed, store = ScriptedFeed(last()), MemoryCheckpoint()
    feed.clock.elapsed = 0.123456
    taken(sync_of(feed, store, overlap=timedelta(minutes=10, microseconds=5)))
    (window, _), until = feed.asked[0], kept(store).until
    assert [time.microsecond for time in (*window, until)] == [0, 0, 0]
    assert window.after == START - DAY - timedelta(minutes=10, seconds=1)


def test_c4_that_a_checkpoint_comes_before_since_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    feed, store = ScriptedFeed(last(), last()), MemoryCheckpoint(Checkpoint(LATEST - DAY, {"places": "UK"}))
    sync = sync_of(feed, store, since=timedelta(days=30))
    for _ in range(2):
        taken(sync)
        feed.clock.elapsed += 300
    (line,) = [line for line in caplog.messages if "checkpoint" in line]
    assert "since= counts only without one, and rewind() sets it back" in line
    caplog.clear()
    taken(sync_of(ScriptedFeed(last())))
    assert caplog.messages == []


def test_c4_a_checkpoint_in_the_future_is_said_aloud(caplog: pytest.LogCaptureFixture) -> None:
    store = MemoryCheckpoint(Checkpoint(START + DAY, {"places": "UK"}))
    assert taken(sync_of(ScriptedFeed(), store)) == []
    assert "which lies in the future: nothing is searched until then" in caplog.text


@pytest.mark.parametrize("since", [timedelta(days=3), START - timedelta(days=3)])
@pytest.mark.parametrize("way", ["threads", "asyncio"])
def test_c4_a_sync_is_set_back_on_purpose_and_delivers_again(way: str, since: datetime | timedelta) -> None:
    found = change("a", LATEST - MINUTE)
    feed, store = ScriptedFeed(last(found), last(found)), MemoryCheckpoint()
    assert taken(sync_of(feed, store)) == [[found.value]]
    if way == "threads":
        sync_of(feed, store).rewind(since)
    else:
        asyncio.run(test_sync_async.sync_of(feed, store).rewind(since))
    assert kept(store) == Checkpoint(START - timedelta(days=3), {"places": "UK"})
    assert taken(sync_of(feed, store)) == [[found.value]]
    assert feed.asked[1][0] == Window(START - timedelta(days=3) - 10 * MINUTE, LATEST)


def test_c4_setting_back_leaves_a_pass_under_way() -> None:
    state = Checkpoint(START - DAY, {"places": "UK"}, window=Window(START - DAY, LATEST), cursor="page 2")
    store = MemoryCheckpoint(state)
    sync_of(ScriptedFeed(), store).rewind(timedelta(days=2))
    assert (kept(store).window, kept(store).cursor) == (None, None)


def test_c4_a_sync_that_never_ran_may_be_set_back_too() -> None:
    store = MemoryCheckpoint()
    sync_of(ScriptedFeed(), store).rewind(timedelta(days=2))
    assert kept(store).until == START - timedelta(days=2)


def test_c4_a_sync_is_never_set_forward_nor_is_that_of_others() -> None:
    store = MemoryCheckpoint(Checkpoint(START - DAY, {"places": "UK"}))
    with pytest.raises(
        InvalidRequestError, match="later than the checkpoint, which is at 2026-02-28T12:00:00Z"
    ):
        sync_of(ScriptedFeed(), store).rewind(timedelta(hours=1))
    other = MemoryCheckpoint(Checkpoint(START))
    with pytest.raises(ConfigurationError, match="a sync with no filters"):
        sync_of(ScriptedFeed(), other).rewind(DAY)
    with pytest.raises(InvalidRequestError, match="negative"):
        sync_of(ScriptedFeed(), store).rewind(-DAY)
    assert kept(store).until == START - DAY


def test_c4_a_sync_that_runs_is_not_set_back() -> None:
    sync = sync_of(ScriptedFeed(Page([change("a", LATEST)], "2"), last()))
    for batch in sync.batches():
        with pytest.raises(LeaseLostError, match="this sync is running"):
            sync.rewind(2 * DAY)
        batch.commit()
    sync.rewind(2 * DAY)


@pytest.mark.parametrize("since", [datetime(1, 1, 1, tzinfo=UTC), timedelta.max])
def test_e6_a_time_that_nothing_can_be_computed_with_is_refused_with_the_remedy(since: Any) -> None:
    orders = client_of(ScriptedTransport()).orders
    refused = pytest.raises(InvalidRequestError, match=r"since: .*: give one from 1995 to now")
    with refused:
        OrderSync(orders, MemoryCheckpoint(), since=since)
    for make in (test_sync.sync_of, test_sync_async.sync_of):
        with refused:
            make(ScriptedFeed(), since=since)
    with refused:
        sync_of(ScriptedFeed()).rewind(since)
    with refused:
        asyncio.run(test_sync_async.sync_of(ScriptedFeed()).rewind(since))
    with pytest.raises(InvalidRequestError, match="overlap: is a timedelta, of 0 to 30 days"):
        OrderSync(orders, MemoryCheckpoint(), overlap=timedelta.max)


BAD_EVERY: list[tuple[Any, str]] = [
    ("5m", "is a timedelta, or seconds as a number"),
    (None, "is a timedelta, or seconds as a number"),
    (True, "is a timedelta, or seconds as a number"),
    (0, "must be more than zero seconds"),
    (math.nan, "must be more than zero seconds"),
    (-DAY, "must be more than zero seconds"),
    (math.inf, "is longer than 30 days"),
    (timedelta.max, "is longer than 30 days"),
    (10**400, "is longer than 30 days"),
]


@pytest.mark.parametrize(("every", "reason"), BAD_EVERY)
def test_e6_an_interval_that_cannot_be_meant_is_refused_at_once(every: Any, reason: str) -> None:
    feed = ScriptedFeed()
    with pytest.raises(InvalidRequestError, match=f"every: {reason}"):
        sync_of(feed).run(print, every=every)
    with pytest.raises(InvalidRequestError, match=f"every: {reason}"):
        asyncio.run(test_sync_async.sync_of(feed).run(print, every=every))
    assert feed.asked == []


@pytest.mark.parametrize("store", ["orders.json", None, 5])
def test_e6_what_keeps_no_checkpoint_is_refused_at_once(store: Any) -> None:
    client = client_of(ScriptedTransport())
    with pytest.raises(InvalidRequestError, match=r'checkpoint: .* such as FileCheckpoint\("orders\.json"\)'):
        OrderSync(client.orders, store)


BAD_PARTS: list[tuple[dict[str, Any], str]] = [
    ({"deliver": None}, "deliver: takes a function"),
    ({"stop": 5}, r"stop: .* such as threading\.Event\(\)"),
    ({"on_status": "no"}, "on_status: takes a function"),
]


@pytest.mark.parametrize(("part", "reason"), BAD_PARTS)
def test_e6_what_no_later_run_would_mend_ends_a_sync_at_once(part: dict[str, Any], reason: str) -> None:
    feed = ScriptedFeed()
    arguments: dict[str, Any] = {"deliver": print, "every": 60, **part}
    with pytest.raises(InvalidRequestError, match=reason):
        sync_of(feed).run(**arguments)
    with pytest.raises(InvalidRequestError, match=reason):
        asyncio.run(test_sync_async.sync_of(feed).run(**arguments))
    assert feed.asked == []


BAD_MISSING: list[tuple[dict[str, Any], str]] = [
    ({"known_ids": "902-1845936-5435065"}, "known_ids"),
    ({"known_ids": None}, "known_ids"),
    ({"after": None}, "after"),
    ({"after": "2026-01-01"}, "after"),
    ({"before": 0}, "before"),
    ({"before": datetime(2026, 1, 1)}, "before"),  # noqa: DTZ001 - naive on purpose
]


@pytest.mark.parametrize(("wrong", "path"), BAD_MISSING)
def test_e6_a_search_for_missing_orders_that_cannot_be_meant_is_refused(
    wrong: dict[str, Any], path: str
) -> None:
    sync = OrderSync(client_of(ScriptedTransport()).orders, MemoryCheckpoint())
    arguments: dict[str, Any] = {"known_ids": set(), "after": START - DAY, **wrong}
    with pytest.raises(InvalidRequestError) as caught:
        list(sync.missing(arguments.pop("known_ids"), **arguments))
    assert caught.value.path == path


PLACES = {"places": "UK"}
UNSOUND: list[Any] = [
    {"until": "2026-01-01T00:00:00Z"},
    Checkpoint(datetime(1, 1, 1, tzinfo=UTC), PLACES),
    Checkpoint(datetime.max.replace(tzinfo=UTC), PLACES),
    Checkpoint(datetime(2026, 1, 1), PLACES),  # noqa: DTZ001 - naive on purpose
    Checkpoint(START, PLACES, window=Window(datetime(1, 1, 1, tzinfo=UTC), START)),
]


@pytest.mark.parametrize("stored", UNSOUND)
def test_e6_a_checkpoint_of_year_1_ends_a_sync_whatever_store_it_is_from(stored: Any) -> None:
    feed = ScriptedFeed()
    refused = pytest.raises(ConfigurationError, match="remove it, and say with since=")
    with refused:
        sync_of(feed, MemoryCheckpoint(stored)).run(print, every=60)
    with refused:
        asyncio.run(test_sync_async.sync_of(feed, MemoryCheckpoint(stored)).run(print, every=60))
    with refused:
        sync_of(feed, MemoryCheckpoint(stored)).rewind(DAY)
    assert feed.asked == []
