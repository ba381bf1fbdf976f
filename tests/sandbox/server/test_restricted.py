"""Restricted Data Tokens: how they are had, and what they open."""

from typing import Any

import pytest
import requests

from spshipping.sandbox import Sandbox
from tests.sandbox.server.world import Json, Shop, address, payload, refusal

TOKENS = "/tokens/2021-03-01/restrictedDataToken"
SHIPMENTS = "/shipping/v1/shipments/"
TEMPLATE = SHIPMENTS + "{shipmentId}"
ORDERS = "GET /orders/v0/orders"
ORDER = "GET /orders/v0/orders/{orderId}"
ELEMENTS = ("buyerInfo", "shippingAddress")
DENIED = (403, "Unauthorized", "Access to requested resource is denied. ")


def resource(path: str, *elements: str, method: str = "GET") -> Json:
    return {"method": method, "path": path, **({"dataElements": list(elements)} if elements else {})}


def mint(shop: Shop, *resources: Json, **rest: Any) -> requests.Response:
    body = {"restrictedResources": list(resources), **rest}
    return shop.session.post(shop.sandbox.url + TOKENS, json=body)


def minted(shop: Shop, *resources: Json, **rest: Any) -> str:
    answer = mint(shop, *resources, **rest)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["restrictedDataToken"]
    return token


def call(sandbox: Sandbox, token: str, path: str, method: str = "GET") -> requests.Response:
    return requests.request(method, sandbox.url + path, headers={"x-amz-access-token": token}, timeout=5)


@pytest.fixture
def orders(sandbox: Sandbox) -> None:
    order = {
        "AmazonOrderId": "1",
        "BuyerInfo": {"BuyerEmail": "a@b.example"},
        "ShippingAddress": {"City": "X"},
    }
    sandbox.add_restricted(ORDERS, ELEMENTS, {"payload": {"Orders": [order]}})
    sandbox.add_restricted(ORDER, ELEMENTS, {"payload": order})


def test_the_token_comes_bare_and_lasts_an_hour(shop: Shop) -> None:
    body = mint(shop, resource(TEMPLATE)).json()
    assert body.pop("restrictedDataToken").startswith("Atz.sprdt|")
    assert body == {"expiresIn": 3600}


def test_a_parcels_buyer_is_shown_to_a_restricted_token_only(shop: Shop) -> None:
    shipment_id = shop.bought()["shipmentId"]
    assert refusal(shop.session.get(shop.sandbox.url + SHIPMENTS + shipment_id)) == DENIED
    found = payload(call(shop.sandbox, minted(shop, resource(TEMPLATE)), SHIPMENTS + shipment_id))
    assert found["shipmentId"] == shipment_id
    assert found["shipTo"] == address()
    (container,) = found["containers"]
    assert container["dimensions"] == {"length": 20, "width": 10, "height": 10, "unit": "CM"}
    assert container["weight"] == {"value": 1.5, "unit": "kg"}
    assert container["value"] == {"value": 10, "unit": "GBP"}


def test_a_parcel_without_an_insured_value_is_worth_nothing(shop: Shop) -> None:
    channel = {"channelType": "AMAZON", "amazonOrderDetails": {"orderId": "1"}}
    shipment_id = payload(shop.direct(channelDetails=channel))["shipmentId"]
    found = payload(call(shop.sandbox, minted(shop, resource(TEMPLATE)), SHIPMENTS + shipment_id))
    assert found["containers"][0]["value"] == {"value": 0, "unit": "GBP"}


def test_a_token_for_one_path_opens_that_path(shop: Shop) -> None:
    mine, other = shop.bought()["shipmentId"], shop.bought()["shipmentId"]
    token = minted(shop, resource(SHIPMENTS + mine))
    assert call(shop.sandbox, token, SHIPMENTS + mine).status_code == 200
    assert refusal(call(shop.sandbox, token, SHIPMENTS + other)) == DENIED


def test_a_path_is_compared_decoded(shop: Shop) -> None:
    token = minted(shop, resource(SHIPMENTS + "a%2Bb"))
    assert call(shop.sandbox, token, SHIPMENTS + "a+b").status_code == 404
    assert call(shop.sandbox, token, SHIPMENTS + "a%2bb").status_code == 404


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize("opened", [(), ("buyerInfo",), ("shippingAddress",), ELEMENTS])
def test_a_token_opens_its_data_elements_and_no_others(shop: Shop, opened: tuple[str, ...]) -> None:
    token = minted(shop, resource("/orders/v0/orders", *opened))
    (order,) = payload(call(shop.sandbox, token, "/orders/v0/orders"))["Orders"]
    wire = {"buyerInfo": "BuyerInfo", "shippingAddress": "ShippingAddress"}
    assert order.keys() == {"AmazonOrderId", *(wire[name] for name in opened)}


@pytest.mark.usefixtures("orders")
def test_a_plain_token_has_an_order_without_its_personal_data(shop: Shop) -> None:
    found = payload(shop.session.get(shop.sandbox.url + "/orders/v0/orders/1"))
    assert found == {"AmazonOrderId": "1"}


@pytest.mark.usefixtures("orders")
def test_one_token_opens_several_resources(shop: Shop) -> None:
    one, same = resource("/orders/v0/orders/1", "buyerInfo"), resource(ORDER[4:], "shippingAddress")
    token = minted(shop, one, same, resource(TEMPLATE))
    path = "/orders/v0/orders/"
    assert payload(call(shop.sandbox, token, path + "1")).keys() >= {"BuyerInfo", "ShippingAddress"}
    assert payload(call(shop.sandbox, token, path + "2")).keys() == {"AmazonOrderId", "ShippingAddress"}
    assert call(shop.sandbox, token, SHIPMENTS + "none").status_code == 404
    assert refusal(call(shop.sandbox, token, "/orders/v0/orders")) == DENIED


def test_a_restricted_token_opens_nothing_that_is_not_restricted(shop: Shop) -> None:
    token = minted(shop, resource(TEMPLATE))
    assert refusal(call(shop.sandbox, token, "/sellers/v1/marketplaceParticipations")) == DENIED
    assert refusal(call(shop.sandbox, token, TOKENS, "POST")) == DENIED
    kinds = [seen.token for seen in shop.sandbox.ledger.requests()]
    assert kinds == ["lwa", "rdt", "rdt"]
    assert token not in str(shop.sandbox.ledger.as_dict())


def test_a_token_expires_on_sandbox_time_and_can_be_revoked(shop: Shop) -> None:
    token = minted(shop, resource(TEMPLATE))
    shop.sandbox.clock.advance(3590)
    assert call(shop.sandbox, token, SHIPMENTS + "none").status_code == 404
    shop.sandbox.clock.advance(10)
    assert refusal(call(shop.sandbox, token, SHIPMENTS + "none"))[2].endswith("has expired.")
    shop.sandbox.revoke_tokens()
    assert refusal(call(shop.sandbox, token, SHIPMENTS + "none"))[2].endswith("malformed or invalid.")
    assert [seen.token for seen in shop.sandbox.ledger.requests("getShipment")] == ["rdt", "rdt", None]


def test_a_token_opens_the_data_of_the_seller_who_had_it_made(shop: Shop) -> None:
    shop.sandbox.add_seller("Atzr|other")
    other = Shop(shop.sandbox, "Atzr|other")
    shipment_id = shop.bought()["shipmentId"]
    theirs = minted(other, resource(TEMPLATE))
    assert refusal(call(shop.sandbox, theirs, SHIPMENTS + shipment_id))[0] == 404
    ours = minted(shop, resource(TEMPLATE), targetApplication="amzn1.sellerapps.app.delegate")
    assert call(shop.sandbox, ours, SHIPMENTS + shipment_id).status_code == 200
    other.close()


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ([], "restrictedResources"),
        ([resource(TEMPLATE)] * 51, "at most 50"),
        ([resource(TEMPLATE, method="")], "restrictedResources[0].method must be one of"),
        ([resource(TEMPLATE, method="PATCH")], "restrictedResources[0].method must be one of"),
        ([resource(TEMPLATE), resource(TEMPLATE, method="PUT")], "restrictedResources[1]: PUT"),
        ([resource("/shipping/v2/shipments/rates")], "not a restricted resource"),
        ([resource(SHIPMENTS + "{id}")], "not a restricted resource"),
        ([resource(SHIPMENTS + "1/more")], "not a restricted resource"),
        ([resource(SHIPMENTS + "1?x=1")], "not a restricted resource"),
        ([resource(TEMPLATE, "buyerInfo")], "dataElements: buyerInfo"),
        ([resource(ORDER[4:], "buyerInfo", "creditCard")], "dataElements: creditCard"),
    ],
)
@pytest.mark.usefixtures("orders")
def test_a_token_for_what_is_not_restricted_is_not_given(shop: Shop, wanted: list[Json], text: str) -> None:
    status, code, said = refusal(mint(shop, *wanted))
    assert (status, code) == (400, "InvalidRequest")
    assert text in said


def test_fifty_resources_fit_one_token(shop: Shop) -> None:
    assert mint(shop, *[resource(f"{SHIPMENTS}{n}") for n in range(50)]).status_code == 200


def test_tokens_have_a_quota_of_their_own(shop: Shop) -> None:
    answers = [mint(shop, resource(TEMPLATE)) for _ in range(10)]
    assert {answer.status_code for answer in answers} == {200}
    assert answers[0].headers["x-amzn-RateLimit-Limit"] == "1.0"
    assert mint(shop, resource(TEMPLATE)).status_code == 429
    shop.sandbox.clock.advance(1)
    assert mint(shop, resource(TEMPLATE)).status_code == 200


def test_a_fault_strikes_a_restricted_route_by_its_name(shop: Shop, orders: None) -> None:
    shop.sandbox.add_fault(ORDER, "status", status=503)
    assert shop.session.get(shop.sandbox.url + "/orders/v0/orders/1").status_code == 503
    assert shop.sandbox.ledger.count(ORDER, 503) == 1


def test_a_seller_takes_part_in_marketplaces(shop: Shop) -> None:
    found = payload(shop.session.get(shop.sandbox.url + "/sellers/v1/marketplaceParticipations"))
    by_country = {one["marketplace"]["countryCode"]: one for one in found}
    assert by_country.keys() == {"GB", "DE", "FR", "IT", "ES"}
    assert by_country["GB"]["marketplace"] == {
        "id": "A1F83G8C2ARO7P",
        "name": "Amazon.co.uk",
        "countryCode": "GB",
        "defaultCurrencyCode": "GBP",
        "defaultLanguageCode": "en_GB",
        "domainName": "www.amazon.co.uk",
    }
    suspended = [
        country for country, one in by_country.items() if one["participation"]["hasSuspendedListings"]
    ]
    assert suspended == ["ES"]
