"""Every numbered case is borne by a test, or stands in one table with the reason why not."""

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from tests.cases.elsewhere import CASES, REASONS

TESTS = Path(__file__).parents[1]
_NAME = re.compile(r"test_case_(\d+)_[a-z]")


@cache
def bearers() -> dict[int, list[str]]:
    """Return which tests bear which number. The files are read, not imported: none is missed."""
    found: dict[int, list[str]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and (match := _NAME.match(node.name)):
                found[int(match[1])].append(f"{path.relative_to(TESTS)}::{node.name}")
    return found


@pytest.mark.parametrize("number", sorted(CASES))
def test_a_case_is_borne_by_a_test_or_has_a_reason_and_never_both(number: int) -> None:
    borne, reason = bearers().get(number, []), REASONS.get(number)
    assert borne or reason, f"case {number} has neither a test nor a reason"
    assert not (borne and reason), f"case {number} has a reason to have no test, and {borne}"


def test_no_number_is_one_that_there_is_not() -> None:
    signing_in = frozenset(range(20, 33))
    assert set(bearers()) <= CASES | signing_in
    assert signing_in <= set(bearers())
    assert set(REASONS) <= CASES
    assert all(reason for reason in REASONS.values())


def test_a_number_is_spelled_in_one_way() -> None:
    odd = re.compile(r"def (test_\w*cases?_?\d\w*)")
    for path in TESTS.rglob("test_*.py"):
        for name in odd.findall(path.read_text("utf-8")):
            assert _NAME.match(name), f"{path.name}: {name}"
