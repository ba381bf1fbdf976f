"""A call as JSON text: it comes back whole, in another process and in a later version."""

import json
import subprocess
import sys
from typing import Any

import pytest

from spshipping import Call, InvalidRequestError, OutcomeUnknownError, call_from_json, call_to_json
from spshipping.orders.v0 import GET_ORDER, GET_ORDER_ADDRESS
from spshipping.orders.v2026_01_01 import SEARCH_ORDERS
from spshipping.shipping import CANCEL_SHIPMENT, PURCHASE_SHIPMENT, PurchaseShipmentRequest
from tests.drives import CLIENTS, MakeClient
from tests.kit import START, ScriptedTransport, answer, client_of, refusal
from tests.unit.samples import BUY, Wish
from tests.unit.shipping.test_api import PURCHASE

KEYED = PURCHASE_SHIPMENT(body=PURCHASE).with_key()


def changed(**changes: Any) -> str:
    """Return the text of the purchase, some of it changed; what is None is left out."""
    saved = {**json.loads(call_to_json(KEYED)), **changes}
    return json.dumps({name: value for name, value in saved.items() if value is not None})


@pytest.mark.parametrize(
    "call",
    [
        KEYED,
        PURCHASE_SHIPMENT(body=PURCHASE, headers={"x-amzn-shipping-business-id": "AmazonShipping_IT"}),
        CANCEL_SHIPMENT(path={"shipmentId": "ü/1"}),
        SEARCH_ORDERS(query={"createdAfter": START}).with_query("paginationToken", "a+b\u2028"),
        GET_ORDER(path={"orderId": "1"}).with_pii(["shippingAddress", "buyerInfo"]),
        GET_ORDER_ADDRESS(path={"orderId": "1"}),
    ],
    ids=repr,
)
def test_d12_a_call_comes_back_as_it_was(call: Call[Any]) -> None:
    again = call_from_json(call_to_json(call))
    assert again == call.freeze()
    assert list(again.query.items()) == list(call.query.items())


def test_d12_the_text_has_a_version_and_names_the_operation() -> None:
    saved = json.loads(call_to_json(KEYED))
    assert saved == {
        "version": 1,
        "operation": "spshipping.shipping.PURCHASE_SHIPMENT",
        "route": "POST /shipping/v2/shipments",
        "headers": {"x-amzn-IdempotencyKey": KEYED.key},
        "content": (KEYED.freeze().content or b"").decode(),
    }


def test_d12_a_stored_call_is_resolved_with_the_same_bytes_in_another_process() -> None:
    code = (
        "import sys, spshipping\n"
        "call = spshipping.call_from_json(sys.stdin.read())\n"
        "print(call.key); sys.stdout.buffer.write(call.content)"
    )
    there = subprocess.run(
        [sys.executable, "-c", code], input=call_to_json(KEYED).encode(), capture_output=True, check=True
    )
    assert there.stdout.split(b"\n", 1) == [(KEYED.key or "").encode(), KEYED.freeze().content]


def test_d12_a_call_of_an_older_version_still_resolves_with_its_own_bytes() -> None:
    content = '{"oldName":1,"rateId":"r"}'
    text = changed(operation="spshipping.shipping.v1.PURCHASE", content=content, note="ours once")
    network = ScriptedTransport(
        [answer(200, {"payload": {"shipmentId": "S1", "packageDocumentDetails": [], "promise": {}}})]
    )
    assert client_of(network).resolve(call_from_json(text)).value.shipment_id == "S1"
    assert network.requests[0].body == content.encode()
    assert network.requests[0].headers["x-amzn-IdempotencyKey"] == KEYED.key
    unreadable = call_from_json(changed(content="[]"))
    assert (unreadable.body, unreadable.content) == (None, b"[]")


def test_d12_a_body_can_still_be_read() -> None:
    body = call_from_json(call_to_json(KEYED)).body
    assert isinstance(body, PurchaseShipmentRequest)
    assert body == PURCHASE


def test_a_call_of_an_operation_of_ones_own_needs_that_operation() -> None:
    call = BUY(body=Wish(text="tea")).with_key("k")
    text = call_to_json(call)
    assert json.loads(text)["operation"] == "tests.unit.samples.BUY"
    assert call_from_json(text, [BUY]) == call.freeze()
    with pytest.raises(InvalidRequestError, match="call: is of an operation that is not known"):
        call_from_json(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no call of a version"),
        ("[]", "no call of a version"),
        ("\ud800", "no call of a version"),
        (changed(version=2), "no call of a version"),
        (changed(operation=5), "names no operation"),
        (changed(route=None), "names no operation"),
        (changed(route="POST /unknown"), "not known"),
        (changed(content=None), "not as it was stored"),
        (changed(content={"requestToken": "t"}), "not as it was stored"),
        (changed(headers=["x"]), "not as it was stored"),
        (changed(headers={"x-amzn-IdempotencyKey": 5}), "not as it was stored"),
        (changed(pii="buyerInfo"), "not as it was stored"),
        (changed(pii=[["buyerInfo"]]), "not as it was stored"),
        (changed(headers={"x-other": "1"}), "purchaseShipment has no such parameter"),
        (changed(path={"shipmentId": "1"}), "has no such path parameter"),
    ],
)
def test_what_is_no_stored_call_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidRequestError, match=reason):
        call_from_json(text)


def test_what_cannot_be_sent_cannot_be_stored() -> None:
    with pytest.raises(InvalidRequestError, match="text: has 11 characters"):
        call_to_json(BUY(body=Wish(text="x" * 11)))


@pytest.mark.parametrize("make", CLIENTS.values(), ids=CLIENTS)
def test_d12_resolve_takes_the_text_of_a_keyed_call(make: MakeClient) -> None:
    call = CANCEL_SHIPMENT(path={"shipmentId": "1"})
    network = ScriptedTransport([answer(200, {"payload": {}})])
    assert make(network).resolve(call_to_json(call)).call == call
    with pytest.raises(InvalidRequestError, match=r"^call: is no call of a version"):
        make(network).resolve("{}")


@pytest.mark.parametrize("make", CLIENTS.values(), ids=CLIENTS)
def test_d12_an_unknown_outcome_keeps_time_and_headers_of_the_last_answer(make: MakeClient) -> None:
    network = ScriptedTransport([refusal(500, "InternalFailure", via="proxy")] * 4)
    with pytest.raises(OutcomeUnknownError) as caught:
        make(network).send(CANCEL_SHIPMENT(path={"shipmentId": "1"}))
    assert caught.value.at is not None
    assert caught.value.headers == {"x-amzn-requestid": "req-1", "via": "proxy"}
