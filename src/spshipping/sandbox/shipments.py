"""What the sandbox remembers about parcels: quotes, shipments, keys; and where a parcel is."""

import base64
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import uuid4

from spshipping.sandbox.clock import as_text
from spshipping.sandbox.labels import documents
from spshipping.sandbox.parcels import Parcel, notes_of
from spshipping.sandbox.services import Business, Quote, Service, kilograms, promise

QUOTE_LIFETIME = timedelta(minutes=10)
"""Source: https://github.com/amzn/selling-partner-api-models (shippingV2.json, purchaseShipment)"""
MOST_QUOTES = 20_000
"""How many requests for rates are remembered."""
UNTIL_PICKUP = timedelta(hours=2)


class Order(NamedTuple):
    """What is to be shipped, from whom, to whom."""

    seller: str
    business: Business
    sender: Mapping[str, Any]
    recipient: Mapping[str, Any]
    package: Mapping[str, Any]
    ship_date: datetime
    has_hazmat: bool
    to_collect: str | None
    """What the carrier collects on delivery, as the label says it."""


class Offer(NamedTuple):
    """An order, and what each service asks for it."""

    order: Order
    quotes: list[Quote]
    expires: datetime


class Shipment:
    """One parcel that was bought."""

    def __init__(
        self,
        order: Order,
        service: Service,
        specification: Mapping[str, Any],
        *,
        tracking_id: str,
        cost: Decimal,
        bought_at: datetime,
    ) -> None:
        self.shipment_id: str = str(uuid4())
        self.order = order
        self.service = service
        self.specification = specification
        self.tracking_id = tracking_id
        self.cost = cost
        self.bought_at = bought_at
        self.pickup_at: datetime = order.ship_date + UNTIL_PICKUP
        self.cancelled_at: datetime | None = None

    @property
    def reference(self) -> str:
        """The seller's own id of the package."""
        return str(self.order.package["packageClientReferenceId"])

    def promise(self) -> dict[str, Any]:
        """Return the promised windows, in Amazon's form."""
        return promise(self.service, self.order.ship_date)

    def package_document_detail(self) -> dict[str, Any]:
        """Return the documents, drawn as they were bought, in Amazon's form."""
        order, specification = self.order, self.specification
        wanted = (specification.get("requestedLabelCustomization") or {}).get("requestAttributes") or []
        parcel = Parcel(
            sender=order.sender,
            recipient=order.recipient,
            package=order.package,
            service_name=self.service.name,
            service_letter=self.service.letter,
            tracking_id=self.tracking_id,
            kilograms=kilograms(order.package),
            bought_at=self.bought_at,
            notes=notes_of(order.package, wanted, order.to_collect),
        )
        return {
            "packageClientReferenceId": self.reference,
            "packageDocuments": [
                {
                    "type": type_,
                    "format": specification["format"],
                    "contents": base64.b64encode(contents).decode(),
                }
                for type_, contents in documents(parcel, specification)
            ],
            "trackingId": self.tracking_id,
        }

    def tracking(self, now: datetime) -> dict[str, Any]:
        """Return where the parcel is, in Amazon's form."""
        events = list(self._events(now))
        status = _STATUSES[events[-1]["eventCode"]]
        return {
            "trackingId": self.tracking_id,
            "alternateLegTrackingId": f"{self.tracking_id}R",
            "eventHistory": events,
            "promisedDeliveryDate": self.promise()["deliveryWindow"]["end"],
            "summary": {"status": status, "trackingDetailCodes": {"forward": [], "returns": []}},
        }

    def _events(self, now: datetime) -> Iterator[dict[str, Any]]:
        sender, recipient = self.order.sender, self.order.recipient
        yield _event("ReadyForReceive", self.bought_at, sender)
        if self.cancelled_at:
            yield _event("PickupCancelled", self.cancelled_at, sender)
            return
        # however slow the service is sold, the parcel is there within two days
        delivered = timedelta(days=min(self.service.days, 2), hours=-2)
        stations = (
            ("PickupDone", self.pickup_at, sender),
            ("Departed", self.pickup_at + timedelta(hours=3), sender),
            ("ArrivedAtCarrierFacility", self.pickup_at + timedelta(hours=9), recipient),
            ("OutForDelivery", self.order.ship_date + delivered - timedelta(hours=4), recipient),
            ("Delivered", self.order.ship_date + delivered, recipient),
        )
        for code, time, address in stations:
            if time <= now:
                yield _event(code, time, address)


_STATUSES = {
    "ReadyForReceive": "PreTransit",
    "PickupCancelled": "PickupCancelled",
    "PickupDone": "InTransit",
    "Departed": "InTransit",
    "ArrivedAtCarrierFacility": "InTransit",
    "OutForDelivery": "OutForDelivery",
    "Delivered": "Delivered",
}


def _event(code: str, time: datetime, address: Mapping[str, Any]) -> dict[str, Any]:
    location = {name: address[name] for name in ("stateOrRegion", "city", "countryCode", "postalCode")}
    return {"eventCode": code, "location": location, "eventTime": as_text(time), "shipmentType": "FORWARD"}


class Keyed(NamedTuple):
    """A purchase with an idempotency key: what was asked, and what came of it."""

    body: Mapping[str, Any]
    shipment: Shipment


class Store:
    """Everything that is remembered; whoever changes it, or decides by it, holds `lock`."""

    def __init__(self) -> None:
        self.lock: threading.RLock = threading.RLock()
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        with self.lock:
            self.offers: dict[str, Offer] = {}
            self.shipments: dict[str, Shipment] = {}
            self.by_tracking: dict[str, Shipment] = {}
            self.keyed: dict[tuple[str, str, str], Keyed] = {}
            self._last = 301_000_000_000

    def add_offer(self, token: str, offer: Offer) -> None:
        """Remember an offer; the oldest goes when there are too many."""
        with self.lock:
            self.offers[token] = offer
            if len(self.offers) > MOST_QUOTES:
                del self.offers[next(iter(self.offers))]

    def next_tracking_id(self) -> str:
        """Return a tracking id that no other parcel has."""
        with self.lock:
            self._last += 1
            return f"TBA{self._last}"

    def add_shipment(self, shipment: Shipment) -> None:
        """Remember a shipment."""
        with self.lock:
            self.shipments[shipment.shipment_id] = shipment
            self.by_tracking[shipment.tracking_id] = shipment
