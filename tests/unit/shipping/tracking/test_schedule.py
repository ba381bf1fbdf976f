"""Beside pushes, a parcel is polled only where it was silent for long, and once a day."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spshipping import InvalidRequestError, NotFoundError, ServerError
from spshipping.shipping import (
    EventCode,
    PollingPlan,
    Received,
    Status,
    Timeline,
    Tracked,
    TrackedEvent,
    TrackedSummary,
    Watched,
    due_for_polling,
)
from tests.unit.shipping.build import law

BEGAN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PLAN = PollingPlan()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BOUGHT = Watched.begin("TBA301", "AMZN_UK", since=BEGAN)


def event(code: EventCode, after: timedelta) -> TrackedEvent:
    return TrackedEvent(code=code, time=BEGAN + after)


def pushed(code: EventCode, after: timedelta, parcel: Watched = BOUGHT) -> Watched:
    return parcel.pushed([event(code, after)], at=BEGAN + after)


def tracked(*events: TrackedEvent) -> Tracked:
    timeline = Timeline(tracking_id="TBA301", events=events)
    return Tracked(tracking_id="TBA301", carrier_id="AMZN_UK", timeline=timeline)


def test_a_parcel_that_waits_for_its_pickup_is_polled_once_a_day() -> None:
    assert BOUGHT.parcel == ("TBA301", "AMZN_UK")
    assert BOUGHT.next_poll() == BEGAN + DAY
    labelled = pushed(EventCode.READY_FOR_RECEIVE, HOUR)
    assert labelled.next_poll() == BEGAN + DAY
    assert labelled.polled(tracked(), at=BEGAN + DAY).next_poll() == BEGAN + 2 * DAY


def test_a_parcel_on_its_way_is_polled_when_it_was_silent() -> None:
    moving = pushed(EventCode.DEPARTED, HOUR)
    assert moving.next_poll() == BEGAN + HOUR + PLAN.silent_for
    later = pushed(EventCode.ARRIVED_AT_CARRIER_FACILITY, 5 * HOUR, moving)
    assert later.next_poll() == BEGAN + 5 * HOUR + PLAN.silent_for
    late = pushed(EventCode.OUT_FOR_DELIVERY, 20 * HOUR, later)
    assert late.next_poll() == BEGAN + DAY, "the daily poll comes first"


def test_a_poll_ends_the_silence_too() -> None:
    moving = pushed(EventCode.DEPARTED, HOUR)
    at = BEGAN + 10 * HOUR
    polled = moving.polled(tracked(event(EventCode.DEPARTED, HOUR)), at=at)
    assert polled.next_poll() == at + PLAN.silent_for
    assert polled.timeline == moving.timeline


def test_a_poll_tells_what_was_not_pushed() -> None:
    moving = pushed(EventCode.DEPARTED, HOUR)
    polled = moving.polled(tracked(event(EventCode.DELIVERED, 10 * HOUR)), at=BEGAN + DAY)
    assert polled.timeline.status == "delivered"
    assert [str(each.code) for each in polled.timeline.events] == ["Departed", "Delivered"]


@pytest.mark.parametrize("code", [EventCode.DELIVERED, EventCode.PICKUP_CANCELLED])
def test_a_parcel_that_has_ended_is_polled_for_some_days(code: EventCode) -> None:
    ended = pushed(code, 10 * HOUR)
    polls = []
    while (at := ended.next_poll()) is not None:
        polls.append(at - BEGAN)
        ended = ended.polled(tracked(), at=at)
    assert polls == [DAY, 2 * DAY, 3 * DAY]


def test_a_parcel_whose_end_has_no_event_is_followed_from_its_beginning() -> None:
    summary = Received(BEGAN, TrackedSummary(Status.DELIVERED))
    timeline = Timeline(tracking_id="TBA301", summary=summary)
    ended = BOUGHT.polled(replace(tracked(), timeline=timeline), at=BEGAN)
    assert (ended.timeline.status, ended.timeline.latest) == ("delivered", None)
    assert ended.next_poll() == BEGAN + DAY
    assert ended.next_poll(PLAN._replace(ended_for=HOUR)) is None


def test_a_parcel_that_comes_back_is_followed_again() -> None:
    ended = pushed(EventCode.DELIVERED, 10 * HOUR)
    back = pushed(EventCode.RETURN_INITIATED, 10 * DAY, ended)
    assert back.next_poll() == BEGAN + DAY, "it is due"


def test_no_parcel_is_polled_for_ever() -> None:
    lost = pushed(EventCode.LOST, HOUR)
    polls = 0
    while (at := lost.next_poll()) is not None:
        polls += 1
        lost = lost.polled(tracked(), at=at)
    assert polls == 45


def test_another_carriers_parcel_is_never_polled() -> None:
    assert Watched.begin("1Z999", "UPS", since=BEGAN).next_poll() is None


def test_a_poll_that_failed_is_due_again_unless_the_parcel_is_unknown() -> None:
    at = BEGAN + DAY
    failed = Tracked(tracking_id="TBA301", carrier_id="AMZN_UK", error=ServerError("no"))
    unknown = Tracked(tracking_id="TBA301", carrier_id="AMZN_UK", error=NotFoundError("no"))
    assert BOUGHT.polled(failed, at=at).next_poll() == at
    assert BOUGHT.polled(unknown, at=at).next_poll() == at + DAY


def test_what_is_due_is_found_in_its_order() -> None:
    parcels = [Watched.begin(str(n), "AMZN_UK", since=BEGAN + n % 3 * HOUR) for n in range(6)]
    found = list(due_for_polling(parcels, BEGAN + DAY + HOUR))
    assert [each.parcel[0] for each in found] == ["0", "1", "3", "4"]
    assert list(due_for_polling(parcels, BEGAN)) == []
    plan = PollingPlan(every=timedelta(0))
    assert list(due_for_polling(parcels, BEGAN + 2 * HOUR, plan)) == parcels


def test_a_time_without_an_offset_is_refused() -> None:
    naive = BEGAN.replace(tzinfo=None)
    with pytest.raises(InvalidRequestError, match="since"):
        Watched.begin("TBA301", "AMZN_UK", since=naive)
    with pytest.raises(InvalidRequestError, match="now"):
        list(due_for_polling([BOUGHT], naive))


CODES = st.sampled_from([code for code in EventCode if code is not EventCode.LOST])
HOURS = st.integers(0, 10 * 24)


@pytest.mark.long
@law
@given(st.lists(st.tuples(CODES, HOURS), max_size=8), HOURS)
def test_no_parcel_is_polled_more_than_twice_a_day(steps: list[tuple[EventCode, int]], start: int) -> None:
    parcel, polls = BOUGHT, list[datetime]()
    by_hour = sorted((hours, code) for code, hours in steps)
    for hour in range(12 * 24):
        now = BEGAN + hour * HOUR
        for _, code in (step for step in by_hour if step[0] == hour):
            parcel = parcel.pushed([TrackedEvent(code=code, time=now)], at=now)
        for each in due_for_polling([parcel], now):
            polls.append(now)
            parcel = each.polled(tracked(), at=now)
    gaps = [later - one for one, later in zip([BEGAN, *polls], polls, strict=False)]
    assert all(gap >= PLAN.silent_for for gap in gaps)
