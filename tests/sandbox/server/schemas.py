"""Holds what the sandbox answers against what Amazon publishes, field by field."""

from collections.abc import Iterator
from typing import Any

from tests.contract.facts import Json, resolved

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def problems(file: str, data: Any, schema: Json, path: str = "$") -> Iterator[str]:
    """Yield where *data* breaks *schema* of one of Amazon's files, a field that it does not know included."""
    facts, _ = resolved(file, schema)
    if type(data) not in _TYPES.get(facts.get("type", ""), (type(data),)):
        yield f"{path}: {data!r} is no {facts['type']}"
    elif isinstance(data, dict):
        known = facts.get("properties", {})
        yield from (f"{path}: {name} is missing" for name in facts.get("required", ()) if name not in data)
        for name, value in data.items():
            if known and name not in known:
                yield f"{path}.{name}: unknown"
            else:
                yield from problems(file, value, known.get(name, {}), f"{path}.{name}")
    elif isinstance(data, list):
        for item in data:
            yield from problems(file, item, facts.get("items", {}), f"{path}[]")
    elif "enum" in facts and data not in facts["enum"]:
        yield f"{path}: {data!r} is not listed"
