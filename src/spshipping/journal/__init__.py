"""Purchases that were begun: what was wanted, what was sent, and what came of it."""

from spshipping.journal.entry import (
    Account,
    Charge,
    Entry,
    NewEntry,
    Outcome,
    Owned,
    Scope,
    SpendingLimit,
    State,
)
from spshipping.journal.memory import MemoryJournal
from spshipping.journal.protocol import PurchaseJournal
from spshipping.journal.sqlite import SqliteJournal

__all__ = [
    "Account",
    "Charge",
    "Entry",
    "MemoryJournal",
    "NewEntry",
    "Outcome",
    "Owned",
    "PurchaseJournal",
    "Scope",
    "SpendingLimit",
    "SqliteJournal",
    "State",
]
