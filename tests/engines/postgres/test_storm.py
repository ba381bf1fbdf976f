"""Workers that are killed at random, and a server that is stopped: no label is bought twice, or is lost."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from spshipping.journal import State
from spshipping.postgres import PostgresDatabase
from spshipping.sandbox import Sandbox
from spshipping.shipping.ship.sent import LEASE_SECONDS
from tests.engines.postgres.server import Bouncer, Server
from tests.ship.test_crashes import WAYS, Office, outcome
from tests.ship.worker import Plan, opened, work

pytestmark = [pytest.mark.engines, pytest.mark.timeout(1800)]

IS_FULL = os.environ.get("SPSHIPPING_SOAK") == "full"
WORKERS = 4
PRICE = Decimal("3.75")
STOPS = (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)
"""How the server is stopped: what runs is broken off, it crashes, it is killed."""
STEPS = 22
"""Of one reference, until its label is saved."""


class Fleet(Office):
    """A sandbox, and workers whose journal is in a database."""

    def __init__(self, sandbox: Sandbox, folder: Path, url: str, schema: str) -> None:
        super().__init__(sandbox, folder)
        self._url, self._schema = url, schema

    def plan(self, references: list[str], **more: Any) -> Plan:
        """Return what a worker does."""
        return super().plan(references, **more)._replace(journal=self._url, schema=self._schema)


@pytest.fixture
def fleet(request: pytest.FixtureRequest, server: Server, tmp_path: Path, schema: str) -> Iterator[Fleet]:
    way: Bouncer | None = request.getfixturevalue("bouncer") if request.param == "pgbouncer" else None
    with PostgresDatabase(server.url(), schema=schema) as database:
        database.make_tables()
    with Sandbox() as sandbox:
        made = Fleet(sandbox, tmp_path, server.url() if way is None else way.url, schema)
        # a limit is for a day (UTC): the storm begins early on one, and ends on the same
        now = datetime.now(UTC)
        early = (now + timedelta(days=1)).replace(hour=1, minute=0, second=0, microsecond=0)
        made.pass_time((early - now).total_seconds())
        yield made


def round_of(
    fleet: Fleet, server: Server, draw: Random, plans: list[Plan], how: signal.Signals | None
) -> int:
    """Run workers, and stop the server once while they work; return how many workers were killed."""
    before = sum(fleet.labels().values())
    running = [fleet.start(plan) for plan in plans]
    if how is not None:
        wanted = before + draw.randrange(1, 4)
        while sum(fleet.labels().values()) < wanted and any(one.poll() is None for one in running):
            for one in running:
                try:
                    one.wait(0.01)
                except subprocess.TimeoutExpired:
                    break
        server.stop(how)
        server.start()
    killed = sum(outcome(process) is None for process in running)
    fleet.pass_time(LEASE_SECONDS + 1)
    return killed


def storm(
    fleet: Fleet, server: Server, references: list[str], rounds: int, limit: Decimal | None = None
) -> int:
    """Let workers ship the same references, each killed at a random step; return how many were."""
    draw = Random(20_261_130)
    stopped = dict(zip(sorted(draw.sample(range(rounds), len(STOPS))), STOPS, strict=True))
    killed = 0
    for number in range(rounds):
        plans = [
            fleet.plan(
                references,
                way=WAYS[worker % 2],
                seed=number * WORKERS + worker,
                killed_at=draw.randrange(1, STEPS * 4),
                resumes=draw.randrange(2) == 0,
                limit=None if limit is None else str(limit),
            )
            for worker in range(WORKERS)
        ]
        killed += round_of(fleet, server, draw, plans, stopped.get(number))
    return killed


SIZES = [pytest.param(9, 4, id="small"), pytest.param(400, 60, id="full", marks=pytest.mark.soak)]
SIZES = SIZES if IS_FULL else [SIZES[0], pytest.param(40, 8, id="tenth", marks=pytest.mark.soak)]


def settled(fleet: Fleet, references: list[str]) -> set[str]:
    """Ship what is left with nobody killed, and return the references that are not settled in the end."""
    with opened(fleet.plan([], patience=60.0)) as purchases:
        purchases.resume()
        in_hand = work(fleet.plan(references), purchases)
    fleet.pass_time(600)
    with opened(fleet.plan([], patience=60.0)) as purchases:
        purchases.resume()
        unsettled = {purchase.reference for purchase in purchases.unsettled()}
        labels = fleet.labels()
        assert set(labels.values()) <= {1}, "none is bought twice"
        for reference in in_hand:
            found = purchases.find(reference)
            assert found.state is State.BOUGHT
            assert labels.pop(found.package_client_reference_id) == 1
        named = {purchases.find(reference).package_client_reference_id for reference in unsettled}
        assert set(labels) <= named, "each label is in hand, or is named"
    assert {*in_hand, *unsettled} == set(references)
    return unsettled


@pytest.mark.parametrize(("number", "rounds"), SIZES)
@pytest.mark.parametrize("fleet", ["direct"], indirect=True)
def test_labels_equal_references_or_are_named(fleet: Fleet, server: Server, number: int, rounds: int) -> None:
    references = [str(reference) for reference in range(number)]
    killed = storm(fleet, server, references, rounds)
    assert killed > rounds
    unsettled = settled(fleet, references)
    assert len(unsettled) <= number // 3
    shutil.rmtree(fleet.plan([]).labels)


@pytest.mark.parametrize(("number", "rounds"), SIZES)
@pytest.mark.parametrize("fleet", ["pgbouncer"], indirect=True)
def test_the_spending_limit_is_never_passed(fleet: Fleet, server: Server, number: int, rounds: int) -> None:
    references = [str(reference) for reference in range(number)]
    most = number * 2 // 3
    limit = PRICE * most + PRICE - Decimal("0.01")
    storm(fleet, server, references, rounds, limit)
    for seed in range(2):
        plan = fleet.plan(references, seed=seed, limit=str(limit))
        assert outcome(fleet.start(plan)) is not None
        spent = fleet.sandbox.ledger.spent["GBP"]
        assert spent <= limit
        fleet.pass_time(LEASE_SECONDS + 1)
    assert set(fleet.labels().values()) == {1}
    assert spent == PRICE * most, "and all of it can be used"
    with PostgresDatabase(server.url(), schema=fleet.plan([]).schema or "") as database:
        asked = "SELECT DISTINCT day FROM $schema.purchases WHERE day IS NOT NULL"
        assert len(database.read(lambda step: step.execute(asked).fetchall())) == 1
