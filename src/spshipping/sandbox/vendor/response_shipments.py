"""Transportation requests and labels in Amazon's form."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from spshipping.sandbox.clock import write_time
from spshipping.sandbox.json_objects import Json, without_none
from spshipping.sandbox.label_contents import LabelContents
from spshipping.sandbox.labels import documents
from spshipping.sandbox.vendor.pickups import Pickup

CARRIER: Mapping[str, str] = {"name": "Sandbox Freight", "code": "SBXF", "phone": "+1 555 0100"}
_LABEL = {"requestedDocumentTypes": ["LABEL"], "dpi": 203, "format": "PDF", "needFileJoining": False}
_ASKED = (
    "vendorShipmentIdentifier",
    "shipmentFreightTerm",
    "sellingParty",
    "shipFromParty",
    "shipToParty",
    "shipmentMeasurements",
    "purchaseOrders",
    "importDetails",
    "containers",
)
"""What is answered as it was requested."""


def _time(moment: int | None) -> str | None:
    return None if moment is None else write_time(moment)


def details(pickup: Pickup) -> Json:
    """Return a request; as in Amazon's examples, without the type and the date of its transaction."""
    statuses = [
        {"shipmentStatus": name, "shipmentStatusDate": write_time(time)}
        for name, time in reversed(pickup.statuses)
    ]
    return without_none(
        {
            **{name: pickup.asked.get(name) for name in _ASKED},
            "buyerReferenceNumber": pickup.reference,
            "currentShipmentStatus": pickup.status,
            "currentshipmentStatusDate": write_time(pickup.statuses[-1][1]),
            "shipmentStatusDetails": statuses,
            "shipmentCreateDate": write_time(pickup.created),
            "shipmentConfirmDate": _time(pickup.reached("Shipped")),
            "packageLabelCreateDate": _time(pickup.reached("CarrierAssigned")) if pickup.is_parcel else None,
            "collectFreightPickupDetails": _pickup_details(pickup),
            "transportationDetails": _transportation(pickup),
        }
    )


def _pickup_details(pickup: Pickup) -> Json:
    assigned = pickup.reached("CarrierAssigned")
    return without_none(
        {
            **(pickup.asked.get("collectFreightPickupDetails") or {}),
            "scheduledPickUp": write_time(pickup.pickup) if assigned else None,
            "carrierAssignmentDate": _time(assigned),
        }
    )


def _transportation(pickup: Pickup) -> Json:
    asked = pickup.asked.get("transportationDetails") or {}
    return {**asked, **({"carrierDetails": dict(CARRIER)} if pickup.reached("CarrierAssigned") else {})}


def labels(pickup: Pickup) -> Json:
    """Return the labels of a request to which a carrier was assigned."""
    created = pickup.reached("CarrierAssigned") or pickup.created
    asked = pickup.asked
    return {
        "labelCreateDateTime": write_time(created),
        "shipmentInformation": {
            "vendorDetails": {
                "sellingParty": asked["sellingParty"],
                "vendorShipmentIdentifier": asked["vendorShipmentIdentifier"],
            },
            "buyerReferenceNumber": pickup.reference,
            "shipToParty": asked["shipToParty"],
            "shipFromParty": asked["shipFromParty"],
            "warehouseId": asked["shipFromParty"]["partyId"],
            "masterTrackingId": pickup.tracking_ids[0],
            "totalLabelCount": len(pickup.tracking_ids),
            "shipMode": "SmallParcel",
        },
        "labelData": [
            {
                "labelSequenceNumber": number,
                "labelFormat": "PDF",
                "carrierCode": CARRIER["code"],
                "trackingId": tracking_id,
                "label": base64.b64encode(_label(pickup, number, tracking_id, created)).decode(),
            }
            for number, tracking_id in enumerate(pickup.tracking_ids, 1)
        ],
    }


def _label(pickup: Pickup, number: int, tracking_id: str, created: int) -> bytes:
    contents = LabelContents(
        sender=_address(pickup.asked["shipFromParty"]),
        recipient=_address(pickup.asked["shipToParty"]),
        package={"items": []},
        service_name=CARRIER["name"],
        service_letter="G",
        tracking_id=tracking_id,
        kilograms=Decimal(0),
        bought_at=datetime.fromtimestamp(created, UTC),
        notes=(f"Carton {number} of {len(pickup.tracking_ids)}", f"ARN {pickup.reference}"),
    )
    ((_, pdf),) = documents(contents, _LABEL)
    return pdf


def _address(party: Mapping[str, Any]) -> Json:
    """Return the address of a party, or its code where it has none."""
    given = party.get("address") or {}
    names = ("addressLine1", "addressLine2", "addressLine3", "city", "stateOrRegion", "postalCode")
    return {
        "name": given.get("name") or party["partyId"],
        "countryCode": given.get("countryCode") or "US",
        **{name: given.get(name) or "" for name in names},
    }
