"""One stage for all the cells of a module: each clears the books before it begins."""

from collections.abc import Iterator

import pytest

from tests.matrix.stage import Stage, staged


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as made:
        yield made
