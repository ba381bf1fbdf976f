"""Access points, feedback on deliveries that failed, and claims."""

from collections.abc import Iterator
from typing import Any

from spshipping import shipping as api
from spshipping.sandbox.clock import SandboxClock
from spshipping.sandbox.markets import BUSINESS_MARKETS
from spshipping.sandbox.operations import ApiRequest, Implementations
from spshipping.sandbox.refusals import INVALID_INPUT, invalid_input, invalid_request, refused
from spshipping.sandbox.responses import Response, json_response, payload_response
from spshipping.sandbox.services import customer
from spshipping.sandbox.shipments import Store

_POINTS = 3
_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY")
_NEEDED = {
    "RESCHEDULE": ("rescheduleDate", "RescheduleDate is missing in the request"),
    "REATTEMPT": ("additionalAddressNotes", "AdditionalAddressNotes is missing in the request"),
}
_WITH_STAFF = ("HELIX", "CAMPUS_LOCKER", "CAMPUS_ROOM", "3P")
_CLAIM_REFUSED = INVALID_INPUT._replace(
    code="InvalidInputException", message="Request is missing or has invalid parameters"
)
"""Source: https://github.com/amzn/selling-partner-api-models (shippingV2.json, createClaim)"""


class Deliveries:
    """Where parcels can be delivered, and what sellers say about those that were not."""

    def __init__(self, clock: SandboxClock, store: Store) -> None:
        self._clock = clock
        self._store = store
        self.implementations: Implementations = {
            api.GET_ACCESS_POINTS: self.get_access_points,
            api.SUBMIT_NDR_FEEDBACK: self.submit_ndr_feedback,
            api.CREATE_CLAIM: self.create_claim,
        }

    def get_access_points(self, request: ApiRequest) -> Response:
        """Return the access points near a postal code, by type; equal requests give equal ones."""
        types = request.query["accessPointTypes"].split(",")
        for type_ in types:
            if type_ not in list(api.AccessPointType):
                raise invalid_request(f"accessPointTypes must be of {', '.join(api.AccessPointType)}")
        points = {type_: list(_access_points(request, type_)) for type_ in types}
        return payload_response({"accessPointsMap": points})

    def submit_ndr_feedback(self, request: ApiRequest) -> Response:
        """Take a word about a parcel that is on its way; RTO sends it back."""
        body = request.body
        name, problem = _NEEDED.get(body["ndrAction"], ("", ""))
        if name and not (body.get("ndrRequestData") or {}).get(name):
            raise invalid_request(problem)
        with self._store.lock:
            shipment = self._store.shipment_of(request.seller, body["trackingId"])
            now = self._clock.now()
            if shipment.cancelled_at or shipment.returned_at or now >= shipment.delivered_at:
                raise invalid_input("The shipment is not eligible for feedback")
            if body["ndrAction"] == "RTO":
                shipment.returned_at = now
        return Response(204)

    def create_claim(self, request: ApiRequest) -> Response:
        """Take a claim; a parcel has one at most."""
        body = request.body
        with self._store.lock:
            shipment = self._store.shipment_of(request.seller, body["trackingId"])
            if shipment.claim_id:
                raise refused(_CLAIM_REFUSED, "Claim already exists for the trackingId")
            if not shipment.request.is_amazon and not body.get("declaredValue"):
                raise refused(_CLAIM_REFUSED, "DeclaredValue is missing in the request")
            if not all(proof.startswith(("http://", "https://")) for proof in body.get("proofs") or ()):
                raise refused(_CLAIM_REFUSED, "A proof is no URL")
            shipment.claim_id = self._store.next_claim_id()
        return json_response({"claimId": shipment.claim_id}, 201)


def _access_points(request: ApiRequest, type_: str) -> Iterator[dict[str, Any]]:
    country, postal_code = request.query["countryCode"], request.query["postalCode"]
    home = next((one for one in BUSINESS_MARKETS if customer(one)["countryCode"] == country), None)
    place = customer(home or request.business)
    for number in range(1, _POINTS + 1):
        yield {
            "accessPointId": f"{country}-{''.join(postal_code.split())}-{type_}-{number}",
            "name": f"Sandbox Shop {number}",
            "timezone": "UTC",
            "type": type_,
            "accessibilityAttributes": {"distance": f"{number * 0.4:.1f}", "driveTime": number * 2},
            "address": {
                **place,
                "name": f"Sandbox Shop {number}",
                "addressLine1": f"{number} Sandbox Street",
                "postalCode": postal_code,
                "countryCode": country,
            },
            "exceptionOperatingHours": [],
            "assistanceType": "STAFF_ASSISTED" if type_ in _WITH_STAFF else "SELF_ASSISTED",
            "score": str(100 - number),
            "standardOperatingHours": dict.fromkeys(_DAYS, _HOURS),
        }


def _time_of_day(hour: int) -> dict[str, int]:
    return {"hourOfDay": hour, "minuteOfHour": 0, "secondOfMinute": 0}


_HOURS = {"openingTime": _time_of_day(8), "closingTime": _time_of_day(20), "midDayClosures": []}
