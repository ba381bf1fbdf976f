"""Connections that are lost, commits without an answer, servers that end: each step happens once, or not."""

import os
import pickle
import signal
import threading
from contextlib import closing
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from spshipping import ConfigurationError, SpShippingError, TransportError
from spshipping.postgres import PostgresDatabase, _left_behind
from spshipping.postgres_transaction import Transaction
from tests.engines.postgres.at_database import keep, kept, killed, name_of
from tests.engines.postgres.conftest import Open
from tests.engines.postgres.server import Bouncer, Server

pytestmark = pytest.mark.engines


def test_a_connection_that_was_lost_is_opened_anew(open_database: Open, server: Server) -> None:
    database = open_database()
    for use in (lambda: database.changed(keep("a")), lambda: kept(database)):
        killed(server, database.read(name_of))
        use()
    assert kept(database) == ["a"]


def test_a_step_that_loses_its_connection_is_done_anew(open_database: Open, server: Server) -> None:
    database = open_database()
    lost: list[int] = []

    def step(transaction: Transaction) -> None:
        keep(f"{len(lost)}")(transaction)
        if len(lost) < 2:
            lost.append(name_of(transaction))
            killed(server, lost[-1])

    database.changed(step)
    assert kept(database) == ["2"]


def test_one_that_is_lost_each_time_is_an_error(open_database: Open, server: Server) -> None:
    database = open_database()

    def step(transaction: Transaction) -> None:
        killed(server, name_of(transaction))
        keep("a")(transaction)

    with pytest.raises(TransportError, match="connection to the database was lost") as caught:
        database.changed(step)
    assert caught.value.failure == "cut"
    assert kept(database) == []


def era_of(database: PostgresDatabase) -> str | None:
    """Return the era of the server, as the latest connection has it."""
    return list(database._eras.values())[-1]


class Cut:
    """Loses the connection at the moment of the commit: before it, or after it, when no answer came."""

    def __init__(
        self, server: Server, monkeypatch: pytest.MonkeyPatch, *, is_late: bool, times: int = 1
    ) -> None:
        self.left = times
        execute = Transaction.execute

        def cut(transaction: Transaction, text: str, *more: Any) -> Any:
            if text != "COMMIT" or not self.left:
                return execute(transaction, text, *more)
            self.left -= 1
            process = name_of(transaction)
            if is_late:
                execute(transaction, text)
            killed(server, process)
            return execute(transaction, "SELECT 1")

        monkeypatch.setattr(Transaction, "execute", cut)


@pytest.mark.parametrize("is_late", [False, True], ids=["before", "after"])
def test_a_commit_without_an_answer_is_looked_up_and_happens_once(
    open_database: Open, server: Server, monkeypatch: pytest.MonkeyPatch, is_late: bool
) -> None:
    database = open_database()
    Cut(server, monkeypatch, is_late=is_late)
    done: list[int] = []

    def step(transaction: Transaction) -> int:
        done.append(len(done) + 1)
        keep(f"{done[-1]}")(transaction)
        return done[-1]

    assert database.changed(step) == (1 if is_late else 2)
    assert kept(database) == (["1"] if is_late else ["2"])


def test_what_became_of_a_commit_is_said_to_be_unknown_where_the_server_is_gone(
    open_database: Open, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database()
    database.read(name_of)
    Cut(server, monkeypatch, is_late=True)
    opened = database._opened

    def away() -> Any:
        raise TransportError("gone")

    monkeypatch.setattr(database, "_opened", away)
    with pytest.raises(TransportError, match="it is not known whether it was written"):
        database.changed(keep("a"))
    monkeypatch.setattr(database, "_opened", opened)
    assert kept(database) == ["a"]


def test_it_waits_for_a_commit_that_the_server_is_still_at(
    open_database: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database()
    monkeypatch.setattr("spshipping.postgres._LOOK_SECONDS", 0.01)
    monkeypatch.setattr("spshipping.postgres._LOOKS", 3)

    def step(transaction: Transaction) -> str:
        row = transaction.execute("SELECT pg_current_xact_id()::text").fetchone()
        assert row is not None
        with pytest.raises(TransportError, match="not known"):
            database._was_committed(row[0], era_of(database))
        return str(row[0])

    number = database.changed(step)
    assert database._was_committed(number, era_of(database))
    for era in (None, "another"):  # before the server crashed
        with pytest.raises(TransportError, match="not known"):
            database._was_committed(number, era)


def test_the_era_of_a_server_ends_with_a_crash_only() -> None:
    with closing(Server()) as server:
        eras = []
        for how in (signal.SIGINT, signal.SIGKILL, signal.SIGQUIT):
            with PostgresDatabase(server.url()) as database:
                database.make_tables()
                eras.append(era_of(database))
            server.stop(how)
            server.start()
        with PostgresDatabase(server.url()) as database:
            assert kept(database) == []
            eras.append(era_of(database))
    assert eras[0] is not None
    assert eras[0] == eras[1]
    assert len(set(eras)) == 3


def test_two_steps_that_wait_for_each_other_are_both_done(open_database: Open) -> None:
    database = open_database()
    database.changed(lambda step: (keep("a")(step), keep("b")(step)))
    barrier = threading.Barrier(2)
    begun: list[str] = []
    done: list[str] = []

    def change(first: str, second: str) -> None:
        def step(transaction: Transaction) -> None:
            update = "UPDATE $schema.facts SET value = 'x' WHERE name = %s"
            transaction.execute(update, (first,))
            begun.append(first)
            if begun.count(first) == 1:
                barrier.wait(30)
            transaction.execute(update, (second,))

        database.changed(step)
        done.append(first)

    threads = [threading.Thread(target=change, args=names) for names in ("ab", "ba")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["a", "b"]
    assert len(begun) > 2, "one of them was done anew"


def test_each_step_is_on_the_disk_whatever_the_server_is_set_to(open_database: Open, server: Server) -> None:
    database = open_database()
    seen = "SELECT current_setting('synchronous_commit'), current_setting('transaction_isolation')"
    server.execute("ALTER ROLE postgres SET synchronous_commit = off")
    server.execute("ALTER ROLE postgres SET default_transaction_isolation = 'repeatable read'")
    try:
        database.close()
        assert database.changed(lambda step: step.execute(seen).fetchone()) == ("on", "read committed")
    finally:
        server.execute("ALTER ROLE postgres RESET ALL")


def test_a_server_that_only_reads_is_named(open_database: Open, server: Server) -> None:
    database = open_database()
    server.execute("ALTER ROLE postgres SET default_transaction_read_only = on")
    try:
        database.close()
        with pytest.raises(ConfigurationError, match=r"only be read: connect to the primary"):
            database.changed(keep("a"))
    finally:
        server.execute("BEGIN READ WRITE; ALTER ROLE postgres RESET ALL; COMMIT")
    database.changed(keep("a"))
    assert kept(database) == ["a"], "a new connection was opened, which may lead to the primary"


def test_one_that_hangs_within_a_step_loses_it(open_database: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from spshipping import postgres

    monkeypatch.setattr(postgres, "_BEGIN", postgres._BEGIN.replace("'20s'", "'10ms'"))
    database = open_database()
    done: list[int] = []

    def step(transaction: Transaction) -> None:
        done.append(name_of(transaction))
        if len(done) == 1:
            # until the server has ended it, as seen by another connection
            gone = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
            with psycopg.connect(database._url().reveal(), autocommit=True) as other:  # type: ignore[misc]
                while other.execute(gone, (done[0],)).fetchone() != (0,):
                    pass
        keep(f"{len(done)}")(transaction)

    database.changed(step)
    assert kept(database) == ["2"]


def test_what_another_holds_too_long_is_an_error(
    open_database: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spshipping import postgres

    monkeypatch.setattr(postgres, "_BEGIN", postgres._BEGIN.replace("'30s'", "'10ms'"))
    one, other = open_database(), open_database()

    def step(transaction: Transaction) -> None:
        transaction.alone("a")
        assert not other.changed(lambda inner: inner.is_alone("a"))
        assert other.changed(lambda inner: inner.is_alone("b"))
        with pytest.raises(ConfigurationError, match="another process holds"):
            other.changed(lambda inner: inner.alone("a"))

    one.changed(step)
    assert other.changed(lambda inner: inner.is_alone("a"))


def test_a_read_waits_no_longer_than_a_change(
    database: PostgresDatabase, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spshipping import postgres

    limits = "SELECT current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout')"
    for use in (database.read, database.changed):
        assert use(lambda step: step.execute(limits).fetchone()) == ("30s", "20s")
    with database._lent() as connection:
        assert connection.execute("SHOW lock_timeout").fetchone() == ("0",), "it is that of the step alone"
    monkeypatch.setattr(postgres, "_BEGIN", postgres._BEGIN.replace("'30s'", "'10ms'"))
    with psycopg.connect(server.url()) as other:
        # so that a read that waits for it comes back too
        other.execute("SET idle_in_transaction_session_timeout = '5s'")
        other.execute(f"LOCK TABLE {database.schema}.facts IN ACCESS EXCLUSIVE MODE")
        database.close()
        # the look at the tables is the first thing that waits
        for read in (lambda: kept(database), lambda: database.changed(keep("a"))):
            with pytest.raises(
                ConfigurationError, match=r"another process holds .*: pg_locks shows it; end it"
            ):
                read()
        other.rollback()
    assert kept(database) == []


def test_a_read_that_loses_its_connection_is_done_anew(
    open_database: Open, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database()
    database.changed(keep("a"))
    Cut(server, monkeypatch, is_late=False, times=2)
    assert kept(database) == ["a"]


def test_one_that_another_thread_closes_as_well_is_closed_once(open_database: Open) -> None:
    database = open_database()
    database.read(name_of)

    class Taken(list["psycopg.Connection[Any]"]):
        """Another thread takes the last one just before this one does."""

        def pop(self, *_: Any) -> "psycopg.Connection[Any]":
            while self:
                super().pop().close()
            return super().pop()

    database._idle = Taken(database._idle)
    database.close()
    assert database._idle == []
    assert kept(database) == []


@pytest.mark.parametrize("way", ["fails", "returns", "writes"])
def test_a_process_that_is_forked_within_a_step_has_no_part_in_it(open_database: Open, way: str) -> None:
    class ForkedError(Exception):
        pass

    database = open_database()
    mine = os.getpid()
    ended: list[int] = []

    def step(transaction: Transaction) -> None:
        keep("a")(transaction)
        child = os.fork()
        if child:
            ended.append(os.waitpid(child, 0)[1])
            keep("b")(transaction)
        elif way == "writes":
            keep("c")(transaction)
        elif way == "fails":
            raise ForkedError

    code = 0
    try:
        database.changed(step)
    except ForkedError:
        code = 1
    except ConfigurationError as error:
        code = 2 if "goes on in a forked process" in str(error) else 3
    finally:
        if os.getpid() != mine:
            os._exit(code)
    assert [os.waitstatus_to_exitcode(status) for status in ended] == [1 if way == "fails" else 2]
    assert kept(database) == ["a", "b"]


def test_a_forked_process_leaves_the_connection_of_the_step_open(
    open_database: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database()

    def step(transaction: Transaction) -> None:
        keep("a")(transaction)
        monkeypatch.setattr("spshipping.postgres.os.getpid", lambda: -1)  # as in a child
        keep("b")(transaction)

    with pytest.raises(ConfigurationError, match="end that process in the step"):
        database.changed(step)
    monkeypatch.undo()
    (left,) = _left_behind.pop()
    assert left.info.transaction_status is TransactionStatus.INTRANS, "it has not been rolled back"
    left.close()
    assert database._idle == []
    assert kept(database) == []


def test_a_child_leaves_the_connections_of_its_parent_alone(open_database: Open) -> None:
    database = open_database()
    mine = database.read(name_of)
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writer, f"{database.read(name_of)}".encode())
            database.close()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        assert int(answer.read()) != mine
    assert database.read(name_of) == mine, "it is still open"
    left = database._idle
    database.renew_locks()
    assert _left_behind.pop() is left
    for connection in left:
        connection.close()


def test_it_is_never_pickled(database: PostgresDatabase) -> None:
    assert repr(database) == f"<PostgresDatabase, schema {database.schema}>"
    with pytest.raises(TypeError, match="make one in the other process"):
        pickle.dumps(database)


def test_pgbouncer_and_the_server_may_end_at_any_time(server: Server, bouncer: Bouncer, schema: str) -> None:
    with PostgresDatabase(bouncer.url, schema=schema) as database:
        database.make_tables()
        for number, how in enumerate((signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)):
            database.changed(keep(f"{number}"))
            server.stop(how)
            with pytest.raises(TransportError):
                database.changed(keep("lost"))
            server.start()
            for _ in range(1000):  # PgBouncer waits a second before it tries again
                try:
                    assert len(kept(database)) == number + 1
                except SpShippingError:
                    continue
                break
        assert kept(database) == ["0", "1", "2"]
