"""Every domain and every operation that this version has."""

import importlib
from datetime import date
from typing import Any

from spshipping.named import NamedTuple
from spshipping.operation import Operation

MODELS_DATE = date(2026, 8, 5)
"""The date of Amazon's models that this version was made from: of the commit in their repository.

Source: https://github.com/amzn/selling-partner-api-models
"""


class Domain(NamedTuple):
    """One API of one version: its package, and where a client has its facade."""

    package: str
    """Below `spshipping`."""
    facade: str
    """The name of its class in the package."""
    path: str
    """The attributes of a client that lead to it."""


DOMAINS = (
    Domain("shipping", "ShippingApi", "shipping"),
    Domain("orders.v0", "OrdersV0Api", "orders.v0"),
    Domain("orders.v2026_01_01", "OrdersV20260101Api", "orders.v2026_01_01"),
    Domain("vendor.orders", "VendorOrdersApi", "vendor.orders"),
    Domain("vendor.shipments", "VendorShipmentsApi", "vendor.shipments"),
    Domain("vendor.transactions", "VendorTransactionsApi", "vendor.transactions"),
    Domain("sellers", "SellersApi", "sellers"),
    Domain("notifications", "NotificationsApi", "notifications"),
    Domain("applications", "ApplicationsApi", "applications"),
    Domain("auth.tokens", "TokensApi", "tokens"),
)


def operations() -> tuple[Operation[Any], ...]:
    """Return every Operation, domain by domain. Loads all domains."""
    found: list[Operation[Any]] = []
    for domain in DOMAINS:
        module = importlib.import_module(f"spshipping.{domain.package}")
        found += [value for value in vars(module).values() if isinstance(value, Operation)]
    return tuple(found)


def find(reference: str, route: str) -> Operation[Any] | None:
    """Return the operation that is, or was in an older version, the constant *reference* of *route*."""
    for domain in DOMAINS:
        package, _, constant = reference.rpartition(".")
        if package == f"spshipping.{domain.package}":
            value = vars(importlib.import_module(package)).get(constant)
            if isinstance(value, Operation) and value.route == route:
                return value
    return next((operation for operation in operations() if operation.route == route), None)
