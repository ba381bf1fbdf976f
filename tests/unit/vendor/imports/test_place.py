"""The place at which an import goes on: whatever is written is read, and nothing else."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from spshipping import InvalidRequestError
from spshipping.sync import Window
from spshipping.vendor.orders.api import LONGEST
from spshipping.vendor.sync import ImportReason
from spshipping.vendor.sync.place import SEAM, Place, first_slice, next_slice

TIME = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINDOW = Window(TIME, TIME + timedelta(days=7))


@pytest.mark.parametrize(
    "place",
    [
        Place(ImportReason.NEW, WINDOW),
        Place(ImportReason.MISSING, WINDOW, None, None, ("PO1", "PO2"), has_new=True),
        Place(ImportReason.HISTORY, WINDOW, "t+1", "t/2"),
    ],
)
def test_a_place_is_read_as_it_was_written(place: Place) -> None:
    assert Place.from_text(place.to_text()) == place


_GOOD = Place(ImportReason.NEW, WINDOW, pending=("PO1",)).to_text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        _GOOD.replace('"version":1', '"version":2'),
        _GOOD.replace('"new"', '"old"'),
        _GOOD.replace("2026-03-01T12:00:00Z", "soon"),
        _GOOD.replace('"after":"2026-03-01T12:00:00Z"', '"after":7'),
        _GOOD.replace('"orders":""', '"orders":7'),
        _GOOD.replace('"states":""', '"states":[]'),
        _GOOD.replace('["PO1"]', "[7]"),
        _GOOD.replace('["PO1"]', "7"),
        _GOOD.replace('"states":"",', ""),
    ],
)
def test_whatever_else_is_refused(text: str) -> None:
    assert text != _GOOD
    with pytest.raises(InvalidRequestError, match="no place of an import"):
        Place.from_text(text)


@pytest.mark.parametrize("hours", [0, 1, 167, 168, 169, 1000, 4320])
def test_slices_cover_a_window_without_a_gap(hours: int) -> None:
    window = Window(TIME, TIME + timedelta(hours=hours))
    part: Window | None = first_slice(window)
    found = []
    while part:
        found.append(part)
        part = next_slice(window, part)
    assert found[0].after == window.after
    assert found[-1].before == window.before
    assert all(one.before - one.after <= LONGEST for one in found)
    assert all(one.before - two.after == SEAM for one, two in itertools.pairwise(found))
