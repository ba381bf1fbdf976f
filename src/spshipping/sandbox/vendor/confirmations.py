"""Shipment confirmations (ASN) as Amazon works on them, and the goods that arrive after them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from spshipping.sandbox.clock import DAY, HOUR
from spshipping.sandbox.vendor.agenda import Agenda
from spshipping.sandbox.vendor.dock import Announced, Dock
from spshipping.sandbox.vendor.purchase_orders import PurchaseOrders
from spshipping.sandbox.vendor.record import ACKNOWLEDGED, Line, PurchaseOrder
from spshipping.sandbox.vendor.transactions import Fault

Json = Mapping[str, Any]
_REUSE = 365 * DAY
"""For so long an identifier is not used again."""
_REPLACEABLE = 7 * DAY

Quantities = Counter[tuple[str, str]]
"""How much is shipped, by the numbers of purchase order and line."""


class _Shipment(NamedTuple):
    """One confirmation that was taken, in its latest form."""

    first: int
    """When the original was taken."""
    vendor_code: str
    arrives: int
    quantities: Quantities
    announced: Announced


class Confirmations:
    """The shipment confirmations of one vendor group."""

    def __init__(self, orders: PurchaseOrders, agenda: Agenda, dock: Dock) -> None:
        self._orders = orders
        self._agenda = agenda
        self._dock = dock
        self._taken: dict[str, _Shipment] = {}

    def confirm(self, body: Json, time: int, sent: int) -> list[Fault]:
        """Apply every confirmation of a submission, or none, and return why not.

        Args:
            body: the submission.
            time: when Amazon works on it.
            sent: when it was submitted.
        """
        read = [(each, self._quantities(each)) for each in body["shipmentConfirmations"]]
        faults = [fault for each, found in read for fault in self._faults(each, found, time)]
        if not faults:
            for each, found in read:
                self._take(each, found, time, sent)
        return faults

    def _quantities(self, confirmation: Json) -> Quantities:
        """Return how much of each line is shipped; a line that is not known has its product for a number."""
        found: Quantities = Counter()
        for item in confirmation["shippedItems"]:
            for number, amount in _parts(confirmation, item):
                order = self._orders.find(number)
                line = order and order.line(None, *_ids(item))
                found[number.strip(), line.number if line else str(_ids(item))] += amount
        return found

    def _faults(self, confirmation: Json, quantities: Quantities, time: int) -> Iterator[Fault]:
        where = f"Shipment {confirmation['shipmentIdentifier']}"
        yield from self._faults_of_identity(confirmation, quantities, where, time)
        before = self._before(confirmation)
        for (number, line_number), amount in quantities.items():
            order = self._orders.find(number)
            place = f"{where}: purchase order {number}"
            if order is None:
                yield Fault("INVALID_ORDER_ID", "Invalid order ID.", place)
                continue
            yield from _faults_of_order(order, confirmation, place)
            line = order.line(line_number)
            if line is None:
                yield Fault("InvalidInput", "Invalid product identifiers.", f"{place}: {line_number}")
            elif line.shipped - before[number, line_number] + amount > line.accepted:
                yield Fault(
                    "InvalidInput",
                    "Excess quantity.",
                    f"{place}, item {line.number}, {line.asin}",
                )

    def _before(self, confirmation: Json) -> Quantities:
        """Return what the confirmation that is replaced said."""
        known = self._taken.get(confirmation["shipmentIdentifier"])
        is_replacement = confirmation["shipmentConfirmationType"] == "Replace"
        return known.quantities if known and is_replacement else Counter()

    def _faults_of_identity(
        self, confirmation: Json, quantities: Quantities, where: str, time: int
    ) -> Iterator[Fault]:
        known = self._taken.get(confirmation["shipmentIdentifier"])
        if confirmation["shipmentConfirmationType"] == "Original":
            if known and time < known.first + _REUSE:
                yield Fault("InvalidInput", "The shipment identifier was used before.", where)
            return
        if known is None:
            yield Fault("InvalidInput", "There is no shipment confirmation to replace.", where)
            return
        if known.vendor_code != confirmation["sellingParty"]["partyId"]:
            yield Fault("InvalidInput", "The selling party is not that of the original.", where)
        if time > min(known.first + _REPLACEABLE, known.arrives):
            yield Fault("InvalidInput", "The shipment confirmation can no longer be replaced.", where)
        if quantities - known.quantities:
            yield Fault("InvalidInput", "A replacement cannot raise a quantity.", where)

    def _take(self, confirmation: Json, quantities: Quantities, time: int, sent: int) -> None:
        name = confirmation["shipmentIdentifier"]
        before = self._before(confirmation)
        known = self._taken.get(name)
        for number, line_number in quantities | before:
            line = self._line(number, line_number)
            line.shipped += quantities[number, line_number] - before[number, line_number]
        arrives = max(time, _arrival(confirmation, time)) + 2 * HOUR
        first = known.first if known and before else time
        announced = self._dock.announce(confirmation, sent)
        taken = _Shipment(first, confirmation["sellingParty"]["partyId"], arrives, quantities, announced)
        self._taken[name] = taken
        self._agenda.add(arrives, partial(self._arrive, name, taken))

    def _arrive(self, name: str, shipment: _Shipment, time: int) -> None:
        """Receive what a confirmation says, unless it was replaced."""
        if self._taken[name] is not shipment:
            return
        self._dock.receive(shipment.announced, time)

    def _line(self, number: str, line_number: str) -> Line:
        order = self._orders.find(number)
        line = order.line(line_number) if order else None
        assert line is not None  # noqa: S101 - the confirmation was taken
        return line


def _ids(item: Json) -> tuple[str | None, str | None]:
    return item.get("vendorProductIdentifier"), item.get("amazonProductIdentifier")


def _parts(confirmation: Json, item: Json) -> Iterator[tuple[str, int]]:
    """Yield the purchase orders of an item, with how much is for each: as it says, or as containers do."""
    number = (item.get("itemDetails") or {}).get("purchaseOrderNumber")
    if number:
        yield number, item["shippedQuantity"]["amount"]
        return
    containers = [*(confirmation.get("cartons") or ()), *(confirmation.get("pallets") or ())]
    for each in [each for container in containers for each in container.get("items") or ()]:
        if each["itemReference"] == item["itemSequenceNumber"]:
            named = (each.get("itemDetails") or {}).get("purchaseOrderNumber")
            yield named or "", each["shippedQuantity"]["amount"]


def _faults_of_order(order: PurchaseOrder, confirmation: Json, place: str) -> Iterator[Fault]:
    if order.state != ACKNOWLEDGED:
        yield Fault("InvalidInput", "The purchase order is unconfirmed or closed.", place)
    if confirmation["sellingParty"]["partyId"] != order.vendor_code:
        yield Fault("InvalidInput", "The selling party is not the vendor of the order.", place)
    if confirmation["shipToParty"]["partyId"] != order.center:
        yield Fault("InvalidInput", "The order is for another fulfillment center.", place)


def _arrival(confirmation: Json, time: int) -> int:
    text = confirmation.get("estimatedDeliveryDate")
    return int(datetime.fromisoformat(text).timestamp()) if text else time + 3 * DAY
