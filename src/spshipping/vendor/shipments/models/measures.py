"""Quantities, weights, sizes, prices and shelf lives in shipments, and their units."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from spshipping.wire.enums import OpenEnum
from spshipping.wire.limits import AS_TEXT
from spshipping.wire.model import Model, camel


class UnitOfMeasure(OpenEnum):
    """What a quantity counts."""

    CASES = "Cases"
    EACHES = "Eaches"


class TotalWeightUnit(OpenEnum):
    """The unit of the weight of what is sold by weight."""

    POUNDS = "POUNDS"
    OUNCES = "OUNCES"
    GRAMS = "GRAMS"
    KILOGRAMS = "KILOGRAMS"


class WeightUnit(OpenEnum):
    """The unit of a weight."""

    G = "G"
    KG = "Kg"
    OZ = "Oz"
    LB = "Lb"


class DimensionUnit(OpenEnum):
    """The unit of a length; there is no centimetre."""

    IN = "In"
    FT = "Ft"
    METER = "Meter"
    YARD = "Yard"


class VolumeUnit(OpenEnum):
    """The unit of a volume."""

    CU_FT = "CuFt"
    """Cubic feet."""
    CU_IN = "CuIn"
    """Cubic inches."""
    CU_M = "CuM"
    """Cubic metres."""
    CU_Y = "CuY"
    """Cubic yards."""


class DurationUnit(OpenEnum):
    """The unit of a shelf life."""

    DAYS = "Days"
    MONTHS = "Months"


@camel
class Dimensions(Model):
    """The size of a container."""

    length: Annotated[Decimal, AS_TEXT]
    width: Annotated[Decimal, AS_TEXT]
    height: Annotated[Decimal, AS_TEXT]
    unit_of_measure: DimensionUnit


@camel
class Volume(Model):
    """A volume."""

    unit_of_measure: VolumeUnit
    value: Annotated[Decimal, AS_TEXT]


@camel
class Weight(Model):
    """A weight."""

    unit_of_measure: WeightUnit
    value: Annotated[Decimal, AS_TEXT]


@camel
class Money(Model):
    """An amount of money."""

    currency_code: str
    amount: Annotated[Decimal, AS_TEXT]


@camel
class TotalWeight(Model):
    """The weight of a quantity that is sold by weight."""

    unit_of_measure: TotalWeightUnit
    amount: Annotated[Decimal, AS_TEXT]


@camel
class ItemQuantity(Model):
    """How many cases or pieces of an item are shipped."""

    amount: int
    unit_of_measure: UnitOfMeasure
    unit_size: int | None = None
    """Pieces in a case; 1 for pieces."""
    total_weight: TotalWeight | None = None
    """What is sold by weight needs it."""


@camel
class Duration(Model):
    """How long an item keeps."""

    duration_unit: DurationUnit
    duration_value: int


@camel
class Expiry(Model):
    """Until when an item keeps: a date, or when it was made and for how long."""

    manufacturer_date: datetime | None = None
    expiry_date: datetime | None = None
    expiry_after_duration: Duration | None = None
