"""A connection of the user's: steps join their transaction, and only they commit it."""

import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import psycopg
import pytest

from spshipping import ConfigurationError, TransportError
from spshipping.postgres import PostgresDatabase
from spshipping.postgres_transaction import Transaction
from spshipping.sync import PostgresLeases
from tests.engines.postgres.at_database import keep, kept, killed, name_of
from tests.engines.postgres.conftest import Open
from tests.engines.postgres.server import Server

pytestmark = pytest.mark.engines


@pytest.fixture(params=[False, True], ids=["transaction", "autocommit"])
def theirs(request: pytest.FixtureRequest, server: Server) -> Iterator[psycopg.Connection[Any]]:
    with closing(psycopg.connect(server.url(), autocommit=request.param)) as connection:
        yield connection


def test_steps_join_a_transaction_that_is_open(
    theirs: psycopg.Connection[Any], open_database: Open, schema: str
) -> None:
    outside, inside = open_database(), PostgresDatabase(theirs, schema=schema)

    class BrokenError(Exception):
        pass

    def broken() -> None:
        with theirs.transaction():
            inside.changed(keep("a"))
            assert kept(inside) == ["a"]
            raise BrokenError

    for _ in range(2):
        with pytest.raises(BrokenError):
            broken()
    theirs.rollback()
    assert kept(outside) == []
    with theirs.transaction():
        inside.changed(keep("a"))
        assert kept(outside) == []
        with pytest.raises(ConfigurationError, match="UniqueViolation"):
            inside.changed(keep("a"))
        inside.changed(keep("b"))
    theirs.commit()
    assert kept(outside) == ["a", "b"], "what failed has cost nothing but itself"


def test_without_autocommit_a_step_begins_a_transaction_that_only_they_commit(
    open_database: Open, server: Server, schema: str
) -> None:
    outside = open_database()
    with closing(psycopg.connect(server.url())) as connection:
        inside = PostgresDatabase(connection, schema=schema)
        inside.changed(keep("a"))
        assert kept(outside) == []
        with pytest.raises(ConfigurationError, match="use one with autocommit"):
            inside.changed(keep("b"), is_durable=True)
        connection.rollback()
        assert kept(outside) == []
        with pytest.raises(ConfigurationError, match="use one with autocommit"):
            inside.changed(keep("b"), is_durable=True)


def test_with_autocommit_a_step_is_on_the_disk_on_return(
    open_database: Open, server: Server, schema: str
) -> None:
    outside = open_database()
    with closing(psycopg.connect(server.url(), autocommit=True)) as connection:
        inside = PostgresDatabase(connection, schema=schema)
        inside.changed(keep("a"), is_durable=True)
        assert kept(outside) == ["a"]
        inside.close()
        assert not connection.closed, "it is theirs"
        with (
            connection.transaction(),
            pytest.raises(ConfigurationError, match="a transaction that only you commit"),
        ):
            inside.changed(keep("b"), is_durable=True)


def test_tables_can_be_made_on_their_connection(server: Server, schema: str) -> None:
    with closing(psycopg.connect(server.url())) as connection:
        database = PostgresDatabase(connection, schema=schema)
        with pytest.raises(ConfigurationError, match="make_tables"):
            kept(database)
        database.make_tables()
        assert kept(database) == []
        connection.rollback()
    assert server.execute(f"SELECT to_regnamespace('{schema}')") == [(None,)]


def test_their_rows_and_isolation_are_looked_at(open_database: Open, server: Server, schema: str) -> None:
    open_database()
    with closing(psycopg.connect(server.url(), row_factory=psycopg.rows.dict_row)) as connection:
        database = PostgresDatabase(connection, schema=schema)
        assert kept(database) == []
        connection.rollback()
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with pytest.raises(ConfigurationError, match="READ COMMITTED"):
            kept(database)


def test_their_connection_is_not_opened_anew(open_database: Open, server: Server, schema: str) -> None:
    open_database()
    with closing(psycopg.connect(server.url(), autocommit=True)) as connection:
        database = PostgresDatabase(connection, schema=schema)
        killed(server, database.read(name_of))
        with pytest.raises(TransportError, match="was lost"):
            kept(database)


@pytest.mark.parametrize("is_late", [False, True], ids=["before", "after"])
def test_a_commit_on_their_connection_without_an_answer_is_said_to_be_unknown(
    open_database: Open, server: Server, schema: str, monkeypatch: pytest.MonkeyPatch, is_late: bool
) -> None:
    outside = open_database()
    connection = psycopg.connect(server.url(), autocommit=True)
    inside, process = PostgresDatabase(connection, schema=schema), connection.info.backend_pid
    check, execute = Transaction.check_whole, Transaction.execute

    def checked(transaction: Transaction) -> None:
        check(transaction)
        if not is_late:
            killed(server, process)

    def late(transaction: Transaction, text: str, *more: Any) -> Any:
        if "pg_xact_status" in text:
            killed(server, process)
        return execute(transaction, text, *more)

    monkeypatch.setattr(Transaction, "check_whole", checked)
    monkeypatch.setattr(Transaction, "execute", late)
    with pytest.raises(TransportError, match="it is not known whether it was written"):
        inside.changed(keep("a"))
    monkeypatch.undo()
    assert kept(outside) == (["a"] if is_late else [])


def test_a_durable_step_is_no_part_of_what_another_thread_has_just_begun(
    open_database: Open, server: Server, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = open_database()
    with closing(psycopg.connect(server.url(), autocommit=True)) as connection:
        inside = PostgresDatabase(connection, schema=schema)
        begun = connection.transaction

        def transaction() -> Any:
            connection.execute("BEGIN")
            return begun()

        with monkeypatch.context() as patch:
            patch.setattr(connection, "transaction", transaction)
            with pytest.raises(ConfigurationError, match="another thread has begun one meanwhile"):
                inside.changed(keep("a"), is_durable=True)
        connection.execute("ROLLBACK")
        assert kept(outside) == []
        inside.changed(keep("a"), is_durable=True)
        assert kept(outside) == ["a"]


def test_of_two_threads_each_has_its_turn_and_what_it_wrote(
    open_database: Open, server: Server, schema: str
) -> None:
    outside = open_database()
    both, failed = threading.Barrier(2), list[BaseException]()
    with closing(psycopg.connect(server.url(), autocommit=True)) as connection:

        def write(first: str) -> None:
            inside = PostgresDatabase(connection, schema=schema)
            both.wait()
            for number in range(50):
                try:
                    inside.changed(keep(f"{first}{number}"), is_durable=True)
                except ConfigurationError as error:
                    failed.append(error)

        threads = [threading.Thread(target=write, args=(first,)) for first in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not failed
    assert len(kept(outside)) == 100


@pytest.mark.parametrize("way", ["url", "autocommit", "transaction"])
def test_a_step_that_goes_on_after_a_failure_or_ends_the_transaction_is_no_success(
    open_database: Open, server: Server, schema: str, way: str
) -> None:
    outside = open_database()
    connection = None if way == "url" else psycopg.connect(server.url(), autocommit=way == "autocommit")
    inside = outside if connection is None else PostgresDatabase(connection, schema=schema)

    def hushed(transaction: Transaction) -> None:
        keep("a")(transaction)
        with suppress(psycopg.Error):
            keep("a")(transaction)

    def ending(transaction: Transaction) -> None:
        transaction.execute("ROLLBACK")

    with pytest.raises(ConfigurationError, match="went on after a statement of it had failed"):
        inside.changed(hushed)
    with pytest.raises(ConfigurationError, match="has ended within it"):
        inside.changed(ending)
    if connection is not None:
        connection.close()
    assert kept(outside) == []


def test_who_has_which_seller_is_never_part_of_a_transaction_that_others_commit(
    open_database: Open, server: Server, schema: str
) -> None:
    PostgresLeases(open_database()).add(["north"])
    with closing(psycopg.connect(server.url(), autocommit=True)) as connection:
        leases = PostgresLeases(PostgresDatabase(connection, schema=schema))
        with connection.transaction(), pytest.raises(ConfigurationError, match="on the disk before anything"):
            leases.claim("here", 60.0)
        claimed = leases.claim("here", 60.0)
        assert claimed is not None
        assert claimed.seller == "north"
