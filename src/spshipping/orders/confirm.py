"""Makes the confirmation of a shipment from plain values, and finds out what is left to ship."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from spshipping.errors import InvalidRequestError
from spshipping.orders import v2026_01_01 as v2026
from spshipping.orders.v0 import ConfirmShipmentOrderItem, PackageDetail

if TYPE_CHECKING:
    from spshipping.orders.api import ConfirmOptions

_NO_CARRIER = "Other"


def package(
    carrier_code: str, tracking_number: str, ship_date: datetime, more: "ConfirmOptions"
) -> PackageDetail:
    """Return a package that holds nothing yet.

    Raises:
        InvalidRequestError: one of the values is none that Amazon takes.
    """
    carrier_name, reference = more.get("carrier_name"), more.get("package_reference_id", "1")
    for name, value in (("carrier_code", carrier_code), ("tracking_number", tracking_number)):
        if not _is_text(value):
            raise InvalidRequestError("is empty, or no text", path=name)
    if not _is_number(reference):
        raise InvalidRequestError(
            "is the number of the package within the order, as text: '1'", path="package_reference_id"
        )
    if not _is_aware(ship_date):
        raise InvalidRequestError("is a datetime that knows its zone", path="ship_date")
    if carrier_code == _NO_CARRIER and not carrier_name:
        raise InvalidRequestError(f"is needed for the carrier code {_NO_CARRIER}", path="carrier_name")
    return PackageDetail(
        package_reference_id=reference,
        carrier_code=carrier_code,
        carrier_name=carrier_name,
        shipping_method=more.get("shipping_method"),
        tracking_number=tracking_number,
        ship_date=ship_date,
        ship_from_supply_source_id=more.get("ship_from_supply_source_id"),
        order_items=[],
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_number(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit() and int(value) > 0


def _is_aware(value: object) -> bool:
    return isinstance(value, datetime) and value.utcoffset() is not None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def lines(
    quantities: Mapping[str, int], codes: Mapping[str, Sequence[str]] | None
) -> list[ConfirmShipmentOrderItem]:
    """Return what is in a package.

    Raises:
        InvalidRequestError: there is nothing in it, or not so many of something.
    """
    if not quantities:
        raise InvalidRequestError("has nothing in it; leave it out for all that is not shipped", path="items")
    if not all(map(_is_count, quantities.values())):
        raise InvalidRequestError("holds a quantity that is no positive whole number", path="items")
    codes = codes or {}
    for order_item_id in codes:
        if order_item_id not in quantities:
            raise InvalidRequestError("names an item that is not in the package", path="transparency_codes")
    return [
        ConfirmShipmentOrderItem(
            order_item_id=order_item_id,
            quantity=quantity,
            transparency_codes=list(codes[order_item_id]) if order_item_id in codes else None,
        )
        for order_item_id, quantity in quantities.items()
    ]


def left_to_ship(order: v2026.Order, reference: str) -> dict[str, int]:
    """Return how many pieces of which lines of *order* are not shipped yet.

    Raises:
        InvalidRequestError: none are; or a package with this reference has left already, and would be taken
            back by one that holds the rest.
    """
    left = {line.order_item_id: _left(line) for line in order.order_items}
    rest = {order_item_id: quantity for order_item_id, quantity in left.items() if quantity > 0}
    if not rest:
        raise InvalidRequestError("there is nothing left to ship in this order", path="items")
    if any(getattr(one, "package_reference_id", None) == reference for one in order.packages or ()):
        raise InvalidRequestError(
            f"package {reference} of this order has left already: number this one anew, or name the items to"
            " correct what was said of it",
            path="package_reference_id",
        )
    return rest


def _left(line: v2026.OrderItem) -> int:
    told = line.fulfillment
    if told and told.quantity_unfulfilled is not None:
        return told.quantity_unfulfilled
    return line.quantity_ordered - ((told and told.quantity_fulfilled) or 0)
