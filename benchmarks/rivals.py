"""What one would use instead: pydantic, msgspec and stock cattrs, with models made from the same metadata."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

from spshipping.wire.shapes import Field, Shape, fields_of

_PLAIN: dict[str, Any] = {
    "str": str,
    "int": int,
    "bool": bool,
    "decimal": Decimal,
    "money": Decimal,
    "interval": str,
    "date": date,
    "time": datetime,
    "object": dict[str, Any],
}
Build = Callable[[Any], Any]
"""Makes the rival's class of one of our model classes."""


def _type(shape: Shape, build: Build) -> Any:
    if shape.kind == "model":
        return build(shape.cls)
    if shape.kind == "enum":
        return _enum(shape.cls)
    if shape.item is not None:
        return list[_type(shape.item, build)]  # type: ignore[misc]  # made at run time
    return _PLAIN[shape.kind]


@cache
def _enum(cls: Any) -> Any:
    return Enum(cls.__name__, {member.name: member.value for member in cls}, type=str)


def _wire_fields(cls: Any) -> list[Field]:
    # required fields first, as every one of them insists
    return sorted(fields_of(cls), key=lambda field: not field.is_required)


def _pydantic() -> Build:
    from pydantic import BaseModel, ConfigDict, Field, create_model

    @cache
    def build(cls: Any) -> Any:
        fields: dict[str, Any] = {}
        for field in _wire_fields(cls):
            type_ = _type(field.shape, build)
            default = Field(alias=field.wire) if field.is_required else Field(None, alias=field.wire)
            fields[field.name] = (type_ if field.is_required else type_ | None, default)
        made: type[BaseModel] = create_model(cls.__name__, __config__=ConfigDict(extra="allow"), **fields)
        return made

    return build


def _msgspec() -> Build:
    import msgspec

    @cache
    def build(cls: Any) -> Any:
        fields: list[Any] = []
        for field in _wire_fields(cls):
            type_ = _type(field.shape, build)
            fields.append((field.name, type_) if field.is_required else (field.name, type_ | None, None))
        names = {field.name: field.wire for field in fields_of(cls)}
        return msgspec.defstruct(cls.__name__, fields, rename=names)

    return build


def _attrs() -> Build:
    import attrs

    @cache
    def build(cls: Any) -> Any:
        fields = {
            field.wire: attrs.field(type=_type(field.shape, build))
            if field.is_required
            else attrs.field(type=_type(field.shape, build) | None, default=None)
            for field in _wire_fields(cls)
        }
        return attrs.make_class(cls.__name__, fields, slots=True)

    return build


def _read_pydantic(cls: Any) -> Callable[[bytes], Any]:
    read: Callable[[bytes], Any] = _pydantic()(cls).model_validate_json
    return read


def _read_msgspec(cls: Any) -> Callable[[bytes], Any]:
    import msgspec

    read: Callable[[bytes], Any] = msgspec.json.Decoder(_msgspec()(cls), strict=False).decode
    return read


def _read_cattrs(cls: Any) -> Callable[[bytes], Any]:
    import json

    from cattrs.preconf.json import make_converter

    converter, model = make_converter(), _attrs()(cls)
    converter.register_structure_hook(Decimal, lambda value, _: Decimal(value))
    return lambda body: converter.structure(json.loads(body, parse_float=Decimal), model)


def decoders(cls: Any) -> tuple[dict[str, Callable[[bytes], Any]], dict[str, str]]:
    """Return a decoder of *cls* for each rival that is installed, and for the others why there is none."""
    makers = {"msgspec Struct": _read_msgspec, "pydantic v2": _read_pydantic, "cattrs, stock": _read_cattrs}
    found, missing = {}, {}
    for name, make in makers.items():
        try:
            found[name] = make(cls)
        except ImportError as error:
            missing[name] = str(error)
    return found, missing
