"""The tools that write and check pages: what they make of a source, and which faults they see."""

import ast
from pathlib import Path

import pytest

from tools import check_built
from tools.reference_markdown import cell, paragraphs, typed
from tools.reference_source import Function, members, signature
from tools.tables import first_sentence

DOCSTRING = """Return what fits.

It costs nothing.

Args:
    limit: how many, and
        what follows.
    **options: what every call takes.

Raises:
    QuotaError: it would take too long.
"""


def test_the_sections_of_a_docstring_become_lists() -> None:
    assert paragraphs(DOCSTRING).splitlines() == [
        "Return what fits.",
        "",
        "It costs nothing.",
        "",
        "**Args**",
        "",
        "- `limit`: how many, and",
        "  what follows.",
        "- `**options`: what every call takes.",
        "",
        "**Raises**",
        "",
        "- `QuotaError`: it would take too long.",
    ]


def test_code_in_a_docstring_stays_as_it_is() -> None:
    text = "Do it:\n\n```python\nArgs:\n    x: 1\n```"
    assert paragraphs(text) == text


def test_a_type_is_code_with_links_to_what_is_known() -> None:
    links = {"Rate": "rates.md#rate"}
    assert typed("list[Rate] | None", links.get) == r"`list[`[`Rate`](rates.md#rate)`] \| None`"
    assert typed("Rate | None", links.get) == r"[`Rate`](rates.md#rate) `\| None`"
    assert typed("Money", links.get) == "`Money`"


def test_a_cell_has_one_line_and_no_bar_of_its_own() -> None:
    assert cell("a | b\nand c") == "a \\| b and c"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Buy it. Costs money.", "Buy it."),
        ("Wait 0.5 seconds,\nthen go on.\n\nMore.", "Wait 0.5 seconds, then go on."),
        ("No end", "No end"),
        ("", ""),
    ],
)
def test_the_first_sentence(text: str, sentence: str) -> None:
    assert first_sentence(text) == sentence


def function(text: str) -> Function:
    (node,) = ast.parse(text).body
    assert isinstance(node, Function)
    return node


@pytest.mark.parametrize(
    "head",
    [
        "def f(a: int, /, b: str = 'x', *rest: int, c: bool = False, **more: int) -> None",
        "async def f(*, a: int | None = None) -> str",
        "def f()",
    ],
)
def test_a_signature_is_shown_as_it_is_written(head: str) -> None:
    assert signature(function(f"{head}: ...")) == head


def test_a_long_signature_has_a_line_for_each_argument_and_no_self() -> None:
    names = [f"argument_{number}" for number in range(9)]
    shown = signature(function(f"def f(self, {', '.join(names)}): ..."), "Thing")
    assert shown.splitlines() == ["Thing(", *(f"    {name}," for name in names), ")"]


def test_the_members_of_a_class_are_those_of_its_bases_too() -> None:
    from spshipping.errors import ApiError, SpShippingError

    names = {member.name for member in members(ApiError, private=(), leave_out=(SpShippingError,))}
    assert {"status", "code", "request_id"} <= names
    assert not any(name.startswith("_") for name in names)


def test_what_is_missing_beside_a_page_is_named(tmp_path: Path) -> None:
    for name in ("index", "other", "lost"):
        (tmp_path / f"{name}.html").write_text("", "utf-8")
    (tmp_path / "index.md").write_text("# Index\n", "utf-8")
    (tmp_path / "other.md").write_text("# Other\n\n```{toctree}\n```\n", "utf-8")
    (tmp_path / "llms.txt").write_text("- [I](index.md): x\n- [O](other.md)\n- [G](gone.md)\n", "utf-8")
    assert list(check_built.faults(tmp_path)) == [
        "llms.txt does not list lost",
        "llms.txt lists gone, which is no page",
        "lost has no Markdown that begins with its title",
        "the Markdown of other has a directive that only Sphinx can read",
    ]
