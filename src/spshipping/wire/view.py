"""Models as tables for people: in Jupyter as HTML, and for rich. What is personal is hidden, as in a repr."""

import html
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from spshipping.named import NamedTuple
from spshipping.wire.shapes import Field, fields_of

if TYPE_CHECKING:
    from rich.console import Group


HIDDEN = "…"
MISSING = "(missing)"
_MOST_ROWS = 20
_MOST_COLUMNS = 7
_MOST_BESIDE = 4
"""How many of those that have more fields than columns fit are shown, one beside the other."""
_MOST_LETTERS = 60
_AMOUNTS = {frozenset(names): names for names in (("value", "unit"), ("amount", "currency_code"))}
"""The fields of a model that is one amount, of money or of weight, in the order in which they are shown."""


class Grid(NamedTuple):
    """One table."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    more: int = 0
    """Rows that are left out."""


class _Leaf(NamedTuple):
    path: str
    text: str


class _Entries(NamedTuple):
    path: str
    models: list[Any]


def grids_of(model: Any) -> Iterator[Grid]:
    """Yield the tables that show a model: one of its own values, and one for each list of models in it."""
    leaves, lists = [], []
    for part in _parts(model, ""):
        if isinstance(part, _Leaf):
            leaves.append(part)
        else:
            lists.append(part)
    yield Grid(type(model).__name__, ("field", "value"), leaves)
    for path, models in lists:
        yield _grid_of_list(path, models)


def _grid_of_list(path: str, models: list[Any]) -> Grid:
    rows = [
        {part.path: part.text if isinstance(part, _Leaf) else _counted(part) for part in _parts(entry, "")}
        for entry in models[:_MOST_ROWS]
    ]
    columns = type(models[0]).__columns__ or tuple(dict.fromkeys(name for row in rows for name in row))
    if len(columns) > _MOST_COLUMNS:
        beside = rows[:_MOST_BESIDE]
        lines = [(name, *(row.get(name, "") for row in beside)) for name in columns]
        numbers = (str(number) for number in range(1, len(beside) + 1))
        return Grid(path, ("field", *numbers), lines, len(models) - len(beside))
    cells = [tuple(row.get(name, "") for name in columns) for row in rows]
    return Grid(path, columns, cells, len(models) - len(rows))


def _counted(part: _Entries) -> str:
    return f"{len(part.models)} of {type(part.models[0]).__name__}"


def _parts(model: Any, prefix: str) -> Iterator[_Leaf | _Entries]:
    for field in fields_of(type(model)):
        path = f"{prefix}{field.name}"
        value = getattr(model, field.name, MISSING)
        if field.is_personal and value is not None:
            yield _Leaf(path, HIDDEN)
        elif value is None or value == [] or value == {}:
            continue
        elif value is MISSING:
            yield _Leaf(path, MISSING)
        else:
            yield from _of_value(value, field, path)


def _of_value(value: Any, field: Field, path: str) -> Iterator[_Leaf | _Entries]:
    shape = field.shape
    if shape.kind == "model":
        amount = _amount(value)
        if amount is None:
            yield from _parts(value, f"{path}.")
        else:
            yield _Leaf(path, amount)
    elif shape.kind == "list" and shape.item is not None and shape.item.kind == "model":
        yield _Entries(path, value)
    else:
        yield _Leaf(path, _text(value))


def _amount(model: Any) -> str | None:
    names = _AMOUNTS.get(frozenset(model.__wire_names__))
    if names is None or model.__personal__:
        return None
    values = [getattr(model, name, MISSING) for name in names]
    return " ".join(_text(value) for value in values if value is not None)


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        text = value.isoformat(" ", "seconds")
    elif isinstance(value, list):
        text = ", ".join(str(item) for item in value)
    elif isinstance(value, dict):
        text = f"{len(value)} entries"
    else:
        text = str(value)
    return text if len(text) <= _MOST_LETTERS else f"{text[: _MOST_LETTERS - 1]}…"


def as_html(grids: Iterable[Grid]) -> str:
    """Return tables as HTML, for Jupyter."""
    return "".join(_html(grid) for grid in grids)


def _html(grid: Grid) -> str:
    head = "".join(f"<th>{html.escape(name)}</th>" for name in grid.columns)
    body = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in grid.rows
    )
    more = f"<p>and {grid.more} more</p>" if grid.more else ""
    caption = html.escape(grid.title)
    head, body = f"<thead><tr>{head}</tr></thead>", f"<tbody>{body}</tbody>"
    return f"<table><caption>{caption}</caption>{head}{body}</table>{more}"


def as_rich(grids: Iterable[Grid]) -> "Group":
    """Return tables for rich, which asks for it and so is there."""
    from rich.console import Group
    from rich.table import Column, Table
    from rich.text import Text

    tables = []
    for grid in grids:
        caption = f"and {grid.more} more" if grid.more else None
        columns = (Column(name, overflow="fold") for name in grid.columns)
        table = Table(*columns, title=grid.title, caption=caption)
        for row in grid.rows:
            table.add_row(*(Text(cell) for cell in row))
        tables.append(table)
    return Group(*tables)
