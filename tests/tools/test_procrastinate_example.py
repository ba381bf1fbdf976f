"""The example of Procrastinate over a real PostgreSQL: every order once, whatever becomes of a job."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest

from spshipping import LeaseLostError
from spshipping.orders import OrderSync
from spshipping.sandbox import Sandbox
from spshipping.sandbox.orders import OrderSupply
from spshipping.sync import MemoryCheckpoint
from tests.engines.postgres.server import PASSWORD, Server, running
from tests.tools.shop import SELLERS, settings_of

pytestmark = pytest.mark.tools

EXAMPLE = Path(__file__).parents[2] / "examples" / "procrastinate_sync.py"
PROCRASTINATE = [sys.executable, "-m", "procrastinate", "--app", "procrastinate_sync.app"]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(orders=OrderSupply(200, days=1.0)) as box:
        yield box


@pytest.fixture
def server() -> Iterator[Server]:
    yield from running()


@pytest.fixture
def environ(sandbox: Sandbox, server: Server, tmp_path: Path) -> dict[str, str]:
    """The environment of the example, whose tables are there, with the first steps queued."""
    engines = {"postgres_url": server.url(password=None), "postgres_password": PASSWORD}
    settings = settings_of(sandbox, tmp_path / "settings.toml", **engines)
    made = {**os.environ, **settings}
    schema = [*PROCRASTINATE, "schema", "--apply"]
    subprocess.run(schema, env=made, cwd=EXAMPLE.parent, check=True, stdout=subprocess.DEVNULL)
    prepare(made)
    return made


def prepare(environ: dict[str, str]) -> None:
    code = "import procrastinate_sync; procrastinate_sync.prepare()"
    subprocess.run([sys.executable, "-c", code], env=environ, cwd=EXAMPLE.parent, check=True)


def start(environ: dict[str, str]) -> "subprocess.Popen[str]":
    """Start a worker, which ends when no job is due."""
    return subprocess.Popen(
        [*PROCRASTINATE, "worker", "--one-shot"],
        env=environ,
        cwd=EXAMPLE.parent,
        text=True,
        stderr=subprocess.STDOUT,
        stdout=subprocess.PIPE,
    )


def work(environ: dict[str, str]) -> str:
    log, _ = start(environ).communicate()
    return log


def orders(server: Server) -> dict[str, int]:
    return dict(server.execute("SELECT seller, count(*) FROM orders GROUP BY seller"))


def expected(sandbox: Sandbox) -> dict[str, int]:
    """Return how many orders each seller has, as a sync that nothing interrupts finds."""
    found = {}
    with sandbox.client() as client:
        for seller in SELLERS:
            orders = client.for_seller(f"Atzr|{seller}").orders
            sync = OrderSync(orders, MemoryCheckpoint(), since=timedelta(days=2))
            found[seller] = 0
            for batch in sync.batches():
                found[seller] += len(batch)
                batch.commit()
    return found


def test_every_seller_is_served_and_the_next_step_is_queued(
    sandbox: Sandbox, server: Server, environ: dict[str, str]
) -> None:
    log = work(environ)
    assert set(orders(server)) == set(SELLERS), log
    waiting = server.execute(
        "SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' AND task_name LIKE '%step'"
        " AND scheduled_at > now() ORDER BY 1"
    )
    assert [name for (name,) in waiting] == sorted(SELLERS)
    assert server.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'") == [(0,)]
    assert orders(server) == expected(sandbox)


def test_after_a_worker_was_killed_another_one_goes_on(
    sandbox: Sandbox, server: Server, environ: dict[str, str]
) -> None:
    sandbox.add_fault("searchOrders", "delay", seconds=60)
    worker = start(environ)
    while not server.execute("SELECT 1 FROM procrastinate_jobs WHERE status = 'doing' AND lock IS NOT NULL"):
        assert worker.poll() is None
    while not sandbox.requests.all("searchOrders"):
        assert worker.poll() is None
    worker.send_signal(signal.SIGKILL)
    worker.communicate()
    sandbox.faults.clear()
    # as if half a minute had passed
    server.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    prepare(environ)
    log = work(environ)
    assert set(orders(server)) == set(SELLERS), log
    assert orders(server) == expected(sandbox)
    assert len(server.execute("SELECT 1 FROM procrastinate_jobs WHERE status = 'failed'")) == 1


def load(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("SPSHIPPING_SETTINGS", environ["SPSHIPPING_SETTINGS"])
    spec = spec_from_file_location("procrastinate_sync", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_of_two_jobs_of_a_seller_one_writes(
    server: Server, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    example: Any = load(environ, monkeypatch)

    def connected() -> Any:
        return closing(psycopg.connect(server.url()))

    with connected() as one, connected() as other:
        first, second = (example.SellerOrders(connection, SELLERS[0]) for connection in (one, other))
        taken: list[int] = []

        def put(batch: Any) -> None:
            second.put(batch)
            taken.append(len(batch))
            if len(taken) == 1:  # another job comes between, and does all of it
                first.load()
                inner = OrderSync(example.client_of(SELLERS[0]).orders, first)
                other.rollback()
                inner.step(first.put, every=300)
                second.put(batch)

        client = example.client_of(SELLERS[0])
        with pytest.raises(LeaseLostError):
            OrderSync(client.orders, second).step(put, every=300)
        client.close()
    (kept,) = orders(server).values()
    assert kept >= taken[0]
    assert server.execute("SELECT count(*) FROM syncs") == [(1,)]
