"""What a vendor has submitted: kept from before it is sent until its outcome is known, and after."""

from typing import TYPE_CHECKING, Any

from spshipping.vendor.ledger.entry import (
    Entry,
    NewEntry,
    Scope,
    Settlement,
    SubmissionKind,
    SubmissionState,
    Whose,
)
from spshipping.vendor.ledger.memory import MemoryLedger
from spshipping.vendor.ledger.protocol import SubmissionLedger
from spshipping.vendor.ledger.sqlite import SqliteLedger

if TYPE_CHECKING:
    from spshipping.vendor.ledger.postgres import PostgresLedger

__all__ = [
    "SubmissionLedger",
    "SqliteLedger",
    "PostgresLedger",
    "MemoryLedger",
    # what a ledger of your own keeps
    "Entry",
    "NewEntry",
    "Settlement",
    "Scope",
    "SubmissionKind",
    "SubmissionState",
    "Whose",
]


if not TYPE_CHECKING:  # which would take every name for one that is there

    def __getattr__(name: str) -> Any:
        # who uses no server does not load it
        if name != "PostgresLedger":
            raise AttributeError(f"module 'spshipping.vendor.ledger' has no attribute {name!r}")
        from spshipping.vendor.ledger.postgres import PostgresLedger

        return PostgresLedger
