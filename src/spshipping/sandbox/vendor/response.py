"""Purchase orders and their state in Amazon's form."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from spshipping.sandbox.clock import write_time
from spshipping.sandbox.json_objects import Json, without_none
from spshipping.sandbox.vendor.generate import CURRENCY
from spshipping.sandbox.vendor.record import CLOSED, Line, PurchaseOrder

_IMPORT: Mapping[str, Any] = {
    "methodOfPayment": "PrepaidBySeller",
    "internationalCommercialTerms": "FreeOnBoard",
    "portOfDelivery": "Long Beach",
    "importContainers": "2-20'HC,1-45'",
    "shippingInstructions": "Pallets preferred",
}


def _party(code: str) -> Json:
    return {"partyId": code}


def _money(amount: Decimal | None) -> Json | None:
    return None if amount is None else {"currencyCode": CURRENCY, "amount": str(amount)}


def _quantity(line: Line, amount: int) -> Json:
    return {"amount": amount, "unitOfMeasure": line.unit, "unitSize": line.unit_size}


def _time(moment: int | None) -> str | None:
    return None if moment is None else write_time(moment)


def order(found: PurchaseOrder, *, has_details: bool = True) -> Json:
    """Return a purchase order; without details, its number and its state alone."""
    head: Json = {"purchaseOrderNumber": found.number, "purchaseOrderState": found.state}
    return {**head, "orderDetails": _details(found)} if has_details else head


def _details(found: PurchaseOrder) -> Json:
    window = "--".join(map(write_time, found.window))
    return without_none(
        {
            "purchaseOrderDate": write_time(found.created),
            "purchaseOrderChangedDate": _time(found.changed),
            "purchaseOrderStateChangedDate": write_time(found.state_changed),
            "purchaseOrderType": found.kind,
            "importDetails": dict(_IMPORT) if found.is_import else None,
            "dealCode": found.deal,
            "paymentMethod": found.payment,
            "buyingParty": _party(found.center),
            "sellingParty": _party(found.vendor_code),
            "shipToParty": _party(found.center),
            "billToParty": _party(found.center),
            "shipWindow": window if found.is_collect else None,
            "deliveryWindow": None if found.is_collect else window,
            "items": [_line(line) for line in found.lines],
        }
    )


def _line(line: Line) -> Json:
    return without_none(
        {
            "itemSequenceNumber": line.number,
            "amazonProductIdentifier": line.asin,
            "vendorProductIdentifier": line.vendor_id,
            "orderedQuantity": _quantity(line, line.ordered),
            "isBackOrderAllowed": line.allows_back_order,
            "netCost": _money(line.cost),
            "listPrice": _money(line.list_price),
        }
    )


def status(found: PurchaseOrder) -> Json:
    """Return the state of a purchase order, in the words of the status API."""
    return {
        "purchaseOrderNumber": found.number,
        "purchaseOrderStatus": "CLOSED" if found.state == CLOSED else "OPEN",
        "purchaseOrderDate": write_time(found.created),
        "lastUpdatedDate": write_time(found.updated),
        "sellingParty": _party(found.vendor_code),
        "shipToParty": _party(found.center),
        "itemStatus": [_line_status(line) for line in found.lines],
    }


def _line_status(line: Line) -> Json:
    return without_none(
        {
            "itemSequenceNumber": line.number,
            "buyerProductIdentifier": line.asin,
            "vendorProductIdentifier": line.vendor_id,
            "netCost": _money(line.cost),
            "listPrice": _money(line.list_price),
            "orderedQuantity": _ordered(line),
            "acknowledgementStatus": _acknowledged(line),
            "receivingStatus": _received(line),
        }
    )


def _ordered(line: Line) -> Json:
    """Return how much is ordered; the changes are what was added and cancelled, the latest first."""
    return {
        "orderedQuantity": _quantity(line, line.ordered),
        "orderedQuantityDetails": [
            {
                "updatedDate": write_time(change.time),
                "orderedQuantity": _quantity(line, change.added),
                "cancelledQuantity": _quantity(line, change.cancelled),
            }
            for change in reversed(line.changes)
        ],
    }


def _acknowledged(line: Line) -> Json:
    return {
        "confirmationStatus": line.confirmation,
        "acceptedQuantity": _quantity(line, line.accepted),
        "rejectedQuantity": _quantity(line, line.rejected),
        "acknowledgementStatusDetails": [
            {
                "acknowledgementDate": write_time(answer.time),
                "acceptedQuantity": _quantity(line, answer.accepted),
                "rejectedQuantity": _quantity(line, answer.rejected),
            }
            for answer in line.answers
        ],
    }


def _received(line: Line) -> Json:
    return without_none(
        {
            "receiveStatus": line.receipt,
            "receivedQuantity": _quantity(line, line.received),
            "lastReceiveDate": _time(line.received_at),
        }
    )
