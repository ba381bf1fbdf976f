"""The base of all models, and the decorators that say how a class is spelled on the wire."""

import copy
from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, dataclass_transform, overload

from spshipping.errors import InvalidRequestError
from spshipping.wire.later import MISSING as MISSING
from spshipping.wire.later import Later, with_slots
from spshipping.wire.remainder import make_incomplete

if TYPE_CHECKING:
    from attrs import define as attrs_class
else:

    def attrs_class(**_):
        """Stand for `attrs.define`, with which mypy takes models for attrs classes: they are, see `later`."""
        return lambda cls: cls


M = TypeVar("M", bound="Model")
T = TypeVar("T")

_MOST_SHOWN = 3
"""How many members of a list a repr shows."""


class _Extra:
    """Room for unknown fields: no field of attrs, so that `attrs.asdict` does not show it."""

    __slots__ = ("_extra",)
    if TYPE_CHECKING:
        _extra: dict[str, Any] | None

    def __attrs_pre_init__(self) -> None:
        self._extra = None


@attrs_class(eq=False)
class Model(_Extra):
    """What every model has: equality by field, a repr without personal data, room for unknown fields."""

    __slots__ = ()
    if TYPE_CHECKING:
        __match_args__: ClassVar[tuple[()]]
    else:
        __attrs_attrs__, __init__, __match_args__ = Later(), Later(), ()
    __defaults__: ClassVar[Mapping[str, Any]] = {}
    """All fields; `MISSING` where one has no default."""
    __wire_names__: ClassVar[Mapping[str, str]] = {}
    __personal__: ClassVar[frozenset[str]] = frozenset()
    __local__: ClassVar[Mapping[str, Any]] = {}
    """The fields that never travel, with their defaults."""
    __exactly_one__: ClassVar[tuple[str, ...]] = ()
    """The fields of which a request states exactly one."""
    __columns__: ClassVar[tuple[str, ...]] = ()
    """The columns of a table of many, each a path of fields; without them, all that have a value."""
    __sections__: ClassVar[frozenset[Any]] = frozenset()
    """The classes that are written whole, with all their keys, even where there is none of them."""
    __decoded__: ClassVar[Any] = None
    """A method that is called on an instance that was decoded, where the class has it."""
    __written__: ClassVar[Any] = None
    """A method that completes the dictionary that an instance was written as, where the class has it."""
    __json_schema__: ClassVar[Any] = None
    """A method that describes what an instance is written as, where the fields alone do not say it."""

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(
            getattr(self, name, MISSING) == getattr(other, name, MISSING) for name in self.__wire_names__
        )

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # models are mutable

    def __repr__(self) -> str:
        return _render(self, reveals=False)

    def _repr_html_(self) -> str:
        """Show the model as tables in Jupyter, without personal data."""
        from spshipping.wire.view import as_html, grids_of

        return as_html(grids_of(self))

    def __rich__(self) -> Any:
        """Show the model as tables where rich prints it, without personal data."""
        from spshipping.wire.view import as_rich, grids_of

        return as_rich(grids_of(self))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Let pydantic and FastAPI take models as fields, bodies and answers, in the form of `to_dict`."""
        # by its name: the hook is built on models, and only pydantic needs it
        return import_module("spshipping.wire.pydantic_hook").pydantic_schema(cls)

    def __replace__(self, /, **changes: Any) -> Self:
        """Do what `attrs.evolve` does, for `copy.replace` of Python 3.13, and keep the unknown fields."""
        import attrs

        made = attrs.evolve(self, **changes)
        made._extra = copy.copy(self._extra)  # type: ignore[misc]  # mypy does not see the slot
        return made

    def __setstate__(self, state: tuple[None, dict[str, Any]]) -> None:
        """Take what a copy or a pickle holds: an older version may have known fewer fields."""
        for name, value in state[1].items():
            setattr(self, name, value)
        if len(state[1]) <= len(self.__defaults__):  # the unknown fields are one more
            _fill(self, {"_extra": None, **self.__defaults__, **state[1]})


def _fill(model: Model, values: Mapping[str, Any]) -> None:
    """Set every field; those whose value stands for none stay unset."""
    for name, value in values.items():
        if value is MISSING:
            make_incomplete(type(model))
        else:
            setattr(model, name, value)


def _render(value: Any, *, reveals: bool) -> str:
    if isinstance(value, Model):
        parts = []
        for name in (*value.__wire_names__, *value.__local__):
            field = getattr(value, name, MISSING)
            if field is MISSING:
                parts.append(f"{name}=<missing>")
            elif field is not None:
                hidden = name in value.__personal__ and not reveals
                parts.append(f"{name}={'…' if hidden else _render(field, reveals=reveals)}")
        return f"{type(value).__name__}({', '.join(parts)})"
    if isinstance(value, list):
        # the repr of a list of hundreds of orders is read by nobody, and is in every log
        shown = value if reveals else value[:_MOST_SHOWN]
        more = [f"… and {len(value) - len(shown)} more"] if len(value) > len(shown) else []
        return f"[{', '.join([*(_render(item, reveals=reveals) for item in shown), *more])}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_render(item, reveals=reveals)}' for key, item in value.items())}}}"
    return repr(value)


def _camel_case(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def _pascal_case(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _define(
    cls: type[T],
    spell: Callable[[str], str],
    names: Mapping[str, str],
    personal: Collection[str],
    local: Collection[str],
    exactly_one: Collection[str],
) -> type[T]:
    made, fields = with_slots(cls, getattr(cls, "__defaults__", {}))
    for name in (*names, *personal, *local, *exactly_one):
        if name not in fields:
            raise TypeError(f"{cls.__name__} has no field {name!r}")
    model: Any = made
    model.__defaults__ = MappingProxyType(fields)
    model.__wire_names__ = MappingProxyType(
        {name: names.get(name) or spell(name) for name in fields if name not in local}
    )
    model.__personal__ = frozenset(personal)
    model.__local__ = MappingProxyType({name: fields[name] for name in local})
    model.__exactly_one__ = tuple(exactly_one)
    return made


@overload
def camel(cls: type[T], /) -> type[T]: ...
@overload
def camel(
    *,
    personal: Collection[str] = (),
    local: Collection[str] = (),
    exactly_one: Collection[str] = (),
    **names: str,
) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(kw_only_default=True)
def camel(
    cls: type[T] | None = None,
    /,
    *,
    personal: Collection[str] = (),
    local: Collection[str] = (),
    exactly_one: Collection[str] = (),
    **names: str,
) -> type[T] | Callable[[type[T]], type[T]]:
    """Make a model whose fields are spelled in camelCase on the wire.

    Args:
        cls: the class, where the decorator is used without arguments.
        personal: the fields that repr hides.
        local: the fields that never travel.
        exactly_one: the optional fields of which a request states exactly one.
        names: the wire names of the fields that are not plain camelCase.
    """

    def wrap(target: type[T]) -> type[T]:
        return _define(target, _camel_case, names, personal, local, exactly_one)

    return wrap if cls is None else wrap(cls)


@overload
def pascal(cls: type[T], /) -> type[T]: ...
@overload
def pascal(
    *,
    personal: Collection[str] = (),
    local: Collection[str] = (),
    exactly_one: Collection[str] = (),
    **names: str,
) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(kw_only_default=True)
def pascal(
    cls: type[T] | None = None,
    /,
    *,
    personal: Collection[str] = (),
    local: Collection[str] = (),
    exactly_one: Collection[str] = (),
    **names: str,
) -> type[T] | Callable[[type[T]], type[T]]:
    """Make a model whose fields are spelled in PascalCase on the wire; the arguments are those of `camel`."""

    def wrap(target: type[T]) -> type[T]:
        return _define(target, _pascal_case, names, personal, local, exactly_one)

    return wrap if cls is None else wrap(cls)


def has(model: Model, name: str) -> bool:
    """Say whether a field is there; reading one that is not raises `MissingFieldError`.

    Raises:
        TypeError: the model has no such field.
    """
    if name not in model.__wire_names__ and name not in model.__local__:
        raise TypeError(f"{type(model).__name__} has no field {name!r}")
    return getattr(model, name, MISSING) is not MISSING


def extra(model: Model) -> Mapping[str, Any]:
    """Return the fields of *model* that this version does not know, and originals that it could not read."""
    return MappingProxyType(model._extra or {})


def set_extra(model: Model, fields: Mapping[str, Any]) -> None:
    """Make `dumps`, and a request, carry further fields, by their wire names.

    Raises:
        InvalidRequestError: one of them is a field that the model has.
    """
    known = set(model.__wire_names__.values())
    for name in fields:
        if name in known:
            del fields  # a traceback shows local variables
            raise InvalidRequestError(f"{type(model).__name__} has this field; set its attribute", path=name)
    model._extra = dict(fields) or None  # type: ignore[misc]  # mypy does not see the slot


def make(cls: type[M], values: Mapping[str, Any]) -> M:
    """Return an instance with these fields: MISSING ones are not there, and all others are None."""
    model = object.__new__(cls)
    _fill(model, {"_extra": None, **dict.fromkeys(cls.__wire_names__), **cls.__local__, **values})
    return model


def replace(model: M, **changes: Any) -> M:
    """Return a copy of *model* with some fields changed; unknown fields are kept.

    Raises:
        TypeError: the model has no such field.
    """
    names = {*model.__wire_names__, *model.__local__}
    if not changes.keys() <= names:
        name = next(name for name in changes if name not in names)
        changes.clear()  # a traceback shows local variables
        raise TypeError(f"{type(model).__name__} has no field {name!r}")
    values = {name: getattr(model, name, MISSING) for name in names}
    return make(type(model), {"_extra": copy.copy(model._extra), **values, **changes})


def reveal(model: Model) -> str:
    """Return the repr of *model* with personal data. Hand it to nothing that logs."""
    return _render(model, reveals=True)
