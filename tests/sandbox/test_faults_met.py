"""Every kind of fault, met by the client: what it repeats and repairs, and that one label is bought."""

import logging
from typing import Any

import pytest

from spshipping import Call, Client, DecodeError, Deviation, OutcomeUnknownError, Reply
from spshipping.sandbox import Sandbox
from spshipping.sandbox.faults import KINDS
from spshipping.sandbox.fields import UNHEARD_OF
from spshipping.shipping import (
    GET_TRACKING,
    ONE_CLICK_SHIPMENT,
    PURCHASE_SHIPMENT,
    GetRatesRequest,
    GetTrackingResult,
    PurchaseShipmentResult,
)
from tests.sandbox.conftest import MakeClient
from tests.sandbox.test_main_job import bought, one_click

Fault = tuple[str, dict[str, Any]]

REFUSED: list[Fault] = [("status", {"status": 429}), ("expire_token", {})]
"""Refused before work: repeated, whatever the operation does."""
LOST: list[Fault] = [
    ("drop_before", {}),
    ("drop_before", {"reset": True}),
    ("drop_after", {}),
    ("drop_after", {"reset": True}),
    ("cut_headers", {}),
    ("cut_headers", {"at": 5}),
    ("cut_body", {}),
    ("cut_body", {"at": 0}),
    ("status", {"status": 500}),
    ("status", {"status": 503}),
    ("status_after", {"status": 502}),
    ("html", {}),
    ("delay", {"seconds": 1.0}),
    ("wrong_length", {}),
    ("wrong_length", {"at": 0}),
    ("wrong_length", {"at": 60}),
    ("bad_chunk", {}),
    ("bad_chunk", {"at": 0}),
    ("bad_gzip", {}),
    ("null_field", {"path": "payload"}),
]
"""It may have been carried out: repeated where that is harmless."""
READ: list[Fault] = [
    ("delay", {"seconds": 0.01}),
    ("unknown_enum", {}),
    ("unknown_field", {}),
    ("number_as_text", {}),
]
"""Read as it is."""


def names(faults: list[Fault]) -> list[str]:
    return [" ".join([kind, *(str(value) for value in more.values())]) for kind, more in faults]


def test_every_kind_is_met() -> None:
    assert {kind for kind, _ in REFUSED + LOST + READ} == set(KINDS)


@pytest.fixture
def client(make_client: MakeClient) -> Client:
    return make_client(timeout=(2.0, 0.7))


def purchase(client: Client, order: GetRatesRequest) -> Call[PurchaseShipmentResult]:
    quote = client.shipping.get_rates(order)
    return PURCHASE_SHIPMENT(body=quote.purchase_request(quote.cheapest(), format="ZPL"))


def look_up(client: Client, order: GetRatesRequest) -> Call[GetTrackingResult]:
    quote = client.shipping.get_rates(order)
    result = bought(client, quote)
    query = {"trackingId": result.tracking_id, "carrierId": quote.cheapest().carrier_id}
    return GET_TRACKING(query=query)


def assert_one_label(sandbox: Sandbox, reply: Reply[PurchaseShipmentResult]) -> None:
    (label,) = sandbox.ledger.labels
    assert label.key == reply.call.key
    (document,) = reply.value.documents
    assert document.data.startswith(b"^XA")


@pytest.mark.parametrize(("kind", "more"), REFUSED + LOST, ids=names(REFUSED + LOST))
def test_a_purchase_is_repeated_with_its_key_and_right_in_the_end(
    client: Client, sandbox: Sandbox, order: GetRatesRequest, kind: str, more: dict[str, Any]
) -> None:
    call = purchase(client, order)
    sandbox.add_fault("purchaseShipment", kind, **more)
    reply = client.send(call)
    assert (reply.meta.attempts, reply.meta.deviations) == (2, ())
    assert_one_label(sandbox, reply)
    assert sandbox.ledger.labels[0].shipment_id == reply.value.shipment_id
    assert {seen.key for seen in sandbox.ledger.requests("purchaseShipment")} == {reply.call.key}


@pytest.mark.parametrize(("kind", "more"), REFUSED + LOST, ids=names(REFUSED + LOST))
def test_tracking_is_asked_again_and_right_in_the_end(
    client: Client, sandbox: Sandbox, order: GetRatesRequest, kind: str, more: dict[str, Any]
) -> None:
    call = look_up(client, order)
    undisturbed = client.send(call).value
    sandbox.add_fault("getTracking", kind, **more)
    reply = client.send(call)
    assert (reply.meta.attempts, reply.meta.deviations) == (2, ())
    assert reply.value == undisturbed


@pytest.mark.parametrize(("kind", "more"), REFUSED + LOST, ids=names(REFUSED + LOST))
def test_one_click_is_repeated_only_where_it_was_refused_before_work(
    client: Client, sandbox: Sandbox, order: GetRatesRequest, kind: str, more: dict[str, Any]
) -> None:
    service_id = client.shipping.get_rates(order).cheapest().service_id
    call = ONE_CLICK_SHIPMENT(body=one_click(order, service_id))
    sandbox.add_fault("oneClickShipment", kind, **more)
    if (kind, more) in REFUSED:
        reply = client.send(call)
        assert reply.meta.attempts == 2
        assert [label.shipment_id for label in sandbox.ledger.labels] == [reply.value.shipment_id]
    else:
        with pytest.raises(OutcomeUnknownError) as caught:
            client.send(call)
        assert caught.value.call == call
        assert len(sandbox.ledger.requests("oneClickShipment")) == 1
        assert len(sandbox.ledger.labels) <= 1


@pytest.mark.parametrize(("kind", "more"), READ, ids=names(READ))
def test_what_is_only_odd_is_read_at_once(
    client: Client, sandbox: Sandbox, order: GetRatesRequest, kind: str, more: dict[str, Any]
) -> None:
    call = purchase(client, order)
    sandbox.add_fault("purchaseShipment", kind, **more)
    reply = client.send(call)
    assert (reply.meta.attempts, reply.meta.deviations) == (1, ())
    assert_one_label(sandbox, reply)
    tracking = GET_TRACKING(query={"trackingId": reply.value.tracking_id, "carrierId": "AMZN_UK"})
    sandbox.add_fault("getTracking", kind, **more)
    tracked = client.send(tracking)
    assert (tracked.meta.attempts, tracked.meta.deviations) == (1, ())
    assert tracked.value.tracking_id == reply.value.tracking_id


PACKAGE = "packageDocumentDetails.0"
NULLS = [
    ("payload.shipmentId", "shipmentId"),
    ("payload.promise", "promise"),
    (f"payload.{PACKAGE}.packageClientReferenceId", "packageDocumentDetails[0].packageClientReferenceId"),
    (f"payload.{PACKAGE}.packageDocuments.0.format", "packageDocumentDetails[0].packageDocuments[0].format"),
]


@pytest.mark.parametrize(("path", "named"), NULLS, ids=[named for _, named in NULLS])
def test_case_15_a_field_that_is_null_is_named_and_costs_no_label(
    client: Client,
    sandbox: Sandbox,
    order: GetRatesRequest,
    caplog: pytest.LogCaptureFixture,
    path: str,
    named: str,
) -> None:
    call = purchase(client, order)
    sandbox.add_fault("purchaseShipment", "null_field", path=path)
    with caplog.at_level(logging.WARNING, "spshipping"):
        reply = client.send(call)
    assert (reply.meta.attempts, reply.meta.deviations) == (1, (Deviation(named, "null"),))
    assert named.replace("[0]", "[]") in caplog.text
    assert_one_label(sandbox, reply)


def test_case_15_a_strict_client_raises_and_hands_the_label_over_all_the_same(
    make_client: MakeClient, sandbox: Sandbox, order: GetRatesRequest
) -> None:
    client = make_client(strict=True)
    call = purchase(client, order)
    sandbox.add_fault("purchaseShipment", "null_field", path="payload.shipmentId")
    with pytest.raises(DecodeError) as caught:
        client.send(call)
    assert caught.value.value.labels[0].data.startswith(b"^XA")
    assert len(sandbox.ledger.labels) == 1


def test_a_null_in_tracking_is_named(client: Client, sandbox: Sandbox, order: GetRatesRequest) -> None:
    call = look_up(client, order)
    sandbox.add_fault("getTracking", "null_field", path="payload.eventHistory.0.eventCode")
    sandbox.add_fault("getTracking", "null_field", path="payload.eventHistory")
    first, second = client.send(call), client.send(call)
    assert first.meta.deviations == (Deviation("eventHistory[0].eventCode", "null"),)
    assert second.meta.deviations == (Deviation("eventHistory", "null"),)
    assert second.value.event_history == []


def test_case_51_an_unlisted_value_and_a_new_field_are_kept(
    client: Client, sandbox: Sandbox, order: GetRatesRequest
) -> None:
    path = "payload.packageDocumentDetails.0.packageDocuments.0.format"
    sandbox.add_fault("purchaseShipment", "unknown_enum", path=path)
    reply = client.send(purchase(client, order))
    (document,) = reply.value.labels
    assert (document.format, document.format.is_known) == (UNHEARD_OF, False)
    assert_one_label(sandbox, reply)


def test_case_54_a_price_that_is_text_is_read_exactly(
    client: Client, sandbox: Sandbox, order: GetRatesRequest
) -> None:
    usual = client.shipping.get_rates(order).rates[0].total_charge
    sandbox.add_fault("getRates", "number_as_text", path="payload.rates.0.totalCharge.value")
    quote = client.shipping.get_rates(order)
    assert quote.rates[0].total_charge == usual
    bought(client, quote)
    assert len(sandbox.ledger.labels) == 1
