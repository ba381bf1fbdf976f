"""Changes an order as its seller reports: parcels, pickups and verifications, through Orders v0."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from spshipping.regions import Marketplace
from spshipping.sandbox.clock import DAY
from spshipping.sandbox.orders.record import Order, Parcel
from spshipping.sandbox.orders.response_v0 import REJECTION_REASONS
from spshipping.sandbox.refusals import INVALID_INPUT, invalid_input, refused


def _check_marketplace(order: Order, body: Mapping[str, Any]) -> None:
    if body["marketplaceId"] != order.place.marketplace.id:
        raise invalid_input("marketplaceId is not the marketplace of the order", "1001")


def confirm_shipment(order: Order, body: Mapping[str, Any], now: int) -> None:
    """Add a shipped parcel, or replace the parcel with the same reference.

    Raises:
        RefusedError: the seller does not ship the order, or the parcel is not possible.
    """
    _check_marketplace(order, body)
    if order.channel != "MFN" or not order.is_ready:
        raise invalid_input(
            f"The order is {order.status} and fulfilled by {order.channel}; it cannot be confirmed"
        )
    if body.get("codCollectionMethod") and order.place.marketplace is not Marketplace.JP:
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
            raise invalid_input(f"{id_} is not an item of the order, or is named twice")
        if quantity < 1:
            raise invalid_input("quantity must be at least 1")
        found[id_] = quantity
    if not found:
        raise invalid_input("orderItems cannot be empty")
    return found


_PREVIOUS = {"ReadyForPickup": None, "PickedUp": "ReadyForPickup", "RefusedPickup": "ReadyForPickup"}
"""The statuses of a pickup, and the status that must have been reported before."""


def update_shipment_status(order: Order, body: Mapping[str, Any], now: int) -> None:  # noqa: ARG001 - as the others
    """Store the status of an order that is picked up in a store.

    Raises:
        RefusedError: the order is not picked up, or the status does not follow from the last one.
    """
    _check_marketplace(order, body)
    status = body["shipmentStatus"]
    if not order.is_pickup or order.status != "Unshipped" or order.pickup != _PREVIOUS[status]:
        raise invalid_input(f"The order cannot become {status}")
    known = {item.id for item in order.items}
    for item in body.get("orderItems") or ():
        if item.get("orderItemId") not in known:
            raise invalid_input(f"{item.get('orderItemId')} is not an item of the order")
    order.pickup = status
    if status == "PickedUp":
        order.status = "Shipped"
        for line in order.items:
            line.shipped = line.quantity
    elif status == "RefusedPickup":
        order.status = "Canceled"


def update_verification_status(order: Order, body: Mapping[str, Any], now: int) -> None:
    """Store the verification of an order of regulated goods.

    Raises:
        RefusedError: there is nothing to verify, or the verification has defects; each is one error.
    """
    given = body["regulatedOrderVerificationStatus"]
    review, status = order.review, given.get("status") or "Approved"
    if review is None or review.status != "Pending":
        raise invalid_input("The order has no regulated information that waits for a review")
    problems = []
    if status not in ("Approved", "Rejected"):
        problems.append("status must be Approved or Rejected")
    if status == "Rejected" and given.get("rejectionReasonId") not in REJECTION_REASONS:
        problems.append("rejectionReasonId is required, and must be a valid one")
    if status == "Rejected" and (given.get("verificationDetails") or {}).get("prescriptionDetail"):
        problems.append("prescriptionDetail goes with Approved only")
    if problems:
        raise refused(INVALID_INPUT, messages=problems)
    review.status, review.reviewer, review.reviewed = status, given["externalReviewerId"], now
    review.reason = given.get("rejectionReasonId")
    if status == "Rejected":
        order.status = "Canceled"
