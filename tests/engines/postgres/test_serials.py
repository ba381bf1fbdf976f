"""What holds of every store of serial numbers, over PostgreSQL, directly and behind PgBouncer."""

import pytest

from spshipping.postgres import PostgresDatabase
from spshipping.vendor.sscc.postgres import PostgresSerials
from tests.unit.vendor.sscc.test_issuer import *  # noqa: F403 - the laws are in one place

pytestmark = pytest.mark.engines
# it is about SQLite; the storm over PostgreSQL is in test_machines.py
del test_serials_of_eight_processes_that_are_killed_are_right_and_never_twice  # noqa: F821


@pytest.fixture  # type: ignore[no-redef]
def serials(database: PostgresDatabase) -> PostgresSerials:
    return PostgresSerials(database)
