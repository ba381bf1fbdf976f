"""The odd forms in which Amazon sends times: without an offset, as epoch seconds or milliseconds."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from spshipping.wire.times import DateTimeInterval

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MARKS = ("--", "/", "Z-")
_MILLISECONDS_FROM = 100_000_000_000  # as seconds this is the year 5138, as milliseconds 1973


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


def repair_date(value: object) -> date:
    """Read what Amazon sends where a day belongs: a time, of which the day is taken.

    Raises:
        ValueError: no time can be made of it without guessing.
    """
    return repair_time(value).date()


def repair_interval(value: object) -> DateTimeInterval:
    """Read a span of which a half, or the mark between them, is written in another form.

    A slash is the mark of ISO 8601, and a single hyphen stands on a page of Amazon's.

    Raises:
        ValueError: no time can be made of one of the halves without guessing.
    """
    if not isinstance(value, str):
        raise ValueError("no text")
    start, _, end = value.partition(next((mark for mark in _MARKS if mark in value), "--"))
    return DateTimeInterval(repair_time(start), repair_time(end))
