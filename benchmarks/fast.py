"""Both ways of reading: without msgspec, as whoever installs no extra reads, and with `spshipping[fast]`."""

import math
from collections.abc import Callable
from typing import NamedTuple

from spshipping.wire import engine

PLAIN, FAST = "spshipping", "spshipping with [fast]"


class Goals(NamedTuple):
    """The most that the ratios may be."""

    plain: float
    fast: float

    def of(self, what: str) -> float | None:
        """Return the goal of a row."""
        return {PLAIN: self.plain, FAST: self.fast}.get(what)


def ways(read: Callable[[], object]) -> dict[str, Callable[[], object]]:
    """Return *read* without msgspec, and with it."""

    def plain() -> object:
        engine._left = math.inf  # as `switch` does, at no cost
        return read()

    def fast() -> object:
        engine._left = 0
        return read()

    return {PLAIN: plain, FAST: fast}
