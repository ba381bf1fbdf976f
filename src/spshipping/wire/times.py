"""Times on the wire: always aware, written in UTC with `Z`; intervals; the odd forms Amazon uses."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, Self

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS_FROM = 100_000_000_000  # as seconds this is the year 5138, as milliseconds 1973


def read_time(text: str) -> datetime:
    """Read an ISO 8601 time that says its offset.

    Raises:
        ValueError: it is no such time, or a naive one.
        TypeError: it is no text.
    """
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("a time without an offset")
    return time


def repair_time(value: object) -> datetime:
    """Read what Amazon sends where a time belongs: naive (UTC is meant), epoch seconds or milliseconds.

    Raises:
        ValueError: no time can be made of it without guessing.
    """
    if isinstance(value, str):
        time = _iso_or_epoch(value.strip())
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        time = _from_epoch(Decimal(value))
    else:
        raise ValueError("no time")
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time


def _iso_or_epoch(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return _from_epoch(Decimal(text))
    except ArithmeticError:
        pass
    # imported here: rarely needed, and a quarter of the import time of the whole HTTP stack
    from dateutil.parser import isoparse

    return isoparse(text)


def _from_epoch(number: Decimal) -> datetime:
    if not number.is_finite() or abs(number) >= 10**15:
        raise ValueError("not a time")
    seconds = number / 1000 if abs(number) >= _MILLISECONDS_FROM else number
    return _EPOCH + timedelta(microseconds=int(seconds * 1_000_000))


def write_time(time: datetime) -> str:
    """Write *time* in UTC as `2026-01-31T09:30:00Z`, with a fraction only where there is one.

    A time whose UTC form would fall outside the years 1 to 9999 is written with its own offset.

    Raises:
        ValueError: it is naive.
    """
    if time.tzinfo is not UTC:
        if time.utcoffset() is None:
            raise ValueError("a naive datetime; give it a time zone, for example datetime.now(timezone.utc)")
        try:
            time = time.astimezone(UTC)
        except OverflowError:
            return time.isoformat()
    # date and clock apart: isoformat() of an aware time spends half of its time on the offset
    clock = time.time().isoformat()
    has_milliseconds = time.microsecond and not time.microsecond % 1000
    return f"{time.date().isoformat()}T{clock[:-3] if has_milliseconds else clock}Z"


def read_date(text: str) -> date:
    """Read `2026-01-31`."""
    return date.fromisoformat(text)


def repair_date(value: object) -> date:
    """Read what Amazon sends where a day belongs: a time, of which the day is taken.

    Raises:
        ValueError: no time can be made of it without guessing.
    """
    return repair_time(value).date()


def write_date(day: date) -> str:
    """Write `2026-01-31`.

    Raises:
        TypeError: it is no plain date.
    """
    if day.__class__ is not date:
        raise TypeError("no plain date")
    return day.isoformat()


class DateTimeInterval(NamedTuple):
    """A span of time, written `start--end` on the wire."""

    start: datetime
    end: datetime

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2007-03-01T13:00:00Z--2007-03-11T15:30:00Z`.

        Raises:
            ValueError: the two halves are not there, or one is no time with an offset.
        """
        start, mark, end = text.partition("--")
        if not mark:
            raise ValueError("no '--' between start and end")
        return cls(read_time(start), read_time(end))

    def __str__(self) -> str:
        return f"{write_time(self.start)}--{write_time(self.end)}"


def write_interval(interval: DateTimeInterval) -> str:
    """Write `start--end`.

    Raises:
        TypeError: it is no interval.
    """
    if interval.__class__ is not DateTimeInterval:
        raise TypeError("no DateTimeInterval")
    return str(interval)


def repair_interval(value: object) -> DateTimeInterval:
    """Read a span of which a half is written in another form.

    Raises:
        ValueError: no time can be made of one of the halves without guessing.
    """
    if not isinstance(value, str):
        raise ValueError("no text")
    start, _mark, end = value.partition("--")
    return DateTimeInterval(repair_time(start), repair_time(end))
