"""Buying without a quote: directly, and with one click."""

from decimal import Decimal

from tests.sandbox.server.world import (
    KEY,
    Shop,
    address,
    files,
    package,
    payload,
    rates_request,
    refusal,
    specification,
)

AMAZON = {"channelType": "AMAZON", "amazonOrderDetails": {"orderId": "026-1520163-6049104"}}


def test_a_direct_purchase_needs_no_more_than_the_order_and_gives_a_png(shop: Shop) -> None:
    shipment = payload(shop.direct(channelDetails=AMAZON))
    assert shipment.keys() == {"shipmentId", "packageDocumentDetailList"}
    (detail,) = shipment["packageDocumentDetailList"]
    assert detail["packageDocuments"][0]["format"] == "PNG"
    assert files(detail)[0].startswith(b"\x89PNG")
    assert shop.sandbox.ledger.spent == {"GBP": Decimal("3.35")}


def test_a_direct_purchase_echoes_its_key_and_is_charged_once(shop: Shop) -> None:
    body = rates_request(labelSpecifications=specification("ZPL"))
    answers = [shop.direct(key="k", **body) for _ in range(2)]
    assert [answer.headers[KEY] for answer in answers] == ["k", "k"]
    assert payload(answers[0]) == payload(answers[1])
    assert len(shop.sandbox.ledger.labels) == 1


def test_without_a_key_there_is_none_to_echo(shop: Shop) -> None:
    assert KEY not in shop.direct(**rates_request()).headers


def test_a_key_is_for_one_operation(shop: Shop) -> None:
    assert shop.direct(key="k", **rates_request()).status_code == 200
    assert shop.purchase(shop.purchase_request(), key="k").status_code == 200
    assert len(shop.sandbox.ledger.labels) == 2


def test_an_external_direct_purchase_must_say_who_sends_what_to_whom(shop: Shop) -> None:
    for name in ("shipFrom", "shipTo", "packages"):
        answer = shop.direct(**rates_request(**{name: None}))
        assert f"{name} is required" in refusal(answer)[2]


def test_what_no_service_carries_cannot_be_bought(shop: Shop) -> None:
    answer = shop.direct(**rates_request(packages=[package(99)]))
    assert "No shipping service" in refusal(answer)[2]


def test_a_direct_purchase_over_a_border_asks_nothing(shop: Shop) -> None:
    assert shop.direct(**rates_request(shipTo=address("FR"))).status_code == 200


def test_one_click_buys_the_first_service_that_can_carry_the_parcel(shop: Shop) -> None:
    wanted = ["SWA-UK-PREM", "SWA-UK-2D", "SWA-UK-STD"]
    shipment = payload(shop.one_click(wanted, packages=[package(15)]))
    assert shipment.keys() == {
        "shipmentId",
        "packageDocumentDetails",
        "promise",
        "carrier",
        "service",
        "totalCharge",
    }
    assert shipment["service"] == {"id": "SWA-UK-2D", "name": "Amazon Shipping Two-Day"}
    assert shipment["carrier"] == {"id": "AMZN_UK", "name": "Amazon Shipping"}
    assert shipment["totalCharge"] == {"value": 12.1, "unit": "GBP"}
    assert shop.sandbox.ledger.spent == {"GBP": Decimal("12.10")}


def test_one_click_takes_no_key_and_buys_each_time(shop: Shop) -> None:
    shop.session.headers[KEY] = "k"
    for _ in range(2):
        assert shop.one_click(["SWA-UK-STD"]).status_code == 200
    assert [label.key for label in shop.sandbox.ledger.labels] == [None, None]


def test_one_click_charges_for_value_added_services(shop: Shop) -> None:
    chosen = [{"id": "ADULT_SIGNATURE_CONFIRMATION"}]
    shipment = payload(shop.one_click(["SWA-UK-STD"], valueAddedServicesDetails=chosen))
    assert shipment["totalCharge"]["value"] == 5.95


def test_one_click_refuses_services_that_are_not_there(shop: Shop) -> None:
    assert "None of the selected services" in refusal(shop.one_click(["SWA-US-STD"]))[2]
