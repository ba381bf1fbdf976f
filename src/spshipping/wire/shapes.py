"""What a model's fields are on the wire, read once from its annotations."""

import types
import typing
from collections.abc import Mapping
from typing import Any

from spshipping.named import NamedTuple
from spshipping.wire.enums import OpenEnum
from spshipping.wire.kinds import KINDS, Kind
from spshipping.wire.limits import AS_TEXT, Limit


class Shape(NamedTuple):
    """One type on the wire."""

    kind: str
    """One of the names in `KINDS`."""
    cls: Any = None
    """The enum or model class."""
    item: "Shape | None" = None
    """What a list or a map holds."""
    limits: tuple[Limit, ...] = ()

    @property
    def row(self) -> Kind:
        """What is done with values of this kind."""
        return KINDS[self.kind]


class Field(NamedTuple):
    """One field of a model."""

    name: str
    wire: str
    shape: Shape
    is_required: bool
    is_personal: bool


_NOT_BY_TYPE = ("money", "object", "list", "map")
"""Kinds that take more than their type to be known by."""
_BY_TYPE: dict[Any, str] = {
    **{row.python: kind for kind, row in KINDS.items() if row.python and kind not in _NOT_BY_TYPE},
    Any: "any",
    dict[str, Any]: "object",
}


def shape_of(annotation: Any) -> tuple[Shape, bool]:
    """Return the shape of a type annotation, and whether None is excluded.

    Raises:
        TypeError: a type that has no form on the wire.
    """
    origin = typing.get_origin(annotation)
    if origin in (types.UnionType, typing.Union):
        inner = [part for part in typing.get_args(annotation) if part is not type(None)]
        if len(inner) == 1:
            return shape_of(inner[0])[0], False
    elif origin is typing.Annotated:
        base, *notes = typing.get_args(annotation)
        shape = shape_of(base)[0]
        limits = tuple(note for note in notes if note is not AS_TEXT)
        return shape._replace(kind="money" if AS_TEXT in notes else shape.kind, limits=limits), True
    elif annotation in _BY_TYPE:
        return Shape(_BY_TYPE[annotation]), True
    elif origin is list:
        return Shape("list", item=shape_of(typing.get_args(annotation)[0])[0]), True
    elif origin is dict and typing.get_args(annotation)[0] is str:
        return Shape("map", item=shape_of(typing.get_args(annotation)[1])[0]), True
    elif isinstance(annotation, type) and issubclass(annotation, OpenEnum):
        return Shape("enum", annotation), True
    elif hasattr(annotation, "__wire_names__"):
        return Shape("model", annotation), True
    raise TypeError(f"{annotation!r} has no form on the wire")


def fields_of(cls: Any) -> tuple[Field, ...]:
    """Return the wire fields of a model class, in the order they are declared."""
    fields: tuple[Field, ...] | None = cls.__dict__.get("__wire_fields__")
    if fields is None:
        names: Mapping[str, str] = cls.__wire_names__
        # of the bases first; a class of C has none
        declared = [getattr(base, "__annotations__", {}) for base in reversed(cls.__mro__)]
        types_of = {name: annotation for each in declared for name, annotation in each.items()}
        found = []
        for name, wire in names.items():
            shape, is_required = shape_of(types_of[name])
            found.append(Field(name, wire, shape, is_required, name in cls.__personal__))
        fields = cls.__wire_fields__ = tuple(found)
    return fields
