"""Runs what is written once under threads and under asyncio."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.drives import DRIVES

BOTH = ("test_lwa", "test_sts", "test_aws", "test_authorizer")
"""The modules whose tests run in both ways."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.module.__name__.rpartition(".")[2] in BOTH:
        metafunc.fixturenames.append("_drive")
        metafunc.parametrize("_drive", DRIVES, ids=["threads", "tasks"], indirect=True)


@pytest.fixture
def _drive(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put one way of running coroutines, and clients that fit it, in the place of the names of the kit."""
    drive: Any = request.param()
    names = {"run": drive.run, "repeats_of": drive.repeats, "client_of": drive.client}
    for name, value in names.items():
        if hasattr(request.module, name):
            monkeypatch.setattr(request.module, name, value)
    yield
    drive.close()
