"""Documents about purchase orders, written by hand as Amazon has them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from spshipping import from_dict
from spshipping.vendor.orders import Order, OrderAcknowledgement, OrderStatus
from spshipping.vendor.rules import Outcome, SentAcknowledgement, SentConfirmation
from spshipping.vendor.shipments import ShipmentConfirmation

ANSWERED = datetime(2026, 3, 1, 10, tzinfo=UTC)
CONFIRMED = datetime(2026, 3, 2, 10, tzinfo=UTC)
LATER = datetime(2026, 4, 10, tzinfo=UTC)
CASES_OF_SIX = {"unitOfMeasure": "Cases", "unitSize": 6}
EACHES = {"unitOfMeasure": "Eaches"}
UNSIZED = {"unitOfMeasure": "Cases"}


def item(
    number: str = "1", amount: int = 10, unit: dict[str, Any] = CASES_OF_SIX, **more: Any
) -> dict[str, Any]:
    """Make a line of a purchase order; its ASIN follows from its number."""
    return {
        "itemSequenceNumber": number,
        "amazonProductIdentifier": f"B0ITEM{number[-1]}",
        "orderedQuantity": {"amount": amount, **unit},
        "isBackOrderAllowed": True,
        "netCost": {"currencyCode": "USD", "amount": "2.50"},
        **more,
    }


def order(number: str = "2JK3S9VC", *items: dict[str, Any], **details: Any) -> Order:
    """Make a purchase order, with windows that end on 6 March."""
    return from_dict(
        {
            "purchaseOrderNumber": number,
            "purchaseOrderState": "Acknowledged",
            "orderDetails": {
                "purchaseOrderDate": "2026-03-01T09:00:00Z",
                "sellingParty": {"partyId": "ABCD1"},
                "shipToParty": {"partyId": "PHX3"},
                "deliveryWindow": "2026-03-03T07:00:00Z--2026-03-06T07:00:00Z",
                "items": list(items) or [item()],
                **details,
            },
        },
        Order,
    )


def answered(
    number: str, answers: dict[str, dict[str, int]], unit: dict[str, Any] = CASES_OF_SIX, **of_line: Any
) -> SentAcknowledgement:
    """Make an acknowledgement: by line, how much is answered with each code."""
    document = {
        "purchaseOrderNumber": number,
        "sellingParty": {"partyId": "ABCD1"},
        "acknowledgementDate": ANSWERED.isoformat(),
        "items": [
            {
                "itemSequenceNumber": line,
                "orderedQuantity": {"amount": sum(codes.values()), **unit},
                "itemAcknowledgements": [
                    {"acknowledgementCode": code, "acknowledgedQuantity": {"amount": amount, **unit}}
                    for code, amount in codes.items()
                ],
                **of_line,
            }
            for line, codes in answers.items()
        ],
    }
    return SentAcknowledgement(from_dict(document, OrderAcknowledgement), ANSWERED)


def carton(number: int, sscc: str | None, contents: Sequence[tuple[int, int]], **more: Any) -> dict[str, Any]:
    """Make a carton of a confirmation: the index of each item, and how much of it."""
    codes = [{"containerIdentificationType": "SSCC", "containerIdentificationNumber": sscc}] if sscc else []
    return {
        "cartonIdentifiers": codes,
        "cartonSequenceNumber": f"{number:03d}",
        "items": [
            {"itemReference": f"{index:03d}", "shippedQuantity": {"amount": amount, **CASES_OF_SIX}}
            for index, amount in contents
        ],
        **more,
    }


def shipped(
    identifier: str,
    items: Sequence[dict[str, Any]],
    *,
    at: datetime = CONFIRMED,
    outcome: Outcome = Outcome.TAKEN,
    **more: Any,
) -> SentConfirmation:
    """Make a shipment confirmation that arrives on 4 March."""
    document = {
        "shipmentIdentifier": identifier,
        "shipmentConfirmationType": "Original",
        "shipmentConfirmationDate": at.isoformat(),
        "shippedDate": "2026-03-02T12:00:00Z",
        "estimatedDeliveryDate": "2026-03-04T12:00:00Z",
        "sellingParty": {"partyId": "ABCD1"},
        "shipFromParty": {"partyId": "W-1"},
        "shipToParty": {"partyId": "PHX3"},
        "transportationDetails": {
            "billOfLadingNumber": f"BOL-{identifier}",
            "carrierShipmentReferenceNumber": "4711",
            "carrierScac": "SBXF",
        },
        "shippedItems": list(items),
        **more,
    }
    return SentConfirmation(from_dict(document, ShipmentConfirmation), at, outcome)


def shipped_item(
    index: int, amount: int, number: str = "2JK3S9VC", line: str = "1", unit: dict[str, Any] = CASES_OF_SIX
) -> dict[str, Any]:
    """Make an item of a confirmation."""
    return {
        "itemSequenceNumber": f"{index:03d}",
        "amazonProductIdentifier": f"B0ITEM{line[-1]}",
        "shippedQuantity": {"amount": amount, **unit},
        "itemDetails": {"purchaseOrderNumber": number},
    }


def received(
    number: str, amounts: dict[str, int | None], unit: dict[str, Any] = EACHES, state: str = "OPEN"
) -> OrderStatus:
    """Make the state of a purchase order: by line, how much was received; None for nothing at all."""
    lines = [
        {
            "itemSequenceNumber": line,
            **(
                {}
                if amount is None
                else {
                    "receivingStatus": {
                        "receivedQuantity": {"amount": amount, **unit},
                        "lastReceiveDate": "2026-03-05T08:00:00Z",
                    }
                }
            ),
        }
        for line, amount in amounts.items()
    ]
    return from_dict(
        {
            "purchaseOrderNumber": number,
            "purchaseOrderStatus": state,
            "purchaseOrderDate": "2026-03-01T09:00:00Z",
            "sellingParty": {"partyId": "ABCD1"},
            "shipToParty": {"partyId": "PHX3"},
            "itemStatus": lines,
        },
        OrderStatus,
    )
