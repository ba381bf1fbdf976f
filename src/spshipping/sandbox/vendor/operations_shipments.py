"""The operations of Vendor Shipments v1 and Vendor Transaction Status v1 as the sandbox implements them."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from spshipping.sandbox.operations import ApiRequest, Implementations
from spshipping.sandbox.pages import Key
from spshipping.sandbox.refusals import NOT_FOUND, invalid_input, refused
from spshipping.sandbox.responses import Response, json_response, payload_response
from spshipping.sandbox.vendor import response_shipments
from spshipping.sandbox.vendor.pickups import STATUSES, Pickup, seconds
from spshipping.sandbox.vendor.search import Page, Query, choice, window
from spshipping.sandbox.vendor.vendors import Vendor, Vendors
from spshipping.vendor import shipments as api
from spshipping.vendor.transactions import GET_TRANSACTION

_LARGEST = 50


def _stated(name: str, part: str) -> Callable[[Pickup], int | None]:
    """Return how a time that the vendor stated is found."""

    def find(pickup: Pickup) -> int | None:
        text = (pickup.asked.get(part) or {}).get(name)
        return seconds(text) if text else None

    return find


_TIMES: Mapping[str, Callable[[Pickup], int | None]] = {
    "created": lambda pickup: pickup.created,
    "shipmentConfirmed": lambda pickup: pickup.reached("Shipped"),
    "packageLabelCreated": lambda pickup: pickup.reached("CarrierAssigned") if pickup.is_parcel else None,
    "shipped": lambda pickup: pickup.reached("Shipped"),
    "estimatedDelivery": _stated("estimatedDeliveryDate", "transportationDetails"),
    "shipmentDelivery": _stated("shipmentDeliveryDate", "transportationDetails"),
    "requestedPickUp": _stated("requestedPickUp", "collectFreightPickupDetails"),
    "scheduledPickUp": lambda pickup: pickup.pickup if pickup.reached("CarrierAssigned") else None,
}
_FIELDS: Mapping[str, Callable[[Pickup], str]] = {
    "currentShipmentStatus": lambda pickup: pickup.status,
    "vendorShipmentIdentifier": lambda pickup: str(pickup.asked["vendorShipmentIdentifier"]),
    "buyerReferenceNumber": lambda pickup: pickup.reference,
    "buyerWarehouseCode": lambda pickup: str(pickup.asked["shipToParty"]["partyId"]),
    "sellerWarehouseCode": lambda pickup: str(pickup.asked["shipFromParty"]["partyId"]),
}


class VendorShipments:
    """The operations, on the shipments of all vendors."""

    def __init__(self, vendors: Vendors) -> None:
        self._vendors = vendors
        self.implementations: Implementations = {
            api.SUBMIT_SHIPMENT_CONFIRMATIONS: self.submit_shipment_confirmations,
            api.SUBMIT_SHIPMENTS: self.submit_shipments,
            api.GET_SHIPMENT_DETAILS: self.get_shipment_details,
            api.GET_SHIPMENT_LABELS: self.get_shipment_labels,
            GET_TRANSACTION: self.get_transaction,
        }

    def submit_shipment_confirmations(self, request: ApiRequest) -> Response:
        """Take shipment confirmations, to be worked on later."""
        confirmations = request.body.get("shipmentConfirmations")
        if not confirmations or not all(each["shipmentIdentifier"].strip() for each in confirmations):
            raise invalid_input("Invalid Shipment ID")
        with self._vendors.of(request.seller) as (vendor, now):
            taken = vendor.transactions.submit(
                request,
                now,
                partial(vendor.confirmations.confirm, sent=now),
                reports=True,
            )
        return json_response({"payload": {"transactionId": taken.id}}, 202)

    def submit_shipments(self, request: ApiRequest) -> Response:
        """Take transportation requests, to be worked on later."""
        shipments = request.body.get("shipments")
        needed = ("vendorShipmentIdentifier", "transactionType", "transactionDate")
        if not shipments or not all(each.get(name) for each in shipments for name in needed):
            raise invalid_input("Invalid Vendor Shipment ID")
        with self._vendors.of(request.seller) as (vendor, now):
            taken = vendor.transactions.submit(request, now, vendor.pickups.request, reports=True)
        return json_response({"payload": {"transactionId": taken.id}}, 202)

    def get_shipment_details(self, request: ApiRequest) -> Response:
        """Return one page of the requests that pass the filters."""
        choice(request.query, "currentShipmentStatus", STATUSES)
        with self._vendors.of(request.seller) as (vendor, now):
            page = Page.of(request.query, _LARGEST, now)
            found = _matching(vendor, request.query, now, _TIMES)
            pickups, pagination = page.cut(page.of_list(found), now)
            shipments = [response_shipments.details(pickup) for pickup in pickups]
        return payload_response({**pagination, "shipments": shipments})

    def get_shipment_labels(self, request: ApiRequest) -> Response:
        """Return one page of labels; it is empty where none of its shipments has labels yet."""
        query = request.query
        times = {"labelCreated": _TIMES["packageLabelCreated"]}
        is_of_one = "vendorShipmentIdentifier" in query or "buyerReferenceNumber" in query
        with self._vendors.of(request.seller) as (vendor, now):
            page = Page.of(query, _LARGEST, now)
            pickups, pagination = page.cut(page.of_list(_matching(vendor, query, now, times)), now)
            labels = [response_shipments.labels(pickup) for pickup in pickups if pickup.tracking_ids]
        if is_of_one and not labels:
            raise refused(NOT_FOUND, messages=["Resource Not Found"])
        return payload_response({**pagination, "transportLabels": labels})

    def get_transaction(self, request: ApiRequest) -> Response:
        """Return what became of a submission."""
        with self._vendors.of(request.seller) as (vendor, _):
            return payload_response(vendor.transactions.find(request.path["transactionId"]).as_json())


def _matching(
    vendor: Vendor, query: Query, now: int, times: Mapping[str, Callable[[Pickup], int | None]]
) -> Iterator[tuple[Key, Pickup]]:
    windows = {name: window(query, name, now, longest=None) for name in times}
    for pickup in vendor.pickups.all():
        is_inside = all(span is None or span.has(times[name](pickup)) for name, span in windows.items())
        if is_inside and all(query.get(name) in (None, find(pickup)) for name, find in _FIELDS.items()):
            yield (pickup.created, pickup.index), pickup
