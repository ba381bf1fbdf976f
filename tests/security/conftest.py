"""The world in which canaries are looked for."""

from collections.abc import Iterator

import pytest

from tests.security.world import WAYS, World, world


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
