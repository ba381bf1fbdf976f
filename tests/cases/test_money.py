"""Money: a label is bought once, whatever becomes of the request or its answer, and is never lost."""

import socket
import ssl
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import trustme

from spshipping import (
    BadRequestError,
    Call,
    Client,
    ConflictError,
    DecodeError,
    InvalidRequestError,
    OutcomeUnknownError,
    Reply,
    RetryPolicy,
    ServerError,
    TransportError,
    dumps,
    loads,
)
from spshipping.sandbox import KeyRules, Sandbox
from spshipping.shipping import (
    ONE_CLICK_SHIPMENT,
    PURCHASE_SHIPMENT,
    GetRatesRequest,
    PurchaseShipmentResult,
    Rate,
)
from spshipping.transport.http import HttpFailure
from tests.cases.line import CALLS, GOOD, Reader, meeting, outcome, reset
from tests.kit import FakeClock, ScriptedTransport, answer, client_of, refusal
from tests.sandbox.conftest import MakeClient
from tests.sandbox.test_main_job import one_click
from tests.unit.samples import Gift
from tests.unit.shipping.build import quote, rate

Fault = tuple[str, dict[str, Any]]
COMMITTED: dict[int, list[Fault]] = {
    1: [("delay", {"seconds": 1.0})],
    2: [("drop_after", {}), ("drop_after", {"reset": True})],
    4: [("cut_headers", {}), ("cut_headers", {"at": 17}), ("cut_headers", {"reset": True})],
}
"""Case number -> what happens to the answer once the label is bought."""


def quoted(client: Client, order: GetRatesRequest) -> Call[PurchaseShipmentResult]:
    quote = client.shipping.get_rates(order)
    return PURCHASE_SHIPMENT(body=quote.purchase_request(quote.cheapest(), format="ZPL"))


def assert_bought_once(sandbox: Sandbox, reply: Reply[PurchaseShipmentResult]) -> None:
    (label,) = sandbox.ledger.labels
    assert (label.key, label.shipment_id) == (reply.call.key, reply.value.shipment_id)
    seen = sandbox.ledger.requests("purchaseShipment")
    assert len(seen) == reply.meta.attempts == 2
    assert len({(request.key, request.body_digest) for request in seen}) == 1


def assert_keyed_and_once(
    make_client: MakeClient, sandbox: Sandbox, order: GetRatesRequest, case: int
) -> None:
    # a busy machine must not be too late for what is to be answered
    client = make_client(timeout=(2.0, 0.7 if case == 1 else 5.0))
    for kind, more in COMMITTED[case]:
        sandbox.ledger.clear()
        sandbox.add_fault("purchaseShipment", kind, **more)
        assert_bought_once(sandbox, client.send(quoted(client, order)))
        sandbox.ledger.clear()
        sandbox.add_fault("oneClickShipment", kind, **more)
        service = client.shipping.get_rates(order).cheapest().service_id
        call = ONE_CLICK_SHIPMENT(body=one_click(order, service))
        with pytest.raises(OutcomeUnknownError) as caught:
            client.send(call)
        assert caught.value.call == call
        assert len(sandbox.ledger.requests("oneClickShipment")) == len(sandbox.ledger.labels) == 1


def test_case_1_a_purchase_that_was_carried_out_and_timed_out_is_bought_once(
    make_client: MakeClient, sandbox: Sandbox, order: GetRatesRequest
) -> None:
    assert_keyed_and_once(make_client, sandbox, order, 1)


def test_case_2_a_purchase_whose_connection_broke_is_bought_once(
    make_client: MakeClient, sandbox: Sandbox, order: GetRatesRequest
) -> None:
    assert_keyed_and_once(make_client, sandbox, order, 2)


def test_case_3_a_broken_tls_record_after_the_purchase_is_no_reason_to_buy_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, bundle = trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    def garbage(connection: socket.socket) -> None:
        with socket.socket(fileno=connection.detach()) as plain:
            plain.sendall(b"this is no TLS record at all")

    with meeting((garbage,), (GOOD,), tls=context) as (client, server):
        reply = outcome(client, "keyed")
        assert reply.value == Gift(gift_id="1")
        assert reply.call.key
        assert len(server.received) == 2
        assert len(set(server.received)) == 1
    with meeting((garbage,), (GOOD,), tls=context) as (client, server):
        assert type(outcome(client, "once")) is OutcomeUnknownError
        assert len(server.received) == 1


def test_case_4_an_answer_cut_within_its_headers_is_never_a_success(
    make_client: MakeClient, sandbox: Sandbox, order: GetRatesRequest
) -> None:
    assert_keyed_and_once(make_client, sandbox, order, 4)


@pytest.mark.parametrize("how", [None, reset], ids=["FIN", "RST"])
def test_case_5_an_answer_cut_at_any_byte_is_asked_for_again_or_leaves_the_outcome_unknown(how: Any) -> None:
    headers = GOOD.index(b"\r\n\r\n") + 4
    for place in range(len(GOOD)):
        cut = (GOOD[:place], *([how] if how else []))
        with meeting(cut, (GOOD,)) as (client, server):
            assert outcome(client, "keyed").value == Gift(gift_id="1"), place
            assert len(server.received) == 2
            assert len(set(server.received)) == 1
        with meeting(cut) as (client, server):
            error = outcome(client, "once")
            assert type(error) is OutcomeUnknownError, place
            assert error.request_id == "good" or place < headers


def half_read(how: Any) -> Any:
    """Make a server that reads half of the first request only, and then hangs up."""

    def make(read: Reader) -> list[Any]:
        def first(connection: socket.socket) -> None:
            connection.recv(40)
            how(connection)

        def second(connection: socket.socket) -> None:
            read(connection)
            connection.sendall(GOOD)

        return [first, second]

    return make


@pytest.mark.parametrize("how", [reset, lambda connection: connection.close()], ids=["RST", "FIN"])
def test_case_6_a_request_that_was_cut_on_its_way_may_have_arrived(how: Any) -> None:
    with meeting(script=half_read(how)) as (client, server):
        assert outcome(client, "keyed").value == Gift(gift_id="1")
        assert len(server.received) == 1
    with meeting(script=half_read(how)) as (client, server):
        assert type(outcome(client, "once")) is OutcomeUnknownError
        assert server.received == []


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_case_8_an_outage_leaves_what_has_no_key_unknown_and_is_not_repeated(status: int) -> None:
    transport = ScriptedTransport([refusal(status, "InternalFailure"), answer(200, {"giftId": "1"})])
    with pytest.raises(OutcomeUnknownError, match="look it up at Amazon") as caught:
        client_of(transport).send(CALLS["once"])
    assert len(transport.requests) == 1
    error = caught.value
    assert (error.status, error.code, error.request_id) == (status, "InternalFailure", "req-1")
    assert isinstance(error.cause, ServerError)


def test_case_8_a_429_is_a_refusal_before_work_and_is_repeated_without_a_key_too() -> None:
    transport = ScriptedTransport([refusal(429, "QuotaExceeded"), answer(200, {"giftId": "1"})])
    assert client_of(transport).send(CALLS["once"]).meta.attempts == 2


def test_case_10_a_key_that_bought_one_thing_buys_no_other(
    client: Client, sandbox: Sandbox, order: GetRatesRequest
) -> None:
    first, second = quoted(client, order).with_key("order-1"), quoted(client, order).with_key("order-1")
    assert first.body != second.body
    sandbox.keys = KeyRules("refuse_other_body")
    client.send(first)
    with pytest.raises((ConflictError, BadRequestError)) as caught:
        client.send(second)
    assert caught.value.request_id
    assert [label.key for label in sandbox.ledger.labels] == ["order-1"]
    # a call keeps its body and its key together: what is resolved is what was sent
    assert client.resolve(first).call == first.freeze()


@pytest.mark.parametrize(
    "contents", ["sdioada…==", "", "bm90IGEgbGFiZWw="], ids=["no base64", "empty", "no PDF"]
)
def test_case_14_a_label_that_cannot_be_read_loses_no_purchase(contents: str) -> None:
    document = {"type": "LABEL", "format": "PDF", "contents": contents}
    details = [{"packageClientReferenceId": "p", "packageDocuments": [document], "trackingId": "T1"}]
    body = {"shipmentId": "S1", "packageDocumentDetails": details, "promise": {}}
    reply = client_of(ScriptedTransport([answer(200, {"payload": body})])).send(purchase())
    assert (reply.value.shipment_id, reply.value.tracking_id) == ("S1", "T1")
    with pytest.raises(DecodeError, match="get_shipment_documents"):
        _ = reply.value.labels[0].data


def purchase() -> Call[PurchaseShipmentResult]:
    """Make a purchase that no sandbox needs to know."""
    return PURCHASE_SHIPMENT(body=quote(rate()).purchase_request(rate(), format="PDF"))


def test_case_16_money_is_exact_from_end_to_end() -> None:
    charge = b'{"totalCharge":{"value":19.99999999999999999,"unit":"GBP"}}'
    assert loads(charge, Rate).total_charge.value == Decimal("19.99999999999999999")
    scaled = loads(b'{"totalCharge":{"value":19.10,"unit":"GBP"}}', Rate)
    assert str(scaled.total_charge.value) == "19.10"
    for odd in (b"NaN", b"Infinity", b"-Infinity"):
        with pytest.raises(DecodeError):
            loads(charge.replace(b"19.99999999999999999", odd), Rate)
    scaled.total_charge.value = 19.1  # type: ignore[assignment]  # the point
    with pytest.raises(InvalidRequestError, match="a float"):
        dumps(scaled)


def test_case_17_repeats_end_with_the_deadline_and_are_counted() -> None:
    clock = FakeClock()
    lost = HttpFailure("timeout", was_sent=True)
    transport = ScriptedTransport([lost] * 9, clock=clock, seconds=3.0)
    client = client_of(transport, clock, retry=RetryPolicy(attempts=9, base=4.0))
    with pytest.raises(TransportError) as caught:
        client.send(CALLS["asks"], deadline=20.0)
    assert caught.value.attempts == len(transport.requests) < 9
    # a wait that would end after the deadline is not begun
    assert clock.elapsed < 20.0
