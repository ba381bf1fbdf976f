"""The quotes and the shipments that the sandbox stores, and the tracking of a parcel."""

import base64
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from spshipping.regions import ShippingBusiness
from spshipping.sandbox.clock import write_time
from spshipping.sandbox.label_contents import LabelContents, notes_of
from spshipping.sandbox.labels import documents
from spshipping.sandbox.refusals import NOT_FOUND, refused
from spshipping.sandbox.services import Quote, Service, kilograms, promise

QUOTE_LIFETIME = timedelta(minutes=10)
"""Source: https://github.com/amzn/selling-partner-api-models (shippingV2.json, purchaseShipment)"""
MOST_QUOTES = 20_000
"""How many requests for rates are stored; the oldest is removed first."""
UNTIL_PICKUP = timedelta(hours=2)
UNTIL_RETURNED = timedelta(days=1)
"""From a seller's word that a parcel is to come back until it is there."""


class ShipmentRequest(NamedTuple):
    """What is to be shipped, from where, and to where."""

    seller: str
    business: ShippingBusiness
    sender: Mapping[str, Any]
    recipient: Mapping[str, Any]
    package: Mapping[str, Any]
    ship_date: datetime
    has_hazmat: bool
    to_collect: str | None
    """What the carrier collects on delivery, as the label prints it."""
    is_amazon: bool
    """Whether it fulfils an order at Amazon."""


class Offer(NamedTuple):
    """The quotes of every service for one shipment request."""

    request: ShipmentRequest
    quotes: list[Quote]
    expires: datetime


class Shipment:
    """One parcel that was bought."""

    def __init__(
        self,
        request: ShipmentRequest,
        service: Service,
        specification: Mapping[str, Any],
        *,
        shipment_id: str,
        tracking_id: str,
        cost: Decimal,
        bought_at: datetime,
    ) -> None:
        self.shipment_id: str = shipment_id
        self.request = request
        self.service = service
        self.specification = specification
        self.tracking_id = tracking_id
        self.cost = cost
        self.bought_at = bought_at
        self.pickup_at: datetime = request.ship_date + UNTIL_PICKUP
        self.cancelled_at: datetime | None = None
        self.returned_at: datetime | None = None
        """When the seller had it sent back, for it could not be delivered."""
        self.claim_id: str | None = None
        self.is_manifested: bool = False
        """Whether it is on a collection form."""

    @property
    def delivered_at(self) -> datetime:
        """When it is delivered, if nothing comes between."""
        # whatever the service promises, the parcel is delivered within two days
        return self.request.ship_date + timedelta(days=min(self.service.days, 2), hours=-2)

    @property
    def reference(self) -> str:
        """The seller's own id of the package."""
        return str(self.request.package["packageClientReferenceId"])

    def promise(self) -> dict[str, Any]:
        """Return the promised windows, in Amazon's form."""
        return promise(self.service, self.request.ship_date)

    def package_document_detail(self) -> dict[str, Any]:
        """Return the documents as they were bought, in Amazon's form."""
        request, specification = self.request, self.specification
        requested = (specification.get("requestedLabelCustomization") or {}).get("requestAttributes") or []
        contents = LabelContents(
            sender=request.sender,
            recipient=request.recipient,
            package=request.package,
            service_name=self.service.name,
            service_letter=self.service.letter,
            tracking_id=self.tracking_id,
            kilograms=kilograms(request.package),
            bought_at=self.bought_at,
            notes=notes_of(request.package, requested, request.to_collect),
        )
        return {
            "packageClientReferenceId": self.reference,
            "packageDocuments": [
                {
                    "type": type_,
                    "format": specification["format"],
                    "contents": base64.b64encode(data).decode(),
                }
                for type_, data in documents(contents, specification)
            ],
            "trackingId": self.tracking_id,
        }

    def tracking(self, now: datetime) -> dict[str, Any]:
        """Return where the parcel is, in Amazon's form."""
        events = self.events_until(now)
        return {
            "trackingId": self.tracking_id,
            "alternateLegTrackingId": f"{self.tracking_id}R",
            "eventHistory": [event.as_dict() for event in events],
            "promisedDeliveryDate": self.promise()["deliveryWindow"]["end"],
            "summary": {
                "status": events[-1].status,
                "trackingDetailCodes": {"forward": [], "returns": []},
            },
        }

    def events_until(self, now: datetime) -> list["ShipmentEvent"]:
        """Return what has happened to the parcel, oldest first."""
        return [event for event in self._events() if event.time <= now]

    def _events(self) -> Iterator["ShipmentEvent"]:
        """Yield what happens to the parcel, oldest first, in the future too."""
        start, end, picked_up = self.request.sender, self.request.recipient, self.pickup_at
        yield ShipmentEvent("ReadyForReceive", "PreTransit", self.bought_at, start)
        if self.cancelled_at:
            yield ShipmentEvent("PickupCancelled", "PickupCancelled", self.cancelled_at, start)
            return
        out = [
            ShipmentEvent("PickupDone", "InTransit", picked_up, start),
            ShipmentEvent("Departed", "InTransit", picked_up + timedelta(hours=3), start),
            ShipmentEvent("ArrivedAtCarrierFacility", "InTransit", picked_up + timedelta(hours=9), end),
            ShipmentEvent("OutForDelivery", "OutForDelivery", self.delivered_at - timedelta(hours=4), end),
            ShipmentEvent("Delivered", "Delivered", self.delivered_at, end),
        ]
        turned = self.returned_at
        if turned is None:
            yield from out
            return
        yield from (event for event in out if event.time < turned)
        yield ShipmentEvent("ReturnInitiated", "InTransit", turned, end, "RETURNS")
        yield ShipmentEvent("Delivered", "Delivered", turned + UNTIL_RETURNED, start, "RETURNS")


class ShipmentEvent(NamedTuple):
    """One event of a parcel, and the status of the parcel from then on."""

    code: str
    status: str
    time: datetime
    address: Mapping[str, Any]
    leg: str = "FORWARD"

    def as_dict(self) -> dict[str, Any]:
        """Return it in Amazon's form."""
        names = ("stateOrRegion", "city", "countryCode", "postalCode")
        return {
            "eventCode": self.code,
            "location": {name: self.address[name] for name in names},
            "eventTime": write_time(self.time),
            "shipmentType": self.leg,
        }


class Store:
    """All quotes and shipments; code that changes them, or decides by them, holds `lock`."""

    def __init__(self) -> None:
        self.lock: threading.RLock = threading.RLock()
        self.clear()

    def clear(self) -> None:
        """Remove everything."""
        with self.lock:
            self.offers: dict[str, Offer] = {}
            self.shipments: dict[str, Shipment] = {}
            self.by_tracking: dict[str, Shipment] = {}
            self._last = 301_000_000_000
            self._last_claim = 1_318_160_977_649

    def add_offer(self, token: str, offer: Offer) -> None:
        """Store an offer; the oldest is removed when there are too many."""
        with self.lock:
            self.offers[token] = offer
            if len(self.offers) > MOST_QUOTES:
                del self.offers[next(iter(self.offers))]

    def next_tracking_id(self, prefix: str) -> str:
        """Return a tracking id that no other parcel has."""
        with self.lock:
            self._last += 1
            return f"{prefix}{self._last}"

    def next_claim_id(self) -> str:
        """Return the id of a claim that no other has."""
        with self.lock:
            self._last_claim += 1
            return str(self._last_claim)

    def shipment_of(self, seller: str, tracking_id: str) -> Shipment:
        """Return the shipment of *seller* with this tracking id.

        Raises:
            RefusedError: there is none.
        """
        shipment = self.by_tracking.get(tracking_id)
        if shipment is None or shipment.request.seller != seller:
            raise refused(NOT_FOUND, "There is no such tracking id")
        return shipment

    def add_shipment(self, shipment: Shipment) -> None:
        """Store a shipment."""
        with self.lock:
            self.shipments[shipment.shipment_id] = shipment
            self.by_tracking[shipment.tracking_id] = shipment
