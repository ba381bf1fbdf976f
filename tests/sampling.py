"""Samples of tests that are many and alike: the rest of them is for `make long`."""

from itertools import count
from pathlib import Path

import pytest


def leave_to_long(items: list[pytest.Item], folder: Path, fixture: str, every: int) -> None:
    """Mark as long all but one in *every* of the tests in *folder* that use *fixture*."""
    numbers = count()
    for item in items:
        is_one = isinstance(item, pytest.Function) and fixture in item.fixturenames
        if is_one and item.path.parent == folder and next(numbers) % every:
            item.add_marker(pytest.mark.long)
