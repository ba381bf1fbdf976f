"""The world in which canaries are looked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sampling import leave_to_long
from tests.security.world import WAYS, World, world

SAMPLE = 6
"""Of so many tests in this world, one is in the sample."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is outside the sample."""
    leave_to_long(items, Path(__file__).parent, "here", SAMPLE)


@pytest.fixture(scope="module")
def running() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture(params=WAYS)
def here(running: World, request: pytest.FixtureRequest) -> Iterator[World]:
    running.way = request.param
    running.begin()
    yield running
    running.box.faults.clear()
