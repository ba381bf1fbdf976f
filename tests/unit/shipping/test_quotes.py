"""Quotes: their age, the key of their purchase, and what a client remembers of it."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from spshipping import InvalidRequestError, RateExpiredError
from spshipping.operation import After, Before, Call, History
from spshipping.shipping import (
    CANCEL_SHIPMENT,
    DIRECT_PURCHASE_SHIPMENT,
    PURCHASE_SHIPMENT,
    QUOTE_LIFETIME,
    Promise,
    PurchaseShipmentRequest,
    PurchaseShipmentResult,
)
from spshipping.shipping.quotes import refuse_stale, remember_bought
from spshipping.wire.model import replace
from tests.kit import START, FakeClock, ScriptedTransport, answer, client_of
from tests.unit.shipping.build import NOON, rates_request, specification
from tests.unit.shipping.test_api import DIRECT

KEY = "20eb5a2b-9db4-5059-925f-48faf047f1bc"
"""What "token" and "rate" make in every version: it never changes."""


def request(quoted_at: Any = None, token: str = "token", rate: str = "rate") -> PurchaseShipmentRequest:
    return PurchaseShipmentRequest(
        request_token=token,
        rate_id=rate,
        requested_document_specification=specification(),
        quoted_at=quoted_at,
    )


def purchase(quoted_at: Any = None) -> Call[PurchaseShipmentResult]:
    return PURCHASE_SHIPMENT(body=request(quoted_at)).with_key()


def bought(number: int = 1) -> Any:
    return answer(200, {"payload": {"shipmentId": f"S{number}", "packageDocumentDetails": [], "promise": {}}})


@pytest.mark.parametrize("age", [timedelta(0), timedelta(minutes=-5), QUOTE_LIFETIME - timedelta(seconds=1)])
def test_a_fresh_quote_can_be_bought(age: timedelta) -> None:
    history = History()
    refuse_stale(purchase(NOON), Before(NOON + age, history))
    assert not history.is_settled(KEY)


def test_a_quote_of_unknown_age_can_be_bought() -> None:
    history = History()
    refuse_stale(purchase(None), Before(NOON, history))
    assert not history.is_settled(KEY)


@pytest.mark.parametrize("minutes", [10, 75])
def test_a3_an_expired_quote_is_refused_with_the_way_to_a_label_that_was_bought_before(minutes: int) -> None:
    call = purchase(NOON)
    with pytest.raises(RateExpiredError) as caught:
        refuse_stale(call, Before(NOON + timedelta(minutes=minutes, seconds=20), History()))
    error = caught.value
    assert str(error).startswith(f"purchaseShipment: this quote is {minutes} minutes old")
    assert error.call == call
    assert error.call.key == KEY
    assert "client.resolve(error)" in str(error)
    assert "nothing was bought" not in str(error)


def test_a3_a_job_that_is_run_again_too_late_gets_the_label_by_resolving() -> None:
    network, clock = ScriptedTransport([bought(), bought()]), FakeClock()
    wish = request(START)
    client_of(network, clock).shipping.purchase_shipment(wish)
    clock.elapsed += 660
    again = client_of(network, clock)
    with pytest.raises(RateExpiredError) as caught:
        again.shipping.purchase_shipment(wish)
    assert len(network.requests) == 1
    assert again.resolve(caught.value.call).value.shipment_id == "S1"
    assert {sent.headers["x-amzn-IdempotencyKey"] for sent in network.requests} == {KEY}


def test_a3_the_key_of_a_purchase_follows_from_its_quote_alone() -> None:
    assert purchase().key == KEY
    assert uuid.UUID(KEY).version == 5
    other = replace(request(NOON), additional_inputs={"tax": "1"})
    assert PURCHASE_SHIPMENT(body=other).with_key().key == KEY
    keys = {
        PURCHASE_SHIPMENT(body=request(token=token, rate=rate)).with_key().key
        for token, rate in (("a", "bc"), ("ab", "c"), ("bc", "a"), ("a.6263", "x"), ("ü", "\ud800"))
    }
    assert len(keys) == 5


@pytest.mark.parametrize("wrong", ["", None, 5])
def test_a3_without_a_rate_there_is_no_key(wrong: Any) -> None:
    with pytest.raises(InvalidRequestError, match="rateId: is needed to derive the idempotency key"):
        PURCHASE_SHIPMENT(body=request(rate=wrong)).with_key()


def test_a3_two_direct_purchases_are_two() -> None:
    first, second = (DIRECT_PURCHASE_SHIPMENT(body=DIRECT).with_key() for _ in range(2))
    assert first.key != second.key


def test_a3_what_this_client_has_cancelled_is_not_bought_again() -> None:
    network = ScriptedTransport([bought(), answer(200, {"payload": {}}), bought(2)])
    client = client_of(network)
    client.shipping.purchase_shipment(request())
    client.send(CANCEL_SHIPMENT(path={"shipmentId": "S1"}))
    with pytest.raises(InvalidRequestError, match=r"was cancelled.*call get_rates again"):
        client.shipping.purchase_shipment(request())
    assert len(network.requests) == 2
    assert client.shipping.purchase_shipment(request(rate="other")).shipment_id == "S2"


def test_a_quote_is_stamped_with_the_time_of_its_answer() -> None:
    clock = FakeClock()
    network = ScriptedTransport([answer(200, {"payload": {"requestToken": "t", "rates": []}})], clock=clock)
    quoted = client_of(network, clock).shipping.get_rates(rates_request())
    assert quoted.received_at == START


def test_without_a_key_nothing_is_remembered() -> None:
    history = History()
    result = PurchaseShipmentResult(shipment_id="S1", package_document_details=[], promise=Promise())
    remember_bought(PURCHASE_SHIPMENT(body=request()), result, After(NOON, history))
    history.undo("S1")
    assert not history.is_undone(KEY)


def test_an_answer_without_a_shipment_is_not_remembered() -> None:
    network = ScriptedTransport([answer(200, {"payload": {"packageDocumentDetails": [], "promise": {}}})])
    client = client_of(network)
    reply = client.send(PURCHASE_SHIPMENT(body=request()))
    assert reply.meta.status == 200
    assert not client._parts.sender.parts.history.is_settled(KEY)


def test_a_purchase_that_was_settled_may_be_repeated() -> None:
    network = ScriptedTransport([bought(), bought()])
    client = client_of(network)
    for _ in range(2):
        assert client.shipping.purchase_shipment(request()).shipment_id == "S1"
