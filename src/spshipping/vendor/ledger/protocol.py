"""What a ledger of submissions does; `SqliteLedger` is the usual one, and yours may be another."""

from collections.abc import Sequence
from typing import Protocol

from spshipping.vendor.ledger.entry import Entry, NewEntry, Scope, Settlement, Whose


class SubmissionLedger(Protocol):
    """Keeps every submission from before it is sent. It may block; on return, what it wrote is on the disk.

    It is safe for all threads and processes that share it; times are by its own clock. It holds what vendors
    tell Amazon: quantities, prices and dates, and of shipments the address of the warehouse that they leave.
    """

    def begin(self, new: NewEntry, lease: float, *, after: int) -> Entry | None:
        """Begin a submission; those of its scope that are in doubt become `SUPERSEDED`.

        Returns None, and changes nothing, where another process sends one of its scope, or where one was
        begun after the entry with the number *after*, the last that the caller has seen; 0 for none.
        """
        ...

    def own(self, number: int, lease: float) -> Entry | None:
        """Return an open submission, for this process to work on; None where it is not, or another has it.

        One in doubt becomes `BEGUN`: it is about to be sent again.
        """
        ...

    def claim(self, whose: Whose, lease: float) -> Entry | None:
        """Own the open submission that is due longest; None where none is due."""
        ...

    def settle(self, number: int, outcome: Settlement) -> Entry | None:
        """Note what a step has brought; None, and nothing is changed, where that cannot follow its state.

        Where Amazon may have it, open ones of its scope that were begun before become `SUPERSEDED`.
        """
        ...

    def find(self, number: int) -> Entry | None:
        """Return a submission, or None."""
        ...

    def history(self, scope: Scope) -> Sequence[Entry]:
        """Return all submissions of a scope, the oldest first."""
        ...

    def entries(
        self, whose: Whose, *, is_open: bool | None = None, after: int = 0, most: int = 100
    ) -> Sequence[Entry]:
        """Return submissions with a number above *after*, the oldest first; those that are open, or not."""
        ...

    def latest(self, whose: Whose, *, after: int = 0, most: int = 100) -> Sequence[Entry]:
        """Return the last of each scope that Amazon may have taken, with a number above *after*."""
        ...

    def due_in(self, whose: Whose) -> float | None:
        """Return after how many seconds the next open submission is due; None where none is open."""
        ...
