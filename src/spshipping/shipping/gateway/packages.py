"""Turns products and quantities into a package: its measures, its weight, its value."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Context, Decimal
from typing import NamedTuple

from spshipping.errors import ConfigurationError, InvalidRequestError
from spshipping.settings.shop import MeasureSettings, PackageSettings
from spshipping.shipping.gateway.order import ItemToShip
from spshipping.shipping.models.parcels import (
    Currency,
    Dimensions,
    Item,
    LengthUnit,
    Package,
    Weight,
    WeightUnit,
)

VALUE_IF_UNKNOWN = Decimal(1)
"""Amazon wants the value of every item, and takes 1 where it is not known.

Source: https://developer-docs.amazon.com/amazon-shipping/docs/frequently-asked-questions
"""
MOST_OF_A_PRODUCT = 100_000
_THOUSAND = 1000
_DIGITS = 30
"""No measure has more."""
_EXACT = Context(prec=200)
"""Wide enough for every sum of measures: nothing is rounded."""


class _Unit(NamedTuple):
    """A unit of the settings, and the one of Amazon's that stands for it."""

    name: str
    factor: Decimal
    """By which a measure is multiplied to be in Amazon's unit."""
    least: Decimal
    most: Decimal
    """In the unit of the settings: no product that is shipped is smaller or larger."""


_LENGTHS: Mapping[str, _Unit] = {
    "CENTIMETER": _Unit("CENTIMETER", Decimal(1), Decimal("0.01"), Decimal(500)),
    "INCH": _Unit("INCH", Decimal(1), Decimal("0.004"), Decimal(200)),
    "MILLIMETER": _Unit("CENTIMETER", Decimal("0.1"), Decimal("0.1"), Decimal(5000)),
    "METER": _Unit("CENTIMETER", Decimal(100), Decimal("0.0001"), Decimal(5)),
}
_WEIGHTS: Mapping[str, _Unit] = {
    "KILOGRAM": _Unit("KILOGRAM", Decimal(1), Decimal("0.0005"), Decimal(100)),
    "GRAM": _Unit("GRAM", Decimal(1), Decimal("0.5"), Decimal(100_000)),
    "POUND": _Unit("POUND", Decimal(1), Decimal("0.001"), Decimal(220)),
    "OUNCE": _Unit("OUNCE", Decimal(1), Decimal("0.02"), Decimal(3500)),
}


class MeasuredItem(NamedTuple):
    """How large and heavy one product is, in the units of the package."""

    product_id: str
    quantity: int
    length: Decimal
    breadth: Decimal
    height: Decimal
    weight: Decimal


class Size(NamedTuple):
    """The outer measures of a package."""

    length: Decimal
    breadth: Decimal
    height: Decimal


Packing = Callable[[Sequence[MeasuredItem]], Size]
"""Returns the size of the package that holds these products."""


def stacked(items: Sequence[MeasuredItem]) -> Size:
    """Return the size of products that lie on top of each other.

    The longer side of each lies along the length. The footprint is as long as the longest and as broad as the
    broadest of them; the heights are added up, each as often as there are pieces.
    """
    sides = [sorted((item.length, item.breadth)) for item in items]
    return Size(
        length=max(longer for _, longer in sides),
        breadth=max(shorter for shorter, _ in sides),
        height=_sum(_times(item.height, item.quantity) for item in items),
    )


class PackageBuilder:
    """Makes packages of products, by the attributes and the defaults of a shop's page.

    A measure is the product's attribute, where it has one, and the default where not. What an attribute holds
    must make sense: zero, less, text that is no number, and what is wrong by a factor of a thousand is
    refused. Nothing is rounded.
    """

    def __init__(self, settings: PackageSettings, currency: str, *, packing: Packing = stacked) -> None:
        """Make a builder.

        Args:
            settings: `connection.shop().packages`.
            currency: the ISO 4217 code of values that name none.
            packing: how large the package is; `stacked` unless you know better.

        Raises:
            ConfigurationError: a default is implausible, or a unit is not known.
        """
        lengths, weights = _LENGTHS.get(settings.length_unit), _WEIGHTS.get(settings.weight_unit)
        if lengths is None or weights is None:
            raise ConfigurationError("the units of length and weight are none that are known here")
        self._currency, self._packing = currency, packing
        self._length_unit, self._weight_unit = LengthUnit(lengths.name), WeightUnit(weights.name)
        self._measures = (
            _Measure("length", settings.length, lengths),
            _Measure("breadth", settings.breadth, lengths),
            _Measure("height", settings.height, lengths),
            _Measure("weight", settings.weight, weights),
        )

    def package(
        self,
        items: Iterable[ItemToShip],
        *,
        reference: str = "package",
        insured_value: Decimal | None = None,
        seller_display_name: str | None = None,
    ) -> Package:
        """Return the package that holds these items. Its weight is the sum of quantity times weight.

        Args:
            items: the lines of an order, with their products.
            reference: your name for the package; `ship` replaces it.
            insured_value: for what it is insured; None means the sum of the values, in which each item whose
                value is not known counts as 1.
            seller_display_name: the name that labels can show.

        Raises:
            InvalidRequestError: a measure is missing or makes no sense, and of which product; or a quantity,
                a value or a currency cannot be right.
        """
        lines = list(items)
        if not lines:
            raise InvalidRequestError("is empty: a package holds something", path="items")
        measured = [self._measured(line) for line in lines]
        unit = self._unit_of(lines)
        values = [_value(line) for line in lines]
        total = _sum(_times(value, line.quantity) for value, line in zip(values, lines, strict=True))
        return Package(
            dimensions=self._dimensions(measured),
            weight=Weight(
                unit=self._weight_unit, value=_sum(_times(one.weight, one.quantity) for one in measured)
            ),
            insured_value=Currency(
                value=total if insured_value is None else _checked_value(insured_value, "insured_value"),
                unit=unit,
            ),
            is_hazmat=_is_hazmat(lines),
            seller_display_name=seller_display_name,
            package_client_reference_id=reference,
            items=[
                self._item(line, one.weight, Currency(value=value, unit=unit))
                for line, one, value in zip(lines, measured, values, strict=True)
            ],
        )

    def _measured(self, line: ItemToShip) -> MeasuredItem:
        if type(line.quantity) is not int or not 0 < line.quantity <= MOST_OF_A_PRODUCT:
            raise _refused(line, f"its quantity is no whole number from 1 to {MOST_OF_A_PRODUCT}")
        return MeasuredItem(line.product_id, line.quantity, *(measure.of(line) for measure in self._measures))

    def _dimensions(self, measured: Sequence[MeasuredItem]) -> Dimensions:
        size = self._packing(measured)
        given: object = size
        if not isinstance(given, Size):
            raise InvalidRequestError("must return a Size", path="packing")
        for name, value in size._asdict().items():
            if not isinstance(value, Decimal) or not _is_of_usual_length(value) or value <= 0:
                raise InvalidRequestError("is no Decimal above 0: see packing=", path=name)
        return Dimensions(length=size.length, width=size.breadth, height=size.height, unit=self._length_unit)

    def _unit_of(self, lines: Sequence[ItemToShip]) -> str:
        stated = [line for line in lines if line.currency or line.value is not None]
        units = sorted({line.currency or self._currency for line in stated}) or [self._currency]
        if len(units) > 1:
            raise InvalidRequestError(
                f"is in several currencies ({', '.join(units)}): give the values in one", path="items"
            )
        return units[0]

    def _item(self, line: ItemToShip, weight: Decimal, value: Currency) -> Item:
        return Item(
            item_value=value,
            description=line.description,
            item_identifier=line.item_id or line.product_id,
            quantity=line.quantity,
            weight=Weight(unit=self._weight_unit, value=weight),
            is_hazmat=True if line.dangerous_goods else line.is_hazmat,
            dangerous_goods_details=line.dangerous_goods,
        )


class _Measure:
    """One measure of products: where it is found, and what makes sense."""

    def __init__(self, name: str, settings: MeasureSettings, unit: _Unit) -> None:
        self._name, self._attribute, self._unit = name, settings.attribute, unit
        self._default = settings.default
        if self._default is not None and not unit.least <= self._default <= unit.most:
            raise ConfigurationError(
                f"default_{name} is implausible in its unit: is it wrong by a factor of a thousand?"
            )

    def of(self, line: ItemToShip) -> Decimal:
        """Return the measure of a product, in Amazon's unit."""
        found = _attribute(line.product, self._attribute)
        if found is None:
            return _EXACT.multiply(self._default_for(line), self._unit.factor)
        number = _number(found)
        if number is None:
            raise _refused(line, f"its attribute {self._attribute} is no number")
        if number <= 0:
            raise _refused(line, f"its attribute {self._attribute} is not above 0")
        if not self._is_plausible(number):
            raise _refused(
                line,
                f"its attribute {self._attribute} is implausible as its {self._name} in the unit of the"
                " settings: is it wrong by a factor of a thousand?",
            )
        return _EXACT.multiply(number, self._unit.factor)

    def _default_for(self, line: ItemToShip) -> Decimal:
        if self._default is None:
            attribute = (
                f"its attribute {self._attribute} is empty" if self._attribute else "no attribute is named"
            )
            raise _refused(
                line, f"its {self._name} is not known: {attribute}, and there is no default_{self._name}"
            )
        return self._default

    def _is_plausible(self, number: Decimal) -> bool:
        if not self._unit.least <= number <= self._unit.most:
            return False
        usual = self._default
        return usual is None or (usual < number * _THOUSAND and number < usual * _THOUSAND)


def _attribute(product: object, name: str | None) -> object:
    """Return what a product has under a name; None where it has nothing."""
    if name is None or product is None:
        return None
    found = product.get(name) if isinstance(product, Mapping) else getattr(product, name, None)
    return None if isinstance(found, str) and not found.strip() else found


def _number(value: object) -> Decimal | None:
    """Return a finite number; None where it is none. A float has the digits that a person would type."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    if isinstance(value, str) and not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", value.strip()):
        return None
    try:
        number = Decimal(str(value).strip())
    except ValueError:
        return None  # a whole number with thousands of digits
    return number if _is_of_usual_length(number) else None


def _is_of_usual_length(number: Decimal) -> bool:
    if not number.is_finite():
        return False
    return len(number.as_tuple().digits) <= _DIGITS and abs(number.adjusted()) <= _DIGITS


def _value(line: ItemToShip) -> Decimal:
    if line.value is None:
        return VALUE_IF_UNKNOWN
    return _checked_value(line.value, f"product {line.product_id}: its value")


def _checked_value(value: object, what: str) -> Decimal:
    if not isinstance(value, Decimal) or not _is_of_usual_length(value) or value < 0:
        raise InvalidRequestError("is no Decimal that is 0 or above", path=what)
    return value


def _is_hazmat(lines: Sequence[ItemToShip]) -> bool | None:
    known = [True if line.dangerous_goods else line.is_hazmat for line in lines]
    return True if any(known) else None if None in known else False


def _refused(line: ItemToShip, message: str) -> InvalidRequestError:
    return InvalidRequestError(message, path=f"product {line.product_id}")


def _times(value: Decimal, quantity: int) -> Decimal:
    return _EXACT.multiply(value, Decimal(quantity))


def _sum(values: Iterable[Decimal]) -> Decimal:
    total = Decimal(0)
    for value in values:
        total = _EXACT.add(total, value)
    return total
