"""Amazon Shipping v1: the one operation that needs a Restricted Data Token."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from spshipping.operation import Effect, Operation, Quota
from spshipping.sandbox.services import currency_of
from spshipping.sandbox.shipments import Shipment

GET_SHIPMENT: Operation[dict[str, Any]] = Operation(
    name="getShipment",
    route="GET /shipping/v1/shipments/{shipmentId}",
    returns=dict[str, Any],
    quota=Quota(5, burst=15),
    effect=Effect.NONE,
    restricted=(),
)
"""Source: https://github.com/amzn/selling-partner-api-models (shipping.json)"""

_UNITS = {
    "INCH": "IN",
    "CENTIMETER": "CM",
    "GRAM": "g",
    "KILOGRAM": "kg",
    "OUNCE": "oz",
    "POUND": "lb",
}


def as_version_1(shipment: Shipment) -> dict[str, Any]:
    """Return a shipment in the form of version 1."""
    request = shipment.request
    return {
        "shipmentId": shipment.shipment_id,
        "clientReferenceId": shipment.reference,
        "shipFrom": request.sender,
        "shipTo": request.recipient,
        "containers": [
            {
                "containerType": "PACKAGE",
                "containerReferenceId": shipment.reference,
                "value": request.package.get("insuredValue") or currency_of(request.business, Decimal(0)),
                "dimensions": _renamed(request.package["dimensions"]),
                "items": [],
                "weight": _renamed(request.package["weight"]),
            }
        ],
    }


def _renamed(measure: Mapping[str, Any]) -> dict[str, Any]:
    return {**measure, "unit": _UNITS[measure["unit"]]}
