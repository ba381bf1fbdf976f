"""The program of docs/celery.md in a real worker: a time limit during a purchase costs no second label."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from spshipping import dumps
from spshipping.journal import SqliteJournal, State
from spshipping.sandbox import Sandbox, example_order
from spshipping.shipping import Purchases
from tests.test_docs import blocks

pytestmark = pytest.mark.tools

PAGE = Path(__file__).parents[2] / "docs" / "celery.md"
QUEUE = """
app.conf.broker_transport_options = {
    "data_folder_in": "queue", "data_folder_out": "queue", "control_folder": "control"
}
"""
SEND = "import sys, shop; shop.ship.delay('order-1001', sys.stdin.read())"


def write_program(folder: Path) -> None:
    """Write the program of the page, with a time limit of a second, and no wait before it is run again."""
    text = next(block.text for block in blocks(PAGE) if "def ship" in block.text)
    for long, short in (("soft_time_limit=120", "soft_time_limit=1"), ("countdown=30", "countdown=0")):
        assert long in text
        text = text.replace(long, short)
    folder.joinpath("shop.py").write_text(text + QUEUE, "utf-8")


@contextmanager
def worker(folder: Path, environ: dict[str, str], program: str = "shop") -> Iterator["subprocess.Popen[str]"]:
    """Run a worker that forks."""
    command = [
        "celery",
        "-A",
        program,
        "worker",
        "--pool",
        "prefork",
        "--concurrency",
        "1",
        "--loglevel",
        "INFO",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        env=environ,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()


def test_a_soft_time_limit_in_a_purchase_and_another_run_make_one_label(tmp_path: Path) -> None:
    write_program(tmp_path)
    tmp_path.joinpath("queue").mkdir()
    with Sandbox() as sandbox:
        sandbox.add_fault("purchaseShipment", "delay", seconds=6)
        environ = {**os.environ, **sandbox.environment, "SHOP_BROKER": "filesystem://"}
        subprocess.run(
            [sys.executable, "-c", SEND],
            input=dumps(example_order()).decode(),
            text=True,
            cwd=tmp_path,
            env=environ,
            check=True,
        )
        with worker(tmp_path, environ) as process:
            assert process.stdout is not None
            lines = []
            for line in process.stdout:
                lines.append(line)
                if "succeeded in" in line or "raised unexpected" in line:
                    break
        log = "".join(lines)
        assert "succeeded in" in log, log
        assert "SoftTimeLimitExceeded" in log, log
        assert sandbox.ledger.count("purchaseShipment") == 2
        assert len(sandbox.ledger.labels) == 1
        assert "Ada Example" not in log
        with sandbox.client() as client, SqliteJournal(tmp_path / "shipments.db") as journal:
            found = Purchases(client.context, journal, seller="my-shop").find("order-1001")
            assert found is not None
            assert found.state is State.BOUGHT
    assert len(list((tmp_path / "labels").iterdir())) == 1
