"""The JSON Schema of models, as `to_dict` writes them and `from_dict` reads them."""

import inspect
from collections.abc import Callable
from typing import Any

from spshipping.wire.limits import Count, Length, Limit, Range
from spshipping.wire.model import Model
from spshipping.wire.shapes import Field, Shape, fields_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Reference = Callable[[type[Model]], dict[str, Any]]
"""Gives the schema that stands for a model inside another one, usually a `$ref`."""


def json_schema(cls: type[Model]) -> dict[str, Any]:
    """Describe a model as a JSON Schema (draft 2020-12), with Amazon's names and the limits of a request.

    Personal fields are marked `x-personal`. An enum is text with its known values as `examples`, as Amazon
    may add values. `spshipping.to_dict` writes what fits, unless an answer of Amazon's did not.
    """
    if cls.__json_schema__ is not None:
        described: dict[str, Any] = cls.__json_schema__()
        return described
    found: dict[str, dict[str, Any]] = {}
    made = {"$schema": DIALECT, **_with_definitions(cls, found)}
    return made | {"$defs": dict(sorted(found.items()))} if found else made


def _with_definitions(cls: type[Model], found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    def reference(other: type[Model]) -> dict[str, Any]:
        if other.__name__ not in found:
            found[other.__name__] = {}  # a model that holds itself is described once
            found[other.__name__] = model_schema(other, reference)
        return {"$ref": f"#/$defs/{other.__name__}"}

    return model_schema(cls, reference)


def model_schema(cls: type[Model], reference: Reference) -> dict[str, Any]:
    """Describe one model; *reference* describes those that it holds."""
    fields = fields_of(cls)
    made: dict[str, Any] = {
        "title": cls.__name__,
        "description": inspect.cleandoc(cls.__doc__ or "").split("\n\n")[0],
        "type": "object",
    }
    made["properties"] = {field.wire: _property(field, reference) for field in fields}
    required = [field.wire for field in fields if field.is_required]
    if required:
        made["required"] = required
    if cls.__exactly_one__:
        made["oneOf"] = [{"required": [cls.__wire_names__[name]]} for name in cls.__exactly_one__]
    return made


def _property(field: Field, reference: Reference) -> dict[str, Any]:
    made = shape_schema(field.shape, reference)
    return {**made, "x-personal": True} if field.is_personal else made


def shape_schema(shape: Shape, reference: Reference) -> dict[str, Any]:
    """Describe one value on the wire."""
    if shape.kind == "model":
        return reference(shape.cls)
    made = dict(shape.row.schema)
    if shape.item is not None:
        made["items" if shape.kind == "list" else "additionalProperties"] = shape_schema(
            shape.item, reference
        )
    if shape.kind == "enum":
        # not "enum": a value that is new to this version is passed on
        made["examples"] = [member.value for member in shape.cls]
    for limit in shape.limits:
        made |= _limit(limit)
    return made


def _limit(limit: Limit) -> dict[str, Any]:
    match limit:
        case Length(least, most):
            return {"minLength": least, "maxLength": most}
        case Count(least):
            return {"minItems": least}
        case Range(least, most):
            return {"minimum": least, "maximum": most}
    return {"pattern": f"^(?:{limit.regex})$"}
