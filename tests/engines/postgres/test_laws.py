"""What holds of every journal, over PostgreSQL, directly and behind PgBouncer."""

import pytest

from spshipping.journal import PurchaseJournal
from spshipping.journal.postgres import PostgresJournal
from spshipping.postgres import PostgresDatabase
from tests.kit import FakeClock
from tests.unit.journal.test_laws import *  # noqa: F403 - the laws are in one place
from tests.unit.journal.test_laws import Make

pytestmark = pytest.mark.engines


@pytest.fixture  # type: ignore[no-redef]
def make(database: PostgresDatabase, clock: FakeClock) -> Make:
    def open_journal(its_clock: FakeClock) -> PurchaseJournal:
        assert its_clock is clock
        return PostgresJournal(database)

    return open_journal
