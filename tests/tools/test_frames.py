"""Data frames of the real pandas and Polars: the same columns for any items and for none, exact, in UTC."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pytest

from spshipping import InvalidRequestError
from spshipping.frames import to_frame
from spshipping.orders import AmazonOrder, AmazonOrderItem, Money
from spshipping.shipping import EventCode, Timeline
from spshipping.shipping.tracking import TrackedEvent
from spshipping.wire.flat import table_of
from spshipping.wire.model import Model, camel
from tests.contract.drawn import drawn
from tests.contract.facts import models

pytestmark = pytest.mark.tools

NOON = datetime(2026, 3, 1, 12, 30, 0, 250_000, tzinfo=UTC)


@camel
class Part(Model):
    """A field of every kind that a column can have."""

    name: str | None = None
    count: int | None = None
    is_new: bool | None = None
    weight: Decimal | None = None
    made: date | None = None
    at: datetime | None = None
    sizes: list[Decimal] | None = None


PARTS = [
    Part(
        name="A",
        count=2,
        is_new=True,
        weight=Decimal("0.1"),
        made=NOON.date(),
        at=NOON.astimezone(timezone(timedelta(hours=9))),
        sizes=[Decimal("1.5")],
    ),
    Part(weight=Decimal("0.2")),
]


def pandas_types(frame: Any) -> list[str]:
    return [str(each) for each in frame.dtypes]


def polars_types(frame: Any) -> list[str]:
    return [str(each) for each in frame.dtypes]


FRAMES: list[Any] = [
    pytest.param(pd.DataFrame, pandas_types, id="pandas"),
    pytest.param(pl.DataFrame, polars_types, id="polars"),
]
Types = Callable[[Any], list[str]]


def test_pandas_has_real_times_nullable_numbers_and_exact_decimals() -> None:
    frame = to_frame(PARTS, Part, pd.DataFrame)
    assert pandas_types(frame) == [
        "string",
        "Int64",
        "boolean",
        "object",
        "object",
        "datetime64[us, UTC]",
        "object",
    ]
    first = frame.iloc[0].to_dict()
    assert first == {
        "name": "A",
        "count": 2,
        "is_new": True,
        "weight": Decimal("0.1"),
        "made": NOON.date(),
        "at": pd.Timestamp(NOON),
        "sizes": [Decimal("1.5")],
    }
    assert frame["weight"].sum() == Decimal("0.3")
    assert frame["name"].isna().tolist() == frame["at"].isna().tolist() == [False, True]


def test_polars_has_real_times_and_exact_decimals() -> None:
    frame = to_frame(PARTS, Part, pl.DataFrame)
    assert frame.schema == {
        "name": pl.String,
        "count": pl.Int64,
        "is_new": pl.Boolean,
        "weight": pl.Decimal(38, 20),
        "made": pl.Date,
        "at": pl.Datetime("us", "UTC"),
        "sizes": pl.List(pl.Decimal(38, 20)),
    }
    first, last = frame.rows()
    assert first == ("A", 2, True, Decimal("0.1"), NOON.date(), NOON, [Decimal("1.5")])
    assert last == (None, None, None, Decimal("0.2"), None, None, None)
    assert frame["weight"].sum() == Decimal("0.3")


@pytest.mark.parametrize(("frame", "types"), FRAMES)
def test_every_model_has_the_same_columns_for_any_items_and_for_none(frame: Any, types: Types) -> None:
    for cls in models():
        items = drawn(cls, 4)
        table = table_of(cls, None, personal=True)
        empty, full = (to_frame(each, cls, frame, personal=True) for each in ((), items))
        assert list(empty.columns) == list(full.columns) == [column.name for column in table.columns]
        assert types(empty) == types(full)
        assert (len(empty), len(full)) == (0, len(items) if table.columns else 0)


@pytest.mark.parametrize(("frame", "types"), FRAMES)
def test_orders_and_their_lines(frame: Any, types: Types) -> None:
    lines = [
        AmazonOrderItem(order_item_id=str(number), item_price=Money(amount=Decimal("9.99")))
        for number in (1, 2)
    ]
    orders = (AmazonOrder(amazon_order_id=f"order-{number}", items=lines[:number]) for number in (0, 1, 2))
    made = to_frame(orders, AmazonOrder, frame, each="items")
    assert list(made["amazon_order_id"]) == ["order-1", "order-2", "order-2"]
    assert made["items.item_price.amount"].sum() == Decimal("29.97")
    assert types(made) == types(to_frame([], AmazonOrder, frame, each="items"))
    assert not any("buyer_name" in name for name in made.columns)


@pytest.mark.parametrize(("frame", "types"), FRAMES)
def test_a_timeline_has_a_row_for_each_event(frame: Any, types: Types) -> None:
    event = TrackedEvent(code=EventCode.DELIVERED, time=NOON)
    made = to_frame([Timeline(tracking_id="TBA1", events=(event,))], Timeline, frame)
    assert [list(made[name]) for name in ("tracking_id", "status", "code")] == [
        ["TBA1"],
        ["delivered"],
        ["Delivered"],
    ]
    assert types(made) == types(to_frame([], Timeline, frame))


@pytest.mark.parametrize(
    ("frame", "part", "message"),
    [
        (pd.DataFrame, Part(count=2**63), "count: holds a value that does not fit into Int64"),
        (pl.DataFrame, Part(count=2**63), "count: holds a value that does not fit into Int64"),
        (pl.DataFrame, Part(weight=Decimal("1e-21")), "weight: holds a number with more digits than Decimal"),
        (pl.DataFrame, Part(sizes=[Decimal("1e-21")]), "sizes: holds a number with more digits than List"),
        (pl.DataFrame, Part(weight=Decimal("1e18")), "weight: holds a value that does not fit"),
        (
            pl.DataFrame,
            Part(at=datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))),
            "at: holds a time that is outside the years 1 to 9999 in UTC",
        ),
    ],
)
def test_what_cannot_be_held_exactly_is_refused_by_name(frame: Any, part: Part, message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        to_frame([part], Part, frame)


def test_a_number_that_was_a_float_fits_and_pandas_takes_any_number() -> None:
    odd = Decimal(repr(0.1 + 0.2))
    assert to_frame([Part(weight=odd)], Part, pl.DataFrame)["weight"].item() == odd
    assert to_frame([Part(weight=Decimal("1e-30"))], Part, pd.DataFrame)["weight"][0] == Decimal("1e-30")


class Named(pd.DataFrame):  # type: ignore[misc]  # there may be no pandas here to check it with
    """A data frame of somebody's own."""


def test_a_class_of_your_own_is_taken_and_anything_else_is_refused() -> None:
    assert isinstance(to_frame(PARTS, Part, Named), Named)
    others: list[Any] = [dict, pd.Series, "pandas", None]
    for wrong in others:
        with pytest.raises(TypeError, match=r"give pandas\.DataFrame or polars\.DataFrame"):
            to_frame(PARTS, Part, wrong)
    with pytest.raises(TypeError, match="an item is a Part, and no AmazonOrder"):
        to_frame(PARTS, AmazonOrder, pd.DataFrame)


def test_importing_it_loads_neither_library() -> None:
    code = (
        "import sys, spshipping.frames; print([n for n in ('pandas', 'polars', 'numpy') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
