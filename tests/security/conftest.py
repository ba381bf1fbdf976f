"""The world in which canaries are looked for."""

from collections.abc import Iterator

import pytest

from tests.security.world import World, world


@pytest.fixture(scope="module")
def running() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture
def here(running: World) -> Iterator[World]:
    running.begin()
    yield running
    running.box.faults.clear()
