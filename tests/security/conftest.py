"""The world in which canaries are looked for."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.security.world import WAYS, World, world

SAMPLE = 3
"""Of so many tests in this world, one is in the sample."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is outside the sample."""
    here, numbers = Path(__file__).parent, count()
    for item in items:
        is_here = (
            isinstance(item, pytest.Function) and "here" in item.fixturenames and item.path.parent == here
        )
        if is_here and next(numbers) % SAMPLE:
            item.add_marker(pytest.mark.long)


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
