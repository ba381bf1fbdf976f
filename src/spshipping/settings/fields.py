"""All fields of a connection: one table, from which pages, checks and variables follow."""

import difflib
from collections.abc import Iterable
from typing import Any, TypedDict

from spshipping.settings.connection_fields import CONNECTION_FIELDS
from spshipping.settings.field import TRUE, Field, Keys, Problem, spelling
from spshipping.settings.shop_fields import AMBIGUOUS, SENDER_PREFIX, SHOP_FIELDS
from spshipping.settings.vendor_fields import VENDOR_FIELDS

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"

FIELDS: tuple[Field, ...] = (*CONNECTION_FIELDS, *SHOP_FIELDS, *VENDOR_FIELDS)
"""In the order of a page."""
BY_NAME = {field.name: field for field in FIELDS}
CONNECTION_KEYS = Keys(FIELDS)
"""What a connection's table may hold."""
CLIENT_KEYS = Keys(field for field in FIELDS if field.is_shared)
"""What a shared client's table may hold."""
SHARED_CLIENT = "client"
STS_NEEDS = ("sts_url", "role_arn")
ROLE_NEEDS = ("role_arn", "access_key_id")
TOGETHER = (("access_key_id", "secret_access_key"), ("secret_access_key", "access_key_id"))
SENDER_NEEDS = (
    "ship_from_name",
    "ship_from_line1",
    "ship_from_city",
    "ship_from_postal_code",
    "ship_from_country",
)
"""What an address to ship from needs, where one is given."""
SHOP_NEEDS = (
    ("label_length", "label_width"),
    ("label_width", "label_length"),
    ("goods_owner", "service_ids"),
)
"""Pairs of fields of the shop's page: the first requires the second."""


class FieldDescription(TypedDict):
    """One field, as data: what a page needs to draw it."""

    name: str
    label: str
    section: str
    """The heading under which a page shows it."""
    type: str
    required: bool
    sensitive: bool
    shared: bool
    """Whether a shared client may have it in this connection's stead."""
    default: str | None
    help: str
    choices: list[str]
    """All that it may be, or nothing if that is open."""
    examples: list[str]
    env: str | None


def describe() -> list[FieldDescription]:
    """List the fields of a connection, in the order of a page."""
    return [_description(field) for field in FIELDS]


def _description(field: Field) -> FieldDescription:
    return {
        "name": field.name,
        "label": field.label,
        "section": field.section,
        "type": field.type,
        "required": field.is_required,
        "sensitive": field.is_sensitive,
        "shared": field.is_shared,
        "default": field.default,
        "help": field.help,
        "choices": list(field.offered),
        "examples": list(field.examples),
        "env": field.variable,
    }


def json_schema() -> dict[str, Any]:
    """Describe a connection as a JSON Schema (draft 2020-12).

    Sensitive fields are `writeOnly`; `x-section` is the heading of a field. A connection that names a shared
    client need not have what that has.
    """
    required = [field for field in FIELDS if field.is_required]
    needs: dict[str, list[str]] = {}
    for given, needed in (*TOGETHER, ROLE_NEEDS, STS_NEEDS, *SHOP_NEEDS):
        needs.setdefault(given, []).append(needed)
    for given in BY_NAME:
        if given.startswith(SENDER_PREFIX):
            needs[given] = [name for name in SENDER_NEEDS if name != given]
    return {
        "$schema": SCHEMA_DIALECT,
        "title": "Amazon Selling Partner connection",
        "type": "object",
        "properties": {field.name: _property(field) for field in FIELDS},
        "required": [field.name for field in required if not field.is_shared],
        "if": {"required": [SHARED_CLIENT]},
        "then": {"properties": {field.name: False for field in FIELDS if field.is_shared}},
        "else": {"required": [field.name for field in required if field.is_shared]},
        "dependentRequired": needs,
        "additionalProperties": False,
    }


def _property(field: Field) -> dict[str, Any]:
    made: dict[str, Any] = {"title": field.label, "description": field.help, "x-section": field.section}
    default: Any = field.default
    if field.type == "boolean":
        made["type"] = "boolean"
        default = None if default is None else default == TRUE
    elif field.type == "number":
        made |= {"type": "integer" if field.is_whole else "number", "exclusiveMinimum": 0}
    elif field.is_list:
        made |= {"type": "array", "items": {"type": "string", "minLength": 1}, "uniqueItems": True}
    else:
        made |= {"type": "string", "minLength": 1}
    if default is not None:
        made["default"] = default
    if field.choices:
        made["enum"] = [*field.choices, *field.words]
    if field.examples:
        made["examples"] = list(field.examples)
    if field.is_sensitive:
        made |= {"writeOnly": True, "format": "password"}
    elif field.type == "url":
        made["format"] = "uri"
    return made


def unknown(field: str, message: str, key: str, known: Iterable[str]) -> Problem:
    """Make the problem of an unknown name, with the nearest known one, or with all that it could mean."""
    possible = [name for name in AMBIGUOUS.get(spelling(key), ()) if name in set(known)]
    if possible:
        return Problem(field, "unknown", f"could mean several settings: {' or '.join(possible)}")
    near = nearest(key, known)
    return Problem(field, "unknown", f"{message}: did you mean {near}?" if near else message)


def nearest(key: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """Return the known name most like *key*, if one is."""
    close = difflib.get_close_matches(key, list(known), n=1, cutoff=likeness)
    return close[0] if close else None
