"""The page of the rules has all of them as they are."""

from pathlib import Path

import pytest

from spshipping.vendor.rules import DECISIONS, RULES
from tools import make_rules


def test_the_page_is_as_the_tool_writes_it() -> None:
    assert make_rules.main(["--check"]) == 0


def test_the_page_has_each_rule_and_each_decision_once() -> None:
    page = make_rules.PAGE.read_text("utf-8")
    assert all(page.count(f"\n| {name} | ") == 1 for name in (*RULES, *DECISIONS))


def test_a_table_that_is_not_as_the_rules_are_is_found_and_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = make_rules.PAGE.read_text("utf-8")
    copy = tmp_path / "page.md"
    copy.write_text(whole.replace("| L-002 |", "| L-200 |"), "utf-8")
    monkeypatch.setattr(make_rules, "PAGE", copy)
    assert make_rules.main(["--check"]) == 1
    assert "run python -m tools.make_rules" in capsys.readouterr().out
    assert make_rules.main([]) == 0
    assert copy.read_text("utf-8") == whole


def test_a_page_without_the_marks_is_an_error() -> None:
    with pytest.raises(SystemExit, match="rules: made by"):
        make_rules.written("# Rules\n")
