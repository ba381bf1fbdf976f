"""What the implementation of an operation receives, and what it returns."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from spshipping.operation import Operation
from spshipping.regions import ShippingBusiness
from spshipping.sandbox.responses import Response


class ApiRequest(NamedTuple):
    """A request whose access, quota and form have been checked."""

    operation: Operation[Any]
    seller: str
    """The seller's id; the client's id where the operation has no seller."""
    business: ShippingBusiness
    path: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any]
    key: str | None
    """The idempotency key, where the operation has one."""
    elements: frozenset[str] = frozenset()
    """The data elements of personal data that the access token grants."""


Implementation = Callable[[ApiRequest], Response]
"""Carries out one operation.

Raises:
    RefusedError: the request cannot be carried out.
"""
Implementations = Mapping[Operation[Any], Implementation]
