"""Runs the tests of mutants, several side by side, and judges each mutant by what its tests say."""

import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tools.mutants import reach
from tools.mutants.reach import Plan
from tools.mutants.source import Mutant
from tools.mutants.tree import Chosen, First, Repeatable, Tree, end_with_parent, mentions

_SECONDS = 300.0
"""For the tests of a fact."""
_LEAST_SECONDS = 20.0
_TIMES = 5.0
"""For the tests of code: so many times what they take without a mutant, and `_LEAST_SECONDS`."""
_GROUPS = 8


class Verdict(NamedTuple):
    """What became of a mutant."""

    mutant: Mutant
    outcome: str
    """`killed`, `survived`, `unnamed` (killed, but the failure does not name the fact) or `endless`.

    Code whose tests do not end in time is killed.
    """
    text: str
    """What the failure says."""
    seconds: float


def judged(mutant: Mutant, code: int, output: str, seconds: float) -> Verdict:
    """Judge a mutant by the exit code of its tests and by what they printed."""
    if code == 0:
        return Verdict(mutant, "survived", "", seconds)
    if code == 5:
        return Verdict(mutant, "survived", "no test was found", seconds)
    if mutant.identity:
        text = said(output) if code > 0 else "the tests did not end in time"
        return Verdict(mutant, "killed", text or output[-2000:], seconds)
    if code < 0:
        return Verdict(mutant, "endless", output[-2000:], seconds)
    text = said(output)
    is_named = mentions(text, mutant.names) and mentions(text, mutant.facts)
    return Verdict(mutant, "killed" if is_named else "unnamed", text or output[-2000:], seconds)


def said(output: str) -> str:
    """Return what a failure says itself: the test's name and the error, no line of source."""
    lines = output.splitlines()
    return "\n".join(line for line in lines if re.match(r"E  |_{3,} .* _{3,}$|FAILED |ERROR ", line))


def judge(tree: Tree, mutant: Mutant, plan: Plan | None) -> Verdict:
    """Run the tests of a mutant; those of code are in its *plan*."""
    began = time.monotonic()
    if plan is None:
        code, output = tree.run(mutant, mutant.tests, [First(mutant.names)], _SECONDS)
    elif not plan.ids:
        code, output = 5, ""
    else:
        seconds = _LEAST_SECONDS + _TIMES * plan.seconds
        code, output = tree.run(mutant, plan.files, [Chosen(plan.ids), Repeatable()], seconds)
    return judged(mutant, code, output, time.monotonic() - began)


def judge_all(
    root: Path,
    mutants: Sequence[Mutant],
    plans: Sequence[Plan | None],
    workers: int,
    on_verdict: Callable[[Verdict], object],
) -> None:
    """Judge every mutant, with so many processes side by side."""

    def work(tree: Tree, number: int) -> tuple[str, str, float]:
        verdict = judge(tree, mutants[number], plans[number])
        return verdict.outcome, verdict.text, verdict.seconds

    tests = {test for mutant in mutants for test in mutant.tests}
    tests |= {test for plan in plans if plan for test in plan.files}
    for number, result in _side_by_side(root, len(mutants), workers, work, sorted(tests)):
        on_verdict(Verdict(mutants[number], *result))


def reach_of(root: Path, areas: Iterable[str], workers: int) -> reach.Reach:
    """Return what the tests of these areas reach, recorded now as far as the cache file does not hold it."""
    wanted = {test: reach.digest(root / test) for test in reach.test_files(root, areas)}
    code, files = reach.code_digest(root), reach.kept(root)
    missing = [test for test, digest in wanted.items() if files.get(test, {}).get("digest") != digest]
    if missing:
        for test, found in _recorded(root, missing, workers).items():
            files[test] = {**found, "digest": wanted[test]}
        reach.keep(root, code, files)
    return reach.Reach({test: files[test] for test in wanted})


def _recorded(root: Path, tests: Sequence[str], workers: int) -> dict[str, Any]:
    """Return what is recorded of each test file, with so many processes side by side."""
    made: dict[str, Any] = {test: {"tests": {}, "unfit": [], "lines": {}} for test in tests}
    # few files at a time, so that the processes end at about the same time
    groups = [tests[number::_GROUPS] for number in range(min(_GROUPS, len(tests)))]

    def work(tree: Tree, number: int) -> Any:
        return tree.recorded(groups[number], reach.record)

    for _, result in _side_by_side(root, len(groups), min(workers, len(groups)), work, ()):
        made |= result
    return made


def _side_by_side(
    root: Path, count: int, workers: int, work: Callable[[Tree, int], Any], tests: Sequence[str]
) -> Iterator[tuple[int, Any]]:
    """Yield what *work* returns for each number, in the order in which they end."""
    import multiprocessing

    fork = multiprocessing.get_context("fork")
    waiting: Any = fork.SimpleQueue()
    done: Any = fork.SimpleQueue()

    def serve(folder: Path) -> None:
        end_with_parent()
        try:
            tree = Tree(root, folder)
            if tests:
                tree.warm(tests)
            for number in iter(waiting.get, -1):
                done.put((number, work(tree, number)))
        except Exception as error:
            done.put(f"{type(error).__name__}: {error}")

    with tempfile.TemporaryDirectory(prefix="spshipping-mutants-", ignore_cleanup_errors=True) as folder:
        folders = [Path(folder) / str(number) for number in range(workers)]
        processes = [fork.Process(target=serve, args=[each]) for each in folders]
        for process in processes:
            process.start()
        # a full queue blocks who puts into it: so it is filled while the processes take from it
        for number in [*range(count), *[-1] * workers]:
            waiting.put(number)
        try:
            for _ in range(count):
                result = done.get()
                if isinstance(result, str):
                    raise RuntimeError(result)
                yield result
        except BaseException:
            for process in processes:
                process.terminate()
            raise
        finally:
            for process in processes:
                process.join()
