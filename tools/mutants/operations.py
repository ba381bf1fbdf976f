"""The facts of operations, read from the calls that declare them."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tools.mutants.source import (
    Mutant,
    Source,
    is_number,
    is_text,
    keywords,
    name_of,
    other_number,
    other_text,
)

TESTS = (
    "tests/contract/test_operations.py",
    "tests/contract/test_stated.py",
    # for what differs from Amazon's file on purpose
    "tests/contract/test_definitions.py",
)
_MAKERS = ("Operation", "PagedOperation")
_EFFECTS = ("NONE", "KEYED", "ONCE", "IDEMPOTENT")
_VERBS = {"GET": "POST", "POST": "PUT", "PUT": "POST", "PATCH": "PUT", "DELETE": "PUT"}
_WRITTEN = {"text": "boolean", "integer": "text", "boolean": "text", "time": "text", "list": "text"}
_TURNED_OFF = ("is_required", "from_client", "is_before", "is_personal")
_DROPPED = {"before": "before", "after": "after", "rules": "rules", "deprecated": "ends"}
"""Arguments that are left out as a whole, and what the tests call them."""


class _Place(NamedTuple):
    """A part of a declaration that may be shared by several operations."""

    node: ast.expr
    field: str


class _File:
    """A file that declares operations."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.constants = source.constants()
        calls = {name: node for name, node in self.constants.items() if name_of(node) in _MAKERS}
        self.calls: dict[str, ast.Call] = {
            name: node for name, node in calls.items() if isinstance(node, ast.Call)
        }
        self.classes = sorted(
            {
                value.id
                for call in self.calls.values()
                for field, value in keywords(call).items()
                if field in ("body", "returns") and isinstance(value, ast.Name)
            }
        )

    def places(self) -> dict[int, tuple[_Place, list[str]]]:
        """Return every part of every declaration once, with the operations that it belongs to."""
        found: dict[int, tuple[_Place, list[str]]] = {}
        for call in self.calls.values():
            operation = ast.literal_eval(self._argument(call, "name", 0))
            for field, node in self._parts(call):
                _, names = found.setdefault(id(node), (_Place(node, field), []))
                names.append(operation)
        return found

    def routes(self, operations: list[str]) -> list[str]:
        """Return the routes of these operations."""
        return [
            ast.literal_eval(self._argument(call, "route", 1))
            for call in self.calls.values()
            if ast.literal_eval(self._argument(call, "name", 0)) in operations
        ]

    def _argument(self, call: ast.Call, name: str, position: int) -> ast.expr:
        return keywords(call).get(name) or call.args[position]

    def _parts(self, call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
        yield "name", self._argument(call, "name", 0)
        yield "route", self._argument(call, "route", 1)
        for field, value in keywords(call).items():
            if field not in ("name", "route"):
                yield from self._below(field, value)

    def _below(self, field: str, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
        """Yield a value, or what it is made of, through constants and tuples."""
        if isinstance(value, ast.Name) and value.id in self.constants:
            yield from self._below(field, self.constants[value.id])
        elif isinstance(value, ast.Starred):
            yield from self._below(field, value.value)
        elif field in ("query", "headers") and isinstance(value, ast.Tuple):
            for item in value.elts:
                yield from self._below("parameter", item)
        elif field == "roles" and isinstance(value, ast.Tuple):
            for item in value.elts:
                yield from self._below("roles", item)
        else:
            yield field, value


def mutants(root: Path, paths: list[str]) -> Iterator[Mutant]:
    """Yield every change of a fact of an operation."""
    for path in paths:
        file = _File(Source(root, path))
        for place, operations in file.places().values():
            for node, new, fact in _changes(file, place):
                start, end = file.source.span(node)
                names = (*operations, *file.routes(operations))
                facts = (fact,) if isinstance(fact, str) else fact
                old = file.source.text(node)
                part = f"{place.field} {facts[0]}" if place.field == "parameter" else place.field
                what = f"{', '.join(operations[:2])} {part}: {old[:60]} -> {new[:60]}"
                yield Mutant(path, start, end, new, what, names, facts, TESTS)


_Change = tuple[Any, str, Any]


def _changes(file: _File, place: _Place) -> Iterator[_Change]:
    field, node = place.field, place.node
    if field == "route":
        yield from _of_route(node)
    elif field == "quota" and isinstance(node, ast.Call):
        for number in (*node.args, *keywords(node).values()):
            yield number, other_number(number), "quota"
    elif field == "effect" and isinstance(node, ast.Attribute):
        for effect in _EFFECTS:
            if effect != node.attr:
                yield node, f"Effect.{effect}", ("effect", "KEYED")
    elif field == "roles":
        other = "AMAZON_FULFILLMENT" if name_of(node) == "PRICING" else "PRICING"
        yield node, f"Role.{other}", "roles"
    elif field == "parameter" and isinstance(node, ast.Call):
        yield from _of_parameter(node)
    elif field in ("body", "returns") and isinstance(node, ast.Name):
        for other in [name for name in file.classes if name != node.id][:1]:
            yield node, other, (field, other)
    elif field in _DROPPED:
        yield node, "None", _DROPPED[field]
    else:
        yield from _of_the_rest(field, node)


def _of_route(node: ast.expr) -> Iterator[_Change]:
    verb, path = ast.literal_eval(node).split(" ")
    *way, last = path.split("/")
    changed = f"{last[:-1]}X}}" if last.endswith("}") else f"{last}X"
    for route in (f"{_VERBS[verb]} {path}", f"{verb} {'/'.join((*way, changed))}"):
        yield node, repr(route), ("route", route)


def _of_the_rest(field: str, node: ast.expr) -> Iterator[_Change]:
    if field == "envelope":
        yield node, "False", field
    elif field in ("name", "scope") and is_text(node):
        yield node, other_text(node), field
    elif field == "restricted" and isinstance(node, ast.Tuple):
        yield node, "None", field
        yield from ((item, other_text(item), field) for item in node.elts)
    elif field == "errors" and isinstance(node, ast.Dict):
        yield from ((code, other_text(code), field) for code in node.keys if code is not None)
    elif field == "key" and isinstance(node, ast.Call):
        names = [ast.literal_eval(item) for item in node.args]
        yield from ((node, f"derived({name!r})", field) for name in names)
    elif field == "pages" and isinstance(node, ast.Call):
        yield from _of_pages(keywords(node))


def _of_pages(given: dict[str, ast.expr]) -> Iterator[_Change]:
    for name in ("items_of", "next_of"):
        yield given[name], "lambda page: None", "pages"
    if is_text(given["token"]):
        yield given["token"], other_text(given["token"]), ("pages", "names a page")


def _of_parameter(node: ast.Call) -> Iterator[_Change]:
    given = keywords(node)
    name = node.args[0]
    wire = ast.literal_eval(name) if is_text(name) else name_of(name)
    facts = (str(wire), "x-amzn-shipping-business-id") if wire == "BUSINESS_HEADER" else (str(wire),)
    if is_text(name):
        yield name, other_text(name), facts
    written = given.get("written")
    if written is None:
        yield name, f'{_text(name)}, written="boolean"', facts
    else:
        yield written, repr(_WRITTEN[ast.literal_eval(written)]), facts
    for field in _TURNED_OFF:
        if field in given:
            yield given[field], "False", facts
    if "is_required" not in given:
        last = node.keywords[-1].value if node.keywords else node.args[-1]
        yield last, f"{_text(last)}, is_required=True", facts
    for limit in ast.walk(given.get("limits", ast.Constant(None))):
        if isinstance(limit, ast.Constant) and is_number(limit):
            yield limit, other_number(limit), facts
    datasets = given.get("datasets")
    if isinstance(datasets, ast.Dict):
        yield from ((value, other_text(value), facts) for value in datasets.values)
    if "python" in given:
        yield given["python"], other_text(given["python"]), facts


def _text(node: ast.expr) -> str:
    return ast.unparse(node)
