"""Runs the tests of mutants, one after the other, in forks of a process that has loaded pytest already."""

import compileall
import contextlib
import importlib
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from tools.mutants.source import Mutant

_COPIED = ("src", "tests", "tools", "docs", "examples", "benchmarks", "changelog.d")
_LEFT_OUT = ("__pycache__", "_build", ".*", "*.egg-info")
_LOADED = (
    "pytest",
    "_pytest.assertion.rewrite",
    "hypothesis",
    "requests",
    "attrs",
    "cattrs",
    "responses",
    "yaml",
)
"""What every test run needs, and no mutant changes."""
_SECONDS = 300.0
_OPTIONS = (
    *("-x", "-q", "--tb=short", "--no-header", "-p", "no:cacheprovider", "-p", "no:xdist"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)


class Verdict(NamedTuple):
    """What became of a mutant."""

    mutant: Mutant
    outcome: str
    """`killed`, `survived`, `unnamed` (killed, but the failure does not name the fact) or `endless`."""
    text: str
    """What the failure says."""
    seconds: float


def judged(mutant: Mutant, code: int, output: str, seconds: float) -> Verdict:
    """Judge a mutant by the exit code of its tests and by what they printed."""
    if code == 0:
        return Verdict(mutant, "survived", "", seconds)
    if code == 5:
        return Verdict(mutant, "survived", "no test was found", seconds)
    if code < 0:
        return Verdict(mutant, "endless", output[-2000:], seconds)
    text = said(output)
    is_named = _mentions(text, mutant.names) and _mentions(text, mutant.facts)
    return Verdict(mutant, "killed" if is_named else "unnamed", text or output[-2000:], seconds)


def said(output: str) -> str:
    """Return what a failure says itself: the test's name and the error, no line of source."""
    lines = output.splitlines()
    return "\n".join(line for line in lines if re.match(r"E  |_{3,} .* _{3,}$|FAILED |ERROR ", line))


def _mentions(text: str, words: tuple[str, ...]) -> bool:
    return any(re.search(rf"(?<![A-Za-z0-9]){re.escape(word)}", text) for word in words)


class Tree:
    """A copy of the repository in which facts are changed, for one process."""

    def __init__(self, root: Path) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="spshipping-mutants-"))
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

    def close(self) -> None:
        """Remove the copy."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def warm(self, tests: tuple[str, ...]) -> None:
        """Have the tests compiled once, so that no later run compiles them again.

        Raises:
            RuntimeError: they cannot even be collected.
        """
        code, output = self._run([*_OPTIONS, "--collect-only", *tests], (), writes=True)
        if code != 0:
            raise RuntimeError(f"the tests cannot be collected without any mutant:\n{output[-3000:]}")

    def judge(self, mutant: Mutant) -> Verdict:
        """Run the tests of *mutant*."""
        path = self._folder / mutant.path
        source = path.read_bytes()
        began = time.monotonic()
        try:
            self._write(path, mutant.applied(source))
            code, output = self._run([*_OPTIONS, *mutant.tests], mutant.names, writes=False)
        finally:
            self._write(path, source)
        return judged(mutant, code, output, time.monotonic() - began)

    def _write(self, path: Path, source: bytes) -> None:
        path.write_bytes(source)
        # compiled code is recognised by time and size: so each version has a time of its own
        self._clock += 2
        os.utime(path, (self._clock, self._clock))

    def _run(self, arguments: list[str], names: tuple[str, ...], *, writes: bool) -> tuple[int, str]:
        with tempfile.TemporaryFile("w+b") as output:
            child = os.fork()
            if child == 0:
                _child(self._folder, arguments, names, output.fileno(), writes=writes)
            code = _code_of(child)
            output.seek(0)
            return code, output.read().decode("utf-8", "replace")


def _code_of(child: int) -> int:
    """Return the exit code of a child, or -1 if it did not end in time."""
    ends_at = time.monotonic() + _SECONDS
    while time.monotonic() < ends_at:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return max(0, os.waitstatus_to_exitcode(status)) or (1 if os.WIFSIGNALED(status) else 0)
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -1


class _First:
    """Lets the tests go first whose ids name what was changed."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Sort the tests."""
        items.sort(key=lambda item: not _mentions(item.nodeid, self._names))


def _child(
    folder: Path, arguments: list[str], names: tuple[str, ...], output: int, *, writes: bool
) -> NoReturn:
    """Run pytest in a copy, and end the process."""
    code = 99
    try:
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
        import pytest

        code = int(pytest.main(arguments, plugins=[_First(names)]))
    except BaseException as error:
        os.write(2, f"E  {type(error).__name__}: {error}\n".encode())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def judge_all(
    root: Path, mutants: list[Mutant], workers: int, on_verdict: Callable[[Verdict], object]
) -> None:
    """Judge every mutant, with so many processes side by side."""
    import multiprocessing

    fork = multiprocessing.get_context("fork")
    waiting: Any = fork.SimpleQueue()
    done: Any = fork.SimpleQueue()
    for number in [*range(len(mutants)), *[-1] * workers]:
        waiting.put(number)
    processes = [fork.Process(target=_work, args=(root, mutants, waiting, done)) for _ in range(workers)]
    for process in processes:
        process.start()
    for _ in _each(processes, len(mutants)):
        result = done.get()
        if isinstance(result, str):
            raise RuntimeError(result)
        number, *rest = result
        on_verdict(Verdict(mutants[number], *rest))
    for process in processes:
        process.join()


def _each(processes: list[Any], count: int) -> Iterator[int]:
    """Count to *count*, and end the processes however that ends."""
    try:
        yield from range(count)
    except BaseException:
        for process in processes:
            process.terminate()
        raise


def _work(root: Path, mutants: list[Mutant], waiting: Any, done: Any) -> None:
    tree = Tree(root)
    try:
        tree.warm(tuple(sorted({test for mutant in mutants for test in mutant.tests})))
        for number in iter(waiting.get, -1):
            verdict = tree.judge(mutants[number])
            done.put((number, verdict.outcome, verdict.text, verdict.seconds))
    except Exception as error:
        done.put(f"{type(error).__name__}: {error}")
    finally:
        tree.close()
