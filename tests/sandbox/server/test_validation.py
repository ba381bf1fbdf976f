"""What the sandbox refuses, because Amazon does."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from spshipping.sandbox import Sandbox
from tests.sandbox.server.world import BUSINESS, Shop, address, package, payload, rates_request, refusal

INVALID = "Request is missing or has invalid parameters"


def changed(path: str, value: Any) -> Any:
    """Return a request for rates with the value at *path* replaced, or left out where it is `...`."""
    body: Any = json.loads(json.dumps(rates_request()))
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place = body
    for step in way:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return body


@pytest.mark.parametrize(
    ("path", "value", "details"),
    [
        ("shipFrom", ..., "shipFrom cannot be null"),
        ("shipFrom", None, "shipFrom cannot be null"),
        ("shipFrom.addressLine1", ..., "shipFrom.addressLine1 cannot be null"),
        ("shipFrom", "London", "shipFrom must be an object"),
        ("packages", {}, "packages must be an array"),
        ("packages.0", 1, "packages[0] must be an object"),
        ("packages.0.weight.value", ..., "packages[0].weight.value cannot be null"),
        ("packages.0.weight.value", "1.5", "packages[0].weight.value must be a number"),
        ("packages.0.weight.value", True, "packages[0].weight.value must be a number"),
        ("packages.0.items.0.quantity", 1.5, "packages[0].items[0].quantity must be an integer"),
        ("packages.0.items.0.isHazmat", "false", "packages[0].items[0].isHazmat must be a boolean"),
        ("shipTo.name", 7, "shipTo.name must be a string"),
        ("shipTo.name", "", "shipTo.name has 0 characters"),
        ("shipTo.name", "x" * 51, "shipTo.name has 51 characters"),
        (
            "packages.0.items.0.dangerousGoodsDetails",
            {"unitedNationsRegulatoryId": "1"},
            "does not have the form",
        ),
        ("packages.0.weight.unit", "GRAMS", "packages[0].weight.unit must be one of GRAM, KILOGRAM"),
        ("packages.0.weight.unit", 1, "packages[0].weight.unit must be a string"),
        ("shipDate", "tomorrow", "shipDate must be a date-time"),
        ("shipDate", "2026-01-31T09:30:00", "shipDate must be a date-time"),
        ("shipDate", "2026-02-31T09:30:00Z", "shipDate must be a date-time"),
        ("shipDate", 1767225600, "shipDate must be a string"),
    ],
)
def test_a_field_that_breaks_the_contract_is_named(shop: Shop, path: str, value: Any, details: str) -> None:
    answer = shop.call("POST", "/shipments/rates", json=changed(path, value))
    status, code, text = refusal(answer)
    assert (status, code) == (400, "InvalidRequest")
    assert text.startswith(INVALID)
    assert details in text
    assert answer.headers["x-amzn-RateLimit-Limit"] == "80.0"


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"a": NaN}', b"\xff\xfe{", b"[" * 100_000, b'"text"', b"[]", b"null"]
)
def test_a_body_that_is_no_json_object_is_refused(shop: Shop, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    assert refusal(shop.call("POST", "/shipments/rates", data=body, headers=headers))[:2] == (
        400,
        "InvalidRequest",
    )


def test_fields_that_amazon_does_not_know_and_nulls_for_optional_ones_are_ignored(shop: Shop) -> None:
    body = {**rates_request(), "returnTo": None, "brandNew": {"a": 1}}
    assert shop.call("POST", "/shipments/rates", json=body).status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "", "application/x-www-form-urlencoded"])
def test_another_content_type_is_415(shop: Shop, content_type: str) -> None:
    answer = shop.call("POST", "/shipments/rates", data=b"{}", headers={"Content-Type": content_type})
    assert answer.status_code == 415


def test_a_content_type_may_have_parameters(shop: Shop) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    body = json.dumps(rates_request())
    assert shop.call("POST", "/shipments/rates", data=body, headers=headers).status_code == 200


def test_a_body_over_a_mebibyte_is_413_and_the_connection_goes_on(shop: Shop) -> None:
    body = rates_request(packages=[package(sellerDisplayName="x" * 2_000_000)])
    assert shop.call("POST", "/shipments/rates", json=body).status_code == 413
    assert shop.rates().status_code == 200
    first, second = shop.sandbox.ledger.requests("getRates")
    assert first.connection == second.connection


def raw(
    sandbox: Sandbox, method: str, path: str, headers: dict[str, str], body: bytes
) -> tuple[int, str, str]:
    """Send exactly these headers."""
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=5)
    connection.putrequest(method, path)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(body or None)
    answer = connection.getresponse()
    text = answer.read().decode()
    kind = answer.headers.get_content_type()
    connection.close()
    return answer.status, kind, text


CHUNKED = {"Transfer-Encoding": "chunked"}


@pytest.mark.parametrize(
    ("headers", "body"),
    [({"Content-Length": "0"}, b""), ({"Content-Length": "2"}, b"{}"), (CHUNKED, b"2\r\n{}\r\n0\r\n\r\n")],
)
def test_a_get_with_a_body_or_a_length_is_refused_by_the_edge_in_html(
    sandbox: Sandbox, headers: dict[str, str], body: bytes
) -> None:
    status, kind, text = raw(sandbox, "GET", "/shipping/v2/tracking", headers, body)
    assert (status, kind) == (400, "text/html")
    assert "<h1>400 Bad Request</h1>" in text


@pytest.mark.parametrize(
    ("headers", "body"),
    [({"Content-Length": "many"}, b""), ({"Content-Length": "-1"}, b""), (CHUNKED, b"zz\r\n")],
)
def test_a_body_without_an_end_is_refused(sandbox: Sandbox, headers: dict[str, str], body: bytes) -> None:
    assert raw(sandbox, "POST", "/shipping/v2/shipments/rates", headers, body)[:2] == (400, "text/html")


def test_a_chunked_body_is_read(shop: Shop) -> None:
    pieces = [json.dumps(rates_request()).encode()]
    headers = {"Content-Type": "application/json"}
    assert shop.call("POST", "/shipments/rates", data=iter(pieces), headers=headers).status_code == 200


def test_a_business_that_does_not_exist_is_refused(shop: Shop) -> None:
    assert refusal(shop.rates(business="AmazonShipping_GB"))[:2] == (400, "InvalidRequest")


def test_without_a_business_it_is_the_uk(shop: Shop) -> None:
    assert shop.quote()["rates"][0]["carrierId"] == "AMZN_UK"
    assert shop.quote(business="AmazonShipping_US")["rates"][0]["carrierId"] == "AMZN_US"
    without, with_one = shop.sandbox.ledger.requests("getRates")
    assert (without.business, with_one.business) == (None, "AmazonShipping_US")
    assert BUSINESS not in without.headers


@pytest.mark.parametrize("query", [{}, {"trackingId": "TBA1"}, {"trackingId": "", "carrierId": "AMZN_UK"}])
def test_a_missing_query_parameter_is_refused(shop: Shop, query: dict[str, str]) -> None:
    status, code, text = refusal(shop.call("GET", "/tracking", params=query))
    assert (status, code) == (400, "InvalidRequest")
    assert "cannot be null" in text


def test_an_unknown_query_parameter_is_ignored_without_a_word(shop: Shop) -> None:
    shipment = shop.bought()
    assert payload(shop.documents(shipment["shipmentId"], colour="blue", format="PNG", dpi="203"))


@pytest.mark.parametrize("dpi", ["300.0", "many", "²"])
def test_a_resolution_that_is_no_whole_number_is_refused(shop: Shop, dpi: str) -> None:
    assert "dpi must be an integer" in refusal(shop.documents("any", dpi=dpi))[2]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"packages": [package(), package()]}, "limited to a single package"),
        ({"shipTo": None}, "shipTo is required"),
        ({"channelDetails": {"channelType": "AMAZON"}}, "amazonOrderDetails.orderId is required"),
        ({"packages": [package(0)]}, "must be positive"),
        ({"packages": [package(1e9)]}, "must be positive"),
        ({"shipDate": "2999-01-01T00:00:00Z"}, "too far ahead"),
    ],
)
def test_an_order_that_cannot_be_shipped_is_refused(shop: Shop, changes: dict[str, Any], text: str) -> None:
    status, code, said = refusal(shop.rates(**changes))
    assert (status, code) == (400, "InvalidInput")
    assert text in said


def test_no_package_at_all_is_refused(shop: Shop) -> None:
    assert shop.rates(packages=[]).status_code == 400
    assert shop.rates(shipFrom=address()).status_code == 200
