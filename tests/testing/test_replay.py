"""Answers from fixtures in place of the network, on both clients."""

import asyncio
import contextlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from spshipping import BadRequestError, Client, ServerError, dumps
from spshipping.sandbox import example_order
from spshipping.shipping import GetRatesResult, PurchaseShipmentRequest
from spshipping.testing import (
    Fixture,
    FixtureRequest,
    FixtureResponse,
    Replay,
    ReplayError,
    factories,
    write_fixture,
)
from spshipping.testing.fixture import json_of
from spshipping.testing.matching import differences

RATES = "/shipping/v2/shipments/rates"
TRACKING = "/shipping/v2/tracking"
EMPTY_RATES = {"payload": {"requestToken": "rt-1", "rates": [], "ineligibleRates": []}}
TRACKED = {
    "payload": {
        "trackingId": "T1",
        "alternateLegTrackingId": "T1R",
        "eventHistory": [],
        "promisedDeliveryDate": "2026-06-17T12:00:00Z",
        "summary": {"status": "InTransit", "trackingDetailCodes": {"forward": [], "returns": []}},
    }
}


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


def tracking(tracking_id: str, status: int = 200, answer: Any = TRACKED, **more: Any) -> Fixture:
    query = {"trackingId": tracking_id, "carrierId": "AMZN_UK"}
    return Fixture(
        operation="getTracking",
        why="a parcel is on its way",
        request=FixtureRequest(method="GET", path=TRACKING, query=query, **more),
        response=FixtureResponse(status=status, content=body(answer)),
    )


def rates(why: str = "no service fits", token: str = "rt-1") -> Fixture:
    answer = {"payload": {**EMPTY_RATES["payload"], "requestToken": token}}
    return Fixture(
        operation="getRates",
        why=why,
        request=FixtureRequest(
            method="POST",
            path=RATES,
            headers={"x-amzn-shipping-business-id": "AmazonShipping_UK", "user-agent": "another"},
            content=dumps(example_order()),
        ),
        response=FixtureResponse(status=200, content=body(answer)),
    )


def ask(client: Client, tracking_id: str = "T1") -> str | None:
    return client.shipping.get_tracking(tracking_id=tracking_id, carrier_id="AMZN_UK").tracking_id


def test_both_clients_get_the_answers_of_a_folder(tmp_path: Path) -> None:
    write_fixture(tmp_path / "shipping" / "rates.json", rates())
    write_fixture(tmp_path / "shipping" / "tracking.json", tracking("T1"))
    with Replay(tmp_path) as replay, replay.client() as client:
        assert client.shipping.get_rates(example_order()).request_token == "rt-1"
        assert ask(client) == "T1"
        assert [(sent.method, sent.path) for sent in replay.sent] == [("POST", RATES), ("GET", TRACKING)]
        assert "x-amz-access-token" not in replay.sent[0].headers

    async def run() -> GetRatesResult:
        with Replay(tmp_path) as replay:
            async with replay.async_client() as client:
                await client.shipping.get_tracking(tracking_id="T1", carrier_id="AMZN_UK")
                return await client.shipping.get_rates(example_order())

    assert asyncio.run(run()).request_token == "rt-1"


def test_fixtures_that_fit_alike_are_given_in_order_once_each() -> None:
    replay = Replay(rates(token="a"), rates(token="b"))
    with replay.client() as client:
        tokens = [client.shipping.get_rates(example_order()).request_token for _ in range(2)]
        assert tokens == ["a", "b"]
        replay.check()
        with pytest.raises(ReplayError, match=r"a fixture of getRates: fits, and was used before"):
            client.shipping.get_rates(example_order())


def test_where_they_repeat_the_last_one_is_given_again() -> None:
    with Replay(rates(token="a"), rates(token="b"), repeats=True) as replay, replay.client() as client:
        tokens = [client.shipping.get_rates(example_order()).request_token for _ in range(4)]
        assert tokens == ["a", "b", "b", "b"]
        with pytest.raises(ReplayError):
            ask(client)
        replay.forget_unmatched()


def test_a_request_without_a_fixture_says_what_is_nearest_and_where_it_differs(tmp_path: Path) -> None:
    write_fixture(tmp_path / "one.json", tracking("T2"))
    write_fixture(
        tmp_path / "two.json", tracking("T2", headers={"x-amzn-shipping-business-id": "AmazonShipping_US"})
    )
    replay = Replay(tmp_path, rates())
    with replay.client() as client, pytest.raises(ReplayError) as caught:
        ask(client)
    assert str(caught.value).splitlines() == [
        f"no fixture fits GET {TRACKING}; nothing was sent",
        f"  {tmp_path / 'one.json'}: differs in query.trackingId",
        f"  {tmp_path / 'two.json'}: differs in query.trackingId, headers.x-amzn-shipping-business-id",
    ]
    with pytest.raises(ReplayError, match="no fixture fits GET"):
        replay.check()


def test_a_purchase_without_a_fixture_is_not_an_unknown_outcome() -> None:
    replay = Replay(rates())
    quote = factories.minimal(PurchaseShipmentRequest)

    async def buy() -> None:
        async with replay.async_client() as client:
            await client.shipping.purchase_shipment(quote)

    with (
        replay.client() as client,
        pytest.raises(ReplayError, match="no fixture fits POST /shipping/v2/shipments"),
    ):
        client.shipping.purchase_shipment(quote)
    with pytest.raises(ReplayError, match="no fixture fits POST /shipping/v2/shipments"):
        asyncio.run(buy())


def test_what_was_not_used_and_what_was_swallowed_fail_at_the_end() -> None:
    def track() -> None:
        with Replay(tracking("T1"), rates()) as replay, replay.client() as client:
            ask(client)
            assert [each.operation for each in replay.unused] == ["getRates"]

    def track_in_vain() -> None:
        with Replay() as replay, replay.client() as client, contextlib.suppress(AssertionError):
            ask(client)

    with pytest.raises(ReplayError, match=r"^a fixture of getRates was not used: getRates, no service fits$"):
        track()
    with pytest.raises(ReplayError, match=f"no fixture fits GET {TRACKING}"):
        track_in_vain()


def test_another_error_is_not_hidden_by_what_was_not_used() -> None:
    with pytest.raises(ZeroDivisionError), Replay(rates()):
        raise ZeroDivisionError


def test_errors_of_fixtures_are_errors_and_waits_take_no_time() -> None:
    refusal = {"errors": [{"code": "InvalidInput", "message": "no", "details": ""}]}
    refusing = Replay(tracking("T1", 400, refusal))
    with refusing.client() as client, pytest.raises(BadRequestError, match="InvalidInput"):
        ask(client)
    failing = [tracking("T1", 503, refusal) for _ in range(10)]
    replay = Replay(*failing)
    before = replay.clock.now()
    with replay.client() as client, pytest.raises(ServerError):
        ask(client)
    assert replay.clock.now() > before


def test_restricted_data_tokens_need_no_fixture_and_may_have_one() -> None:
    order = Fixture(
        operation="getOrder",
        why="an order with its buyer",
        request=FixtureRequest(method="GET", path="/orders/v0/orders/026-1520163-6049104"),
        response=FixtureResponse(
            status=200, content=body({"payload": {"AmazonOrderId": "026-1520163-6049104"}})
        ),
    )
    token = Fixture(
        operation="createRestrictedDataToken",
        why="a token for one order",
        request=FixtureRequest(method="POST", path="/tokens/2021-03-01/restrictedDataToken"),
        response=FixtureResponse(
            status=200, content=body({"restrictedDataToken": "Atz.sprdt|x", "expiresIn": 60})
        ),
    )
    for fixtures in ((order,), (order, token)):
        with Replay(*fixtures) as replay, replay.client() as client:
            client.orders.v0.get_order("026-1520163-6049104", pii=["buyerInfo"])
            assert len(replay.sent) == len(fixtures)


def request(**changes: Any) -> FixtureRequest:
    content = changes.pop("body", {"a": [1, {"b": "x"}], "c": True})
    base: dict[str, Any] = {"method": "POST", "path": "/a/b%20c", "query": {"q": "1"}}
    return FixtureRequest(
        **{**base, "content": content if isinstance(content, bytes) else body(content), **changes}
    )


@pytest.mark.parametrize(
    ("kept", "found"),
    [
        (request(), []),
        (request(path="/a/%62 c".replace(" ", "%20")), []),
        (request(body={"c": True, "a": [1.0, {"b": "x"}]}), []),
        (request(body={"a": "<any>", "c": True}, query={"q": "<any>"}), []),
        (request(content=None), []),
        (request(headers={"x-amzn-idempotencykey": "other", "content-length": "5"}), []),
        (request(headers={"x-amzn-shipping-business-id": "b"}), ["headers.x-amzn-shipping-business-id"]),
        (request(method="PUT"), ["method"]),
        (request(path="/a/b"), ["path"]),
        (request(query={"r": "1"}), ["query.r (not sent)", "query.q (not in the fixture)"]),
        (request(body={"a": [1, {"b": "y"}], "c": 1}), ["body.a[1].b", "body.c"]),
        (request(body={"a": [1], "c": True, "d": "<any>"}), ["body.a", "body.d (not sent)"]),
        (request(body=b"text"), ["body"]),
    ],
)
def test_the_rules_of_what_fits(kept: FixtureRequest, found: list[str]) -> None:
    assert list(differences(request(), kept)) == found


def test_bodies_that_are_no_json_fit_byte_by_byte() -> None:
    assert list(differences(request(body=b"text"), request(body=b"text"))) == []
    assert json_of(b"1.50") == Decimal("1.50")
