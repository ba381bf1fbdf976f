"""What holds of the database without a server: where its names are, and what is refused at once."""

import importlib
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

import spshipping
from spshipping import ConfigurationError, InvalidRequestError, PostgresDatabase, TransportError
from spshipping.journal import PostgresJournal
from spshipping.postgres_remedies import error_of, fault_of_begin, fault_of_end, has_stray_mark, unreachable
from spshipping.postgres_tables import SCHEMA
from spshipping.sync import PostgresLeases
from spshipping.vendor.ledger import PostgresLedger
from spshipping.vendor.sscc import PostgresSerials

PACKAGES = {
    "journal": PostgresJournal,
    "sync": PostgresLeases,
    "vendor.ledger": PostgresLedger,
    "vendor.sscc": PostgresSerials,
}


@pytest.mark.parametrize("package", PACKAGES)
def test_each_store_is_beside_the_others_and_an_unknown_name_is_an_error(package: str) -> None:
    module = importlib.import_module(f"spshipping.{package}")
    name = PACKAGES[package].__name__
    assert name in module.__all__
    assert getattr(module, name) is PACKAGES[package]
    with pytest.raises(AttributeError, match="no attribute 'PostgresTable'"):
        module.PostgresTable  # noqa: B018 - the point of the test


def test_a_vendor_finds_the_ledger_beside_the_other_one() -> None:
    assert spshipping.vendor.PostgresLedger is PostgresLedger


def test_psycopg_is_loaded_by_who_uses_it_and_no_store_by_who_does_not() -> None:
    program = (
        "import sys, spshipping.journal, spshipping.sync, spshipping.vendor.ledger, spshipping.vendor.sscc\n"
        "print([name for name in sys.modules if 'postgres' in name])\n"
        "spshipping.journal.PostgresJournal, spshipping.sync.PostgresLeases, spshipping.PostgresDatabase\n"
        "print([name for name in sys.modules if 'psycopg' in name])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "[]"]


@pytest.mark.parametrize("schema", ["", "pg_mine", "Mine", 'a"b', 7, None, True])
def test_a_schema_has_a_plain_name(schema: Any) -> None:
    with pytest.raises(ConfigurationError, match="schema="):
        PostgresDatabase("postgresql://127.0.0.1:1/x", schema=schema)


def test_every_table_is_in_the_schema() -> None:
    made = re.findall(r"CREATE TABLE (\S+)\.(\w+)", SCHEMA)
    assert {schema for schema, _ in made} == {"$schema"}
    assert sorted(name for _, name in made) == [
        "changes",
        "events",
        "facts",
        "purchases",
        "sellers",
        "serial_blocks",
        "submissions",
    ]


def test_a_database_that_is_away_is_an_error_that_can_be_tried_again() -> None:
    with (
        PostgresDatabase("postgresql://shop:s3cret@127.0.0.1:1/shop?connect_timeout=2") as database,
        pytest.raises(TransportError, match="the database cannot be reached") as caught,
    ):
        PostgresJournal(database).secret()
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (psycopg.errors.QueryCanceled("Lovelace"), "statement_timeout ended the statement: give the role"),
        (psycopg.errors.UndefinedColumn("Lovelace"), "give the PostgresDatabase a schema= of its own"),
        (psycopg.errors.DuplicateTable("Lovelace"), "give the PostgresDatabase a schema= of its own"),
        (psycopg.errors.LockNotAvailable("Lovelace"), "pg_locks shows it"),
        (psycopg.errors.DivisionByZero("Lovelace"), r"DivisionByZero \(22012\)$"),
        (psycopg.InterfaceError("Lovelace"), "InterfaceError$"),
    ],
)
def test_an_error_of_the_server_says_what_to_do_and_shows_no_value(error: psycopg.Error, remedy: str) -> None:
    found = error_of(error, is_closed=False)
    assert isinstance(found, ConfigurationError)
    assert re.search(remedy, str(found))
    assert "Lovelace" not in str(found)


def test_a_transaction_that_pgbouncer_does_not_allow_is_no_outage() -> None:
    error = psycopg.errors.ProtocolViolation("transaction blocks not allowed in statement pooling mode")
    for is_closed in (False, True):
        found = error_of(error, is_closed=is_closed)
        assert isinstance(found, ConfigurationError)
        assert "set pool_mode = transaction" in str(found)


@pytest.mark.parametrize(
    ("error", "is_closed"),
    [
        (psycopg.OperationalError("Lovelace"), True),
        (psycopg.errors.AdminShutdown("Lovelace"), False),
        (psycopg.errors.ConnectionFailure("Lovelace"), False),
    ],
)
def test_a_connection_that_is_lost_can_be_tried_again(error: psycopg.Error, is_closed: bool) -> None:
    found = error_of(error, is_closed=is_closed)
    assert isinstance(found, TransportError)
    assert (str(found), found.failure) == ("the connection to the database was lost", "cut")


def test_a_name_that_is_too_long_is_the_callers() -> None:
    found = error_of(psycopg.errors.ProgramLimitExceeded("Lovelace"), is_closed=False)
    assert isinstance(found, InvalidRequestError)


def test_a_refusal_is_no_outage_until_a_connection_was_opened_once() -> None:
    error = psycopg.OperationalError('password authentication failed for user "shop", not s3cret')
    options = {"host": "db.example.com", "port": "5433", "password": "s3cret"}
    first = unreachable(error, options, is_first=True)
    assert isinstance(first, ConfigurationError)
    assert "correct the user, and the password" in str(first)
    later = unreachable(error, options, is_first=False)
    assert isinstance(later, TransportError)
    assert (later.failure, later.host) == ("connect", "db.example.com:5433")
    for each in (first, later):
        assert "s3cret" not in str(each)
    bare = unreachable(psycopg.OperationalError("refused"), {}, is_first=True)
    assert isinstance(bare, TransportError)
    assert bare.host == "localhost:5432"


@pytest.mark.parametrize(
    ("url", "has_one"),
    [
        ("postgresql://shop:pr3%40c1ous@db.example.com:5432/shop?application_name=a@b", False),
        ("postgresql://db.example.com/shop", False),
        ("host=db.example.com user=shop", False),
        ("postgresql://shop:pr3@c1ous@db.example.com/shop", True),
        ("postgresql://shop:pr3/c1ous@db.example.com/shop", True),
    ],
)
def test_a_mark_that_is_not_encoded_is_seen(url: str, *, has_one: bool) -> None:
    assert has_stray_mark(url) is has_one


SECRET = "TopSecret\udcfc"
SHOP = "postgresql://shop@127.0.0.1:1/x"


@pytest.mark.parametrize(
    "use",
    [
        lambda: PostgresDatabase(f"postgresql://shop:{SECRET}@127.0.0.1:1/x"),
        lambda: PostgresDatabase(SHOP, password=SECRET),
        lambda: PostgresDatabase(SHOP, password=lambda: SECRET).make_tables(),
    ],
)
def test_a_password_that_is_not_utf8_is_refused_and_shown_nowhere(use: Callable[[], object]) -> None:
    with pytest.raises(ConfigurationError, match="is not UTF-8, as a variable of the environment") as caught:
        use()
    assert "TopSecret" not in repr(caught.value)


def test_one_that_could_not_be_made_has_a_repr() -> None:
    made = PostgresDatabase.__new__(PostgresDatabase)
    with pytest.raises(ConfigurationError):
        made.__init__(7)  # type: ignore[misc]  # the point of the test
    assert repr(made) == "<PostgresDatabase, schema spshipping>"


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("postgresql://shop:TopSecret@a@127.0.0.1:1/x", "has an @ or a / within the user or the password"),
        ("postgresql://shop:TopSecret@127.0.0.1:1/x?hots=a", "is none: postgresql://user@host:5432/database"),
    ],
)
def test_a_url_that_is_none_is_refused_before_anything_is_sent(url: str, fault: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(fault)) as caught:
        PostgresDatabase(url).make_tables()
    assert "TopSecret" not in repr(caught.value)


def test_a_password_beside_the_url_is_in_no_error() -> None:
    with pytest.raises(TransportError, match="the database cannot be reached") as caught:
        PostgresDatabase(SHOP, password="TopSecret").make_tables()
    assert "TopSecret" not in repr(caught.value)


@pytest.mark.parametrize(("status", "part"), [("INERROR", "went on after"), ("IDLE", "has ended within it")])
def test_a_step_that_cannot_be_committed_says_why(status: str, part: str) -> None:
    assert part in str(fault_of_end(status))
    assert fault_of_end("INTRANS") is None


@pytest.mark.parametrize(
    ("status", "part"),
    [
        ("INERROR", "roll it back first"),
        ("ACTIVE", "in the middle of a statement"),
        ("PIPELINE", "in pipeline mode"),
    ],
)
def test_a_connection_on_which_no_step_can_begin_says_why(status: str, part: str) -> None:
    assert part in str(fault_of_begin(status))
    assert fault_of_begin("IDLE") is None


def test_a_host_that_no_name_can_be_is_said_and_shows_no_password() -> None:
    url = f"postgresql://shop:s3cret@{'a' * 80}.example/shop"
    with pytest.raises(ConfigurationError, match="a host that is no name") as caught:
        PostgresDatabase(url).read(lambda _: None)
    assert caught.value.__cause__ is None
    assert "s3cret" not in str(caught.value)
