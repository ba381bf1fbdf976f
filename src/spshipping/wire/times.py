"""Times on the wire: always aware, written in UTC with `Z`; days; intervals. Odd forms are in `odd_times`."""

from datetime import UTC, date, datetime
from typing import Self

from spshipping.named import NamedTuple

_TWO_DIGITS = tuple(f"{number:02}" for number in range(60))


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
    # in parts: isoformat() of an aware time spends half of its time on the offset
    day = date.isoformat(time)
    if not time.microsecond:
        return f"{day}T{_TWO_DIGITS[time.hour]}:{_TWO_DIGITS[time.minute]}:{_TWO_DIGITS[time.second]}Z"
    clock = time.time().isoformat()
    return f"{day}T{clock if time.microsecond % 1000 else clock[:-3]}Z"


def read_date(text: str) -> date:
    """Read `2026-01-31`."""
    return date.fromisoformat(text)


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
