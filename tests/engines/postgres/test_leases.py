"""What holds of leases, over PostgreSQL, directly and behind PgBouncer."""

import pytest

from spshipping.postgres import PostgresDatabase
from spshipping.sync.postgres import PostgresLeases
from tests.unit.sync.test_leases_laws import *  # noqa: F403 - the laws are in one place

pytestmark = pytest.mark.engines


@pytest.fixture  # type: ignore[no-redef]
def leases(database: PostgresDatabase) -> PostgresLeases:
    return PostgresLeases(database)
