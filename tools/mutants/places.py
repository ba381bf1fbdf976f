"""The facts of regions, hosts, marketplaces and shipping businesses."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tools.mutants.source import Mutant, Source, is_text, name_of, other_text

PATH = "src/spshipping/regions.py"
TESTS = ("tests/unit/test_regions.py", "tests/contract/test_operations.py")
_OF_MEMBERS = {
    "Region": ("host", "aws_region"),
    "Marketplace": ("id", "region", "seller_central", "seller_central", "vendor_central"),
}
"""What each value of a member's tuple is called in the tests."""


def mutants(root: Path) -> Iterator[Mutant]:
    """Yield every change of a fact of a place."""
    source = Source(root, PATH)
    for cls in source.classes():
        for node in cls.body:
            if isinstance(node, ast.Assign):
                yield from _of_member(source, cls.name, node)
    for cls in source.classes():
        for part in ast.walk(cls):
            if isinstance(part, ast.JoinedStr):
                yield from _of_template(source, part)
    for name, value in source.constants().items():
        if is_text(value):
            what = "seller_central" if name == "_EUROPE" else "business"
            yield _mutant(source, value, other_text(value), name, (what,), (what,))


def _of_member(source: Source, cls: str, node: ast.Assign) -> Iterator[Mutant]:
    member = name_of(node.targets[0])
    if is_text(node.value):
        value = ast.literal_eval(node.value)
        new = other_text(node.value)
        yield _mutant(source, node.value, new, f"{cls}.{member}", ("business",), (value, member))
    elif isinstance(node.value, ast.Tuple):
        for item, fact in zip(node.value.elts, _OF_MEMBERS[cls], strict=False):
            where = f"{cls}.{member} {fact}"
            if is_text(item) and ast.literal_eval(item):
                yield _mutant(source, item, other_text(item), where, (member,), (fact,))
            elif isinstance(item, ast.Attribute):
                other = "FE" if item.attr != "FE" else "NA"
                yield _mutant(source, item, f"Region.{other}", where, (member,), (fact,))


def _of_template(source: Source, node: ast.JoinedStr) -> Iterator[Mutant]:
    text = source.text(node)
    for old, facts in (
        ("sellingpartnerapi-", ("host", "sandbox_host")),
        ("https://", ("seller_central", "vendor_central")),
    ):
        if old in text:
            yield _mutant(source, node, text.replace(old, f"{old}x", 1), text[:40], facts, facts)


def _mutant(
    source: Source, node: ast.AST, new: str, where: str, names: tuple[str, ...], facts: tuple[str, ...]
) -> Mutant:
    start, end = source.span(node)
    return Mutant(source.path, start, end, new, f"{where}: {source.text(node)} -> {new}", names, facts, TESTS)
