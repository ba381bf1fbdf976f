"""Vendors, who sell to Amazon: purchase orders, shipments, and what became of submissions."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spshipping.vendor.acknowledge.acknowledgement import Acknowledgement
    from spshipping.vendor.acknowledge.submission import Submission
    from spshipping.vendor.api import VendorApi
    from spshipping.vendor.api_async import AsyncVendorApi
    from spshipping.vendor.ledger.memory import MemoryLedger
    from spshipping.vendor.ledger.postgres import PostgresLedger
    from spshipping.vendor.ledger.sqlite import SqliteLedger

__all__ = [
    "VendorApi",
    "AsyncVendorApi",
    # acknowledge and know
    "Acknowledgement",
    "Submission",
    "SqliteLedger",
    "PostgresLedger",
    "MemoryLedger",
]

# where each public name lives: importing this package loads no models
_HOMES = {
    "VendorApi": "api",
    "AsyncVendorApi": "api_async",
    "Acknowledgement": "acknowledge.acknowledgement",
    "Submission": "acknowledge.submission",
    "SqliteLedger": "ledger.sqlite",
    "PostgresLedger": "ledger.postgres",
    "MemoryLedger": "ledger.memory",
}


if not TYPE_CHECKING:  # which would take every name for one that is there

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module 'spshipping.vendor' has no attribute {name!r}")
        value = getattr(importlib.import_module(f"spshipping.vendor.{_HOMES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
