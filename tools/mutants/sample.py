"""Draws mutants: each area of the code, and the facts, give equally many."""

import hashlib
import math
from collections.abc import Sequence

from tools.mutants.code import AREAS, area_of
from tools.mutants.source import Mutant

SEED = 1
COUNT = 300
"""The published sample: every survivor of it is listed."""
LEAST_KILLED = 0.95
_CHANCE = 0.01


def drawn(found: Sequence[Mutant], seed: int, count: int) -> list[Mutant]:
    """Return so many of the mutants, or all if there are no more.

    Each mutant has a place of its own in the order of a seed: what is drawn from code that stays the same
    stays the same when other code changes.
    """
    groups: dict[str, list[Mutant]] = {area: [] for area in ("facts", *AREAS)}
    for mutant in sorted(found, key=lambda each: _place(each, seed)):
        groups[area_of(mutant.path) if mutant.identity else "facts"].append(mutant)
    sample: list[Mutant] = []
    for number, group in enumerate(sorted(groups.values(), key=len)):
        # what a small group lacks, the others give
        share = math.ceil((count - len(sample)) / (len(groups) - number))
        sample += group[:share]
    return sample


def _place(mutant: Mutant, seed: int) -> bytes:
    words = (str(seed), mutant.path, *map(str, mutant.identity or (mutant.what,)))
    return hashlib.sha256("\0".join(words).encode()).digest()


def is_too_few(survived: int, count: int, *, is_published: bool) -> bool:
    """Say whether so many survivors mean that fewer than 95 % of all mutants are killed.

    Of the published sample the share itself is meant. Of any other, which may be small, so many must survive
    as would by chance in one of a hundred samples where 95 % of all are killed.
    """
    if is_published:
        return survived > count * (1 - LEAST_KILLED)
    return _chance(survived, count) < _CHANCE


def _chance(survived: int, count: int) -> float:
    """Return how likely so many or more survive where 95 % of all are killed."""
    share = 1 - LEAST_KILLED
    fewer = (math.comb(count, n) * share**n * LEAST_KILLED ** (count - n) for n in range(survived))
    return 1 - sum(fewer)
