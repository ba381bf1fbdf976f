"""Purchases that were begun and events that were pushed: what is not settled, on the disk."""

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
from spshipping.journal.events import Appended, EventLog, LoggedEvent, NewEvent
from spshipping.journal.memory import MemoryJournal
from spshipping.journal.protocol import PurchaseJournal
from spshipping.journal.sqlite import SqliteJournal

__all__ = [
    "Account",
    "Appended",
    "Charge",
    "Entry",
    "EventLog",
    "LoggedEvent",
    "MemoryJournal",
    "NewEntry",
    "NewEvent",
    "Outcome",
    "Owned",
    "PurchaseJournal",
    "Scope",
    "SpendingLimit",
    "SqliteJournal",
    "State",
]
