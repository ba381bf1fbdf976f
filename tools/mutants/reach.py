"""Which tests reach which lines of the code, and how long each takes: recorded by coverage, kept in a file.

Recorded are the tests of `FOLDERS`, once each, without any mutant. A test file is recorded again when it has
changed, and all are when the code has.
"""

import hashlib
import importlib
import json
import os
import time
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tools.mutants.code import AREAS, area_of
from tools.mutants.source import Mutant
from tools.mutants.tree import Repeatable, run_pytest

CACHE = ".mutants.json"
"""In the root of the repository, and not in git."""
_PACKAGE = "src/spshipping"
AT_IMPORT = -1
"""Stands among the numbers of tests for a line that is executed when its file is imported."""
FOLDERS = {
    "wire": ("tests/unit/wire", "tests/cases"),
    "transport": (
        *("tests/unit/transport", "tests/flow", "tests/unit/test_async_client.py"),
        *(
            f"tests/sandbox/test_{name}.py"
            for name in ("adapter", "certificates", "connecting", "connections")
        ),
    ),
    "auth": ("tests/unit/auth", "tests/flow"),
    "journal": ("tests/unit/journal", "tests/ship/test_limits.py", "tests/webhooks"),
}
"""The tests of each area: folders and files."""
_LEFT_OUT = (
    "-m",
    "not soak and not long and not papers and not foreign and not tools and not prism and not engines",
)
_ENDED = (0, 1, 5)
"""How pytest exits where it came to its end: all passed, some failed, there were none."""
_MOST_SECONDS = 60.0
"""The tests of a mutant take no longer than about this; what would come last is not run."""


class Plan(NamedTuple):
    """The tests that are run for a mutant, the likeliest to fail first."""

    files: tuple[str, ...]
    ids: tuple[str, ...]
    seconds: float
    """How long they take without a mutant."""


class Recorder:
    """A plugin of pytest that notes under which test each line is executed."""

    def __init__(self, coverage: Any) -> None:
        self._coverage = coverage
        self._seconds: dict[str, float] = {}
        self._unfit: set[str] = set()

    def pytest_collection_finish(self) -> None:
        """Import what would be imported in some test, and then seem to be reached by that one alone."""
        for area in AREAS:
            package = importlib.import_module(f"spshipping.{area}")
            for path in sorted(Path(str(package.__file__)).parent.glob("*.py")):
                importlib.import_module(f"spshipping.{area}.{path.stem}")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Name the test, and take its time."""
        self._coverage.switch_context(item.nodeid)
        began = time.perf_counter()
        try:
            return (yield)
        finally:
            self._seconds[item.nodeid] = time.perf_counter() - began
            self._coverage.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Leave out what fails, or is skipped."""
        if not report.passed:
            self._unfit.add(report.nodeid)

    def recorded(self, folder: Path) -> dict[str, Any]:
        """Return for each test file its tests with their seconds, and for each line of code its tests."""
        made: dict[str, Any] = {}
        numbers: dict[str, int] = {"": AT_IMPORT}
        for name, seconds in self._seconds.items():
            of_file = made.setdefault(file_of(name), {"tests": {}, "unfit": [], "lines": {}})
            if name in self._unfit:
                of_file["unfit"].append(name)
            else:
                numbers[name] = len(of_file["tests"])
                of_file["tests"][name] = round(seconds, 4)
        data = self._coverage.get_data()
        for path in sorted(data.measured_files()):
            source = Path(path).relative_to(folder).as_posix()
            for line, names in data.contexts_by_lineno(path).items():
                for name in numbers.keys() & names:
                    for of_file in [made[file_of(name)]] if name else made.values():
                        of_file["lines"].setdefault(source, {}).setdefault(line, []).append(numbers[name])
        return made


def file_of(test: str) -> str:
    """Return the file of a test."""
    return test.partition("::")[0]


def record(folder: Path, tests: Sequence[str]) -> dict[str, Any]:
    """Run the tests in this process; return what each reaches.

    Raises:
        ValueError: pytest did not come to its end.
    """
    # the tracer that can tell tests apart
    os.environ["COVERAGE_CORE"] = "ctrace"
    from coverage import Coverage

    coverage = Coverage(
        data_file=None, config_file=False, source=[str(folder / _PACKAGE / area) for area in AREAS]
    )
    recorder = Recorder(coverage)
    coverage.start()
    code = run_pytest([*_LEFT_OUT, *tests], [recorder, Repeatable()])
    coverage.stop()
    if code not in _ENDED:
        raise ValueError(f"pytest ended with {code}, so that it is not known which tests reach what")
    return recorder.recorded(folder)


def test_files(root: Path, areas: Iterable[str]) -> list[str]:
    """Return the files with the tests of these areas."""
    found: set[str] = set()
    for folder in {folder for area in areas for folder in FOLDERS[area]}:
        paths = (root / folder).rglob("test_*.py") if (root / folder).is_dir() else [root / folder]
        found |= {path.relative_to(root).as_posix() for path in paths if path.is_file()}
    return sorted(found)


class Reach:
    """What is recorded of the tests of some areas."""

    def __init__(self, files: dict[str, Any]) -> None:
        self._seconds = {name: seconds for each in files.values() for name, seconds in each["tests"].items()}
        self._lines: dict[str, dict[int, set[str]]] = {}
        for each in files.values():
            names = [*each["tests"], ""]
            for path, lines in each["lines"].items():
                of_path = self._lines.setdefault(path, {})
                for line, numbers in lines.items():
                    of_path.setdefault(int(line), set()).update(names[number] for number in numbers)
        self.unfit = sorted(name for each in files.values() for name in each["unfit"])
        """Tests that fail or are skipped without any mutant."""

    def plan(self, mutant: Mutant) -> Plan:
        """Return the tests that reach a mutant, those of its own area and the quickest first.

        The other tests of its area follow: what is executed once, and kept, seems to be reached by one alone.
        """
        lines = self._lines.get(mutant.path, {})
        first, last = mutant.lines
        near = {test for line in range(first, last + 1) for test in lines.get(line, ())}
        own = {test for test in self._seconds if test.startswith(f"tests/unit/{area_of(mutant.path)}/")}
        if "" in near:
            # what is executed when the file is imported may show in any test
            near = own | {test for tests in lines.values() for test in tests}
        ordered = sorted(
            (near | own) & self._seconds.keys(),
            key=lambda test: (test not in near, test not in own, self._seconds[test], test),
        )
        chosen, total = [], 0.0
        for test in ordered:
            if total < _MOST_SECONDS:
                total += self._seconds[test]
                chosen.append(test)
        return Plan(tuple(dict.fromkeys(map(file_of, chosen))), tuple(chosen), total)


def kept(root: Path) -> dict[str, Any]:
    """Return what the cache file holds, or nothing if it is of other code."""
    try:
        cache: dict[str, Any] = json.loads((root / CACHE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return cache["files"] if cache.get("code") == code_digest(root) else {}


def keep(root: Path, code: str, files: dict[str, Any]) -> None:
    """Write the cache file; *code* is the digest of the code that was recorded."""
    cache = {"code": code, "files": files}
    (root / CACHE).write_text(json.dumps(cache), "utf-8")


def digest(path: Path) -> str:
    """Return what tells the content of a file from any other."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def code_digest(root: Path) -> str:
    """Return what tells the code of all areas from any other."""
    paths = [path for area in AREAS for path in sorted((root / _PACKAGE / area).rglob("*.py"))]
    return hashlib.sha256("".join(digest(path) for path in paths).encode()).hexdigest()
