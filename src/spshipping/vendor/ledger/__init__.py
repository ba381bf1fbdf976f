"""What a vendor has submitted: kept from before it is sent until its outcome is known, and after."""

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

__all__ = [
    "SubmissionLedger",
    "SqliteLedger",
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
