"""Samples of tests that are many and alike: the rest of them is for `make long`."""

from collections import Counter
from collections.abc import Sequence
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


def leave_alike_to_long(items: Sequence[pytest.Item]) -> None:
    """Of the parameters of each test marked with `sample(every=n)`, mark as long all but one in n."""
    numbers = Counter[tuple[Path, str]]()
    for item in items:
        mark = item.get_closest_marker("sample")
        if mark is None or not isinstance(item, pytest.Function):
            continue
        test = item.path, item.originalname
        if numbers[test] % mark.kwargs["every"]:
            item.add_marker(pytest.mark.long)
        numbers[test] += 1
