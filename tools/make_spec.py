"""Makes the compact facts that the contract tests run on from Amazon's Swagger files.

Names, types and numbers only: no sentence of Amazon's passes. A construct that is not understood is an
error, never left out in silence.

    python tools/make_spec.py FOLDER_OF_SWAGGER_FILES tests/contract/spec
"""

import json
import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

FILES = (
    "application_2023-11-30",
    "notifications",
    "ordersV0",
    "orders_2026-01-01",
    "sellers",
    "shippingV2",
    "tokens_2021-03-01",
    "vendorOrders",
    "vendorShipments",
    "vendorTransactionStatus",
)
LIMITS = ("minLength", "maxLength", "pattern", "minItems", "maxItems", "minimum", "maximum")
PROSE = ("description", "summary", "example", "default", "title")
TYPES = ("array", "boolean", "integer", "number", "object", "string")
VERBS = ("delete", "get", "patch", "post", "put")
WIDTH = 110

_QUOTA = re.compile(r"\| Rate \(requests per second\) \| Burst \|\n\|[ -]+\|[ -]+\|\n\| ([\d.]+) \| (\d+) \|")

# the newer files list the values of a text in its description, and nowhere else, each with a mark before it
_LISTED = re.compile(r"\*\*Possible values?\*\*:(.*?)(?:\*\*Note|$)", re.DOTALL)
_VALUE = re.compile(r"(?:^|[-,])\s*`([^`]+)`")

Json = dict[str, Any]


class NotUnderstoodError(Exception):
    """The Swagger file holds something that this tool does not know."""


def _understood(thing: Json, known: Collection[str], where: str) -> None:
    """Refuse keys that mean something and are not read; prose and vendor extensions mean nothing here."""
    strange = [key for key in thing if key not in known and key not in PROSE and not key.startswith("x-")]
    if strange:
        raise NotUnderstoodError(f"{where}: {', '.join(strange)}")


def _name(reference: str, where: str) -> str:
    head, mark, name = reference.partition("#/definitions/")
    if head or not mark or not name:
        raise NotUnderstoodError(f"{where}: reference {reference}")
    return name


def schema(raw: Json, where: str) -> Json:
    """Return the facts of one schema, of a definition as of a property."""
    if "$ref" in raw:
        _understood(raw, ("$ref",), where)
        return {"ref": _name(raw["$ref"], where)}
    nested = ("items", "properties", "required", "additionalProperties", "allOf")
    _understood(raw, ("type", "format", "enum", *LIMITS, *nested), where)
    if "allOf" in raw:
        _understood(raw, ("allOf",), where)
        return {"allOf": [schema(part, f"{where} (part)") for part in raw["allOf"]]}
    if all(key in PROSE for key in raw):
        return {}  # anything at all
    if raw.get("type") not in TYPES:
        raise NotUnderstoodError(f"{where}: type {raw.get('type')}")
    facts: Json = {"type": raw["type"]}
    if "format" in raw:
        facts["format"] = raw["format"]
    facts |= {key: raw[key] for key in LIMITS if key in raw}
    if "enum" in raw:
        facts["enum"] = sorted(raw["enum"])
    if (raw["type"] == "array") is not ("items" in raw):
        raise NotUnderstoodError(f"{where}: {raw['type']} and items")
    if "items" in raw:
        facts["items"] = schema(raw["items"], f"{where}[]") | _values(raw, raw["items"])
    elif "enum" not in raw:
        facts |= _values(raw, raw)
    return facts | _object(raw, where)


def _values(described: Json, text: Json) -> Json:
    """Return the values that a description lists for a text; the older files' lists are sentences."""
    listed = _LISTED.search(described.get("description", ""))
    if not listed or text.get("type") != "string" or "enum" in text:
        return {}
    values = _VALUE.findall(listed[1])
    is_list = values and all(value.isupper() and value.replace("_", "").isalnum() for value in values)
    return {"values": sorted(values)} if is_list else {}


def _object(raw: Json, where: str) -> Json:
    facts: Json = {}
    properties = raw.get("properties", {})
    required = raw.get("required", [])
    lost = set(required) - set(properties)
    if lost or ((properties or "additionalProperties" in raw) and raw["type"] != "object"):
        raise NotUnderstoodError(f"{where}: {raw['type']} with {sorted(properties)}, requires {sorted(lost)}")
    if required:
        facts["required"] = sorted(required)
    if "properties" in raw:
        facts["properties"] = {name: schema(part, f"{where}.{name}") for name, part in properties.items()}
    if "additionalProperties" in raw:
        more = raw["additionalProperties"]
        facts["additionalProperties"] = schema(more, f"{where}{{}}") if more else {}
    return facts


def parameter(raw: Json, where: str) -> Json:
    """Return the facts of one parameter that is no body."""
    where = f"{where} {raw['name']}"
    known = ("name", "in", "required", "type", "format", "enum", "items", "collectionFormat", *LIMITS)
    _understood(raw, known, where)
    if raw["in"] not in ("path", "query", "header"):
        raise NotUnderstoodError(f"{where}: in {raw['in']}")
    # Amazon sets it on two plain texts as well, where it means nothing
    if raw.get("collectionFormat", "csv") != "csv":
        raise NotUnderstoodError(f"{where}: {raw['collectionFormat']}")
    facts = {"name": raw["name"], "in": raw["in"]}
    if raw.get("required"):
        facts["required"] = True
    left_out = ("name", "in", "required", "collectionFormat")
    return facts | schema({key: value for key, value in raw.items() if key not in left_out}, where)


def _quota(description: str, where: str) -> Json:
    tables: list[tuple[str, str]] = _QUOTA.findall(description)
    if len(tables) != 1:
        raise NotUnderstoodError(f"{where}: {len(tables)} usage plans")
    rate, burst = tables[0]
    return {"rate": float(rate), "burst": int(burst)}


def _success(responses: Json, definitions: Json, where: str) -> Json:
    statuses = [status for status in responses if status.startswith("2")]
    if len(statuses) != 1:
        raise NotUnderstoodError(f"{where}: successes {statuses}")
    raw = responses[statuses[0]]
    _understood(raw, ("schema", "headers", "examples"), f"{where} {statuses[0]}")
    facts: Json = {"status": int(statuses[0])}
    if "schema" in raw:
        facts["schema"] = _name(raw["schema"].get("$ref", ""), f"{where} {statuses[0]}")
        payload = definitions[facts["schema"]].get("properties", {}).get("payload")
        if payload is not None:
            facts["payload"] = schema(payload, f"{where} payload")
    return facts


def operation(raw: Json, definitions: Json, where: str) -> Json:
    """Return the facts of one operation."""
    known = ("operationId", "tags", "parameters", "responses", "deprecated", "consumes", "produces")
    _understood(raw, known, where)
    for media in (*raw.get("consumes", []), *raw.get("produces", [])):
        if media != "application/json":
            raise NotUnderstoodError(f"{where}: {media}")
    bodies = [part for part in raw["parameters"] if part["in"] == "body"]
    plain = [parameter(part, where) for part in raw["parameters"] if part["in"] != "body"]
    facts: Json = {"operationId": raw["operationId"]}
    if raw.get("deprecated"):
        facts["deprecated"] = True
    facts["parameters"] = sorted(plain, key=lambda part: (part["in"], part["name"]))
    for body in bodies:
        _understood(body, ("name", "in", "required", "schema"), f"{where} body")
        facts["body"] = _name(body["schema"].get("$ref", ""), f"{where} body")
    if len(bodies) > 1 or not all(body.get("required") for body in bodies):
        raise NotUnderstoodError(f"{where}: {len(bodies)} bodies, or one that may be left out")
    facts["success"] = _success(raw["responses"], definitions, where)
    facts["quota"] = _quota(raw["description"], where)
    return facts


def _operations(swagger: Json) -> Iterator[tuple[str, Json]]:
    for path, item in swagger["paths"].items():
        _understood(item, (*VERBS, "parameters"), path)
        if item.get("parameters"):
            raise NotUnderstoodError(f"{path}: parameters of the path")
        for verb in VERBS:
            if verb in item:
                route = f"{verb.upper()} {path}"
                yield route, operation(item[verb], swagger["definitions"], route)


def facts_of(swagger: Json) -> Json:
    """Return the facts of one Swagger file; what has no order of its own is sorted."""
    known = ("swagger", "info", "host", "schemes", "consumes", "produces", "paths", "definitions")
    _understood(swagger, known, "the file")
    definitions = {name: schema(raw, name) for name, raw in sorted(swagger["definitions"].items())}
    return {"operations": dict(sorted(_operations(swagger))), "definitions": definitions}


def _is_flat(value: Any) -> bool:
    parts = value.values() if isinstance(value, dict) else value
    return not any(isinstance(part, dict) for part in parts)


def render(value: Any, indent: str = "", key: str = "") -> str:
    """Write JSON: on one line what fits on one or holds no object, otherwise an entry a line."""
    line = f"{indent}{key}{json.dumps(value, ensure_ascii=False)}"
    if len(line) <= WIDTH or _is_flat(value):
        return line
    if isinstance(value, dict):
        opened, closed = "{}"
        parts = [render(part, f"{indent} ", f"{json.dumps(name)}: ") for name, part in value.items()]
    else:
        opened, closed = "[]"
        parts = [render(part, f"{indent} ") for part in value]
    return f"{indent}{key}{opened}\n" + ",\n".join(parts) + f"\n{indent}{closed}"


def main(arguments: list[str]) -> int:
    """Write one file of facts for each Swagger file."""
    if len(arguments) != 2:
        print(__doc__)
        return 2
    models, target = map(Path, arguments)
    for name in FILES:
        swagger = json.loads((models / f"{name}.json").read_text("utf-8"))
        try:
            facts = facts_of(swagger)
        except NotUnderstoodError as error:
            print(f"{name}: not understood: {error}", file=sys.stderr)
            return 1
        (target / f"{name}.json").write_text(render(facts) + "\n", "utf-8")
        print(f"{name}: {len(facts['operations'])} operations, {len(facts['definitions'])} definitions")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
