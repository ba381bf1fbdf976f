"""Prints what another copy of Amazon's models says otherwise than this package, as a to-do list.

    python -m tools.drift FOLDER      # of Amazon's Swagger files, or a copy of their whole repository

Each line says what was added, changed or is gone, and the file and the class it belongs in. The schemas of
notifications are not compared. The exit code is 1 where a file could not be.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from spshipping import MODELS_DATE
from tests.contract.facts import spec
from tools.drift_places import Place, Places, Spot
from tools.make_spec import FILES, LIMITS, NotUnderstoodError, facts_of

Json = dict[str, Any]
_MOST_PLACES = 4


class Change(NamedTuple):
    """One thing that the two say otherwise."""

    verb: str
    """`added`, `changed` or `gone`."""
    subject: str
    detail: str
    spot: Spot


def changes(old: Json, new: Json) -> Iterator[Change]:
    """Yield what differs between the facts of two versions of one file."""
    for route in _both(old["operations"], new["operations"]):
        yield from _of_an_operation(route, old["operations"].get(route), new["operations"].get(route))
    for name in _both(old["definitions"], new["definitions"]):
        before, after = old["definitions"].get(name), new["definitions"].get(name)
        spot = Spot(definition=name)
        if before is None:
            yield Change("added", f"definition {name}", _said(after), spot)
        elif after is None:
            yield Change("gone", f"definition {name}", _said(before), spot)
        else:
            yield from _of_a_schema(before, after, spot)


def _both(old: Json, new: Json) -> Iterator[str]:
    yield from sorted({**old, **new})


def _of_an_operation(route: str, old: Json | None, new: Json | None) -> Iterator[Change]:
    spot = Spot(route=route)
    if old is None or new is None:
        known = old or new or {}
        yield Change("gone" if new is None else "added", f"operation {route}", known["operationId"], spot)
        return
    for key, what in (
        ("operationId", "name"),
        ("deprecated", "deprecation"),
        ("body", "body"),
        ("success", "answer"),
    ):
        if old.get(key) != new.get(key):
            yield Change(
                "changed", f"{what} of {route}", f"{_plain(old.get(key))} -> {_plain(new.get(key))}", spot
            )
    if old["quota"] != new["quota"]:
        yield Change("changed", f"quota of {route}", f"{_quota(old)} -> {_quota(new)}", spot)
    before, after = _parameters(old), _parameters(new)
    for name in _both(before, after):
        inner = spot._replace(parameter=name)
        if name not in after:
            yield Change("gone", f"parameter {inner}", _said(before[name]), inner)
        elif name not in before:
            needed = ", required" if after[name].get("required") else ""
            yield Change("added", f"parameter {inner}", f"{_said(after[name])}{needed}", inner)
        else:
            yield from _of_a_schema(before[name], after[name], inner)


def _parameters(operation: Json) -> Json:
    return {f"{part['in']} {part['name']}": part for part in operation["parameters"]}


def _quota(operation: Json) -> str:
    return f"{operation['quota']['rate']:g} per second, burst {operation['quota']['burst']}"


def _plain(value: Any) -> str:
    return "none" if value is None else value if isinstance(value, str) else json.dumps(value)


def _said(schema: Json) -> str:
    """Return what a schema is, in a few words."""
    if "ref" in schema:
        return str(schema["ref"])
    if "allOf" in schema:
        return " and ".join(map(_said, schema["allOf"]))
    if schema.get("type") == "array":
        return f"list of {_said(schema['items'])}"
    if schema.get("additionalProperties"):
        return f"map of {_said(schema['additionalProperties'])}"
    words = [schema.get("type", "anything"), *([schema["format"]] if "format" in schema else [])]
    if "properties" in schema:
        words.append("with " + ", ".join(schema["properties"]))
    listed = [*schema.get("enum", ()), *schema.get("values", ())]
    return " ".join(words) + (f" of {', '.join(map(str, listed))}" if listed else "")


def _kind(schema: Json) -> tuple[Any, ...]:
    nested = tuple(key in schema for key in ("items", "additionalProperties", "allOf"))
    return schema.get("type"), schema.get("format"), schema.get("ref"), nested


def _of_a_schema(old: Json, new: Json, spot: Spot) -> Iterator[Change]:
    """Yield what differs between two schemas of the same thing, and in what is in them."""
    if spot.parameter and not spot.path and old.get("required", False) != new.get("required", False):
        yield Change(
            "changed", f"required {spot}", f"{bool(old.get('required'))} -> {bool(new.get('required'))}", spot
        )
    if _kind(old) != _kind(new):
        yield Change("changed", f"type of {spot}", f"{_said(old)} -> {_said(new)}", spot)
        return
    for key in LIMITS:
        before, after = old.get(key), new.get(key)
        if before != after:
            verb = "added" if before is None else "gone" if after is None else "changed"
            detail = f"{before} -> {after}" if verb == "changed" else str(after if before is None else before)
            yield Change(verb, f"limit {key} of {spot}", detail, spot)
    yield from _of_values(old, new, spot)
    yield from _of_properties(old, new, spot)
    for key in ("items", "additionalProperties"):
        if old.get(key) or new.get(key):
            yield from _of_a_schema(old.get(key) or {}, new.get(key) or {}, spot.inner("[]"))
    for one, other in zip(old.get("allOf", ()), new.get("allOf", ()), strict=False):
        yield from _of_a_schema(one, other, spot)


def _of_values(old: Json, new: Json, spot: Spot) -> Iterator[Change]:
    before = {*old.get("enum", ()), *old.get("values", ())}
    after = {*new.get("enum", ()), *new.get("values", ())}
    for value in sorted(before ^ after, key=str):
        verb = "gone" if value in before else "added"
        yield Change(verb, f"value {value} of {spot}", "", spot._replace(values=frozenset(before)))


def _of_properties(old: Json, new: Json, spot: Spot) -> Iterator[Change]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed: tuple[list[str], list[str]] = ([], [])
    if not spot.parameter:
        needed = (old.get("required", []), new.get("required", []))
    for name in _both(before, after):
        inner = spot.inner(name)
        if name not in after:
            yield Change("gone", f"field {inner}", _said(before[name]), inner)
        elif name not in before:
            detail = _said(after[name]) + (", required" if name in needed[1] else "")
            yield Change("added", f"field {inner}", detail, inner)
        else:
            if (name in needed[0]) is not (name in needed[1]):
                yield Change(
                    "changed", f"required field {inner}", f"{name in needed[0]} -> {name in needed[1]}", inner
                )
            yield from _of_a_schema(before[name], after[name], inner)


_ODD = (NotUnderstoodError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What a file makes the reader raise that is no Swagger file, or one of another form."""


def found_in(folder: Path, name: str) -> Path | None:
    """Return the Swagger file of a name, wherever it is in the folder."""
    return next(iter(sorted(folder.rglob(f"{name}.json"))), None)


def report(folder: Path) -> tuple[list[str], bool]:
    """Return the to-do list, and whether every file could be compared."""
    lines: list[str] = []
    is_whole = True
    paths = {name: found_in(folder, name) for name in FILES}
    for name, path in paths.items():
        found: list[str] = []
        if path is None:
            is_whole = False
            found = ["gone     the whole file: tools/make_spec.py (FILES)"]
        else:
            try:
                new = facts_of(json.loads(path.read_text("utf-8")))
            except _ODD as error:
                is_whole = False
                found = [f"changed  not understood: {error}: tools/make_spec.py"]
            else:
                places = Places(name, new)
                found = [_line(change, places.of(change.spot)) for change in changes(spec(name), new)]
        if found:
            lines += [f"{name}.json", *(f"  {line}" for line in found), ""]
    for path in _unknown([path for path in paths.values() if path]):
        lines += [
            path.name,
            "  added    the whole file: tools/make_spec.py (FILES), src/spshipping/catalogue.py (DOMAINS)",
            "",
        ]
    return lines, is_whole


def _unknown(paths: list[Path]) -> Iterator[Path]:
    """Yield the Swagger files beside those that are known."""
    for folder in sorted({path.parent for path in paths}):
        for path in sorted(folder.glob("*.json")):
            if path.stem not in FILES and "swagger" in json.loads(path.read_text("utf-8")):
                yield path


def _line(change: Change, places: list[Place]) -> str:
    shown = "; ".join(map(str, places[:_MOST_PLACES]))
    more = f"; and {len(places) - _MOST_PLACES} more" if len(places) > _MOST_PLACES else ""
    detail = f" ({change.detail})" if change.detail else ""
    return f"{change.verb:8} {change.subject}{detail}: {shown}{more}"


def main(arguments: list[str]) -> int:
    """Print the list."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print(__doc__)
        return 2
    lines, is_whole = report(Path(arguments[0]))
    print(f"This version is made from Amazon's models of {MODELS_DATE:%d %B %Y}.\n")
    print("\n".join(lines) if lines else "Nothing differs.")
    return 0 if is_whole else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
