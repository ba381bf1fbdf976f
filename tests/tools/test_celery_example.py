"""The example of Celery in a real worker that forks: with a journal of this machine, and with engines."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spshipping import dumps
from spshipping.journal import PurchaseJournal, SqliteJournal, State
from spshipping.journal.postgres import PostgresJournal
from spshipping.postgres import PostgresDatabase
from spshipping.sandbox import Sandbox, example_order
from spshipping.shipping import Purchases
from tests.engines.postgres.server import PASSWORD, program
from tests.engines.postgres.server import Server as Postgres
from tests.engines.redis.servers import Server as Redis
from tests.tools.shop import SELLERS, settings_of
from tests.tools.test_celery import QUEUE, worker

pytestmark = pytest.mark.tools

EXAMPLE = Path(__file__).parents[2] / "examples" / "celery_shop.py"
SEND = "import celery_shop; [celery_shop.ship.delay('order-1001') for _ in range(2)]"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as box:
        yield box


@pytest.fixture
def engines(tmp_path: Path) -> Iterator[dict[str, str]]:
    if program("initdb") is None:
        pytest.skip("PostgreSQL is not here: Debian has it in the package postgresql")
    folder = tmp_path / "redis"
    folder.mkdir()
    with Redis(folder) as redis:
        postgres = Postgres()
        try:
            yield {
                "machines": "2",
                "redis_url": redis.url,
                "postgres_url": postgres.url(password=None),
                "postgres_password": PASSWORD,
            }
        finally:
            postgres.close()


def write_program(folder: Path) -> None:
    """Copy the example, with a time limit of a second, no wait before a retry, and a queue of files."""
    text = EXAMPLE.read_text("utf-8")
    for long, short in (("soft_time_limit=120", "soft_time_limit=2"), ("countdown=30", "countdown=0")):
        assert long in text
        text = text.replace(long, short)
    folder.joinpath("celery_shop.py").write_text(text + QUEUE, "utf-8")
    folder.joinpath("queue").mkdir()
    folder.joinpath("parcels").mkdir()
    folder.joinpath("parcels", "order-1001.json").write_bytes(dumps(example_order()))


def check(folder: Path, sandbox: Sandbox, environ: dict[str, str], journal: PurchaseJournal) -> None:
    """Let two tasks buy one label, of which the first meets its time limit in the purchase."""
    sandbox.add_fault("purchaseShipment", "delay", seconds=6)
    subprocess.run([sys.executable, "-c", SEND], cwd=folder, env=environ, check=True)
    with worker(folder, environ, "celery_shop") as process:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if sum("succeeded in" in one for one in lines) == 2 or "raised unexpected" in line:
                break
    log = "".join(lines)
    assert log.count("succeeded in") == 2, log
    assert "SoftTimeLimitExceeded" in log, log
    assert "Ada Example" not in log
    assert len(sandbox.ledger.labels) == 1
    with sandbox.client() as client:
        found = Purchases(client.context, journal, seller=SELLERS[0]).find("order-1001")
    assert found is not None
    assert found.state is State.BOUGHT
    assert not list(folder.joinpath("queue").iterdir()), "acknowledged in the end"


def test_with_a_journal_of_this_machine(tmp_path: Path, sandbox: Sandbox) -> None:
    write_program(tmp_path)
    environ = {
        **os.environ,
        **settings_of(sandbox, tmp_path / "settings.toml"),
        "SHOP_BROKER": "filesystem://",
    }
    with SqliteJournal(tmp_path / "shipments.db") as journal:
        check(tmp_path, sandbox, environ, journal)


def test_with_engines_that_machines_share(tmp_path: Path, sandbox: Sandbox, engines: dict[str, Any]) -> None:
    write_program(tmp_path)
    settings = settings_of(sandbox, tmp_path / "settings.toml", **engines)
    with PostgresDatabase(engines["postgres_url"], password=PASSWORD) as database:
        database.make_tables()
        environ = {**os.environ, **settings, "SHOP_BROKER": "filesystem://"}
        check(tmp_path, sandbox, environ, PostgresJournal(database))
