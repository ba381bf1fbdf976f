"""What attrs adds to a model class, added when it is first used: reading an answer never needs it."""

from collections.abc import Mapping
from types import CellType, FunctionType
from typing import Any, ClassVar, TypeVar, get_origin

T = TypeVar("T")

MISSING: Any = object()
"""Stands for the value of a field that did not come, and for the default of one that has none."""


class Later:
    """Stands in a model class for what attrs makes, and has it made when it is first looked at.

    Threads that do so at the same time each have the same made, and none sees half of it.
    """

    __slots__ = ("_name", "_owner")

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner = owner
        self._name = name

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        _complete(self._owner)
        made = vars(self._owner)[self._name]
        return made.__get__(instance, owner) if isinstance(made, FunctionType) else made


_MADE_BY_TYPE = ("__dict__", "__weakref__")
_MADE_BY_ATTRS = ("__attrs_attrs__", "__init__")


def _complete(cls: Any) -> None:
    import attrs

    def hide(_: type[Any], fields: list["attrs.Attribute[Any]"]) -> list["attrs.Attribute[Any]"]:
        # our repr does not need it; other printers of attrs classes, rich's tracebacks say, do
        return [field.evolve(repr=False) if field.name in cls.__personal__ else field for field in fields]

    own = {name: cls.__defaults__[name] for name in cls.__annotations__ if name in cls.__defaults__}
    # slots=False: attrs adds to the class, which has its slots, and makes no other
    attrs.define(
        cls,
        these={
            name: attrs.field(default=attrs.NOTHING if default is MISSING else default)
            for name, default in own.items()
        },
        init=isinstance(vars(cls).get("__init__"), Later),
        slots=False,
        eq=False,
        repr=False,
        kw_only=True,
        field_transformer=hide if cls.__personal__ else None,
    )


def with_slots(cls: type[T], inherited: Mapping[str, Any]) -> tuple[type[T], dict[str, Any]]:
    """Return *cls* with a slot for each field that it declares, and the defaults of all its fields.

    Args:
        cls: a class with fields as annotations; it is not changed.
        inherited: the defaults of the fields that it has from its bases.
    """
    annotations: dict[str, Any] = cls.__annotations__
    own = {
        name: vars(cls).get(name, MISSING)
        for name, annotation in annotations.items()
        if ClassVar not in (annotation, get_origin(annotation))
    }
    kept = {name: value for name, value in vars(cls).items() if name not in own and name not in _MADE_BY_TYPE}
    later = {name: Later() for name in _MADE_BY_ATTRS if name not in kept}
    names = tuple(name for name in own if name not in inherited)
    model: Any = cls
    # its own, or attrs adds one from Python 3.13 on, which loses the unknown fields
    kept.setdefault("__replace__", model.__replace__)
    members = {**kept, **later, "__slots__": names, "__qualname__": cls.__qualname__}
    kind: Any = type(cls)
    made = kind(cls.__name__, cls.__bases__, members)
    for cell in _cells(kept):
        # what super() without arguments refers to
        if cell.cell_contents is cls:
            cell.cell_contents = made
    return made, {**{name: default for name, default in inherited.items() if name not in own}, **own}


def _cells(members: Mapping[str, Any]) -> list[CellType]:
    functions = [getattr(member, "__func__", getattr(member, "fget", member)) for member in members.values()]
    return [
        cell
        for function in functions
        if isinstance(function, FunctionType)
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        if name == "__class__"
    ]
