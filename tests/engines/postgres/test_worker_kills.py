"""Workers on a shared database, half of them killed: each page is delivered, and a seller has one owner."""

import os
import random
import signal
import subprocess
import sys
from collections import defaultdict
from typing import Any

import psycopg
import pytest

from spshipping.sync.postgres import PostgresLeases
from tests.engines.postgres.conftest import Open
from tests.engines.postgres.server import PASSWORD, Server

pytestmark = [pytest.mark.engines, pytest.mark.timeout(300)]

IS_FULL = os.environ.get("SPSHIPPING_SOAK") == "full"
SEED = int(os.environ.get("SPSHIPPING_SEED", "20260706"))
SELLERS, PAGES = (60, 100) if IS_FULL else (20, 40)
WORKERS = 8


def started(url: str, schema: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.engines.postgres.killed_worker", url, schema, str(PAGES)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_with_half_of_the_workers_killed_every_page_comes_and_no_seller_has_two_owners(
    server: Server, schema: str, open_database: Open
) -> None:
    draw, names = random.Random(SEED), [f"seller-{number}" for number in range(SELLERS)]
    leases = PostgresLeases(open_database())
    leases.add(names)
    with psycopg.connect(server.url(), password=PASSWORD, autocommit=True) as connection:
        ask: Any = connection.execute
        ask(
            f"CREATE TABLE {schema}_pages (number bigserial, seller text, page int, fence bigint,"
            " is_alone boolean)"
        )
        workers = [started(server.url(), schema) for _ in range(WORKERS)]
        try:
            for victim in workers[: WORKERS // 2]:
                assert victim.stdout is not None
                for _ in range(draw.randrange(1, 10)):
                    victim.stdout.readline()
                victim.send_signal(signal.SIGKILL)
            for survivor in workers[WORKERS // 2 :]:
                survivor.communicate(timeout=240)
                assert survivor.returncode == 0
        finally:
            for worker in workers:
                worker.kill()
                worker.communicate()
        asked = f"SELECT seller, page, fence, is_alone FROM {schema}_pages ORDER BY number"  # noqa: S608
        rows = ask(asked).fetchall()
    assert [worker.returncode for worker in workers[: WORKERS // 2]] == [-signal.SIGKILL] * (WORKERS // 2)
    by_seller: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for seller, page, fence, is_alone in rows:
        assert is_alone, "a seller has two owners"
        by_seller[seller].append((page, fence))
    repeats = 0
    for name in names:
        deliveries = by_seller[name]
        assert sorted({page for page, _ in deliveries}) == list(range(PAGES)), "each page is delivered"
        assert [fence for _, fence in deliveries] == sorted(fence for _, fence in deliveries)
        assert [page for page, _ in deliveries] == sorted(page for page, _ in deliveries)
        repeats += len(deliveries) - PAGES
    killed_threads = WORKERS // 2 * 2
    assert repeats <= killed_threads, "only what a worker was about to commit comes twice"
    assert not any(row.is_owned for row in leases.sellers())
