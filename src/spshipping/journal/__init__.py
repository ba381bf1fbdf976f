"""Purchases that were begun and events that were pushed: what is not settled, on the disk."""

from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from spshipping.journal.postgres import PostgresJournal

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
    "PostgresJournal",
    "PurchaseJournal",
    "Scope",
    "SpendingLimit",
    "SqliteJournal",
    "State",
]


if not TYPE_CHECKING:  # which would take every name for one that is there

    def __getattr__(name: str) -> Any:
        # who uses no server does not load it
        if name != "PostgresJournal":
            raise AttributeError(f"module 'spshipping.journal' has no attribute {name!r}")
        from spshipping.journal.postgres import PostgresJournal

        return PostgresJournal
