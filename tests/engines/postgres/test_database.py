"""The database that machines share: its tables, its errors, its connections, and what becomes of a step."""

import subprocess
import sys
import threading
from typing import Any

import pytest

from spshipping import ConfigurationError, Secret, TransportError
from spshipping.postgres import PostgresDatabase
from spshipping.postgres_transaction import Transaction
from tests.engines.postgres.at_database import keep, kept, name_of
from tests.engines.postgres.conftest import Open
from tests.engines.postgres.server import PASSWORD, Bouncer, Server

pytestmark = pytest.mark.engines
ODD_VERSIONS = ("abc", "", "-1", "1.0", "9" * 5000)


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


@pytest.mark.parametrize(
    ("version", "fault"),
    [
        ("2", "version 2, .* version 1: use a newer package"),
        ("0", "version 0, .* version 1: use the package that made them"),
        *((odd, "facts in the schema .* is damaged: bring back a copy") for odd in ODD_VERSIONS),
    ],
)
def test_tables_of_another_version_are_refused(
    database: PostgresDatabase, server: Server, version: str, fault: str
) -> None:
    text = f"UPDATE {database.schema}.facts SET value = '{version}' WHERE name = 'version'"  # noqa: S608
    server.execute(text)
    database.close()
    for use in (kept, PostgresDatabase.make_tables):
        with pytest.raises(ConfigurationError, match=fault):
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


@pytest.mark.parametrize("columns", ["x INT", "name TEXT, value TEXT", "name INT, value BYTEA"])
def test_a_table_of_facts_that_is_somebody_elses_is_left_alone(
    server: Server, schema: str, columns: str
) -> None:
    server.execute(f"CREATE SCHEMA {schema}; CREATE TABLE {schema}.facts ({columns})")
    with PostgresDatabase(server.url(), schema=schema) as database:
        for use in (kept, PostgresDatabase.make_tables):
            with pytest.raises(
                ConfigurationError, match=r"not of this package: give .* a schema= of its own"
            ):
                use(database)


def test_a_statement_that_the_server_ends_says_which_setting_did_it(server: Server, schema: str) -> None:
    url = f"{server.url()}?options=-c%20statement_timeout%3D500ms"
    with PostgresDatabase(url, schema=schema) as database:
        database.make_tables()
        with pytest.raises(ConfigurationError, match=r"statement_timeout ended .*: give the role one of 40s"):
            database.changed(lambda step: step.execute("SELECT pg_sleep(60)"))


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
        for _ in range(2):
            with pytest.raises(ConfigurationError) as caught:
                database.make_tables()
            assert "correct the user, and the password" in str(caught.value)
            assert "password authentication failed" in str(caught.value)
            assert "wr0ng" not in repr(caught.value) + repr(database)
            assert caught.value.__context__ is None


@pytest.mark.parametrize("odd", [7, None, True, b"postgresql://h/d", ["postgresql://h/d"]])
def test_what_is_no_database_and_no_password_is_refused_at_once(odd: Any) -> None:
    kind = type(odd).__name__
    with pytest.raises(ConfigurationError, match=rf"database= is a text or a Secret, .* not a {kind}"):
        PostgresDatabase(odd)
    with pytest.raises(ConfigurationError, match=rf"what database= returns is .* not a {kind}"):
        PostgresDatabase(lambda: odd).make_tables()
    if odd is not None:
        with pytest.raises(ConfigurationError, match=rf"password= is a text or a Secret, .* not a {kind}"):
            PostgresDatabase("postgresql://h/d", password=odd)
    with pytest.raises(ConfigurationError, match=rf"what password= returns is .* not a {kind}"):
        PostgresDatabase("postgresql://h/d", password=lambda: odd).make_tables()


def test_an_error_of_the_server_about_a_value_is_named(database: PostgresDatabase) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot be used: DivisionByZero \(22012\)"):
        database.read(lambda step: step.execute("SELECT 1 / 0"))


def test_what_is_set_up_wrongly_is_no_outage(server: Server, schema: str) -> None:
    server.execute(f"CREATE DATABASE d_{schema}")
    server.execute(
        f"CREATE ROLE u_{schema} PASSWORD 'x'; CREATE ROLE v_{schema} LOGIN PASSWORD 'x';"
        f" REVOKE CONNECT ON DATABASE d_{schema} FROM PUBLIC"
    )
    url = server.url(password=None)
    for address, password, remedy in (
        (server.url(database="none"), None, "make that database, or correct its name"),
        (url, None, "give the password"),
        (url.replace("postgres@", "nobody@"), "x", "correct the user"),
        (url.replace("postgres@", f"u_{schema}@"), "x", "let that role log in"),
        (f"{url.replace('postgres@', f'v_{schema}@')[:-8]}d_{schema}", "x", "grant the role CONNECT"),
    ):
        with pytest.raises(ConfigurationError, match=rf"refuses the connection: .*{remedy}"):
            kept(PostgresDatabase(address, password=password, schema=schema))


def test_a_database_that_pgbouncer_does_not_know_is_no_outage(bouncer: Bouncer, schema: str) -> None:
    url = bouncer.url.replace("/postgres", "/none")
    with pytest.raises(ConfigurationError, match="refuses the connection: make that database"):
        kept(PostgresDatabase(url, schema=schema))


def test_pgbouncer_in_statement_mode_is_no_outage(server: Server, schema: str) -> None:
    bouncer = Bouncer(server, "statement")
    try:
        with PostgresDatabase(bouncer.url, schema=schema) as database:
            for use in (kept, PostgresDatabase.make_tables):
                with pytest.raises(
                    ConfigurationError, match=r"statement mode, .*: set pool_mode = transaction"
                ):
                    use(database)
    finally:
        bouncer.close()


def test_a_password_that_is_changed_while_it_is_in_use_can_be_tried_again(
    server: Server, schema: str
) -> None:
    passwords = [PASSWORD, "wr0ng", PASSWORD]
    with PostgresDatabase(
        server.url(password=None), password=lambda: passwords.pop(0), schema=schema
    ) as database:
        database.make_tables()
        database.close()
        with pytest.raises(TransportError, match="password authentication failed") as caught:
            kept(database)
        assert (caught.value.failure, caught.value.host) == ("connect", f"127.0.0.1:{server.port}")
        assert kept(database) == []


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://shop:pr3@c1ous@127.0.0.1:1/shop",
        "postgresql://shop:pr3/c1ous@127.0.0.1:1/shop",
        "postgresql://shop:12/c1ous@127.0.0.1:1/shop",
        "postgresql://shop@c1ous@127.0.0.1:1/shop",
        "postgresql://shop:x@c1ous/pr3@127.0.0.1:1/shop",
        "postgresql://shop:pr3/c1ous",
        "host=c1ous@127.0.0.1 port=1",
    ],
)
def test_a_password_that_is_not_encoded_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"write %40 for @ and %2F for /") as caught:
        PostgresDatabase(url).make_tables()
    for part in ("pr3", "c1ous", "12/", "shop"):
        assert part not in str(caught.value)


def test_an_encoded_user_and_an_abstract_socket_are_taken(server: Server, schema: str) -> None:
    server.execute(f"CREATE ROLE \"{schema}@cloud\" LOGIN PASSWORD 'a@/b'; CREATE SCHEMA {schema}")
    server.execute(f'GRANT ALL ON SCHEMA {schema} TO "{schema}@cloud"')
    url = server.url(password="a%40%2Fb").replace("postgres:", f"{schema}%40cloud:")
    with PostgresDatabase(f"{url}?application_name=a@b", schema=schema) as database:
        database.make_tables()
        assert kept(database) == []
    with pytest.raises(TransportError, match="cannot be reached"):
        kept(PostgresDatabase("host=@spshipping user=postgres", schema=schema))


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


def test_a_change_within_a_step_is_refused(database: PostgresDatabase) -> None:
    def step(transaction: Transaction) -> None:
        with pytest.raises(
            ConfigurationError, match=r"within a step of it, .*: begin it when the step has ended"
        ):
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
