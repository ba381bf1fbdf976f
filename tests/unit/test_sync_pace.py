"""A sync that can never keep up says so, and what to do; and a long wait is said beforehand."""

import asyncio
import logging
from datetime import timedelta
from typing import Any

import pytest

from spshipping.orders import OrderSync
from spshipping.orders.v2026_01_01 import SEARCH_ORDERS
from spshipping.sync import Checkpoint, MemoryCheckpoint, SyncProgress, Window
from spshipping.sync.page import Page
from tests.kit import ScriptedTransport, answer, client_of
from tests.unit import test_sync_async
from tests.unit.test_sync import DAY, LATEST, ScriptedFeed, change, sync_of, taken

HOUR = timedelta(hours=1)
NONE = timedelta(0)
# the quota of the scripted feed allows 0.01 searches a second, 864 a day
SIZE = 4
MOST = 864 * SIZE


def busy(pages: int, *, first: int = 0, over: timedelta = DAY) -> list[Any]:
    """Return the pages of a pass through *over*, which come in the order of the last change."""
    steps: list[Any] = []
    for number in range(pages):
        time = LATEST - over + over * (number + 1) / (pages + 1)
        found = [change(f"{first + number}-{index}", time) for index in range(SIZE)]
        steps.append(Page(found, str(number) if number < pages - 1 else None))
    return steps


@pytest.mark.parametrize("way", ["threads", "asyncio"])
def test_c7_more_than_the_quota_lets_be_read_is_said_with_what_to_do(
    way: str, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[SyncProgress] = []
    feed = ScriptedFeed(*busy(900))
    options: dict[str, Any] = {"since": LATEST - DAY, "overlap": NONE, "on_progress": told.append}
    if way == "threads":
        taken(sync_of(feed, **options))
    else:

        async def main() -> None:
            async for batch in test_sync_async.sync_of(feed, **options).batches():
                await batch.commit()

        asyncio.run(main())
    advice = told[-1].advice
    assert advice is not None
    assert advice.startswith("about 3,600 changes a day come, and the quota lets searches read 3,456 of them")
    assert "let notifications name what changed" in advice
    # as soon as most of a day is seen, and once in the log
    said = [progress for progress in told if progress.advice]
    assert said[0].share == pytest.approx(20 / 24, abs=0.01)
    assert [line for line in caplog.messages if "falls behind for good" in line] == [
        f"the search: {said[0].advice}"
    ]


@pytest.mark.parametrize(("pages", "over"), [(850, DAY), (300, 8 * HOUR)])
def test_c7_a_sync_that_keeps_up_and_a_busy_hour_say_nothing(pages: int, over: timedelta) -> None:
    told: list[SyncProgress] = []
    feed = ScriptedFeed(*busy(pages, over=over))
    taken(sync_of(feed, since=LATEST - over, overlap=NONE, on_progress=told.append))
    assert {progress.advice for progress in told} == {None}


def test_c7_short_passes_are_counted_together_and_each_day_by_itself() -> None:
    told: list[SyncProgress] = []
    feed = ScriptedFeed()
    sync = sync_of(feed, since=LATEST, overlap=NONE, on_progress=told.append)
    advice = []
    for day, pages in enumerate((38, 38, 30)):
        for hour in range(24):
            feed.clock.elapsed += 3600
            began, number = LATEST + (day * 24 + hour) * HOUR, range(pages)
            feed.steps = [
                Page(
                    [
                        change(f"{day}-{hour}-{page}-{one}", began + HOUR * page / pages)
                        for one in range(SIZE)
                    ],
                    str(page) if page < pages - 1 else None,
                )
                for page in number
            ]
            taken(sync)
        advice.append(told[-1].advice is not None)
    assert advice == [True, True, False]


def test_c7_pages_in_no_order_are_judged_at_the_end_of_the_pass() -> None:
    told: list[SyncProgress] = []
    steps = [
        Page([*page.changes[1:], change(f"first {page.cursor}", LATEST - DAY)], page.cursor)
        for page in busy(900)
    ]
    taken(sync_of(ScriptedFeed(*steps), since=LATEST - DAY, overlap=NONE, on_progress=told.append))
    assert [progress.advice is not None for progress in told] == [False] * 899 + [True]


def test_c7_a_pass_that_goes_on_counts_what_came_before() -> None:
    told: list[SyncProgress] = []
    window = Window(LATEST - DAY, LATEST)
    state = Checkpoint(
        LATEST - DAY, {"places": "UK"}, window=window, cursor="449", pages=450, items=450 * SIZE
    )
    feed = ScriptedFeed(*busy(900)[450:])
    taken(sync_of(feed, MemoryCheckpoint(state), overlap=NONE, on_progress=told.append))
    assert told[-1].advice is not None
    assert told[-1].advice.startswith("about 3,600 changes a day")


WAITED = "searchOrders: waits 179 s for the quota, until 12:02:58 UTC"


def test_c6_a_wait_of_three_minutes_for_a_search_is_said_beforehand(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    burst = SEARCH_ORDERS.quota.burst
    for use in ("batches", "missing"):
        network = ScriptedTransport([answer(200, {"orders": []})] * (burst + 1))
        client = client_of(network)
        for _ in range(burst):
            client.orders.v2026_01_01.search_orders(last_updated_after=LATEST)
        sync = OrderSync(client.orders, MemoryCheckpoint())
        caplog.clear()
        list(sync.batches() if use == "batches" else sync.missing((), after=LATEST - DAY))
        assert [line for line in caplog.messages if "waits" in line] == [WAITED]
