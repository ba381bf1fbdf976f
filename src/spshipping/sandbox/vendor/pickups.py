"""Transportation requests as Amazon works on them: an ARN, a carrier, labels, the pickup."""

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from random import Random
from typing import Any

from spshipping.sandbox.clock import DAY, HOUR
from spshipping.sandbox.vendor.agenda import Agenda
from spshipping.sandbox.vendor.purchase_orders import PurchaseOrders
from spshipping.sandbox.vendor.record import ACKNOWLEDGED
from spshipping.sandbox.vendor.transactions import Fault

Json = Mapping[str, Any]
STATUSES = ("Created", "TransportationRequested", "CarrierAssigned", "Shipped")
_LEAST_DAYS = 2  # business days until a pickup
_MOST_LABELS = 200


@dataclasses.dataclass
class Pickup:
    """One transportation request that was taken."""

    index: int
    asked: Json
    """The request, in its latest form."""
    created: int
    reference: str
    """The ARN."""
    statuses: list[tuple[str, int]]
    """With the times at which they were reached, the oldest first."""
    tracking_ids: list[str] = dataclasses.field(default_factory=list)
    """Of the labels of a small parcel shipment, once a carrier is assigned."""
    is_cancelled: bool = False

    @property
    def status(self) -> str:
        """The present status."""
        return self.statuses[-1][0]

    def reach(self, status: str, time: int) -> None:
        """Go on to another status."""
        self.statuses.append((status, time))

    def reached(self, status: str) -> int | None:
        """Return when it reached a status."""
        return next((time for name, time in self.statuses if name == status), None)

    @property
    def pickup(self) -> int:
        """When the goods are picked up."""
        asked = (self.asked.get("collectFreightPickupDetails") or {}).get("requestedPickUp")
        return seconds(asked) if asked else self.created + 3 * DAY

    @property
    def is_parcel(self) -> bool:
        """Whether it gets labels."""
        return bool((self.asked.get("transportationDetails") or {}).get("shipMode") == "SmallParcel")


def seconds(text: str) -> int:
    """Return a date-time in seconds since 1970."""
    return int(datetime.fromisoformat(text).timestamp())


class Pickups:
    """The transportation requests of one vendor group."""

    def __init__(self, orders: PurchaseOrders, agenda: Agenda, seed: str) -> None:
        self._orders = orders
        self._agenda = agenda
        self._seed = seed
        self._found: dict[str, Pickup] = {}

    def all(self) -> list[Pickup]:
        """Return every request that was not cancelled, the oldest first."""
        return [pickup for pickup in self._found.values() if not pickup.is_cancelled]

    def request(self, body: Json, time: int) -> list[Fault]:
        """Apply every request of a submission, or none, and return why not."""
        asked = body["shipments"]
        faults = [fault for each in asked for fault in self._faults(each, time)]
        if not faults:
            for each in asked:
                self._take(each, time)
        return faults

    def _faults(self, asked: Json, time: int) -> Iterator[Fault]:
        where = f"Shipment {asked['vendorShipmentIdentifier']}"
        known = self._found.get(asked["vendorShipmentIdentifier"])
        if asked["transactionType"] == "Cancel":
            if known is None:
                yield Fault("InvalidInput", "Invalid Vendor Shipment ID", where)
            return
        if known and known.asked["sellingParty"]["partyId"] != asked["sellingParty"]["partyId"]:
            yield Fault("InvalidInput", "The selling party cannot be changed.", where)
        if asked.get("shipmentFreightTerm") != "Collect":
            yield Fault("InvalidInput", "Transportation is requested for Collect shipments only.", where)
        yield from self._faults_of_orders(asked, where)
        requested = (asked.get("collectFreightPickupDetails") or {}).get("requestedPickUp")
        if requested is None:
            yield Fault("InvalidInput", "The requested pickup is missing.", where)
        elif seconds(requested) < _first_pickup(time):
            yield Fault("InvalidInput", "The requested pickup is less than two business days ahead.", where)

    def _faults_of_orders(self, asked: Json, where: str) -> Iterator[Fault]:
        orders = asked.get("purchaseOrders") or ()
        if not orders:
            yield Fault("InvalidInput", "The purchase orders are missing.", where)
        for each in orders:
            number = each.get("purchaseOrderNumber") or ""
            order = self._orders.find(number)
            if order is None:
                yield Fault("INVALID_ORDER_ID", "Invalid order ID.", f"{where}: {number}")
            elif order.state != ACKNOWLEDGED or any(
                line.ordered and not line.answers for line in order.lines
            ):
                message = "The purchase order is not completely confirmed."
                yield Fault("InvalidInput", message, f"{where}: purchase order {number}")

    def _take(self, asked: Json, time: int) -> None:
        name = asked["vendorShipmentIdentifier"]
        known = self._found.get(name)
        if asked["transactionType"] == "Cancel":
            assert known is not None  # noqa: S101 - else it had a fault
            known.is_cancelled = True
        elif known is None or known.is_cancelled:
            self._create(name, asked, time)
        elif known.reached("CarrierAssigned"):
            # only the day of the pickup can still be changed
            details = asked["collectFreightPickupDetails"]
            known.asked = {**known.asked, "collectFreightPickupDetails": details}
        else:
            known.asked = asked

    def _create(self, name: str, asked: Json, time: int) -> None:
        chance = Random(f"{self._seed}/{name}")  # noqa: S311 - not for secrets
        reference = f"{chance.randrange(10**10, 10**11)}"
        pickup = Pickup(len(self._found), asked, time, reference, [(STATUSES[0], time)])
        self._found[name] = pickup
        self._agenda.add(time + HOUR, partial(pickup.reach, STATUSES[1]))
        self._agenda.add(max(time + 2 * HOUR, pickup.pickup - DAY), partial(self._assign, pickup))

    def _assign(self, pickup: Pickup, time: int) -> None:
        pickup.reach(STATUSES[2], time)
        if pickup.is_parcel:
            measures = pickup.asked.get("shipmentMeasurements") or {}
            count = min(measures.get("totalCartonCount") or 1, _MOST_LABELS)
            pickup.tracking_ids = [f"1ZSBX{pickup.reference}{number:03d}" for number in range(1, count + 1)]
        self._agenda.add(max(time + HOUR, pickup.pickup), partial(pickup.reach, STATUSES[3]))


def _first_pickup(time: int) -> int:
    """Return the earliest day of a pickup: two business days, Monday to Friday, after today."""
    day, left = time - time % DAY, _LEAST_DAYS
    while left:
        day += DAY
        # the first of January 1970 was a Thursday
        left -= (day // DAY + 3) % 7 < 5
    return day
