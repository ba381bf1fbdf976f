"""How far a routing request is, and its labels as files."""

import base64
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from spshipping.errors import AccessDeniedError
from spshipping.vendor.routing import (
    CarrierWithoutLabel,
    LabelsPending,
    LabelsSaved,
    NoLabelsByTruck,
    PickupState,
    UnknownPickup,
)
from spshipping.vendor.shipments import Shipment, ShipmentStatus, ShipmentType
from spshipping.wire.convert import from_dict
from tests.drives import DRIVES, Drive
from tests.kit import ScriptedTransport, answer, refusal

PDF = b"%PDF-1.4 a label"
NO_LABEL = refusal(404, "NotFound", "Resource Not Found")
NAME = "P-1"


@pytest.fixture(params=DRIVES)
def drive(request: pytest.FixtureRequest) -> Iterator[Drive]:
    made: Callable[[], Drive] = request.param
    running = made()
    yield running
    running.close()


def label(number: int | None = 1, tracking: str | None = "1Z1", data: bytes = PDF, **more: Any) -> Any:
    return {
        "labelSequenceNumber": number,
        "labelFormat": "PDF",
        "trackingId": tracking,
        "label": base64.b64encode(data).decode(),
        **more,
    }


def labels(*found: Any, name: str | None = NAME, total: int | None = None, master: str = "1Z1") -> Any:
    return {
        "shipmentInformation": {
            "vendorDetails": {"vendorShipmentIdentifier": name},
            "masterTrackingId": master,
            "totalLabelCount": total,
        },
        "labelData": list(found),
    }


def page(*sets: Any, token: str | None = None) -> Any:
    more = {"pagination": {"nextToken": token}} if token else {}
    return answer(200, {"payload": {"transportLabels": list(sets), **more}})


def shipment(status: str | None = "CarrierAssigned", name: str = NAME, **more: Any) -> Any:
    party = {"partyId": "W-1"}
    return {
        "vendorShipmentIdentifier": name,
        "currentShipmentStatus": status,
        "sellingParty": party,
        "shipFromParty": party,
        "shipToParty": party,
        **more,
    }


def details(*shipments: Any, token: str | None = None) -> Any:
    more = {"pagination": {"nextToken": token}} if token else {}
    return answer(200, {"payload": {"shipments": list(shipments), **more}})


def saved(drive: Drive, folder: Path, *steps: Any) -> Any:
    network = ScriptedTransport(steps)
    with drive.client(network) as client:
        outcome = client.vendor.save_labels(NAME, folder)
    assert network.steps == []
    return outcome


def test_labels_are_files_that_only_their_owner_reads(drive: Drive, tmp_path: Path) -> None:
    folder = tmp_path / "labels"
    outcome = saved(drive, folder, page(labels(label(), label(2, "1Z2"), total=2)))
    assert isinstance(outcome, LabelsSaved)
    assert outcome.is_complete
    assert [(each.path, each.sequence_number, each.tracking_id) for each in outcome.labels] == [
        (folder / "P-1-001-1Z1.pdf", 1, "1Z1"),
        (folder / "P-1-002-1Z2.pdf", 2, "1Z2"),
    ]
    for each in outcome.labels:
        assert each.path.read_bytes() == PDF
        assert stat.S_IMODE(each.path.stat().st_mode) == 0o600


def test_labels_that_are_saved_again_are_the_same_files(drive: Drive, tmp_path: Path) -> None:
    for _ in range(2):
        saved(drive, tmp_path, page(labels(label(), total=1)))
    assert [path.name for path in tmp_path.iterdir()] == ["P-1-001-1Z1.pdf"]


def test_labels_come_over_empty_pages(drive: Drive, tmp_path: Path) -> None:
    outcome = saved(drive, tmp_path, page(token="next"), page(labels(label())))
    assert len(outcome.labels) == 1


def test_missing_and_unreadable_labels_are_counted(drive: Drive, tmp_path: Path) -> None:
    outcome = saved(
        drive,
        tmp_path,
        page(
            labels(label(), label(2, "1Z2", b"no pdf"), total=4),
            labels(label(1, "1Z9"), total=1, master="1Z9"),
        ),
    )
    assert len(outcome.labels) == 2
    assert outcome.missing == 3
    assert not outcome.is_complete


def test_labels_that_cannot_be_read_are_not_there(drive: Drive, tmp_path: Path) -> None:
    assert saved(drive, tmp_path, page(labels(label(data=b"no")))) == LabelsSaved((), 1)
    assert list(tmp_path.iterdir()) == []


def test_labels_of_other_requests_are_left_alone(drive: Drive, tmp_path: Path) -> None:
    outcome = saved(
        drive,
        tmp_path,
        page(
            labels(label(tracking="1Z7"), name="P-2"),
            labels(label(None, None), name=None),
            {"labelData": [label(None, "1Z3")]},
            {},
        ),
    )
    assert [each.path.name for each in outcome.labels] == ["P-1-001.pdf", "P-1-002-1Z3.pdf"]


def test_no_name_leads_out_of_the_folder(drive: Drive, tmp_path: Path) -> None:
    folder = tmp_path / "labels"
    odd = label(tracking="../../1Z1", labelFormat="../PDF")
    outcome = saved(drive, folder, page(labels(odd, label(1, ".._.._1Z1"))))
    assert len({each.path for each in outcome.labels}) == 2
    assert {path.parent for path in tmp_path.rglob("*") if path.is_file()} == {folder}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([NO_LABEL, details(shipment("Created"))], LabelsPending(ShipmentStatus.CREATED)),
        ([page(), details(shipment(None))], LabelsPending(None)),
        ([page(), details(shipment())], CarrierWithoutLabel(ShipmentStatus.CARRIER_ASSIGNED)),
        ([NO_LABEL, details(shipment("Shipped"))], CarrierWithoutLabel(ShipmentStatus.SHIPPED)),
        (
            [page(), details(shipment(transportationDetails={"shipMode": "SmallParcel"}))],
            CarrierWithoutLabel(ShipmentStatus.CARRIER_ASSIGNED),
        ),
        (
            [NO_LABEL, details(shipment(transportationDetails={"shipMode": "TruckLoad"}))],
            NoLabelsByTruck(ShipmentType.TRUCK_LOAD),
        ),
        ([NO_LABEL, NO_LABEL], UnknownPickup()),
        ([page(), details()], UnknownPickup()),
        ([page(), details(shipment(name="P-2"))], UnknownPickup()),
    ],
)
def test_why_there_is_no_label_is_an_outcome_with_advice(
    drive: Drive, tmp_path: Path, steps: list[Any], expected: Any
) -> None:
    outcome = saved(drive, tmp_path, *steps)
    assert outcome == expected
    assert outcome.advice
    assert list(tmp_path.iterdir()) == []


def test_other_errors_are_raised(drive: Drive, tmp_path: Path) -> None:
    with (
        drive.client(ScriptedTransport([refusal(403, "Unauthorized")])) as client,
        pytest.raises(AccessDeniedError),
    ):
        client.vendor.save_labels(NAME, tmp_path)


def test_the_state_is_found_although_amazon_ignores_the_filter(drive: Drive) -> None:
    odd = shipment()
    del odd["vendorShipmentIdentifier"]
    network = ScriptedTransport(
        [
            details(odd, shipment(name="P-2"), token="next"),
            details(shipment(buyerReferenceNumber="111"), token="more"),
        ]
    )
    with drive.client(network) as client:
        found = client.vendor.pickup_state(NAME)
    assert found is not None
    assert (found.identifier, found.amazon_reference_number) == (NAME, "111")
    assert found.has_carrier
    assert "vendorShipmentIdentifier=P-1" in network.requests[0].url


def test_a_state_has_carrier_and_history_the_oldest_first() -> None:
    times = ["2026-11-30T10:00:00Z", "2026-11-30T09:00:00Z"]
    found = PickupState.of(
        from_dict(
            shipment(
                None,
                shipmentStatusDetails=[
                    {"shipmentStatus": "TransportationRequested", "shipmentStatusDate": times[0]},
                    {"shipmentStatus": "Created", "shipmentStatusDate": times[1]},
                    {"shipmentStatus": "Shipped"},
                    {},
                ],
                collectFreightPickupDetails={"scheduledPickUp": "2026-12-03T08:00:00Z"},
                transportationDetails={
                    "shipMode": "SmallParcel",
                    "carrierDetails": {"name": "Freight", "code": "FRGT", "phone": "+49 30 1"},
                },
            ),
            Shipment,
        )
    )
    assert found.status is ShipmentStatus.TRANSPORTATION_REQUESTED
    assert not found.has_carrier
    assert [status for status, _ in found.reached] == [
        ShipmentStatus.CREATED,
        ShipmentStatus.TRANSPORTATION_REQUESTED,
    ]
    assert found.scheduled_pick_up == datetime(2026, 12, 3, 8, tzinfo=UTC)
    assert (found.carrier_code, found.carrier_name) == ("FRGT", "Freight")
    assert found.ship_mode is ShipmentType.SMALL_PARCEL
    assert "+49" not in repr(found)


def test_what_amazon_has_not_said_is_none() -> None:
    found = PickupState.of(from_dict(shipment(None), Shipment))
    assert (found.status, found.scheduled_pick_up, found.carrier_code) == (None, None, None)
    assert (found.reached, found.has_carrier, found.ship_mode) == ((), False, None)
    bare = PickupState.of(from_dict(shipment(transportationDetails={}), Shipment))
    assert bare.carrier_name is None


def test_labels_that_nothing_tells_apart_take_no_place_of_another(drive: Drive, tmp_path: Path) -> None:
    sets = [
        labels(label(1, None, PDF + b" a"), total=2),
        labels(label(1, None, PDF + b" b"), label(None, "1z", PDF + b" c")),
        labels(label(2, "1Z", PDF + b" d")),
    ]
    for found in (sets, sets[:1] + sets[1:], [sets[1], sets[0], sets[2]]):
        outcome = saved(drive, tmp_path, page(*found))
        assert len({each.path for each in outcome.labels}) == len(outcome.labels) == 4
    files = {path.read_bytes()[-1:] for path in tmp_path.iterdir()}
    assert files == {b"a", b"b", b"c", b"d"}


def test_a_page_that_comes_twice_hides_no_missing_label(drive: Drive, tmp_path: Path) -> None:
    once = labels(label(), total=2)
    outcome = saved(drive, tmp_path, page(once, token="next"), page(once))
    assert (len(outcome.labels), outcome.missing) == (1, 1)


@pytest.mark.parametrize(
    ("status", "carrier", "expected"),
    [
        ("Carrier Assigned", {}, (ShipmentStatus.CARRIER_ASSIGNED, True)),
        ("Transportation Requested", {}, (ShipmentStatus.TRANSPORTATION_REQUESTED, False)),
        ("InTransit", {"code": "UPSN"}, (ShipmentStatus("InTransit"), True)),
        ("InTransit", {"name": "UPS"}, (ShipmentStatus("InTransit"), True)),
        ("OnHold", {}, (ShipmentStatus("OnHold"), False)),
    ],
)
def test_a_status_counts_however_amazon_spells_it(
    status: str, carrier: dict[str, str], expected: tuple[ShipmentStatus, bool]
) -> None:
    entry = {"shipmentStatus": status, "shipmentStatusDate": "2026-11-30T10:00:00Z"}
    more: dict[str, Any] = {
        "transportationDetails": {"carrierDetails": carrier},
        "shipmentStatusDetails": [entry],
    }
    found = PickupState.of(from_dict(shipment(status, **more), Shipment))
    assert (found.status, found.has_carrier) == expected
    assert found.reached[0][0] == expected[0]
    unsaid = PickupState.of(from_dict(shipment(None, **more), Shipment))
    assert unsaid.status == expected[0]
