"""What a journal of purchases does; `SqliteJournal` is the usual one, and yours may be another."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

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
from spshipping.journal.events import SOURCE, EventLog


class PurchaseJournal(Protocol):
    """Keeps every purchase from before it is sent. It may block; on return, what it wrote is on the disk.

    It is safe for all threads and processes that share it. Each purchase has one owner at a time; an owner
    that dies loses it when its lease ends, by the journal's own clock. No lease lasts longer than a day.
    """

    @property
    def keeps_personal(self) -> bool:
        """Whether texts that it is given may hold personal data: it seals them, or forgets them."""
        ...

    def secret(self) -> bytes:
        """Return the key for digests of personal fields: random, and the same for all that share it."""
        ...

    def begin(self, entry: NewEntry, lease: float) -> Owned | Entry:
        """Begin a purchase, or go on with one that no process owns; an `Entry` is ended, or owned.

        One that was never sent, or was refused, becomes `reserved` again, with the fields and the text of
        *entry*. One that may have been sent stays as it is.
        """
        ...

    def quote(
        self, owned: Owned, call: str, charge: Charge | None, limit: SpendingLimit | None = None
    ) -> bool:
        """Keep the purchase as it will be sent, and reserve its charge; False where it is no longer owned.

        Raises:
            SpendingLimitError: the account would pass *limit* today; nothing is changed.
        """
        ...

    def sending(self, owned: Owned, lease: float) -> bool:
        """Note that the purchase leaves now, and begin the lease anew.

        False where it is no longer owned: then the purchase must not leave.
        """
        ...

    def settle(
        self, owned: Owned, outcome: Outcome, result: str | None = None, charge: Charge | None = None
    ) -> bool:
        """Note what came of a purchase that was sent, and give it up; False where it is no longer owned.

        `BOUGHT` is accepted from an earlier owner too: it is the same purchase, by its key. `REFUSED` and
        `NOT_SENT` are not accepted once the outcome was unknown. *charge* is given where the price is known
        only now: it takes the place of what was reserved, unless that is in another unit.
        """
        ...

    def settle_by_hand(self, scope: Scope, result: str | None) -> Entry | None:
        """Note what a person found out: what was bought, or, with None, that nothing was, or not any more.

        Returns None, and changes nothing, where the outcome is known, or the purchase is being sent.
        """
        ...

    def claim(
        self, account: Account, states: Collection[State], lease: float, after: Scope | None = None
    ) -> Owned | None:
        """Own the next purchase in one of *states*, in the order of scopes, that no process owns."""
        ...

    def renew(self, owned: Owned, lease: float) -> bool:
        """Begin the lease anew; 0 gives the purchase up. False where it is no longer owned."""
        ...

    def mark(self, scope: Scope, state: State) -> Entry | None:
        """Let a purchase that is bought become `TAKEN`, `CANCELLING` or `CANCELLED`; None where it is not.

        `CANCELLING` can also become what it was before, where the cancellation is refused.
        """
        ...

    def find(self, scope: Scope) -> Entry | None:
        """Return a purchase, or None."""
        ...

    def entries(
        self, account: Account, states: Collection[State], after: Scope | None = None, most: int = 100
    ) -> Sequence[Entry]:
        """Return purchases in one of *states*, in the order of scopes, after *after*."""
        ...

    def delivered(self, scope: Scope, at: datetime) -> Entry | None:
        """Note when what was bought was delivered; None, and nothing is changed, where it is not bought."""
        ...

    def erase(self, scope: Scope, bought_before: datetime | None, delivered_before: datetime | None) -> bool:
        """Erase what is kept of a purchase that last changed, or was delivered, before then.

        One that was bought becomes `PURGED`. What is not settled stays as it is. False where nothing changed.
        """
        ...

    def events(self, source: str = SOURCE) -> EventLog:
        """Return the log of what is pushed by *source*; logs of two sources never meet."""
        ...
