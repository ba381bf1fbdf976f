"""The example of two workflow actions, run against the local SP-API over HTTP."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from spshipping.orders import AmazonOrder
from spshipping.sandbox import Sandbox
from tests.unit.orders.schemas import problems

pytestmark = pytest.mark.dates

EXAMPLE = Path(__file__).parents[2] / "examples" / "retrieve_orders.py"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("retrieve_orders", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def environ(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {**sandbox.credentials, "endpoint": sandbox.url, "token_url": sandbox.token_url}
    for name, value in {**facts, "marketplace": "UK"}.items():
        monkeypatch.setenv(f"SPSHIPPING_{name.upper()}", value)


class Printed:
    """Runs the example, and has what it prints."""

    def __init__(self, example: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
        self.example: Any = example
        self.capsys = capsys

    def run(self, *words: str, code: int = 0) -> list[str]:
        assert self.example.main(words) == code
        out, errors = self.capsys.readouterr()
        return (errors if code else out).splitlines()

    def json(self, *words: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run(*words, "--json")]


@pytest.fixture
def printed(example: ModuleType, capsys: pytest.CaptureFixture[str]) -> Printed:
    return Printed(example, capsys)


def uk(sandbox: Sandbox, *statuses: str) -> list[Any]:
    """Return the orders of the UK in these statuses."""
    orders = (order for order in sandbox.orders() if order.place.marketplace.name == "UK")
    return [order for order in orders if order.status in statuses]


def test_one_order_is_a_row_of_a_table(printed: Printed, sandbox: Sandbox) -> None:
    order = uk(sandbox, "Shipped")[-1]
    head, row = printed.run("order", order.id)
    assert head.split() == ["order", "placed", "status", "items", "total", "ship", "to"]
    assert row.startswith(order.id)
    assert row.endswith(f"{order.total:.2f} GBP")
    _, row = printed.run("order", order.id, "--pii")
    assert row.endswith(f"{order.address.name}, {order.address.town.city}")
    _, row = printed.run("order", uk(sandbox, "Pending", "Canceled")[-1].id, "--pii")
    assert row.endswith(("Pending", "Canceled", "0", "1", "2", "3", "4", "5"))


def test_one_order_is_one_object_of_json(printed: Printed, sandbox: Sandbox) -> None:
    order = uk(sandbox, "Shipped")[-1]
    (told,) = printed.json("order", order.id, "--pii")
    assert problems(told, AmazonOrder.json_schema()) == []
    assert told["amazon_order_id"] == order.id
    assert told["shipping_address"]["name"] == order.address.name
    # from 27 March 2027 on, there is no total of the order any more
    assert (told["order_total"] or told["estimated_total"]) == {
        "amount": f"{order.total:.2f}",
        "currency_code": "GBP",
    }
    assert len(told["items"]) == len(order.items)
    (told,) = printed.json("order", order.id)
    assert told["shipping_address"]["name"] is None


def test_orders_are_retrieved_by_the_time_of_their_last_change(printed: Printed, sandbox: Sandbox) -> None:
    since = sandbox.clock.now().timestamp() - 3 * 86400
    wanted = [order for order in uk(sandbox, "Unshipped", "PartiallyShipped") if order.updated >= since]
    words = ("orders", "--days", "3", "--status", "Unshipped", "--status", "PartiallyShipped")
    _, *rows = printed.run(*words)
    assert {row.split()[0] for row in rows} == {order.id for order in wanted}
    by_source: Sequence[Any] = [
        printed.json(*words, "--source", source) for source in ("fullest", "2026-01-01", "v0")
    ]
    for found in by_source:
        assert {order["amazon_order_id"] for order in found} == {order.id for order in wanted}
        assert all(problems(order, AmazonOrder.json_schema()) == [] for order in found)
    assert all(order["order_total"] is None for order in by_source[1])


def test_an_error_is_told_in_one_line(printed: Printed) -> None:
    (line,) = printed.run("order", "701-0000000-0000000", code=1)
    assert line.startswith("NotFoundError: ")


def test_it_runs_as_a_script(sandbox: Sandbox) -> None:
    order = uk(sandbox, "Shipped")[-1]
    command = [sys.executable, str(EXAMPLE), "order", order.id, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ), check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["amazon_order_id"] == order.id
    done = subprocess.run([*command, "--source", "v9"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
