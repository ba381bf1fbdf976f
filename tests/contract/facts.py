"""What the package has, and what Amazon says: operations, the classes they reach, and the committed facts."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import spshipping
from spshipping.operation import Operation
from spshipping.wire.shapes import Shape, fields_of, shape_of

Json = dict[str, Any]

_SPEC = Path(__file__).parent / "spec"


class Described(NamedTuple):
    """An operation as Amazon describes it."""

    file: str
    facts: Json


@cache
def spec(file: str) -> Json:
    """Return the facts of one of Amazon's files."""
    facts: Json = json.loads((_SPEC / f"{file}.json").read_text("utf-8"))
    return facts


@cache
def routes() -> dict[str, Described]:
    """Return every operation that Amazon describes, by its route."""
    files = sorted(path.stem for path in _SPEC.glob("*.json"))
    return {
        route: Described(file, facts) for file in files for route, facts in spec(file)["operations"].items()
    }


def operations() -> tuple[Operation[Any], ...]:
    """Return every operation of the package."""
    return tuple(spshipping.operations())


def roots() -> tuple[Any, ...]:
    """Return every class that an operation sends or is answered with, once."""
    found = dict.fromkeys(part for operation in operations() for part in (operation.body, operation.returns))
    return tuple(cls for cls in found if hasattr(cls, "__wire_names__"))


def _below(shape: Shape) -> Iterator[Any]:
    if shape.item is not None:
        yield from _below(shape.item)
    elif shape.kind in ("model", "enum"):
        yield shape.cls


@cache
def _reachable() -> tuple[Any, ...]:
    found: dict[Any, None] = {}
    waiting = [
        cls
        for operation in operations()
        for part in (operation.body, operation.returns)
        if part not in (None, type(None), bytes)
        for cls in _below(shape_of(part)[0])
    ]
    while waiting:
        cls = waiting.pop(0)
        if cls not in found:
            found[cls] = None
            fields = fields_of(cls) if hasattr(cls, "__wire_names__") else ()
            waiting += [inner for field in fields for inner in _below(field.shape)]
    return tuple(found)


def models() -> tuple[Any, ...]:
    """Return every model class that an operation can send or be answered with."""
    return tuple(cls for cls in _reachable() if hasattr(cls, "__wire_names__"))


def enums() -> tuple[Any, ...]:
    """Return every enum that stands in such a class."""
    return tuple(cls for cls in _reachable() if not hasattr(cls, "__wire_names__"))


def resolved(file: str, schema: Json) -> tuple[Json, str | None]:
    """Follow references; return what is at their end, and the name of the last definition on the way."""
    name = None
    while "ref" in schema:
        name = schema["ref"]
        schema = spec(file)["definitions"][name]
    return _merged(file, schema) if "allOf" in schema else schema, name


def _merged(file: str, schema: Json) -> Json:
    parts = [resolved(file, part)[0] for part in schema["allOf"]]
    properties = {name: facts for part in parts for name, facts in part.get("properties", {}).items()}
    required = sorted({name for part in parts for name in part.get("required", [])})
    return {"type": "object", "required": required, "properties": properties}
