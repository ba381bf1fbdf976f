"""Confirms a shipment from plain values, and finds out what is left to ship."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from spshipping.errors import DecodeError, InvalidRequestError
from spshipping.facade import Context
from spshipping.operation import CallOptions, Reply
from spshipping.orders import v2026_01_01 as v2026
from spshipping.orders.fields import optional
from spshipping.orders.options import ConfirmOptions
from spshipping.orders.selection import checked_marketplace
from spshipping.orders.source import lacks
from spshipping.orders.source_v2026 import order_of
from spshipping.orders.v0 import (
    CONFIRM_SHIPMENT,
    ConfirmShipmentOrderItem,
    ConfirmShipmentRequest,
    PackageDetail,
)
from spshipping.orders.v2026_01_01 import GET_ORDER, INCLUDED_DATA, GetOrderResponse, IncludedData

_NO_CARRIER = "Other"
_INCLUDED = (IncludedData.FULFILLMENT, IncludedData.PACKAGES)


async def send(
    context: Context,
    order_id: str,
    detail: PackageDetail,
    items: Mapping[str, int] | None,
    more: ConfirmOptions,
) -> None:
    """Confirm the shipment of a package.

    Args:
        context: what is needed of the client.
        order_id: Amazon's id of the order.
        detail: the package, without what is in it.
        items: what is in it; None means all that is not shipped yet.
        more: the options of the confirmation, and of its calls.

    Raises:
        InvalidRequestError: Amazon would refuse it.
    """
    options, place = _call_options(more), None
    stated = more.get("marketplace_id")
    if stated is not None:
        stated = checked_marketplace(stated, "marketplace_id")
    if items is None:
        of_the_read: CallOptions = {**options, "pii": None}
        call = GET_ORDER(path={"orderId": order_id}, query={INCLUDED_DATA.name: _INCLUDED})
        reply = await context.sender.send(call, **of_the_read)
        order = order_of(reply)
        place = optional(lambda: order.sales_channel.marketplace_id)
        items = _left_to_ship(reply, detail.package_reference_id)
    detail.order_items = _lines(items, more.get("transparency_codes"))
    request = ConfirmShipmentRequest(
        package_detail=detail,
        cod_collection_method=more.get("cod_collection_method"),
        marketplace_id=stated or place or context.marketplace_id,
    )
    await context.sender.send(CONFIRM_SHIPMENT(path={"orderId": order_id}, body=request), **options)


def _call_options(given: ConfirmOptions) -> CallOptions:
    known = CallOptions.__annotations__
    return cast("CallOptions", {name: value for name, value in given.items() if name in known})


def package(
    carrier_code: str, tracking_number: str, ship_date: datetime, more: ConfirmOptions
) -> PackageDetail:
    """Return a package that holds nothing yet.

    Raises:
        InvalidRequestError: Amazon would refuse one of the values.
        TypeError: an option that a confirmation does not have.
    """
    for name in more:
        if name not in ConfirmOptions.__annotations__:
            raise TypeError(f"a confirmation has no {name!r}")
    carrier_name, reference = more.get("carrier_name"), more.get("package_reference_id", "1")
    for name, value in (("carrier_code", carrier_code), ("tracking_number", tracking_number)):
        if not _is_text(value):
            raise InvalidRequestError("is empty, or no text", path=name)
    if not _is_number(reference):
        raise InvalidRequestError(
            "must be the number of the package within the order, as text: '1'", path="package_reference_id"
        )
    if not _is_aware(ship_date):
        raise InvalidRequestError("must be a datetime with a time zone", path="ship_date")
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


def _lines(
    quantities: Mapping[str, int], codes: Mapping[str, Sequence[str]] | None
) -> list[ConfirmShipmentOrderItem]:
    """Return what is in a package.

    Raises:
        InvalidRequestError: there is nothing in it, or not so many of something.
    """
    mappings: dict[str, object] = {"items": quantities, "transparency_codes": codes}
    for name, given in mappings.items():
        if given is not None and not (isinstance(given, Mapping) and all(map(_is_text, given))):
            raise InvalidRequestError("takes a mapping by order_item_id", path=name)
    if not quantities:
        raise InvalidRequestError("has nothing in it; leave it out for all that is not shipped", path="items")
    if not all(map(_is_count, quantities.values())):
        raise InvalidRequestError("holds a quantity that is no positive whole number", path="items")
    codes = codes or {}
    for order_item_id in codes:
        if order_item_id not in quantities:
            raise InvalidRequestError("names an item that is not in the package", path="transparency_codes")
        if isinstance(codes[order_item_id], str):
            raise InvalidRequestError("takes a list of codes for each item", path="transparency_codes")
    return [
        ConfirmShipmentOrderItem(
            order_item_id=order_item_id,
            quantity=quantity,
            transparency_codes=list(codes[order_item_id]) if order_item_id in codes else None,
        )
        for order_item_id, quantity in quantities.items()
    ]


def _left_to_ship(reply: Reply[GetOrderResponse], reference: str) -> dict[str, int]:
    """Return how many pieces of which lines of the order are not shipped yet.

    Raises:
        InvalidRequestError: none are; or a package with this reference was confirmed, and would be
            replaced by one that holds the rest.
        DecodeError: the answer does not hold how many there are.
    """
    order = order_of(reply)
    left = dict(_left(reply, index, line) for index, line in enumerate(order.order_items))
    rest = {order_item_id: quantity for order_item_id, quantity in left.items() if quantity > 0}
    if not rest:
        raise InvalidRequestError("there is nothing left to ship in this order", path="items")
    if any(_reference(one) == reference for one in order.packages or ()):
        raise InvalidRequestError(
            f"package {reference} of this order was confirmed already: give this one another number, or name"
            " the items to correct what was stated of it",
            path="package_reference_id",
        )
    return rest


def _reference(package: v2026.OrderPackage) -> str | None:
    return optional(lambda: package.package_reference_id)


def _left(reply: Reply[GetOrderResponse], index: int, line: v2026.OrderItem) -> tuple[str, int]:
    order_item_id = optional(lambda: line.order_item_id)
    if not order_item_id:
        raise _unknown(reply, f"order.orderItems[{index}].orderItemId")
    found = line.fulfillment
    if found and found.quantity_unfulfilled is not None:
        return order_item_id, found.quantity_unfulfilled
    ordered = optional(lambda: line.quantity_ordered)
    if ordered is None:
        raise _unknown(reply, f"order.orderItems[{index}].quantityOrdered")
    return order_item_id, ordered - ((found and found.quantity_fulfilled) or 0)


def _unknown(reply: Reply[GetOrderResponse], path: str) -> DecodeError:
    error = lacks(reply, path)
    error.remedy = "name the items of the package with items="
    return error
