"""Models as rows of a table: columns from the class alone, and nothing personal that nobody wants."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from spshipping import from_dict
from spshipping.orders import AmazonOrder, AmazonOrderItem
from spshipping.shipping import EventCode, GetRatesResult, Timeline
from spshipping.shipping.tracking import TrackedEvent, TrackedPlace
from spshipping.testing import factories
from spshipping.vendor.orders import Order
from spshipping.wire.flat import table_of
from spshipping.wire.model import Model, camel
from spshipping.wire.times import DateTimeInterval
from tests.contract.facts import models
from tests.unit.wire.samples import Unit, Weight

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@camel(personal=("address",))
class Line(Model):
    """An entry of a list."""

    sku: str
    address: str | None = None
    parts: list[Weight] | None = None


@camel(personal=("notes", "secret"))
class Box(Model):
    """A field of every kind that has columns, and of those that have none."""

    name: str
    unit: Unit | None = None
    count: int | None = None
    is_open: bool | None = None
    weight: Weight | None = None
    made: date | None = None
    span: DateTimeInterval | None = None
    tags: list[str] | None = None
    lines: list[Line] | None = None
    secret: Line | None = None
    notes: list[Line] | None = None
    anything: Any = None
    by_name: dict[str, str] | None = None


BOX = Box(
    name="A",
    unit=Unit.GRAM,
    weight=Weight(value=Decimal("1.50"), unit=Unit.GRAM),
    span=DateTimeInterval(NOON, NOON),
    tags=["x", "y"],
    lines=[Line(sku="1", address="here"), Line(sku="2")],
    notes=[Line(sku="3")],
)
OWN = [
    "name",
    "unit",
    "count",
    "is_open",
    "weight.value",
    "weight.unit",
    "made",
    "span.start",
    "span.end",
    "tags",
]


def names(cls: Any, each: str | None = None, *, personal: bool = False) -> list[str]:
    return [column.name for column in table_of(cls, each, personal=personal).columns]


def rows(items: list[Any], each: str | None = None, *, personal: bool = False) -> list[list[Any]]:
    return [*table_of(type(items[0]), each, personal=personal).rows(items)]


def test_a_field_is_a_column_and_a_model_or_an_interval_is_several() -> None:
    assert names(Box) == OWN
    kinds = [(column.kind, column.is_list) for column in table_of(Box, None, personal=False).columns]
    assert kinds == [
        *[("text", False), ("text", False), ("integer", False), ("boolean", False), ("decimal", False)],
        *[("text", False), ("date", False), ("time", False), ("time", False), ("text", True)],
    ]
    weight = [Decimal("1.50"), Unit.GRAM]
    assert rows([BOX]) == [["A", Unit.GRAM, None, None, *weight, None, NOON, NOON, ["x", "y"]]]


def test_what_is_personal_has_columns_only_where_they_are_wanted() -> None:
    assert names(Box, personal=True) == [*OWN, "secret.sku", "secret.address"]
    assert names(Box, "lines") == [*OWN, "lines.sku"]
    assert names(Box, "notes") == OWN
    assert names(Box, "notes", personal=True)[-2:] == ["notes.sku", "notes.address"]


def test_each_entry_of_a_list_is_a_row_if_that_is_wanted_and_an_empty_list_is_none() -> None:
    found = rows([BOX, Box(name="B"), Box(name="C", lines=[])], "lines")
    assert [(row[0], row[-1]) for row in found] == [("A", "1"), ("A", "2")]


def test_a_field_that_did_not_come_is_none() -> None:
    assert rows([from_dict({"unit": "GRAM"}, Box)])[0][:2] == [None, Unit.GRAM]


@pytest.mark.parametrize(
    ("cls", "each", "message"),
    [
        (str, None, "'str' is no model: give the class of the items"),
        ([BOX], None, "is no model"),
        (Box, "items", "Box has no list of models at 'items': its lists are lines, secret.parts, notes"),
        (Weight, "unit", "Weight has no list of models at 'unit': it has none"),
        (Timeline, "events", "Timeline has no list of models at 'events': it has none"),
    ],
)
def test_what_cannot_be_a_table_is_named(cls: Any, each: str | None, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        table_of(cls, each, personal=False)


def test_a_timeline_has_a_row_for_each_event_and_hides_where_people_live() -> None:
    place = TrackedPlace(city="Berlin", postal_code="10117", country_code="DE")
    timeline = Timeline(
        tracking_id="TBA1",
        events=(
            TrackedEvent(code=EventCode.DELIVERED, time=NOON, place=place),
            TrackedEvent(code=EventCode("HeldAtCustoms"), time=NOON.replace(hour=9)),
        ),
    )
    shown = ["tracking_id", "time", "status", "code", "leg", "details"]
    assert names(Timeline) == [*shown, "place.country_code", "place.state_or_region"]
    assert names(Timeline, personal=True)[-2:] == ["place.city", "place.postal_code"]
    first, last = rows([timeline], personal=True)
    assert first == ["TBA1", NOON.replace(hour=9), None, "HeldAtCustoms", None, (), None, None, None, None]
    assert last == ["TBA1", NOON, "delivered", "Delivered", None, (), "DE", None, "Berlin", "10117"]


@pytest.mark.parametrize(
    ("cls", "each", "name"),
    [
        (AmazonOrder, "items", "items.item_price.amount"),
        (GetRatesResult, "rates", "rates.promise.delivery_window.start"),
        (Order, "order_details.items", "order_details.items.net_cost.amount"),
    ],
)
def test_the_lists_that_people_want_are_there(cls: Any, each: str, name: str) -> None:
    assert name in names(cls, each)


def test_no_model_has_a_column_twice_or_one_that_shows_a_person() -> None:
    for cls in (*models(), AmazonOrder, AmazonOrderItem):
        everything = table_of(cls, None, personal=True)
        assert len({column.name for column in everything.columns}) == len(everything.columns)
        hidden = {f"{field}" for field in cls.__personal__}
        assert not {name.split(".")[0] for name in names(cls)} & hidden
        for row in everything.rows((factories.minimal(cls), factories.full(cls))):
            assert len(row) == len(everything.columns)
