"""What holds of every log of pushed events, over PostgreSQL, directly and behind PgBouncer."""

import pytest

from spshipping import ConfigurationError
from spshipping.journal.postgres import PostgresJournal
from spshipping.postgres import PostgresDatabase
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
