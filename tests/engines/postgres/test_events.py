"""What holds of every log of pushed events, over PostgreSQL, directly and behind PgBouncer."""

import pytest

from spshipping.journal.postgres import PostgresJournal
from spshipping.postgres import PostgresDatabase
from tests.unit.journal.test_events import *  # noqa: F403 - the laws are in one place
from tests.unit.journal.test_events import KEY

pytestmark = pytest.mark.engines


@pytest.fixture  # type: ignore[no-redef]
def journal(
    database: PostgresDatabase,
) -> PostgresJournal:
    return PostgresJournal(database, key=lambda: KEY)
