"""How much of a quota is used, and at how many 429s: ours and other clients, in real time, over loopback."""

import json
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from benchmarks.children import Child, ChildError
from benchmarks.measure import Row
from benchmarks.peers import THROTTLE_RETRY
from benchmarks.scenarios import SCENARIOS, THREADS, Scenario

OURS = "spshipping"
SHARED_GOAL = 0.95
BESIDE_GOAL = 1.01
"""Theirs to ours: a hundredth is what it costs to begin late enough, and draw no 429."""
_BESIDE = ("as the table says", "slower", "faster")
"""The scenarios that other clients are measured in, with eight threads."""
_BESIDE_THREADS = 8
_AT_ONCE = 5
_LIMIT_SECONDS = 60.0
_CROWDED = 64
_FEW = 3


class Course(NamedTuple):
    """One client in one scenario."""

    scenario: Scenario
    threads: int
    client: str = OURS
    python: str = sys.executable
    processes: int = 1
    """More than one share the quota in a folder."""

    @property
    def who(self) -> str:
        """How many work at it."""
        return f"{self.processes} processes x {self.threads}" if self.processes > 1 else str(self.threads)

    @property
    def most_refusals(self) -> int:
        """The most 429s that it may draw."""
        return self.scenario.refusals_per_thread * self.threads * self.processes


class Used(NamedTuple):
    """The result of a course."""

    course: Course
    share: float | None
    """Of the calls that the quota allowed meanwhile; calls that failed are not counted in."""
    refusals: int = 0
    failed: int = 0
    note: str = ""
    """Why it could not be measured."""
    is_second_run: bool = False

    @property
    def is_missed(self) -> bool:
        """Return whether it is ours, and a goal is not met."""
        if self.course.client != OURS:
            return False
        return not self.is_polite or self.share is None or self.share < self.course.scenario.goal

    @property
    def is_polite(self) -> bool:
        """Return whether no call failed, and no more 429s came than may come."""
        return self.refusals <= self.course.most_refusals and not self.failed


def _run(course: Course) -> Used:
    try:
        return _measure(course)
    except ChildError as error:
        return Used(course, None, note=str(error))


def _measure(course: Course) -> Used:
    scenario, processes = course.scenario, course.processes
    with ExitStack() as stack:
        bucket = stack.enter_context(Child(sys.executable, "benchmarks.bucket", scenario.name))
        job: dict[str, Any] = json.loads(bucket.receive()) | {
            "work": "quota",
            "calls": scenario.calls // processes,
            "threads": course.threads,
            "limit": _LIMIT_SECONDS,
        }
        if processes > 1:
            job["folder"] = stack.enter_context(TemporaryDirectory())
        workers = [
            stack.enter_context(Child(course.python, "benchmarks.worker", course.client))
            for _ in range(processes)
        ]
        for worker in workers:
            worker.send(json.dumps(job))
        for worker in workers:
            worker.receive()
        bucket.send("begin")
        bucket.receive()
        for worker in workers:
            worker.send("begin")
        results = [json.loads(worker.receive(2 * _LIMIT_SECONDS)) for worker in workers]
        bucket.send("end")
        refusals = int(bucket.receive())
    # monotonic time is the same for all processes of a machine
    seconds = max(result["ended"] for result in results) - min(result["began"] for result in results)
    done = sum(result["outcomes"].get("done", 0) for result in results)
    # a client that fails at once is not the faster for it
    share = done / scenario.calls * min(1.0, scenario.ideal_seconds / seconds)
    return Used(course, share, refusals, scenario.calls - done)


def _courses(peers: Mapping[str, str]) -> list[Course]:
    """Return all there is to measure, in the order of the table."""
    theirs = [
        Course(scenario, _BESIDE_THREADS, client, python)
        for client, python in peers.items()
        for scenario in SCENARIOS
        if scenario.name in _BESIDE
    ]
    shared = SCENARIOS[0]._replace(calls=112, goal=SHARED_GOAL)
    ours = [Course(scenario, threads) for threads in THREADS for scenario in SCENARIOS]
    return [*ours, Course(shared, 2, processes=4), *theirs]


def clients(installed: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Return the interpreter of each other client; one package counts for two."""
    found = {name: python for name, (python, _) in installed.items()}
    package = THROTTLE_RETRY.partition(",")[0]
    return found | ({THROTTLE_RETRY: found[package]} if package in found else {})


def measure(peers: Mapping[str, str]) -> list[Used]:
    """Run every client in its scenarios, several at a time, for they mostly wait.

    Args:
        peers: the interpreter of each other client.
    """
    courses = _courses(peers)
    with ThreadPoolExecutor(1) as crowded, ThreadPoolExecutor(_AT_ONCE) as others:
        # the slow ones of the others first, so that nothing is left running alone at the end
        ordered = sorted(courses, key=lambda course: course.client == OURS)
        running = {
            course: (crowded if course.threads >= _CROWDED else others).submit(_run, course)
            for course in ordered
        }
        used = [running[course].result() for course in courses]
    missed = sum(one.is_missed for one in used)
    # where nothing but time was missed, and only here and there, the machine may have been busy
    return [_again(one) if one.is_missed and one.is_polite and missed <= _FEW else one for one in used]


def _again(first: Used) -> Used:
    """Measure once more, alone; what was refused or failed in either run counts, and the table shows it."""
    second = _run(first.course)
    return second._replace(
        refusals=max(first.refusals, second.refusals),
        failed=max(first.failed, second.failed),
        is_second_run=True,
    )


def beside(used: Iterable[Used]) -> list[Row]:
    """Compare the others' share with ours: it may not be more."""
    shares = {
        (one.course.scenario.name, one.course.client): one.share
        for one in used
        if one.course.threads == _BESIDE_THREADS
    }
    rows = []
    for (scenario, client), share in shares.items():
        ours = shares[scenario, OURS]
        if client != OURS and share is not None:
            ratio = share / ours if ours else None
            rows.append(Row(f"quota, {scenario}", f"share used by {client}, to ours", ratio, BESIDE_GOAL))
    return rows


def _plain(reason: str) -> str:
    return reason.replace("|", "\\|")


def table(used: Iterable[Used], missing: Mapping[str, str]) -> str:
    """Return the results of all courses as Markdown."""
    lines = [
        "| quota at Amazon | client | threads | share used | goal | 429s | at most | failed calls |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for one in used:
        course = one.course
        is_ours = course.client == OURS
        goal = f"{course.scenario.goal:.2f}" if is_ours else ""
        most = str(course.most_refusals) if is_ours else ""
        found = [f"skipped: {_plain(one.note)}", goal, "", most, ""]
        if one.share is not None:
            failed = f"{one.failed} of {course.scenario.calls}"
            again = " (second run)" if one.is_second_run else ""
            found = [f"{one.share:.3f}{again}", goal, str(one.refusals), most, failed]
        if one.is_missed:
            found[-1] += " **missed**"
        lines.append(f"| {' | '.join([course.scenario.name, course.client, course.who, *found])} |")
    lines += [f"| | {name} | | skipped: {_plain(reason)} | | | | |" for name, reason in missing.items()]
    return "\n".join(lines) + "\n"
