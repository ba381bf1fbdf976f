"""Reads what is to be shipped from a request, and what dangerous goods require in addition."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from spshipping.regions import ShippingBusiness
from spshipping.sandbox.operations import ApiRequest
from spshipping.sandbox.refusals import invalid_input
from spshipping.sandbox.services import customer
from spshipping.sandbox.shipments import ShipmentRequest

_MAX_SIZE = 100_000  # in any unit; more is a mistake
_MAX_DAYS = timedelta(days=30)
_CONTACT = "emergencyContactPhone"
_CONTACT_LENGTH = (5, 20)


def read_shipment_request(request: ApiRequest, now: datetime) -> ShipmentRequest:
    """Return what is to be shipped.

    Raises:
        RefusedError: something is missing, or there is more than one package.
    """
    body, business = request.body, request.business
    is_amazon = body["channelDetails"]["channelType"] == "AMAZON"
    if is_amazon and not body["channelDetails"].get("amazonOrderDetails"):
        raise invalid_input("amazonOrderDetails.orderId is required for channel type AMAZON")
    package = _package(body, is_amazon=is_amazon)
    items = [package, *package["items"]]
    return ShipmentRequest(
        seller=request.seller,
        business=business,
        sender=_sender(body, business, is_amazon=is_amazon),
        recipient=customer(business) if is_amazon else _required(body, "shipTo"),
        package=package,
        ship_date=_ship_date(body, now),
        has_hazmat=any(item.get("isHazmat") for item in items),
        to_collect=_to_collect(body),
        is_amazon=is_amazon,
    )


def _ship_date(body: Mapping[str, Any], now: datetime) -> datetime:
    if not body.get("shipDate"):
        return now
    requested = datetime.fromisoformat(body["shipDate"])
    if requested > now + _MAX_DAYS:
        raise invalid_input("shipDate is too far ahead")
    return max(now, requested)


def _to_collect(body: Mapping[str, Any]) -> str | None:
    collect = (body.get("valueAddedServices") or {}).get("collectOnDelivery")
    return f"Collect {collect['amount']['value']} {collect['amount']['unit']}" if collect else None


def _required(body: Mapping[str, Any], name: str) -> Any:
    if not body.get(name):
        raise invalid_input(f"{name} is required for channel type EXTERNAL")
    return body[name]


def _sender(body: Mapping[str, Any], business: ShippingBusiness, *, is_amazon: bool) -> Mapping[str, Any]:
    if is_amazon and not body.get("shipFrom"):
        return {**customer(business), "name": "Amazon Seller"}
    sender: Mapping[str, Any] = _required(body, "shipFrom")
    return sender


def _package(body: Mapping[str, Any], *, is_amazon: bool) -> Mapping[str, Any]:
    if is_amazon and not body.get("packages"):
        return _AS_ORDERED
    packages = _required(body, "packages")
    if len(packages) > 1:
        raise invalid_input("Each shipment is limited to a single package")
    package: Mapping[str, Any] = packages[0]
    sizes = [package["weight"]["value"], *(package["dimensions"][side] for side in _SIDES)]
    if not all(0 < size < _MAX_SIZE for size in sizes):
        raise invalid_input(
            "The weight and the dimensions of a package must be positive, and those of a parcel"
        )
    return package


_SIDES = ("length", "width", "height")
_AS_ORDERED: Mapping[str, Any] = {
    "weight": {"value": 1, "unit": "KILOGRAM"},
    "dimensions": {"length": 20, "width": 15, "height": 10, "unit": "CENTIMETER"},
    "packageClientReferenceId": "1",
    "items": [{"quantity": 1, "description": "As ordered"}],
}


def additional_inputs(request: ShipmentRequest) -> dict[str, Any]:
    """Return the JSON Schema of the additional inputs; it is empty without dangerous goods."""
    if not request.has_hazmat:
        return {}
    shortest, longest = _CONTACT_LENGTH
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "title": "Additional inputs for dangerous goods",
        "type": "object",
        "properties": {_CONTACT: {"type": "string", "minLength": shortest, "maxLength": longest}},
        "required": [_CONTACT],
    }


def missing_input(request: ShipmentRequest, inputs: Mapping[str, Any] | None) -> str | None:
    """Return which additional input is missing or wrong in *inputs*; None where there is none."""
    contact = (inputs or {}).get(_CONTACT)
    shortest, longest = _CONTACT_LENGTH
    is_complete = isinstance(contact, str) and shortest <= len(contact) <= longest
    return f"{_CONTACT} is required" if request.has_hazmat and not is_complete else None
