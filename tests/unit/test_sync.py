"""What every sync does, whatever it syncs: over a feed that follows a script."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone

import pytest

from spshipping import ConfigurationError, InvalidRequestError, PaginationError, QuotaState, ServerError
from spshipping.sync import (
    Batch,
    Checkpoint,
    MemoryCheckpoint,
    Sync,
    SyncProgress,
    SyncStatus,
    Window,
)
from spshipping.sync.page import Change, Page
from spshipping.transport.threads import ThreadIo
from tests.kit import START, FakeClock, ScriptedTransport

LATEST = START - timedelta(minutes=2, seconds=5)
"""The end of a search that begins at once."""
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
Step = Page[str] | Exception


def change(key: str, time: datetime) -> Change[str]:
    return Change(key, time, f"{key} at {time:%H:%M}")


class ScriptedFeed:
    """Gives what its script says, on a clock set by hand."""

    def __init__(self, *steps: Step) -> None:
        self.clock = FakeClock()
        self.filters: Mapping[str, str] = {"places": "UK"}
        self.steps = list(steps)
        self.asked: list[tuple[Window, str | None]] = []
        self.waits: list[float] = []
        self.longest: list[float | None] = []
        self.left = 20.0

    async def quota(self) -> QuotaState:
        return QuotaState(0.01, 20, self.left, self.waits.pop(0) if self.waits else 0.0)

    async def page(self, window: Window, cursor: str | None, *, longest: float | None = None) -> Page[str]:
        self.asked.append((window, cursor))
        self.longest.append(longest)
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step
        return step


class Stopper:
    """Says stop once *when* holds."""

    def __init__(self, when: Callable[[], bool]) -> None:
        self.is_set = when


def sync_of(
    feed: ScriptedFeed,
    store: MemoryCheckpoint | None = None,
    *,
    since: datetime | timedelta = DAY,
    overlap: timedelta = 10 * MINUTE,
    on_progress: Callable[[SyncProgress], object] | None = None,
) -> Sync[str]:
    return Sync(
        feed,
        store or MemoryCheckpoint(),
        io=ThreadIo(ScriptedTransport(), feed.clock),
        clock=feed.clock,
        since=since,
        overlap=overlap,
        on_progress=on_progress,
    )


def taken(sync: Sync[str]) -> list[list[str]]:
    """Take every batch, and commit it."""
    found = []
    for batch in sync.batches():
        found.append(list(batch))
        batch.commit()
    return found


def kept(store: MemoryCheckpoint) -> Checkpoint:
    assert store.checkpoint is not None
    return store.checkpoint


def last(*changes: Change[str]) -> Page[str]:
    return Page(changes, None)


def test_the_first_pass_goes_from_since_to_two_minutes_ago() -> None:
    feed, store = ScriptedFeed(last(change("a", START - DAY))), MemoryCheckpoint()
    assert taken(sync_of(feed, store, overlap=timedelta(0))) == [["a at 12:00"]]
    assert feed.asked == [(Window(START - DAY, LATEST), None)]
    assert kept(store) == Checkpoint(until=LATEST, filters={"places": "UK"})


def test_since_may_be_a_time_and_is_kept_before_anything_is_committed() -> None:
    feed, store = ScriptedFeed(ServerError("out of order")), MemoryCheckpoint()
    since = datetime(2026, 2, 1, tzinfo=timezone(timedelta(hours=1)))
    with pytest.raises(ServerError):
        taken(sync_of(feed, store, since=since))
    assert kept(store).until == since
    assert feed.asked[0][0].after == since - 10 * MINUTE


def test_how_long_ago_it_began_does_not_move_on_with_time() -> None:
    feed, store = ScriptedFeed(ServerError("out of order"), last()), MemoryCheckpoint()
    for _ in range(2):
        feed.clock.elapsed += 3600
        try:
            taken(sync_of(feed, store))
        except ServerError:
            continue
    assert len({window.after for window, _ in feed.asked}) == 1


def test_the_next_pass_reaches_back_and_leaves_out_what_was_delivered() -> None:
    old, late = change("a", LATEST - 20 * MINUTE), change("c", LATEST - 8 * MINUTE)
    known = change("b", LATEST - 9 * MINUTE)
    feed, store = ScriptedFeed(last(old, known), last(known, late)), MemoryCheckpoint()
    assert taken(sync_of(feed, store)) == [[old.value, known.value]]
    assert kept(store).delivered == {"b": known.time}
    feed.clock.elapsed += 300
    assert taken(sync_of(feed, store)) == [[late.value]]
    assert feed.asked[1][0] == Window(LATEST - 10 * MINUTE, LATEST + 5 * MINUTE)
    # the next one begins where neither can be found
    assert kept(store).delivered == {}


def test_what_changed_once_more_is_delivered_once_more_and_what_is_staler_is_not() -> None:
    first, newer = change("a", LATEST - MINUTE), change("a", LATEST + MINUTE)
    feed, store = ScriptedFeed(last(first), last(newer), last(first)), MemoryCheckpoint()
    for expected in ([[first.value]], [[newer.value]], []):
        assert taken(sync_of(feed, store)) == expected
        feed.clock.elapsed += 180


def test_nothing_is_asked_where_nothing_can_have_changed() -> None:
    feed, store = ScriptedFeed(last()), MemoryCheckpoint()
    assert taken(sync_of(feed, store)) == []
    assert taken(sync_of(feed, store)) == []
    assert len(feed.asked) == 1


def test_a_batch_is_in_the_order_of_the_last_change_and_has_each_id_once() -> None:
    early, middle, late = (change(key, LATEST - ago * MINUTE) for key, ago in (("b", 3), ("a", 2), ("b", 1)))
    feed = ScriptedFeed(last(late, middle, early))
    assert taken(sync_of(feed)) == [[middle.value, late.value]]


def test_a_committed_page_keeps_the_cursor_and_not_the_time() -> None:
    a, b = change("a", START - DAY), change("b", START - 20 * 60 * MINUTE)
    feed, store = ScriptedFeed(Page([a], "page 2"), ServerError("out of order"), last(b)), MemoryCheckpoint()
    with pytest.raises(ServerError):
        taken(sync_of(feed, store))
    state = kept(store)
    assert (state.until, state.cursor, state.pages, state.items) == (START - DAY, "page 2", 1, 1)
    assert taken(sync_of(feed, store)) == [[b.value]]
    # the window's end does not move while somebody turns the pages
    assert feed.asked[2] == (feed.asked[0][0], "page 2")
    assert kept(store).until == LATEST


def test_a_pass_left_in_its_midst_is_ended_and_then_followed_by_one_up_to_now() -> None:
    feed = ScriptedFeed(last(change("b", START)), last(change("c", START + MINUTE)))
    window = Window(START - DAY, LATEST)
    store = MemoryCheckpoint(
        Checkpoint(until=START - DAY, filters=feed.filters, window=window, cursor="page 2", pages=1, items=9)
    )
    feed.clock.elapsed += 3600
    assert len(taken(sync_of(feed, store))) == 2
    assert [cursor for _, cursor in feed.asked] == ["page 2", None]
    assert kept(store).until == LATEST + timedelta(hours=1)


def test_an_empty_page_is_committed_without_asking_anybody() -> None:
    feed, store = ScriptedFeed(Page([], "page 2"), last()), MemoryCheckpoint()
    assert taken(sync_of(feed, store)) == []
    assert kept(store).until == LATEST


def test_a_batch_that_is_not_committed_ends_the_loop_and_comes_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    page = Page([change("a", LATEST - DAY)], "page 2")
    feed, store = ScriptedFeed(page, page, last()), MemoryCheckpoint()
    assert [list(batch) for batch in sync_of(feed, store).batches()] == [["a at 11:57"]]
    assert kept(store).window is None
    assert "it is delivered again" in caplog.text
    assert taken(sync_of(feed, store)) == [["a at 11:57"]]


def test_committing_twice_is_committing_once() -> None:
    calls: list[int] = []

    async def save() -> None:
        calls.append(1)

    batch = Batch(["a", "b"], save)
    assert repr(batch) == "<Batch of 2>"
    batch.commit()
    batch.commit()
    assert calls == [1]
    assert repr(batch) == "<Batch of 2, committed>"


def test_a_page_that_is_no_longer_to_be_had_begins_the_window_anew(caplog: pytest.LogCaptureFixture) -> None:
    expired = PaginationError("expired", cursor="page 2")
    a, b = change("a", LATEST - DAY), change("b", LATEST)
    feed, store = ScriptedFeed(Page([a], "page 2"), expired, last(a, b)), MemoryCheckpoint()
    assert taken(sync_of(feed, store)) == [[a.value], [a.value, b.value]]
    assert [cursor for _, cursor in feed.asked] == [None, "page 2", None]
    assert "begin again" in caplog.text


def test_what_may_be_found_again_is_left_out_of_a_window_begun_anew() -> None:
    a, b = change("a", LATEST - MINUTE), change("b", LATEST)
    feed = ScriptedFeed(Page([a], "page 2"), PaginationError("expired"), last(a, b))
    assert taken(sync_of(feed)) == [[a.value], [b.value]]


def test_a_cursor_of_another_version_begins_the_window_anew_up_to_now() -> None:
    feed = ScriptedFeed(InvalidRequestError("is no cursor", path="cursor"), last())
    window = Window(START - DAY, LATEST - DAY / 2)
    store = MemoryCheckpoint(Checkpoint(START - DAY, feed.filters, window=window, cursor="?"))
    assert taken(sync_of(feed, store)) == []
    assert [asked for asked, _ in feed.asked] == [window, Window(START - DAY, LATEST)]


@pytest.mark.parametrize("error", [PaginationError("expired"), InvalidRequestError("is empty")])
def test_a_first_page_that_is_refused_is_not_asked_for_again(error: Exception) -> None:
    feed = ScriptedFeed(error)
    with pytest.raises(type(error)):
        taken(sync_of(feed))


def test_a_window_is_begun_anew_once_only() -> None:
    feed = ScriptedFeed(
        Page([], "2"), PaginationError("expired"), Page([], "2"), PaginationError("expired again")
    )
    with pytest.raises(PaginationError, match="again"):
        taken(sync_of(feed))


def test_pages_that_go_round_in_a_circle_are_noticed() -> None:
    feed = ScriptedFeed(Page([], "2"), Page([], "3"), Page([], "2"))
    with pytest.raises(PaginationError, match="names a page again"):
        taken(sync_of(feed))


def test_where_amazon_looked_less_far_the_next_pass_begins_there() -> None:
    earlier = LATEST - MINUTE
    feed, store = ScriptedFeed(Page([], "2", earlier), last()), MemoryCheckpoint()
    taken(sync_of(feed, store))
    assert kept(store).until == earlier
    assert feed.asked[1] == (Window(START - DAY - 10 * MINUTE, earlier), "2")


@pytest.mark.parametrize(("end", "until"), [(LATEST + DAY, LATEST), (START - 3 * DAY, START - DAY)])
def test_a_search_that_ended_elsewhere_leaves_its_window_undone(end: datetime, until: datetime) -> None:
    feed, store = ScriptedFeed(Page([], None, end)), MemoryCheckpoint()
    taken(sync_of(feed, store))
    assert kept(store).until == until


def test_each_search_waits_for_its_turn() -> None:
    feed = ScriptedFeed(Page([], "2"), last())
    feed.waits = [50.0, 0.0, 0.0, 100.0, 7.0]
    taken(sync_of(feed))
    assert feed.clock.slept == [50.0, 100.0, 7.0]
    # the end of the search is as late as can be
    assert feed.asked[0][0].before == LATEST + timedelta(seconds=50)


def test_the_progress_tells_how_much_is_left_and_until_when() -> None:
    hour = timedelta(hours=1)
    window = Window(LATEST - 10 * hour, LATEST)
    full = [change("a", LATEST - 6 * hour), change("b", LATEST - 5 * hour)]
    told: list[SyncProgress] = []
    feed = ScriptedFeed(Page(full, "2"), Page(full[::-1], "3"), Page([], "4"), Page(full[:1], "5"), last())
    feed.left = 3.0
    since = LATEST - 10 * hour
    taken(sync_of(feed, since=since, overlap=timedelta(0), on_progress=told.append))
    # half of it is behind, and five pages that are an hour long are still to come: three at once
    assert told[0] == SyncProgress(window, 1, 2, 0.5, 5, START + timedelta(seconds=200))
    # in no order, empty, or all of one second: nobody knows
    assert [(one.share, one.pages_left, one.done_at) for one in told[1:3]] == [(None, None, None)] * 2
    assert (told[3].share, told[3].pages_left) == (0.4, None)
    assert told[4] == SyncProgress(window, 5, 5, 1.0, 0, START)


def test_another_sync_does_not_go_on_from_a_checkpoint() -> None:
    store = MemoryCheckpoint(Checkpoint(START))
    with pytest.raises(ConfigurationError, match="a sync with no filters, this one has places UK"):
        taken(sync_of(ScriptedFeed(), store))


@pytest.mark.parametrize(
    ("since", "overlap", "path"),
    [(datetime(2026, 1, 1), MINUTE, "since"), (DAY, -MINUTE, "overlap")],  # noqa: DTZ001 - naive on purpose
)
def test_what_cannot_be_meant_is_refused(since: datetime | timedelta, overlap: timedelta, path: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        sync_of(ScriptedFeed(), since=since, overlap=overlap)
    assert caught.value.path == path


def test_a_run_hands_over_every_batch_and_commits_it() -> None:
    a, b = change("a", LATEST - DAY), change("b", LATEST - DAY)
    feed, store = ScriptedFeed(Page([a], "2"), last(b)), MemoryCheckpoint()
    sync, found = sync_of(feed, store), list[str]()
    stop = Stopper(lambda: len(found) == 2 and store.checkpoint is not None and not store.checkpoint.window)
    sync.run(found.extend, every=300, stop=stop)
    assert found == [a.value, b.value]
    assert sync.status == SyncStatus(last_run=START, delivered=2)


def test_runs_begin_as_often_as_they_are_to() -> None:
    feed = ScriptedFeed(*[last()] * 3)
    feed.waits = [0.0, 0.0, 200.0, 0.0, 0.0, 400.0]
    told: list[SyncStatus] = []
    sync = sync_of(feed)
    sync.run(print, every=5 * MINUTE, stop=Stopper(lambda: len(feed.asked) == 3), on_status=told.append)
    assert [asked.before for asked, _ in feed.asked] == [
        LATEST + timedelta(seconds=seconds) for seconds in (0, 500, 1000)
    ]
    # the second began after 300 seconds and took 200; the third took longer than there was time
    assert [status.next_run for status in told if status.next_run] == [
        START + 5 * MINUTE,
        START + 10 * MINUTE,
    ]
    assert feed.clock.elapsed == 1000.0
    assert [status.is_running for status in told if status.failures == 0][:2] == [True, True]
    assert not sync.status.is_running


def test_without_a_stop_a_run_ends_with_its_thread() -> None:
    feed = ScriptedFeed(last())

    def enough() -> None:
        raise KeyboardInterrupt

    feed.clock.on_sleep = enough
    with pytest.raises(KeyboardInterrupt):
        sync_of(feed).run(print, every=300)
    assert len(feed.asked) == 1


def test_an_error_is_told_and_the_next_runs_come_later_and_later(caplog: pytest.LogCaptureFixture) -> None:
    refused = ServerError("Service Unavailable", operation="search", status=503)
    feed = ScriptedFeed(*[refused] * 6, last())
    told: list[SyncStatus] = []
    sync = sync_of(feed)
    sync.run(print, every=300, stop=Stopper(lambda: len(feed.asked) == 7), on_status=told.append)
    ends = [status.next_run for status in told if status.next_run]
    assert [end - START for end in ends] == [
        timedelta(minutes=sum(m))
        for m in ((5,), (5, 10), (5, 10, 20), (5, 10, 20, 40), (5, 10, 20, 40, 60), (5, 10, 20, 40, 60, 60))
    ]
    assert caplog.messages[1] == "the sync failed, 2 in a row: search 503: Service Unavailable"
    assert max(status.failures for status in told) == 6
    status = sync.status
    assert (status.failures, status.last_error, status.last_run) == (0, refused, feed.clock.now())
    assert status.last_error_at == START + timedelta(minutes=135)


def test_what_the_callers_own_work_failed_on_comes_again(caplog: pytest.LogCaptureFixture) -> None:
    page = last(change("a", LATEST - DAY))
    feed, store = ScriptedFeed(page, page), MemoryCheckpoint()
    seen: list[Batch[str]] = []

    def deliver(batch: Batch[str]) -> None:
        seen.append(batch)
        if len(seen) == 1:
            raise ValueError("1 Personal Street")

    sync = sync_of(feed, store)
    sync.run(deliver, every=DAY, stop=Stopper(lambda: len(seen) == 2))
    assert [list(batch) for batch in seen] == [["a at 11:57"]] * 2
    assert [batch.is_committed for batch in seen] == [False, True]
    assert caplog.messages == ["the sync failed, 1 in a row: ValueError"]
    assert (sync.status.delivered, sync.status.failures) == (1, 0)


def test_what_no_later_run_would_mend_ends_it() -> None:
    store = MemoryCheckpoint(Checkpoint(START))
    sync = sync_of(ScriptedFeed(), store)
    with pytest.raises(ConfigurationError):
        sync.run(print, every=300)
    assert not sync.status.is_running
    assert isinstance(sync.status.last_error, ConfigurationError)


def test_a_stop_ends_the_wait_for_a_turn_within_a_second_and_asks_nothing() -> None:
    feed = ScriptedFeed()
    feed.waits = [178.0]
    sync_of(feed).run(print, every=300, stop=Stopper(lambda: feed.clock.elapsed >= 60))
    assert feed.clock.elapsed == 60.0
    assert feed.asked == []


def test_a_stop_between_two_pages_ends_the_run() -> None:
    feed, store = ScriptedFeed(Page([change("a", LATEST)], "2")), MemoryCheckpoint()
    found: list[str] = []
    sync_of(feed, store).run(found.extend, every=300, stop=Stopper(lambda: bool(found)))
    assert kept(store).cursor == "2"


def test_a_stop_that_comes_first_lets_nothing_begin() -> None:
    sync = sync_of(ScriptedFeed())
    sync.run(print, every=300, stop=Stopper(lambda: True))
    assert sync.status == SyncStatus()


@pytest.mark.parametrize("every", [0, -1.0, timedelta(0), float("nan")])
def test_a_run_takes_some_time(every: float | timedelta) -> None:
    with pytest.raises(InvalidRequestError, match="every"):
        sync_of(ScriptedFeed()).run(print, every=every)


def test_a_resumed_pass_whose_batch_is_not_committed_ends_the_loop() -> None:
    feed = ScriptedFeed(Page([change("b", START)], "3"))
    window = Window(START - DAY, LATEST)
    state = Checkpoint(until=START - DAY, filters=feed.filters, window=window, cursor="2", pages=1, items=9)
    store = MemoryCheckpoint(state)
    feed.clock.elapsed += 3600
    assert [list(batch) for batch in sync_of(feed, store).batches()] == [["b at 12:00"]]
    assert kept(store) == state
