"""What holds of leases, over PostgreSQL, directly and behind PgBouncer."""

import pytest

from spshipping.postgres import PostgresDatabase
from spshipping.sync import NewChange
from spshipping.sync.postgres import PostgresLeases
from tests.kit import FakeClock
from tests.unit.sync.conftest import *  # noqa: F403
from tests.unit.sync.test_leases_changes import *  # noqa: F403 - the laws are in one place
from tests.unit.sync.test_leases_laws import *  # noqa: F403

pytestmark = pytest.mark.engines


@pytest.fixture  # type: ignore[no-redef]
def leases(database: PostgresDatabase) -> PostgresLeases:
    return PostgresLeases(database)


def test_what_was_written_while_the_clock_was_wrong_does_not_wait_until_then(
    database: PostgresDatabase, clock: FakeClock
) -> None:
    leases = PostgresLeases(database)
    clock.elapsed += 1000 * 86_400.0
    leases.add(["a", "b"])
    leases.note(NewChange("n1", "a", "order-1"))
    lost, other = leases.claim("one", 60.0), leases.claim("one", 60.0)
    assert (lost, other) != (None, None)
    assert other is not None
    other.release(300.0)
    clock.elapsed -= 1000 * 86_400.0
    assert leases.next_in() == 0
    found = {lease.seller: lease for lease in (leases.claim("two", 60.0), leases.claim("two", 60.0)) if lease}
    assert sorted(found) == ["a", "b"]
    assert [lease.search_in for lease in found.values()] == [0.0, 0.0]
    assert leases.claim("three", 60.0) is None
    found["a"].release(300.0)
    again = leases.claim("two", 60.0)
    assert again is not None, "a change waits, and is due"
    assert [change.item_id for change in again.take(1)] == ["order-1"]
