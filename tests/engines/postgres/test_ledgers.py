"""What holds of every ledger of submissions, over PostgreSQL, directly and behind PgBouncer."""

import pytest

from spshipping.postgres import PostgresDatabase
from spshipping.vendor.ledger.postgres import PostgresLedger
from tests.unit.vendor.ledger.test_ledgers import *  # noqa: F403 - the laws are in one place

pytestmark = pytest.mark.engines


@pytest.fixture  # type: ignore[no-redef]
def ledger(database: PostgresDatabase) -> PostgresLedger:
    return PostgresLedger(database)
