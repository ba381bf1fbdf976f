"""Pages that a tool writes: one for each operation, the public names by family, every command."""

import importlib
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest

from spshipping import operations
from spshipping.cli.app import app
from spshipping.operation import Operation
from tests.test_docs import ROOT, blocks, text_of
from tools import make_cli, make_operations, make_reference
from tools.make_operations import methods, title
from tools.operation_files import file_of
from tools.reference_pages import GROUPS

OPERATIONS = ROOT / "docs" / "operations"
REFERENCE = sorted((ROOT / "docs" / "reference").glob("*.md"))
MODULES = sorted(
    {make_reference.module_of(part) for pages in GROUPS.values() for page in pages for part in page.parts}
)


@pytest.mark.parametrize("tool", [make_operations, make_reference, make_cli], ids=lambda tool: tool.__name__)
def test_the_pages_are_as_their_tool_writes_them(tool: ModuleType) -> None:
    assert tool.main(["--check"]) == 0


@pytest.mark.parametrize("operation", operations(), ids=str)
def test_the_page_of_an_operation_shows_a_call_of_it(operation: Operation[Any]) -> None:
    page = OPERATIONS / file_of(operation)
    assert text_of(page).startswith(f"# {title(operation)}\n")
    (program,) = (block.text for block in blocks(page) if block.language == "python")
    assert any(f".{name}(" in program for name, _ in methods(operation))


def test_an_operation_is_found_by_the_id_that_amazon_gives_it() -> None:
    table = text_of(ROOT / "docs" / "operations.md")
    for operation in operations():
        assert f"| [{operation.name}](operations/{file_of(operation)})" in table


def public_names(module: str) -> set[str]:
    """Return what a module exports, but for its operations and modules, which have pages of their own."""
    home = importlib.import_module(module)
    exported: list[str] = getattr(home, "__all__", [])
    found = {name for name in exported if not isinstance(getattr(home, name), Operation | ModuleType)}
    return found - {"__version__"}


def rows(page: Path) -> list[tuple[str, str, str]]:
    """Return the names in the tables of a page: their module, the name, and what is said of it."""
    found = []
    for section in re.split(r"^## ", text_of(page), flags=re.MULTILINE)[1:]:
        module, _, rest = section.partition("\n")
        table = rest.partition("\n### ")[0]
        found += [(module, *row) for row in re.findall(r"^\| \[?`(\w+)`.*? \| (.*) \|$", table, re.MULTILINE)]
    return found


@pytest.mark.parametrize("module", MODULES)
def test_a_public_name_is_in_the_table_of_one_page(module: str) -> None:
    listed = [name for page in REFERENCE for home, name, _ in rows(page) if home == module]
    assert sorted(listed) == sorted(set(listed))
    assert public_names(module) <= set(listed)


def sections(page: Path) -> list[str]:
    """Return the names that a page describes."""
    return re.findall(r"^### (\w+)$", text_of(page), re.MULTILINE)


@pytest.mark.parametrize("page", REFERENCE, ids=lambda page: page.stem)
def test_every_link_of_a_page_of_names_leads_to_the_name(page: Path) -> None:
    for name, target in re.findall(r"\[`(\w+)`\]\(([^)]*#[^)]*)\)", text_of(page)):
        place, _, anchor = target.partition("#")
        home = page.parent / place if place else page
        assert anchor == name.lower()
        assert name in sections(home)


@pytest.mark.parametrize("page", REFERENCE, ids=lambda page: page.stem)
def test_a_page_describes_a_name_once(page: Path) -> None:
    assert sorted(sections(page)) == sorted(set(sections(page)))


@pytest.mark.parametrize("page", REFERENCE, ids=lambda page: page.stem)
def test_a_page_of_names_says_what_each_of_them_is(page: Path) -> None:
    assert rows(page)
    assert [name for _, name, what in rows(page) if not what] == []


def test_every_command_is_on_the_page_of_commands() -> None:
    page = text_of(ROOT / "docs" / "cli.md")
    context = click.Context(app, info_name="spshipping")
    found = [below.command_path for _, below in make_cli.commands(app, context)]
    assert len(found) > 40
    assert [path for path in found if f"\n## {path}\n" not in page] == []
