"""Answers as they may be: a form at once, a history that lags, fields that are not there."""

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spshipping.errors import DecodeError
from spshipping.shipping import Collected, CollectionStatus
from spshipping.transport.http import HttpResponse
from tests.drives import DRIVES, Drive, RoutedTransport
from tests.kit import FakeClock, answer
from tests.unit.shipping.build import PDF

FORMS = "/shipping/v2/collectionForms"
ADDRESS = {
    "name": "Ada Lovelace",
    "addressLine1": "1 Dorset Street",
    "city": "London",
    "stateOrRegion": "London",
    "postalCode": "E1 6AN",
    "countryCode": "GB",
}
PLACE: dict[str, Any] = {"address": ADDRESS}


@pytest.fixture(params=DRIVES)
def drive(request: pytest.FixtureRequest) -> Iterator[Drive]:
    made: Drive = request.param()
    yield made
    made.close()


def listed(*places: dict[str, Any], **changes: Any) -> HttpResponse:
    carrier = {
        "carrierId": "UPS",
        "carrierName": "UPS",
        "unmanifestedShipmentLocationList": places,
        **changes,
    }
    return answer(200, {"unmanifestedCarrierInformationList": [carrier]})


def form(data: bytes = PDF) -> HttpResponse:
    document = {"base64EncodedContent": base64.b64encode(data).decode(), "documentFormat": "application/pdf"}
    return answer(200, {"collectionsFormDocument": document})


def history(*records: dict[str, Any]) -> HttpResponse:
    return answer(200, {"collectionFormsHistoryRecordList": records})


def record(**changes: Any) -> dict[str, Any]:
    fields = {"carrierName": "UPS", "generationStatus": "Completed", "collectionFormId": "../12"}
    return {**fields, **changes}


Collect = Callable[..., list[Collected]]


@pytest.fixture
def collect(drive: Drive, tmp_path: Path) -> Collect:
    def collected(
        waiting: HttpResponse, generated: HttpResponse, *histories: HttpResponse, forms: Any = (), **more: Any
    ) -> list[Collected]:
        network = RoutedTransport(
            {
                "/shipping/v2/unmanifestedShipments": [waiting],
                FORMS: [generated],
                f"{FORMS}/history": list(histories),
                f"{FORMS}/..%2F12": list(forms),
            }
        )
        client = drive.client(network, FakeClock())
        found: list[Collected] = client.shipping.collect(tmp_path, seller="S", **more)
        return found

    return collected


def test_a_form_that_comes_at_once_is_saved_and_not_requested_again(collect: Collect, tmp_path: Path) -> None:
    (result,) = collect(listed(PLACE), form(), history(record(shipFromAddress=ADDRESS)))
    assert (result.status, result.form_id) == (CollectionStatus.SAVED, "../12")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [PDF]


def test_a_form_that_comes_at_once_is_saved_though_the_history_lags(collect: Collect, tmp_path: Path) -> None:
    (result,) = collect(listed(PLACE), form(), history())
    assert (result.status, result.form_id, result.carrier_id) == (CollectionStatus.SAVED, None, "UPS")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [PDF]


def test_a_form_that_cannot_be_read_is_an_error(collect: Collect, tmp_path: Path) -> None:
    for histories in ([history()], [history(record())]):
        (result,) = collect(listed(PLACE), form(b"no PDF"), *histories)
        assert result.status is CollectionStatus.FAILED
        assert isinstance(result.error, DecodeError)
    assert not list(tmp_path.iterdir())


def test_a_form_without_a_document_is_an_error(collect: Collect) -> None:
    (result,) = collect(listed(PLACE), answer(200, {}), history(record()), forms=[answer(200, {})])
    assert (result.status, result.form_id) == (CollectionStatus.FAILED, "../12")


def test_what_is_in_no_history_in_time_is_in_progress(collect: Collect) -> None:
    (result,) = collect(listed(PLACE), answer(200, {}), history(), history(), wait=2)
    assert (result.status, result.form_id) == (CollectionStatus.IN_PROGRESS, None)


def test_a_record_of_another_place_or_carrier_or_without_an_id_is_not_the_form(collect: Collect) -> None:
    elsewhere = record(shipFromAddress={**ADDRESS, "postalCode": "LE1 1AA"})
    of_another = record(carrierName="FedEx", collectionFormId="13", generationStatus="InProgress")
    results = collect(
        listed(PLACE),
        answer(200, {}),
        history(elsewhere, of_another, record(collectionFormId=None)),
        forms=[form()],
        wait=0,
    )
    assert [(result.status.value, result.carrier_id, result.form_id) for result in results] == [
        ("saved", None, "../12"),
        ("in_progress", None, "13"),
        ("in_progress", "UPS", None),
    ]


def test_a_record_of_another_day_is_left_alone(collect: Collect) -> None:
    old = record(creationDate="2026-02-27T12:00:00Z")
    (result,) = collect(listed(PLACE), answer(200, {}), history(old), wait=0)
    assert result.status is CollectionStatus.IN_PROGRESS


def test_a_place_without_an_address_is_collected(collect: Collect) -> None:
    (result,) = collect(listed({}), form(), history(record(shipFromAddress=ADDRESS)))
    assert (result.status, result.carrier_id) == (CollectionStatus.SAVED, "UPS")


def test_amazons_own_carrier_needs_no_form_where_it_is_listed(collect: Collect) -> None:
    (result,) = collect(listed(PLACE, carrierId="AMZN_UK"), form(), history())
    assert (result.status, result.carrier_id) == (CollectionStatus.NOTHING_TO_COLLECT, "AMZN_UK")


def test_a_carrier_without_an_id_or_a_place_is_no_carrier(collect: Collect) -> None:
    assert collect(listed(PLACE, carrierId=None), form(), history()) == []
    assert collect(listed(), form(), history()) == []
