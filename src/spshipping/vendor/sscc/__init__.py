"""Serial shipping container codes (SSCC): made, read, and never issued twice."""

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

__all__ = [
    "Sscc",
    "check_digit",
    "SsccIssuer",
    # which serials are issued
    "SerialStore",
    "SqliteSerials",
    "MemorySerials",
    "SerialRange",
    "Block",
    "REUSE_AFTER",
]
