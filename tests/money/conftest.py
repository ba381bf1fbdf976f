"""A sandbox with a quote, for a module, and the two ways of sending."""

import contextlib
from collections.abc import Iterator

import pytest

from tests.matrix.stage import Stage, staged
from tests.matrix.ways import WAYS, OverThreads, Way


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged(OverThreads()) as made:
        yield made


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Iterator[Way]:
    with contextlib.closing(WAYS[request.param]()) as made:
        yield made
