"""Serial shipping container codes (SSCC): made, read, and never issued twice."""

from typing import TYPE_CHECKING, Any

from spshipping.vendor.sscc.code import Sscc, check_digit
from spshipping.vendor.sscc.issuer import SsccIssuer
from spshipping.vendor.sscc.serials import (
    REUSE_AFTER,
    Block,
    MemorySerials,
    SerialRange,
    SerialStore,
    SqliteSerials,
)

if TYPE_CHECKING:
    from spshipping.vendor.sscc.postgres import PostgresSerials

__all__ = [
    "Sscc",
    "check_digit",
    "SsccIssuer",
    # which serials are issued
    "SerialStore",
    "SqliteSerials",
    "PostgresSerials",
    "MemorySerials",
    "SerialRange",
    "Block",
    "REUSE_AFTER",
]


if not TYPE_CHECKING:  # which would take every name for one that is there

    def __getattr__(name: str) -> Any:
        # who uses no server does not load it
        if name != "PostgresSerials":
            raise AttributeError(f"module 'spshipping.vendor.sscc' has no attribute {name!r}")
        from spshipping.vendor.sscc.postgres import PostgresSerials

        return PostgresSerials
