"""The sync storm: orders change, every fault strikes, the sync is killed again and again; none is missed."""

import itertools
import json
import multiprocessing
import os
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from spshipping.orders.v2026_01_01 import SEARCH_ORDERS
from spshipping.sandbox import Sandbox
from spshipping.sandbox.fields import UNHEARD_OF
from spshipping.sandbox.orders import OrderSupply
from spshipping.sandbox.orders.seller_orders import Change
from spshipping.sync.passes import LAG
from tests.sandbox.odd_orders import OddSandbox, let_times_be_equal
from tests.sandbox.order_sync_worker import Plan
from tests.sandbox.order_sync_worker import work as sync_orders
from tests.sandbox.weather import break_out

IS_FULL = os.environ.get("SPSHIPPING_SOAK") == "full"
SEED = int(os.environ.get("SPSHIPPING_SEED", "20260706"))
CLOCKS = (0.0, 100.0, -100.0, 3600.0, -3600.0)
"""By how many seconds the clock of a worker is ahead."""
STARTS = 15
_NEVER = datetime.max.replace(tzinfo=UTC)


class State(NamedTuple):
    """An order as it was delivered."""

    id: str
    time: datetime | None
    """Its last change, as the answer states it: odd, or None, where that was changed on the way."""
    status: str | None
    digest: str
    """Of all that is in it."""


class Delivered(NamedTuple):
    """What the journal says."""

    states: Counter[State]
    """What was delivered, and how often."""
    again: list[State]
    """What came although the same was the last of that order that is sure to have been committed."""
    runs: list[tuple[datetime, datetime]]
    """When the runs that went well began, and ended."""
    errors: list[str]
    turns: list[int]
    """How many turns in the quota were taken in all, those too that a killed process did not use."""


def read(path: Path) -> Delivered:
    found = Delivered(Counter(), [], [], [], [])
    batch: list[State] = []
    committed: dict[str, State] = {}
    began: datetime | None = None
    for line in path.read_bytes().splitlines():
        try:
            data = json.loads(line)
        except ValueError:
            continue  # half a line, or none
        match data["kind"]:
            case "start":
                batch, began = [], None
            case "order":
                time = data["time"] and datetime.fromisoformat(data["time"])
                state = State(data["id"], time, data["status"], data["digest"])
                batch.append(state)
                found.states[state] += 1
                if committed.pop(state.id, None) == state:
                    found.again.append(state)
            case "committed":
                committed.update((state.id, state) for state in batch)
                batch = []
            case "begin":
                began = datetime.fromisoformat(data["time"])
            case "end":
                assert began is not None
                found.runs.append((began, datetime.fromisoformat(data["time"])))
            case "error":
                found.errors.append(data["error"])
            case "over":
                found.turns.append(data["turns"])
    return found


def skipped(changes: list[Change], delivered: Delivered) -> tuple[list[Change], int]:
    """Return the changes that should have been delivered and were not, and how many should have been.

    A change should have been delivered where a run began once the APIs showed it, and once it was as old as
    a search wants it, and ended before the next change of that order took its place. Of two changes with the
    same time, the status says which was delivered.
    """
    states: dict[str, list[State]] = defaultdict(list)
    for state in delivered.states:
        states[state.id].append(state)
    by_order: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        by_order[change.order_id].append(change)
    missed, due = [], 0
    for history in by_order.values():
        times = {at(change.time) for change in history}
        for change, following in itertools.zip_longest(history, history[1:]):
            # a clock that is behind may not be known as such until the checkpoint seems to lie in the future
            ready = max(at(change.seen), at(change.time) + 2 * LAG + timedelta(seconds=1))
            over = at(following.seen) if following else _NEVER
            if any(ready <= began and ended < over for began, ended in delivered.runs):
                due += 1
                if not any(_is_of(change, state, times) for state in states[change.order_id]):
                    missed.append(change)
    return missed, due


def _is_of(change: Change, state: State, times: set[datetime]) -> bool:
    """Return whether *state* is how the order was after *change*, as far as its oddities let that be said."""
    is_same_time = state.time == at(change.time) or state.time not in times
    # Orders 2026-01-01 has no status of its own for an order that waits for its invoice
    status = "Shipped" if change.status == "InvoiceUnconfirmed" else change.status
    return is_same_time and state.status in (status, None, UNHEARD_OF)


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class Storm:
    """A worker that syncs, and somebody who kills it at random moments."""

    def __init__(self, plan: Plan, sandbox: OddSandbox, work: Callable[[Plan], None] = sync_orders) -> None:
        self._plan = plan
        self._work = work
        self._sandbox = sandbox
        self._chance = Random(SEED)
        self._context: Any = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([work.__module__])

    def rage(self, kills: int, spacing: int) -> None:
        """Let the worker sync until its time is up; kill it *kills* times on the way.

        Args:
            kills: how often.
            spacing: how many lines it writes down between two kills, at most.
        """
        for number in range(kills):
            lines = self._chance.randrange(spacing)
            # by turns: in the midst of a page, between two orders; and at any moment at all
            process = self._start(lines=lines if number % 2 else -1, ends=_NEVER)
            if number % 2 == 0:
                more = self._written() + lines * 80
                while self._written() < more and process.is_alive():
                    process.join(0.0005)
                process.join(self._chance.random() * 0.01)
                process.kill()
            process.join()
            assert process.exitcode == -signal.SIGKILL
            self._plan.checkpoint.load()  # never half written
        self._run(max(self._plan.ends - self._sandbox.clock.now(), timedelta(hours=2)))

    def start_anew(self, times: int) -> None:
        """Let one worker after another begin where no pass is under way, each with a clock of its own."""
        for _ in range(times):
            self._run(timedelta(minutes=12))

    def _run(self, span: timedelta) -> None:
        process = self._start(ends=self._sandbox.clock.now() + span)
        process.join()
        assert process.exitcode == 0

    def _start(self, **changes: Any) -> BaseProcess:
        changes["ahead"] = self._chance.choice(CLOCKS)
        self._sandbox.takes_future = self._chance.random() < 0.5
        process: BaseProcess = self._context.Process(
            target=self._work, args=(self._plan._replace(**changes),)
        )
        process.start()
        return process

    def _written(self) -> int:
        path = self._plan.journal
        return path.stat().st_size if path.exists() else 0


def used_share(sandbox: Sandbox, delivered: Delivered) -> float:
    """Return how much of what the quota allows was used between the first search and the last."""
    seen, quota = sandbox.ledger.requests(SEARCH_ORDERS.name), SEARCH_ORDERS.quota
    turns = delivered.turns[-1]
    ideal = (turns - quota.burst) / quota.rate
    return ideal / (seen[-1].time - seen[0].time).total_seconds()


def equal_times(changes: list[Change]) -> int:
    """Return how many changes have the time of another change of the same order."""
    return len(changes) - len({(change.order_id, change.time) for change in changes})


def summary(storm: str, delivered: Delivered, sandbox: OddSandbox, changes: list[Change]) -> str:
    states, repeats = len(delivered.states), delivered.states.total() - len(delivered.states)
    searches = sandbox.ledger.count(SEARCH_ORDERS.name)
    return (
        f"{storm}: {len(changes):,} changes, {equal_times(changes):,} of equal times, "
        f"{states:,} states delivered, {repeats:,} of them again, "
        f"{searches:,} searches at {used_share(sandbox, delivered):.1%} of the quota, "
        f"{delivered.turns[-1] - searches} turns lost, {sum(sandbox.ledger.faults.values()):,} faults, "
        f"{sandbox.odd_times:,} odd times and {sandbox.errors} pages of errors met, "
        f"{len(delivered.errors)} runs failed"
    )


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_case_67_a_sync_killed_again_and_again_misses_no_change_and_repeats_no_committed_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    orders, kills, hours = (20_000, 100, 14) if IS_FULL else (2_000, 10, 5)
    let_times_be_equal(monkeypatch, 0.4)
    # up to seven minutes late: later than a search lies back
    with OddSandbox(OrderSupply(orders, seed=SEED, days=5, late=420), SEED) as sandbox:
        break_out(sandbox, SEED)
        waiting = sandbox.faults.waiting()
        sandbox.faults.clear()
        for fault in waiting:
            if fault.status != 429:  # it says that somebody else uses the quota
                sandbox.faults.add(fault)
        now = sandbox.clock.now()
        plan = Plan(
            folder=str(tmp_path),
            endpoint=sandbox.url,
            token_url=sandbox.token_url,
            credentials=sandbox.credentials,
            since=now - timedelta(days=30),
            ends=now + timedelta(hours=hours),
        )
        storm = Storm(plan, sandbox)
        storm.rage(kills, spacing=orders * 3 // 2 // kills)
        storm.start_anew(STARTS)
        delivered, changes = read(plan.journal), sandbox.order_changes()
        with capsys.disabled():
            sys.stdout.write(f"\n{summary(f'{kills} kills', delivered, sandbox, changes)}\n")
        missed, due = skipped(changes, delivered)
        assert missed == []
        assert due > orders * 0.95
        assert delivered.again == []
        assert {state.id for state in delivered.states} <= {change.order_id for change in changes}
        assert equal_times(changes) > orders * 0.1
        assert sandbox.odd_times > orders * 0.02
        assert sandbox.errors > 0
        assert sandbox.ledger.count(SEARCH_ORDERS.name, 429) == 0
        assert used_share(sandbox, delivered) > 0.98
