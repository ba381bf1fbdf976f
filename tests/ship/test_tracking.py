"""Shipments are tracked by their references, through the journal."""

from typing import Any

import pytest

from spshipping import GatewayError, InvalidRequestError, NotFoundError
from spshipping.journal import State
from spshipping.shipping import GetRatesRequest, TrackedShipment, TrackingStatus
from spshipping.shipping.ship import track as module
from tests.ship.conftest import Stage, ship


def tracked(stage: Stage, references: Any) -> dict[tuple[str, int], TrackedShipment]:
    return {(one.reference, one.generation): one for one in stage.purchases().track(references)}


def test_shipments_are_tracked_by_reference_and_generation(stage: Stage, parcel: GetRatesRequest) -> None:
    first = ship(stage, parcel)
    stage.purchases().cancel("1001")
    second = ship(stage, parcel, generation=2)
    other = ship(stage, parcel, reference="1002")
    stage.pass_time(7 * 86_400)
    found = tracked(stage, ["1001", ("1001", 2), "1002"])
    ids = {key: one.tracking_id for key, one in found.items()}
    assert ids == {
        ("1001", 1): first.tracking_id,
        ("1001", 2): second.tracking_id,
        ("1002", 1): other.tracking_id,
    }
    timelines = {key: one.timeline for key, one in found.items()}
    assert all(one is not None for one in timelines.values())
    assert {key: one.status for key, one in timelines.items() if one} == {
        ("1001", 1): TrackingStatus.CANCELLED,
        ("1001", 2): TrackingStatus.DELIVERED,
        ("1002", 1): TrackingStatus.DELIVERED,
    }


def test_what_cannot_be_tracked_stops_no_other(stage: Stage, parcel: GetRatesRequest) -> None:
    ship(stage, parcel)
    stage.fail("status", status=400, operation="getRates")
    with pytest.raises(Exception, match="getRates"):
        ship(stage, parcel, reference="refused")
    stage.fail("status", status=404, operation="getTracking")
    found = tracked(stage, ["1001", "never", "refused"])
    assert isinstance(found["1001", 1].error, NotFoundError)
    assert isinstance(found["never", 1].error, GatewayError)
    assert isinstance(found["refused", 1].error, GatewayError)
    assert [one.timeline for one in found.values()] == [None, None, None]


def test_a_shipment_that_a_person_settled_without_its_carrier_has_an_error(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    stage.fail("drop_before", count=3)
    with pytest.raises(Exception, match="purchaseShipment"):
        ship(stage, parcel)
    stage.pass_time(700)
    assert stage.purchases().settle("1001", bought="S1").state is State.BOUGHT
    (one,) = stage.purchases().track(["1001"])
    assert (one.tracking_id, one.is_trackable) == (None, True)
    assert "no tracking id" in str(one.error)


def test_references_are_drawn_in_chunks(
    stage: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CHUNK", 2)
    for number in range(5):
        ship(stage, parcel, reference=str(number))
    assert sorted(reference for reference, _ in tracked(stage, (str(n) for n in range(5)))) == list("01234")


@pytest.mark.parametrize("references", ["1001", [7], [("1001",)], [("1001", 0)]])
def test_what_is_no_reference_is_refused(stage: Stage, references: Any) -> None:
    with pytest.raises(InvalidRequestError):
        list(stage.purchases().track(references))
