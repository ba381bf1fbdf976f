"""Processes that are killed at any step between submit and outcome lose no submission."""

import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

from spshipping.sandbox import Fault, PurchaseOrderSupply, Sandbox
from spshipping.vendor.acknowledge import Taken
from spshipping.vendor.acknowledge.desk import LEASE_SECONDS
from spshipping.vendor.ledger import SubmissionState
from tests.vendor.conftest import has_costs
from tests.vendor.worker import Plan, opened, work

IS_FULL = os.environ.get("SPSHIPPING_SOAK") == "full"
ROOT = Path(__file__).parents[2]
SEED = 20_261_130
STEPS = 40
"""As many as there are until five orders are submitted."""
FAULTS = (None, "drop_after", "drop_before", "cut_body")
WAYS = ("threads", "asyncio")


def start(plan: Plan) -> subprocess.Popen[bytes]:
    """Start a process."""
    command = [sys.executable, "-m", "tests.vendor.worker", json.dumps(plan._asdict())]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def was_killed(process: subprocess.Popen[bytes]) -> bool:
    """Wait for a process, and return whether it was killed."""
    _, error = process.communicate(timeout=110)
    assert process.returncode in (0, -9), error.decode()
    return process.returncode == -9


class Desk:
    """A sandbox, a ledger in a file, and the orders that are to be answered."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self._folder = folder
        self.offset = 0.0
        with opened(self.plan([])) as (vendor, _):
            found = vendor.orders.iter_purchase_orders(purchase_order_state="New")
            self.orders = [order.purchase_order_number for order in found if has_costs(order)]

    def plan(self, orders: list[str], **more: Any) -> Plan:
        """Return what a process does."""
        return Plan(
            endpoint=self.sandbox.url,
            token_url=self.sandbox.token_url,
            credentials=self.sandbox.credentials,
            ledger=str(self._folder / "ledger.db"),
            orders=orders,
            offset=self.offset,
            **more,
        )

    def pass_time(self, seconds: float) -> None:
        """Let time pass for everything."""
        self.offset += seconds
        self.sandbox.clock.advance(seconds)


@pytest.fixture
def desk(tmp_path: Path) -> Any:
    supply = PurchaseOrderSupply(count=1_200 if IS_FULL else 80, days=1.5, late=0.0)
    with Sandbox(purchase_orders=supply) as sandbox:
        yield Desk(sandbox, tmp_path)


def test_a_process_that_lives_submits_each_order_once(desk: Desk) -> None:
    plan = desk.plan(desk.orders[:3])
    with opened(plan) as (vendor, ledger):
        assert work(plan, vendor, ledger) == desk.orders[:3]
        assert work(plan, vendor, ledger) == []


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_process_killed_at_any_step_loses_no_submission(desk: Desk) -> None:
    chance = Random(SEED)
    kills = 60 if IS_FULL else 8
    killed = 0
    for number in range(0, kills, 2):
        running = []
        for each in (number, number + 1):
            fault = FAULTS[each % len(FAULTS)]
            if fault:
                desk.sandbox.faults.add(Fault("submitAcknowledgement", fault, count=2))
            orders = desk.orders[each * 5 : each * 5 + 5]
            at = chance.randint(1, STEPS)
            running.append(start(desk.plan(orders, way=WAYS[(each // 2) % 2], killed_at=at)))
        killed += sum(map(was_killed, running))
    assert killed > kills // 2
    desk.sandbox.faults.clear()
    wanted = desk.orders[: kills * 5]
    desk.pass_time(LEASE_SECONDS + 1)
    with opened(desk.plan(wanted)) as (vendor, ledger):
        work(desk.plan(wanted), vendor, ledger)
        begun = list(vendor.submissions(ledger=ledger))
        assert sorted({each.reference for each in begun}) == sorted(wanted)
        for each in begun:
            vendor.check(each, ledger=ledger)
    desk.pass_time(16 * 60)
    with opened(desk.plan([])) as (vendor, ledger):
        for each in list(vendor.submissions(ledger=ledger, open=True)):
            vendor.check(each, ledger=ledger)
        ended = list(vendor.submissions(ledger=ledger))
        taken = [each for each in ended if isinstance(each.outcome, Taken)]
        assert sorted(each.reference for each in taken) == sorted(wanted)
        assert {each.state for each in ended} == {SubmissionState.CONFIRMED}
        for number in wanted:
            assert vendor.orders.get_purchase_order(number).purchase_order_state == "Acknowledged"
