"""A difference between the package and Amazon's description."""

from collections.abc import Iterable
from typing import NamedTuple


class Difference(NamedTuple):
    """One place where the two do not say the same."""

    where: str
    ours: str
    amazons: str


def said(differences: Iterable[Difference]) -> str:
    """Return the differences in words, each of them whole: pytest shortens what it shows of a set."""
    return "; ".join(f"{one.where}: ours {one.ours}, Amazon's {one.amazons}" for one in sorted(differences))
