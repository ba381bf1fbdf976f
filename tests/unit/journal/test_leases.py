"""How long a purchase is owned, whatever the clock did."""

import pytest

from spshipping.journal import Entry, MemoryJournal, Owned, PurchaseJournal
from tests.kit import FakeClock
from tests.unit.journal.test_laws import CHARGE, entry, new, owned


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def journal(clock: FakeClock) -> PurchaseJournal:
    return MemoryJournal(clock=clock)


def test_a_lease_of_a_time_when_the_clock_was_wrong_does_not_last_until_then(
    journal: PurchaseJournal, clock: FakeClock
) -> None:
    clock.elapsed += 1000 * 86_400.0
    lost = owned(journal)
    clock.elapsed -= 1000 * 86_400.0
    assert not entry(journal).is_owned
    mine = owned(journal)
    assert not journal.quote(lost, '{"call":1}', CHARGE), "it is another's by now"
    assert journal.quote(mine, '{"call":1}', CHARGE)


@pytest.mark.parametrize("lease", [1e6, float("inf")])
def test_no_lease_lasts_longer_than_a_day(journal: PurchaseJournal, clock: FakeClock, lease: float) -> None:
    mine = journal.begin(new(), lease)
    assert isinstance(mine, Owned)
    clock.elapsed += 86_399
    assert isinstance(journal.begin(new(), lease), Entry)
    assert journal.renew(mine, lease)
    clock.elapsed += 86_399
    assert isinstance(journal.begin(new(), lease), Entry)
    clock.elapsed += 2
    assert isinstance(journal.begin(new(), lease), Owned)
