"""Models as fields, bodies and answers of pydantic and FastAPI; loaded when pydantic asks a model for it."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple, TypeVar

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, ValidationError, core_schema

from spshipping.wire.check import problems
from spshipping.wire.convert import structure, to_dict
from spshipping.wire.json_schema import model_schema
from spshipping.wire.model import Model
from spshipping.wire.shapes import Shape, fields_of

M = TypeVar("M", bound=Model)

_SAID = {
    "missing": "is required, and is missing",
    "null": "is required, and is null",
    "unreadable": "is not what Amazon defines for this field",
}
"""What is said of each deviation that a body may not have; text for a number is taken."""
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+|\*)\]")


class _Fault(NamedTuple):
    path: tuple[str | int, ...]
    text: str


def pydantic_schema(cls: type[M]) -> CoreSchema:
    """Return what pydantic needs to know of a model.

    A body is read as `from_dict` reads it, and held to Amazon's description and limits. An instance is taken
    as it is. Both forms of `model_dump` give what `to_dict` gives.
    """
    return core_schema.no_info_plain_validator_function(
        partial(_validated, cls),
        ref=f"{cls.__module__}.{cls.__qualname__}",
        metadata={"pydantic_js_functions": [partial(_described, cls)]},
        serialization=core_schema.plain_serializer_function_ser_schema(to_dict),
    )


def _described(cls: type[Model], _: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
    if cls.__json_schema__ is not None:
        described = {"title": cls.__name__, **cls.__json_schema__()}
        del described["$schema"]  # that of the whole document says it
        return described

    def reference(other: type[Model]) -> dict[str, Any]:
        # inside of something else, a model is described where pydantic keeps its definitions
        items: dict[str, Any] = handler(core_schema.list_schema(pydantic_schema(other)))["items"]
        return items

    return model_schema(cls, reference)


def _validated(cls: type[M], data: Any) -> M:
    if type(data) is cls:
        return data
    model, deviations = structure(data, cls)
    del data  # a traceback shows local variables
    faults = [_Fault(_steps(path), _SAID[kind]) for path, kind in deviations if kind in _SAID]
    if not faults:
        faults = [_Fault(tuple(_wire_steps(path, cls)), text) for path, text in problems(model)]
    if faults:
        # the input is left out: it may be personal, and errors are logged
        raise ValidationError.from_exception_data(
            cls.__name__,
            [
                InitErrorDetails(
                    type=PydanticCustomError("amazon", "{text}", {"text": fault.text}),
                    loc=fault.path,
                    input="…",
                )
                for fault in faults
            ],
        )
    return model  # type: ignore[no-any-return]  # structure() returns what was requested


def _steps(path: str) -> tuple[str | int, ...]:
    found = ((name, index) for name, index in _STEP.findall(path))
    return tuple(name or (int(index) if index.isdigit() else index) for name, index in found)


def _wire_steps(path: str, cls: type[Model]) -> Iterator[str | int]:
    """Yield the steps of a path of fields, each as it is spelled on the wire."""
    shape: Shape | None = Shape("model", cls)
    for step in _steps(path):
        fields = (
            {field.name: field for field in fields_of(shape.cls)} if shape and shape.kind == "model" else {}
        )
        if step in fields:
            yield fields[str(step)].wire
            shape = fields[str(step)].shape
        else:
            yield step
            shape = shape.item if shape else None
