"""Holds values to a JSON Schema, as far as ours needs it."""

import re
from typing import Any

KINDS: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


def problems(value: Any, schema: dict[str, Any], path: str = "$") -> list[str]:
    """Hold *value* to as much of JSON Schema as ours uses."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    # to Python a boolean is a number, to JSON it is not
    if not any(
        isinstance(value, KINDS[kind]) and (kind == "boolean") == isinstance(value, bool) for kind in kinds
    ):
        return [f"{path} is no {kinds}"]
    if isinstance(value, dict):
        inner = schema["properties"]
        found = [f"{path} lacks {name}" for name in schema["required"] if name not in value]
        found += [f"{path} has {name}" for name in value if name not in inner]
        return found + [
            p for name in inner.keys() & value for p in problems(value[name], inner[name], f"{path}.{name}")
        ]
    if isinstance(value, list):
        return [p for entry in value for p in problems(entry, schema["items"], f"{path}[]")]
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        return [f"{path} has another form"]
    if isinstance(value, str) and schema.get("format") == "date-time":
        return (
            [] if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value) else [f"{path} is no time"]
        )
    return []
