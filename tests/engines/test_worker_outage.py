"""`spshipping worker` on a real PostgreSQL, which goes away and comes back, as docs/scale.md says."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from examples.fleet import wait_for

from spshipping import PostgresDatabase
from spshipping.sandbox import Sandbox
from tests.engines.postgres.server import PASSWORD, Server, running
from tests.tools.shop import SELLERS, settings_of

pytestmark = pytest.mark.engines

MODULE = """
from pathlib import Path

def deliver(seller, batch):
    with Path("delivered.txt").open("a") as file:
        file.write("".join(f"{seller} {order.amazon_order_id}\\n" for order in batch))
"""


@pytest.fixture
def server() -> Iterator[Server]:
    yield from running()


@pytest.fixture
def environ(tmp_path: Path, server: Server) -> Iterator[dict[str, str]]:
    tmp_path.joinpath("worker_shop.py").write_text(MODULE)
    url = server.url(password=None)
    with Sandbox() as sandbox, PostgresDatabase(url, password=PASSWORD) as database:
        database.make_tables()
        engines = {"postgres_url": url, "postgres_password": PASSWORD}
        yield {**os.environ, **settings_of(sandbox, tmp_path / "settings.toml", **engines)}


@contextmanager
def worker(folder: Path, environ: dict[str, str]) -> Iterator[str]:
    """Run a worker, whose health is at the URL that this gives; it ends in order."""
    command = [sys.executable, "-m", "spshipping.cli", "worker", "--deliver", "worker_shop:deliver"]
    command += ["--health", "127.0.0.1:0", "--since", "2d", "--json"]
    process = subprocess.Popen(
        command, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["health"]
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert PASSWORD not in errors


def health(url: str) -> tuple[int, Any]:
    try:
        with urlopen(url) as answer:
            return answer.status, json.loads(answer.read())
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def is_idle(counts: dict[str, int]) -> bool:
    return not counts["sellers_due"] and not counts["sellers_owned"]


def test_a_worker_outlives_a_database_that_is_away(
    tmp_path: Path, server: Server, environ: dict[str, str]
) -> None:
    with worker(tmp_path, environ) as url:
        wait_for("the first orders", lambda: health(url)[1]["delivered"] > 0)
        wait_for("the end of the first pass", lambda: is_idle(health(url)[1]))
        server.stop()
        wait_for("503", lambda: health(url)[0] == 503)
        server.start()
        server.execute("UPDATE spshipping.sellers SET due_at = 0, search_at = 0")
        before = health(url)[1]["steps"]
        wait_for("more steps", lambda: health(url)[1]["steps"] >= before + len(SELLERS))
        wait_for("200", lambda: health(url)[0] == 200)  # a look that has failed is good for a second
    delivered = tmp_path.joinpath("delivered.txt").read_text().splitlines()
    assert {line.split()[0] for line in delivered} == set(SELLERS)
    assert len(delivered) == len(set(delivered))
