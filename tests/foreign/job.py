"""The main job of shippers, sellers and vendors, in Amazon's words, for whatever client sends it."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Protocol

Json = dict[str, Any]

_ORDER: Json = json.loads((Path(__file__).parents[2] / "examples" / "order.json").read_text("utf-8"))
_PRINTED = {
    "format": "PNG",
    "size": {"width": 4, "length": 6, "unit": "INCH"},
    "dpi": 203,
    "pageLayout": "DEFAULT",
    "needFileJoining": False,
    "requestedDocumentTypes": ["LABEL"],
}
_TYPE = "ORDER_CHANGE"
_UK = "A1F83G8C2ARO7P"


class Request(NamedTuple):
    """One call, with Amazon's names."""

    api: str
    operation: str
    path: tuple[str, ...] = ()
    query: Json = {}  # noqa: RUF012 - it is never changed
    body: Json | None = None
    key: str | None = None
    """An idempotency key."""
    restricted_token: str | None = None
    """A token for what is personal, for clients that do not fetch one themselves."""


class Lacking(Exception):  # noqa: N818 - it is no error
    """The client has no such operation, or cannot send it as Amazon takes it."""


class Send(Protocol):
    """Sends a request with some client, and returns the answer as JSON, without its envelope.

    Raises:
        Lacking: the client cannot.
    """

    def __call__(self, request: Request, /) -> Any: ...


class Job:
    """Sends everything with one client, and keeps what came back."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.report: Json = {}
        """What was found out, for the test to compare with the sandbox."""
        self.lacking: list[str] = []

    def run(self) -> Json:
        """Do everything, and return the report."""
        parts: tuple[Callable[[], None], ...] = (
            self._ship,
            self._ship_without_quote,
            self._carriers,
            self._sell,
            self._sell_2026,
            self._deliver_to_amazon,
            self._subscribe,
        )
        for part in parts:
            part()
        return {**self.report, "lacking": self.lacking}

    def _do(self, api: str, operation: str, *path: str, **more: Any) -> Any:
        try:
            return self._send(Request(api, operation, path, **more))
        except Lacking:
            self.lacking.append(f"{api} {operation}")
            return None

    def _ship(self) -> None:
        quote = self._do("shipping", "getRates", body=_ORDER)
        rate = min(quote["rates"], key=lambda each: each["totalCharge"]["value"])
        token, reference = quote["requestToken"], _ORDER["packages"][0]["packageClientReferenceId"]
        self._do("shipping", "getAdditionalInputs", query={"requestToken": token, "rateId": rate["rateId"]})
        body = {"requestToken": token, "rateId": rate["rateId"], "requestedDocumentSpecification": _PRINTED}
        bought = self._do("shipping", "purchaseShipment", body=body, key="parcel-1")
        shipment, (package,) = bought["shipmentId"], bought["packageDocumentDetails"]
        label = base64.b64decode(package["packageDocuments"][0]["contents"])
        again = self._do(
            "shipping",
            "getShipmentDocuments",
            shipment,
            query={"packageClientReferenceId": reference, "format": "PNG", "dpi": 203},
        )
        printed = again["packageDocumentDetail"]["packageDocuments"][0]["contents"]
        tracked = self._do(
            "shipping",
            "getTracking",
            query={"trackingId": package["trackingId"], "carrierId": rate["carrierId"]},
        )
        self._do("shipping", "cancelShipment", shipment)
        self.report |= {
            "cancelled": shipment,
            "price": str(rate["totalCharge"]["value"]),
            "is PNG": label.startswith(b"\x89PNG") and base64.b64decode(printed) == label,
            "is tracked": tracked["trackingId"] == package["trackingId"],
        }

    def _ship_without_quote(self) -> None:
        chosen = {**_ORDER, "labelSpecifications": _PRINTED}
        direct = self._do("shipping", "directPurchaseShipment", body=chosen, key="parcel-2")
        clicked = self._do(
            "shipping",
            "oneClickShipment",
            body={**chosen, "serviceSelection": {"serviceId": ["SWA-UK-2D", "SWA-UK-STD"]}},
        )
        (package,) = clicked["packageDocumentDetails"]
        claim = {
            "trackingId": package["trackingId"],
            "declaredValue": {"value": 10, "unit": "GBP"},
            "claimReason": "LOST_IN_TRANSIT",
            "settlementType": "REFUND",
        }
        claimed = self._do("shipping", "createClaim", body=claim)
        self.report |= {
            "bought": [direct["shipmentId"], clicked["shipmentId"]],
            "claim": (claimed or {}).get("claimId"),
        }

    def _carriers(self) -> None:
        places = {"accessPointTypes": "HELIX", "countryCode": "GB", "postalCode": "BS1 5TR"}
        points = self._do("shipping", "getAccessPoints", query=places)
        forms = self._do("shipping", "getCarrierAccountFormInputs")
        self._do("shipping", "getCarrierAccounts", body={})
        self._do("shipping", "getUnmanifestedShipments", body={})
        self._do("shipping", "getCollectionFormHistory", body={})
        self.report |= {
            "access points": len(points["accessPointsMap"]["HELIX"]),
            "carriers": len((forms or {}).get("linkableCarriersList", ())),
        }

    def _sell(self) -> None:
        places = self._do("sellers", "getMarketplaceParticipations")
        self._do("sellers", "getAccount")
        since = (datetime.now(UTC) - timedelta(days=60)).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = {
            "MarketplaceIds": _UK,
            "CreatedAfter": since,
            "OrderStatuses": "Unshipped",
            "FulfillmentChannels": "MFN",
        }
        order = self._do("orders_v0", "getOrders", query=query)["Orders"][0]
        number = order["AmazonOrderId"]
        items = self._do("orders_v0", "getOrderItems", number)["OrderItems"]
        resources = [
            {"method": "GET", "path": f"/orders/v0/orders/{number}/{part}"}
            for part in ("address", "buyerInfo")
        ]
        wish = {"restrictedResources": resources}
        granted = self._do("tokens", "createRestrictedDataToken", body=wish)["restrictedDataToken"]
        address = self._do("orders_v0", "getOrderAddress", number, restricted_token=granted)
        self._do("orders_v0", "getOrderBuyerInfo", number, restricted_token=granted)
        parcel = {
            "packageReferenceId": "1",
            "carrierCode": "DHL",
            "trackingNumber": "0042",
            "shipDate": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "orderItems": [
                {"orderItemId": item["OrderItemId"], "quantity": item["QuantityOrdered"]} for item in items
            ],
        }
        self._do("orders_v0", "confirmShipment", number, body={"packageDetail": parcel, "marketplaceId": _UK})
        self.report |= {
            "marketplaces": sorted(each["marketplace"]["id"] for each in places),
            "order": number,
            "status": self._do("orders_v0", "getOrder", number)["OrderStatus"],
            "has an address": bool((address or {}).get("ShippingAddress")),
        }

    def _sell_2026(self) -> None:
        since = (datetime.now(UTC) - timedelta(days=60)).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = {"marketplaceIds": _UK, "createdAfter": since, "includedData": "PROCEEDS,FULFILLMENT"}
        found = self._do("orders_v2026_01_01", "searchOrders", query=query)["orders"]
        one = self._do(
            "orders_v2026_01_01", "getOrder", self.report["order"], query={"includedData": "FULFILLMENT"}
        )["order"]
        self.report |= {
            "orders of 2026": len(found),
            "status of 2026": one["fulfillment"]["fulfillmentStatus"],
        }

    def _deliver_to_amazon(self) -> None:
        every = self._do("vendor_orders", "getPurchaseOrders", query={"purchaseOrderState": "New"})["orders"]
        number = every[0]["purchaseOrderNumber"]
        details = self._do("vendor_orders", "getPurchaseOrder", number)["orderDetails"]
        taken = self._do("vendor_orders", "submitAcknowledgement", body=_acknowledgement(number, details))
        self._do("vendor_orders", "getPurchaseOrdersStatus", query={"purchaseOrderNumber": number})
        status = self._do("vendor_transactions", "getTransaction", taken["transactionId"])
        self._do("vendor_shipments", "GetShipmentDetails", query={"limit": 5})
        self.report |= {"transaction": status["transactionStatus"]["status"]}

    def _subscribe(self) -> None:
        used, spare = self._destination("orders"), self._destination("spare")
        if used is None or spare is None:
            return
        wish = {"payloadVersion": "1.0", "destinationId": used}
        subscription = self._do("notifications", "createSubscription", _TYPE, body=wish)["subscriptionId"]
        self._do("notifications", "getSubscription", _TYPE)
        self._do("notifications", "getSubscriptionById", _TYPE, subscription)
        every = self._do("notifications", "getDestinations")
        self._do("notifications", "getDestination", used)
        self._do("notifications", "deleteSubscriptionById", _TYPE, subscription)
        self._do("notifications", "deleteDestination", spare)
        self.report |= {"destinations": [each["name"] for each in every]}

    def _destination(self, name: str) -> str | None:
        queue = {"sqs": {"arn": f"arn:aws:sqs:eu-west-1:444455556666:{name}"}}
        body = {"name": name, "resourceSpecification": queue}
        made = self._do("notifications", "createDestination", body=body)
        return made["destinationId"] if made else None


def _acknowledgement(number: str, details: Json) -> Json:
    items = [
        {
            "itemSequenceNumber": item["itemSequenceNumber"],
            "orderedQuantity": item["orderedQuantity"],
            **({"netCost": item["netCost"]} if "netCost" in item else {}),
            "itemAcknowledgements": [
                {"acknowledgementCode": "Accepted", "acknowledgedQuantity": item["orderedQuantity"]}
            ],
        }
        for item in details["items"]
    ]
    whole = {
        "purchaseOrderNumber": number,
        "sellingParty": {"partyId": details["sellingParty"]["partyId"]},
        "acknowledgementDate": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "items": items,
    }
    return {"acknowledgements": [whole]}
