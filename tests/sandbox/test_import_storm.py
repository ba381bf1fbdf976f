"""The import storm: the import of purchase orders is killed again and again; none is lost."""

import json
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from spshipping.sandbox import Sandbox
from spshipping.sandbox.orders import OrderSupply
from spshipping.sandbox.tokens import Account
from spshipping.sandbox.vendor import PurchaseOrderSupply, response
from spshipping.vendor.orders import GET_PURCHASE_ORDER, GET_PURCHASE_ORDERS, GET_PURCHASE_ORDERS_STATUS
from tests.sandbox.import_worker import digest, work
from tests.sandbox.odd_orders import OddSandbox
from tests.sandbox.order_sync_worker import Plan
from tests.sandbox.test_order_sync_storm import IS_FULL, SEED, Storm, at
from tests.sandbox.weather import break_out

OPERATIONS = (GET_PURCHASE_ORDERS, GET_PURCHASE_ORDER, GET_PURCHASE_ORDERS_STATUS)
CHANGING = ("null_field", "unknown_enum", "unknown_field", "number_as_text")
"""Faults that change what an answer says: what was delivered could not be compared."""
SEAMS = 26
"""Where windows of seven days overlap by a minute: what became available then may come twice."""
pytestmark = pytest.mark.dates


class Delivered(NamedTuple):
    """What the journal says."""

    last: dict[str, str]
    """The digest of each purchase order that was delivered last."""
    states: Counter[tuple[str, str]]
    """What was delivered, and how often."""
    reasons: Counter[str]
    again: int
    """What came although the same was the last of that order that is sure to have been committed."""
    errors: int
    passes: int


def read(path: Path) -> Delivered:
    last: dict[str, str] = {}
    states: Counter[tuple[str, str]] = Counter()
    reasons: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    batch: dict[str, str] = {}
    committed: dict[str, str] = {}
    again = 0
    for line in path.read_bytes().splitlines():
        try:
            data = json.loads(line)
        except ValueError:
            continue  # half a line, or none
        kinds[data["kind"]] += 1
        if data["kind"] == "order":
            last[data["number"]] = data["digest"]
            states[data["number"], data["digest"]] += 1
            reasons[data["reason"]] += 1
            batch[data["number"]] = data["digest"]
            again += committed.pop(data["number"], None) == data["digest"]
        elif data["kind"] == "committed":
            committed.update(batch)
        if data["kind"] in ("start", "committed"):
            batch = {}
    return Delivered(last, states, reasons, again, kinds["error"], kinds["end"])


class Due(NamedTuple):
    """What is at Amazon, as far as the last pass had to see it."""

    digests: dict[str, str]
    """How each purchase order is, where nothing has happened to it since."""
    numbers: set[str]
    changed: int
    """How many Amazon has changed."""


def due(sandbox: Sandbox, plan: Plan) -> Due:
    """Return what the import must have delivered by its checkpoint."""
    checkpoint = plan.checkpoint.load()
    assert checkpoint is not None
    assert checkpoint.window is None
    with sandbox._vendor.vendors.of(Account().seller) as (vendor, _):
        orders = list(vendor.orders._orders.values())
    shown = [order for order in orders if at(order.available) <= checkpoint.until]
    return Due(
        {
            order.number: digest(response.order(order), response.status(order))
            for order in shown
            if at(order.updated) <= checkpoint.until
        },
        {order.number for order in shown},
        sum(order.changed is not None for order in shown),
    )


def let_change(sandbox: Sandbox, count: int, hours: int) -> None:
    """Let Amazon change *count* purchase orders over some hours, more of them in the beginning."""
    chance = Random(SEED)
    with sandbox._vendor.vendors.of(Account().seller) as (vendor, now):
        for order in chance.sample(list(vendor.orders._orders.values()), count):
            vendor.agenda.add(now + int(chance.random() ** 3 * hours * 3600), order.touch)


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_an_import_killed_again_and_again_loses_no_order_and_delivers_the_latest_state_of_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (orders, kills), hours = ((5_000, 50) if IS_FULL else (500, 5)), 30
    # an order is shown up to an hour after its date; many were never acknowledged, and change meanwhile
    supply = PurchaseOrderSupply(orders, seed=SEED, days=170, late=3600, answered=10)
    with OddSandbox(OrderSupply(1), SEED, supply) as sandbox:
        break_out(sandbox, SEED)
        waiting = sandbox.faults.waiting()
        sandbox.faults.clear()
        for fault in waiting:
            if fault.status != 429 and fault.kind not in CHANGING:
                sandbox.faults.add(fault)
        now = sandbox.clock.now()
        plan = Plan(
            folder=str(tmp_path),
            endpoint=sandbox.url,
            token_url=sandbox.token_url,
            credentials=sandbox.credentials,
            since=now - timedelta(days=175),
            ends=now + timedelta(hours=hours),
        )
        let_change(sandbox, orders // 5, hours)
        storm = Storm(plan, sandbox, work)
        storm.rage(kills, spacing=orders * 4 // kills)
        delivered, wanted = read(plan.journal), due(sandbox, plan)
        searches = {operation.name: sandbox.ledger.count(operation.name) for operation in OPERATIONS}
        with capsys.disabled():
            again = delivered.states.total() - len(delivered.states)
            sys.stdout.write(
                f"\n{kills} kills: {len(wanted.numbers):,} purchase orders, {wanted.changed:,} changed, "
                f"{len(delivered.states):,} states delivered, {again:,} of them again, "
                f"{dict(delivered.reasons)}, {searches}, {delivered.passes} passes, "
                f"{sum(sandbox.ledger.faults.values()):,} faults, {delivered.errors} passes failed\n"
            )
        assert len(wanted.numbers) >= orders
        assert wanted.numbers - delivered.last.keys() == set()
        assert {
            number for number, state in wanted.digests.items() if delivered.last[number] != state
        } == set()
        assert delivered.again <= SEAMS
        assert len(wanted.digests) > len(wanted.numbers) * 0.99
        assert len(delivered.states) > len(delivered.last) + orders // 10
        assert {
            operation.name: sandbox.ledger.count(operation.name, 429) for operation in OPERATIONS
        } == dict.fromkeys(searches, 0)
