"""Makes an order of a request: sender, recipient, parcel, day; and what dangerous goods need beside."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from spshipping.sandbox.answers import invalid_input
from spshipping.sandbox.app import Asked
from spshipping.sandbox.services import BUSINESSES, Business
from spshipping.sandbox.shipments import Order

_LARGEST = 100_000  # in any unit; more is a slip
_FURTHEST = timedelta(days=30)
_CONTACT = "emergencyContactPhone"


def order_of(asked: Asked, now: datetime) -> Order:
    """Return what is to be shipped.

    Raises:
        RefusedError: something is missing, or there is more than one package.
    """
    body = asked.body
    business = BUSINESSES[asked.business]
    is_amazon = body["channelDetails"]["channelType"] == "AMAZON"
    if is_amazon and not body["channelDetails"].get("amazonOrderDetails"):
        raise invalid_input("amazonOrderDetails.orderId is required for channel type AMAZON")
    package = _package(body, is_amazon=is_amazon)
    items = [package, *package["items"]]
    return Order(
        seller=asked.seller,
        business=business,
        sender=_sender(body, business, is_amazon=is_amazon),
        recipient=business.customer if is_amazon else _needed(body, "shipTo"),
        package=package,
        ship_date=_ship_date(body, now),
        has_hazmat=any(item.get("isHazmat") for item in items),
        to_collect=_to_collect(body),
    )


def _ship_date(body: Mapping[str, Any], now: datetime) -> datetime:
    if not body.get("shipDate"):
        return now
    asked = datetime.fromisoformat(body["shipDate"])
    if asked > now + _FURTHEST:
        raise invalid_input("shipDate is too far ahead")
    return max(now, asked)


def _to_collect(body: Mapping[str, Any]) -> str | None:
    collect = (body.get("valueAddedServices") or {}).get("collectOnDelivery")
    return f"Collect {collect['amount']['value']} {collect['amount']['unit']}" if collect else None


def _needed(body: Mapping[str, Any], name: str) -> Any:
    if not body.get(name):
        raise invalid_input(f"{name} is required for channel type EXTERNAL")
    return body[name]


def _sender(body: Mapping[str, Any], business: Business, *, is_amazon: bool) -> Mapping[str, Any]:
    if is_amazon and not body.get("shipFrom"):
        return {**business.customer, "name": "Amazon Seller"}
    sender: Mapping[str, Any] = _needed(body, "shipFrom")
    return sender


def _package(body: Mapping[str, Any], *, is_amazon: bool) -> Mapping[str, Any]:
    if is_amazon and not body.get("packages"):
        return _AS_ORDERED
    packages = _needed(body, "packages")
    if len(packages) > 1:
        raise invalid_input("Each shipment is limited to a single package")
    package: Mapping[str, Any] = packages[0]
    sizes = [package["weight"]["value"], *(package["dimensions"][side] for side in _SIDES)]
    if not all(0 < size < _LARGEST for size in sizes):
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


def additional_inputs(order: Order) -> dict[str, Any]:
    """Return the JSON Schema of what must be told beside; without dangerous goods it is empty."""
    if not order.has_hazmat:
        return {}
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "title": "Additional inputs for dangerous goods",
        "type": "object",
        "properties": {_CONTACT: {"type": "string", "minLength": 5, "maxLength": 20}},
        "required": [_CONTACT],
    }


def unanswered(order: Order, inputs: Mapping[str, Any] | None) -> str | None:
    """Say what *inputs* lack, if anything."""
    contact = (inputs or {}).get(_CONTACT)
    is_answered = isinstance(contact, str) and 5 <= len(contact) <= 20
    return f"{_CONTACT} is required" if order.has_hazmat and not is_answered else None
