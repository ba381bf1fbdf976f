"""What holds of every ledger: a submission is kept before it is sent, and one process at a time has it."""

import os
import pickle
import signal
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from spshipping import ConfigurationError
from spshipping.vendor.ledger import (
    Entry,
    MemoryLedger,
    NewEntry,
    Scope,
    Settlement,
    SqliteLedger,
    SubmissionKind,
    SubmissionState,
    Whose,
)
from spshipping.vendor.ledger.entry import MOST_SECONDS
from tests.kit import FakeClock

PLACE = "https://sellingpartnerapi-na.amazon.com"
SCOPE = Scope(PLACE, "ABCD1", SubmissionKind.ACKNOWLEDGEMENT, "2JK3S9VC")
ALL = Whose(PLACE)
LEASE = 90.0
Ledger = MemoryLedger | SqliteLedger


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["memory", "sqlite"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Iterator[Ledger]:
    if request.param == "memory":
        yield MemoryLedger(clock=clock)
        return
    with SqliteLedger(tmp_path / "ledger.db", clock=clock) as made:
        yield made


def begin(ledger: Ledger, scope: Scope = SCOPE, body: str = "{}", after: int = 0) -> Entry:
    """Begin a submission."""
    entry = ledger.begin(NewEntry(scope, body, ("careful",)), LEASE, after=after)
    assert entry is not None
    return entry


def settle(
    ledger: Ledger, entry: Entry, state: SubmissionState, in_seconds: float = 900.0, **more: str
) -> Entry:
    """Note what a step has brought."""
    found = ledger.settle(entry.number, Settlement(state, in_seconds, **more))
    assert found is not None
    return found


def states(ledger: Ledger) -> list[SubmissionState]:
    """Return the state of every submission."""
    return [entry.state for entry in ledger.entries(ALL)]


def test_a_submission_is_kept_from_before_it_is_sent(ledger: Ledger, clock: FakeClock) -> None:
    entry = begin(ledger, body='{"acknowledgements": []}')
    assert entry.state is SubmissionState.BEGUN
    assert entry.is_being_sent
    assert entry.warnings == ("careful",)
    assert ledger.find(entry.number) == entry
    assert ledger.find(7) is None
    assert ledger.history(SCOPE) == [entry]
    assert not ledger.history(SCOPE._replace(reference="2JK3S9VD"))
    assert not ledger.history(SCOPE._replace(kind=SubmissionKind.SHIPMENT_CONFIRMATION))
    sent = settle(ledger, entry, SubmissionState.SENT, transaction_id="t-1")
    assert (sent.transaction_id, sent.sent_at) == ("t-1", clock.now().timestamp())
    taken = settle(ledger, sent, SubmissionState.CONFIRMED, text="{}")
    assert not taken.is_open
    assert taken == ledger.find(entry.number)
    assert taken.transaction_id == "t-1"
    assert ledger.settle(entry.number, Settlement(SubmissionState.SENT)) is None, "it has ended"
    assert ledger.settle(7, Settlement(SubmissionState.SENT)) is None
    assert ledger.own(7, LEASE) is None


def test_nothing_begins_while_another_process_sends_or_has_begun_meanwhile(
    ledger: Ledger, clock: FakeClock
) -> None:
    first = begin(ledger)
    assert ledger.begin(NewEntry(SCOPE, "{}"), LEASE, after=first.number) is None, "it is being sent"
    clock.elapsed += LEASE + 1
    assert ledger.begin(NewEntry(SCOPE, "{}"), LEASE, after=0) is None, "the caller has not seen the first"
    second = begin(ledger, after=first.number)
    assert second.number > first.number
    assert states(ledger) == [SubmissionState.SUPERSEDED, SubmissionState.BEGUN]
    assert ledger.own(first.number, LEASE) is None, "what was superseded is never sent again"
    assert begin(ledger, SCOPE._replace(vendor_code="EFGH2")), "of another order"


def test_what_amazon_has_is_open_until_it_may_have_the_next(ledger: Ledger) -> None:
    first = settle(ledger, begin(ledger), SubmissionState.SENT)
    second = settle(ledger, begin(ledger, after=first.number), SubmissionState.NOT_SENT)
    third = begin(ledger, after=second.number)
    assert states(ledger) == [SubmissionState.SENT, SubmissionState.NOT_SENT, SubmissionState.BEGUN]
    settle(ledger, third, SubmissionState.UNKNOWN)
    assert states(ledger) == [
        SubmissionState.SUPERSEDED,
        SubmissionState.NOT_SENT,
        SubmissionState.UNKNOWN,
    ]


def test_what_is_in_doubt_is_sent_again_by_one_process_at_a_time(ledger: Ledger, clock: FakeClock) -> None:
    entry = begin(ledger)
    assert ledger.own(entry.number, LEASE) is None, "its process may be alive"
    assert ledger.claim(ALL, LEASE) is None
    clock.elapsed += LEASE
    again = ledger.claim(ALL, LEASE)
    assert again is not None
    assert again.state is SubmissionState.BEGUN
    assert again.has_been_in_doubt
    assert ledger.claim(ALL, LEASE) is None
    assert ledger.begin(NewEntry(SCOPE, "{}"), LEASE, after=entry.number) is None, "it is being sent again"
    unknown = settle(ledger, again, SubmissionState.UNKNOWN, in_seconds=60)
    assert unknown.has_been_in_doubt
    found = ledger.own(entry.number, LEASE)
    assert found is not None
    not_sent = settle(ledger, found, SubmissionState.NOT_SENT)
    assert not_sent.state is SubmissionState.UNKNOWN, "an earlier attempt may have arrived"
    assert not_sent.is_said


def test_what_was_certainly_not_taken_does_not_count_as_said(ledger: Ledger) -> None:
    for state in (SubmissionState.NOT_SENT, SubmissionState.REFUSED):
        last = ledger.history(SCOPE)[-1].number if ledger.history(SCOPE) else 0
        ended = settle(ledger, begin(ledger, after=last), state)
        assert ended.state is state
        assert not ended.is_said
    assert ledger.latest(ALL) == []
    last = ledger.history(SCOPE)[-1].number
    taken = settle(ledger, begin(ledger, after=last), SubmissionState.SENT)
    refused = settle(ledger, begin(ledger, after=taken.number), SubmissionState.REFUSED)
    other = begin(ledger, SCOPE._replace(reference="2JK3S9VD"))
    assert [entry.number for entry in ledger.latest(ALL)] == [taken.number, other.number]
    assert [entry.number for entry in ledger.latest(ALL, after=taken.number)] == [other.number]
    assert [entry.number for entry in ledger.latest(ALL, most=1)] == [taken.number]
    assert refused.number > taken.number


def test_a_refusal_after_an_unknown_outcome_still_counts_as_said(ledger: Ledger, clock: FakeClock) -> None:
    entry = begin(ledger)
    clock.elapsed += LEASE
    found = ledger.own(entry.number, LEASE)
    assert found is not None
    assert settle(ledger, found, SubmissionState.REFUSED).is_said
    assert [each.number for each in ledger.latest(ALL)] == [entry.number]


def test_submissions_are_claimed_when_they_are_due_the_oldest_first(ledger: Ledger, clock: FakeClock) -> None:
    assert ledger.due_in(ALL) is None
    numbers = []
    for minutes, reference in ((20, "A"), (10, "B"), (30, "C")):
        entry = begin(ledger, SCOPE._replace(reference=reference))
        numbers.append(settle(ledger, entry, SubmissionState.SENT, in_seconds=60.0 * minutes).number)
    assert ledger.due_in(ALL) == 600
    assert ledger.claim(ALL, LEASE) is None
    clock.elapsed += 1500
    claimed = [ledger.claim(ALL, LEASE) for _ in range(3)]
    assert [entry and entry.number for entry in claimed] == [numbers[1], numbers[0], None]
    assert all(entry is None or entry.state is SubmissionState.SENT for entry in claimed)
    clock.elapsed -= 7 * 86_400  # the clock was set back: what is too far off is due
    assert ledger.claim(ALL, 10 * MOST_SECONDS) is not None
    open_ones = ledger.entries(ALL, is_open=True)
    assert max(entry.due_at - entry.began_at for entry in open_ones) <= MOST_SECONDS


def test_each_sees_its_own(ledger: Ledger) -> None:
    first = begin(ledger)
    second = begin(ledger, SCOPE._replace(vendor_code="EFGH2", kind=SubmissionKind.SHIPMENT_CONFIRMATION))
    begin(ledger, SCOPE._replace(place="https://sandbox.sellingpartnerapi-na.amazon.com"))
    ended = settle(ledger, second, SubmissionState.NOT_SENT)

    def numbers(whose: Whose, is_open: bool | None = None, **more: int) -> list[int]:
        return [entry.number for entry in ledger.entries(whose, is_open=is_open, **more)]

    assert numbers(ALL) == [first.number, second.number]
    assert numbers(ALL, after=first.number) == [second.number]
    assert numbers(ALL, most=1) == [first.number]
    assert numbers(ALL, is_open=True) == [first.number]
    assert numbers(ALL, is_open=False) == [ended.number]
    assert numbers(Whose(PLACE, "EFGH2")) == [second.number]
    assert numbers(Whose(PLACE, kind=SubmissionKind.ACKNOWLEDGEMENT)) == [first.number]
    assert ledger.due_in(Whose(PLACE, "EFGH2")) is None


def test_a_file_is_private_shared_and_kept(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "kept" / "ledger.db"
    with SqliteLedger(path, clock=clock) as one, SqliteLedger(path) as other:
        entry = begin(one)
        found = other.find(entry.number)
        assert found is not None
        assert found._replace(read_at=entry.read_at) == entry
        assert other.find(entry.number) is not None
        assert repr(one) == f"<SqliteLedger {path}>"
        with pytest.raises(TypeError, match="never pickled"):
            pickle.dumps(one)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with SqliteLedger(path, clock=clock) as again:
        assert again.history(SCOPE) == [entry]


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_text("no database, and long enough to be looked at" * 10)
    with pytest.raises(ConfigurationError, match=r"the ledger of submissions .* cannot be used"):
        SqliteLedger(tmp_path / "ledger.db").due_in(ALL)


def test_a_forked_process_uses_a_ledger_whose_lock_another_thread_held() -> None:
    ledger = MemoryLedger()
    is_held, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with ledger._lock:
            is_held.set()
            may_end.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    is_held.wait()
    child = os.fork()
    if child == 0:  # pragma: no cover - the child ends here
        signal.alarm(10)
        os._exit(0 if ledger.due_in(ALL) is None else 1)
    status = os.waitpid(child, 0)[1]
    may_end.set()
    thread.join()
    assert os.waitstatus_to_exitcode(status) == 0


def test_what_is_submitted_is_in_no_repr() -> None:
    new = NewEntry(SCOPE, '{"addressLine1": "1 Mill Lane"}')
    entry = MemoryLedger().begin(new, LEASE, after=0)
    assert entry is not None
    for shown in (repr(new), repr(entry), f"{[entry]}"):
        assert "2JK3S9VC" in shown
        assert "Mill" not in shown
