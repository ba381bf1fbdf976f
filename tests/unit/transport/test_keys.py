"""Keys that are used again: what the errors say, and what `resolve` finds."""

import pytest

from spshipping import BadRequestError, Call, InvalidRequestError, RateExpiredError
from spshipping.operation import Quota
from spshipping.shipping import PURCHASE_SHIPMENT, PurchaseShipmentResult
from spshipping.transport.quota import MemoryQuota
from spshipping.transport.unsettled import call_of
from tests.kit import FakeClock, ScriptedTransport, answer, client_of, refusal
from tests.unit.samples import BUY, Wish
from tests.unit.shipping.test_quotes import KEY, bought, request


def purchase() -> Call[PurchaseShipmentResult]:
    return PURCHASE_SHIPMENT(body=request())


def test_a3_a_key_that_was_used_with_another_body_says_how_to_get_the_label() -> None:
    used = refusal(400, "InvalidInput", "The idempotency key was used before, with another request")
    client = client_of(ScriptedTransport([used]))
    with pytest.raises(BadRequestError, match=r"client\.resolve\(call\) with that call") as caught:
        client.send(BUY(body=Wish(text="x")).with_key("k"))
    assert "used for another request before" in str(caught.value.remedy)


def test_a3_a_quote_that_amazon_calls_expired_names_the_purchase_that_may_have_been_made_before() -> None:
    network = ScriptedTransport([refusal(400, "TOKEN_EXPIRED", "expired"), bought()])
    client = client_of(network)
    with pytest.raises(RateExpiredError, match=r"client\.resolve\(error\)") as caught:
        client.send(purchase())
    found = call_of(caught.value)
    assert found is not None
    assert found.key == KEY
    assert client.resolve(caught.value).value.shipment_id == "S1"
    assert {sent.headers["x-amzn-IdempotencyKey"] for sent in network.requests} == {KEY}


def test_a3_a_purchase_without_its_key_is_resolved_by_the_key_that_it_always_has() -> None:
    network = ScriptedTransport([bought()])
    assert client_of(network).resolve(purchase()).value.shipment_id == "S1"
    assert network.requests[0].headers["x-amzn-IdempotencyKey"] == KEY


def test_a5_a_call_whose_key_would_be_random_is_not_resolved_without_one() -> None:
    network = ScriptedTransport()
    with pytest.raises(InvalidRequestError, match="only a call with an idempotency key"):
        client_of(network).resolve(BUY(body=Wish(text="x")))
    assert network.requests == []


def test_a3_a_repeat_of_a_settled_purchase_is_marked() -> None:
    client = client_of(ScriptedTransport([bought(), bought(), answer(200, {"payload": {}}), bought()]))
    metas = [client.send(purchase()).meta for _ in range(2)]
    assert [meta.was_settled for meta in metas] == [False, True]


@pytest.mark.parametrize("stated", [1e-12, 1e-300, 0.0, -1.0, float("nan"), float("inf"), 0.0079])
def test_a8_a_rate_far_below_the_published_one_is_nonsense(stated: float) -> None:
    clock, quota = FakeClock(), Quota(0.8, burst=1)
    keeper = MemoryQuota(clock)
    keeper.learn(("us", "GET /x"), quota, stated)
    turn = keeper.reserve(("us", "GET /x"), quota, 1e9)
    keeper.drain(("us", "GET /x"), quota, turn)
    assert keeper.state(("us", "GET /x"), quota).rate >= 0.08


def test_a8_a_tiny_rate_and_a_429_lose_no_key() -> None:
    tiny = refusal(429, "QuotaExceeded", x_amzn_ratelimit_limit="1e-12")
    client = client_of(ScriptedTransport([tiny, bought()]))
    assert client.send(purchase()).value.shipment_id == "S1"
