"""The page of each operation: found by Amazon's operationId."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from spshipping import operations
from spshipping.operation import Operation


def domain_of(operation: Operation[Any]) -> str:
    """Return the package of an operation, as in `orders.v0`."""
    assert operation.reference  # noqa: S101 - each of the catalogue is a constant of its package
    return operation.reference.module.removeprefix("spshipping.")


@cache
def files() -> Mapping[Operation[Any], str]:
    """Return the file of each operation.

    Where two have one operationId, their versions follow, or their verbs if these are the same.
    """
    found = {operation: _file(operation) for operation in operations()}
    if len({name.lower() for name in found.values()}) < len(found):
        raise SystemExit("two operations would have one page")
    return found


def _file(operation: Operation[Any]) -> str:
    others = [each for each in operations() if each.name == operation.name and each is not operation]
    if not others:
        return f"{operation.name}.md"
    is_version = all(domain_of(each) != domain_of(operation) for each in others)
    end = domain_of(operation).rpartition(".")[2] if is_version else operation.method.lower()
    return f"{operation.name}-{end}.md"


def file_of(operation: Operation[Any]) -> str:
    """Return the name of the file below docs/operations."""
    return files()[operation]
