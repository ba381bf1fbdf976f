"""Where in this package something of Amazon's models belongs: the file, and the class in it."""

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from spshipping.catalogue import DOMAINS, Domain
from spshipping.meta import ErrorDetail
from spshipping.operation import Operation
from spshipping.wire.enums import OpenEnum
from spshipping.wire.shapes import Shape, fields_of
from tests.contract.facts import operations, routes
from tests.contract.pairs import pairs

Json = dict[str, Any]
_ROOT = Path(__file__).parent.parent
_ERRORS = ("Error", "ErrorList")


class Spot(NamedTuple):
    """A place in one of Amazon's files."""

    route: str | None = None
    parameter: str | None = None
    """Where it is and its name: `query limit`."""
    definition: str | None = None
    path: tuple[str, ...] = ()
    """The names of properties below; `[]` for what is in a list or a map."""
    values: frozenset[str] = frozenset()
    """The values that an enum had."""

    def inner(self, name: str) -> "Spot":
        """Return the place one step below."""
        return self._replace(path=(*self.path, name))

    def __str__(self) -> str:
        start = self.definition or f"{self.route} {self.parameter}"
        return "".join([start, *(name if name == "[]" else f".{name}" for name in self.path)])


class Place(NamedTuple):
    """A file of the package, and a class in it."""

    file: str
    name: str

    def __str__(self) -> str:
        return f"{self.file} {self.name}"


class Places:
    """Finds the places for one of Amazon's files."""

    def __init__(self, file: str, facts: Json) -> None:
        """Prepare for a file.

        Args:
            file: its name, without its ending.
            facts: of its new version, in which what was added is referred to.
        """
        self._facts = facts
        self._operations = {one.route: one for one in operations() if routes()[one.route].file == file}
        self._classes: dict[str, list[Any]] = {}
        for pair in pairs():
            if pair.file == file and pair.definition:
                self._classes.setdefault(pair.definition, []).append(pair.cls)

    def of(self, spot: Spot) -> list[Place]:
        """Return where it belongs; never nothing."""
        if spot.route:
            return self._of_an_operation(spot)
        name = spot.definition or ""
        classes = self._classes.get(name, [])
        found = [place for cls in classes for place in [_innermost(cls, spot)]]
        return list(dict.fromkeys(found)) or self._of_referrers(name)

    def _of_an_operation(self, spot: Spot) -> list[Place]:
        operation = self._operations.get(spot.route or "")
        if operation is None:
            return self._facades()
        enums = list(_enums(operation, spot.values)) if spot.values else []
        return enums or [_constant(operation)]

    def _facades(self) -> list[Place]:
        packages = {str(one.reference).rpartition(".")[0] for one in self._operations.values()}
        return [_facade(domain) for domain in DOMAINS if f"spshipping.{domain.package}" in packages]

    def _of_referrers(self, name: str) -> list[Place]:
        """Return where a definition without a class is used: an alias, an envelope, or one that is new."""
        if name in _ERRORS:
            return [_place(ErrorDetail)]
        known = self._nearest(name)
        if _is_class(self._facts["definitions"].get(name, {})) and not name.endswith("Response"):
            return [Place(place.file, name) for place in known[:1]] or self._facades()
        return known or self._facades()

    def _nearest(self, name: str) -> list[Place]:
        """Return the classes and operations that refer to a definition, by aliases too."""
        found: dict[Place, None] = {}
        waiting, seen = [name], {name}
        while waiting:
            wanted = waiting.pop(0)
            for route, facts in self._facts["operations"].items():
                if (
                    wanted in (facts.get("body"), facts["success"].get("schema"))
                    and route in self._operations
                ):
                    found[_constant(self._operations[route])] = None
            for other, schema in self._facts["definitions"].items():
                if other in seen or wanted not in _references(schema):
                    continue
                seen.add(other)
                if other in self._classes:
                    found |= {_place(cls): None for cls in self._classes[other]}
                else:
                    waiting.append(other)
        return list(found)


def _is_class(schema: Json) -> bool:
    return "properties" in schema or "enum" in schema


def _references(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return {name for part in schema for name in _references(part)}
    if not isinstance(schema, dict):
        return set()
    own = {schema["ref"]} if isinstance(schema.get("ref"), str) else set()
    return own | {name for part in schema.values() for name in _references(part)}


def _file(thing: Any) -> str:
    return Path(inspect.getfile(thing)).resolve().relative_to(_ROOT).as_posix()


def _place(cls: Any) -> Place:
    return Place(_file(cls), cls.__name__)


def _innermost(cls: Any, spot: Spot) -> Place:
    """Return the class that a place below a definition is in; of a value, the enum."""
    at = cls
    names = [name for name in spot.path if name != "[]"]
    for index, name in enumerate(names):
        inner = _inner_class(at, name)
        is_last = index == len(names) - 1
        # of a field, it is the class that has the field; of a value, the enum
        if inner is None or (is_last and not (spot.values and issubclass(inner, OpenEnum))):
            break
        at = inner
    return _place(at)


def _inner_class(cls: Any, wire: str) -> Any:
    if not hasattr(cls, "__wire_names__"):
        return None
    shape: Shape | None = next((field.shape for field in fields_of(cls) if field.wire == wire), None)
    while shape is not None and shape.item is not None:
        shape = shape.item
    return shape.cls if shape and shape.kind in ("model", "enum") else None


def _enums(operation: Operation[Any], values: frozenset[str]) -> Iterator[Place]:
    """Yield the enums of the operation's package that have exactly these values."""
    package = import_module(str(operation.reference).rpartition(".")[0])
    for value in vars(package).values():
        is_enum = isinstance(value, type) and issubclass(value, OpenEnum)
        if is_enum and {member.value for member in value} == values:
            yield _place(value)


def _facade(domain: Domain) -> Place:
    return _place(getattr(import_module(f"spshipping.{domain.package}"), domain.facade))


@cache
def _constant(operation: Operation[Any]) -> Place:
    """Return the file that has the constant, and the class there that has its method."""
    package, _, constant = str(operation.reference).rpartition(".")
    origin = Path(inspect.getfile(import_module(package)))
    folder = origin.parent if origin.name == "__init__.py" else origin
    for path in sorted(folder.rglob("*.py")) if folder.is_dir() else [folder]:
        body = ast.parse(path.read_text("utf-8")).body
        if any(_assigns(statement, constant) for statement in body):
            classes = [part for part in body if isinstance(part, ast.ClassDef)]
            owner = next((part.name for part in classes if _has_method(part, constant.lower())), "")
            return Place(path.resolve().relative_to(_ROOT).as_posix(), f"{owner} {constant}".strip())
    raise LookupError(f"no file has {constant}")


def _assigns(statement: ast.stmt, name: str) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def _has_method(cls: ast.ClassDef, name: str) -> bool:
    return any(isinstance(part, ast.FunctionDef) and part.name == name for part in cls.body)
