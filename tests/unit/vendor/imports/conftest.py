"""Worlds in which purchase orders are imported, under threads and under asyncio."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.drives import DRIVES, Drive
from tests.unit.vendor.imports.amazon import World

MakeWorld = Callable[..., World]


@pytest.fixture(params=DRIVES, ids=["threads", "asyncio"])
def make_world(request: pytest.FixtureRequest) -> Iterator[MakeWorld]:
    drives: list[Drive] = []

    def make(**options: Any) -> World:
        world = World(request.param, **options)
        drives.append(world.drive)
        return world

    yield make
    for drive in drives:
        drive.close()
