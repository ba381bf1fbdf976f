"""Models as data frames of pandas and Polars, with real times and exact numbers."""

import importlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

from spshipping.errors import InvalidRequestError
from spshipping.wire.flat import Column, table_of

T = TypeVar("T")
F = TypeVar("F")

_PLACES = 20
"""Digits after the point of Polars' Decimal, of 38: what a float was made of fits."""


def to_frame(
    items: Iterable[T],
    model: type[T],
    frame: type[F],
    *,
    each: str | None = None,
    personal: bool = False,
) -> F:
    """Return a data frame of models: one row for each item, or for each entry of a list in it.

    The columns follow from the class alone: they are the same for any items, and for none. A model in a model
    becomes columns with its path, `order_total.amount`; an interval becomes two, `start` and `end`. A list of
    texts or numbers is a list in its cell. A list of models has no column: name it in *each*, and its entries
    are the rows. Maps, and objects without a description, have no column.

    Times are in UTC. Numbers that are no integers are exact: `Decimal` in pandas, `Decimal(38, 20)` in
    Polars.

    Args:
        items: orders, quotes, purchase orders, timelines, or other models of one class; a timeline has a row
            for each event.
        model: the class of the items, such as `AmazonOrder`.
        frame: `pandas.DataFrame` or `polars.DataFrame`.
        each: the path of a list of models, such as `items`. An item whose list is empty has no row.
        personal: whether what is personal has columns too.

    Raises:
        TypeError: an argument cannot be used, or an item is of another class.
        InvalidRequestError: a column holds what the data frame cannot hold exactly, and which.
    """
    made = _maker(frame)
    table = table_of(model, each, personal=personal)
    rows = [*table.rows(_checked(items, model))]
    cells = {
        column: [_cell(row[index], column) for row in rows] for index, column in enumerate(table.columns)
    }
    whole: F = made(frame, cells)
    return whole


def _checked(items: Iterable[T], model: type[T]) -> Iterator[T]:
    for item in items:
        if not isinstance(item, model):
            raise TypeError(f"an item is a {type(item).__name__}, and no {model.__name__}")
        yield item


def _cell(value: Any, column: Column) -> Any:
    """Return a value in the form that both libraries take."""
    if value is None:
        return None
    if column.is_list:
        return [_cell(entry, column._replace(is_list=False)) for entry in value]
    if column.kind == "text":
        return str(value)
    if column.kind == "time":
        return _in_utc(value, column)
    return value


def _in_utc(time: datetime, column: Column) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise _unfit(column, "a time that is outside the years 1 to 9999 in UTC") from None


def _unfit(column: Column, what: str) -> InvalidRequestError:
    return InvalidRequestError(f"holds {what}", path=column.name)


_Cells = dict[Column, list[Any]]


def _maker(frame: Any) -> Callable[[Any, _Cells], Any]:
    """Return what makes a data frame of a class, or of one that is derived from it."""
    for base in getattr(frame, "__mro__", ()):
        library = base.__module__.partition(".")[0]
        if base.__name__ == "DataFrame" and library in _MAKERS:
            return _MAKERS[library]
    raise TypeError(f"{frame!r} is no data frame: give pandas.DataFrame or polars.DataFrame")


def _pandas(frame: Any, cells: _Cells) -> Any:
    pandas = importlib.import_module("pandas")
    types: dict[str, Any] = {
        "text": "string",
        "integer": "Int64",
        "boolean": "boolean",
        "time": pandas.DatetimeTZDtype("us", "UTC"),
        # pandas has no type for these two: the cells hold Python's own
        "decimal": object,
        "date": object,
    }
    made = {}
    for column, values in cells.items():
        dtype = object if column.is_list else types[column.kind]
        try:
            made[column.name] = pandas.Series(values, dtype=dtype)
        except (OverflowError, TypeError, ValueError):
            raise _unfit(column, f"a value that does not fit into {dtype}") from None
    return frame(made, columns=list(made))


def _polars(frame: Any, cells: _Cells) -> Any:
    polars = importlib.import_module("polars")
    types: dict[str, Any] = {
        "text": polars.String,
        "integer": polars.Int64,
        "boolean": polars.Boolean,
        "time": polars.Datetime("us", "UTC"),
        "decimal": polars.Decimal(38, _PLACES),
        "date": polars.Date,
    }
    made = []
    for column, values in cells.items():
        dtype = polars.List(types[column.kind]) if column.is_list else types[column.kind]
        try:
            series = polars.Series(column.name, values, dtype=dtype)
        except (OverflowError, TypeError, polars.exceptions.PolarsError):
            raise _unfit(column, f"a value that does not fit into {dtype}") from None
        if column.kind == "decimal" and series.to_list() != values:  # it rounds
            raise _unfit(column, f"a number with more digits than {dtype} has; pandas takes any")
        made.append(series)
    return frame(made)


_MAKERS: dict[str, Callable[[Any, _Cells], Any]] = {"pandas": _pandas, "polars": _polars}
