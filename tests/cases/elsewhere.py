"""Which numbered cases no test bears, and why not."""

from collections.abc import Mapping

CASES = frozenset({*range(1, 20), *range(33, 77)})
"""Money (1 to 19), quota (33 to 39), bytes (40 to 50), drift (51 to 58), requests (59 to 64), pages and life
cycle (65 to 76); those of signing in (20 to 32) are in the tests over real HTTP."""

REASONS: Mapping[int, str] = {
    18: "an acknowledgement without lines: comes with vendor orders",
}
"""Number of a case -> why it has no test."""
