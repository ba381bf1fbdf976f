"""Processes that ship in all ways: killed at any step, each has one label; limits hold to the penny."""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from random import Random

import pytest

from spshipping.journal import State
from spshipping.shipping.ship.sent import LEASE_SECONDS
from tests.ship.test_crashes import IS_FULL, ROOT, SEED, WAYS, Office, office, outcome
from tests.ship.unquoted import DIRECT, ONE_CLICK
from tests.ship.unquoted_worker import Task, limit_of, work
from tests.ship.worker import Plan, opened

__all__ = ["office"]

STEPS = 16
"""So many there are until a label is saved."""
SENDING, ANSWERED, SETTLED = 6, 10, 12
"""The steps after which it may be sent, after which it is bought, and after which that is written down."""
PRICE = Decimal("3.75")


def start(task: Task) -> subprocess.Popen[bytes]:
    """Start a process."""
    command = [sys.executable, "-m", "tests.ship.unquoted_worker", json.dumps(task._asdict())]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def task_of(plan: Plan, ways: Mapping[str, str], **more: str | None) -> Task:
    return Task(plan._asdict(), ways, **more)


def killed(office: Office, crashes: list[tuple[str, str, int]]) -> dict[str, str]:
    """Let a process die at a step for each way of running, of shipping, and step; return how each ships."""
    ways = {f"{run} {way} {step}": way for run, way, step in crashes}
    for index in range(0, len(crashes), 2):
        running = []
        for run, way, step in crashes[index : index + 2]:
            plan = office.plan([f"{run} {way} {step}"], way=run, killed_at=step)
            running.append(start(task_of(plan, ways)))
        assert [outcome(process) for process in running] == [None] * len(running)
    return ways


CRASHES = list(product(WAYS, (DIRECT, ONE_CLICK), range(1, STEPS + 1)))


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    "crashes",
    [
        [(WAYS[0], DIRECT, ANSWERED), (WAYS[1], ONE_CLICK, ANSWERED), (WAYS[0], ONE_CLICK, SENDING)],
        pytest.param(CRASHES if IS_FULL else Random(SEED).sample(CRASHES, 20), marks=pytest.mark.soak),
    ],
    ids=["some", "many"],
)
def test_a_process_killed_at_any_step_costs_no_second_label(
    office: Office, crashes: list[tuple[str, str, int]]
) -> None:
    ways = killed(office, crashes)
    begun = office.labels()
    office.pass_time(LEASE_SECONDS + 1)
    plan = office.plan(list(ways), resumes=True)
    task = task_of(plan, ways)
    with opened(plan) as purchases:
        in_hand = work(task, purchases)
        unsettled = {purchase.reference for purchase in purchases.unsettled()}
        assert sorted([*in_hand, *unsettled]) == sorted(ways), "each is in hand, or is named"
        labels = office.labels()
        for reference, way in ways.items():
            purchase = purchases.find(reference)
            step, package = int(reference.split()[-1]), purchase.package_client_reference_id
            assert labels[package] <= 1
            if reference in in_hand:
                assert (purchase.state, labels[package]) == (State.BOUGHT, 1)
            else:
                assert way == ONE_CLICK
                assert SENDING <= step < SETTLED
                assert labels[package] == begun[package], "nothing was sent again"


@pytest.mark.long
def test_processes_with_the_same_references_buy_each_once(office: Office) -> None:
    ways = {f"{number}": (DIRECT, ONE_CLICK)[number % 2] for number in range(6)}
    running = [start(task_of(office.plan(list(ways), way=WAYS[seed % 2]), ways)) for seed in range(4)]
    found = [outcome(process) for process in running]
    assert found == [found[0]] * 4, "all have the same shipments"
    assert sorted(found[0] or ()) == sorted(ways)
    assert sorted(office.labels().values()) == [1] * len(ways)


def noon() -> float:
    """Return the seconds until the next noon: no day ends while the test runs."""
    now = datetime.now(UTC)
    next_noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
    return (next_noon + timedelta(days=now >= next_noon) - now).total_seconds()


@pytest.mark.long
def test_a_limit_holds_to_the_penny_across_processes_and_ways(office: Office) -> None:
    office.pass_time(noon())
    most, each = 7, 4
    ways = {f"{number}": ("ship", DIRECT, ONE_CLICK)[number % 3] for number in range(4 * each)}
    running = []
    for first in range(4):
        plan = office.plan(list(ways)[first * each : (first + 1) * each], way=WAYS[first % 2])
        running.append(start(task_of(plan, ways, limit=str(most * PRICE), max_charge=str(PRICE))))
    found = [outcome(process) for process in running]
    in_hand = {reference for each in found for reference in each or {}}
    assert len(in_hand) == most
    assert sum(office.labels().values()) == most
    assert office.sandbox.ledger.spent == {"GBP": most * PRICE}
    plan = office.plan(sorted(set(ways) - in_hand))
    task = task_of(plan, ways, limit=str(most * PRICE), max_charge=str(PRICE))
    with opened(plan, limit_of(task)) as purchases:
        assert work(task, purchases) == {}
        purchases.cancel(min(in_hand))
        assert len(work(task, purchases)) == 1, "a cancellation gives back for one"
    assert office.sandbox.ledger.spent == {"GBP": most * PRICE}
