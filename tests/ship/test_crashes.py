"""Processes that share a journal, and are killed at any step: labels equal references, or are named."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from spshipping.journal import State
from spshipping.sandbox import Sandbox
from spshipping.sandbox.faults import KINDS, Fault
from spshipping.shipping.ship.sent import LEASE_SECONDS
from tests.ship.worker import Plan, opened, work

IS_FULL = os.environ.get("SPSHIPPING_SOAK") == "full"
ROOT = Path(__file__).parents[2]
SEED = 20_260_301
STEPS = 22
"""A few more than there are until a label is saved."""
WAYS = ("threads", "asyncio")


class Office:
    """A sandbox, and a journal that processes share."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self._folder = folder
        self._offset = 0.0

    def plan(self, references: list[str], **more: Any) -> Plan:
        """Return what a process does."""
        return Plan(
            endpoint=self.sandbox.url,
            token_url=self.sandbox.token_url,
            credentials=self.sandbox.credentials,
            journal=str(self._folder / "journal.db"),
            labels=str(self._folder / "labels"),
            references=references,
            offset=self._offset,
            **more,
        )

    def start(self, plan: Plan) -> subprocess.Popen[bytes]:
        """Start a process."""
        command = [sys.executable, "-m", "tests.ship.worker", json.dumps(plan._asdict())]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def pass_time(self, seconds: float) -> None:
        """Let time pass for everything."""
        self._offset += seconds
        self.sandbox.clock.advance(seconds)

    def labels(self) -> Counter[str]:
        """Return how many labels each package has."""
        return Counter(label.reference for label in self.sandbox.ledger.labels)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Sandbox() as sandbox:
        yield Office(sandbox, tmp_path)


def outcome(process: subprocess.Popen[bytes]) -> dict[str, str] | None:
    """Wait for a process; return what it has in hand, or None where it was killed."""
    out, error = process.communicate(timeout=110)
    assert process.returncode in (0, -9), error.decode()
    return json.loads(out) if process.returncode == 0 else None


NUMBERS = [15, *([pytest.param(150, marks=pytest.mark.soak)] if IS_FULL else [])]
PROCESSES = 8


@pytest.mark.long
@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "sellers",
    [
        pytest.param(["one shop"], marks=pytest.mark.soak, id="one"),
        pytest.param(["one shop", "another shop"], id="two"),
    ],
)
def test_eight_processes_with_the_same_references_buy_each_once(
    office: Office, number: int, sellers: list[str]
) -> None:
    references = [str(number) for number in range(number)]
    processes = [
        (seller, office.start(office.plan(references, way=WAYS[seed % 2], seller=seller, seed=seed)))
        for seed in range(PROCESSES // len(sellers))
        for seller in sellers
    ]
    in_hand: dict[str, list[dict[str, str] | None]] = {seller: [] for seller in sellers}
    for seller, process in processes:
        in_hand[seller].append(outcome(process))
    for seller in sellers:
        first = in_hand[seller][0]
        assert first is not None
        assert sorted(first) == sorted(references)
        assert all(each == first for each in in_hand[seller]), "all have the same shipments"
    labels = office.labels()
    assert len(labels) == len(sellers) * number
    assert set(labels.values()) == {1}


@pytest.mark.soak
def test_eight_processes_spend_the_limit_and_not_a_penny_more(office: Office) -> None:
    limit = Decimal("3.75") * 10 + Decimal("3.74")
    references = [str(number) for number in range(15)]
    plans = [
        office.plan(references, way=WAYS[seed % 2], seed=seed, limit=str(limit)) for seed in range(PROCESSES)
    ]
    ended = [outcome(process) for process in [office.start(plan) for plan in plans]]
    assert office.sandbox.ledger.spent == {"GBP": Decimal("37.50")}
    assert set(office.labels().values()) == {1}
    bought = {reference for in_hand in ended for reference in in_hand or {}}
    assert len(bought) == 10


class Crash(NamedTuple):
    """One reference whose process is killed once or twice, under a fault."""

    first: int
    second: int
    fault: str | None
    way: str

    def __str__(self) -> str:
        return f"{self.way}: killed at {self.first} and {self.second} under {self.fault}"


FAULTS: list[str | None] = [None, *(kind for kind in KINDS if kind != "delay")]
CRASHES = [
    Crash(first, (first * 7 + index) % STEPS, fault, way)
    for way in WAYS
    for first in range(1, STEPS)
    for index, fault in enumerate(FAULTS)
]


PARTS = 8 if IS_FULL else 1
"""How many tests share the crashes: a test that ends within some minutes shows how far the storm is."""
part_of_all = pytest.mark.parametrize("part", range(PARTS))


def chosen(count: int, part: int) -> list[Crash]:
    """Return crashes of every step, fault and way: a part of all, or so many by chance."""
    return CRASHES[part::PARTS] if IS_FULL else Random(SEED).sample(CRASHES, count)


def crashed(office: Office, crashes: list[Crash]) -> int:
    """Let every crash happen, side by side where the machine can; return how many processes were killed."""
    killed = 0
    for number in range(2):
        for first in range(0, len(crashes), 2):
            running = []
            for index, crash in enumerate(crashes[first : first + 2], first):
                if crash.fault and number == 0:
                    for operation in ("purchaseShipment", "getRates"):
                        office.sandbox.faults.add(Fault(operation, crash.fault, count=2, seed=index))
                at = (crash.first, crash.second)[number]
                plan = office.plan([str(index)], way=crash.way, killed_at=at, resumes=index % 3 == number)
                running.append(office.start(plan))
            killed += sum(outcome(process) is None for process in running)
        office.pass_time(LEASE_SECONDS + 1)
    return killed


def test_a_worker_that_lives_says_what_it_has(office: Office) -> None:
    plan = office.plan(["1001"])
    with opened(plan) as purchases:
        found = work(plan, purchases)
        assert list(found) == ["1001"]
    assert sum(office.labels().values()) == 1


PARCELS = 3
PARCEL_STEPS = 48
"""A few less than there are until the labels of all are saved."""
IN_THE_MIDDLE = 28
"""The second parcel is bought, and nobody has read the answer."""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "step",
    [
        IN_THE_MIDDLE,
        *(
            pytest.param(step, marks=pytest.mark.soak)
            for step in range(1, PARCEL_STEPS, 1 if IS_FULL else 10)
        ),
    ],
)
def test_an_order_of_three_parcels_that_is_killed_in_the_middle_has_three_labels(
    office: Office, way: str, step: int
) -> None:
    plan = office.plan(["1001"], way=way, parcels=PARCELS)
    assert outcome(office.start(plan._replace(killed_at=step))) is None
    begun = sum(office.labels().values())
    assert begun == 2 if step == IN_THE_MIDDLE else begun <= PARCELS
    office.pass_time(LEASE_SECONDS + 1)
    in_hand = outcome(office.start(office.plan(["1001"], way=way, parcels=PARCELS)))
    assert in_hand is not None
    assert list(in_hand) == ["1001/1", "1001/2", "1001/3"]
    assert list(office.labels().values()) == [1] * PARCELS


@pytest.mark.soak
@pytest.mark.timeout(3600)
@part_of_all
def test_a_process_killed_at_any_step_costs_no_label_and_buys_none_twice(office: Office, part: int) -> None:
    crashes = chosen(len(CRASHES) // 10, part)
    killed = crashed(office, crashes)
    assert killed > len(crashes) // 2
    office.sandbox.faults.clear()
    references = [str(index) for index in range(len(crashes))]
    failed: list[str] = []
    with opened(office.plan([], patience=60.0)) as purchases:
        purchases.resume()
        in_hand = work(office.plan(references), purchases)
        shutil.rmtree(office.plan([]).labels)
        again = work(office.plan(list(in_hand)), purchases, failed)
        assert again == in_hand, failed[:9]
    # a refusal does not settle what was sent before the process was killed: time does
    office.pass_time(600)
    with opened(office.plan([])) as purchases:
        purchases.resume()
        unsettled = {purchase.reference for purchase in purchases.unsettled()}
        assert sorted({*in_hand, *unsettled}) == sorted(references)
        assert not unsettled & set(in_hand)
        assert len(in_hand) > len(references) * 9 // 10
        labels = office.labels()
        for reference in in_hand:
            purchase = purchases.find(reference)
            assert purchase.state is State.BOUGHT
            assert labels.pop(purchase.package_client_reference_id) == 1, crashes[int(reference)]
        named = {purchases.find(reference).package_client_reference_id for reference in unsettled}
        assert set(labels) <= named
        assert set(labels.values()) <= {1}


@pytest.mark.soak
@pytest.mark.timeout(3600)
@part_of_all
def test_what_is_resumed_too_late_is_named(office: Office, part: int) -> None:
    crashes = chosen(len(CRASHES) // 40, part)
    crashed(office, crashes)
    office.sandbox.faults.clear()
    office.pass_time(600)
    with opened(office.plan([], patience=60.0)) as purchases:
        purchases.resume()
        unsettled = {purchase.package_client_reference_id for purchase in purchases.unsettled()}
        labels = office.labels()
        assert set(labels.values()) <= {1}
        found = [purchases.find(str(index)) for index in range(len(crashes))]
        bought = {each.package_client_reference_id for each in found if each and each.state is State.BOUGHT}
        assert set(labels) <= bought | unsettled, "every label is in hand, or is named"
        assert bought <= set(labels)
