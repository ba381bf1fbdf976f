"""Buying a quoted rate: what is charged, and what is refused."""

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.server.world import Shop, address, package, payload, refusal, specification


def test_a_purchase_gives_a_label_and_is_charged(shop: Shop) -> None:
    shipment = shop.bought()
    assert shipment.keys() == {"shipmentId", "packageDocumentDetails", "promise", "benefits"}
    (detail,) = shipment["packageDocumentDetails"]
    assert detail["packageClientReferenceId"] == "R-1"
    assert detail["trackingId"].startswith("TBA")
    (document,) = detail["packageDocuments"]
    assert (document["type"], document["format"]) == ("LABEL", "PNG")
    (label,) = shop.sandbox.ledger.labels
    assert (label.shipment_id, label.operation, label.key) == (
        shipment["shipmentId"],
        "purchaseShipment",
        None,
    )
    assert shop.sandbox.ledger.spent == {"GBP": Decimal("3.55")}


def test_without_a_key_every_request_buys(shop: Shop) -> None:
    body = shop.purchase_request()
    ids = {payload(shop.purchase(body))["shipmentId"] for _ in range(2)}
    assert len(ids) == len(shop.sandbox.ledger.labels) == 2


def test_another_seller_has_keys_and_quotes_of_its_own(shop: Shop) -> None:
    shop.sandbox.add_seller("Atzr|other")
    other = Shop(shop.sandbox, "Atzr|other")
    body = shop.purchase_request()
    assert shop.purchase(body, key="k").status_code == 200
    assert "request token is invalid" in refusal(other.purchase(body))[2]
    assert other.purchase(other.purchase_request(), key="k").status_code == 200
    assert len({label.seller for label in shop.sandbox.ledger.labels}) == 2
    other.close()


def test_a_quote_lives_ten_minutes_of_sandbox_time(shop: Shop) -> None:
    body = shop.purchase_request()
    shop.sandbox.clock.advance(590)
    assert shop.purchase(body).status_code == 200
    shop.sandbox.clock.advance(10)
    assert refusal(shop.purchase(body))[:2] == (400, "TOKEN_EXPIRED")


@pytest.mark.parametrize(
    ("changes", "text"),
    [({"requestToken": "none"}, "request token is invalid"), ({"rateId": "none"}, "rate id is invalid")],
)
def test_an_unknown_quote_is_refused(shop: Shop, changes: dict[str, Any], text: str) -> None:
    assert text in refusal(shop.purchase(shop.purchase_request(**changes)))[2]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"size": {"width": 4, "length": 8, "unit": "INCH"}}, "document size"),
        ({"size": {"width": 4, "length": 6, "unit": "CENTIMETER"}}, "document size"),
        ({"dpi": None}, "doesn't support requested DPI null"),
        ({"dpi": 600}, "doesn't support requested DPI 600"),
        ({"pageLayout": "LEFT"}, "page layout"),
        ({"needFileJoining": True}, "file joining true for PNG"),
        ({"requestedDocumentTypes": ["PACKSLIP"]}, "LABEL is mandatory"),
        ({"requestedDocumentTypes": ["LABEL", "RECEIPT"]}, "document type"),
    ],
)
def test_a_document_that_the_rate_does_not_offer_is_refused(
    shop: Shop, changes: dict[str, Any], text: str
) -> None:
    body = shop.purchase_request(requestedDocumentSpecification=specification(**changes))
    status, code, said = refusal(shop.purchase(body))
    assert (status, code) == (400, "InvalidInput")
    assert text in said
    assert shop.sandbox.ledger.labels == []


def test_the_page_layout_may_be_left_out(shop: Shop) -> None:
    body = shop.purchase_request(requestedDocumentSpecification=specification(pageLayout=None))
    assert shop.purchase(body).status_code == 200


def test_value_added_services_cost_extra(shop: Shop) -> None:
    chosen = [{"id": "SIGNATURE_CONFIRMATION"}]
    shop.bought(requestedValueAddedServices=chosen)
    assert shop.sandbox.ledger.spent == {"GBP": Decimal("4.75")}


def test_a_service_that_is_not_offered_is_refused(shop: Shop) -> None:
    body = shop.purchase_request(requestedValueAddedServices=[{"id": "GIFT_WRAP"}])
    text = refusal(shop.purchase(body))[2]
    assert text.startswith("The requested value added services are invalid GIFT_WRAP")


def test_a_required_group_must_be_answered(shop: Shop) -> None:
    body = shop.purchase_request(shop.quote(shipTo=address("FR")))
    text = refusal(shop.purchase(body))[2]
    assert text == (
        "The requested value added services are invalid "
        "IMPORT_DUTIES requires one of DUTIES_PAID_BY_SENDER, DUTIES_PAID_BY_RECIPIENT"
    )
    answered = {**body, "requestedValueAddedServices": [{"id": "DUTIES_PAID_BY_RECIPIENT"}]}
    assert shop.purchase(answered).status_code == 200
    assert shop.sandbox.ledger.spent == {"GBP": Decimal("3.55")}


@pytest.mark.parametrize(
    "parcel",
    [package(isHazmat=True), package(items=[{"quantity": 1}, {"quantity": 1, "isHazmat": True}])],
)
def test_dangerous_goods_need_additional_inputs(shop: Shop, parcel: dict[str, Any]) -> None:
    quote = shop.quote(packages=[parcel])
    assert quote["rates"][0]["requiresAdditionalInputs"] is True
    query = {"requestToken": quote["requestToken"], "rateId": quote["rates"][0]["rateId"]}
    schema = payload(shop.call("GET", "/shipments/additionalInputs/schema", params=query))
    assert schema["$schema"] == "http://json-schema.org/draft-04/schema#"
    (needed,) = schema["required"]
    body = shop.purchase_request(quote)
    for inputs in ({}, {"additionalInputs": {needed: "1"}}, {"additionalInputs": {needed: 12345}}):
        assert f"{needed} is required" in refusal(shop.purchase({**body, **inputs}))[2]
    assert shop.purchase({**body, "additionalInputs": {needed: "+44 20 7946 0000"}}).status_code == 200


def test_harmless_goods_need_none(shop: Shop) -> None:
    quote = shop.quote()
    query = {"requestToken": quote["requestToken"], "rateId": quote["rates"][0]["rateId"]}
    assert payload(shop.call("GET", "/shipments/additionalInputs/schema", params=query)) == {}
