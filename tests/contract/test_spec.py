"""The tool that makes the facts leaves nothing out in silence, and the committed facts are its result."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.contract.facts import spec
from tools import make_spec

TABLE = "**Usage Plan:**\n\n| Rate (requests per second) | Burst |\n| ---- | ---- |\n| 0.5 | 30 |\n"
MODELS = os.environ.get("SPSHIPPING_MODELS")


def swagger(**changes: Any) -> dict[str, Any]:
    """Return a small Swagger file of one operation, with some of the operation's parts changed."""
    operation = {
        "operationId": "getThing",
        "description": TABLE,
        "parameters": [{"name": "thingId", "in": "path", "required": True, "type": "string"}],
        "responses": {"200": {"description": "Prose.", "schema": {"$ref": "#/definitions/Thing"}}},
        **changes,
    }
    thing = {"type": "object", "properties": {"size": {"type": "integer", "description": "Prose."}}}
    return {
        "swagger": "2.0",
        "paths": {"/things/{thingId}": {"get": operation}},
        "definitions": {"Thing": thing},
    }


def test_facts_hold_names_types_and_numbers_and_no_prose() -> None:
    assert make_spec.facts_of(swagger()) == {
        "operations": {
            "GET /things/{thingId}": {
                "operationId": "getThing",
                "parameters": [{"name": "thingId", "in": "path", "required": True, "type": "string"}],
                "success": {"status": 200, "schema": "Thing"},
                "quota": {"rate": 0.5, "burst": 30},
            }
        },
        "definitions": {"Thing": {"type": "object", "properties": {"size": {"type": "integer"}}}},
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"description": "no usage plan"},
        {"description": TABLE + TABLE},
        {"security": []},
        {"produces": ["application/xml"]},
        {"parameters": [{"name": "thing", "in": "formData", "type": "string"}]},
        {"parameters": [{"name": "thing", "in": "query", "type": "string", "multi": True}]},
        {"parameters": [{"name": "thing", "in": "query", "type": "file"}]},
        {"responses": {"200": {}, "202": {}}},
        {"responses": {"200": {"schema": {"type": "array"}}}},
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_an_operation_that_is_not_understood_is_an_error(changes: dict[str, Any]) -> None:
    with pytest.raises(make_spec.NotUnderstoodError):
        make_spec.facts_of(swagger(**changes))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "oneOf": []},
        {"type": "array"},
        {"type": "string", "items": {"type": "string"}},
        {"type": "object", "properties": {}, "required": ["lost"]},
        {"$ref": "other.json#/definitions/Thing"},
        {"$ref": "#/definitions/Thing", "maxLength": 3},
    ],
    ids=str,
)
def test_a_definition_that_is_not_understood_is_an_error(schema: dict[str, Any]) -> None:
    with pytest.raises(make_spec.NotUnderstoodError):
        make_spec.schema(schema, "here")


@pytest.mark.parametrize(
    ("raw", "values"),
    [
        ("**Possible values**: `B`, `A_1`. **Note:** `C` is new.", ["A_1", "B"]),
        ("**Possible value**: `A`", ["A"]),
        ("**Possible values**:\n- `A` (like `Z`)\n- `B` (prose)", ["A", "B"]),
        ("**Possible values**: `Very Good`, `A`", None),
        ("**Possible values**: when it is `A`", None),
        ("Has an `A`.", None),
    ],
)
def test_values_that_a_description_lists_by_name_are_facts(raw: str, values: list[str] | None) -> None:
    text = {"type": "string", "description": raw}
    expected = {"type": "string", **({"values": values} if values else {})}
    assert make_spec.schema(text, "here") == expected
    of_a_list = {"type": "array", "description": raw, "items": {"type": "string"}}
    assert make_spec.schema(of_a_list, "here") == {"type": "array", "items": expected}
    assert make_spec.schema({**text, "enum": ["D"]}, "here") == {"type": "string", "enum": ["D"]}
    assert make_spec.schema({"type": "integer", "description": raw}, "here") == {"type": "integer"}


def test_what_is_written_reads_as_the_same_json() -> None:
    for name in make_spec.FILES:
        text = make_spec.render(spec(name))
        assert json.loads(text) == spec(name)
        assert (Path(__file__).parent / "spec" / f"{name}.json").read_text("utf-8") == f"{text}\n"


@pytest.mark.skipif(
    not MODELS, reason="Amazon's Swagger files are not here; SPSHIPPING_MODELS names their folder"
)
def test_the_committed_facts_are_those_of_amazons_files(tmp_path: Path) -> None:
    assert make_spec.main([str(MODELS), str(tmp_path)]) == 0
    for name in make_spec.FILES:
        assert json.loads((tmp_path / f"{name}.json").read_text("utf-8")) == spec(name)
