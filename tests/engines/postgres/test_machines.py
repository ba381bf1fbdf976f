"""Two machines, and workers of them that are killed and hang: one owner, one number, one purchase."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random

import pytest

from spshipping.sync.postgres import PostgresLeases
from spshipping.vendor.sscc import Sscc
from tests.engines.postgres.conftest import Open
from tests.engines.postgres.server import Server
from tests.engines.postgres.worker import Task
from tests.kit import START

pytestmark = [pytest.mark.engines, pytest.mark.timeout(1800)]

IS_FULL = os.environ.get("SPSHIPPING_SOAK") == "full"
ROOT = Path(__file__).parents[3]


class Crew:
    """Workers, and what they have written down."""

    def __init__(self, folder: Path, url: str, schema: str) -> None:
        self._folder = folder
        self._url, self._schema = url, schema
        self._names = count(1)
        self.running: list[subprocess.Popen[bytes]] = []
        self.killed = 0

    def start(self, kind: str, steps: int) -> subprocess.Popen[bytes]:
        """Start a worker."""
        name = f"w{next(self._names)}"
        task = Task(kind, self._url, self._schema, str(self._folder / name), name, steps)
        command = [sys.executable, "-m", "tests.engines.postgres.worker", json.dumps(task._asdict())]
        self.running.append(subprocess.Popen(command, cwd=ROOT))
        return self.running[-1]

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """Kill a worker."""
        self.running.remove(worker)
        worker.kill()
        self.killed += worker.wait() == -signal.SIGKILL

    def wait(self) -> None:
        """Wait until all have done their work."""
        for worker in self.running:
            assert worker.wait(600) == 0

    def lines(self) -> list[str]:
        """Return what was written down, whole lines only."""
        return [line for path in self._folder.iterdir() for line in path.read_text().split("\n")[:-1]]

    def lines_above(self, number: int) -> None:
        """Wait until so many lines are written, or nobody works any more."""
        while len(self.lines()) < number and any(worker.poll() is None for worker in self.running):
            pass


@pytest.fixture
def crew(tmp_path: Path, server: Server, schema: str, open_database: Open) -> Iterator[Crew]:
    open_database()
    made = Crew(tmp_path, server.url(), schema)
    yield made
    for worker in made.running:
        worker.kill()
        worker.wait()


CODES = [
    pytest.param(2_000, id="small"),
    pytest.param(200_000 if IS_FULL else 20_000, marks=pytest.mark.soak),
]


@pytest.mark.parametrize("wanted", CODES)
def test_codes_of_two_machines_are_never_twice(crew: Crew, server: Server, wanted: int) -> None:
    for number in range(4):
        crew.start("issue", wanted // 4)
        if number % 2:
            continue
        crew.lines_above(len(crew.lines()) + wanted // 50)
        crew.kill(crew.running[-1])
    crew.lines_above(len(crew.lines()) + wanted // 50)
    server.stop(signal.SIGQUIT)
    server.start()
    crew.wait()
    found = crew.lines()
    assert crew.killed == 2
    assert len(found) >= wanted // 2
    assert len(set(found)) == len(found)
    for code in found:
        Sscc.read(code)


SYNCS = [
    pytest.param(12, 150, 6, id="small"),
    pytest.param(60, 5_000 if IS_FULL else 500, 60 if IS_FULL else 20, marks=pytest.mark.soak, id="storm"),
]


@pytest.mark.parametrize(("sellers", "steps", "kills"), SYNCS)
def test_a_row_never_has_two_owners(
    crew: Crew, server: Server, open_database: Open, sellers: int, steps: int, kills: int
) -> None:
    leases = PostgresLeases(open_database())
    leases.add(f"s{number:03}" for number in range(sellers))
    draw = Random(20_261_130)
    for _ in range(4):
        crew.start("sync", steps)
    for kill in range(kills):
        crew.lines_above(len(crew.lines()) + 20)
        worker = draw.choice(crew.running)
        if kill % 3 == 2:
            # it hangs for longer than its lease lasts, and others go on
            worker.send_signal(signal.SIGSTOP)
            crew.lines_above(len(crew.lines()) + 60)
            worker.send_signal(signal.SIGCONT)
        else:
            crew.kill(worker)
            crew.start("sync", steps)
    server.stop(signal.SIGKILL)
    server.start()
    crew.wait()
    lines = crew.lines()
    reports = Counter(line for line in lines if line in ("lost", "away"))
    saved = [line.split() for line in lines if line not in reports]
    steps_of = [(seller, int(number)) for seller, number, _ in saved]
    assert len(set(steps_of)) == len(steps_of), "two have saved the same step: a row had two owners"
    fences: dict[str, int] = {}
    for seller, _, fence in sorted(saved, key=lambda one: (one[0], int(one[1]))):
        assert int(fence) >= fences.get(seller, 0), "an earlier owner has saved after a later one"
        fences[seller] = int(fence)
    ends = {row.name: int((row.until - START).total_seconds()) for row in leases.sellers() if row.until}
    assert max(fences.values()) > sellers
    # what a worker could not write down any more was saved, or was not; nothing that was written down is lost
    missing = sum(ends.values()) - len(saved)
    assert 0 <= missing <= crew.killed + reports["away"]
    assert crew.killed >= kills // 2
    assert all(number <= ends[seller] for seller, number in steps_of)
    assert leases.next_in() is not None


def test_eight_processes_with_the_same_references_own_each_once(crew: Crew) -> None:
    number = 150 if IS_FULL else 30
    for _ in range(8):
        crew.start("buy", number)
    crew.wait()
    assert sorted(crew.lines()) == sorted(str(reference) for reference in range(number))
