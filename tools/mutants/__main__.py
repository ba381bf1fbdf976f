"""Draws mutants at random, makes each in a copy of the source, and runs the tests that should find it.

    python -m tools.mutants                            # the published sample: 300 mutants, seed 1
    python -m tools.mutants --seed 7 --count 10        # the same ten, each time
    python -m tools.mutants --seed random --count 10   # ten others; prints the seed
    python -m tools.mutants --seed random --count 10 --known   # code of the published sample only, as CI does
    python -m tools.mutants --only getRates            # all that are about it
    python -m tools.mutants --listed                   # those that are known to survive

A fifth of the mutants each changes the code of `wire/`, `transport/`, `auth/` and `journal/`, and a fifth the
facts that the source states. Run it where the tests pass. It fails

- when a change of a fact is not found, or the failure does not name what was changed;
- when a change of code in the published sample survives and is not listed in survivors.toml;
- when less than 95 % of the published sample are killed;
- in any other sample, when so many changes of code survive as would by chance once in a hundred samples where
  95 % of all are killed: three of eight, or seven of forty. Fewer are printed, with their entries for
  survivors.toml.

A listed mutant that is killed is printed as stale, and has to leave the list. Which tests reach a mutant is
recorded first, within two minutes, and kept in `.mutants.json` until the code changes.
"""

import argparse
import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tools.mutants import code, facts, sample, survivors
from tools.mutants.run import Verdict, judge_all, reach_of
from tools.mutants.source import Identity, Mutant

ROOT = Path(__file__).parents[2]


class Report:
    """What is printed, and what decides whether the run fails."""

    def __init__(
        self, published: Sequence[Mutant], listed: dict[Identity, survivors.Survivor], *, is_verbose: bool
    ) -> None:
        self._published = {mutant.identity for mutant in published if mutant.identity}
        self._listed = listed
        self._is_verbose = is_verbose
        self._outcomes: Counter[str] = Counter()
        self._known = 0
        self._is_failed = False

    def note(self, verdict: Verdict) -> None:
        """Count a verdict, and print it if it is not as it should be."""
        mutant = verdict.mutant
        is_listed = mutant.identity in self._listed
        is_killed = verdict.outcome == "killed"
        kind = "code" if mutant.identity else "facts"
        self._outcomes[f"{kind} {'killed' if is_killed else 'left'}"] += 1
        if self._is_verbose:
            print(f"{verdict.outcome} in {verdict.seconds:.1f} s: {mutant.path}: {mutant.what}")
            print(f"  {(verdict.text.splitlines() or ['by no test'])[-1]}", flush=True)
        if is_killed and is_listed:
            print(f"STALE, a listed survivor was killed: {mutant.path}: {mutant.what}", flush=True)
        elif not is_killed and is_listed:
            self._known += 1
        elif not is_killed:
            self._is_failed |= mutant.identity is None or mutant.identity in self._published
            print(_shown(verdict), flush=True)

    def ended(self, seconds: float, *, is_published: bool) -> bool:
        """Print the figures; return whether all is as it should be."""
        count, left = self._outcomes.total(), self._outcomes["facts left"] + self._outcomes["code left"]
        of_code = self._outcomes["code left"] + self._outcomes["code killed"]
        print(
            f"{count - left} of {count} were killed, in {seconds:.0f} s; of code,"
            f" {self._outcomes['code killed']} of {of_code}; {self._known} of those that survived are listed"
        )
        survived, judged = (left, count) if is_published else (self._outcomes["code left"], of_code)
        is_too_few = sample.is_too_few(survived, judged, is_published=is_published)
        if is_too_few:
            print("so many survive only where less than 95 % are killed")
        return not (self._is_failed or is_too_few)


def main(arguments: Sequence[str]) -> int:
    """Run the tool; return 0 if all is as it should be."""
    chosen = _chosen(arguments)
    seed = secrets.randbelow(10**6) if chosen.seed == "random" else int(chosen.seed or sample.SEED)
    count = int(chosen.count or sample.COUNT)
    stated = facts.mutants(ROOT)
    everything = [*stated, *code.mutants(ROOT, stated)]
    listed = survivors.listed(survivors.FILE.read_text("utf-8"), everything)
    published = sample.drawn(everything, sample.SEED, sample.COUNT)
    known = {mutant.identity for mutant in published if mutant.identity}
    found = [
        mutant
        for mutant in everything
        if chosen.only in f"{mutant.path}: {mutant.what}"
        and (mutant.identity in listed or not chosen.listed)
        and (mutant.identity is None or mutant.identity in known or not chosen.known)
    ]
    mutants = sample.drawn(found, seed, count)
    if not mutants:
        print("there is no such mutant")
        return 2
    print(f"{len(mutants)} of {len(found)} mutants are tried, SEED={seed}", flush=True)
    workers = min(chosen.workers, len(mutants))
    began = time.monotonic()
    areas = {code.area_of(mutant.path) for mutant in mutants if mutant.identity}
    reach = reach_of(ROOT, areas, workers)
    print(f"which tests reach them is known after {time.monotonic() - began:.0f} s", flush=True)
    report = Report(published, listed, is_verbose=chosen.verbose)
    plans = [reach.plan(mutant) if mutant.identity else None for mutant in mutants]
    judge_all(ROOT, mutants, plans, workers, report.note)
    return 0 if report.ended(time.monotonic() - began, is_published=mutants == published) else 1


def _chosen(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tools.mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", default="", help=f"makes the same choice again ({sample.SEED}); or random")
    parser.add_argument("--count", default="", help=f"how many are made ({sample.COUNT})")
    parser.add_argument("--only", default="", help="a text that must stand in the path or in what is changed")
    parser.add_argument("--listed", action="store_true", help="only those that are known to survive")
    parser.add_argument("--known", action="store_true", help="code of the published sample only")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="processes (one for each core)"
    )
    parser.add_argument("--verbose", action="store_true", help="print every verdict")
    return parser.parse_args(arguments)


def _shown(verdict: Verdict) -> str:
    mutant = verdict.mutant
    lines = [f"{verdict.outcome.upper()}: {mutant.path}: {mutant.what}"]
    if mutant.identity:
        lines += [f"  {line}" for line in survivors.entry(mutant.identity).splitlines()]
    else:
        lines.append(f"  tests: {' '.join(mutant.tests)}")
    if verdict.outcome == "unnamed":
        lines.append(f"  names {' or '.join(mutant.names[:3])}? and {' or '.join(mutant.facts)}?")
    lines += [f"  | {line}" for line in verdict.text.splitlines()[:12]]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
