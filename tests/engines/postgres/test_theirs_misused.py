"""A connection of the user's that others use too, that is of another process, or has settings of its own."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from typing import Any

import psycopg
import pytest

from spshipping import ConfigurationError
from spshipping.postgres import PostgresDatabase
from spshipping.postgres_transaction import Transaction
from tests.engines.postgres.at_database import keep, kept
from tests.engines.postgres.conftest import Open
from tests.engines.postgres.server import Server

pytestmark = pytest.mark.engines

SETTING = "SELECT current_setting('synchronous_commit')"
Connection = psycopg.Connection[Any]


@pytest.fixture
def connection(server: Server) -> Iterator[Connection]:
    with closing(psycopg.connect(server.url(), autocommit=True)) as made:
        yield made


def failed(connection: Connection) -> None:
    with suppress(psycopg.Error):
        connection.execute("SELECT 1/0")


def replaced(connection: Connection) -> None:
    connection.execute("ROLLBACK")
    connection.execute("BEGIN")


@pytest.mark.parametrize("is_durable", [False, True])
@pytest.mark.parametrize("misuse", [failed, replaced])
def test_a_step_that_another_thread_undoes_in_the_last_moment_is_no_success(
    open_database: Open,
    connection: Connection,
    schema: str,
    monkeypatch: pytest.MonkeyPatch,
    misuse: Callable[[Connection], None],
    is_durable: bool,
) -> None:
    outside, inside = open_database(), PostgresDatabase(connection, schema=schema)
    check = Transaction.check_whole

    def checked(transaction: Transaction) -> None:
        check(transaction)
        misuse(connection)

    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "check_whole", checked)
        with pytest.raises(ConfigurationError, match="another thread has ended the transaction of a step"):
            inside.changed(keep("a"), is_durable=is_durable)
    assert kept(outside) == []
    inside.changed(keep("a"), is_durable=is_durable)
    assert kept(outside) == ["a"]


def test_no_step_begins_while_another_thread_runs_a_statement(
    open_database: Open, connection: Connection, server: Server, schema: str
) -> None:
    open_database()
    inside = PostgresDatabase(connection, schema=schema)
    with closing(psycopg.connect(server.url(), autocommit=True)) as other:
        other.execute("SELECT pg_advisory_lock(1)")
        waiting = threading.Thread(target=connection.execute, args=("SELECT pg_advisory_lock(1)",))
        waiting.start()
        while connection.info.transaction_status.name != "ACTIVE":
            pass
        with pytest.raises(ConfigurationError, match="in the middle of a statement"):
            inside.changed(keep("a"))
        other.execute("SELECT pg_advisory_unlock(1)")
        waiting.join()
    inside.changed(keep("a"))
    assert kept(inside) == ["a"]


def test_a_transaction_that_has_failed_is_to_be_rolled_back_first(
    open_database: Open, server: Server, schema: str
) -> None:
    open_database()
    with closing(psycopg.connect(server.url())) as connection:
        inside = PostgresDatabase(connection, schema=schema)
        failed(connection)
        with pytest.raises(ConfigurationError, match="roll it back first"):
            inside.changed(keep("a"))
        connection.rollback()
        inside.changed(keep("a"))


@pytest.mark.parametrize("level", ["REPEATABLE_READ", "SERIALIZABLE"])
def test_a_connection_whose_transactions_do_not_see_what_others_write_is_refused(
    open_database: Open, connection: Connection, schema: str, level: str
) -> None:
    outside = open_database()
    connection.isolation_level = psycopg.IsolationLevel[level]
    with pytest.raises(ConfigurationError, match="READ COMMITTED"):
        PostgresDatabase(connection, schema=schema).changed(keep("a"), is_durable=True)
    assert kept(outside) == []


def test_a_step_is_on_the_disk_though_the_role_would_not_wait_for_that(
    open_database: Open, connection: Connection, schema: str
) -> None:
    open_database()
    connection.execute("SET synchronous_commit = off")
    inside = PostgresDatabase(connection, schema=schema)
    assert inside.changed(lambda step: step.execute(SETTING).fetchone()) == ("on",)
    assert inside.read(lambda step: step.execute(SETTING).fetchone()) == ("off",)
    with connection.transaction():  # its commit is theirs
        assert inside.changed(lambda step: step.execute(SETTING).fetchone()) == ("off",)


def test_a_read_within_a_statement_is_refused_and_never_waits_for_it(open_database: Open) -> None:
    database = open_database()

    class Values(Mapping[str, int]):
        """Does what a signal handler might, while the statement that it is for is being sent."""

        def __getitem__(self, name: str) -> int:
            with pytest.raises(ConfigurationError, match="by a signal handler within a statement"):
                kept(database)
            return 7

        def __iter__(self) -> Iterator[str]:
            return iter(["number"])

        def __len__(self) -> int:
            return 1

    found = database.changed(lambda step: step.execute("SELECT %(number)s::integer", Values()).fetchone())
    assert found == (7,)
    assert database.changed(lambda _: kept(database)) == []


def test_a_forked_process_is_to_make_a_connection_of_its_own(
    open_database: Open, connection: Connection, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_database()
    inside = PostgresDatabase(connection, schema=schema)
    child = os.fork()
    if not child:
        code = 1
        try:
            kept(inside)
        except ConfigurationError as error:
            code = 0 if "make one here" in str(error) else 2
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: child)
        with pytest.raises(ConfigurationError, match="make one here"):
            inside.changed(keep("a"))
    inside.changed(keep("a"))
    assert kept(inside) == ["a"]


def test_a_child_that_is_forked_while_a_thread_is_in_a_step_does_not_wait_for_it(
    open_database: Open, connection: Connection, schema: str
) -> None:
    open_database()
    inside, entered, done = PostgresDatabase(connection, schema=schema), threading.Event(), threading.Event()

    def step(_: Transaction) -> None:
        entered.set()
        done.wait()

    thread = threading.Thread(target=inside.changed, args=(step,))
    thread.start()
    entered.wait()
    child = os.fork()
    if not child:
        code = 1
        signal.alarm(20)  # ends a child that waits
        try:
            kept(inside)
        except ConfigurationError as error:
            code = 0 if "make one here" in str(error) else 2
        finally:
            os._exit(code)
    done.set()
    thread.join()
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("way", ["url", "theirs"])
def test_what_a_signal_handler_reads_within_a_step_takes_nothing_from_its_statements(
    open_database: Open, connection: Connection, schema: str, way: str
) -> None:
    database = open_database()
    if way == "theirs":
        database = PostgresDatabase(connection, schema=schema)

    def step(transaction: Transaction) -> tuple[list[Any], int]:
        found = transaction.execute("SELECT generate_series(1, 3)")
        assert kept(database) == []  # a handler comes in between
        rows = found.fetchall()
        nothing = transaction.execute("DELETE FROM $schema.facts WHERE name = 'nobody'")
        assert database.read(lambda step: step.execute("SELECT 1").fetchall()) == [(1,)]
        return rows, nothing.rowcount

    assert database.changed(step) == ([(1,), (2,), (3,)], 0)


def test_a_signal_handler_does_not_wait_for_the_statement_that_it_came_into(
    open_database: Open, connection: Connection, schema: str
) -> None:
    open_database()
    inside = PostgresDatabase(connection, schema=schema)
    with connection.lock:  # as just before a statement is sent, and just after its answer
        assert connection.info.transaction_status.name == "IDLE"
        with pytest.raises(ConfigurationError, match="in the middle of a statement"):
            kept(inside)
    assert kept(inside) == []


def test_a_connection_in_pipeline_mode_is_refused(
    open_database: Open, connection: Connection, schema: str
) -> None:
    open_database()
    inside = PostgresDatabase(connection, schema=schema)
    with connection.pipeline(), pytest.raises(ConfigurationError, match="in pipeline mode"):
        inside.changed(keep("a"))
    inside.changed(keep("a"))
    assert kept(inside) == ["a"]


def test_a_connection_whose_cursors_take_other_marks_is_used(
    open_database: Open, server: Server, schema: str
) -> None:
    open_database()
    with closing(psycopg.connect(server.url(), autocommit=True, cursor_factory=psycopg.RawCursor)) as raw:
        inside = PostgresDatabase(raw, schema=schema)
        inside.changed(keep("a"))
        assert kept(inside) == ["a"]
