"""A difference between the package and Amazon's description."""

from typing import NamedTuple


class Difference(NamedTuple):
    """One place where the two do not say the same."""

    where: str
    ours: str
    amazons: str
