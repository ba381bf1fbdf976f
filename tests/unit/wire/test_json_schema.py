"""The JSON Schema of a model says of every kind of field what travels, whatever reads the schema."""

from decimal import Decimal
from typing import Annotated

from spshipping.wire.json_schema import json_schema
from spshipping.wire.limits import AS_TEXT
from spshipping.wire.model import Model, camel
from tests.unit.wire.samples import Parcel, Weight

WEIGHT = {"$ref": "#/$defs/Weight"}
UNIT = {"type": "string", "examples": ["GRAM"]}


def test_every_kind_of_field_is_described() -> None:
    assert json_schema(Parcel) == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Parcel",
        "description": "A parcel with everything in it.",
        "type": "object",
        "properties": {
            "owner": {"type": "string", "minLength": 1, "maxLength": 10, "x-personal": True},
            "weight": WEIGHT,
            "supportedDPIs": {"type": "array", "items": {"type": "integer"}},
            "isHazmat": {"type": "boolean"},
            "count": {"type": "integer", "minimum": 1, "maximum": 9},
            "code": {"type": "string", "pattern": "^(?:UN[0-9]{4})$"},
            "price": {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
            "at": {"type": "string", "format": "date-time"},
            "day": {"type": "string", "format": "date"},
            "window": {"type": "string"},
            "parts": {"type": "array", "items": WEIGHT, "minItems": 1},
            "words": {"type": "array", "items": {"type": "string"}},
            "units": {"type": "array", "items": UNIT},
            "byDay": {"type": "object", "additionalProperties": WEIGHT},
            "byType": {"type": "object", "additionalProperties": {"type": "array", "items": WEIGHT}},
            "schema": {"type": "object"},
            "anything": {},
        },
        "required": ["owner", "weight", "supportedDPIs"],
        "$defs": {
            "Weight": {
                "title": "Weight",
                "description": "A weight.",
                "type": "object",
                "properties": {"value": {"type": "number"}, "unit": UNIT},
                "required": ["value", "unit"],
            }
        },
    }


@camel
class _Days(Model):
    weights: dict[str, Weight]
    lists: list[Weight]
    anything: dict[str, str] | None = None


def test_a_map_or_list_without_none_is_required() -> None:
    assert json_schema(_Days)["required"] == ["weights", "lists"]


def test_the_mark_of_an_amount_that_is_text_shows_its_name() -> None:
    assert repr(Annotated[Decimal, AS_TEXT]).endswith(", AS_TEXT]")
