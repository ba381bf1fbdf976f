"""The example of a plain asyncio program, run over HTTP: a label for each order, whatever is interrupted."""

import argparse
import asyncio
import stat
from pathlib import Path
from typing import Unpack

import pytest
from examples import async_labels

from spshipping import AsyncClient, Attempt, RetryPolicy
from spshipping.async_client import AsyncClientOptions
from spshipping.auth.cache import TokenCache
from spshipping.sandbox import Sandbox

pytestmark = pytest.mark.dates

ORDER = Path(__file__).parents[2] / "examples" / "order.json"
PATIENT = RetryPolicy(base=3600.0, cap=20.0)
"""Waits before a repeat until it is interrupted."""


@pytest.fixture(autouse=True)
def environ(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {**sandbox.credentials, "endpoint": sandbox.url, "token_url": sandbox.token_url}
    for name, value in {**facts, "marketplace": "UK"}.items():
        monkeypatch.setenv(f"SPSHIPPING_{name.upper()}", value)


@pytest.fixture
def orders(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{number}.json" for number in range(5)]
    for path in paths:
        path.write_bytes(ORDER.read_bytes())
    return paths


def client_of(**options: Unpack[AsyncClientOptions]) -> AsyncClient:
    options.setdefault("retry", RetryPolicy(base=0.001))
    options["token_cache"] = TokenCache()
    options["chance"] = lambda: 0.999
    return AsyncClient.from_env(**options)


def run(out: Path, orders: list[Path], *, settle: bool = False) -> int:
    wanted = argparse.Namespace(out=out, orders=orders, settle=settle)
    return asyncio.run(async_labels.run(client_of(), wanted))


def labels(out: Path) -> int:
    return len(list(out.glob("*.pdf")))


def test_each_order_gets_a_label(
    sandbox: Sandbox, orders: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "labels"
    assert async_labels.main([*map(str, orders), "--out", str(out)]) == 0
    assert labels(out) == len(sandbox.ledger.labels) == 5
    assert capsys.readouterr().out.count("TBA") >= 5
    assert not (out / "unsettled.jsonl").exists()


def test_an_order_that_fails_stops_no_other(
    sandbox: Sandbox, orders: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    orders[1].write_text('{"packages": []}')
    sandbox.add_fault("purchaseShipment", "status", status=400)
    assert run(tmp_path / "labels", orders) == 2
    assert labels(tmp_path / "labels") == len(sandbox.ledger.labels) == 3
    assert "1.json: " in capsys.readouterr().err


def test_a_file_that_is_not_there_and_a_missing_variable_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert async_labels.main([str(tmp_path / "none.json"), "--out", str(tmp_path)]) == 1
    monkeypatch.delenv("SPSHIPPING_CLIENT_ID")
    assert async_labels.main([]) == 1
    error = capsys.readouterr().err
    assert "none.json" in error
    assert "SPSHIPPING_CLIENT_ID" in error


def test_what_is_not_known_is_settled_later(sandbox: Sandbox, orders: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "labels"
    sandbox.add_fault("purchaseShipment", "status_after", count=4 * len(orders))
    assert run(out, orders) == 5
    assert (labels(out), len(sandbox.ledger.labels)) == (0, 5)
    kept = out / "unsettled.jsonl"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    sandbox.add_fault("purchaseShipment", "status", count=4)
    assert run(out, [], settle=True) == 1
    assert len(kept.read_text().splitlines()) == 1
    assert run(out, [], settle=True) == 0
    assert labels(out) == len(sandbox.ledger.labels) == 5
    assert not kept.exists()


@pytest.mark.parametrize("count", [1, 3, 5])
def test_ctrl_c_loses_no_label(sandbox: Sandbox, orders: list[Path], tmp_path: Path, count: int) -> None:
    out = tmp_path / "labels"
    sandbox.add_fault("purchaseShipment", "drop_after", count=5)
    attempts: list[Attempt] = []

    async def interrupted() -> int:
        def notice(attempt: Attempt) -> None:
            attempts.extend([attempt] if attempt.operation == "purchaseShipment" else [])
            if len(attempts) == count:
                task.cancel()  # as asyncio.run does on Ctrl-C

        client = client_of(retry=PATIENT, on_reply=notice)
        wanted = argparse.Namespace(out=out, orders=orders, settle=False)
        task = asyncio.ensure_future(async_labels.run(client, wanted))
        return await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(interrupted())
    sandbox.faults.clear()
    assert labels(out) == 0
    assert run(out, [], settle=True) == 0
    assert labels(out) == len(sandbox.ledger.labels) >= count
