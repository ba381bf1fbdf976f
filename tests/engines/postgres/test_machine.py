"""The journal over PostgreSQL, driven by the same steps as the one in memory: they never differ."""

from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from spshipping.journal.postgres import PostgresJournal
from spshipping.postgres import PostgresDatabase
from tests.engines.postgres.server import Server
from tests.unit.journal.test_machine import Machine

pytestmark = pytest.mark.engines


def test_memory_and_postgresql_never_differ(server: Server, schema: str) -> None:
    numbers = count(1)

    class Both(Machine):
        """Memory and PostgreSQL, side by side."""

        def __init__(self) -> None:
            super().__init__()
            self.database = PostgresDatabase(
                server.url(), schema=f"{schema}_{next(numbers)}", clock=self.clock
            )
            self.database.make_tables()
            self.other = PostgresJournal(self.database)

        def teardown(self) -> None:
            self.database.close()
            super().teardown()

    few = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    run_state_machine_as_test(Both, settings=few)
