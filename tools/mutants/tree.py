"""A copy of the repository in which mutants are tried, in forks of a process that has loaded pytest."""

import compileall
import contextlib
import ctypes
import importlib
import json
import os
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from tools.mutants.source import Mutant

_COPIED = ("src", "tests", "tools", "docs", "examples", "benchmarks", "changelog.d")
_LEFT_OUT = ("__pycache__", "_build", ".*", "*.egg-info")
_LOADED = (
    "pytest",
    "_pytest.assertion.rewrite",
    "coverage",
    "hypothesis",
    "hypothesis.stateful",
    "requests",
    "attrs",
    "cattrs",
    "cattrs.preconf.json",
    "responses",
    "yaml",
    "aiohttp",
    "aiohttp.web",
    "boto3",
    "cryptography.hazmat.primitives.ciphers.aead",
    "filelock",
    "pytest_asyncio",
    "werkzeug.serving",
)
"""What test runs need, and no mutant changes."""
OPTIONS = (
    *("-q", "--tb=short", "--no-header", "-p", "no:cacheprovider", "-p", "no:xdist"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
_MOST_MEMORY = 8 << 30
"""Of addresses, for the tests of a mutant: one that appends for ever ends before the machine's memory."""
_DEATH_OF_PARENT = 1
"""PR_SET_PDEATHSIG of Linux."""


class Tree:
    """A copy of the repository, for one process."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._folder = folder
        self._clock = time.time()
        ignore = shutil.ignore_patterns(*_LEFT_OUT)
        for name in _COPIED:
            shutil.copytree(root / name, self._folder / name, ignore=ignore)
        for path in [*root.glob("*.md"), root / "pyproject.toml", root / "Makefile"]:
            shutil.copy(path, self._folder / path.name)
        compileall.compile_dir(self._folder / "src", quiet=2)
        for name in _LOADED:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)

    def warm(self, tests: Sequence[str]) -> None:
        """Have the tests compiled once, so that no later run compiles them again.

        Raises:
            RuntimeError: they cannot even be collected.
        """
        code, output = self._run(
            lambda _: run_pytest(["-x", "--collect-only", *tests], []), seconds=600, writes=True
        )
        if code != 0:
            raise RuntimeError(f"the tests cannot be collected without any mutant:\n{output[-3000:]}")

    def run(
        self, mutant: Mutant, tests: Sequence[str], plugins: Sequence[object], seconds: float
    ) -> tuple[int, str]:
        """Run the tests until one fails; return pytest's exit code, -1 after too long, and the output."""
        path = self._folder / mutant.path
        source = path.read_bytes()
        try:
            self._write(path, mutant.applied(source))
            return self._run(lambda _: run_pytest(["-x", *tests], plugins), seconds=seconds, writes=False)
        finally:
            self._write(path, source)

    def recorded(self, tests: Sequence[str], record: Callable[[Path, Sequence[str]], Any]) -> Any:
        """Return what *record* returns, called in a process that has the copy, without any mutant.

        Raises:
            RuntimeError: it failed.
        """
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as result:

            def write(folder: Path) -> int:
                Path(result.name).write_text(json.dumps(record(folder, tests)), "utf-8")
                return 0

            code, output = self._run(write, seconds=1200, writes=True)
            if code != 0:
                raise RuntimeError(f"the tests cannot be recorded:\n{output[-3000:]}")
            return json.load(result)

    def _write(self, path: Path, source: bytes) -> None:
        path.write_bytes(source)
        # compiled code is recognised by time and size: so each version has a time of its own
        self._clock += 2
        os.utime(path, (self._clock, self._clock))

    def _run(self, work: Callable[[Path], int], *, seconds: float, writes: bool) -> tuple[int, str]:
        with tempfile.TemporaryFile("w+b") as output:
            child = os.fork()
            if child == 0:
                _child(self._folder, work, output.fileno(), writes=writes)
            code = _code_of(child, seconds)
            output.seek(0)
            return code, output.read().decode("utf-8", "replace")


def _code_of(child: int, seconds: float) -> int:
    """Return the exit code of a child, or -1 if it did not end in time."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            _end_group(child)
            return max(0, os.waitstatus_to_exitcode(status)) or (1 if os.WIFSIGNALED(status) else 0)
        time.sleep(0.02)
    _end_group(child)
    os.waitpid(child, 0)
    return -1


def _end_group(child: int) -> None:
    """End a child, and what its tests have started and left behind."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)


def end_with_parent() -> None:
    """Have this process killed when its parent ends, where the system can do so."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_DEATH_OF_PARENT, signal.SIGKILL)


def mentions(text: str, words: tuple[str, ...]) -> bool:
    """Say whether a text names one of *words*."""
    return any(re.search(rf"(?<![A-Za-z0-9]){re.escape(word)}", text) for word in words)


class First:
    """A plugin that lets the tests go first whose ids name what was changed."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Sort the tests."""
        items.sort(key=lambda item: not mentions(item.nodeid, self._names))


class Chosen:
    """A plugin that runs these tests only, in this order."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._places = {name: place for place, name in enumerate(ids)}

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Sort the tests, and drop the others."""
        items[:] = [item for item in items if item.nodeid in self._places]
        items.sort(key=lambda item: self._places[item.nodeid])


class Repeatable:
    """A plugin by which a test that draws its examples draws the same ones in each run, and keeps none."""

    def pytest_configure(self) -> None:
        """Make it so, of whatever the tests have set until now."""
        from hypothesis import settings

        settings.register_profile("mutants", settings(), derandomize=True)
        settings.load_profile("mutants")


def run_pytest(arguments: Sequence[str], plugins: Sequence[object]) -> int:
    """Run pytest in this process; return its exit code."""
    import pytest

    return int(pytest.main([*OPTIONS, *arguments], plugins=[*plugins]))


def _child(folder: Path, work: Callable[[Path], int], output: int, *, writes: bool) -> NoReturn:
    """Do the work in a copy, and end the process."""
    code = 99
    try:
        # a group of its own: with it ends what the tests start
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
        end_with_parent()
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(folder)
        sys.dont_write_bytecode = not writes
        ours = [str(folder / "src"), str(folder)]
        os.environ["PYTHONPATH"] = os.pathsep.join(ours)
        here = {"", str(Path(__file__).parents[2]), str(Path(__file__).parents[2] / "src")}
        sys.path[:] = [*ours, *(path for path in sys.path if path not in here)]
        for name in [
            name for name in sys.modules if name.partition(".")[0] in ("tools", "tests", "spshipping")
        ]:
            del sys.modules[name]
        importlib.invalidate_caches()
        code = work(folder)
    except BaseException as error:
        os.write(2, f"E  {type(error).__name__}: {error}\n".encode())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
