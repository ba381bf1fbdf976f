"""What holds of every journal: one owner at a time, one purchase for each scope, nothing forgotten."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from spshipping import ConfigurationError, SpendingLimitError
from spshipping.journal import (
    Charge,
    Entry,
    MemoryJournal,
    NewEntry,
    Outcome,
    Owned,
    PurchaseJournal,
    Scope,
    SpendingLimit,
    SqliteJournal,
    State,
)
from spshipping.journal.entry import IN_DOUBT, OPEN
from tests.kit import FakeClock

Make = Callable[[FakeClock], PurchaseJournal]

SCOPE = Scope("https://example.test", "A1SELLER", "AmazonShipping_UK", "1001")
OTHER = SCOPE._replace(reference="1002")
LEASE = 90.0
CHARGE = Charge(Decimal("4.10"), "GBP")


def new(scope: Scope = SCOPE, wanted: str = '{"parcel":1}') -> NewEntry:
    return NewEntry(scope, {"ship_to.name": "5f"}, wanted)


@pytest.fixture(params=["memory", "sqlite"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    made: list[SqliteJournal] = []

    def open_journal(clock: FakeClock) -> PurchaseJournal:
        if request.param == "memory":
            return MemoryJournal(clock=clock)
        made.append(SqliteJournal(tmp_path / "journal.db", clock=clock))
        return made[-1]

    yield open_journal
    for journal in made:
        journal.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def journal(make: Make, clock: FakeClock) -> PurchaseJournal:
    return make(clock)


def owned(journal: PurchaseJournal, scope: Scope = SCOPE) -> Owned:
    found = journal.begin(new(scope), LEASE)
    assert isinstance(found, Owned)
    return found


def entry(journal: PurchaseJournal, scope: Scope = SCOPE) -> Entry:
    found = journal.find(scope)
    assert found is not None
    return found


def sending(journal: PurchaseJournal, scope: Scope = SCOPE) -> Owned:
    mine = owned(journal, scope)
    assert journal.quote(mine, '{"call":1}', CHARGE)
    assert journal.sending(mine, LEASE)
    return mine


def test_the_whole_way_of_a_purchase(journal: PurchaseJournal, clock: FakeClock) -> None:
    mine = owned(journal)
    assert mine.entry.state is State.RESERVED
    assert journal.quote(mine, '{"call":1}', CHARGE)
    assert entry(journal).state is State.QUOTED
    assert journal.sending(mine, LEASE)
    clock.elapsed += 5
    found = entry(journal)
    assert (found.state, found.sent_age, found.call, found.charge) == (State.SENDING, 5, '{"call":1}', CHARGE)
    assert journal.settle(mine, Outcome.BOUGHT, '{"shipment":1}')
    bought = journal.begin(new(), LEASE)
    assert isinstance(bought, Entry)
    assert (bought.state, bought.result, bought.attempt) == (State.BOUGHT, '{"shipment":1}', 1)
    assert bought.wanted == '{"parcel":1}'
    assert bought.fields == {"ship_to.name": "5f"}


def test_scopes_never_meet(journal: PurchaseJournal) -> None:
    scopes = [
        SCOPE,
        OTHER,
        SCOPE._replace(place="https://sandbox.example.test"),
        SCOPE._replace(seller="A2SELLER"),
        SCOPE._replace(business="AmazonShipping_IT"),
        SCOPE._replace(generation=2),
    ]
    found = [owned(journal, scope).entry.key for scope in scopes]
    assert len({*found, *(scope.package for scope in scopes)}) == 2 * len(scopes)


def test_keys_are_the_same_in_every_version() -> None:
    assert SCOPE.key(1) == "e26669bf-85f8-5ef5-b523-0cb789c1663b"
    assert SCOPE.key(2) == "59562932-de1f-5528-9eac-1126fbfeb67d"
    assert SCOPE.package == "a6dc6f4e-121b-55f9-a9cb-e81e8edc4aac"


def test_another_waits_while_the_lease_lasts(journal: PurchaseJournal, clock: FakeClock) -> None:
    mine = owned(journal)
    other = journal.begin(new(), LEASE)
    assert isinstance(other, Entry)
    assert other.is_owned
    clock.elapsed += LEASE - 1
    assert journal.renew(mine, LEASE)
    clock.elapsed += LEASE - 1
    assert isinstance(journal.begin(new(), LEASE), Entry)
    clock.elapsed += 1
    assert owned(journal).entry.fence == mine.entry.fence + 1


def test_an_owner_that_was_overtaken_can_no_longer_send(journal: PurchaseJournal, clock: FakeClock) -> None:
    late = owned(journal)
    assert journal.quote(late, "{}", None)
    clock.elapsed += LEASE
    mine = owned(journal)
    assert not journal.sending(late, LEASE)
    assert not journal.quote(late, "{}", None)
    assert not journal.renew(late, LEASE)
    assert not journal.sending(mine, LEASE), "there is nothing yet that could be sent"
    assert journal.quote(mine, "{}", None)
    assert journal.sending(mine, LEASE)


def test_what_was_never_sent_is_begun_anew_with_the_same_key(journal: PurchaseJournal) -> None:
    first = owned(journal)
    assert journal.quote(first, "{}", CHARGE)
    assert journal.renew(first, 0)
    found = journal.begin(new(wanted='{"parcel":2}'), LEASE)
    assert isinstance(found, Owned)
    assert (found.entry.state, found.entry.wanted) == (State.RESERVED, '{"parcel":2}')
    assert (found.entry.key, found.entry.call, found.entry.charge) == (first.entry.key, None, None)


def test_a_certain_refusal_brings_another_attempt_with_another_key(journal: PurchaseJournal) -> None:
    first = sending(journal)
    assert journal.settle(first, Outcome.REFUSED)
    again = owned(journal)
    assert (again.entry.attempt, again.entry.key) == (2, SCOPE.key(2))
    assert not journal.settle(first, Outcome.BOUGHT, "{}"), "that was another attempt"


def test_what_did_not_reach_amazon_keeps_its_key(journal: PurchaseJournal) -> None:
    first = sending(journal)
    assert journal.settle(first, Outcome.NOT_SENT)
    again = owned(journal)
    assert (again.entry.attempt, again.entry.key, again.entry.sent_at) == (1, first.entry.key, None)


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.NOT_SENT])
def test_what_was_in_doubt_can_no_longer_be_refused(journal: PurchaseJournal, outcome: Outcome) -> None:
    first = sending(journal)
    assert journal.settle(first, Outcome.UNKNOWN)
    again = owned(journal)
    assert (again.entry.state, again.entry.key, again.entry.call) == (
        State.UNKNOWN,
        first.entry.key,
        '{"call":1}',
    )
    assert journal.sending(again, LEASE)
    assert not journal.settle(again, outcome)
    assert journal.settle(again, Outcome.BOUGHT, "{}")


def test_an_owner_that_died_while_sending_leaves_a_doubt(journal: PurchaseJournal, clock: FakeClock) -> None:
    sending(journal)
    clock.elapsed += LEASE
    again = owned(journal)
    assert again.entry.state is State.SENDING
    assert again.entry.has_been_in_doubt
    assert not journal.settle(again, Outcome.REFUSED)


def test_a_success_is_accepted_from_an_earlier_owner(journal: PurchaseJournal, clock: FakeClock) -> None:
    late = sending(journal)
    clock.elapsed += LEASE
    mine = owned(journal)
    assert journal.settle(mine, Outcome.UNSETTLED)
    assert not journal.settle(late, Outcome.UNKNOWN)
    assert journal.settle(late, Outcome.BOUGHT, "{}")
    assert entry(journal).state is State.BOUGHT


def test_what_was_not_sent_cannot_be_settled(journal: PurchaseJournal) -> None:
    assert not journal.settle(owned(journal), Outcome.BOUGHT, "{}")
    assert entry(journal).state is State.RESERVED


def test_the_age_counts_from_the_first_time_that_it_left(journal: PurchaseJournal, clock: FakeClock) -> None:
    assert owned(journal).entry.sent_age == float("inf")
    assert journal.renew(Owned(entry(journal)), 0)
    mine = sending(journal)
    clock.elapsed += 30
    assert journal.sending(mine, LEASE)
    clock.elapsed += 30
    assert entry(journal).sent_age == 60
    clock.elapsed -= 61
    assert entry(journal).sent_age == 0
    clock.elapsed -= 61
    assert entry(journal).sent_age == float("inf"), "a clock that was set back knows no age"


def test_a_person_settles_what_is_unsettled(journal: PurchaseJournal) -> None:
    for scope, result, state in ((SCOPE, '{"shipment":1}', State.BOUGHT), (OTHER, None, State.REFUSED)):
        assert journal.settle(sending(journal, scope), Outcome.UNSETTLED)
        assert isinstance(journal.begin(new(scope), LEASE), Entry)
        found = journal.settle_by_hand(scope, result)
        assert found is not None
        assert (found.state, found.result, found.is_by_hand) == (state, result, True)
        assert journal.settle_by_hand(scope, result) is None
    assert owned(journal, OTHER).entry.attempt == 2


def test_a_person_cannot_settle_what_is_being_sent(journal: PurchaseJournal) -> None:
    assert journal.settle_by_hand(SCOPE, None) is None
    mine = sending(journal)
    assert journal.settle_by_hand(SCOPE, None) is None
    assert journal.settle(mine, Outcome.UNKNOWN)
    assert journal.settle_by_hand(SCOPE, None) is not None


def test_labels_are_taken_and_shipments_cancelled_once_they_are_bought(
    journal: PurchaseJournal, clock: FakeClock
) -> None:
    assert journal.mark(SCOPE, State.TAKEN) is None
    mine = sending(journal)
    assert journal.mark(SCOPE, State.CANCELLED) is None
    assert journal.settle(mine, Outcome.BOUGHT, "{}")
    for state in (State.TAKEN, State.CANCELLED):
        clock.elapsed += 1
        marked_at = clock.now().timestamp()
        for _ in range(2):
            found = journal.mark(SCOPE, state)
            assert found is not None
            assert (found.state, found.changed_at) == (state, marked_at)
            clock.elapsed += 1
    assert journal.mark(SCOPE, State.TAKEN) is None
    assert isinstance(journal.begin(new(), LEASE), Entry)


def test_claims_go_through_what_no_process_owns(journal: PurchaseJournal, clock: FakeClock) -> None:
    scopes = [SCOPE._replace(reference=f"{number:03}") for number in range(105)]
    for scope in reversed(scopes):
        journal.begin(new(scope), LEASE)
    assert journal.claim(SCOPE.account, OPEN, LEASE) is None
    clock.elapsed += LEASE
    owned(journal, scopes[1])
    claimed: list[Scope] = []
    while found := journal.claim(SCOPE.account, OPEN, LEASE, claimed[-1] if claimed else None):
        claimed.append(found.scope)
        assert journal.renew(found, 0)
    assert claimed == [scopes[0], *scopes[2:]]
    assert journal.claim(SCOPE.account, IN_DOUBT, LEASE) is None
    assert journal.claim(SCOPE.account._replace(seller="A2"), OPEN, LEASE) is None


def test_a_claim_passes_over_what_another_took_meanwhile(
    journal: PurchaseJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for scope in (SCOPE, OTHER):
        assert journal.renew(owned(journal, scope), 0)
    listed = journal.entries

    def entries(*arguments: Any) -> Any:
        page = listed(*arguments)
        owned(journal, SCOPE)
        return page

    monkeypatch.setattr(journal, "entries", entries)
    found = journal.claim(SCOPE.account, OPEN, LEASE)
    assert found is not None
    assert found.scope == OTHER


def test_entries_are_listed_by_state(journal: PurchaseJournal) -> None:
    assert journal.settle(sending(journal, OTHER), Outcome.UNSETTLED)
    owned(journal)
    (found,) = journal.entries(SCOPE.account, [State.UNSETTLED])
    assert found.scope == OTHER
    assert [each.scope for each in journal.entries(SCOPE.account, list(State), most=1)] == [SCOPE]
    assert [each.scope for each in journal.entries(SCOPE.account, list(State), SCOPE)] == [OTHER]


def test_a_hundred_entries_are_listed_at_once(journal: PurchaseJournal) -> None:
    for number in range(101):
        owned(journal, SCOPE._replace(reference=f"{number:03}"))
    first = journal.entries(SCOPE.account, list(State))
    assert [each.scope.reference for each in first] == [f"{number:03}" for number in range(100)]
    (last,) = journal.entries(SCOPE.account, list(State), first[-1].scope)
    assert last.scope.reference == "100"


def purge(
    journal: PurchaseJournal, bought_before: datetime | None, delivered_before: datetime | None = None
) -> int:
    """Erase all that is old enough; return how many changed."""
    found = journal.entries(SCOPE.account, list(State))
    return sum(journal.erase(each.scope, bought_before, delivered_before) for each in found)


def test_what_was_delivered_is_purged_by_the_time_of_its_delivery(
    journal: PurchaseJournal, clock: FakeClock
) -> None:
    early, late, unsaid = (SCOPE._replace(reference=name) for name in ("early", "late", "unsaid"))
    for scope in (early, late, unsaid):
        assert journal.settle(sending(journal, scope), Outcome.BOUGHT, "{}")
    changed_at = entry(journal, early).changed_at
    assert journal.mark(late, State.TAKEN)
    at = clock.now() - timedelta(days=3)
    for scope, time in ((early, at), (late, at + timedelta(days=2))):
        found = journal.delivered(scope, time)
        assert found is not None
        assert found.delivered_at == time.timestamp()
    assert entry(journal, early).changed_at == changed_at, "it is bought as long ago as it was"
    assert purge(journal, None, at) == 0
    assert purge(journal, None, at + timedelta(days=1)) == 1
    assert [entry(journal, scope).state for scope in (early, late, unsaid)] == [
        State.PURGED,
        State.TAKEN,
        State.BOUGHT,
    ]
    assert journal.delivered(early, at) is None
    assert journal.delivered(OTHER, at) is None
    assert not journal.erase(OTHER, clock.now(), None), "there is none"
    clock.elapsed += 1
    assert purge(journal, clock.now(), at + timedelta(days=1)) == 2, "either time is enough"


def test_purging_leaves_a_tombstone(journal: PurchaseJournal, clock: FakeClock) -> None:
    bought, cancelled, refused, unknown, young = (
        SCOPE._replace(reference=name) for name in ("bought", "cancelled", "refused", "unknown", "young")
    )
    for scope in (bought, cancelled):
        assert journal.settle(sending(journal, scope), Outcome.BOUGHT, "{}")
    journal.mark(cancelled, State.CANCELLED)
    assert journal.settle(sending(journal, refused), Outcome.REFUSED)
    assert journal.settle(sending(journal, unknown), Outcome.UNKNOWN)
    owned(journal)
    clock.elapsed += 60
    before = clock.now()
    assert journal.settle(sending(journal, young), Outcome.BOUGHT, "{}")
    assert purge(journal, before) == 3
    assert purge(journal, before + timedelta(seconds=1)) == 1, "only what was too young"
    states = [entry(journal, scope).state for scope in (bought, cancelled, refused, unknown, young)]
    assert states == [State.PURGED, State.CANCELLED, State.REFUSED, State.UNKNOWN, State.PURGED]
    found = entry(journal, bought)
    assert (found.wanted, found.call, found.result, found.fields) == (None, None, None, {})
    assert entry(journal, unknown).wanted is not None
    assert isinstance(journal.begin(new(bought), LEASE), Entry)


def test_an_entry_shows_no_reference_in_its_repr(journal: PurchaseJournal) -> None:
    mine = owned(journal)
    assert repr(mine) == "<Owned <Entry reserved, generation 1, attempt 1>>"
    assert repr(new()) == "<NewEntry, generation 1>"


def test_a_secret_stays(journal: PurchaseJournal) -> None:
    assert len(journal.secret()) == 32
    assert journal.secret() == journal.secret()


LIMIT = SpendingLimit(Decimal("10.00"), "GBP", "Europe/London")


def reserved(journal: PurchaseJournal, reference: str, amount: str, limit: SpendingLimit = LIMIT) -> Owned:
    mine = owned(journal, SCOPE._replace(reference=reference))
    assert journal.quote(mine, "{}", Charge(Decimal(amount), "GBP"), limit)
    return mine


def test_a_limit_is_reserved_to_the_penny(journal: PurchaseJournal) -> None:
    reserved(journal, "a", "4.10")
    late = owned(journal)
    with pytest.raises(SpendingLimitError, match=r"of the limit of 10\.00 for today, 5\.90 is left"):
        journal.quote(late, "{}", Charge(Decimal("5.91"), "GBP"), LIMIT)
    assert entry(journal).state is State.RESERVED, "nothing was changed"
    assert journal.quote(late, "{}", Charge(Decimal("5.90"), "GBP"), LIMIT)


def test_a_purchase_that_is_quoted_again_counts_once(journal: PurchaseJournal) -> None:
    mine = reserved(journal, "a", "9.00")
    assert journal.quote(mine, "{}", Charge(Decimal("10.00"), "GBP"), LIMIT)


@pytest.mark.parametrize("charge", [None, Charge(Decimal(1), "EUR")])
def test_what_cannot_be_counted_is_refused(journal: PurchaseJournal, charge: Charge | None) -> None:
    with pytest.raises(SpendingLimitError, match="and the spending limit is in GBP"):
        journal.quote(owned(journal), "{}", charge, LIMIT)


def test_one_that_was_overtaken_reserves_nothing(journal: PurchaseJournal, clock: FakeClock) -> None:
    late = owned(journal)
    clock.elapsed += LEASE
    owned(journal)
    assert not journal.quote(late, "{}", Charge(Decimal(99), "GBP"), LIMIT)


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.UNSETTLED, Outcome.BOUGHT])
def test_what_may_have_been_bought_counts_as_spent(journal: PurchaseJournal, outcome: Outcome) -> None:
    mine = reserved(journal, "a", "9.00")
    assert journal.sending(mine, LEASE)
    assert journal.settle(mine, outcome, "{}" if outcome is Outcome.BOUGHT else None)
    with pytest.raises(SpendingLimitError):
        reserved(journal, "b", "2.00")


def test_refusals_and_cancellations_give_back(journal: PurchaseJournal) -> None:
    refused, bought = reserved(journal, "a", "5.00"), reserved(journal, "b", "5.00")
    for mine, outcome in ((refused, Outcome.REFUSED), (bought, Outcome.BOUGHT)):
        assert journal.sending(mine, LEASE)
        assert journal.settle(mine, outcome, "{}")
    reserved(journal, "c", "5.00")
    assert journal.mark(bought.scope, State.CANCELLED)
    reserved(journal, "d", "5.00")


@pytest.mark.parametrize(
    ("reserved_as", "said", "counts"),
    [
        (CHARGE, None, CHARGE),
        (CHARGE, Charge(Decimal("9.99"), "GBP"), Charge(Decimal("9.99"), "GBP")),
        (CHARGE, Charge(Decimal(0), "GBP"), Charge(Decimal(0), "GBP")),
        (CHARGE, Charge(Decimal("0.01"), "USD"), CHARGE),
        (None, Charge(Decimal("9.99"), "USD"), Charge(Decimal("9.99"), "USD")),
        (None, None, None),
    ],
)
def test_a_price_that_is_said_at_last_takes_the_place_of_what_was_reserved(
    journal: PurchaseJournal, reserved_as: Charge | None, said: Charge | None, counts: Charge | None
) -> None:
    mine = owned(journal)
    assert journal.quote(mine, "{}", reserved_as)
    assert journal.sending(mine, LEASE)
    assert journal.settle(mine, Outcome.BOUGHT, "{}", said)
    assert entry(journal).charge == counts


def test_what_is_purged_still_counts(journal: PurchaseJournal, clock: FakeClock) -> None:
    mine = reserved(journal, "a", "9.00")
    assert journal.sending(mine, LEASE)
    assert journal.settle(mine, Outcome.BOUGHT, "{}")
    clock.elapsed += 1
    assert purge(journal, clock.now()) == 1
    with pytest.raises(SpendingLimitError):
        reserved(journal, "b", "2.00")


def test_a_day_begins_in_the_time_zone_of_the_limit(journal: PurchaseJournal, clock: FakeClock) -> None:
    tokyo = LIMIT._replace(zone="Asia/Tokyo")
    clock.elapsed = 2 * 3600 + 3599  # 23:59:59 in Tokyo
    reserved(journal, "a", "9.00", tokyo)
    with pytest.raises(SpendingLimitError):
        reserved(journal, "b", "2.00", tokyo)
    clock.elapsed += 1
    reserved(journal, "c", "2.00", tokyo)


def test_accounts_have_limits_of_their_own(journal: PurchaseJournal) -> None:
    reserved(journal, "a", "9.00")
    other = owned(journal, SCOPE._replace(seller="A2SELLER"))
    assert journal.quote(other, "{}", Charge(Decimal("9.00"), "GBP"), LIMIT)


def test_a_limit_of_a_business_is_in_its_currency_and_by_default_for_days_in_utc() -> None:
    assert SpendingLimit.for_business(Decimal(9), "UK") == SpendingLimit(Decimal(9), "GBP", "UTC")


def test_a_time_zone_that_is_not_known_is_refused() -> None:
    for zone in ("Mars/Olympus", "../etc"):
        with pytest.raises(ConfigurationError, match="is no time zone that is known here"):
            LIMIT._replace(zone=zone).day(0.0)


def test_in_memory_personal_data_may_be_kept() -> None:
    assert MemoryJournal().keeps_personal
