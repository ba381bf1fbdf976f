"""What holds of the changes that leases keep, wherever they are: each is noted once, and failures count."""

from datetime import timedelta
from typing import Any

import pytest

from spshipping import InvalidRequestError
from spshipping.sync import Noted, SyncLeases
from tests.unit.sync.test_leases_laws import AT, NEW, Pass, claimed, state


def test_failures_of_a_change_are_counted_and_neither_waits_nor_what_was_only_taken(
    leases: SyncLeases, wait: Pass
) -> None:
    leases.add(["a"])
    leases.note(NEW)
    leases.note(NEW._replace(key="n2", item_id="order-2"))
    for count in range(3):
        found = claimed(leases)
        taken = found.take(10)
        assert [one.failures for one in taken] == [count, 0]
        found.put_off(taken[0], 5, is_failure=True)
        found.put_off(taken[1], 5)
        found.release(1000)
        wait(5.1)
        found = claimed(leases)
        assert [one.failures for one in found.take(10)] == [count + 1, 0]
        found.release(1000)
        wait(0.1)


def test_a_change_that_was_rejected_is_noted_once_its_seller_has_a_row(leases: SyncLeases) -> None:
    assert leases.note(NEW) is Noted.UNKNOWN
    assert leases.reject("n1", "the seller has no row")
    assert leases.reject("n2", "the seller has no row")
    leases.add(["a"])
    assert leases.note(NEW) is Noted.NEW
    assert leases.note(NEW) is Noted.REPEAT
    assert state(leases).changes == 1
    assert leases.note(NEW._replace(key="n2")) is Noted.REPEAT, "the same change by another notification"
    assert list(leases.quarantined()) == []
    assert [one.key for one in claimed(leases).take(10)] == ["n1"]


def test_a_change_is_noted_once_for_each_notification_and_each_item_and_time(leases: SyncLeases) -> None:
    leases.add(["a", "b"])
    assert leases.note(NEW) is Noted.NEW
    assert leases.note(NEW) is Noted.REPEAT
    assert leases.note(NEW._replace(key="n2")) is Noted.REPEAT, "the same change by another notification"
    assert leases.note(NEW._replace(item_id="order-9")) is Noted.REPEAT
    assert leases.note(NEW._replace(key="n3", changed_at=AT + timedelta(seconds=1))) is Noted.NEW
    assert leases.note(NEW._replace(key="n4", changed_at=None)) is Noted.NEW
    assert leases.note(NEW._replace(key="n5", changed_at=None)) is Noted.NEW, "of those nobody can tell"
    assert leases.note(NEW._replace(key="n6", seller="b")) is Noted.NEW
    assert leases.note(NEW._replace(key="n7", seller="c")) is Noted.UNKNOWN
    assert (state(leases).changes, state(leases, "b").changes) == (4, 1)


@pytest.mark.parametrize("odd", [AT.replace(tzinfo=None), "2026-03-01T12:00:00Z", 7.0])
def test_when_something_changed_is_a_time_with_a_zone_or_not_known(leases: SyncLeases, odd: Any) -> None:
    leases.add(["a"])
    with pytest.raises(InvalidRequestError, match="changed_at: is a datetime with a time zone"):
        leases.note(NEW._replace(changed_at=odd))
    assert leases.note(NEW._replace(changed_at=None)) is Noted.NEW
