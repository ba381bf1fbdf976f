"""Access points, feedback on deliveries that failed, and claims."""

from typing import Any

import pytest

from tests.sandbox.server.schemas import problems
from tests.sandbox.server.test_after_purchase import track
from tests.sandbox.server.world import Json, Shop, payload, refusal


def points(shop: Shop, types: str, country: str = "GB", postal_code: str = "SW1Y 4JH") -> Any:
    """Ask for access points."""
    query = {"accessPointTypes": types, "countryCode": country, "postalCode": postal_code}
    return shop.call("GET", "/accessPoints", params=query)


def feedback(shop: Shop, tracking_id: str, action: str, **data: Any) -> Any:
    """Say what to do with a parcel."""
    body = {"trackingId": tracking_id, "ndrAction": action, "ndrRequestData": data or None}
    return shop.call("POST", "/ndrFeedback", json=body)


def claim(shop: Shop, tracking_id: str, **changes: Any) -> Any:
    """Claim a refund."""
    body = {
        "trackingId": tracking_id,
        "claimReason": "LOST_IN_TRANSIT",
        "settlementType": "REFUND",
        "declaredValue": {"value": 10, "unit": "GBP"},
        **changes,
    }
    return shop.call("POST", "/claims", json=body)


def tracking_id_of(shipment: Json) -> str:
    """Return the tracking id of a shipment."""
    (package,) = shipment["packageDocumentDetails"]
    return str(package["trackingId"])


def test_access_points_are_found_by_type_and_postal_code(shop: Shop) -> None:
    answer = points(shop, "HELIX,3P,CORE_LOCKER").json()
    assert not list(problems("shippingV2", answer, {"ref": "GetAccessPointsResponse"}))
    found = answer["payload"]["accessPointsMap"]
    assert list(found) == ["HELIX", "3P", "CORE_LOCKER"]
    every = [point for group in found.values() for point in group]
    assert {point["address"]["postalCode"] for point in every} == {"SW1Y 4JH"}
    assert len({point["accessPointId"] for point in every}) == 9
    assert {group[0]["assistanceType"] for group in (found["HELIX"], found["3P"])} == {"STAFF_ASSISTED"}
    assert found["CORE_LOCKER"][0]["assistanceType"] == "SELF_ASSISTED"
    distances = [float(point["accessibilityAttributes"]["distance"]) for point in found["HELIX"]]
    assert distances == sorted(distances)
    assert points(shop, "HELIX,3P,CORE_LOCKER").json() == answer


def test_access_points_elsewhere_are_others(shop: Shop) -> None:
    here, italy, nowhere = (
        payload(points(shop, "HELIX", *place))["accessPointsMap"]["HELIX"][0]
        for place in (("GB", "E1"), ("IT", "20121"), ("AQ", "1"))
    )
    assert len({point["accessPointId"] for point in (here, italy, nowhere)}) == 3
    assert [point["address"]["countryCode"] for point in (here, italy, nowhere)] == ["GB", "IT", "AQ"]
    assert italy["address"]["city"] == "Milano"


def test_an_access_point_is_of_a_known_type_and_has_a_place(shop: Shop) -> None:
    assert "accessPointTypes must be of HELIX" in refusal(points(shop, "HELIX,PIGEON"))[2]
    assert "postalCode cannot be null" in refusal(points(shop, "HELIX", postal_code=""))[2]


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("RESCHEDULE", {"rescheduleDate": "2026-03-03T09:00:00Z"}),
        ("REATTEMPT", {"additionalAddressNotes": "blue door"}),
    ],
)
def test_feedback_needs_what_its_action_needs(shop: Shop, action: str, data: Json) -> None:
    tracking_id = tracking_id_of(shop.bought())
    status, code, text = refusal(feedback(shop, tracking_id, action))
    assert (status, code) == (400, "InvalidRequest")
    assert "is missing in the request" in text
    answer = feedback(shop, tracking_id, action, **data)
    assert (answer.status_code, answer.content) == (204, b"")
    assert track(shop, tracking_id, 46)["summary"]["status"] == "Delivered"


def test_a_parcel_that_is_called_back_returns(shop: Shop) -> None:
    tracking_id = tracking_id_of(shop.bought())
    assert track(shop, tracking_id, 12)["summary"]["status"] == "InTransit"
    later = Shop(shop.sandbox)
    assert feedback(later, tracking_id, "RTO").status_code == 204
    assert "not eligible" in refusal(feedback(later, tracking_id, "RTO"))[2]
    later.close()
    done = track(shop, tracking_id, 24)
    last = done["eventHistory"][-2:]
    assert [event["eventCode"] for event in last] == ["ReturnInitiated", "Delivered"]
    assert {event["shipmentType"] for event in last} == {"RETURNS"}
    assert "OutForDelivery" not in [event["eventCode"] for event in done["eventHistory"]]


def test_feedback_is_for_parcels_on_their_way(shop: Shop) -> None:
    assert refusal(feedback(shop, "none", "RTO"))[:2] == (404, "ResourceNotFound")
    cancelled, delivered = shop.bought(), shop.bought()
    shop.cancel(cancelled["shipmentId"])
    assert "not eligible" in refusal(feedback(shop, tracking_id_of(cancelled), "RTO"))[2]
    shop.sandbox.clock.advance(46 * 3600)
    later = Shop(shop.sandbox)
    assert "not eligible" in refusal(feedback(later, tracking_id_of(delivered), "RTO"))[2]
    later.close()


def test_a_parcel_has_one_claim(shop: Shop) -> None:
    first, second = tracking_id_of(shop.bought()), tracking_id_of(shop.bought())
    answer = claim(shop, first, proofs=["https://example.com/photo"])
    assert answer.status_code == 201
    assert not list(problems("shippingV2", answer.json(), {"ref": "CreateClaimResponse"}))
    status, code, text = refusal(claim(shop, first))
    assert (status, code) == (400, "InvalidInputException")
    assert "Claim already exists for the trackingId" in text
    assert claim(shop, second).json()["claimId"] != answer.json()["claimId"]


def test_a_claim_is_for_a_known_parcel_and_has_a_value(shop: Shop) -> None:
    assert refusal(claim(shop, "none"))[:2] == (404, "ResourceNotFound")
    tracking_id = tracking_id_of(shop.bought())
    assert "DeclaredValue is missing" in refusal(claim(shop, tracking_id, declaredValue=None))[2]
    assert "no URL" in refusal(claim(shop, tracking_id, proofs=["photo"]))[2]
    shop.sandbox.add_seller("Atzr|other")
    other = Shop(shop.sandbox, "Atzr|other")
    assert refusal(claim(other, tracking_id))[0] == 404
    other.close()
    assert claim(shop, tracking_id).status_code == 201


def test_a_claim_for_an_order_at_amazon_needs_no_value(shop: Shop) -> None:
    order = {"channelType": "AMAZON", "amazonOrderDetails": {"orderId": "026-1"}}
    quote = shop.quote(channelDetails=order)
    shipment = payload(shop.purchase(shop.purchase_request(quote)))
    assert claim(shop, tracking_id_of(shipment), declaredValue=None).status_code == 201
