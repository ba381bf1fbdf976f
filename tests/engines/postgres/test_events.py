"""What holds of every log of pushed events, over PostgreSQL, directly and behind PgBouncer."""

from contextlib import closing

import psycopg
import pytest

from spshipping import ConfigurationError
from spshipping.journal.postgres import PostgresJournal
from spshipping.postgres import PostgresDatabase
from tests.engines.postgres.conftest import Open
from tests.engines.postgres.server import Server
from tests.unit.journal.test_events import *  # noqa: F403 - the laws are in one place
from tests.unit.journal.test_events import KEY, NEW

pytestmark = pytest.mark.engines


@pytest.fixture  # type: ignore[no-redef]
def journal(
    database: PostgresDatabase,
) -> PostgresJournal:
    return PostgresJournal(database, key=lambda: KEY)


def test_a_process_without_the_key_writes_no_event_to_a_sealed_journal(
    journal: PostgresJournal, database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPSHIPPING_STORE_KEY", raising=False)
    journal.events().append(NEW)
    with pytest.raises(ConfigurationError, match="key"):
        PostgresJournal(database).events().append(NEW._replace(key="2", personal=None))
    claimed = journal.events().claim(60.0)
    assert claimed is not None
    assert claimed.personal == NEW.personal
    assert journal.events().claim(60.0) is None


def test_a_secret_that_was_rolled_back_is_not_used_any_more(
    open_database: Open, server: Server, schema: str
) -> None:
    outside = PostgresJournal(open_database(), key=lambda: KEY)
    with closing(psycopg.connect(server.url())) as connection:
        inside = PostgresJournal(PostgresDatabase(connection, schema=schema), key=lambda: KEY)
        inside.events().append(NEW)
        first = inside.secret()
        connection.rollback()
        assert outside.secret() != first
        assert inside.secret() == outside.secret()
