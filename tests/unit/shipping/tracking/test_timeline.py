"""A timeline is the same, in whatever order and however often its parts came."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spshipping.errors import InvalidRequestError
from spshipping.shipping.models.parties import Location, ShipmentType
from spshipping.shipping.models.tracking import DetailCodes, Event, EventCode, GetTrackingResult, Status
from spshipping.shipping.tracking.events import Received, TrackedEvent, TrackedPlace, TrackedSummary
from spshipping.shipping.tracking.status import TrackingStatus
from spshipping.shipping.tracking.stored import timeline_from_json, timeline_to_json
from spshipping.shipping.tracking.timeline import Timeline, tracked_event
from spshipping.testing.strategies import texts
from spshipping.wire.convert import loads
from tests.unit.shipping.build import NOON, event, law, tracked

WORDS = [*EventCode, EventCode("SomethingNew"), EventCode("Returned")]

# few values for each, so that equal and nearly equal reports of one event are common
_times = st.builds(
    lambda seconds, zone: (NOON + timedelta(seconds=seconds)).astimezone(timezone(timedelta(hours=zone))),
    st.sampled_from([0.0, 0.25, 1.0, 60.0, 3600.0, 3600.5]),
    st.sampled_from([0, 2]),
)
_words = st.none() | st.sampled_from(["", "a"])
_places = st.builds(
    TrackedPlace, state_or_region=_words, city=_words, country_code=_words, postal_code=_words
)
_codes = st.lists(st.sampled_from([*DetailCodes, DetailCodes("New")]), max_size=2).map(tuple)
_legs = st.none() | st.sampled_from(ShipmentType)
_events = st.builds(
    TrackedEvent,
    code=st.sampled_from(WORDS),
    time=_times,
    leg=_legs,
    place=st.none() | _places,
    details=_codes,
)
_summaries = st.builds(
    TrackedSummary,
    st.none() | st.sampled_from([*Status, Status("New")]),
    _codes.map(lambda codes: tuple(sorted(set(codes)))),
    _codes.map(lambda codes: tuple(sorted(set(codes)))),
)
_parts = st.builds(
    Timeline,
    tracking_id=st.just("T1"),
    events=st.lists(_events, max_size=4).map(tuple),
    summary=st.none() | st.builds(Received, _times, _summaries),
    promised_delivery=st.none() | st.builds(Received, _times, _times.map(lambda time: time.astimezone(UTC))),
    alternate_leg_tracking_id=st.none() | st.builds(Received, _times, texts),
)


def grouped(data: st.DataObject, parts: list[Timeline]) -> Timeline:
    """Merge parts in any grouping, as a store with several writers does."""
    left = list(parts)
    while len(left) > 1:
        one = left.pop(data.draw(st.integers(0, len(left) - 1)))
        other = left.pop(data.draw(st.integers(0, len(left) - 1)))
        left.append(one.merged(other))
    return left[0]


@pytest.mark.long
@law
@given(st.data())
def test_the_same_reports_in_any_order_and_grouping_with_repeats_give_the_same_timeline(
    data: st.DataObject,
) -> None:
    parts = data.draw(st.lists(_parts, min_size=1, max_size=5))
    again = data.draw(st.permutations([*parts, *data.draw(st.lists(st.sampled_from(parts), max_size=3))]))
    one, other = grouped(data, parts), grouped(data, again)
    assert one == other
    assert hash(one) == hash(other)
    assert one.status is other.status
    assert timeline_to_json(one) == timeline_to_json(other)
    assert one.merged(other) == one


@pytest.mark.long
@law
@given(st.lists(_events, min_size=1, max_size=6), st.data())
def test_the_same_events_one_by_one_or_at_once_give_the_same_timeline(
    events: list[TrackedEvent], data: st.DataObject
) -> None:
    at_once = Timeline(tracking_id="T1").with_events(events)
    one_by_one = Timeline(tracking_id="T1")
    for each in data.draw(st.permutations([*events, *events])):
        one_by_one = one_by_one.with_events([each])
    assert one_by_one == at_once
    assert at_once.latest == at_once.events[-1]
    for earlier, later in pairwise(at_once.events):
        assert (earlier.second, earlier.code) != (later.second, later.code)
        assert earlier.second <= later.second


@law
@given(_parts)
def test_what_is_stored_is_read_back_as_it_was(timeline: Timeline) -> None:
    read = timeline_from_json(timeline_to_json(timeline))
    assert read == timeline
    assert timeline_to_json(read) == timeline_to_json(timeline)


def test_half_of_a_surrogate_pair_can_be_stored() -> None:
    place = TrackedPlace(city="Sutton \ud800")
    timeline = Timeline(tracking_id="T1", events=(TrackedEvent(code=EventCode.LOST, time=NOON, place=place),))
    stored = timeline_to_json(timeline)
    assert timeline_from_json(stored.encode().decode()) == timeline


def test_one_event_told_twice_is_one_with_all_that_either_knows() -> None:
    polled = TrackedEvent(
        code=EventCode.DELIVERED, time=NOON, leg=ShipmentType.FORWARD, place=TrackedPlace(country_code="GB")
    )
    pushed = TrackedEvent(
        code=EventCode.DELIVERED,
        time=NOON + timedelta(milliseconds=250),
        place=TrackedPlace(country_code="GB", city="Sutton"),
        details=(DetailCodes.SIGNED,),
    )
    (joined,) = Timeline(tracking_id="T1", events=(polled, pushed)).events
    assert joined == TrackedEvent(
        code=EventCode.DELIVERED,
        time=NOON + timedelta(milliseconds=250),
        leg=ShipmentType.FORWARD,
        place=TrackedPlace(country_code="GB", city="Sutton"),
        details=(DetailCodes.SIGNED,),
    )


def test_a_poll_becomes_a_timeline_with_all_that_it_says() -> None:
    result = loads(
        """{"trackingId": "T1", "alternateLegTrackingId": "T1R", "eventHistory": [
            {"eventCode": "Delivered", "eventTime": "2026-03-02T12:00:00Z", "shipmentType": "FORWARD",
             "location": {"city": "Sutton", "postalCode": "SM1 1AA", "countryCode": "GB"}},
            {"eventCode": "PickupDone", "eventTime": "2026-03-01T12:00:00Z", "location": {}}],
            "promisedDeliveryDate": "2026-03-02T20:00:00Z",
            "summary": {"status": "Delivered",
                        "trackingDetailCodes": {"forward": ["Signed"], "returns": []}}}""",
        GetTrackingResult,
    )
    timeline = Timeline.of(result, received_at=NOON)
    assert [event.code for event in timeline.events] == [EventCode.PICKUP_DONE, EventCode.DELIVERED]
    assert [event.place for event in timeline.events] == [
        None,
        TrackedPlace(country_code="GB", city="Sutton", postal_code="SM1 1AA"),
    ]
    assert timeline.latest == timeline.events[1]
    assert timeline.summary == Received(NOON, TrackedSummary(Status.DELIVERED, (DetailCodes.SIGNED,), ()))
    assert timeline.promised_delivery == Received(NOON, NOON + timedelta(hours=8))
    assert timeline.alternate_leg_tracking_id == Received(NOON, "T1R")
    assert timeline.status is TrackingStatus.DELIVERED
    assert "Sutton" not in repr(timeline)
    assert "SM1" not in repr(timeline)


@pytest.mark.parametrize(
    "data",
    [
        '{"trackingId": "T9"}',
        '{"eventHistory": null, "summary": {}, "alternateLegTrackingId": "null"}',
        '{"eventHistory": [null, {}, {"eventCode": "Lost"}, {"eventTime": "2026-03-01T12:00:00Z"}]}',
    ],
)
def test_an_answer_with_holes_adds_what_it_has(data: str) -> None:
    before = Timeline(tracking_id="T1", events=(tracked_event(event(1)),))
    assert before.with_result(loads(data, GetTrackingResult), received_at=NOON) == before


def test_of_two_summaries_the_one_received_later_wins_and_an_empty_one_does_not() -> None:
    old, new = tracked(status=Status.IN_TRANSIT), tracked(status=Status.LOST)
    later = NOON + timedelta(hours=1)
    empty = Timeline(tracking_id="T1")
    one = empty.with_result(old, received_at=NOON).with_result(new, received_at=later)
    other = empty.with_result(new, received_at=later).with_result(old, received_at=NOON)
    assert one == other
    assert one.status is TrackingStatus.LOST
    assert one.latest is None
    empty_later = one.with_result(tracked(status=None), received_at=later + timedelta(hours=1))
    assert (empty_later.summary, empty_later.status) == (one.summary, TrackingStatus.LOST)


def test_a_timeline_of_another_parcel_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="tracking_id: is of another parcel"):
        Timeline(tracking_id="T1").merged(Timeline(tracking_id="T2"))


@pytest.mark.parametrize(
    "make",
    [
        lambda time: TrackedEvent(code=EventCode.LOST, time=time),
        lambda time: Received(time, "T1R"),
        lambda time: Timeline(tracking_id="T1").with_result(tracked(), received_at=time),
    ],
)
def test_a_time_without_an_offset_is_refused(make: Any) -> None:
    with pytest.raises(InvalidRequestError, match="has no offset; give it a time zone"):
        make(datetime(2026, 3, 1))  # noqa: DTZ001 - the point of the test


def test_a_time_at_the_end_of_the_calendar_keeps_its_offset() -> None:
    early = datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))
    timeline = Timeline(tracking_id="T1", events=(TrackedEvent(code=EventCode.LOST, time=early),))
    assert timeline.events[0].time.utcoffset() == timedelta(hours=14)
    assert timeline_from_json(timeline_to_json(timeline)) == timeline


def test_an_event_of_amazons_form_needs_no_place() -> None:
    made = tracked_event(Event(event_code=EventCode.LOST, event_time=NOON), ["Damaged"])
    assert made == TrackedEvent(code=EventCode.LOST, time=NOON, details=(DetailCodes.DAMAGED,))
    assert TrackedPlace.of(Location()) is None


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "[]",
        "{}",
        '{"version": 2, "tracking_id": "T1", "events": []}',
        '{"version": 1, "events": []}',
        '{"version": 1, "tracking_id": 1, "events": []}',
        '{"version": 1, "tracking_id": "T1", "events": [{"code": "Lost", "time": "2026-03-01T12:00:00"}]}',
        '{"version": 1, "tracking_id": "T1", "events": [{"code": 1, "time": "2026-03-01T12:00:00Z"}]}',
        '{"version": 1, "tracking_id": "T1", "events": [], "summary": {"at": "2026-03-01T12:00:00Z"}}',
        '{"version": 1, "tracking_id": "T1", "events": [], "promised_delivery": []}x',
    ],
)
def test_what_is_no_stored_timeline_is_refused(text: Any) -> None:
    with pytest.raises(InvalidRequestError, match="text: is no timeline as timeline_to_json returns it"):
        timeline_from_json(text)
