"""One stage for all the cells of a module: each clears the books before it begins."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.matrix.stage import Stage, staged
from tests.matrix.ways import WAYS

SAMPLE = 12
"""Of so many tests with a stage, one is in the sample."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is outside the sample."""
    here, numbers = Path(__file__).parent, count()
    for item in items:
        is_cell = (
            isinstance(item, pytest.Function) and "stage" in item.fixturenames and item.path.parent == here
        )
        if is_cell and next(numbers) % SAMPLE:
            item.add_marker(pytest.mark.long)


@pytest.fixture(scope="module", params=WAYS)
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    with staged(WAYS[request.param]()) as made:
        yield made
