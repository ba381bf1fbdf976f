"""Orders v0 as the sandbox answers it: what the seller reports, and what becomes of it."""

import copy
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from spshipping.operation import Operation
from spshipping.orders import v0 as api
from spshipping.sandbox.answers import Answer, RefusedError, as_json, invalid_input
from spshipping.sandbox.app import Action, Asked
from spshipping.sandbox.orders import v0
from spshipping.sandbox.orders.books import Books
from spshipping.sandbox.orders.life import DAY
from spshipping.sandbox.orders.record import Order, Parcel

_DONE = Answer(204)
_JAPAN = "JPY"


def actions(books: Books) -> Mapping[Operation[Any], Action]:
    """Return what answers each of the writing operations."""

    def writes(change: Callable[[Order, Mapping[str, Any], int], None]) -> Action:
        def action(asked: Asked) -> Answer:
            book = books.of(asked.seller)
            with book.lock:
                entry = books.entry_of(asked)
                order = copy.deepcopy(entry.order())
                change(order, asked.body, book.now())
                book.write(entry, order)
            return _DONE

        return action

    return {
        api.CONFIRM_SHIPMENT: writes(confirm_shipment),
        api.UPDATE_SHIPMENT_STATUS: writes(update_shipment_status),
        api.UPDATE_VERIFICATION_STATUS: writes(update_verification_status),
    }


def _check_marketplace(order: Order, body: Mapping[str, Any]) -> None:
    if body["marketplaceId"] != order.place.marketplace.id:
        raise invalid_input("marketplaceId is not where the order was placed", "1001")


def confirm_shipment(order: Order, body: Mapping[str, Any], now: int) -> None:
    """Let a parcel leave; one with the reference of an earlier parcel takes its place.

    Raises:
        RefusedError: the order is not the seller's to ship, or the parcel is not possible.
    """
    _check_marketplace(order, body)
    if order.channel != "MFN" or not order.is_ready:
        raise invalid_input(
            f"The order is {order.status} and fulfilled by {order.channel}; it cannot be confirmed"
        )
    if body.get("codCollectionMethod") and order.place.currency != _JAPAN:
        raise invalid_input("codCollectionMethod is for orders in Japan")
    parcel = _parcel(order, body["packageDetail"], now)
    order.parcels = [one for one in order.parcels if one.reference != parcel.reference]
    order.parcels.append(parcel)
    for item in order.items:
        item.shipped = sum(one.quantities.get(item.id, 0) for one in order.parcels)
        if item.shipped > item.quantity:
            raise invalid_input(f"Only {item.quantity} of item {item.id} were ordered")
    order.status = "PartiallyShipped" if order.units_unshipped else "Shipped"


def _parcel(order: Order, detail: Mapping[str, Any], now: int) -> Parcel:
    reference, shipped = detail["packageReferenceId"], datetime.fromisoformat(detail["shipDate"]).timestamp()
    if not (reference.isascii() and reference.isdigit() and int(reference)):
        raise invalid_input("packageReferenceId must be a positive number")
    if detail["carrierCode"] == "Other" and not detail.get("carrierName"):
        raise invalid_input("carrierName is required for the carrier code Other")
    if not detail["trackingNumber"].strip():
        raise invalid_input("trackingNumber cannot be empty")
    if not order.created - DAY <= shipped <= now + DAY:
        raise invalid_input("shipDate must be neither before the order nor in the future")
    quantities = _quantities(order, detail["orderItems"])
    codes = {one["orderItemId"]: tuple(one.get("transparencyCodes") or ()) for one in detail["orderItems"]}
    carrier = detail.get("carrierName") or detail["carrierCode"]
    method = detail.get("shippingMethod")
    return Parcel(reference, carrier, detail["trackingNumber"], int(shipped), quantities, method, codes)


def _quantities(order: Order, items: list[Mapping[str, Any]]) -> dict[str, int]:
    known = {item.id for item in order.items}
    found: dict[str, int] = {}
    for item in items:
        id_, quantity = item["orderItemId"], item["quantity"]
        if id_ not in known or id_ in found:
            raise invalid_input(f"{id_} is no item of the order, or is named twice")
        if quantity < 1:
            raise invalid_input("quantity must be at least 1")
        found[id_] = quantity
    if not found:
        raise invalid_input("orderItems cannot be empty")
    return found


_BEFORE = {"ReadyForPickup": None, "PickedUp": "ReadyForPickup", "RefusedPickup": "ReadyForPickup"}
"""What the seller must have said before."""


def update_shipment_status(order: Order, body: Mapping[str, Any], now: int) -> None:  # noqa: ARG001 - as the others
    """Note what became of an order that is fetched from a store.

    Raises:
        RefusedError: it is not fetched, or things come in the wrong order.
    """
    _check_marketplace(order, body)
    status = body["shipmentStatus"]
    if not order.is_pickup or order.status != "Unshipped" or order.pickup != _BEFORE[status]:
        raise invalid_input(f"The order cannot become {status}")
    known = {item.id for item in order.items}
    for item in body.get("orderItems") or ():
        if item.get("orderItemId") not in known:
            raise invalid_input(f"{item.get('orderItemId')} is no item of the order")
    order.pickup = status
    if status == "PickedUp":
        order.status = "Shipped"
        for line in order.items:
            line.shipped = line.quantity
    elif status == "RefusedPickup":
        order.status = "Canceled"


def update_verification_status(order: Order, body: Mapping[str, Any], now: int) -> None:
    """Note how the seller judges an order of regulated goods.

    Raises:
        RefusedError: there is nothing to judge, or the judgement is not complete; all that it lacks is said.
    """
    given = body["regulatedOrderVerificationStatus"]
    review, status = order.review, given.get("status") or "Approved"
    if review is None or review.status != "Pending":
        raise invalid_input("The order has no regulated information that waits for a review")
    faults = []
    if status not in ("Approved", "Rejected"):
        faults.append("status must be Approved or Rejected")
    if status == "Rejected" and given.get("rejectionReasonId") not in v0.REASONS:
        faults.append("rejectionReasonId is required, and must be a valid one")
    if status == "Rejected" and (given.get("verificationDetails") or {}).get("prescriptionDetail"):
        faults.append("prescriptionDetail goes with Approved only")
    if faults:
        errors = [{"code": "InvalidInput", "message": fault, "details": ""} for fault in faults]
        raise RefusedError(Answer(400, as_json({"errors": errors})))
    review.status, review.reviewer, review.reviewed = status, given["externalReviewerId"], now
    review.reason = given.get("rejectionReasonId")
    if status == "Rejected":
        order.status = "Canceled"
