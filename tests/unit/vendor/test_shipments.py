"""Vendor Shipments and transactions: what each method sends, what it refuses, and how it is repeated."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest

from spshipping import DecodeError, Effect, InvalidRequestError, NotFoundError, OutcomeUnknownError, reveal
from spshipping.operation import Call
from spshipping.vendor.shipments import (
    SUBMIT_SHIPMENT_CONFIRMATIONS,
    SUBMIT_SHIPMENTS,
    CarrierDetails,
    Item,
    ItemQuantity,
    LabelData,
    LabelFormat,
    PartyIdentification,
    Shipment,
    ShipmentConfirmation,
    ShipmentConfirmationType,
    ShipmentStatus,
    SortOrder,
    SubmitShipmentConfirmationsRequest,
    SubmitShipments,
    TransactionType,
    UnitOfMeasure,
    VendorShipmentsApi,
)
from spshipping.vendor.transactions import TransactionState, VendorTransactionsApi
from tests.kit import ScriptedTransport, answer, client_of, refusal
from tests.unit.vendor.build import queries, shipments_api

NOW = datetime(2026, 2, 1, 9, 30, tzinfo=UTC)
HOST = "https://sellingpartnerapi-eu.amazon.com"
TAKEN = {"payload": {"transactionId": "20260201-1"}}
PDF = b"%PDF-1.4 a label"


def party(code: str) -> PartyIdentification:
    """Make a party of a code alone."""
    return PartyIdentification(party_id=code)


def confirmation() -> SubmitShipmentConfirmationsRequest:
    """Make a shipment confirmation of one item."""
    quantity = ItemQuantity(amount=10, unit_of_measure=UnitOfMeasure.EACHES)
    shipped = ShipmentConfirmation(
        shipment_identifier="S-1",
        shipment_confirmation_type=ShipmentConfirmationType.ORIGINAL,
        shipment_confirmation_date=NOW,
        selling_party=party("ABCD1"),
        ship_from_party=party("EFGH1"),
        ship_to_party=party("PHX3"),
        shipped_items=[Item(item_sequence_number="001", shipped_quantity=quantity)],
    )
    return SubmitShipmentConfirmationsRequest(shipment_confirmations=[shipped])


def pickup(**changes: Any) -> Shipment:
    """Make a transportation request."""
    facts: dict[str, Any] = {
        "vendor_shipment_identifier": "00050003",
        "transaction_type": TransactionType.NEW,
        "transaction_date": NOW,
        "selling_party": party("ABCD1"),
        "ship_from_party": party("EFGH1"),
        "ship_to_party": party("PHX3"),
        **changes,
    }
    return Shipment(**facts)


def test_a_confirmation_is_sent_as_amazon_describes_it() -> None:
    api, network = shipments_api(TAKEN)
    assert api.submit_shipment_confirmations(confirmation()).transaction_id == "20260201-1"
    (request,) = network.requests
    assert (request.method, request.url) == ("POST", f"{HOST}/vendor/shipping/v1/shipmentConfirmations")
    assert request.body == (
        b'{"shipmentConfirmations":[{"shipmentIdentifier":"S-1","shipmentConfirmationType":"Original",'
        b'"shipmentConfirmationDate":"2026-02-01T09:30:00Z","sellingParty":{"partyId":"ABCD1"},'
        b'"shipFromParty":{"partyId":"EFGH1"},"shipToParty":{"partyId":"PHX3"},"shippedItems":'
        b'[{"itemSequenceNumber":"001","shippedQuantity":{"amount":10,"unitOfMeasure":"Eaches"}}]}]}'
    )


def test_a_confirmation_is_never_repeated_once_it_may_have_arrived() -> None:
    assert SUBMIT_SHIPMENT_CONFIRMATIONS.effect is Effect.ONCE
    network = ScriptedTransport([refusal(500, "InternalFailure")])
    with pytest.raises(OutcomeUnknownError):
        VendorShipmentsApi(client_of(network).context).submit_shipment_confirmations(confirmation())
    assert len(network.requests) == 1


def test_a_transportation_request_is_repeated_since_its_identifier_makes_that_harmless() -> None:
    assert SUBMIT_SHIPMENTS.effect is Effect.IDEMPOTENT
    network = ScriptedTransport([refusal(503, "ServiceUnavailable"), answer(202, TAKEN)])
    api = VendorShipmentsApi(client_of(network).context)
    assert api.submit_shipments(SubmitShipments(shipments=[pickup()])).transaction_id == "20260201-1"
    assert network.requests[0].url == f"{HOST}/vendor/shipping/v1/shipments"
    assert network.requests[0].body == network.requests[1].body


@pytest.mark.parametrize("name", ["transaction_type", "transaction_date"])
def test_a_transportation_request_states_what_only_answers_leave_out(name: str) -> None:
    api, network = shipments_api(TAKEN)
    with pytest.raises(InvalidRequestError, match="is needed in every transportation request") as caught:
        api.submit_shipments(SubmitShipments(shipments=[pickup(), pickup(**{name: None})]))
    assert caught.value.path == f"shipments[1].{name}"
    assert network.requests == []


@pytest.mark.parametrize("shipments", ["text", [None]])
def test_what_is_no_transportation_request_is_refused_where_it_is_written(shipments: Any) -> None:
    api, network = shipments_api(TAKEN)
    with pytest.raises(InvalidRequestError) as caught:
        api.submit_shipments(SubmitShipments(shipments=shipments))
    assert caught.value.path
    assert caught.value.path.startswith("shipments")
    assert network.requests == []


def test_a_request_restored_from_its_bytes_is_sent_as_it_is() -> None:
    network = ScriptedTransport([answer(202, TAKEN)])
    restored = SUBMIT_SHIPMENTS.restore(path={}, query={}, headers={}, content=b'{"shipments":[]}')
    assert isinstance(restored, Call)
    client_of(network).send(restored)
    assert network.requests[0].body == b'{"shipments":[]}'


def test_details_are_found_by_every_filter_as_amazon_writes_it() -> None:
    body = {
        "payload": {
            "shipments": [
                {
                    "vendorShipmentIdentifier": "00050003",
                    "currentShipmentStatus": "Shipped",
                    "currentshipmentStatusDate": "2019-08-09T19:56:45.632",
                    "sellingParty": {"partyId": "ABCD1"},
                    "shipFromParty": {"partyId": "EFGH1"},
                    "shipToParty": {"partyId": "PHX3"},
                }
            ]
        }
    }
    api, network = shipments_api(body, body)
    page = api.get_shipment_details(
        created_after=NOW,
        scheduled_pick_up_before=NOW,
        current_shipment_status=ShipmentStatus.SHIPPED,
        vendor_shipment_identifier="00050003",
        sort_order=SortOrder.ASC,
        limit=50,
    )
    assert queries(network) == [
        "limit=50&sortOrder=ASC&createdAfter=2026-02-01T09%3A30%3A00Z"
        "&scheduledPickUpBefore=2026-02-01T09%3A30%3A00Z&currentShipmentStatus=Shipped"
        "&vendorShipmentIdentifier=00050003"
    ]
    assert page.shipments
    (shipment,) = page.shipments
    assert (shipment.transaction_type, shipment.transaction_date) == (None, None)
    assert shipment.currentshipment_status_date == datetime(2019, 8, 9, 19, 56, 45, 632000, UTC)
    assert list(api.iter_shipment_details()) == [shipment]


def test_a_page_of_labels_may_be_empty_although_more_follow() -> None:
    label = {"labelSequenceNumber": 1, "labelFormat": "PDF", "label": base64.b64encode(PDF).decode()}
    found_page = {"payload": {"transportLabels": [{"labelData": [label]}]}}
    api, network = shipments_api(
        {"payload": {"transportLabels": [], "pagination": {"nextToken": "t"}}}, found_page
    )
    pages = list(api.shipment_label_pages(vendor_shipment_identifier="00050003"))
    assert [len(page.value.transport_labels or ()) for page in pages] == [0, 1]
    assert queries(network)[1] == "vendorShipmentIdentifier=00050003&nextToken=t"
    found = pages[1].value.transport_labels or []
    assert list(shipments_api(found_page)[0].iter_shipment_labels()) == found
    assert [each.data for label in found for each in label.label_data or ()] == [PDF]


def test_pages_of_details_know_the_next_one() -> None:
    api, _ = shipments_api({"payload": {"shipments": [], "pagination": {"nextToken": "t"}}}, {"payload": {}})
    assert [bool(page.next_call) for page in api.shipment_detail_pages()] == [True, False]


def test_no_label_before_a_carrier_was_assigned_is_an_error_of_its_own() -> None:
    network = ScriptedTransport([refusal(404, "NotFound", "Resource Not Found")])
    api = VendorShipmentsApi(client_of(network).context)
    with pytest.raises(NotFoundError, match="Resource Not Found"):
        api.get_shipment_labels(vendor_shipment_identifier="00050003")


@pytest.mark.parametrize(
    ("label", "format"),
    [(None, LabelFormat.PDF), ("", None), ("?", LabelFormat.PDF), ("QUJD", LabelFormat.PDF)],
)
def test_a_label_that_is_none_is_said_to_be_broken(label: str | None, format: LabelFormat | None) -> None:
    with pytest.raises(DecodeError, match="request it again"):
        _ = LabelData(label=label, label_format=format).data


def test_a_label_in_a_format_that_is_not_known_is_handed_out_as_it_is() -> None:
    assert LabelData(label="QU JD\n", label_format=LabelFormat("ZPL")).data == b"ABC"


def test_labels_and_the_people_of_a_carrier_are_hidden() -> None:
    carrier = CarrierDetails(name="Analytical Haulage", phone="+44 20", email="ada@example.com")
    assert repr(carrier) == "CarrierDetails(name='Analytical Haulage', phone=…, email=…)"
    assert "ada@example.com" in reveal(carrier)
    assert "QUJD" not in repr(LabelData(label="QUJD"))


def test_a_failed_transaction_is_an_answer_with_its_reasons() -> None:
    failed = {
        "transactionId": "a/b",
        "status": "Failure",
        "errors": [{"code": "INVALID_ORDER_ID", "message": "Invalid order ID."}],
    }
    network = ScriptedTransport([answer(200, {"payload": {"transactionStatus": failed}})])
    found = VendorTransactionsApi(client_of(network).context).get_transaction("a/b")
    assert network.requests[0].url == f"{HOST}/vendor/transactions/v1/transactions/a%2Fb"
    assert found.transaction_status.status is TransactionState.FAILURE
    assert found.transaction_status.errors
    assert found.transaction_status.errors[0].code == "INVALID_ORDER_ID"
