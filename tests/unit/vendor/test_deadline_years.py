"""Deadlines of orders whose times are at the ends of the calendar, as answers hold them for no date."""

from datetime import UTC, datetime, timedelta, timezone

from spshipping.vendor.orders.deadlines import deadlines_of
from spshipping.wire.times import DateTimeInterval

LAST = datetime.max.replace(tzinfo=timezone(timedelta(hours=-12)))
FIRST = datetime.min.replace(tzinfo=UTC)


def test_the_last_and_the_first_time_have_deadlines_too() -> None:
    last = deadlines_of(LAST, DateTimeInterval(LAST, LAST), None, "LHR1", zones={"LHR1": "Europe/London"})
    assert (last.answer, last.change, last.ship) == (LAST, LAST, LAST)

    first = deadlines_of(FIRST, DateTimeInterval(FIRST, FIRST), DateTimeInterval(FIRST, FIRST), None)
    assert first.transportation_request == FIRST
    assert first.shipment_confirmation == FIRST
