"""Every fact that the source states, each as the mutant that changes it, and those that are not drawn."""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

from tools.mutants import defaults, models, operations, places
from tools.mutants.source import Mutant, Source

_PACKAGE = "src/spshipping"
_NOTIFICATIONS = ("tests/contract/test_order_change.py",)

EQUIVALENT: dict[str, str] = {}
"""Mutants that change nothing that a user could see, by what they change, each with the reason."""


class UnknownError(Exception):
    """An entry of `EQUIVALENT` describes no mutant."""


def _packages(root: Path) -> Iterator[str]:
    """Yield the package of each domain, as the catalogue lists them."""
    catalogue = Source(root, f"{_PACKAGE}/catalogue.py")
    listed = catalogue.constants()["DOMAINS"]
    assert isinstance(listed, ast.Tuple)  # noqa: S101 - as it is written
    for row in listed.elts:
        assert isinstance(row, ast.Call)  # noqa: S101 - as it is written
        yield ast.literal_eval(row.args[0])


def _files(root: Path) -> tuple[list[str], list[str]]:
    """Return the files that declare operations, and those that declare models."""
    of_operations, of_models = [], []
    for package in _packages(root):
        where = f"{_PACKAGE}/{package.replace('.', '/')}"
        if (root / where).is_dir():
            beside = sorted(path for path in (root / where).glob("*.py") if not path.stem.endswith("_async"))
            of_operations += [str(path.relative_to(root)) for path in beside]
            found = [*(root / where).glob("models.py"), *(root / where).glob("models/*.py")]
            of_models += sorted(str(path.relative_to(root)) for path in found)
        else:
            of_operations.append(f"{where}.py")
            of_models.append(f"{where}.py")
    return of_operations, of_models


def mutants(root: Path) -> list[Mutant]:
    """Return every change of every fact, in an order that depends on the source alone.

    Raises:
        UnknownError: an entry of `EQUIVALENT` describes none of them.
    """
    of_operations, of_models = _files(root)
    found = [
        *operations.mutants(root, of_operations),
        *models.mutants(root, of_models),
        *places.mutants(root),
        *defaults.mutants(root),
    ]
    if os.environ.get("SPSHIPPING_MODELS"):
        of_notifications = models.mutants(root, [f"{_PACKAGE}/notifications/order_change.py"])
        found += [mutant._replace(tests=_NOTIFICATIONS) for mutant in of_notifications]
    unknown = set(EQUIVALENT) - {mutant.what for mutant in found}
    if unknown and os.environ.get("SPSHIPPING_MODELS"):
        raise UnknownError(f"no mutant is described by: {', '.join(sorted(unknown))}")
    return [mutant for mutant in found if mutant.what not in EQUIVALENT]
