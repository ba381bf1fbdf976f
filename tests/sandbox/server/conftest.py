"""A running sandbox for each test, and a seller in it."""

from collections.abc import Iterator

import pytest

from spshipping.sandbox import Sandbox
from tests.sandbox.server.world import Shop


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def shop(sandbox: Sandbox) -> Iterator[Shop]:
    seller = Shop(sandbox)
    yield seller
    seller.close()
