"""What Amazon's words mean, and which status replaces which."""

from datetime import timedelta

import pytest

from spshipping.shipping.models.parties import ShipmentType
from spshipping.shipping.models.tracking import DetailCodes, EventCode, Status
from spshipping.shipping.tracking.events import Received, TrackedEvent, TrackedSummary
from spshipping.shipping.tracking.status import DETAILS, MEANINGS, REPLACED_BY, TrackingStatus, meaning_of
from spshipping.shipping.tracking.timeline import Timeline
from tests.unit.shipping.build import NOON

S = TrackingStatus
OUT, BACK = ShipmentType.FORWARD, ShipmentType.RETURNS


def at(hours: float, code: str, leg: ShipmentType | None = None, *details: DetailCodes) -> TrackedEvent:
    time = NOON + timedelta(hours=hours)
    return TrackedEvent(code=EventCode(code), time=time, leg=leg, details=details)


def status(
    *events: TrackedEvent, summary: TrackedSummary | None = None, received: float = 99
) -> TrackingStatus:
    stamped = Received(NOON + timedelta(hours=received), summary) if summary is not None else None
    return Timeline(tracking_id="T1", events=events, summary=stamped).status


@pytest.mark.parametrize("word", [*EventCode, *Status])
def test_every_word_of_amazons_model_has_a_meaning(word: str) -> None:
    assert word in MEANINGS


@pytest.mark.parametrize("code", DetailCodes)
def test_every_detail_code_but_a_mere_reason_has_a_meaning(code: DetailCodes) -> None:
    assert (code in DETAILS) is (code is not DetailCodes.DAMAGED)


def test_every_status_can_be_replaced_or_is_final_and_none_by_itself_or_by_unknown() -> None:
    assert set(REPLACED_BY) == set(TrackingStatus)
    for before, after in REPLACED_BY.items():
        assert before not in after
        assert S.UNKNOWN not in after


def test_every_status_is_reached() -> None:
    words = {status for meaning in MEANINGS.values() for status in meaning if status}
    assert words | {S.UNKNOWN} == set(TrackingStatus)


@pytest.mark.parametrize(("before", "later"), [(before, later) for before in S for later in S])
def test_a_later_status_replaces_an_earlier_one_as_the_table_says(
    before: TrackingStatus, later: TrackingStatus
) -> None:
    events = [event_of(1, before), event_of(2, later)]
    shown = status(*(event for event in events if event is not None))
    assert shown is (later if later in REPLACED_BY[before] else before)


def event_of(hours: float, wanted: TrackingStatus) -> TrackedEvent | None:
    """Return an event of its own leg that says so."""
    if wanted is S.UNKNOWN:
        return None
    for word, meaning in MEANINGS.items():
        if meaning.forward is wanted:
            return at(hours, word, None if wanted in (S.RETURNING, S.RETURNED) else OUT)
    raise AssertionError(f"no word of Amazon's means {wanted}")


@pytest.mark.parametrize(
    ("events", "shown"),
    [
        ([], S.UNKNOWN),
        ([at(1, "Lost"), at(2, "Delivered")], S.DELIVERED),
        ([at(1, "Delivered"), at(2, "DeliveryAttempted")], S.DELIVERED),
        ([at(1, "Delivered"), at(2, "Lost", OUT)], S.DELIVERED),
        ([at(1, "Lost"), at(2, "Departed")], S.IN_TRANSIT),
        ([at(1, "PickupCancelled"), at(2, "PickupDone")], S.IN_TRANSIT),
        ([at(1, "DeliveryAttempted"), at(2, "ArrivedAtCarrierFacility")], S.IN_TRANSIT),
        ([at(1, "OutForDelivery"), at(2, "RecipientRequestedAlternateDeliveryTiming")], S.OUT_FOR_DELIVERY),
        ([at(1, "OutForDelivery"), at(2, "SomethingNew")], S.OUT_FOR_DELIVERY),
        ([at(1, "SomethingNew", None, DetailCodes.SIGNED)], S.DELIVERED),
        ([at(1, "SomethingNew", BACK, DetailCodes.SIGNED)], S.RETURNED),
        ([at(1, "SomethingNew", BACK, DetailCodes.ARRIVED_AT_LOCAL_FACILITY)], S.RETURNING),
        ([at(1, "SomethingNew", OUT, DetailCodes.DAMAGED)], S.UNKNOWN),
        # a return, which Amazon ends with the word Delivered
        ([at(1, "Rejected", OUT), at(2, "Departed", BACK), at(3, "Delivered", BACK)], S.RETURNED),
        ([at(1, "Delivered", OUT), at(2, "ReturnInitiated", BACK)], S.RETURNING),
        ([at(1, "Undeliverable"), at(2, "ReturnInitiated"), at(3, "Delivered")], S.RETURNED),
        ([at(1, "Returned"), at(2, "OutForDelivery", OUT)], S.RETURNED),
        ([at(1, "Delivered", OUT), at(2, "Lost", BACK)], S.LOST),
        ([at(1, "Delivered", OUT), at(2, "Lost", BACK), at(3, "Delivered")], S.RETURNED),
        ([at(1, "ReturnInitiated"), at(2, "Delivered", OUT)], S.DELIVERED),
        # a return label that is not used changes nothing
        (
            [at(1, "Delivered", OUT), at(2, "ReadyForReceive", BACK), at(3, "PickupCancelled", BACK)],
            S.DELIVERED,
        ),
    ],
)
def test_the_way_of_a_parcel_ends_in_its_status(events: list[TrackedEvent], shown: TrackingStatus) -> None:
    assert status(*events) is shown
    assert status(*reversed(events)) is shown


def test_of_events_at_the_same_second_the_further_one_counts_as_the_later() -> None:
    both = [at(1, "Delivered"), at(1 + 0.5 / 3600, "Lost")]
    assert status(*both) is status(*reversed(both)) is S.DELIVERED
    assert status(at(1, "Delivered"), at(1 + 2 / 3600, "ReturnInitiated")) is S.RETURNING


def summed_up(word: str | None, forward: str = "", returns: str = "") -> TrackedSummary:
    return TrackedSummary(
        Status(word) if word else None,
        tuple(map(DetailCodes, forward.split())),
        tuple(map(DetailCodes, returns.split())),
    )


@pytest.mark.parametrize(
    ("summary", "shown"),
    [
        (summed_up(None), S.UNKNOWN),
        (summed_up("PreTransit"), S.LABEL_CREATED),
        (summed_up("AwaitingCustomerPickup"), S.AVAILABLE_FOR_PICKUP),
        (summed_up("Delivered", "DeliveredToPorch"), S.DELIVERED),
        (summed_up("Delivered", "Rejected", "Signed"), S.RETURNED),
        (summed_up("InTransit", "", "ArrivedAtLocalFacility"), S.RETURNING),
        (summed_up(None, "Signed CustomerUnavailable"), S.DELIVERED),
        (summed_up("SomethingNew", "CustomerUnavailable"), S.DELIVERY_ATTEMPTED),
        (summed_up(None, "Rejected", "Signed"), S.RETURNED),
        (summed_up(None, "Damaged"), S.UNKNOWN),
    ],
)
def test_without_events_the_summary_says_where_the_parcel_is(
    summary: TrackedSummary, shown: TrackingStatus
) -> None:
    assert status(summary=summary) is shown


@pytest.mark.parametrize(
    ("events", "word", "received", "shown"),
    [
        # it fills what no event states
        ([at(1, "OutForDelivery")], "Delivered", 2, S.DELIVERED),
        ([at(1, "Departed", BACK)], "Delivered", 2, S.RETURNED),
        ([at(1, "Departed")], "Lost", 2, S.LOST),
        # an event that happened later comes after it
        ([at(1, "Departed"), at(3, "OutForDelivery")], "Lost", 2, S.OUT_FOR_DELIVERY),
        ([at(3, "Delivered")], "OutForDelivery", 2, S.DELIVERED),
        # and it changes nothing that events state, nor goes back behind them
        (
            [at(1, "DeliveryAttempted"), at(2, "ArrivedAtCarrierFacility")],
            "DeliveryAttempted",
            3,
            S.IN_TRANSIT,
        ),
        ([at(1, "OutForDelivery")], "InTransit", 2, S.OUT_FOR_DELIVERY),
        ([at(1, "Delivered")], "Lost", 2, S.DELIVERED),
        ([at(1, "Returned")], "Delivered", 2, S.RETURNED),
    ],
)
def test_a_summary_fills_only_what_events_lack(
    events: list[TrackedEvent], word: str, received: float, shown: TrackingStatus
) -> None:
    assert status(*events, summary=summed_up(word), received=received) is shown


def test_no_word_means_nothing() -> None:
    assert meaning_of(None, (), None) is None
