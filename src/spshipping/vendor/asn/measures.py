"""Sizes and weights as they were measured, in the units that Amazon has."""

from decimal import Decimal, InvalidOperation
from typing import NamedTuple, Self, TypeVar

from spshipping.errors import InvalidRequestError
from spshipping.vendor.shipments.models.measures import (
    Dimensions,
    DimensionUnit,
    TotalWeight,
    TotalWeightUnit,
    Volume,
    VolumeUnit,
    Weight,
    WeightUnit,
)

Number = Decimal | int | str
U = TypeVar("U")
_ONE = Decimal(1)
# the power of ten by which a unit is converted: exactly, digit for digit
_LENGTHS = {
    "mm": (DimensionUnit.METER, -3),
    "cm": (DimensionUnit.METER, -2),
    "m": (DimensionUnit.METER, 0),
    "meter": (DimensionUnit.METER, 0),
    "in": (DimensionUnit.IN, 0),
    "ft": (DimensionUnit.FT, 0),
    "yd": (DimensionUnit.YARD, 0),
    "yard": (DimensionUnit.YARD, 0),
}
_WEIGHTS = {
    "g": (WeightUnit.G, 0),
    "kg": (WeightUnit.KG, 0),
    "t": (WeightUnit.KG, 3),
    "oz": (WeightUnit.OZ, 0),
    "lb": (WeightUnit.LB, 0),
}
_POUND = Decimal("0.45359237")
_KILOGRAMS = {
    WeightUnit.G: Decimal("0.001"),
    WeightUnit.KG: _ONE,
    WeightUnit.OZ: _POUND / 16,
    WeightUnit.LB: _POUND,
}
_TOTALS = {
    WeightUnit.G: TotalWeightUnit.GRAMS,
    WeightUnit.KG: TotalWeightUnit.KILOGRAMS,
    WeightUnit.OZ: TotalWeightUnit.OUNCES,
    WeightUnit.LB: TotalWeightUnit.POUNDS,
}
_VOLUMES = {
    DimensionUnit.IN: VolumeUnit.CU_IN,
    DimensionUnit.FT: VolumeUnit.CU_FT,
    DimensionUnit.METER: VolumeUnit.CU_M,
    DimensionUnit.YARD: VolumeUnit.CU_Y,
}
_MOST_DIGITS = 12


class Size(NamedTuple):
    """The size of a carton or pallet. Amazon has no centimetre: `Size.of` makes metres of it."""

    length: Decimal
    width: Decimal
    height: Decimal
    unit: DimensionUnit

    @classmethod
    def of(cls, length: Number, width: Number, height: Number, unit: str) -> Self:
        """Return a size that was measured in any of mm, cm, m, in, ft, yd.

        Raises:
            InvalidRequestError: a length is no number above 0 (a float is refused), or the unit is unknown.
        """
        amazon_unit, shift = _unit(_LENGTHS, unit)
        return cls(
            _number(length, "length", shift),
            _number(width, "width", shift),
            _number(height, "height", shift),
            amazon_unit,
        )

    @property
    def volume(self) -> Decimal:
        """The volume, in the cube of the unit."""
        return self.length * self.width * self.height

    def to_model(self) -> Dimensions:
        """Return it as Amazon takes it."""
        return Dimensions(length=self.length, width=self.width, height=self.height, unit_of_measure=self.unit)


class Mass(NamedTuple):
    """The weight of a carton or pallet with all that is in it, or of goods that are sold by weight."""

    value: Decimal
    unit: WeightUnit

    @classmethod
    def of(cls, value: Number, unit: str) -> Self:
        """Return a weight that was measured in any of g, kg, t, oz, lb.

        Raises:
            InvalidRequestError: it is no number above 0 (a float is refused), or the unit is unknown.
        """
        amazon_unit, shift = _unit(_WEIGHTS, unit)
        return cls(_number(value, "value", shift), amazon_unit)

    def to_model(self) -> Weight:
        """Return it as Amazon takes it."""
        return Weight(unit_of_measure=self.unit, value=self.value)

    def to_total(self) -> TotalWeight:
        """Return it as Amazon takes the weight of a quantity."""
        return TotalWeight(unit_of_measure=_TOTALS[self.unit], amount=self.value)


def sum_of(weights: list[Mass]) -> Mass:
    """Return the sum of weights: in their unit, or in kilograms where they have several."""
    units = {weight.unit for weight in weights}
    if len(units) == 1:
        return Mass(sum((weight.value for weight in weights), Decimal()), units.pop())
    return Mass(sum((each.value * _KILOGRAMS[each.unit] for each in weights), Decimal()), WeightUnit.KG)


def volume_of(sizes: list[Size]) -> Volume | None:
    """Return the volume of sizes in one unit; None where they have several."""
    units = {size.unit for size in sizes}
    if len(units) != 1:
        return None
    total = sum((size.volume for size in sizes), Decimal())
    return Volume(unit_of_measure=_VOLUMES[units.pop()], value=_plain(total))


def _unit(units: dict[str, tuple[U, int]], unit: str) -> tuple[U, int]:
    found = units.get(str(unit).strip().lower())
    if found is None:
        raise InvalidRequestError(f"is one of {', '.join(units)}", path="unit")
    return found


def _number(value: Number, name: str, shift: int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise InvalidRequestError("is a Decimal, an int, or a text, and never a float", path=name)
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise InvalidRequestError("is no number", path=name) from None
    if not number.is_finite() or number <= 0:
        raise InvalidRequestError("is above 0", path=name)
    if len(number.as_tuple().digits) > _MOST_DIGITS or abs(number.adjusted()) > _MOST_DIGITS:
        raise InvalidRequestError(f"has at most {_MOST_DIGITS} digits", path=name)
    return _plain(number.scaleb(shift))


def _plain(number: Decimal) -> Decimal:
    # 1E+3 is written as 1000
    return Decimal(f"{number:f}")
