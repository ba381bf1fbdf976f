"""Draws facts at random, changes each in a copy of the source, and runs the contract tests on it.

    python -m tools.mutants                       # a hundred of them; prints the seed
    python -m tools.mutants --seed 7 --count 10   # the same ten, each time
    python -m tools.mutants --only getRates       # all that are about it

Each must be found, and the failure must name the operation or model, and what of it was changed. Run it where
the tests pass.
"""

import argparse
import os
import random
import secrets
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tools.mutants.facts import mutants
from tools.mutants.run import Verdict, judge_all
from tools.mutants.source import Mutant

ROOT = Path(__file__).parents[2]


def drawn(found: Sequence[Mutant], seed: int, count: int) -> list[Mutant]:
    """Return so many of the mutants, at random, or all if there are no more."""
    return random.Random(seed).sample(found, min(count, len(found)))  # noqa: S311 - no secret


def main(arguments: Sequence[str]) -> int:
    """Run the tool; return 0 if every mutant was killed by a failure that names it."""
    parser = argparse.ArgumentParser("python -m tools.mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=_number, default=None, help="makes the same choice again")
    parser.add_argument("--count", type=_number, default=None, help="how many facts are changed (100)")
    parser.add_argument("--only", default="", help="a text that must stand in what is changed")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="processes (one for each core)"
    )
    parser.add_argument("--verbose", action="store_true", help="print every verdict")
    chosen = parser.parse_args(arguments)
    seed = secrets.randbelow(10**6) if chosen.seed is None else chosen.seed
    found = [mutant for mutant in mutants(ROOT) if chosen.only in mutant.what]
    sample = drawn(found, seed, 100 if chosen.count is None else chosen.count)
    if not sample:
        print("there is no such fact")
        return 2
    print(f"{len(sample)} of {len(found)} facts are changed, SEED={seed}", flush=True)
    began, bad = time.monotonic(), []

    def note(verdict: Verdict) -> None:
        if chosen.verbose:
            print(f"{verdict.outcome} in {verdict.seconds:.1f} s: {verdict.mutant.what}", flush=True)
        if verdict.outcome != "killed":
            bad.append(verdict)
            print(_shown(verdict), flush=True)

    judge_all(ROOT, sample, min(chosen.workers, max(1, len(sample))), note)
    killed = len(sample) - len(bad)
    print(
        f"{killed} of {len(sample)} were found and named, in {time.monotonic() - began:.0f} s (SEED={seed})"
    )
    return 1 if bad else 0


def _number(text: str) -> int | None:
    return int(text) if text else None


def _shown(verdict: Verdict) -> str:
    mutant = verdict.mutant
    tests = " ".join(mutant.tests)
    lines = [f"{verdict.outcome.upper()}: {mutant.path}: {mutant.what}", f"  tests: {tests}"]
    if verdict.outcome == "unnamed":
        lines.append(f"  names {' or '.join(mutant.names[:3])}? and {' or '.join(mutant.facts)}?")
    lines += [f"  | {line}" for line in verdict.text.splitlines()[:12]]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
