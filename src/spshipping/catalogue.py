"""Every operation that this version knows."""

import importlib
from typing import Any

from spshipping.operation import Operation

_DOMAINS = ("shipping", "orders.v0", "orders.v2026_01_01", "sellers", "notifications", "auth.tokens")


def operations() -> tuple[Operation[Any], ...]:
    """Return every Operation, domain by domain. Loads all domains."""
    found: list[Operation[Any]] = []
    for domain in _DOMAINS:
        module = importlib.import_module(f"spshipping.{domain}")
        found += [value for value in vars(module).values() if isinstance(value, Operation)]
    return tuple(found)
