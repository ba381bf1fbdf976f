"""Rules about weights and sizes."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from spshipping.vendor.rules.packing import ConfirmationView
from spshipping.vendor.rules.rule import (
    E_SURE,
    W_INFERRED,
    W_SURE,
    DocumentKind,
    Fault,
    Rule,
    ShipmentKind,
)
from spshipping.vendor.shipments.models.confirmations import Carton, Pallet
from spshipping.vendor.shipments.models.measures import (
    Dimensions,
    DimensionUnit,
    TotalWeightUnit,
    UnitOfMeasure,
    VolumeUnit,
    Weight,
    WeightUnit,
)
from spshipping.wire.enums import OpenEnum

_POUND = Decimal("0.45359237")
_KILOGRAMS = {
    WeightUnit.G: Decimal("0.001"),
    WeightUnit.KG: Decimal(1),
    WeightUnit.OZ: _POUND / 16,
    WeightUnit.LB: _POUND,
}
_METRES = {
    DimensionUnit.IN: Decimal("0.0254"),
    DimensionUnit.FT: Decimal("0.3048"),
    DimensionUnit.METER: Decimal(1),
    DimensionUnit.YARD: Decimal("0.9144"),
}
_HEAVIEST_PARCEL = 70 * _POUND
# a pallet alone is higher than 10 cm: what is lower is in metres, and says inches
_SHORTEST = {"cartons": Decimal("0.01"), "pallets": Decimal("0.1")}
_LONGEST = Decimal(4)


class _Measure(NamedTuple):
    path: str
    name: str
    value: Decimal | None
    """None where another rule is about it."""
    unit: object
    units: type[OpenEnum]


def _measures(view: ConfirmationView) -> Iterator[_Measure]:
    """Yield every measure of a shipment."""
    measured = view.document.shipment_measurements
    if measured is not None:
        path = f"{view.prefix}shipment_measurements"
        yield from _weight(f"{path}.gross_shipment_weight", measured.gross_shipment_weight)
        volume = measured.shipment_volume
        if volume is not None:
            path = f"{path}.shipment_volume"
            yield _Measure(path, "value", volume.value, volume.unit_of_measure, VolumeUnit)
    imported = view.document.import_details
    if imported is not None:
        yield from _weight(f"{view.prefix}import_details.billable_weight", imported.billable_weight)
    containers: list[tuple[str, Carton | Pallet]] = [*view.cartons(), *view.pallets()]
    for path, container in containers:
        yield from _weight(f"{path}.weight", container.weight)
        size = container.dimensions
        if size is not None:
            for name in ("length", "width", "height"):
                length = getattr(size, name)
                yield _Measure(f"{path}.dimensions", name, length, size.unit_of_measure, DimensionUnit)
    quantities = [(path, item.shipped_quantity) for path, item in view.items()]
    quantities += [(path, part.shipped_quantity) for _, path, part in view.contents]
    for path, quantity in quantities:
        path = f"{path}.shipped_quantity"
        yield _Measure(path, "amount", None, quantity.unit_of_measure, UnitOfMeasure)
        heavy = quantity.total_weight
        if heavy is not None:
            path = f"{path}.total_weight"
            yield _Measure(path, "amount", heavy.amount, heavy.unit_of_measure, TotalWeightUnit)


def _weight(path: str, weight: Weight | None) -> Iterator[_Measure]:
    if weight is not None:
        yield _Measure(path, "value", weight.value, weight.unit_of_measure, WeightUnit)


def measures(view: ConfirmationView) -> Iterator[Fault]:
    """Find units that Amazon does not have, values that are not above 0, and lengths that can hardly be."""
    for path, name, value, unit, units in _measures(view):
        if unit not in list(units):
            yield Fault(
                f"{path}.unit_of_measure",
                "is no unit of Amazon's",
                f"convert it to one of {', '.join(each.value for each in units)}",
            )
        if value is not None and value <= 0:
            yield Fault(f"{path}.{name}", "is not above 0", "state what was measured, or leave it out")
    for kind, found in (("cartons", view.cartons()), ("pallets", view.pallets())):
        for path, container in found:
            size = container.dimensions
            if size is not None and _is_odd(size, _SHORTEST[kind]):
                yield Fault(
                    f"{path}.dimensions",
                    "have a length that can hardly be",
                    "check the unit: metres may be stated as inches",
                    1,
                )


def _is_odd(size: Dimensions, shortest: Decimal) -> bool:
    factor = _METRES.get(size.unit_of_measure)
    return factor is not None and not all(
        shortest <= length * factor <= _LONGEST for length in (size.length, size.width, size.height)
    )


def heavy_parcels(view: ConfirmationView) -> Iterator[Fault]:
    """Find parcels that are too heavy for a small parcel."""
    for path, carton in view.cartons():
        weight = carton.weight
        factor = _KILOGRAMS.get(weight.unit_of_measure) if weight is not None else None
        if weight is not None and factor is not None and weight.value * factor >= _HEAVIEST_PARCEL:
            yield Fault(f"{path}.weight.value", "is not under 70 lb (31.75 kg)", "ship it another way")


_CONFIRMATION = (DocumentKind.CONFIRMATION,)
SIZE_ROWS = (
    Rule(
        "L-066",
        "A parcel weighs less than 70 lb (31.75 kg).",
        _CONFIRMATION,
        (W_SURE,),
        ("ASN-56",),
        "40 kg",
        heavy_parcels,
        kinds=frozenset({ShipmentKind.SMALL_PARCEL}),
    ),
    Rule(
        "L-073",
        "Units are Amazon's, values above 0, and lengths between 1 cm (of pallets, 10 cm) and 4 m.",
        _CONFIRMATION,
        (E_SURE, W_INFERRED),
        ("ASN-53",),
        "cm; a pallet of 1.2 In",
        measures,
    ),
)
