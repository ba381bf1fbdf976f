from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from spshipping.wire.odd_times import repair_interval, repair_time
from spshipping.wire.times import (
    DateTimeInterval,
    read_date,
    read_time,
    write_date,
    write_interval,
    write_time,
)

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-01-31T12:00:00Z", NOON),
        ("2026-01-31T13:00:00+01:00", NOON),
        ("2026-01-31T12:00:00.513Z", NOON.replace(microsecond=513000)),
        ("2026-01-31T12:00:00.123456Z", NOON.replace(microsecond=123456)),
    ],
)
def test_times_with_an_offset_are_read(text: str, time: datetime) -> None:
    assert read_time(text) == time


@pytest.mark.parametrize("text", ["2026-01-31T12:00:00", "2026-01-31", "", "soon"])
def test_the_fast_reader_leaves_odd_times_to_the_repairing_one(text: str) -> None:
    with pytest.raises(ValueError):
        read_time(text)


@pytest.mark.parametrize(
    ("value", "time"),
    [
        ("2019-08-09T19:56:45.632", datetime(2019, 8, 9, 19, 56, 45, 632000, UTC)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        (" 2026-01-31T12:00:00Z ", NOON),
        ("2026-01-31T12:00:00+0000", NOON),
        (1650163712052, datetime(2022, 4, 17, 2, 48, 32, 52000, UTC)),
        (1650163712, datetime(2022, 4, 17, 2, 48, 32, tzinfo=UTC)),
        (Decimal("1650163712.5"), datetime(2022, 4, 17, 2, 48, 32, 500000, UTC)),
        ("1650163712052", datetime(2022, 4, 17, 2, 48, 32, 52000, UTC)),
        ("1.6932672E9", datetime(2023, 8, 29, tzinfo=UTC)),
        ("2026-01-31T24:00:00Z", datetime(2026, 2, 1, tzinfo=UTC)),
    ],
)
def test_case_56_amazons_odd_times_are_read_as_utc(value: Any, time: datetime) -> None:
    found = repair_time(value)
    assert found == time
    assert found.tzinfo is not None


@pytest.mark.parametrize("value", [True, None, [], "next week", "", "nan", "1e400", 10**15])
def test_what_is_no_time_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):
        repair_time(value)


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (NOON, "2026-01-31T12:00:00Z"),
        (NOON.replace(microsecond=500000), "2026-01-31T12:00:00.500Z"),
        (NOON.replace(microsecond=1), "2026-01-31T12:00:00.000001Z"),
        (NOON.astimezone(timezone(timedelta(hours=9))), "2026-01-31T12:00:00Z"),
    ],
)
def test_times_are_written_in_utc(time: datetime, text: str) -> None:
    assert write_time(time) == text


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        write_time(datetime(2026, 1, 31))  # noqa: DTZ001 - the point of the test


def test_a_time_at_the_edge_of_the_calendar_keeps_its_offset() -> None:
    never = datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-12)))
    assert write_time(never) == "9999-12-31T23:59:59-12:00"
    assert read_time(write_time(never)) == never


def test_dates_are_plain_days() -> None:
    day = date(2026, 1, 31)
    assert read_date(write_date(day)) == day
    with pytest.raises(TypeError):
        write_date(NOON)


def test_an_interval_is_two_times_with_two_hyphens_between() -> None:
    text = "2007-03-01T13:00:00Z--2007-03-11T15:30:00Z"
    interval = DateTimeInterval.parse(text)
    assert interval.end - interval.start == timedelta(days=10, hours=2, minutes=30)
    assert write_interval(interval) == text
    with pytest.raises(ValueError, match="no '--'"):
        DateTimeInterval.parse("2007-03-01T13:00:00Z")
    with pytest.raises(TypeError):
        write_interval((NOON, NOON))  # type: ignore[arg-type]  # the point of the test


@pytest.mark.parametrize(
    "text",
    [
        "2007-03-01T13:00:00--2007-03-11T15:30:00",
        "2007-03-01T13:00:00Z/2007-03-11T15:30:00Z",
        "2007-03-01T13:00:00Z-2007-03-11T15:30:00Z",
    ],
)
def test_an_interval_is_read_with_the_other_marks_that_were_seen(text: str) -> None:
    assert str(repair_interval(text)) == "2007-03-01T13:00:00Z--2007-03-11T15:30:00Z"


@pytest.mark.parametrize("text", ["2007-03-01T13:00:00Z", "2007-03-01-2007-03-11", "/", 5])
def test_what_has_no_two_halves_is_no_interval(text: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        repair_interval(text)
