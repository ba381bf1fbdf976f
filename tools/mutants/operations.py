"""The facts of operations, read from the calls that declare them."""

import ast
from collections.abc import Callable, Iterator
from functools import cache
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
_DROPPED = {
    "before": "before",
    "after": "after",
    "rules": "rules",
    "deprecated": "ends",
    "is_done": "is_done",
}
"""Arguments that are left out as a whole, and what the tests call them."""


class _Place(NamedTuple):
    """A part of a declaration that may be shared by several operations."""

    source: Source
    node: ast.expr
    field: str


class _Fact(NamedTuple):
    """A place, and the names and routes of the operations that it belongs to."""

    place: _Place
    classes: list[str]
    operations: list[str]
    routes: list[str]


class _File:
    """A file that declares operations, with the constants that it takes from files beside it."""

    def __init__(self, root: Path, path: str, source_of: Callable[[str], Source]) -> None:
        source = source_of(path)
        own = source.constants()
        self._constants = {name: (source, node) for name, node in own.items()}
        for module, names in source.imported():
            beside = f"src/{module.replace('.', '/')}.py"
            if Path(beside).parent == Path(path).parent and (root / beside).is_file():
                other = source_of(beside)
                theirs = other.constants()
                self._constants |= {name: (other, theirs[name]) for name in names if name in theirs}
        self._source = source
        self._calls = [
            node for node in own.values() if isinstance(node, ast.Call) and name_of(node) in _MAKERS
        ]
        self._classes = sorted(
            {
                value.id
                for call in self._calls
                for field, value in keywords(call).items()
                if field in ("body", "returns") and isinstance(value, ast.Name)
            }
        )

    def facts(self) -> Iterator[_Fact]:
        """Yield every part of every declaration."""
        for call in self._calls:
            name, route = self._argument(call, "name", 0), self._argument(call, "route", 1)
            for place in self._parts(call, name, route):
                yield _Fact(place, self._classes, [ast.literal_eval(name)], [ast.literal_eval(route)])

    def _argument(self, call: ast.Call, name: str, position: int) -> ast.expr:
        return keywords(call).get(name) or call.args[position]

    def _parts(self, call: ast.Call, name: ast.expr, route: ast.expr) -> Iterator[_Place]:
        yield _Place(self._source, name, "name")
        yield _Place(self._source, route, "route")
        for field, value in keywords(call).items():
            if field not in ("name", "route"):
                yield from self._below(_Place(self._source, value, field))

    def _below(self, place: _Place) -> Iterator[_Place]:
        """Yield a value, or what it is made of, through constants and tuples."""
        source, value, field = place
        if isinstance(value, ast.Name) and value.id in self._constants:
            yield from self._below(_Place(*self._constants[value.id], field))
        elif isinstance(value, ast.Starred):
            yield from self._below(_Place(source, value.value, field))
        elif field in ("query", "headers") and isinstance(value, ast.Tuple):
            for item in value.elts:
                yield from self._below(_Place(source, item, "parameter"))
        elif field == "roles" and isinstance(value, ast.Tuple):
            for item in value.elts:
                yield from self._below(_Place(source, item, "roles"))
        else:
            yield place


def _facts(root: Path, paths: list[str]) -> Iterator[_Fact]:
    """Yield each part once, with all operations that share it, in whatever files they are."""
    source_of = cache(lambda path: Source(root, path))
    found: dict[tuple[str, tuple[int, int], str], _Fact] = {}
    for path in paths:
        for fact in _File(root, path, source_of).facts():
            source, node, field = fact.place
            known = found.setdefault((source.path, source.span(node), field), fact)
            if known is not fact:
                known.operations.extend(fact.operations)
                known.routes.extend(fact.routes)
    yield from found.values()


def mutants(root: Path, paths: list[str]) -> Iterator[Mutant]:
    """Yield every change of a fact of an operation."""
    for fact in _facts(root, paths):
        source, _, field = fact.place
        for node, new, said in _changes(fact.classes, fact.place):
            start, end = source.span(node)
            names = (*fact.operations, *fact.routes)
            facts = (said,) if isinstance(said, str) else said
            part = f"{field} {facts[0]}" if field == "parameter" else field
            what = f"{', '.join(fact.operations[:2])} {part}: {source.text(node)[:60]} -> {new[:60]}"
            yield Mutant(source.path, start, end, new, what, names, facts, TESTS)


_Change = tuple[Any, str, Any]


def _changes(classes: list[str], place: _Place) -> Iterator[_Change]:
    _, node, field = place
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
        for other in [name for name in classes if name != node.id][:1]:
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
