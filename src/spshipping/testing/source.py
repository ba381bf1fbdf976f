"""What a value of each type may be, stated once: factories and strategies are two builders of it."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

from spshipping.wire.limits import Count, Limit
from spshipping.wire.shapes import Shape, fields_of

V = TypeVar("V")


class Builder(Protocol[V]):
    """Makes values, or descriptions of values, out of their parts."""

    def leaf(self, kind: str, limits: tuple[Limit, ...], name: str) -> V:
        """Return a value without parts, of a kind of `KINDS`, for a field of this name."""
        ...

    def enum(self, cls: Any) -> V:
        """Return a value of an enum."""
        ...

    def items(self, item: V, least: int) -> V:
        """Return a list of at least so many items."""
        ...

    def entries(self, item: V) -> V:
        """Return a dictionary from text to items."""
        ...

    def model(self, cls: Any, required: Mapping[str, V], optional: Mapping[str, V]) -> V:
        """Return an instance of a model, which may or may not have the optional parts."""
        ...

    def one_of(self, values: list[V]) -> V:
        """Return one of several values."""
        ...


def value_of(shape: Shape, builder: Builder[V], name: str = "") -> V:
    """Return what a field of this shape and name may hold, within its limits."""
    if shape.kind == "model":
        return model_of(shape.cls, builder)
    if shape.kind == "enum":
        return builder.enum(shape.cls)
    if shape.item is None:
        return builder.leaf(shape.kind, shape.limits, name)
    inner = value_of(shape.item, builder, name)
    if shape.kind == "map":
        return builder.entries(inner)
    least = max((limit.least for limit in shape.limits if isinstance(limit, Count)), default=0)
    return builder.items(inner, least)


def model_of(cls: Any, builder: Builder[V]) -> V:
    """Return an instance of a model class: what is required always, and of some fields exactly one."""
    fields = fields_of(cls)
    parts = {field.name: value_of(field.shape, builder, field.name) for field in fields}
    choice: tuple[str, ...] = cls.__exactly_one__
    required = {field.name: parts[field.name] for field in fields if field.is_required}
    optional = {name: part for name, part in parts.items() if name not in required and name not in choice}
    if not choice:
        return builder.model(cls, required, optional)
    return builder.one_of([builder.model(cls, {**required, name: parts[name]}, optional) for name in choice])


def is_within(limits: tuple[Limit, ...], value: Any) -> bool:
    """Say whether a value keeps all limits."""
    return all(limit.problem(value) is None for limit in limits)
