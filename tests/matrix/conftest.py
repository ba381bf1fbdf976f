"""One stage for all the cells of a module: each clears the books before it begins."""

from collections.abc import Iterator

import pytest

from tests.matrix.stage import Stage, staged
from tests.matrix.ways import WAYS


@pytest.fixture(scope="module", params=WAYS)
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    with staged(WAYS[request.param]()) as made:
        yield made
