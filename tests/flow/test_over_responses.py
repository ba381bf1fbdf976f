"""The client over mocked HTTP, as users' own tests would do it: every registered answer must be used."""

import json
from collections.abc import Iterator

import pytest
import responses

from spshipping import (
    BadRequestError,
    Client,
    ConfigurationError,
    InvalidRequestError,
    Marketplace,
    OutcomeUnknownError,
    RetryPolicy,
    ServerError,
    ShippingBusiness,
    dumps,
    loads,
)
from spshipping.auth.cache import TokenCache
from spshipping.shipping import (
    CANCEL_SHIPMENT,
    GET_TRACKING,
    CancelShipmentResult,
    GetRatesRequest,
    GetTrackingResult,
)
from tests.kit import credentials
from tests.sandbox.conftest import ORDER

HOST = "https://sellingpartnerapi-eu.amazon.com"
TRACKING = {
    "trackingId": "T1",
    "alternateLegTrackingId": "A1",
    "eventHistory": [{"eventCode": "PackageReceivedByCarrier", "eventTime": "2026-01-31T12:00:00Z"}],
    "promisedDeliveryDate": "2026-02-01T12:00:00Z",
    "summary": {"status": "InTransit"},
}


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=True) as made:
        made.add(
            responses.POST,
            "https://api.amazon.com/auth/o2/token",
            json={"access_token": "Atza|1", "token_type": "bearer", "expires_in": 3600},
        )
        yield made


def make(marketplace: Marketplace = Marketplace.UK) -> Client:
    return Client(
        credentials(), marketplace, token_cache=TokenCache(), retry=RetryPolicy(attempts=2, base=0.0)
    )


def track(client: Client) -> GetTrackingResult:
    return client.shipping.get_tracking(tracking_id="T1", carrier_id="AMZN_UK")


def test_a_parcel_is_tracked(mock: responses.RequestsMock) -> None:
    mock.add(
        responses.GET,
        f"{HOST}/shipping/v2/tracking?trackingId=T1&carrierId=AMZN_UK",
        json={"payload": TRACKING},
        headers={"x-amzn-RequestId": "r-1", "x-amzn-RateLimit-Limit": "80.0"},
    )
    with make() as client:
        reply = client.send(GET_TRACKING(query={"trackingId": "T1", "carrierId": "AMZN_UK"}))
    assert reply.value.event_history[0].event_code == "PackageReceivedByCarrier"
    assert (reply.meta.request_id, reply.meta.rate_limit, reply.meta.attempts) == ("r-1", "80.0", 1)
    sent = mock.calls[1].request
    assert sent.headers["x-amz-access-token"] == "Atza|1"
    assert sent.headers["x-amzn-shipping-business-id"] == "AmazonShipping_UK"
    assert "Content-Length" not in sent.headers
    assert sent.body is None
    assert loads(dumps(reply.value), GetTrackingResult) == reply.value


def test_an_html_page_of_a_proxy_is_repeated_and_never_a_success(mock: responses.RequestsMock) -> None:
    url = f"{HOST}/shipping/v2/tracking"
    mock.add(responses.GET, url, body="<html>503</html>", status=503, content_type="text/html")
    mock.add(responses.GET, url, json={"payload": TRACKING})
    with make() as client:
        assert track(client).tracking_id == "T1"


def test_an_outage_is_a_server_error(mock: responses.RequestsMock) -> None:
    for _ in range(2):
        mock.add(responses.GET, f"{HOST}/shipping/v2/tracking", body="<html>", status=502)
    with make() as client, pytest.raises(ServerError, match="getTracking 502: Bad Gateway"):
        track(client)


def test_a_refusal_is_told_in_amazons_words(mock: responses.RequestsMock) -> None:
    body = {"errors": [{"code": "InvalidRequest", "message": "bad", "details": "carrierId cannot be null"}]}
    mock.add(
        responses.GET, f"{HOST}/shipping/v2/tracking", json=body, status=400, headers={"x-amz-rid": "r-2"}
    )
    with make() as client, pytest.raises(BadRequestError) as caught:
        track(client)
    assert str(caught.value) == "getTracking 400 InvalidRequest: bad — carrierId cannot be null [request r-2]"


def test_case_12_a_cancellation_whose_repeat_is_refused_as_done_was_carried_out(
    mock: responses.RequestsMock,
) -> None:
    url = f"{HOST}/shipping/v2/shipments/a%2Fb/cancel"
    mock.add(responses.PUT, url, body=ConnectionError("gone"))
    mock.add(
        responses.PUT,
        url,
        json={"errors": [{"code": "InvalidInput", "message": "already cancelled"}]},
        status=400,
    )
    with make() as client:
        reply = client.send(CANCEL_SHIPMENT(path={"shipmentId": "a/b"}))
    assert (reply.meta.attempts, reply.value) == (2, CancelShipmentResult())
    assert [entry.message for entry in reply.meta.errors] == ["already cancelled"]


def test_case_12_a_cancellation_whose_repeat_is_refused_for_another_reason_is_unknown(
    mock: responses.RequestsMock,
) -> None:
    url = f"{HOST}/shipping/v2/shipments/a%2Fb/cancel"
    mock.add(responses.PUT, url, body=ConnectionError("gone"))
    refusal = {"errors": [{"code": "InvalidInput", "message": "picked up"}]}
    mock.add(responses.PUT, url, json=refusal, status=400)
    with make() as client, pytest.raises(OutcomeUnknownError, match="picked up") as caught:
        client.shipping.cancel_shipment("a/b")
    assert caught.value.call == CANCEL_SHIPMENT(path={"shipmentId": "a/b"})


def test_a_marketplace_without_amazon_shipping_names_another(mock: responses.RequestsMock) -> None:
    mock.add(responses.GET, f"{HOST}/shipping/v2/tracking", json=TRACKING)
    with make(Marketplace.DE) as client:
        with pytest.raises(ConfigurationError, match="DE has no Amazon Shipping of its own"):
            track(client)
        client.shipping.get_tracking(tracking_id="T1", carrier_id="C", business=ShippingBusiness.FR)
    assert mock.calls[1].request.headers["x-amzn-shipping-business-id"] == "AmazonShipping_FR"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"packages": []}, "packages"),
        ({"shipFrom": {**json.loads(ORDER.read_bytes())["shipFrom"], "name": "N" * 51}}, "ship_from.name"),
        ({"shipFrom": {}}, "ship_from.name"),
    ],
)
def test_a_bad_order_is_refused_before_anything_is_sent(change: dict[str, object], path: str) -> None:
    request = loads(json.dumps({**json.loads(ORDER.read_bytes()), **change}), GetRatesRequest)
    with responses.RequestsMock(), make() as client, pytest.raises(InvalidRequestError) as caught:
        client.shipping.get_rates(request)
    assert caught.value.path == path
