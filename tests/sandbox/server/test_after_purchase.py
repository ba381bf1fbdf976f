"""Printing again, cancelling and tracking."""

from typing import Any

import pytest

from tests.sandbox.server.world import Shop, address, payload, rates_request, refusal, specification


def test_documents_come_again_as_they_were_bought(shop: Shop) -> None:
    shipment = shop.bought(requestedDocumentSpecification=specification("PDF"))
    again = payload(shop.documents(shipment["shipmentId"], format="ZPL", dpi="300"))
    assert again["shipmentId"] == shipment["shipmentId"]
    assert again["packageDocumentDetail"] == shipment["packageDocumentDetails"][0]


def test_documents_of_nothing_are_not_found(shop: Shop) -> None:
    assert refusal(shop.documents("none"))[:2] == (404, "ResourceNotFound")
    assert refusal(shop.documents(shop.bought()["shipmentId"], reference="R-2"))[0] == 404


def test_a_cancelled_shipment_is_refunded(shop: Shop) -> None:
    first, second = shop.bought(), shop.bought()
    assert payload(shop.cancel(first["shipmentId"])) == {}
    assert [label.is_cancelled for label in shop.sandbox.ledger.labels] == [True, False]
    assert str(shop.sandbox.ledger.spent["GBP"]) == "3.55"
    assert payload(shop.cancel(second["shipmentId"])) == {}
    assert shop.sandbox.ledger.spent == {}


def test_a_shipment_is_cancelled_once(shop: Shop) -> None:
    shipment_id = shop.bought()["shipmentId"]
    assert shop.cancel(shipment_id).status_code == 200
    status, code, text = refusal(shop.cancel(shipment_id))
    assert (status, code) == (400, "InvalidInput")
    assert "already cancelled" in text


def test_after_pickup_it_is_too_late_to_cancel(shop: Shop) -> None:
    shipment_id = shop.bought()["shipmentId"]
    shop.sandbox.clock.advance(2 * 3600)
    shop.close()
    later = Shop(shop.sandbox)
    assert "picked up" in refusal(later.cancel(shipment_id))[2]
    assert len(shop.sandbox.ledger.spent) == 1
    later.close()


def test_another_sellers_shipment_is_not_found(shop: Shop) -> None:
    shop.sandbox.add_seller("Atzr|other")
    other = Shop(shop.sandbox, "Atzr|other")
    shipment = shop.bought()
    tracking_id = shipment["packageDocumentDetails"][0]["trackingId"]
    for answer in (
        other.cancel(shipment["shipmentId"]),
        other.documents(shipment["shipmentId"]),
        other.tracking(tracking_id),
        shop.cancel("none"),
        shop.tracking("none"),
        shop.tracking(tracking_id, carrier_id="AMZN_US"),
    ):
        assert refusal(answer)[:2] == (404, "ResourceNotFound")
    other.close()


def track(shop: Shop, tracking_id: str, hours: float) -> Any:
    """Return the tracking after so many hours more, with a fresh token."""
    shop.sandbox.clock.advance(hours * 3600)
    later = Shop(shop.sandbox)
    answer = payload(later.tracking(tracking_id))
    later.close()
    return answer


@pytest.mark.parametrize("service", ["SWA-UK-STD", "SWA-UK-2D", "SWA-UK-PREM"])
def test_a_parcel_is_there_within_two_days(shop: Shop, service: str) -> None:
    shipment = payload(shop.one_click([service], shipTo=address("GB", city="Leeds")))
    tracking_id = shipment["packageDocumentDetails"][0]["trackingId"]
    statuses = [track(shop, tracking_id, hours)["summary"]["status"] for hours in (0, 2.1)]
    assert statuses == ["PreTransit", "InTransit"]
    done = track(shop, tracking_id, 46)
    assert done["summary"]["status"] == "Delivered"
    assert [event["eventCode"] for event in done["eventHistory"]] == [
        "ReadyForReceive",
        "PickupDone",
        "Departed",
        "ArrivedAtCarrierFacility",
        "OutForDelivery",
        "Delivered",
    ]
    times = [event["eventTime"] for event in done["eventHistory"]]
    assert times == sorted(times)
    assert [event["location"]["city"] for event in done["eventHistory"]] == ["London"] * 3 + ["Leeds"] * 3
    assert done["promisedDeliveryDate"] == shipment["promise"]["deliveryWindow"]["end"]
    assert done["alternateLegTrackingId"] == f"{tracking_id}R"


def test_a_parcel_is_out_for_delivery_before_it_is_there(shop: Shop) -> None:
    shipment = shop.bought()
    tracking_id = shipment["packageDocumentDetails"][0]["trackingId"]
    assert track(shop, tracking_id, 43)["summary"]["status"] == "OutForDelivery"


def test_a_cancelled_shipment_is_never_picked_up(shop: Shop) -> None:
    shipment = shop.bought()
    shop.cancel(shipment["shipmentId"])
    tracking = track(shop, shipment["packageDocumentDetails"][0]["trackingId"], 48)
    assert tracking["summary"]["status"] == "PickupCancelled"
    assert [event["eventCode"] for event in tracking["eventHistory"]] == [
        "ReadyForReceive",
        "PickupCancelled",
    ]


def test_a_later_ship_date_leaves_time_to_cancel(shop: Shop) -> None:
    day = shop.sandbox.clock.now().replace(microsecond=0).isoformat()
    body = rates_request(shipDate=day)
    shipment = payload(shop.one_click(["SWA-UK-STD"], shipDate=body["shipDate"]))
    assert shop.cancel(shipment["shipmentId"]).status_code == 200
