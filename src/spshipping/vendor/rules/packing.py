"""A shipment confirmation as rules look at it: its items, containers, and purchase orders."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from spshipping.vendor.orders.models.purchase_orders import Order, OrderItem
from spshipping.vendor.rules.context import Outcome, RuleContext, SentConfirmation
from spshipping.vendor.rules.quantities import LinesByProduct, ordered, party, pieces
from spshipping.vendor.rules.quantities import details as details_of
from spshipping.vendor.rules.rule import ShipmentKind
from spshipping.vendor.shipments.models.confirmations import (
    Carton,
    Pallet,
    ShipmentConfirmation,
    ShipmentType,
)
from spshipping.vendor.shipments.models.items import ContainerIdentification, ContainerItem, Item, ItemDetails
from spshipping.vendor.shipments.models.measures import Expiry, ItemQuantity

_KINDS = {
    ShipmentType.TRUCK_LOAD: ShipmentKind.TRUCK_LOAD,
    ShipmentType.LESS_THAN_TRUCK_LOAD: ShipmentKind.LESS_THAN_TRUCK_LOAD,
    ShipmentType.SMALL_PARCEL: ShipmentKind.SMALL_PARCEL,
}


class Container(NamedTuple):
    """A carton or a pallet, and what is directly in it."""

    path: str
    is_pallet: bool
    identifiers: Sequence[ContainerIdentification]
    items: Sequence[ContainerItem]
    """Of a pallet that refers to cartons, nothing: its goods are in those."""


class Portion(NamedTuple):
    """As much of an item as is of one purchase order, in one container where that is known."""

    path: str
    number: str | None
    """The purchase order."""
    item_path: str
    item: Item
    quantity: ItemQuantity
    of_container: ItemDetails | None

    @property
    def lot(self) -> str | None:
        """The lot: of the container's part of the item before that of the item."""
        own = self.of_container and self.of_container.lot_number
        return own or (self.item.item_details and self.item.item_details.lot_number) or None

    @property
    def expiry_path(self) -> str:
        """Where it is said until when it keeps."""
        is_own = self.of_container is not None and self.of_container.expiry is not None
        return f"{self.path if is_own else self.item_path}.item_details.expiry"

    @property
    def expiry(self) -> Expiry | None:
        """Until when it keeps: of the container's part of the item before that of the item."""
        own = self.of_container and self.of_container.expiry
        return own or (self.item.item_details and self.item.item_details.expiry) or None


@dataclass(frozen=True)
class ConfirmationView:
    """One shipment confirmation, and what belongs to it."""

    document: ShipmentConfirmation
    context: RuleContext
    prefix: str = ""
    beside: Sequence[ShipmentConfirmation] = ()
    """The others of the same request, those before it."""

    @property
    def kinds(self) -> frozenset[ShipmentKind]:
        """What kinds of shipment this is."""
        document = self.document
        found = {ShipmentKind.PALLETISED} if document.pallets else set()
        if document.import_details is not None:
            found.add(ShipmentKind.IMPORT)
        kind = _KINDS.get(self.shipment_type) if self.shipment_type is not None else None
        return frozenset(found | ({kind} if kind else set()))

    @property
    def shipment_type(self) -> ShipmentType | None:
        """How the goods travel."""
        return self.document.shipment_type or self.context.shipment_type

    def items(self) -> Iterator[tuple[str, Item]]:
        """Yield each shipped item with its path."""
        for index, item in enumerate(self.document.shipped_items or ()):
            yield f"{self.prefix}shipped_items[{index}]", item

    def cartons(self) -> Iterator[tuple[str, Carton]]:
        """Yield each carton with its path."""
        for index, carton in enumerate(self.document.cartons or ()):
            yield f"{self.prefix}cartons[{index}]", carton

    def pallets(self) -> Iterator[tuple[str, Pallet]]:
        """Yield each pallet with its path."""
        for index, pallet in enumerate(self.document.pallets or ()):
            yield f"{self.prefix}pallets[{index}]", pallet

    @cached_property
    def containers(self) -> Sequence[Container]:
        """The cartons, then the pallets."""
        found = [
            Container(path, False, carton.carton_identifiers or (), carton.items or ())
            for path, carton in self.cartons()
        ]
        for path, pallet in self.pallets():
            items = () if refers_to_cartons(pallet) else pallet.items or ()
            found.append(Container(path, True, pallet.pallet_identifiers or (), items))
        return found

    @cached_property
    def contents(self) -> Sequence[tuple[Container, str, ContainerItem]]:
        """What is in containers, each with its path."""
        return [
            (container, f"{container.path}.items[{index}]", part)
            for container in self.containers
            for index, part in enumerate(container.items)
        ]

    @cached_property
    def portions(self) -> Sequence[Portion]:
        """What is shipped by purchase order; of items that no container mentions, the whole item."""
        contents: dict[str, list[tuple[str, ContainerItem]]] = {}
        for _, path, part in self.contents:
            contents.setdefault(part.item_reference.strip(), []).append((path, part))
        found = []
        for path, item in self.items():
            own = number_in(item.item_details)
            parts = contents.get(item.item_sequence_number.strip(), [])
            for each_path, part in parts:
                number = number_in(part.item_details) or own
                found.append(Portion(each_path, number, path, item, part.shipped_quantity, part.item_details))
            if not parts:
                found.append(Portion(path, own, path, item, item.shipped_quantity, None))
        return found

    @cached_property
    def by_item(self) -> Mapping[str, Sequence[Portion]]:
        """The portions of each item, by its path."""
        found: dict[str, list[Portion]] = {}
        for portion in self.portions:
            found.setdefault(portion.item_path, []).append(portion)
        return found

    @cached_property
    def by_order(self) -> Mapping[str, Sequence[Portion]]:
        """The portions of each purchase order that is stated."""
        found: dict[str, list[Portion]] = {}
        for portion in self.portions:
            if portion.number:
                found.setdefault(portion.number.strip(), []).append(portion)
        return found

    @cached_property
    def orders(self) -> Mapping[str, Order]:
        """The purchase orders that are shipped and known, by their numbers."""
        found = {number: self.context.order(number) for number in self.by_order}
        return {number: order for number, order in found.items() if order is not None}

    def line_of(self, portion: Portion) -> OrderItem | None:
        """Return the line of its order that a portion is of; None where it is not known."""
        found = self.lines_of(portion)
        return found[0] if found else None

    def lines_of(self, portion: Portion) -> list[OrderItem]:
        """Return the lines of its order that are about the item of a portion."""
        number = (portion.number or "").strip()
        if number not in self._lines:
            order = self.context.order(number)
            self._lines[number] = None if order is None else LinesByProduct(order)
        found = self._lines[number]
        return [] if found is None else found.of(portion.item)

    @cached_property
    def _lines(self) -> dict[str, LinesByProduct | None]:
        return {}

    def earlier(self) -> list[SentConfirmation]:
        """Return what was sent before by this vendor code, and not refused; the oldest first."""
        history = self.context.history
        code = party(self.document, "selling_party")
        found = [
            each
            for each in (history.confirmations if history else ())
            if each.outcome is not Outcome.REFUSED and party(each.document, "selling_party") == code
        ]
        return sorted(found, key=lambda each: each.at)


def number_in(details: ItemDetails | None) -> str | None:
    """Return the purchase order that is stated."""
    return None if details is None else details.purchase_order_number


def refers_to_cartons(pallet: Pallet) -> bool:
    """Say whether the goods of a pallet are in cartons that it names."""
    found = pallet.carton_reference_details
    return found is not None and bool(found.carton_reference_numbers)


def latest_of_each(sent: Sequence[SentConfirmation]) -> list[ShipmentConfirmation]:
    """Return what holds of confirmations, the oldest first: a later one replaces those of its identifier."""
    return list({each.document.shipment_identifier: each.document for each in sent}.values())


def shipped_pieces(
    document: ShipmentConfirmation, context: RuleContext
) -> tuple[dict[tuple[str, str], int], set[tuple[str, str]]]:
    """Return the pieces that a confirmation ships, by purchase order and item.

    Also returns those of which a part is in cases of unknown size.
    """
    found: dict[tuple[str, str], int] = {}
    unclear: set[tuple[str, str]] = set()
    view = ConfirmationView(document, context)
    for portion in view.portions:
        line = view.line_of(portion)
        key = ((portion.number or "").strip(), key_of(portion.item, line))
        size = None if line is None else ordered(line).unit_size
        amount = pieces(portion.quantity, portion.item.shipped_quantity.unit_size or size)
        if amount is None:
            unclear.add(key)
        else:
            found[key] = found.get(key, 0) + amount
    return found, unclear


def key_of(item: Item, line: OrderItem | None) -> str:
    """Return what names an item in all confirmations of an order: of its line where that is known."""
    named = line if line is not None else item
    return named.amazon_product_identifier or named.vendor_product_identifier or ""


def order_party(order: Order, name: str) -> str | None:
    """Return the code of a party of an order."""
    return party(details_of(order), name)
