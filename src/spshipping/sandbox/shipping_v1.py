"""Amazon Shipping v1, of which the sandbox has only what needs a Restricted Data Token."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from spshipping.operation import Effect, Operation, Quota
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
    """Return what was shipped, from whom and to whom, in version 1's form."""
    order = shipment.order
    return {
        "shipmentId": shipment.shipment_id,
        "clientReferenceId": shipment.reference,
        "shipFrom": order.sender,
        "shipTo": order.recipient,
        "containers": [
            {
                "containerType": "PACKAGE",
                "containerReferenceId": shipment.reference,
                "value": order.package.get("insuredValue") or order.business.currency_of(Decimal(0)),
                "dimensions": _renamed(order.package["dimensions"]),
                "items": [],
                "weight": _renamed(order.package["weight"]),
            }
        ],
    }


def _renamed(measure: Mapping[str, Any]) -> dict[str, Any]:
    return {**measure, "unit": _UNITS[measure["unit"]]}
