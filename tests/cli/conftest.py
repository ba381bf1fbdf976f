"""A sandbox in which time stands still, and the environment of a command that uses it."""

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from spshipping.cli.app import app
from spshipping.orders.bridge import end
from spshipping.sandbox import OrderSupply, Sandbox

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
"""The sandbox's time; with it, every answer is the same in every run."""
Run = Callable[..., Result]


@pytest.fixture(scope="session")
def stable() -> Iterator[Sandbox]:
    """A sandbox that gives the same answers in every run, in which a second page of orders has to wait."""
    slow = {"searchOrders": (0.0056, 1), "getOrders": (0.0056, 1)}
    with Sandbox(frozen_at=AT, seed=16, quotas=slow, orders=OrderSupply(600, 16, days=2.0)) as box:
        yield box


@pytest.fixture
def sandbox(stable: Sandbox) -> Sandbox:
    """The same, as it was at its beginning."""
    stable.reset()
    return stable


@pytest.fixture
def environ(sandbox: Sandbox, tmp_path: Path) -> Mapping[str, str]:
    facts = {
        **sandbox.credentials,
        "marketplace": "UK",
        "endpoint": sandbox.url,
        "token_url": sandbox.token_url,
        "settings": str(tmp_path / "settings.toml"),
    }
    others = ("SPSHIPPING_", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TERM", "PYTHONIOENCODING")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return {**kept, **{f"SPSHIPPING_{name.upper()}": value for name, value in facts.items()}}


@pytest.fixture
def run(environ: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process, in a folder of its own."""
    for name, value in environ.items():
        if name.startswith("SPSHIPPING_"):
            monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return lambda *words, **more: CliRunner().invoke(app, words, **more)


@pytest.fixture
def with_v0(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave Orders v0 switched on, whatever the date is."""
    monkeypatch.setattr(end, "END_OF_V0", datetime.max.replace(tzinfo=UTC))
