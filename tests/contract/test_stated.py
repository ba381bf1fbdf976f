"""Every fact of an operation that users rely on, and that no file of Amazon's states."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spshipping.operation import Operation
from spshipping.roles import Role
from spshipping.wire.convert import structure
from tests.contract.facts import operations
from tests.contract.stated import STATED, Stated, facts, page, pages_of

ROOT = Path(__file__).parents[2]
OPERATIONS = [pytest.param(operation, id=f"{operation.name} {operation.route}") for operation in operations()]
FACTS = tuple(name for name in Stated._fields if name != "pages")


def _row(operation: Operation[Any]) -> Stated:
    assert operation.route in STATED, (
        f"{operation.name}: no row has the route {operation.route}: add it to tests/contract/stated.py"
    )
    return STATED[operation.route]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_f_an_operation_keeps_what_is_promised_of_it(operation: Operation[Any]) -> None:
    """F: effect, roles, restricted data, scope, key, and what else no Swagger file states."""
    row, found = _row(operation), facts(operation)
    for name in FACTS:
        expected = getattr(row, name)
        assert found[name] == expected, f"{operation.name} {name}: {found[name]!r}, promised {expected!r}"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_f_the_pages_of_an_operation_follow_each_other_as_promised(operation: Operation[Any]) -> None:
    """F: the parameter that names a page, the items, and the token of the page that follows."""
    expected = _row(operation).pages
    if expected is None:
        assert operation.page_token is None, f"{operation.name} has pages, and no row says so"
        return
    read = structure(page(expected), operation.returns)[0]
    found = pages_of(operation, read, expected)
    assert found == (expected.token, 1, "T"), f"{operation.name} pages: {found}, promised {expected}"


def test_f_every_row_is_an_operations() -> None:
    """F: a row without an operation promises nothing."""
    assert set(STATED) == {operation.route for operation in operations()}


def _mentions(text: str) -> Iterator[str]:
    """Yield what looks like the name of a restricted role, however it is spelt."""
    for role in Role:
        if role.endswith(" (Restricted)"):
            words = re.split("[ -]", role.removesuffix(" (Restricted)"))
            yield from re.findall(rf"\b{'[ -]'.join(words)}\b(?: \(Restricted\))?", text, re.IGNORECASE)


@pytest.mark.parametrize("folder", ["src", "docs", "examples", "tests"])
def test_f_a_role_is_spelt_in_one_way_everywhere(folder: str) -> None:
    """F: role names were spelt in two ways."""
    files = [*ROOT.glob(f"{folder}/**/*.py"), *ROOT.glob(f"{folder}/**/*.md"), ROOT / "README.md"]
    ours = set(map(str, Role))
    strange = {
        f"{path.relative_to(ROOT)}: {mention}"
        for path in files
        if "_build" not in path.parts
        for mention in _mentions(path.read_text("utf-8"))
        if mention not in ours
    }
    assert not strange


def test_f_operations_name_roles_of_the_one_list() -> None:
    """F: no operation writes the name of a role itself."""
    for operation in operations():
        strange = [role for role in operation.roles if not isinstance(role, Role)]
        assert not strange, f"{operation.name} roles: {strange} are no members of Role"
