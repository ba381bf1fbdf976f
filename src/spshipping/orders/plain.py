"""Models as plain values for a connector, every key there; and the schema of that."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, TypeVar, dataclass_transform

from spshipping.wire.json_schema import shape_schema
from spshipping.wire.model import Model, camel
from spshipping.wire.shapes import Field, Shape, fields_of

T = TypeVar("T")


@dataclass_transform(kw_only_default=True)
def plain(*, personal: Collection[str] = ()) -> Callable[[type[T]], type[T]]:
    """Make a model whose fields are spelled in JSON as they are in Python."""

    def wrap(cls: type[T]) -> type[T]:
        names = (name for name in cls.__annotations__ if not name.startswith("__"))
        return camel(personal=personal, **{name: name for name in names})(cls)

    return wrap


def with_every_key(
    cls: type[Model], written: Mapping[str, Any] | None, sections: Collection[type[Model]] = ()
) -> dict[str, Any]:
    """Return what a model was written as with all its keys, None where there is nothing.

    Args:
        cls: the class of the model, whose keys are there even if *written* is None.
        written: what `to_dict` makes of the model.
        sections: the classes that are objects with all their keys even where there is none of them.
    """
    found = dict(written or {})
    known = {
        field.name: _completed(field.shape, found.pop(field.name, None), sections) for field in fields_of(cls)
    }
    return known | found


def _completed(shape: Shape, value: Any, sections: Collection[type[Model]]) -> Any:
    if shape.cls in sections:
        return with_every_key(shape.cls, value, sections)
    if value is None:
        return None
    if shape.item is not None:
        return [_completed(shape.item, entry, sections) for entry in value]
    return with_every_key(shape.cls, value, sections) if shape.kind == "model" else value


def schema_of(cls: type[Model], sections: Collection[type[Model]] = ()) -> dict[str, Any]:
    """Describe what `with_every_key` makes of *cls*. Personal fields are marked `x-personal`."""
    properties = {field.name: _property(field, sections) for field in fields_of(cls)}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _property(field: Field, sections: Collection[type[Model]]) -> dict[str, Any]:
    made = shape_schema(field.shape, partial(schema_of, sections=sections))
    if not field.is_required and field.shape.cls not in sections:
        made["type"] = [made["type"], "null"]
    if field.is_personal:
        made["x-personal"] = True
    return made
