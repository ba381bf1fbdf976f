"""The tool that changes code leaves words alone, chooses the tests that reach it, and knows who survives."""

import ast
import os
import signal
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tools.mutants import __main__ as command
from tools.mutants import code, facts, reach, run, sample, survivors
from tools.mutants.source import Identity, Mutant
from tools.mutants.tree import Chosen, Repeatable, Tree

# on Python 3.12 and newer, where a thread of pytest-xdist runs beside the tests
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")

ROOT = Path(__file__).parents[1]
STATED = facts.mutants(ROOT)
FOUND = code.mutants(ROOT, STATED)
EVERYTHING = [*STATED, *FOUND]


def of(tmp_path: Path, text: str, area: str = "wire") -> list[Mutant]:
    """Return the mutants of a file with this text."""
    folder = tmp_path / "src/spshipping" / area
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "file.py").write_text(text, "utf-8")
    return code.mutants(tmp_path)


def changed(tmp_path: Path, text: str) -> set[tuple[str, str]]:
    """Return the operators and the changed lines of a text."""
    return {(m.identity.operator, m.identity.after) for m in of(tmp_path, text) if m.identity}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < b", {("comparison", "a >= b"), ("boundary", "a <= b")}),
        ("a == b", {("comparison", "a != b")}),
        ("a is not None", {("comparison", "a is None")}),
        ("(a) in (b)", {("comparison", "(a) not in (b)")}),
        ("a < b < c", {("comparison", "a >= b < c"), ("comparison", "a < b >= c")}),
        ("a and b", {("logic", "a or b")}),
        ("a or b or c", {("logic", "a and b or c"), ("logic", "a or b and c")}),
        ("not a", {("not removed", "(a)")}),
        ("-a", {("sign removed", "a")}),
        ("a + b", {("arithmetic", "a - b")}),
        ("a // b", {("arithmetic", "a * b")}),
        ("f(1)", {("constant", "f(2)")}),
        ("f(1.5, True)", {("constant", "f(3.0, True)"), ("constant", "f(1.5, False)")}),
        ("f('word')", {("constant", "f('wordX')")}),
        ("f(b'x')", {("constant", "f(b'xX')")}),
        ("f(a, b=c)", {("argument dropped", "f(a)")}),
        ("f(a=b, c=d)", {("argument dropped", "f(c=d)"), ("argument dropped", "f(a=b)")}),
        ("a if b else c", {("condition", "a if (not (b)) else c")}),
        ("[a for a in b if c]", {("condition", "[a for a in b if (not (c))]")}),
    ],
)
def test_an_expression_is_changed(tmp_path: Path, text: str, expected: set[tuple[str, str]]) -> None:
    made = changed(tmp_path, f"x = {text}\n")
    assert expected <= {(operator, after.removeprefix("x = ")) for operator, after in made}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f()\n", {("statement removed", "pass")}),
        ("a.b = c\n", {("statement removed", "pass")}),
        ("a.b: int = c\n", {("statement removed", "pass")}),
        ("a += b\n", {("statement removed", "pass"), ("arithmetic", "a -= b")}),
        ("while a:\n    break\n", {("statement removed", "pass"), ("condition", "while (not (a)):")}),
        ("if a:\n    raise ValueError(b)\n", {("exception", "raise ZeroDivisionError(b)")}),
        ("try: f()\nexcept KeyError: g()\n", {("exception", "except ZeroDivisionError: g()")}),
        (
            "try: f()\nexcept (A, B): g()\n",
            {("exception", "except (A,): g()"), ("exception", "except (B,): g()")},
        ),
        ("def f():\n    return a\n", {("return value", "return None")}),
        ("@cached\ndef f(): return a\n", {("decorator removed", "")}),
    ],
)
def test_a_statement_is_changed(tmp_path: Path, text: str, expected: set[tuple[str, str]]) -> None:
    assert expected <= changed(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        '"""A sentence."""\n',
        "def f(a: 'b' = None) -> 'c':\n    '''Words.'''\n",
        "a: 'b | None'\n",
        "if TYPE_CHECKING:\n    from a import b\n",
        "assert a == 1\n",
        "x = f'{a + 1}'\n",
        "T = TypeVar('T', bound='M')\n",
        "Key = tuple[str, ...] | None\n",
        "Mode = Literal['a', 'b']\n",
        "__slots__ = ('a',)\n",
        "x = isinstance(a, B | C)\n",
        "x = zip(a, b, strict=True)\n",
        "x = 'two words'\n",
        "@overload\ndef f(a: int = 1): ...\n",
        "# Made by tools/make_async.py from x.py\nx = 1\n",
    ],
)
def test_words_and_types_are_left_alone(tmp_path: Path, text: str) -> None:
    assert changed(tmp_path, text) == set()


@pytest.mark.parametrize(
    "text", ["raise ValueError('word')\n", "_logger.warning('word')\n", "warn('word')\n"]
)
def test_the_words_of_errors_and_logs_are_left_alone(tmp_path: Path, text: str) -> None:
    assert not [after for operator, after in changed(tmp_path, text) if operator == "constant"]


def test_a_change_is_told_apart_by_its_function_and_text_wherever_its_lines_move(tmp_path: Path) -> None:
    text = "class C:\n    def f(self):\n        g(1)\n        g(1)\n"
    here = of(tmp_path, text)
    moved = of(tmp_path, "import x\n\n\n" + text)
    assert [mutant.identity for mutant in here] == [mutant.identity for mutant in moved]
    assert [mutant.start for mutant in here] != [mutant.start for mutant in moved]
    second = Identity("src/spshipping/wire/file.py", "C.f", "constant", "g(1)", "g(2)", 2)
    assert second in {mutant.identity for mutant in here}


def test_every_area_has_many_changes_each_of_its_own() -> None:
    kinds = Counter(code.area_of(mutant.path) for mutant in FOUND)
    assert set(kinds) == set(code.AREAS)
    assert min(kinds.values()) > 500
    assert len({mutant.identity for mutant in FOUND}) == len(FOUND)


def test_every_changed_file_is_still_python() -> None:
    for mutant in sample.drawn(FOUND, 5, 150):
        source = (ROOT / mutant.path).read_bytes()
        changed = mutant.applied(source)
        assert changed != source, mutant.what
        ast.parse(changed)


def test_a_fact_is_changed_as_a_fact_only() -> None:
    spans = {(fact.path, place) for fact in STATED for place in range(fact.start, fact.end)}
    assert not [mutant.what for mutant in FOUND if (mutant.path, mutant.start) in spans]


def test_each_area_and_the_facts_give_a_fifth() -> None:
    drawn = sample.drawn(EVERYTHING, sample.SEED, sample.COUNT)
    areas = Counter(code.area_of(mutant.path) if mutant.identity else "facts" for mutant in drawn)
    assert areas == dict.fromkeys(("facts", *code.AREAS), 60)


def test_what_is_drawn_stays_when_other_code_changes() -> None:
    drawn = sample.drawn(EVERYTHING, 7, 100)
    others = [m for m in EVERYTHING if m in drawn or not m.path.endswith("transport/decode.py")]
    assert sample.drawn(others, 7, 100) == drawn
    assert sample.drawn(EVERYTHING, 8, 100) != drawn


def test_where_an_area_has_few_the_others_give_more() -> None:
    few = [m for m in FOUND if "/auth/" in m.path][:2] + [m for m in FOUND if "/wire/" in m.path]
    assert len(sample.drawn(few, 1, 40)) == 40


@pytest.mark.parametrize(
    ("survived", "count", "is_published", "expected"),
    [
        (15, 300, True, False),
        (16, 300, True, True),
        (2, 8, False, False),
        (3, 8, False, True),
        (6, 40, False, False),
        (7, 40, False, True),
        (0, 0, False, False),
    ],
)
def test_a_small_sample_fails_only_where_chance_does_not_explain_it(
    survived: int, count: int, is_published: bool, expected: bool
) -> None:
    assert sample.is_too_few(survived, count, is_published=is_published) is expected


def test_every_listed_survivor_is_a_mutant_that_there_is() -> None:
    listed = survivors.listed(survivors.FILE.read_text("utf-8"), FOUND)
    assert {survivor.why for survivor in listed.values()} <= set(survivors.WHY)


def test_an_entry_is_written_as_it_is_read() -> None:
    for mutant in sample.drawn(FOUND, 3, 300):
        assert mutant.identity
        text = survivors.entry(mutant.identity) + '\nwhy = "speed"\nreason = "it is only slower"\n'
        assert survivors.listed(text, [mutant]).keys() == {mutant.identity}


@pytest.mark.parametrize(
    "more",
    ["", 'why = "speed"', 'why = "dull"\nreason = "a reason of words"', 'why = "speed"\nreason = "because"'],
)
def test_an_entry_needs_a_reason(more: str) -> None:
    assert FOUND[0].identity
    with pytest.raises(survivors.UnknownError):
        survivors.listed(survivors.entry(FOUND[0].identity) + "\n" + more, FOUND)


def test_an_entry_is_of_one_mutant() -> None:
    assert FOUND[0].identity
    text = survivors.entry(FOUND[0].identity) + '\nwhy = "speed"\nreason = "it is only slower"\n'
    with pytest.raises(survivors.UnknownError, match="no such mutant"):
        survivors.listed(text, FOUND[1:])
    with pytest.raises(survivors.UnknownError, match="no such mutant"):
        survivors.listed(text * 2, FOUND)


def _reach(near: dict[str, list[int]], far: dict[str, list[int]], path: str = "x.py") -> reach.Reach:
    own = {"tests/unit/wire/test_a.py::slow": 2.0, "tests/unit/wire/test_a.py::quick": 0.1}
    other = {"tests/cases/test_b.py::other": 0.01}
    return reach.Reach(
        {
            "tests/unit/wire/test_a.py": {"tests": own, "unfit": [], "lines": {path: near}},
            "tests/cases/test_b.py": {"tests": other, "unfit": [], "lines": {path: far}},
        }
    )


OWN, OTHER = "tests/unit/wire/test_a.py", "tests/cases/test_b.py"


@pytest.mark.parametrize(
    ("near", "far", "expected"),
    [
        ({"4": [0, 1], "9": [1]}, {"5": [0]}, [f"{OWN}::quick", f"{OWN}::slow", f"{OTHER}::other"]),
        ({"4": [0], "9": [1]}, {}, [f"{OWN}::slow", f"{OWN}::quick"]),
        ({"9": [0]}, {"3": [0]}, [f"{OTHER}::other", f"{OWN}::quick", f"{OWN}::slow"]),
        # executed at import: all of the folder, and whatever else reaches the file
        ({"3": [reach.AT_IMPORT]}, {"9": [0]}, [f"{OWN}::quick", f"{OWN}::slow", f"{OTHER}::other"]),
        ({}, {}, [f"{OWN}::quick", f"{OWN}::slow"]),
    ],
)
def test_the_tests_that_reach_a_line_run_first_then_those_of_its_folder(
    near: dict[str, list[int]], far: dict[str, list[int]], expected: list[str]
) -> None:
    mutant = next(mutant for mutant in FOUND if "/wire/" in mutant.path)
    plan = _reach(near, far, mutant.path).plan(mutant._replace(lines=(3, 5)))
    assert list(plan.ids) == expected
    assert set(plan.files) == {reach.file_of(test) for test in expected}
    assert plan.seconds == pytest.approx(2.1 + 0.01 * (len(expected) == 3))


def test_a_record_is_used_until_the_code_or_the_test_changes(tmp_path: Path) -> None:
    of(tmp_path, "x = 1\n")
    assert reach.kept(tmp_path) == {}
    reach.keep(tmp_path, reach.code_digest(tmp_path), {"tests/test_a.py": {"tests": {}}})
    assert reach.kept(tmp_path) == {"tests/test_a.py": {"tests": {}}}
    of(tmp_path, "x = 2\n")
    assert reach.kept(tmp_path) == {}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Return a repository with one function, and tests that find some of its mutants."""
    for name in ("tests/unit/wire", "tests/cases", "tools", "docs", "examples", "benchmarks", "changelog.d"):
        (tmp_path / name).mkdir(parents=True)
    for area in (*code.AREAS, "testing"):
        (tmp_path / "src/spshipping" / area).mkdir(parents=True)
        (tmp_path / "src/spshipping" / area / "__init__.py").write_text('"""An area."""\n', "utf-8")
    # pytest loads it wherever the package is installed
    (tmp_path / "src/spshipping/testing/plugin.py").write_text('"""A plugin."""\n', "utf-8")
    (tmp_path / "src/spshipping/__init__.py").write_text('"""A package."""\n', "utf-8")
    for name in ("pyproject.toml", "Makefile"):
        (tmp_path / name).write_text("", "utf-8")
    (tmp_path / "src/spshipping/wire/limit.py").write_text(
        '"""A limit."""\n\n\ndef limited(value):\n    while value > 10:\n        value -= 1\n'
        "    return value\n\n\n"
        "def unused():\n    return 1\n",
        "utf-8",
    )
    (tmp_path / "tests/unit/wire/test_limit.py").write_text(
        "from spshipping.wire.limit import limited\n\n\ndef test_a_large_value():\n"
        "    assert limited(12) == 10\n\n\ndef test_nothing():\n    pass\n\n\n"
        "def test_that_fails():\n    assert limited(12) == 12\n",
        "utf-8",
    )
    return tmp_path


@pytest.mark.long
def test_a_repository_is_recorded_and_its_mutants_are_judged(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "_LEAST_SECONDS", 3.0)
    found = run.reach_of(small, ["wire"], 1)
    assert found.unfit == ["tests/unit/wire/test_limit.py::test_that_fails"]
    mutants = [m for m in code.mutants(small) if m.path.endswith("limit.py")]
    plans = [found.plan(mutant) for mutant in mutants]
    fit = {f"tests/unit/wire/test_limit.py::{name}" for name in ("test_a_large_value", "test_nothing")}
    assert {name for plan in plans for name in plan.ids} == fit
    verdicts: dict[str, run.Verdict] = {}
    run.judge_all(small, mutants, plans, 2, lambda each: verdicts.__setitem__(each.mutant.what, each))
    outcomes = {what: (verdict.outcome, verdict.text) for what, verdict in verdicts.items()}
    ends = "the tests did not end in time"
    assert outcomes["limited, arithmetic: value -= 1 -> value += 1"] == ("killed", ends)
    assert outcomes["limited, boundary: while value > 10: -> while value >= 10:"][0] == "killed"
    assert outcomes["limited, return value: return value -> return None"][0] == "killed"
    assert outcomes["unused, constant: return 1 -> return 2"] == ("survived", "")


@pytest.mark.long
def test_a_record_is_read_again(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = run.reach_of(small, ["wire"], 1)
    monkeypatch.setattr(run, "_recorded", None)
    mutants = [m for m in code.mutants(small) if m.path.endswith("limit.py")]
    again = run.reach_of(small, ["wire"], 1)
    assert [again.plan(mutant) for mutant in mutants] == [before.plan(mutant) for mutant in mutants]


@pytest.mark.long
def test_what_cannot_be_recorded_or_collected_is_said(small: Path, tmp_path: Path) -> None:
    tree = Tree(small, tmp_path / "copy")

    def broken(folder: Path, tests: Any) -> object:
        raise ValueError(f"{len(tests)} tests in {folder.name}")

    with pytest.raises(RuntimeError, match="ValueError: 1 tests in copy"):
        tree.recorded(["tests/unit/wire/test_limit.py"], broken)
    with pytest.raises(RuntimeError, match="ValueError: pytest ended with 4"):
        tree.recorded(["tests/nowhere.py"], reach.record)
    with pytest.raises(RuntimeError, match="cannot be collected"):
        tree.warm(["tests/nowhere.py"])
    with pytest.raises(RuntimeError, match="cannot be collected"):
        run.judge_all(small, [FOUND[0]._replace(tests=("tests/nowhere.py",))], [None], 1, print)


class _Item:
    def __init__(self, nodeid: str) -> None:
        self.nodeid = nodeid


def test_chosen_tests_run_in_their_order_and_no_others() -> None:
    items = [_Item("a"), _Item("b"), _Item("c")]
    Chosen(["c", "a"]).pytest_collection_modifyitems(items)
    assert [item.nodeid for item in items] == ["c", "a"]


def test_examples_are_the_same_in_each_run_and_nothing_else_is_set() -> None:
    name, deadline = settings.get_current_profile_name(), settings().deadline
    try:
        Repeatable().pytest_configure()
        assert settings().derandomize
        assert settings().database is None
        assert settings().deadline == deadline
    finally:
        settings.load_profile(name)


def _report(listed: bool, published: bool) -> command.Report:
    identity = FOUND[0].identity
    assert identity
    known = {identity: survivors.Survivor(identity, "speed", "it is only slower")} if listed else {}
    return command.Report(FOUND[:1] if published else FOUND[1:2], known, is_verbose=False)


@pytest.mark.parametrize(
    ("listed", "published", "outcome", "is_well", "said"),
    [
        (False, False, "killed", True, "2 of 2 were killed"),
        (False, False, "survived", True, "[[survivor]]"),
        (False, True, "survived", False, "SURVIVED"),
        (True, True, "survived", True, "1 of those that survived are listed"),
        (True, True, "killed", True, "STALE"),
    ],
)
def test_a_survivor_of_the_published_sample_must_be_listed(
    listed: bool,
    published: bool,
    outcome: str,
    is_well: bool,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = _report(listed, published)
    report.note(run.Verdict(FOUND[0], outcome, "", 1.0))
    report.note(run.Verdict(FOUND[2], "killed", "", 1.0))
    assert report.ended(2.0, is_published=False) is is_well
    assert said in capsys.readouterr().out


@pytest.mark.parametrize("outcome", ["survived", "unnamed", "endless"])
def test_a_fact_must_be_killed_by_a_failure_that_names_it(
    outcome: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report = _report(listed=False, published=False)
    report.note(run.Verdict(STATED[0], outcome, "E  text", 1.0))
    assert not report.ended(2.0, is_published=False)
    assert STATED[0].what in capsys.readouterr().out


def test_too_many_survivors_fail(capsys: pytest.CaptureFixture[str]) -> None:
    report = command.Report([], {}, is_verbose=True)
    for mutant in FOUND[:3]:
        report.note(run.Verdict(mutant, "survived", "", 1.0))
    assert not report.ended(2.0, is_published=False)
    assert "less than 95 %" in capsys.readouterr().out


@pytest.mark.long
def test_a_seed_can_be_drawn(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[Mutant] = []

    def kill(_: Path, mutants: list[Mutant], plans: object, workers: int, note: Any) -> None:
        judged.extend(mutants)
        for mutant in mutants:
            note(run.Verdict(mutant, "killed", "", 1.0))

    monkeypatch.setattr(command, "judge_all", kill)
    monkeypatch.setattr(command, "reach_of", lambda *_: _reach({}, {}))
    assert command.main(["--seed", "random", "--count", "10"]) == 0
    assert "10 of 10 were killed" in capsys.readouterr().out
    assert len(judged) == 10
    assert command.main([]) == 0
    published = sample.drawn(EVERYTHING, sample.SEED, sample.COUNT)
    assert judged[10:] == published
    assert command.main(["--seed", "random", "--count", "20", "--known"]) == 0
    known = judged[10 + len(published) :]
    assert len(known) == 20
    assert all(mutant.identity is None or mutant in published for mutant in known)


def test_a_process_of_the_tool_ends_with_its_parent() -> None:
    from tools.mutants.tree import end_with_parent

    readable, writable = os.pipe()
    parent = os.fork()
    if parent == 0:
        if os.fork() == 0:
            os.close(readable)
            end_with_parent()
            os.write(writable, b"x")
            os.read(os.pipe()[0], 1)  # for ever
        os.read(readable, 1)
        os._exit(0)
    os.close(writable)
    assert os.waitpid(parent, 0)[1] == 0
    # the end of the pipe: the grandchild, which held it open, is gone
    assert os.read(readable, 1) == b""
    os.close(readable)


@pytest.mark.long
def test_a_copy_is_removed_however_the_run_ends(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = small / "copies"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))

    def work(_: Tree, number: int) -> float:
        if number:
            signal.pause()  # until it is told to stop
        return 1 / number

    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        list(run._side_by_side(small, 2, 2, work, ()))
    assert list(folder.iterdir()) == []
