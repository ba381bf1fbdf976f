"""Until when the answers, the shipment confirmation and the pickup request of a purchase order are due."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from spshipping.errors import ConfigurationError, InvalidRequestError
from spshipping.wire.times import DateTimeInterval

Zone = tzinfo | str
"""A time zone, or its name, such as `America/Phoenix`."""
Zones = Mapping[str, Zone] | Callable[[str], Zone | None]
"""The time zone of each fulfilment centre, by its code."""

ANSWER_WITHIN = timedelta(hours=24)
CHANGE_WITHIN = timedelta(hours=48)
CONFIRM_AFTER_DEPARTURE = timedelta(minutes=30)
CONFIRM_BEFORE_ARRIVAL = timedelta(hours=6)
_PICKUP_BUSINESS_DAYS = 2
_SATURDAY = 5


class Deadlines(NamedTuple):
    """The limits of a purchase order, as instants; the windows' ends count as their last moments.

    They are shown in the time zone of the fulfilment centre where that is known, and else as Amazon wrote
    them.

    Source: https://developer-docs.amazon.com/sp-api/docs/vendor-orders-api-v1-use-case-guide
    """

    answer: datetime
    """The first acknowledgement: 24 hours after the order."""
    change: datetime
    """Changed quantities and prices: 48 hours after the first acknowledgement where its time was given, and
    else after the order, which is earlier: Amazon does not document from when it counts. Later, only dates
    can change."""
    ship: datetime | None
    """The end of the ship window, which binds where Amazon pays the freight."""
    deliver: datetime | None
    """The end of the delivery window, which binds where the vendor does."""
    shipment_confirmation: datetime | None
    """The ASN, if the goods leave or arrive at the last moment: half an hour after the departure, or six
    hours before the arrival. Where they do so earlier, it is due earlier; of pallets, before a delivery slot
    is requested."""
    transportation_request: datetime | None
    """The request of a pickup on the last day: two business days before it; None where Amazon picks up
    nothing."""
    zone: str | None
    """The time zone that they are shown in; None where that of the centre is not known."""


def _within(make: Callable[[], datetime], otherwise: datetime) -> datetime:
    """Return a time, or *otherwise* where there is none: answers hold the years 1 and 9999 for no date."""
    try:
        return make()
    except OverflowError:
        return otherwise


def _moved(time: datetime, by: timedelta) -> datetime:
    return _within(lambda: time + by, time)


def deadlines_of(
    ordered_at: datetime,
    ship: DateTimeInterval | None,
    delivery: DateTimeInterval | None,
    center: str | None,
    *,
    zones: Zones | None = None,
    acknowledged_at: datetime | None = None,
    holidays: Collection[date] = (),
) -> Deadlines:
    """Return the limits of a purchase order; see `Order.deadlines`."""
    if acknowledged_at is not None and acknowledged_at.utcoffset() is None:
        raise InvalidRequestError("is a datetime with a time zone", path="acknowledged_at")
    zone = _zone(center, zones)

    def shown(time: datetime) -> datetime:
        return time if zone is None else _within(lambda: time.astimezone(zone), time)

    confirmations = [
        *([_moved(ship.end, CONFIRM_AFTER_DEPARTURE)] if ship else []),
        *([_moved(delivery.end, -CONFIRM_BEFORE_ARRIVAL)] if delivery else []),
    ]
    return Deadlines(
        answer=shown(_moved(ordered_at, ANSWER_WITHIN)),
        change=shown(_moved(acknowledged_at or ordered_at, CHANGE_WITHIN)),
        ship=shown(ship.end) if ship else None,
        deliver=shown(delivery.end) if delivery else None,
        shipment_confirmation=shown(min(confirmations)) if confirmations else None,
        transportation_request=(
            _within(lambda: _business_days_before(shown(ship.end), holidays), ship.end) if ship else None
        ),
        zone=None if zone is None else str(zone),
    )


def _business_days_before(pickup: datetime, holidays: Collection[date]) -> datetime:
    """Return the time two business days before a pickup: earlier than the end of that day, and so on time."""
    time, left = pickup, _PICKUP_BUSINESS_DAYS
    while left:
        time -= timedelta(days=1)
        left -= time.weekday() < _SATURDAY and time.date() not in holidays
    return time


def _zone(center: str | None, zones: Zones | None) -> tzinfo | None:
    if center is None or zones is None:
        return None
    found: object = zones(center) if callable(zones) else zones.get(center)
    if not isinstance(found, str):
        if found is not None and not isinstance(found, tzinfo):
            raise InvalidRequestError("gives a time zone, or its name, for each centre", path="zones")
        return found
    # imported here: few programs need it
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(found)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigurationError(
            f"{found!r} is no time zone that is known here; give one such as Europe/London"
        ) from None
