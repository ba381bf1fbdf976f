"""Models as rows of a table: the columns that a class has, and their values."""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from spshipping.named import NamedTuple
from spshipping.wire.model import Model
from spshipping.wire.shapes import Shape, fields_of

ColumnKind = Literal["text", "integer", "boolean", "decimal", "time", "date"]

_KINDS: dict[str, ColumnKind] = {
    "str": "text",
    "enum": "text",
    "int": "integer",
    "bool": "boolean",
    "decimal": "decimal",
    "money": "decimal",
    "time": "time",
    "date": "date",
}


class Column(NamedTuple):
    """One column."""

    name: str
    """The path of the field, such as `order_total.amount`."""
    kind: ColumnKind
    steps: tuple[str, ...]
    """The attributes that lead from what a row is made of to the value."""
    is_personal: bool = False
    is_list: bool = False
    """Whether a cell holds a list of values of this kind."""

    def value(self, source: Any) -> Any:
        """Return the value in one row; None where there is none."""
        return _value(source, self.steps)


class Table(NamedTuple):
    """How items become rows."""

    own: tuple[Column, ...]
    """The columns of an item itself."""
    of_entry: tuple[Column, ...] = ()
    """Those of an entry in its list."""
    path: tuple[str, ...] = ()
    """The attributes that lead to the list whose entries are the rows; none where an item is a row itself."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns, in the order of the values in a row."""
        return self.own + self.of_entry

    def rows(self, items: Iterable[Any]) -> Iterator[list[Any]]:
        """Yield the values of each row."""
        for item in items:
            for source in item._rows() if hasattr(item, "_rows") else (item,):
                row = [column.value(source) for column in self.own]
                if not self.path:
                    yield row
                    continue
                for entry in _value(source, self.path) or ():
                    yield [*row, *(column.value(entry) for column in self.of_entry)]


def _value(source: Any, steps: Iterable[str]) -> Any:
    for step in steps:
        source = getattr(source, step, None)
        if source is None:
            break
    return source


def table_of(cls: Any, each: str | None, *, personal: bool) -> Table:
    """Return how instances of *cls* become rows.

    Args:
        cls: a model, or a class that states its columns in `_columns` and makes its rows in `_rows`.
        each: the path of a list of models, such as `items`: each entry is a row then.
        personal: whether what is personal has columns too.

    Raises:
        TypeError: it is no such class, or has no such list.
    """
    stated: tuple[Column, ...] | None = getattr(cls, "_columns", None)
    if stated is None and not (isinstance(cls, type) and issubclass(cls, Model)):
        raise TypeError(f"{getattr(cls, '__name__', cls)!r} is no model: give the class of the items")
    lists = {} if stated is not None else dict(_lists(cls))
    if each is not None and each not in lists:
        known = f"its lists are {', '.join(lists)}" if lists else "it has none"
        raise TypeError(f"{cls.__name__} has no list of models at {each!r}: {known}")
    own = tuple(_columns(cls)) if stated is None else stated
    if each is None:
        return Table(_shown(own, personal=personal))
    path, shape = tuple(each.split(".")), lists[each]
    of_entry = tuple(_columns(shape.cls, f"{each}.", is_personal=_hides(cls, path)))
    return Table(_shown(own, personal=personal), _shown(of_entry, personal=personal), path)


def _shown(columns: tuple[Column, ...], *, personal: bool) -> tuple[Column, ...]:
    return tuple(column for column in columns if personal or not column.is_personal)


def _columns(
    cls: type[Model],
    prefix: str = "",
    steps: tuple[str, ...] = (),
    *,
    is_personal: bool = False,
) -> Iterator[Column]:
    """Yield the columns of a model, through the models that it holds."""
    for field in fields_of(cls):
        name, path = f"{prefix}{field.name}", (*steps, field.name)
        hidden, shape = is_personal or field.is_personal, field.shape
        if shape.kind == "interval":
            for end in ("start", "end"):
                yield Column(f"{name}.{end}", "time", (*path, end), hidden)
        elif shape.kind == "model":
            yield from _columns(shape.cls, f"{name}.", path, is_personal=hidden)
        elif shape.kind in _KINDS:
            yield Column(name, _KINDS[shape.kind], path, hidden)
        elif shape.kind == "list" and shape.item is not None and shape.item.kind in _KINDS:
            yield Column(name, _KINDS[shape.item.kind], path, hidden, is_list=True)


def _lists(cls: Any, prefix: str = "") -> Iterator[tuple[str, Shape]]:
    """Yield the path of each list of models, through the models around it, and what it holds."""
    for field in fields_of(cls):
        name, shape = f"{prefix}{field.name}", field.shape
        if shape.kind == "list" and shape.item is not None and shape.item.kind == "model":
            yield name, shape.item
        elif shape.kind == "model":
            yield from _lists(shape.cls, f"{name}.")


def _hides(cls: Any, path: tuple[str, ...]) -> bool:
    """Say whether a field on the way to a list is personal."""
    for step in path:
        field = next(field for field in fields_of(cls) if field.name == step)
        if field.is_personal:
            return True
        cls = field.shape.cls
    return False
