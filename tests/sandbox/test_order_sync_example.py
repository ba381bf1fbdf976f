"""The example that keeps a table of orders up to date, run against the local SP-API over HTTP."""

import importlib.util
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from spshipping.sandbox import Sandbox
from spshipping.sandbox.orders import OrderSupply

pytestmark = pytest.mark.dates

EXAMPLE = Path(__file__).parents[2] / "examples" / "order_sync.py"


@pytest.fixture(scope="module")
def example() -> Any:
    spec = importlib.util.spec_from_file_location("order_sync", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(orders=OrderSupply(1200, days=2.0)) as box:
        yield box


@pytest.fixture(autouse=True)
def environ(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {**sandbox.credentials, "endpoint": sandbox.url, "token_url": sandbox.token_url}
    for name, value in {**facts, "marketplace": "UK"}.items():
        monkeypatch.setenv(f"SPSHIPPING_{name.upper()}", value)


def rows(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as database:
        return dict(database.execute("select id, status from orders"))


def of_uk(sandbox: Sandbox) -> dict[str, str]:
    latest = sandbox.clock.now().timestamp() - 126
    orders = (order for order in sandbox.orders() if order.place.marketplace.name == "UK")
    # an invoice that is not confirmed has no word in 2026-01-01
    return {order.id: order.status for order in orders if order.updated < latest}


def test_the_table_holds_every_order_in_its_last_state(
    example: Any, sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "orders.db"
    assert example.main([str(path), "--once"]) == 0
    assert of_uk(sandbox).items() <= rows(path).items()
    assert "orders so far, about" in capsys.readouterr().err
    searches = sandbox.ledger.count("searchOrders")
    assert example.main([str(path), "--once"]) == 0
    assert sandbox.ledger.count("searchOrders") <= searches + 1


def test_a_page_that_was_written_and_not_committed_is_not_kept(
    example: Any, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "orders.db"
    save = example.Database.save

    def killed(self: Any, checkpoint: Any) -> None:
        if checkpoint.pages == 2:
            raise KeyboardInterrupt
        save(self, checkpoint)

    with monkeypatch.context() as patch:
        patch.setattr(example.Database, "save", killed)
        assert example.main([str(path), "--once"]) == 0
    assert len(rows(path)) == 100
    assert example.main([str(path), "--once"]) == 0
    assert of_uk(sandbox).items() <= rows(path).items()


def test_it_goes_on_until_it_is_stopped_and_tells_when_it_comes_back(
    example: Any, sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Stop:
        def is_set(self) -> bool:
            return sandbox.ledger.count("searchOrders", 200) >= 5 and self.is_waiting()

        def is_waiting(self) -> bool:
            self.told = getattr(self, "told", "") + capsys.readouterr().err
            return "next run at" in self.told

    sandbox.add_fault("searchOrders", "status", status=400)
    stop = Stop()
    assert example.main([str(tmp_path / "orders.db"), "--every", "0.01"], stop) == 0
    assert "failed 1 times; next run at" in stop.told
    assert of_uk(sandbox).items() <= rows(tmp_path / "orders.db").items()


def test_an_error_is_one_line(
    example: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SPSHIPPING_CLIENT_ID")
    assert example.main([str(tmp_path / "orders.db")]) == 1
    assert capsys.readouterr().err == (
        "ConfigurationError: the connection 'default' cannot be used:"
        " client_id: is missing: set SPSHIPPING_CLIENT_ID\n"
    )
