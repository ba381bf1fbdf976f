"""Where a parcel is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spshipping.shipping import EventCode, GetTrackingResult, ShipmentType, Status
from spshipping.wire.convert import loads
from tests.unit.shipping.build import event, law, tracked

OUT, BACK = ShipmentType.FORWARD, ShipmentType.RETURNS


@pytest.mark.parametrize("leg", [OUT, None])
def test_a_parcel_at_its_recipient_is_delivered(leg: ShipmentType | None) -> None:
    result = tracked(event(1, OUT, EventCode.PICKUP_DONE), event(2, leg))
    assert (result.is_delivered, result.is_returned) == (True, False)


def test_a_parcel_back_with_its_sender_is_returned_and_not_delivered() -> None:
    result = tracked(event(1, OUT), event(9, BACK), event(5, BACK, EventCode.RETURN_INITIATED))
    assert (result.is_delivered, result.is_returned) == (False, True)


@pytest.mark.parametrize("status", [None, *(status for status in Status if status != Status.DELIVERED)])
@pytest.mark.parametrize("leg", [OUT, BACK])
def test_a_parcel_on_its_way_is_neither(status: Status | None, leg: ShipmentType) -> None:
    result = tracked(event(1, leg), status=status)
    assert (result.is_delivered, result.is_returned) == (False, False)


@law
@given(st.lists(st.none() | st.integers(0, 9)))
def test_the_latest_event_is_by_time_and_then_by_place(times: list[int | None]) -> None:
    events = [event(hours) for hours in times]
    latest = tracked(*events).latest
    if latest is None:
        assert events == []
        return
    place = next(n for n, each in enumerate(events) if each is latest)
    ranks = [(-1 if hours is None else hours, n) for n, hours in enumerate(times)]
    assert ranks[place] == max(ranks)


@pytest.mark.parametrize(
    ("data", "is_delivered"),
    [
        ('{"trackingId": "T1"}', False),
        ('{"eventHistory": null, "summary": null}', False),
        ('{"eventHistory": [null], "summary": {"status": "Delivered"}}', True),
        ('{"eventHistory": [{}], "summary": {"status": "Delivered"}}', True),
        (
            '{"eventHistory": [{"eventTime": "soon", "shipmentType": 1}], "summary": {"status": "Lost"}}',
            False,
        ),
    ],
)
def test_an_answer_with_holes_still_says_where_the_parcel_is(data: str, is_delivered: bool) -> None:
    result = loads(data, GetTrackingResult)
    assert (result.is_delivered, result.is_returned) == (is_delivered, False)


def test_the_event_that_amazons_model_lacks_is_known() -> None:
    data: Any = '{"eventHistory": [{"eventCode": "PackageReceivedByCarrier"}]}'
    history = loads(data, GetTrackingResult).event_history
    assert history[0].event_code is EventCode.PACKAGE_RECEIVED_BY_CARRIER
    assert history[0].event_code.is_known
