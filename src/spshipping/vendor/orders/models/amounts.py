"""Quantities and prices of purchase orders, and their units."""

from decimal import Decimal
from typing import Annotated

from spshipping.wire.enums import OpenEnum
from spshipping.wire.limits import AS_TEXT, Length
from spshipping.wire.model import Model, camel


class UnitOfMeasure(OpenEnum):
    """What a quantity counts."""

    CASES = "Cases"
    EACHES = "Eaches"


class PriceUnit(OpenEnum):
    """The weight that a price is for, where an item is sold by weight."""

    POUNDS = "POUNDS"
    OUNCES = "OUNCES"
    GRAMS = "GRAMS"
    KILOGRAMS = "KILOGRAMS"


@camel
class ItemQuantity(Model):
    """How many cases or pieces of an item."""

    amount: int | None = None
    """Of an order, 0 where Amazon has cancelled the line."""
    unit_of_measure: UnitOfMeasure | None = None
    unit_size: int | None = None
    """Pieces in a case."""


@camel
class Money(Model):
    """A price for each piece, or for each unit of weight."""

    currency_code: Annotated[str, Length(0, 3)] | None = None
    amount: Annotated[Decimal, AS_TEXT] | None = None
    unit_of_measure: PriceUnit | None = None
    """None where the item is sold by the piece."""
