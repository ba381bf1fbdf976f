"""msgspec, of the extra `fast`: used where it is installed, once a process has read so much that it pays."""

from __future__ import annotations

import functools
import math
from typing import Any

_WORTH = 100_000
"""Bytes. To load msgspec takes a tenth of a start, which a program with a few calls never gets back."""
_OLDEST = (0, 20)
"""The first version that is known to read just what the standard reader reads."""

_left: float = _WORTH


def engine(size: int) -> Any:
    """Return msgspec for reading so many bytes, or None: the standard reader reads them."""
    global _left
    if _left > 0:
        _left -= size
        return None
    found = _installed()
    if found is None:
        _left = math.inf  # it is not asked for again
    return found


@functools.cache
def _installed() -> Any:
    try:
        import msgspec

        is_fit = tuple(map(int, msgspec.__version__.split(".")[:2])) >= _OLDEST
    except Exception:  # whatever is wrong with it, there is the standard reader
        return None
    return msgspec if is_fit else None


def switch(*, is_on: bool) -> None:
    """Use msgspec from now on, or not at all: for tests and benchmarks."""
    global _left
    _left = 0 if is_on else math.inf
