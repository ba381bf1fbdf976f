"""Processes that are killed at any statement of the ledger of offers lose nothing, and repeat nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from spshipping.vendor.tools.offers import BulkBuy, MatchedBy, OfferState, SqliteOffers
from tests.vendor.offer_worker import ORDERED, STAGES, Clock, Plan, has, is_declined, offer_of, work

IS_FULL = os.environ.get("SPSHIPPING_SOAK") == "full"
ROOT = Path(__file__).parents[2]
SEED = 20_261_130
STATEMENTS = 150
"""About as many as there are until the four offers of a process are matched."""
OFFERS = 4


def start(plan: Plan) -> subprocess.Popen[str]:
    """Start a process."""
    command = [sys.executable, "-m", "tests.vendor.offer_worker", json.dumps(plan._asdict())]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


def ended(process: subprocess.Popen[str]) -> tuple[bool, list[str]]:
    """Wait for a process; return whether it was killed, and what it told."""
    told, error = process.communicate(timeout=110)
    assert process.returncode in (0, -9), error
    return process.returncode == -9, told.splitlines()


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_process_killed_at_any_statement_loses_nothing(tmp_path: Path) -> None:
    chance = Random(SEED)
    kills = 80 if IS_FULL else 8
    path = str(tmp_path / "offers.db")
    numbers = [str(number) for number in range(kills * OFFERS)]
    killed = 0
    told: list[str] = []
    for first in range(0, kills, 2):
        running = [
            start(
                Plan(
                    ledger=path,
                    offers=numbers[each * OFFERS : each * OFFERS + OFFERS],
                    killed_at=chance.randint(1, STATEMENTS),
                )
            )
            for each in (first, first + 1)
        ]
        for process in running:
            was_killed, steps = ended(process)
            killed += was_killed
            told += steps
    assert killed > kills // 2
    with SqliteOffers(path) as ledger:
        bulk = BulkBuy(ledger, stages=STAGES, clock=Clock())
        lost = [step for step in told if not has(bulk, ledger, step)]
        assert lost == []
        # whatever is there is whole
        for kept in bulk.offers():
            assert kept.offer == offer_of(kept.offer.number)
            assert [each.stage for each in kept.approvals] == list(STAGES[: len(kept.approvals)])
        work(Plan(path, numbers), ledger, lambda _: None)
        states = {kept.offer.number: kept.state for kept in bulk.offers()}
        assert states == {
            number: OfferState.DECLINED if is_declined(number) else OfferState.APPROVED for number in numbers
        }
        with ledger.changed() as book:
            found = {each.purchase_order: each for each in book.allocations()}
            assert len(found) == len(book.allocations())
        assert sorted(found) == sorted(f"P{number}" for number in numbers if not is_declined(number))
        assert {(each.quantity, each.matched_by) for each in found.values()} == {
            (ORDERED, MatchedBy.DEAL_CODE)
        }


def test_a_process_that_lives_does_all_of_it_once(tmp_path: Path) -> None:
    with SqliteOffers(tmp_path / "offers.db") as ledger:
        plan = Plan(str(ledger.path), ["1", "3"])
        steps: list[str] = []
        work(plan, ledger, steps.append)
        assert steps == [
            *("received 1", "sales 1", "finance 1", "matched 1"),
            *("received 3", "sales 3", "finance 3", "matched 3"),
        ]
        again: list[str] = []
        work(plan, ledger, again.append)
        assert again == ["received 1", "matched 1", "received 3", "matched 3"]
