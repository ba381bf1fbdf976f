"""Runs what is written once under threads and under asyncio."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.drives import DRIVES, Threads

BOTH = ("test_lwa", "test_sts", "test_aws", "test_authorizer")
"""The modules whose tests run in both ways."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.module.__name__.rpartition(".")[2] in BOTH:
        metafunc.parametrize("_drive", DRIVES, ids=["threads", "tasks"], indirect=True)


@pytest.fixture(autouse=True)
def _drive(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put one way of running coroutines, and clients that fit it, in the place of the names of the kit."""
    drive: Any = getattr(request, "param", Threads)()
    names = {"run": drive.run, "repeats_of": drive.repeats, "client_of": drive.client, "Api": drive.api}
    for name, value in names.items():
        if hasattr(request, "param") and hasattr(request.module, name):
            monkeypatch.setattr(request.module, name, value)
    yield
    drive.close()
