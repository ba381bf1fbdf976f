"""What each store over PostgreSQL does beside the laws that it shares with the others."""

import pickle
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import psycopg
import pytest

from spshipping import ConfigurationError, FileStore, InvalidRequestError, Secret, SpendingLimitError
from spshipping.journal import (
    Appended,
    Charge,
    Entry,
    NewEntry,
    NewEvent,
    Outcome,
    Owned,
    Scope,
    SpendingLimit,
)
from spshipping.journal.postgres import PostgresJournal
from spshipping.postgres import PostgresDatabase
from spshipping.postgres_transaction import Transaction
from spshipping.sync import Checkpoint
from spshipping.sync.postgres import PostgresLeases
from spshipping.vendor.ledger import NewEntry as NewSubmission
from spshipping.vendor.ledger import Settlement, SubmissionState
from spshipping.vendor.ledger.postgres import PostgresLedger
from spshipping.vendor.sscc import SerialRange
from spshipping.vendor.sscc.postgres import PostgresSerials
from tests.engines.postgres.conftest import Open
from tests.engines.postgres.server import Server
from tests.kit import START, FakeClock
from tests.unit.vendor.ledger.test_ledgers import ALL
from tests.unit.vendor.ledger.test_ledgers import SCOPE as SUBMITTED

pytestmark = pytest.mark.engines

SCOPE = Scope("https://example.test", "A1SELLER", "AmazonShipping_UK", "1001")
NEW = NewEntry(SCOPE, {"ship_to.name": "5f"}, '{"name":"Ada Lovelace"}')
KEY = FileStore.new_key()
LEASE = 60.0


def owned(found: Owned | Entry) -> Owned:
    assert isinstance(found, Owned)
    return found


def together(*steps: Callable[[], object]) -> None:
    """Do steps at the same time, each in a thread; the first error of one is raised."""
    failed: list[BaseException] = []

    def do(step: Callable[[], object]) -> None:
        try:
            step()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=do, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


# the journal


def test_with_a_key_texts_are_sealed(database: PostgresDatabase, server: Server) -> None:
    journal = PostgresJournal(database, key=lambda: KEY)
    assert journal.keeps_personal
    mine = owned(journal.begin(NEW, LEASE))
    journal.quote(mine, '{"call":"Ada Lovelace"}', None)
    journal.sending(mine, LEASE)
    journal.settle(mine, Outcome.BOUGHT, '{"result":"Ada Lovelace"}')
    journal.events().append(NewEvent("1", "{}", '{"city":"Ada Lovelace"}'))
    secret = journal.secret()
    assert journal.secret() == secret == PostgresJournal(database, key=lambda: KEY).secret()
    found = journal.find(SCOPE)
    assert found is not None
    assert (found.wanted, found.call) == (NEW.wanted, '{"call":"Ada Lovelace"}')
    for table in ("facts", "purchases", "events"):
        rows = server.execute(f"SELECT * FROM {database.schema}.{table}")  # noqa: S608
        assert rows
        assert b"Lovelace" not in b"".join(
            bytes(part) for row in rows for part in row if isinstance(part, bytes)
        )
        assert "Lovelace" not in repr(rows)
        assert secret.hex() not in repr(rows)
    with pytest.raises(ConfigurationError, match=r"the journal in the schema .* is sealed under another key"):
        PostgresJournal(database, key=FileStore.new_key).find(SCOPE)


def test_the_first_use_with_a_key_seals_the_secret_and_refuses_another_key(
    database: PostgresDatabase, server: Server
) -> None:
    secret = PostgresJournal(database).secret()
    ours = [PostgresJournal(database, key=lambda: KEY) for _ in range(2)]
    assert ours[0].secret() == secret
    rows = server.execute(f"SELECT value FROM {database.schema}.facts WHERE name = 'secret'")  # noqa: S608
    assert secret.hex() not in repr(rows)
    assert ours[1].secret() == secret
    _refused_by_another_key(database)


def _refused_by_another_key(database: PostgresDatabase) -> None:
    other = PostgresJournal(database, key=FileStore.new_key)
    uses: list[Callable[[], object]] = [
        other.secret,
        lambda: other.events().append(NewEvent("9", "{}", "Ada Lovelace")),
    ]
    for use in uses:
        with pytest.raises(ConfigurationError, match="sealed under another key: give the journal") as caught:
            use()
        assert "never remove it" in str(caught.value)
        assert "or remove it" not in str(caught.value)
    assert database.read(lambda step: step.execute("SELECT key FROM $schema.events").fetchall()) in (
        [],
        [("1",)],
    )


@pytest.mark.parametrize("is_made", [False, True])
def test_an_event_that_is_sealed_seals_the_secret_too(database: PostgresDatabase, is_made: bool) -> None:
    if is_made:
        assert PostgresJournal(database).secret()
    journal = PostgresJournal(database, key=lambda: KEY)
    assert journal.events().append(NewEvent("1", "{}", "Ada Lovelace")) is Appended.NEW
    _refused_by_another_key(database)


def test_of_those_who_seal_the_secret_at_once_one_does(
    database: PostgresDatabase, open_database: Open
) -> None:
    secret = PostgresJournal(database).secret()
    barrier = threading.Barrier(4)
    found: list[bytes] = []
    refused: list[str] = []

    def seal(key: Secret) -> None:
        journal = PostgresJournal(open_database(), key=lambda: key)
        assert journal.keeps_personal
        barrier.wait(60)
        try:
            found.append(journal.secret())
        except ConfigurationError as error:
            refused.append(str(error))

    other = FileStore.new_key()
    together(*(partial(seal, key) for key in (KEY, KEY, other, other)))
    assert found == [secret] * 2
    assert ["under another key" in text for text in refused] == [True] * 2


def test_of_many_who_begin_the_same_purchase_at_once_one_owns_it_and_none_fails(open_database: Open) -> None:
    journals = [PostgresJournal(open_database()) for _ in range(4)]
    barrier = threading.Barrier(len(journals))
    found: list[bool] = []

    def begin(journal: PostgresJournal) -> None:
        for number in range(150):
            barrier.wait(60)
            begun = journal.begin(NEW._replace(scope=SCOPE._replace(reference=f"{number}")), LEASE)
            found.append(isinstance(begun, Owned))

    together(*(partial(begin, journal) for journal in journals))
    assert found.count(True) == 150


def test_what_is_open_is_counted_for_all_sellers_together(open_database: Open) -> None:
    journal, other = PostgresJournal(open_database()), PostgresJournal(open_database())
    for seller in ("A1SELLER", "A2SELLER"):
        for outcome in (Outcome.BOUGHT, Outcome.REFUSED, Outcome.UNKNOWN, Outcome.UNSETTLED, None):
            scope = SCOPE._replace(seller=seller, reference=str(outcome))
            begun = owned(journal.begin(NEW._replace(scope=scope), LEASE))
            assert journal.quote(begun, "{}", Charge(Decimal(5), "GBP"))
            assert journal.sending(begun, LEASE)
            if outcome is not None:
                assert journal.settle(begun, outcome)
    assert other.open_count() == 6


@pytest.mark.parametrize(
    "odd", ["Lovelace\0", "Lovelace\ud800", "".join(map(chr, range(0x4E00, 0x4E00 + 4000)))]
)
def test_a_name_that_cannot_be_kept_is_refused_and_not_shown(database: PostgresDatabase, odd: str) -> None:
    journal, ledger = PostgresJournal(database), PostgresLedger(database)
    wanted = NewSubmission(SUBMITTED._replace(reference=odd), "{}")
    attempts: list[Callable[[], object]] = [
        lambda: journal.begin(NEW._replace(scope=SCOPE._replace(reference=odd)), LEASE),
        lambda: journal.events().append(NewEvent(odd, "{}", None)),
        lambda: ledger.begin(wanted, LEASE, after=0),
    ]
    for attempt in attempts:
        with pytest.raises(InvalidRequestError, match="PostgreSQL") as caught:
            attempt()
        assert "Lovelace" not in str(caught.value)
        assert caught.value.__context__ is None
    assert journal.find(SCOPE) is None


def test_a_key_that_another_purchase_has_is_said(database: PostgresDatabase, server: Server) -> None:
    journal = PostgresJournal(database)
    journal.begin(NEW, LEASE)
    server.execute(f"UPDATE {database.schema}.purchases SET reference = 'moved by hand'")  # noqa: S608
    with pytest.raises(ConfigurationError, match="another purchase in the database has the key of this one"):
        journal.begin(NEW, LEASE)


@pytest.mark.parametrize("found", ["", "abc", "zz", r"\\xff"])
def test_a_secret_that_is_not_whole_is_refused(
    database: PostgresDatabase, server: Server, found: str
) -> None:
    PostgresJournal(database).secret()
    server.execute(f"UPDATE {database.schema}.facts SET value = '{found}' WHERE name = 'secret'")  # noqa: S608
    with pytest.raises(ConfigurationError, match="is damaged: bring back a copy of it that is whole"):
        PostgresJournal(database).secret()


def test_a_text_does_not_open_in_the_place_of_another(database: PostgresDatabase, server: Server) -> None:
    other = SCOPE._replace(reference="1002")
    journal = PostgresJournal(database, key=lambda: KEY)
    for scope in (SCOPE, other):
        journal.begin(NEW._replace(scope=scope), LEASE)
    table = f"{database.schema}.purchases"
    server.execute(f"UPDATE {table} SET wanted = (SELECT wanted FROM {table} WHERE reference = '1001')")  # noqa: S608
    with pytest.raises(ConfigurationError, match="is damaged"):
        journal.find(other)
    assert journal.find(SCOPE) is not None


def test_one_that_another_has_begun_meanwhile_is_found(
    database: PostgresDatabase, server: Server, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a second connection, by the same clock
    another = PostgresDatabase(server.url(), schema=database.schema, clock=clock)
    journal, other = PostgresJournal(database), PostgresJournal(another)
    execute = Transaction.execute

    def late(transaction: Transaction, text: str, *more: Any) -> Any:
        if text.startswith("INSERT INTO $schema.purchases"):
            monkeypatch.setattr(Transaction, "execute", execute)
            owned(other.begin(NEW, LEASE))
        return execute(transaction, text, *more)

    monkeypatch.setattr(Transaction, "execute", late)
    found = journal.begin(NEW, LEASE)
    another.close()
    assert isinstance(found, Entry)
    assert found.fence == 1


def test_an_event_that_is_purged_while_it_is_pushed_again_is_new(
    database: PostgresDatabase, open_database: Open, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    event = NewEvent("1", "{}", unreadable="it is odd")
    log, other = PostgresJournal(database).events(), PostgresJournal(open_database()).events()
    assert not log.keeps_personal
    log.append(event)
    execute = Transaction.execute

    def late(transaction: Transaction, text: str, *more: Any) -> Any:
        if text.startswith("SELECT text"):
            monkeypatch.setattr(Transaction, "execute", execute)
            assert other.purge(clock.now() + timedelta(days=1)) == 1
        return execute(transaction, text, *more)

    monkeypatch.setattr(Transaction, "execute", late)
    assert log.append(event) is Appended.NEW


def test_what_is_personal_in_an_event_is_erased_although_another_was_at_it(
    database: PostgresDatabase, open_database: Open, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = PostgresJournal(database, key=lambda: KEY).events()
    log.append(NewEvent("1", "{}", '{"code":"1234"}', is_for_today=True))
    clock.elapsed += 86_400
    other = open_database()
    execute = Transaction.execute

    def held(transaction: Transaction, text: str, *more: Any) -> Any:
        if not text.lstrip().startswith("UPDATE $schema.events SET personal"):
            return execute(transaction, text, *more)
        monkeypatch.setattr(Transaction, "execute", execute)

        def step(inner: Transaction) -> Any:
            inner.execute("SELECT number FROM $schema.events FOR UPDATE")
            return execute(transaction, text, *more)

        return other.changed(step)

    monkeypatch.setattr(Transaction, "execute", held)
    found = log.claim(LEASE)
    assert found is not None
    assert found.personal is None


def test_a_limit_holds_among_threads(open_database: Open) -> None:
    limit, charge = SpendingLimit(Decimal("1.00"), "GBP"), Charge(Decimal("0.10"), "GBP")
    journal = PostgresJournal(open_database())
    reserved: list[bool] = []

    def reserve(part: int) -> None:
        for number in range(5):
            scope = SCOPE._replace(reference=f"{part}.{number}")
            mine = owned(journal.begin(NEW._replace(scope=scope), LEASE))
            with suppress(SpendingLimitError):
                reserved.append(journal.quote(mine, "{}", charge, limit))

    together(*(partial(reserve, part) for part in range(4)))
    assert reserved == [True] * 10


def test_nothing_leaves_before_it_is_on_the_disk(open_database: Open, server: Server, schema: str) -> None:
    open_database()
    with psycopg.connect(server.url()) as connection:
        database = PostgresDatabase(connection, schema=schema)
        journal = PostgresJournal(database)
        mine = owned(journal.begin(NEW, LEASE))
        assert journal.quote(mine, "{}", None)
        for step in (
            lambda: journal.sending(mine, LEASE),
            journal.secret,
            lambda: PostgresLedger(database).begin(NewSubmission(SUBMITTED, "{}"), LEASE, after=0),
            lambda: PostgresLedger(database).own(1, LEASE),
            lambda: PostgresLedger(database).claim(ALL, LEASE),
            lambda: PostgresSerials(database).take(SerialRange("9521234"), 10),
        ):
            with pytest.raises(ConfigurationError, match="has to be on the disk"):
                step()
        connection.commit()
    found = PostgresJournal(open_database()).find(SCOPE)
    assert found is not None
    assert found.sent_at is None


# the ledger


def test_a_claim_does_not_wait_for_what_others_are_at(open_database: Open) -> None:
    database, other = open_database(), open_database()
    ledger = PostgresLedger(database)
    numbers = []
    for reference in ("a", "b"):
        begun = ledger.begin(NewSubmission(SUBMITTED._replace(reference=reference), "{}"), LEASE, after=0)
        assert begun is not None
        assert ledger.settle(begun.number, Settlement(SubmissionState.SENT))
        numbers.append(begun.number)
    claimed: list[Any] = []

    def step(transaction: Transaction) -> None:
        transaction.alone("submissions", SUBMITTED.place, SUBMITTED.vendor_code, SUBMITTED.kind.value, "a")
        claimed.append(ledger.claim(ALL, LEASE))
        claimed.append(ledger.claim(ALL, LEASE))

    other.changed(step)
    assert [each and each.number for each in claimed] == [numbers[1], None]


def test_a_claim_passes_over_what_another_has_claimed_meanwhile(
    open_database: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, other = PostgresLedger(open_database()), PostgresLedger(open_database())
    begun = ledger.begin(NewSubmission(SUBMITTED, "{}"), LEASE, after=0)
    assert begun is not None
    ledger.settle(begun.number, Settlement(SubmissionState.SENT))
    is_alone = Transaction.is_alone

    def late(transaction: Transaction, *names: str) -> bool:
        monkeypatch.setattr(Transaction, "is_alone", is_alone)
        assert other.claim(ALL, LEASE) is not None
        return is_alone(transaction, *names)

    monkeypatch.setattr(Transaction, "is_alone", late)
    assert ledger.claim(ALL, LEASE) is None


def test_submissions_of_one_scope_begin_one_after_another(open_database: Open) -> None:
    ledger = PostgresLedger(open_database())
    begun: list[Any] = []

    def begin() -> None:
        begun.append(ledger.begin(NewSubmission(SUBMITTED, "{}"), LEASE, after=0))

    together(*[begin] * 6)
    assert sum(each is not None for each in begun) == 1


# leases


def test_a_checkpoint_is_committed_with_what_was_delivered(
    open_database: Open, server: Server, schema: str
) -> None:
    leases = PostgresLeases(open_database())
    leases.add(["a"])
    server.execute(f"CREATE TABLE {schema}.mine (name TEXT)")
    point = Checkpoint(START, {})
    with psycopg.connect(server.url(), autocommit=True) as connection:
        lease = PostgresLeases(PostgresDatabase(connection, schema=schema)).claim("one", LEASE)
        assert lease is not None
        for force_rollback in (True, False):
            with connection.transaction(force_rollback=force_rollback):
                connection.execute(f"INSERT INTO {schema}.mine VALUES ('order')".encode())  # noqa: S608
                lease.save(point)
            found = server.execute(f"SELECT count(*) FROM {schema}.mine")  # noqa: S608
            assert found == [(0 if force_rollback else 1,)]
            assert leases.sellers()[0].until == (None if force_rollback else START)


# all


@pytest.mark.parametrize("kind", [PostgresJournal, PostgresLedger, PostgresSerials, PostgresLeases])
def test_none_is_pickled_and_each_shows_its_schema(kind: Any, open_database: Open, schema: str) -> None:
    made = kind(open_database())
    assert repr(made) == f"<{kind.__name__} in <PostgresDatabase, schema {schema}>>"
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(made)


def test_a_lease_shows_its_fence(database: PostgresDatabase) -> None:
    leases = PostgresLeases(database)
    leases.add(["A1SELLER"])
    assert repr(leases.claim("one", LEASE)) == "<PostgresLease, fence 1>"
