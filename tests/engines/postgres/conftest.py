"""A PostgreSQL server for all tests of a process, and a schema for each test, by two ways."""

import shutil
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from spshipping.postgres import PostgresDatabase
from tests.engines.postgres.server import PASSWORD, Bouncer, Server, running
from tests.kit import FakeClock

_schemas = (f"test_{number}" for number in count(1))
WAYS = ("direct", "pgbouncer")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    yield from running()


@pytest.fixture(scope="session")
def bouncer(server: Server) -> Iterator[Bouncer]:
    if shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin") is None:
        pytest.skip("PgBouncer is not here: Debian has it in the package pgbouncer")
    made = Bouncer(server)
    yield made
    made.close()


@pytest.fixture(params=WAYS)
def url(request: pytest.FixtureRequest, server: Server) -> str:
    """The URL of the database, by either way."""
    if request.param == "direct":
        return server.url()
    way: Bouncer = request.getfixturevalue("bouncer")
    return way.url


@pytest.fixture
def schema() -> str:
    """A name that no other test has."""
    return next(_schemas)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def database(url: str, schema: str, clock: FakeClock) -> Iterator[PostgresDatabase]:
    """A database with tables of its own, whose time is that of `clock`."""
    with PostgresDatabase(url, schema=schema, clock=clock) as made:
        made.make_tables()
        yield made


Open = Callable[..., PostgresDatabase]


@pytest.fixture
def open_database(server: Server, schema: str) -> Iterator[Open]:
    """Opens the schema of this test, by the server's own time and directly; its tables are there."""
    opened: list[PostgresDatabase] = []

    def made(url: str | None = None) -> PostgresDatabase:
        opened.append(PostgresDatabase(url or server.url(), password=PASSWORD, schema=schema))
        return opened[-1]

    made().make_tables()
    yield made
    for each in opened:
        each.close()
