"""Amazon's Swagger files as one, with the operations of the package, so that one Prism serves them all."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.contract.facts import operations, routes

_SECTIONS = ("definitions", "parameters", "responses")


def merged(folder: Path) -> dict[str, Any]:
    """Return one Swagger document; names are made unique by the file that they are from."""
    document: dict[str, Any] = {
        "swagger": "2.0",
        "info": {"title": "Selling Partner API", "version": "1"},
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "paths": {},
        **{section: {} for section in _SECTIONS},
    }
    for file in sorted({routes()[operation.route].file for operation in operations()}):
        _add(document, _renamed(json.loads((folder / f"{file}.json").read_text("utf-8")), file))
    return document


def _renamed(part: Any, file: str) -> Any:
    """Return the same with each reference led to the name that its target has in the whole."""
    if isinstance(part, list):
        return [_renamed(item, file) for item in part]
    if not isinstance(part, dict):
        return part
    renamed = {key: _renamed(value, file) for key, value in part.items()}
    reference = part.get("$ref")
    if isinstance(reference, str):
        mark, section, name = reference.split("/")
        renamed["$ref"] = f"{mark}/{section}/{file}.{name}"
    if "swagger" in part:
        for section in _SECTIONS:
            named: Iterable[tuple[str, Any]] = renamed.get(section, {}).items()
            renamed[section] = {f"{file}.{name}": value for name, value in named}
    return renamed


def _add(document: dict[str, Any], part: dict[str, Any]) -> None:
    ours = {(operation.path, operation.method.lower()) for operation in operations()}
    for path, described in part["paths"].items():
        kept = {key: value for key, value in described.items() if key == "parameters" or (path, key) in ours}
        if kept.keys() - {"parameters"}:
            document["paths"][path] = kept
    for section in _SECTIONS:
        document[section] |= part[section]
