"""Both journals, driven by the same steps of several owners: they never differ, and keep the laws."""

import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from spshipping import SpendingLimitError
from spshipping.journal import (
    Charge,
    Entry,
    MemoryJournal,
    Outcome,
    Owned,
    PurchaseJournal,
    Scope,
    SqliteJournal,
    State,
)
from spshipping.journal.entry import IN_DOUBT, OPEN, SPENT
from tests.kit import FakeClock
from tests.unit.journal.test_laws import LEASE, LIMIT, OTHER, SCOPE, entry, new

T = TypeVar("T")

SCOPES = st.sampled_from([SCOPE, OTHER])
BEGUN = {State.RESERVED, State.SENDING, State.UNKNOWN}


class Machine(RuleBasedStateMachine):
    """Memory and SQLite, side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.folder = tempfile.TemporaryDirectory()
        self.sqlite = SqliteJournal(Path(self.folder.name) / "journal.db", clock=self.clock)
        self.other: PurchaseJournal = self.sqlite
        self.memory = MemoryJournal(clock=self.clock)
        self.owners: list[Owned] = []
        self.last: dict[Scope, Entry] = {}
        self.by_hand: set[Scope] = set()

    def teardown(self) -> None:
        self.sqlite.close()
        self.folder.cleanup()

    def both(self, step: Callable[[PurchaseJournal], T]) -> T:
        one, other = step(self.memory), step(self.other)
        assert one == other
        return one

    def an_owner(self, number: int) -> Owned | None:
        return self.owners[number % len(self.owners)] if self.owners else None

    @rule(scope=SCOPES, wanted=st.sampled_from(["{}", '{"other":1}']))
    def begin(self, scope: Scope, wanted: str) -> None:
        found = self.both(lambda journal: journal.begin(new(scope, wanted), LEASE))
        if isinstance(found, Owned):
            assert found.entry.state in BEGUN
            self.owners.append(found)

    @rule(number=st.integers(0, 20), amount=st.sampled_from(["4.00", "6.00", "7.00"]))
    def quote(self, number: int, amount: str) -> None:
        if mine := self.an_owner(number):
            text, charge = f'{{"fence":{mine.entry.fence}}}', Charge(Decimal(amount), "GBP")

            def quoted(journal: PurchaseJournal) -> bool | str:
                try:
                    return journal.quote(mine, text, charge, LIMIT)
                except SpendingLimitError as error:
                    return str(error)

            self.both(quoted)

    @rule(number=st.integers(0, 20))
    def sending(self, number: int) -> None:
        mine = self.an_owner(number)
        if mine and self.both(lambda journal: journal.sending(mine, LEASE)):
            assert entry(self.memory, mine.scope).fence == mine.entry.fence

    @rule(number=st.integers(0, 20), outcome=st.sampled_from(list(Outcome)))
    def settle(self, number: int, outcome: Outcome) -> None:
        if mine := self.an_owner(number):
            result = "{}" if outcome is Outcome.BOUGHT else None
            self.both(lambda journal: journal.settle(mine, outcome, result))

    @rule(number=st.integers(0, 20), lease=st.sampled_from([0, LEASE]))
    def renew(self, number: int, lease: float) -> None:
        if mine := self.an_owner(number):
            self.both(lambda journal: journal.renew(mine, lease))

    @rule(scope=SCOPES, result=st.sampled_from([None, "{}"]))
    def settle_by_hand(self, scope: Scope, result: str | None) -> None:
        if self.both(lambda journal: journal.settle_by_hand(scope, result)):
            self.by_hand.add(scope)

    @rule(states=st.sampled_from([OPEN, IN_DOUBT]))
    def claim(self, states: frozenset[State]) -> None:
        if found := self.both(lambda journal: journal.claim(SCOPE.account, states, LEASE)):
            self.owners.append(found)

    @rule(scope=SCOPES, state=st.sampled_from([State.BOUGHT, State.TAKEN, State.CANCELLING, State.CANCELLED]))
    def mark(self, scope: Scope, state: State) -> None:
        self.both(lambda journal: journal.mark(scope, state))

    @rule(scope=SCOPES)
    def deliver(self, scope: Scope) -> None:
        self.both(lambda journal: journal.delivered(scope, self.clock.now()))

    @rule(scope=SCOPES, is_old=st.booleans(), is_over=st.booleans())
    def erase(self, scope: Scope, *, is_old: bool, is_over: bool) -> None:
        now = self.clock.now()
        self.both(lambda journal: journal.erase(scope, now if is_old else None, now if is_over else None))

    @rule(seconds=st.sampled_from([1, LEASE]))
    def wait(self, seconds: float) -> None:
        self.clock.elapsed += seconds

    @invariant()
    def a_reference_never_buys_again(self) -> None:
        listed = self.both(lambda journal: journal.entries(SCOPE.account, list(State)))
        days = {each.day for each in listed}
        for day in days - {None}:
            spent = [each.charge for each in listed if each.day == day and each.state in SPENT]
            assert sum(charge.amount for charge in spent if charge) <= LIMIT.amount
        for now in listed:
            before = self.last.get(now.scope)
            if before is not None:
                self.check(before, now)
            self.last[now.scope] = now
        assert set(self.last) == {each.scope for each in listed}, "nothing is forgotten"
        self.by_hand.clear()

    def check(self, before: Entry, now: Entry) -> None:
        ended = (State.BOUGHT, State.TAKEN, State.CANCELLING, State.CANCELLED, State.PURGED)
        assert before.state not in ended or now.state in ended
        assert now.fence >= before.fence
        assert now.key == now.scope.key(now.attempt)
        if now.attempt != before.attempt:
            assert (now.attempt, before.state) == (before.attempt + 1, State.REFUSED)
        if now.state is State.REFUSED is not before.state and now.scope not in self.by_hand:
            assert not now.has_been_in_doubt
        if before.state in IN_DOUBT and now.state is State.RESERVED:
            assert not before.has_been_in_doubt


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=20, stateful_step_count=30, deadline=None)
