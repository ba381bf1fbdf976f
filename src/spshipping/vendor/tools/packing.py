"""What is in a shipment confirmation, as labels and packing documents show it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, Self

from spshipping.errors import InvalidRequestError
from spshipping.vendor.asn.builder import Asn
from spshipping.vendor.orders.models.purchase_orders import Order
from spshipping.vendor.shipments.models.confirmations import Carton, Pallet, ShipmentConfirmation
from spshipping.vendor.shipments.models.items import (
    ContainerIdentification,
    ContainerIdentificationType,
    ContainerItem,
    Item,
)
from spshipping.vendor.shipments.models.measures import Expiry, UnitOfMeasure
from spshipping.vendor.sscc.code import Sscc

ProductNames = Mapping[str, str]
"""What products are called, by the vendor's number or the ASIN: no purchase order says it."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who ships, or where the goods go."""

    code: str
    lines: tuple[str, ...] = field(default=(), repr=False)
    """Name and address as they are printed; empty where none is known."""
    postal_code: str | None = field(default=None, repr=False)
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedItem:
    """How much of one product, of one purchase order, is in one carton or on one pallet."""

    purchase_order: str
    asin: str | None
    sku: str | None
    name: str | None
    amount: int
    unit: str
    unit_size: int
    """Pieces in a unit."""
    lot: str | None = None
    keeps: str | None = None
    """Until when it keeps: `expires 2027-05-01`, or `made 2026-01-02, keeps 90 days`."""

    @property
    def pieces(self) -> int:
        """How many pieces it is."""
        return self.amount * self.unit_size

    @property
    def product(self) -> str:
        """What names the product: the vendor's number, or the ASIN."""
        return self.sku or self.asin or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A carton or a pallet, under the code that the confirmation has for it."""

    is_pallet: bool
    number: int
    """Its place among its kind, from 1."""
    count: int
    """How many of its kind there are."""
    sscc: Sscc | None
    """None where the confirmation has none for it."""
    path: str
    """Where it is in the confirmation."""
    items: tuple[PackedItem, ...]
    """Of a pallet with cartons, what is in all of them."""
    cartons: tuple[int, ...] = ()
    """Of a pallet, the numbers of the cartons on it."""
    pallet: int | None = None
    """Of a carton, the number of the pallet that it is on."""

    @property
    def purchase_orders(self) -> tuple[str, ...]:
        """The purchase orders of which it has goods, each once."""
        return tuple(dict.fromkeys(item.purchase_order for item in self.items))


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """A whole shipment: the group of its purchase orders, with each carton and pallet."""

    identifier: str
    """The shipment's own, which the confirmation states."""
    vendor_code: str
    ship_from: Party
    ship_to: Party
    bill_of_lading: str | None
    pro_number: str | None
    carrier_scac: str | None
    amazon_reference_number: str | None
    shipped_at: datetime | None
    arrives_at: datetime | None
    cartons: tuple[Container, ...]
    pallets: tuple[Container, ...]

    @classmethod
    def of(
        cls,
        confirmation: Asn | ShipmentConfirmation,
        *,
        orders: Iterable[Order] = (),
        names: ProductNames | None = None,
    ) -> Self:
        """Read a shipment confirmation.

        Args:
            confirmation: the very one that is submitted: then labels and notice cannot differ.
            orders: its purchase orders. A confirmation names the fulfilment centre alone, and these have its
                address.
            names: what products are called, by the vendor's number or the ASIN.

        Raises:
            InvalidRequestError: an SSCC is none or has a wrong check digit, or the confirmation refers to
                something that is not in it; the path says where.
        """
        document = confirmation.confirmation if isinstance(confirmation, Asn) else confirmation
        reader = _Reader(document, names or {})
        pallet_of = reader.pallet_of()
        cartons = tuple(
            reader.carton(index, carton, pallet_of) for index, carton in enumerate(document.cartons or ())
        )
        travel = document.transportation_details
        return cls(
            identifier=document.shipment_identifier,
            vendor_code=document.selling_party.party_id,
            ship_from=_party(document.ship_from_party),
            ship_to=_ship_to(document.ship_to_party, orders),
            bill_of_lading=travel.bill_of_lading_number if travel else None,
            pro_number=travel.carrier_shipment_reference_number if travel else None,
            carrier_scac=travel.carrier_scac if travel else None,
            amazon_reference_number=document.amazon_reference_number,
            shipped_at=document.shipped_date,
            arrives_at=document.estimated_delivery_date,
            cartons=cartons,
            pallets=tuple(
                reader.pallet(index, pallet, cartons) for index, pallet in enumerate(document.pallets or ())
            ),
        )

    @property
    def containers(self) -> tuple[Container, ...]:
        """What is packed: the cartons, and the pallets that have goods in none."""
        return (*self.cartons, *(pallet for pallet in self.pallets if not pallet.cartons))

    @property
    def purchase_orders(self) -> tuple[str, ...]:
        """The purchase orders of which goods are shipped, each once."""
        return tuple(dict.fromkeys(number for each in self.containers for number in each.purchase_orders))

    @property
    def reference(self) -> str:
        """What the dock knows the shipment by: its bill of lading, or its own number."""
        return self.bill_of_lading or self.identifier


class _Reader:
    """Reads the containers of one confirmation."""

    def __init__(self, document: ShipmentConfirmation, names: ProductNames) -> None:
        self._document = document
        self._names = names
        self._items = {item.item_sequence_number.strip(): item for item in document.shipped_items}
        self._numbers = {
            carton.carton_sequence_number.strip(): number
            for number, carton in enumerate(document.cartons or (), 1)
        }

    def pallet_of(self) -> dict[int, int]:
        """Return for each carton that is on a pallet, by its number, that pallet's number."""
        return {
            carton: number
            for number, pallet in enumerate(self._document.pallets or (), 1)
            for carton in self._on(pallet, f"pallets[{number - 1}]")
        }

    def carton(self, index: int, carton: Carton, pallet_of: Mapping[int, int]) -> Container:
        """Read a carton."""
        path = f"cartons[{index}]"
        return Container(
            is_pallet=False,
            number=index + 1,
            count=len(self._document.cartons or ()),
            sscc=_sscc(carton.carton_identifiers, f"{path}.carton_identifiers"),
            path=path,
            items=self._inside(carton.items, path),
            pallet=pallet_of.get(index + 1),
        )

    def pallet(self, index: int, pallet: Pallet, cartons: Sequence[Container]) -> Container:
        """Read a pallet."""
        path = f"pallets[{index}]"
        numbers = self._on(pallet, path)
        inside = tuple(item for number in numbers for item in cartons[number - 1].items)
        return Container(
            is_pallet=True,
            number=index + 1,
            count=len(self._document.pallets or ()),
            sscc=_sscc(pallet.pallet_identifiers, f"{path}.pallet_identifiers"),
            path=path,
            items=inside or self._inside(pallet.items or (), path),
            cartons=numbers,
        )

    def _on(self, pallet: Pallet, path: str) -> tuple[int, ...]:
        names = pallet.carton_reference_details
        found = [
            self._numbers.get(each.strip()) for each in (names.carton_reference_numbers if names else ())
        ]
        if None in found:
            raise InvalidRequestError(
                f"L-062: names a carton that is not in the confirmation, as number {found.index(None) + 1}",
                path=f"{path}.carton_reference_details",
            )
        return tuple(number for number in found if number is not None)

    def _inside(self, items: Sequence[ContainerItem], path: str) -> tuple[PackedItem, ...]:
        return tuple(self._packed(each, f"{path}.items[{index}]") for index, each in enumerate(items))

    def _packed(self, part: ContainerItem, path: str) -> PackedItem:
        item = self._items.get(part.item_reference.strip())
        if item is None:
            raise InvalidRequestError("L-052: refers to an item that is not in the confirmation", path=path)
        own, whole = part.item_details, item.item_details
        order = (own and own.purchase_order_number) or (whole and whole.purchase_order_number)
        expiry = (own and own.expiry) or (whole and whole.expiry)
        quantity = part.shipped_quantity
        is_cases = quantity.unit_of_measure == UnitOfMeasure.CASES
        size = (quantity.unit_size or item.shipped_quantity.unit_size) if is_cases else 1
        if not size:
            raise InvalidRequestError("has cases, and does not say how many pieces are in one", path=path)
        return PackedItem(
            purchase_order=(order or "").strip(),
            asin=item.amazon_product_identifier,
            sku=item.vendor_product_identifier,
            name=self._name(item),
            amount=quantity.amount,
            unit="cases" if is_cases else "pieces",
            unit_size=size,
            lot=(own and own.lot_number) or (whole and whole.lot_number) or None,
            keeps=_keeps(expiry) if expiry else None,
        )

    def _name(self, item: Item) -> str | None:
        found = (item.vendor_product_identifier, item.amazon_product_identifier)
        return next((self._names[each] for each in found if each and each in self._names), None)


def _sscc(identifiers: Sequence[ContainerIdentification] | None, path: str) -> Sscc | None:
    """Return the SSCC of a container, checked: what is wrong is refused before it is printed."""
    for index, each in enumerate(identifiers or ()):
        if each.container_identification_type == ContainerIdentificationType.SSCC:
            try:
                return Sscc.read(each.container_identification_number)
            except InvalidRequestError as error:
                raise InvalidRequestError(error.message, path=f"{path}[{index}]") from None
    return None


def _keeps(expiry: Expiry) -> str | None:
    """Say until when goods keep, as the confirmation says it: no date is computed that it does not have."""
    if expiry.expiry_date is not None:
        return f"expires {expiry.expiry_date:%Y-%m-%d}"
    parts = [f"made {expiry.manufacturer_date:%Y-%m-%d}"] if expiry.manufacturer_date else []
    duration = expiry.expiry_after_duration
    if duration is not None:
        parts.append(f"keeps {duration.duration_value} {duration.duration_unit.lower()}")
    return ", ".join(parts) or None


class _Address(Protocol):
    """What is printed of an address, of an order or a confirmation."""

    name: str
    address_line1: str
    address_line2: str | None
    address_line3: str | None
    city: str | None
    state_or_region: str | None
    postal_code: str | None
    country_code: str


class _Party(Protocol):
    """A party of an order or a confirmation."""

    party_id: str

    @property
    def address(self) -> _Address | None:
        """Where it is."""
        ...


def _party(party: _Party) -> Party:
    address = party.address
    if address is None:
        return Party(party.party_id)
    town = " ".join(
        part for part in (address.city, address.state_or_region, address.postal_code) if part and part.strip()
    )
    lines = (
        address.name,
        address.address_line1,
        address.address_line2,
        address.address_line3,
        town,
        address.country_code,
    )
    return Party(
        party.party_id,
        tuple(" ".join(line.split()) for line in lines if line and line.strip()),
        address.postal_code,
        address.country_code,
    )


def _ship_to(party: _Party, orders: Iterable[Order]) -> Party:
    """Return where the goods go: with the address that a purchase order has for it."""
    if party.address is None:
        for order in orders:
            found = order.order_details and order.order_details.ship_to_party
            if found and found.party_id == party.party_id and found.address is not None:
                return _party(found)
    return _party(party)
