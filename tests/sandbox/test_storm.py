"""The money storm: many buyers, every fault, processes killed and resumed; every label is bought once."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from random import Random
from typing import Literal

import pytest

from spshipping.sandbox import Ledger, Sandbox
from spshipping.sandbox.faults import KINDS
from tests.matrix.ways import Sends
from tests.sandbox.storm import Intent, Judgement, judge, read_journal
from tests.sandbox.storm_worker import Plan, settle
from tests.sandbox.weather import break_out

IS_FULL = os.environ.get("SPSHIPPING_SOAK") == "full"
Blow = Callable[[], object]
Plans = dict[str, tuple[float, int]]
ROOT = Path(__file__).parents[2]
SEED = 20_260_301


class Storm:
    """Worker processes that buy from one sandbox, and somebody who kills them."""

    def __init__(
        self,
        sandbox: Sandbox,
        folder: Path,
        *,
        workers: int,
        threads: int,
        purchases: int,
        way: Literal["threads", "asyncio"],
    ) -> None:
        self.sandbox = sandbox
        self.kills = 0
        self._chance = Random(SEED)
        self._folder = folder
        self._plans = [
            Plan(
                name=f"w{number}",
                journal=str(folder / f"w{number}.jsonl"),
                endpoint=sandbox.url,
                token_url=sandbox.token_url,
                credentials=sandbox.credentials,
                purchases=purchases // workers,
                threads=threads,
                way=way,
            )
            for number in range(workers)
        ]
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def rage(self, kills: int, blows: list[Blow]) -> None:
        """Let the workers buy everything; on the way kill some and strike the blows, at random moments."""
        total = sum(plan.purchases for plan in self._plans)
        events: list[Blow] = [*blows, *[self._kill_one] * kills]
        self._chance.shuffle(events)
        # each purchase is a request at least, so all of these moments come
        moments = sorted(self._chance.sample(range(1, total * 3 // 5), len(events)))
        try:
            for plan in self._plans:
                self._start(plan)
            while self._running:
                if moments and self.sandbox.ledger.count("purchaseShipment") >= moments[0]:
                    del moments[0]
                    events.pop()()
                self._bury()
                for process in self._running.values():
                    # until it ends, but not so long that a moment passes by
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(0.002)
                    break
        finally:
            for process in self._running.values():
                process.kill()
                process.wait()
        assert not moments

    def _start(self, plan: Plan) -> None:
        with self._errors(plan).open("ab") as errors:
            arguments = [sys.executable, "-m", "tests.sandbox.storm_worker", plan.as_json()]
            self._running[plan.name] = subprocess.Popen(arguments, cwd=ROOT, stderr=errors)

    def _errors(self, plan: Plan) -> Path:
        return self._folder / f"{plan.name}.err"

    def _kill_one(self) -> None:
        for plan in self._chance.sample(self._plans, len(self._plans)):
            process = self._running.get(plan.name)
            if process and process.poll() is None:
                process.kill()
                if process.wait() < 0:
                    self.kills += 1
                    self._start(plan)
                    return

    def _bury(self) -> None:
        for plan in self._plans:
            process = self._running.get(plan.name)
            if process and process.poll() is not None:
                del self._running[plan.name]
                assert process.returncode == 0, self._errors(plan).read_text()

    def client(self) -> AbstractContextManager[Sends]:
        """Make a client like the workers'."""
        return self._plans[0].client()

    def intents(self) -> list[Intent]:
        """Return what the workers wrote down."""
        return [intent for plan in self._plans for intent in read_journal(Path(plan.journal)).values()]


def summary(sandbox: Sandbox, verdict: Judgement, purchases: int, kills: int) -> str:
    struck, labels = sum(sandbox.ledger.faults.values()), len(sandbox.ledger.labels)
    return (
        f"{purchases:,} purchases, {struck:,} faults met, {kills} kills: {labels:,} labels, "
        f"{verdict.in_hand:,} in hand, {verdict.unknown:,} one-click unknown, "
        f"{verdict.unsettled:,} never bought; {verdict.doubled} doubled, {verdict.lost} lost"
    )


def weathered(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    purchases: int,
    kills: int,
    way: Literal["threads", "asyncio"],
    leaps: int = 0,
    quotas: Plans | bool = False,
) -> Ledger:
    """Have a storm, judge it, and return the sandbox's books."""
    with Sandbox(quotas=quotas) as sandbox:
        break_out(sandbox, SEED)
        storm = Storm(sandbox, folder, workers=4, threads=8, purchases=purchases, way=way)
        revoke: list[Blow] = [sandbox.revoke_tokens] * (purchases // 100)
        # an hour later tokens have expired, and so have all quotes
        leap: list[Blow] = [lambda: sandbox.clock.advance(3601)] * leaps
        storm.rage(kills, revoke + leap)
        sandbox.faults.clear()
        with storm.client() as client:
            intents = settle(client, storm.intents())
        verdict = judge(sandbox, intents)
        with capsys.disabled():
            sys.stdout.write(f"\n{summary(sandbox, verdict, purchases, storm.kills)}\n")
        assert verdict.complaints == []
        assert storm.kills == kills
        assert verdict.in_hand + verdict.unknown + verdict.unsettled == purchases
        assert verdict.in_hand > purchases * 0.9
        return sandbox.ledger


@pytest.mark.soak
@pytest.mark.parametrize("way", ["threads", "asyncio"])
@pytest.mark.timeout(1200)
def test_case_9_in_a_storm_every_label_is_bought_once_and_none_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], way: Literal["threads", "asyncio"]
) -> None:
    purchases, kills = (10_000, 100) if IS_FULL else (1_000, 10)
    ledger = weathered(tmp_path, capsys, purchases=purchases, kills=kills, way=way, leaps=purchases // 1_000)
    assert set(ledger.faults) == set(KINDS)


@pytest.mark.soak
@pytest.mark.parametrize("way", ["threads", "asyncio"])
@pytest.mark.timeout(600)
def test_a_storm_against_a_narrow_quota_ends_as_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], way: Literal["threads", "asyncio"]
) -> None:
    purchases, kills = (2_000, 20) if IS_FULL else (200, 2)
    narrow = {"purchaseShipment": (80.0, 5)}
    ledger = weathered(tmp_path, capsys, purchases=purchases, kills=kills, way=way, quotas=narrow)
    seen = ledger.requests("purchaseShipment")
    assert any(request.status == 429 and request.fault is None for request in seen)
