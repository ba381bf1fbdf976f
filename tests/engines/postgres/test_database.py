"""The database that machines share: its tables, its errors, its connections, and what becomes of a step."""

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest

from spshipping import ConfigurationError, Secret, SpShippingError, TransportError
from spshipping.postgres import PostgresDatabase, Transaction, _left_behind
from tests.engines.postgres.conftest import Open
from tests.engines.postgres.server import PASSWORD, Bouncer, Server

pytestmark = pytest.mark.engines


def name_of(transaction: Transaction) -> int:
    """Return the process of the server that a step is at."""
    row = transaction.execute("SELECT pg_backend_pid()").fetchone()
    assert row is not None
    return int(row[0])


def keep(name: str) -> Callable[[Transaction], None]:
    """Return a step that writes something."""

    def step(transaction: Transaction) -> None:
        transaction.execute("INSERT INTO $schema.facts VALUES (%s, '')", (name,))

    return step


def kept(database: PostgresDatabase) -> list[str]:
    """Return what was written."""
    asked = "SELECT name FROM $schema.facts WHERE name <> 'version' ORDER BY name"
    return database.read(lambda step: [row[0] for row in step.execute(asked)])


def test_tables_are_made_once_by_however_many(server: Server, schema: str) -> None:
    failed: list[BaseException] = []

    def make() -> None:
        try:
            with PostgresDatabase(server.url(), schema=schema) as database:
                for _ in range(3):
                    database.make_tables()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with PostgresDatabase(server.url(), schema=schema) as database:
        assert kept(database) == []


def test_a_database_without_tables_says_what_to_call(url: str, schema: str) -> None:
    with (
        PostgresDatabase(url, schema=schema) as database,
        pytest.raises(ConfigurationError, match=rf"the schema {schema} .* call make_tables\(\)"),
    ):
        kept(database)


@pytest.mark.parametrize(("version", "remedy"), [(2, "a newer package"), (0, "the package that made them")])
def test_tables_of_another_version_are_refused(
    database: PostgresDatabase, server: Server, version: int, remedy: str
) -> None:
    text = f"UPDATE {database.schema}.facts SET value = '{version}' WHERE name = 'version'"  # noqa: S608
    server.execute(text)
    database.close()
    for use in (kept, PostgresDatabase.make_tables):
        with pytest.raises(ConfigurationError, match=f"version {version}, .* version 1: use {remedy}"):
            use(database)


def test_a_schema_that_was_made_by_somebody_else_is_used(server: Server, schema: str) -> None:
    server.execute(
        f"CREATE SCHEMA {schema}; CREATE ROLE u_{schema} LOGIN PASSWORD 'x y';"
        f" GRANT USAGE, CREATE ON SCHEMA {schema} TO u_{schema}"
    )
    url = server.url(password=None).replace("postgres@", f"u_{schema}@")
    with PostgresDatabase(url, password="x y", schema=schema) as database:
        database.make_tables()
        database.changed(keep("a"))
        assert kept(database) == ["a"]
    with (
        PostgresDatabase(url, password="x y", schema="another") as other,
        pytest.raises(ConfigurationError, match=r"role may not do that.*grant"),
    ):
        other.make_tables()


def test_a_schema_with_other_tables_of_these_names_is_left_alone(server: Server, schema: str) -> None:
    server.execute(f"CREATE SCHEMA {schema}; CREATE TABLE {schema}.events (mine TEXT)")
    with (
        PostgresDatabase(server.url(), schema=schema) as database,
        pytest.raises(ConfigurationError, match=r"another table of that name.*schema="),
    ):
        database.make_tables()
    assert server.execute(f"SELECT to_regclass('{schema}.facts')") == [(None,)], "all or nothing"


def test_a_database_that_cannot_hold_every_name_is_refused(server: Server) -> None:
    server.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'")
    with (
        PostgresDatabase(server.url(database="latin")) as database,
        pytest.raises(ConfigurationError, match="the encoding LATIN1: make one with UTF8"),
    ):
        database.make_tables()


def test_an_older_server_is_refused(database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    database.close()
    monkeypatch.setattr("spshipping.postgres._OLDEST_SERVER", 990_000)
    with pytest.raises(ConfigurationError, match="or newer is needed"):
        kept(database)


def test_the_time_is_that_of_the_database(open_database: Open, server: Server) -> None:
    row = server.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
    assert 0 <= open_database().read(Transaction.now) - row[0][0] < 60


@pytest.mark.parametrize("schema", ["", "pg_mine", "Mine", 'a"b', "a.b", "a" * 64])
def test_a_schema_has_a_plain_name(server: Server, schema: str) -> None:
    with pytest.raises(ConfigurationError, match="schema="):
        PostgresDatabase(server.url(), schema=schema)


@pytest.mark.parametrize("url", ["", "postgresql://user:s3cret@[", "host=x password='s3cret", "s3cret"])
def test_what_is_no_url_is_not_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError, match="the URL of the database is none") as caught:
        PostgresDatabase(url).make_tables()
    assert "s3cret" not in str(caught.value)


def test_a_wrong_password_is_said_and_not_shown(server: Server) -> None:
    for database in (
        PostgresDatabase(server.url(password="wr0ng")),
        PostgresDatabase(Secret(server.url()), password=lambda: Secret("wr0ng")),
    ):
        with pytest.raises(TransportError, match="password authentication failed") as caught:
            database.make_tables()
        assert (caught.value.failure, caught.value.host) == ("connect", f"127.0.0.1:{server.port}")
        assert "wr0ng" not in repr(caught.value) + repr(database)
        assert caught.value.__context__ is None


def test_a_password_comes_from_a_callable_for_each_connection(server: Server, schema: str) -> None:
    asked: list[str] = []

    def password() -> str:
        asked.append("asked")
        return PASSWORD

    with PostgresDatabase(lambda: server.url(password=None), password=password, schema=schema) as database:
        database.make_tables()
        database.close()
        assert kept(database) == []
    assert len(asked) == 2


def test_a_password_that_cannot_be_had_passes(server: Server) -> None:
    def password() -> str:
        raise KeyError("vault")

    with pytest.raises(KeyError):
        PostgresDatabase(server.url(), password=password).make_tables()


def test_a_server_that_is_not_there_is_named() -> None:
    with (
        PostgresDatabase("postgresql://127.0.0.1:1/x?connect_timeout=2") as database,
        pytest.raises(TransportError, match=r"cannot be reached: .*refused") as caught,
    ):
        database.read(Transaction.now)
    assert caught.value.host == "127.0.0.1:1"


def test_an_error_shows_no_value(database: PostgresDatabase) -> None:
    database.changed(keep("Ada Lovelace"))
    with pytest.raises(ConfigurationError, match=r"cannot be used: UniqueViolation \(23505\)") as caught:
        database.changed(keep("Ada Lovelace"))
    error: BaseException | None = caught.value
    while error is not None:
        trace = error.__traceback__
        while trace is not None:
            if (
                "spshipping" in trace.tb_frame.f_code.co_filename
                and "tests" not in trace.tb_frame.f_code.co_filename
            ):
                assert "Lovelace" not in repr(trace.tb_frame.f_locals)
            trace = trace.tb_next
        assert "Lovelace" not in str(error)
        error = error.__context__
    assert kept(database) == ["Ada Lovelace"], "the connection goes on"


def test_a_step_that_fails_leaves_nothing(database: PostgresDatabase) -> None:
    def step(transaction: Transaction) -> None:
        keep("a")(transaction)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        database.changed(step)
    assert kept(database) == []


def test_a_signal_handler_within_a_step_is_refused(database: PostgresDatabase) -> None:
    def step(transaction: Transaction) -> None:
        with pytest.raises(ConfigurationError, match="a signal handler interrupted"):
            database.changed(keep("a"))
        assert database.read(lambda inner: inner is transaction)

    database.changed(step)
    assert kept(database) == []


def test_connections_are_kept_and_shared_and_closed(open_database: Open) -> None:
    database = open_database()
    first = database.read(name_of)
    assert database.changed(name_of) == first
    with database:
        assert len(database._idle) == 1
    assert database._idle == []
    assert database.read(name_of) != first, "a closed database opens again"


def test_no_more_are_kept_than_a_few(open_database: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spshipping.postgres._MOST_IDLE", 1)
    database = open_database()
    barrier = threading.Barrier(3)

    def step(transaction: Transaction) -> None:
        barrier.wait(30)
        name_of(transaction)

    threads = [threading.Thread(target=database.read, args=(step,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(database._idle) == 1


def killed(server: Server, process: int) -> None:
    """End a connection at the server."""
    server.execute(f"SELECT pg_terminate_backend({process}, 30000)")


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
    Cut(server, monkeypatch, is_late=True)
    opened = database._opened

    def away() -> Any:
        raise TransportError("gone")

    database.read(name_of)
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
            database._was_committed(row[0])
        return str(row[0])

    number = database.changed(step)
    assert database._was_committed(number)


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


# a connection of the user's


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


def test_without_psycopg_it_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from spshipping import ConfigurationError\n"
        "from spshipping.postgres import PostgresDatabase\n"
        "try:\n    PostgresDatabase('postgresql://x')\n"
        "except ConfigurationError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert 'pip install "spshipping[postgres]"' in done.stdout
