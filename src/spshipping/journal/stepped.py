"""What every journal does the same: it lets the pure steps happen to one entry at a time."""

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime

from spshipping.journal import steps
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

Step = Callable[[Entry | None, float], Entry | None]
"""Gets the entry that is there and the time; returns the entry as it is to be, or None to leave it."""


class Stepped:
    """A journal, but for how its entries are stored."""

    @abstractmethod
    def _step(self, scope: Scope, step: Step) -> tuple[Entry | None, Entry | None]:
        """Let one step happen to an entry, alone; return what was there, and what the step made of it."""

    @abstractmethod
    def entries(
        self, account: Account, states: Collection[State], after: Scope | None = None, most: int = 100
    ) -> Sequence[Entry]:
        """Return purchases in one of *states*, in the order of scopes, after *after*."""

    @abstractmethod
    def _spent(self, scope: Scope, day: str) -> Iterable[Charge]:
        """Return, within a step, what the account of *scope* has spent on a day, *scope* itself left out."""

    def begin(self, entry: NewEntry, lease: float) -> Owned | Entry:
        """Begin a purchase, or go on with one that no process owns; an `Entry` is ended, or owned."""
        found, made = self._step(entry.scope, lambda found, now: steps.begun(found, entry, now, lease))
        if made is not None:
            return Owned(made)
        assert found is not None  # noqa: S101 - where there is none, one is made
        return found

    def quote(
        self, owned: Owned, call: str, charge: Charge | None, limit: SpendingLimit | None = None
    ) -> bool:
        """Keep the purchase as it will be sent, and reserve its charge; False where it is no longer owned.

        Raises:
            SpendingLimitError: the account would pass *limit* today.
        """

        def step(found: Entry | None, now: float) -> Entry | None:
            day = None if limit is None else limit.day(now)
            made = steps.quoted(found, owned, call, charge, day, now)
            if made is not None and limit is not None and day is not None:
                steps.check_limit(charge, self._spent(owned.scope, day), limit)
            return made

        return self._did(owned.scope, step)

    def sending(self, owned: Owned, lease: float) -> bool:
        """Note that the purchase leaves now; False, and then it must not, where it is no longer owned."""
        return self._did(owned.scope, lambda found, now: steps.sent(found, owned, now, lease))

    def settle(
        self, owned: Owned, outcome: Outcome, result: str | None = None, charge: Charge | None = None
    ) -> bool:
        """Note what came of a purchase that was sent; False where it is no longer owned."""
        return self._did(
            owned.scope, lambda found, now: steps.settled(found, owned, outcome, result, now, charge)
        )

    def renew(self, owned: Owned, lease: float) -> bool:
        """Begin the lease anew; 0 gives the purchase up."""
        return self._did(owned.scope, lambda found, now: steps.renewed(found, owned, now, lease))

    def _did(self, scope: Scope, step: Step) -> bool:
        return self._step(scope, step)[1] is not None

    def settle_by_hand(self, scope: Scope, result: str | None) -> Entry | None:
        """Note what a person found out; None where the outcome is known, or the purchase is being sent."""
        return self._step(scope, lambda found, now: steps.settled_by_hand(found, result, now))[1]

    def mark(self, scope: Scope, state: State) -> Entry | None:
        """Let a purchase that is bought become taken, cancelling or cancelled; None where it is not."""
        return self._step(scope, lambda found, now: steps.marked(found, state, now))[1]

    def find(self, scope: Scope) -> Entry | None:
        """Return a purchase, or None."""
        return self._step(scope, lambda found, now: None)[0]  # noqa: ARG005 - the signature of a step

    def claim(
        self, account: Account, states: Collection[State], lease: float, after: Scope | None = None
    ) -> Owned | None:
        """Own the next purchase in one of *states*, in the order of scopes, that no process owns."""
        for entry in self._all(account, states, after):
            made = self._step(entry.scope, lambda found, now: steps.claimed(found, states, now, lease))[1]
            if made is not None:
                return Owned(made)
        return None

    def delivered(self, scope: Scope, at: datetime) -> Entry | None:
        """Note when what was bought was delivered; None where it is not bought."""
        time = at.timestamp()
        return self._step(scope, lambda found, now: steps.delivered(found, time))[1]  # noqa: ARG005 - the signature of a step

    def erase(self, scope: Scope, bought_before: datetime | None, delivered_before: datetime | None) -> bool:
        """Erase what is kept of a purchase that last changed, or was delivered, before then."""
        old, over = (None if time is None else time.timestamp() for time in (bought_before, delivered_before))
        return self._did(scope, lambda found, now: steps.purged(found, old, over, now))

    def _all(self, account: Account, states: Collection[State], after: Scope | None) -> Iterator[Entry]:
        while page := self.entries(account, states, after):
            yield from page
            after = page[-1].scope
