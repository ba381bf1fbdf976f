"""The places of a JSON answer, what may stand in each, and when two values are exactly the same."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import MISSING, Model, extra
from spshipping.wire.shapes import Shape, fields_of
from spshipping.wire.times import DateTimeInterval, read_date, read_time

_CLASSES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "enum": (str,),
    "int": (int,),
    "bool": (bool,),
    "decimal": (int, Decimal),
    "object": (dict,),
}
_READERS: dict[str, Callable[[str], object]] = {
    "time": read_time,
    "date": read_date,
    "interval": DateTimeInterval.parse,
    "money": lambda text: Decimal(text) if Decimal(text).is_finite() else None,
}


class Place(NamedTuple):
    """One value in a JSON answer."""

    path: str
    """As deviations name it."""
    steps: tuple[Any, ...]
    """The attributes, indexes and keys that lead to it from the model."""
    holder: Any
    """The object or list that it stands in, and its key there."""
    key: Any
    shape: Shape
    is_required: bool


def places(data: Any, shape: Shape, path: str = "", steps: tuple[Any, ...] = ()) -> Iterator[Place]:
    """Yield every place in *data*, without the inside of free-form objects."""
    if shape.kind == "model":
        dot = "." if path else ""
        for field in fields_of(shape.cls):
            if field.wire in data:
                here = (f"{path}{dot}{field.wire}", (*steps, field.name))
                yield Place(*here, data, field.wire, field.shape, field.is_required)
                yield from places(data[field.wire], field.shape, *here)
    elif shape.item is not None:
        pairs = enumerate(data) if shape.kind == "list" else data.items()
        for key, item in pairs:
            here = (f"{path}[{key if shape.kind == 'list' else '*'}]", (*steps, key))
            yield Place(*here, data, key, shape.item, is_required=True)
            yield from places(item, shape.item, *here)


def objects(data: Any, shape: Shape) -> Iterator[Any]:
    """Yield every object in *data* that is read as a model."""
    if shape.kind == "model":
        yield data
    for place in places(data, shape):
        if place.shape.kind == "model":
            yield place.holder[place.key]


def fits(value: Any, shape: Shape) -> bool:
    """Say whether *value* is what Amazon's model promises, with nothing to repair."""
    if shape.kind == "any":
        return value is not None
    if shape.kind == "model":
        return type(value) is dict and all(
            fits(value[field.wire], field.shape)
            if value.get(field.wire) is not None
            else not field.is_required
            for field in fields_of(shape.cls)
        )
    if shape.item is not None:
        items = value.values() if type(value) is dict else value
        return type(value) is (list if shape.kind == "list" else dict) and all(
            fits(i, shape.item) for i in items
        )
    if shape.kind in _CLASSES:
        return type(value) in _CLASSES[shape.kind]
    try:
        return type(value) is str and _READERS[shape.kind](value) is not None
    except (ValueError, ArithmeticError):
        return False


def exact(value: Any) -> Any:
    """Return a form of *value* that is equal only where kinds and unknown fields are equal, too."""
    if isinstance(value, Model):
        fields = {name: exact(getattr(value, name, MISSING)) for name in value.__wire_names__}
        return type(value).__name__, fields, exact(dict(extra(value)))
    if isinstance(value, OpenEnum):
        return type(value).__name__, value.value
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [exact(item) for item in value]
    return type(value).__name__, value
