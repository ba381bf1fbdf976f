"""Answers of the vendor APIs, for the tests of them."""

from typing import Any

from spshipping.vendor.orders import VendorOrdersApi
from spshipping.vendor.shipments import VendorShipmentsApi
from tests.kit import ScriptedTransport, answer, client_of

NUMBER = "2JK3S9VC"


def line(number: str = "1", amount: int = 10) -> dict[str, Any]:
    """Make a line of a purchase order."""
    return {
        "itemSequenceNumber": number,
        "amazonProductIdentifier": "B07DFVDRAB",
        "vendorProductIdentifier": "8806098286500",
        "orderedQuantity": {"amount": amount, "unitOfMeasure": "Cases", "unitSize": 6},
        "isBackOrderAllowed": True,
        "netCost": {"currencyCode": "USD", "amount": "346.27"},
    }


def purchase_order(number: str = NUMBER, state: str = "New", **details: Any) -> dict[str, Any]:
    """Make a purchase order of one line."""
    return {
        "purchaseOrderNumber": number,
        "purchaseOrderState": state,
        "orderDetails": {
            "purchaseOrderDate": "2026-02-20T15:51:00Z",
            "purchaseOrderStateChangedDate": "2026-02-20T15:51:00Z",
            "sellingParty": {"partyId": "ABCD1"},
            "shipToParty": {"partyId": "PHX3"},
            "shipWindow": "2026-02-21T07:00:00Z--2026-02-27T07:00:00Z",
            "items": [line()],
            **details,
        },
    }


def orders_page(*orders: dict[str, Any], token: str | None = None) -> dict[str, Any]:
    """Make a page of purchase orders; the last one has no pagination at all."""
    return {"payload": {"orders": list(orders), **({"pagination": {"nextToken": token}} if token else {})}}


def status(number: str = NUMBER, **more: Any) -> dict[str, Any]:
    """Make the state of a purchase order of one line."""
    return {
        "purchaseOrderNumber": number,
        "purchaseOrderStatus": "OPEN",
        "purchaseOrderDate": "2026-02-20T15:51:00Z",
        "sellingParty": {"partyId": "ABCD1"},
        "shipToParty": {"partyId": "PHX3"},
        "itemStatus": [status_line()],
        **more,
    }


def status_line(confirmed: str | None = "ACCEPTED", received: str | None = "NOT_RECEIVED") -> dict[str, Any]:
    """Make the state of a line."""
    return {
        "itemSequenceNumber": "1",
        **({"acknowledgementStatus": {"confirmationStatus": confirmed}} if confirmed else {}),
        **({"receivingStatus": {"receiveStatus": received}} if received else {}),
    }


def statuses_page(*statuses: dict[str, Any]) -> dict[str, Any]:
    """Make the only page of states."""
    return {"payload": {"ordersStatus": list(statuses)}}


def orders_api(*bodies: Any) -> tuple[VendorOrdersApi, ScriptedTransport]:
    """Make the facade over a transport that answers with *bodies*."""
    network = ScriptedTransport([answer(200, body) for body in bodies])
    return VendorOrdersApi(client_of(network).context), network


def shipments_api(*bodies: Any) -> tuple[VendorShipmentsApi, ScriptedTransport]:
    """Make the facade over a transport that answers with *bodies*."""
    network = ScriptedTransport([answer(200, body) for body in bodies])
    return VendorShipmentsApi(client_of(network).context), network


def queries(network: ScriptedTransport) -> list[str]:
    """Return the query of every request."""
    return [request.url.partition("?")[2] for request in network.requests]
