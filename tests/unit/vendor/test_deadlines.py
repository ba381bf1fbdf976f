"""Until when a purchase order is to be answered, shipped and reported."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from spshipping import ConfigurationError, InvalidRequestError, from_dict
from spshipping.vendor.orders import Order
from tests.unit.vendor.build import purchase_order

PREPAID: dict[str, Any] = {
    "shipWindow": None,
    "deliveryWindow": "2026-03-02T08:00:00Z--2026-03-08T14:00:00Z",
}


def order(**details: Any) -> Order:
    """Make an order of 20 February, 15:51; Amazon picks it up until the 27th, 7 o'clock, a Friday."""
    whole = purchase_order(**details)
    named = {name: value for name, value in whole["orderDetails"].items() if value is not None}
    return from_dict({**whole, "orderDetails": named}, Order)


def utc(day: int, hour: int, minute: int = 0, month: int = 2) -> datetime:
    """Return a time of 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_answers_are_due_in_a_day_and_changes_two_days_after_the_first() -> None:
    found = order().deadlines()
    assert found.answer == utc(21, 15, 51)
    assert found.change == utc(22, 15, 51)
    assert order().deadlines(acknowledged_at=utc(21, 9)).change == utc(23, 9)


def test_where_amazon_picks_up_the_ship_window_binds() -> None:
    found = order().deadlines()
    assert found.ship == utc(27, 7)
    assert found.deliver is None
    assert found.shipment_confirmation == utc(27, 7, 30)
    assert found.transportation_request == utc(25, 7)
    assert found.zone is None


def test_where_the_vendor_delivers_the_delivery_window_binds() -> None:
    found = order(**PREPAID).deadlines()
    assert found.ship is None
    assert found.deliver == utc(8, 14, month=3)
    assert found.shipment_confirmation == utc(8, 8, month=3)
    assert found.transportation_request is None


def test_an_order_without_a_window_has_deadlines_for_answers_alone() -> None:
    found = order(shipWindow=None, shipToParty=None).deadlines(zones={"PHX3": "UTC"})
    assert found[2:] == (None, None, None, None, None)
    assert found.answer == utc(21, 15, 51)


def test_weekends_and_holidays_are_no_business_days() -> None:
    monday = order(shipWindow="2026-02-21T07:00:00Z--2026-03-02T07:00:00Z")
    assert monday.deadlines().transportation_request == utc(26, 7)
    assert monday.deadlines(holidays={date(2026, 2, 27)}).transportation_request == utc(25, 7)


@pytest.mark.parametrize(
    "zones",
    [
        {"PHX3": "America/Phoenix"},
        {"PHX3": ZoneInfo("America/Phoenix")},
        {"PHX3": "America/Phoenix"}.get,
    ],
)
def test_times_are_shown_in_the_zone_of_the_centre(zones: Any) -> None:
    found = order().deadlines(zones=zones)
    assert found.zone == "America/Phoenix"
    assert found.ship == utc(27, 7)
    assert found.ship is not None
    assert (found.ship.hour, found.ship.utcoffset()) == (0, timedelta(hours=-7))
    assert (found.answer.day, found.answer.hour) == (21, 8)
    elsewhere = order(shipToParty={"partyId": "ABE2"}).deadlines(zones=zones)
    assert elsewhere.zone is None
    assert elsewhere.answer.utcoffset() == timedelta(0)


def test_spans_are_real_hours_when_the_clocks_are_changed() -> None:
    # on 8 March 2026 at two o'clock they are put forward in Los Angeles
    changing = order(**{**PREPAID, "deliveryWindow": "2026-03-02T08:00:00Z--2026-03-08T14:00:00Z"})
    found = changing.deadlines(zones={"PHX3": "America/Los_Angeles"})
    assert found.deliver == utc(8, 14, month=3)
    assert found.shipment_confirmation == utc(8, 8, month=3)


def test_what_gives_no_deadlines_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="is no time zone that is known here"):
        order().deadlines(zones={"PHX3": "Mars/Phoenix"})
    with pytest.raises(InvalidRequestError, match="zones: gives a time zone"):
        order().deadlines(zones={"PHX3": -7})  # type: ignore[dict-item]
    with pytest.raises(InvalidRequestError, match="acknowledged_at: is a datetime with a time zone"):
        order().deadlines(acknowledged_at=datetime(2026, 2, 21))  # noqa: DTZ001
    with pytest.raises(InvalidRequestError, match="purchase_order: was read without its details"):
        from_dict({"purchaseOrderNumber": "2JK3S9VC"}, Order).deadlines()
