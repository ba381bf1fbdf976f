"""One stage for all the cells of a module: each clears the books before it begins."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.matrix.stage import Stage, staged
from tests.matrix.ways import WAYS
from tests.sampling import leave_to_long

SAMPLE = 12
"""Of so many tests with a stage, one is in the sample."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is outside the sample."""
    leave_to_long(items, Path(__file__).parent, "stage", SAMPLE)


@pytest.fixture(scope="module", params=WAYS)
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    with staged(WAYS[request.param]()) as made:
        yield made
