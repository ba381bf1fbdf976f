"""The facts of models and enums, read from their classes."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

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

TESTS = ("tests/contract/test_operations.py", "tests/contract/test_definitions.py")
_SPELLERS = ("camel", "pascal")
_OTHER_TYPES = {
    "str": "int",
    "int": "str",
    "bool": "str",
    "Decimal": "str",
    "datetime": "str",
    "date": "str",
}
_LIMITS = ("Length", "Count", "Range", "Pattern")


class _Field(NamedTuple):
    """A field of a model."""

    name: str
    wire: str
    node: ast.AnnAssign

    @property
    def facts(self) -> tuple[str, ...]:
        """What a failure may call it."""
        return self.name, self.wire


def mutants(root: Path, paths: list[str]) -> Iterator[Mutant]:
    """Yield every change of a fact of a model or an enum."""
    for path in paths:
        source = Source(root, path)
        for cls in source.classes():
            speller = next((one for one in cls.decorator_list if name_of(one) in _SPELLERS), None)
            if speller is not None:
                yield from _of_model(source, cls, speller)
            elif any(name_of(base) == "OpenEnum" for base in cls.bases):
                yield from _of_enum(source, cls)


def _of_enum(source: Source, cls: ast.ClassDef) -> Iterator[Mutant]:
    for node in cls.body:
        if isinstance(node, ast.Assign) and is_text(node.value):
            member = name_of(node.targets[0])
            value = ast.literal_eval(node.value)
            yield _mutant(source, cls, node.value, other_text(node.value), (member, value))


def _of_model(source: Source, cls: ast.ClassDef, speller: ast.expr) -> Iterator[Mutant]:
    for field in _fields(cls, speller):
        yield from _of_wire_name(source, cls, speller, field)
        yield from _of_presence(source, cls, field)
        yield from _of_annotation(source, cls, field)


def _fields(cls: ast.ClassDef, speller: ast.expr) -> Iterator[_Field]:
    given = keywords(speller) if isinstance(speller, ast.Call) else {}
    local = ast.literal_eval(given["local"]) if "local" in given else ()
    for node in cls.body:
        if not isinstance(node, ast.AnnAssign) or name_of(node.annotation) == "ClassVar":
            continue
        name = name_of(node.target)
        if name not in local:
            stated = given.get(name)
            regular = _spelt(name, name_of(speller))
            yield _Field(name, ast.literal_eval(stated) if stated else regular, node)


def _spelt(name: str, speller: str) -> str:
    head, *rest = name.split("_")
    first = head if speller == "camel" else head.capitalize()
    return first + "".join(word.capitalize() for word in rest)


def _of_wire_name(source: Source, cls: ast.ClassDef, speller: ast.expr, field: _Field) -> Iterator[Mutant]:
    stated = keywords(speller).get(field.name) if isinstance(speller, ast.Call) else None
    if stated is not None:
        yield _mutant(source, cls, stated, other_text(stated), field.facts)
        return
    more = f'{field.name}="{field.wire}X"'
    text = source.text(speller)
    new = f"{text}({more})" if isinstance(speller, ast.Name) else f"{text[:-1].rstrip().rstrip(',')}, {more})"
    yield _mutant(source, cls, speller, new, field.facts, f"{field.name} is spelt {field.wire}X")


def _of_presence(source: Source, cls: ast.ClassDef, field: _Field) -> Iterator[Mutant]:
    annotation = source.text(field.node.annotation)
    is_optional = annotation.endswith(" | None")
    declared = f"{field.name}: {annotation.removesuffix(' | None')}"
    new = declared if is_optional else f"{declared} | None = None"
    if is_optional is (field.node.value is not None):
        yield _mutant(source, cls, field.node, new, field.facts)


def _of_annotation(source: Source, cls: ast.ClassDef, field: _Field) -> Iterator[Mutant]:
    annotation = field.node.annotation
    # a Decimal that Amazon carries as text is known by its mark, whatever its type
    is_marked = bool(re.search(r"\bAS_TEXT\b", source.text(annotation)))
    for node in ast.walk(annotation):
        if isinstance(node, ast.Name) and node.id in _OTHER_TYPES and not is_marked:
            if not _is_key_of_map(annotation, node):
                yield _mutant(source, cls, node, _OTHER_TYPES[node.id], field.facts)
        elif isinstance(node, ast.Call) and name_of(node) in _LIMITS:
            for limit in (*node.args, *keywords(node).values()):
                if is_number(limit):
                    yield _mutant(source, cls, limit, other_number(limit), field.facts)
                elif is_text(limit):
                    yield _mutant(source, cls, limit, repr("^X$"), field.facts)


def _is_key_of_map(annotation: ast.expr, name: ast.Name) -> bool:
    return any(
        isinstance(node, ast.Subscript)
        and name_of(node) == "dict"
        and isinstance(node.slice, ast.Tuple)
        and node.slice.elts[0] is name
        for node in ast.walk(annotation)
    )


def _mutant(
    source: Source,
    cls: ast.ClassDef,
    node: ast.AST,
    new: str,
    facts: tuple[str, ...],
    what: str | None = None,
) -> Mutant:
    start, end = source.span(node)
    said = what or f"{facts[0]}: {source.text(node)[:60]} -> {new[:60]}"
    return Mutant(source.path, start, end, new, f"{cls.name} {said}", (cls.name,), facts, TESTS)
