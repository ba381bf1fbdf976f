"""Models made for the tests: one field of every kind that travels."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from spshipping.wire.enums import OpenEnum
from spshipping.wire.limits import AS_TEXT, Count, Length, Pattern, Range
from spshipping.wire.model import Model, camel, pascal
from spshipping.wire.times import DateTimeInterval


class Unit(OpenEnum):
    """A unit."""

    GRAM = "GRAM"


@camel
class Weight(Model):
    """A weight."""

    value: Decimal
    unit: Unit


@camel(personal=("owner",), local=("received_at",), supported_dpis="supportedDPIs")
class Parcel(Model):
    """A parcel with everything in it."""

    owner: Annotated[str, Length(1, 10)]
    weight: Weight
    supported_dpis: list[int]
    is_hazmat: bool | None = None
    count: Annotated[int, Range(1, 9)] | None = None
    code: Annotated[str, Pattern("UN[0-9]{4}")] | None = None
    price: Annotated[Decimal, AS_TEXT] | None = None
    at: datetime | None = None
    day: date | None = None
    window: DateTimeInterval | None = None
    parts: Annotated[list[Weight], Count(1)] | None = None
    words: list[str] | None = None
    units: list[Unit] | None = None
    by_day: dict[str, Weight] | None = None
    by_type: dict[str, list[Weight]] | None = None
    schema: dict[str, Any] | None = None
    anything: Any | None = None
    received_at: datetime | None = None


@pascal(sku="SellerSKU")
class Order(Model):
    """A class of the other spelling."""

    amazon_order_id: str
    sku: str | None = None


FULL: dict[str, Any] = {
    "owner": "Ada",
    "weight": {"value": Decimal("1.5"), "unit": "GRAM"},
    "supportedDPIs": [203, 300],
    "isHazmat": True,
    "count": 3,
    "code": "UN1234",
    "price": "12.50",
    "at": "2026-01-31T12:00:00Z",
    "day": "2026-01-31",
    "window": "2026-01-31T12:00:00Z--2026-02-01T12:00:00Z",
    "parts": [{"value": 2, "unit": "STONE"}],
    "words": ["a", "b"],
    "units": ["GRAM", "OUNCE"],
    "byDay": {"MONDAY": {"value": 1, "unit": "GRAM"}},
    "byType": {"LOCKER": [{"value": 1, "unit": "GRAM"}]},
    "schema": {"type": "object"},
    "anything": [1, "two"],
}
