"""Writes a load as the items, cartons and pallets of a shipment confirmation."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from spshipping.vendor.asn.measures import sum_of, volume_of
from spshipping.vendor.asn.open_lines import OpenLine, normal
from spshipping.vendor.asn.packed import Code, Content, Load, Lot, PackedCarton, PackedPallet
from spshipping.vendor.asn.stops import LineName
from spshipping.vendor.shipments.models.confirmations import (
    Carton,
    CartonReferenceDetails,
    Pallet,
    ShipmentMeasurements,
)
from spshipping.vendor.shipments.models.items import (
    ContainerIdentification,
    ContainerIdentificationType,
    ContainerItem,
    Item,
    ItemDetails,
)
from spshipping.vendor.shipments.models.measures import (
    Duration,
    DurationUnit,
    Expiry,
    ItemQuantity,
    UnitOfMeasure,
)
from spshipping.vendor.sscc.code import Sscc

_GIVEN = (
    "lot_number_source_reference",
    "lot_number_source_type",
    "country_of_origin",
    "regulation_references",
    "maximum_retail_price",
    "handling_code",
)


class Goods(NamedTuple):
    """A load in Amazon's form."""

    items: list[Item]
    cartons: list[Carton]
    pallets: list[Pallet]


class Writer:
    """Writes the parts of one confirmation."""

    def __init__(self, lines: Mapping[LineName, OpenLine], *, sscc_digits: int) -> None:
        """Write for these lines, and SSCCs with 18 or 20 digits."""
        self._lines = lines
        self._sscc_digits = sscc_digits

    def goods(self, load: Load) -> Goods:
        """Write all of a load; items and cartons are numbered in their order, from 001."""
        parts: dict[LineName, list[Content]] = {}
        for content in load.contents():
            parts.setdefault(normal(content.line), []).append(content)
        numbers = {name: f"{number:03d}" for number, name in enumerate(parts, 1)}
        cartons = [
            self._carton(carton, f"{number:03d}", numbers)
            for number, carton in enumerate(load.all_cartons(), 1)
        ]
        pallets, first = [], 0
        for pallet in load.pallets:
            mine = cartons[first : first + len(pallet.cartons)]
            first += len(mine)
            pallets.append(self._pallet(pallet, mine, numbers))
        items = [self._item(numbers[name], self._lines[name], found) for name, found in parts.items()]
        return Goods(items, cartons, pallets)

    def _item(self, number: str, line: OpenLine, contents: Sequence[Content]) -> Item:
        first = contents[0]
        is_same = all(each.lot == first.lot and each.details == first.details for each in contents)
        return Item(
            item_sequence_number=number,
            amazon_product_identifier=line.amazon_product_identifier,
            vendor_product_identifier=line.vendor_product_identifier,
            shipped_quantity=_quantity(line, contents),
            item_details=_details(line, first if is_same else None),
        )

    def _carton(self, carton: PackedCarton, number: str, numbers: Mapping[LineName, str]) -> Carton:
        return Carton(
            carton_identifiers=self._codes(carton.codes) or None,
            carton_sequence_number=number,
            dimensions=carton.size.to_model() if carton.size else None,
            weight=carton.weight.to_model() if carton.weight else None,
            tracking_number=carton.tracking_number,
            items=self._inside(carton.contents, numbers),
        )

    def _pallet(
        self, pallet: PackedPallet, cartons: Sequence[Carton], numbers: Mapping[LineName, str]
    ) -> Pallet:
        names = [carton.carton_sequence_number for carton in cartons]
        return Pallet(
            pallet_identifiers=self._codes(pallet.codes),
            tier=pallet.tiers,
            block=pallet.cartons_in_tier,
            dimensions=pallet.size.to_model() if pallet.size else None,
            weight=pallet.weight.to_model() if pallet.weight else None,
            carton_reference_details=CartonReferenceDetails(
                carton_count=len(names), carton_reference_numbers=names
            )
            if names
            else None,
            items=self._inside(pallet.contents, numbers) or None,
        )

    def _inside(self, contents: Iterable[Content], numbers: Mapping[LineName, str]) -> list[ContainerItem]:
        """Write what is in a container: one entry for each line, and each lot of it."""
        parts: list[list[Content]] = []
        for content in contents:
            for part in parts:
                first = part[0]
                name = normal(first.line), first.lot, first.details
                if name == (normal(content.line), content.lot, content.details):
                    part.append(content)
                    break
            else:
                parts.append([content])
        return [
            ContainerItem(
                item_reference=numbers[normal(part[0].line)],
                shipped_quantity=_quantity(self._lines[normal(part[0].line)], part),
                item_details=_details(self._lines[normal(part[0].line)], part[0]),
            )
            for part in parts
        ]

    def _codes(self, codes: Iterable[Code]) -> list[ContainerIdentification]:
        return [
            ContainerIdentification(
                container_identification_type=ContainerIdentificationType.SSCC,
                container_identification_number=code.wire[-self._sscc_digits :],
            )
            if isinstance(code, Sscc)
            else ContainerIdentification(
                container_identification_type=code.type, container_identification_number=code.number
            )
            for code in codes
        ]


def _quantity(line: OpenLine, contents: Sequence[Content]) -> ItemQuantity:
    weights = [content.weight for content in contents if content.weight is not None]
    is_weighed = len(weights) == len(contents)
    return ItemQuantity(
        amount=sum(content.amount for content in contents),
        unit_of_measure=UnitOfMeasure(line.unit.value),
        unit_size=line.case_size if line.is_cases else 1,
        total_weight=sum_of(weights).to_total() if is_weighed else None,
    )


def _details(line: OpenLine, content: Content | None) -> ItemDetails:
    """Write what holds for an item, or for its part in a container; None where its parts differ."""
    lot = (content.lot if content else None) or Lot()
    found = ItemDetails(
        purchase_order_number=line.key.purchase_order_number, lot_number=lot.number, expiry=_expiry(lot)
    )
    if content is not None and content.details is not None:
        for name in _GIVEN:
            setattr(found, name, getattr(content.details, name))
    return found


def _expiry(lot: Lot) -> Expiry | None:
    duration = None
    if lot.keeps_days is not None:
        duration = Duration(duration_unit=DurationUnit.DAYS, duration_value=lot.keeps_days)
    elif lot.keeps_months is not None:
        duration = Duration(duration_unit=DurationUnit.MONTHS, duration_value=lot.keeps_months)
    if lot.expires is None and lot.made is None and duration is None:
        return None
    return Expiry(
        manufacturer_date=_moment(lot.made), expiry_date=_moment(lot.expires), expiry_after_duration=duration
    )


def _moment(day: date | datetime | None) -> datetime | None:
    if day is None or isinstance(day, datetime):
        return day
    return datetime.combine(day, time(tzinfo=UTC))


def measurements(load: Load, *, counts_both: bool, states_none: bool) -> ShipmentMeasurements:
    """Return how large a load is: weight and volume where each outer container states its own.

    Args:
        load: what is packed.
        counts_both: also count the cartons on pallets.
        states_none: say that there are 0 pallets where there are none.
    """
    outer: Sequence[PackedCarton | PackedPallet] = load.pallets or load.cartons
    weights = [each.weight for each in outer if each.weight is not None]
    sizes = [each.size for each in outer if each.size is not None]
    cartons = sum(1 for _ in load.all_cartons())
    counts_cartons = cartons and (counts_both or not load.pallets)
    return ShipmentMeasurements(
        gross_shipment_weight=sum_of(weights).to_model() if len(weights) == len(outer) else None,
        shipment_volume=volume_of(sizes) if len(sizes) == len(outer) else None,
        carton_count=cartons if counts_cartons else None,
        pallet_count=len(load.pallets) if load.pallets or states_none else None,
    )
