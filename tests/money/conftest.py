"""A sandbox with a quote, for a module."""

from collections.abc import Iterator

import pytest

from tests.matrix.stage import Stage, staged
from tests.matrix.ways import OverThreads


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged(OverThreads()) as made:
        yield made
