"""Where labels go on a sheet of paper: its places, and how a label lies in one."""

from typing import Literal, NamedTuple

from spshipping.errors import InvalidRequestError
from spshipping.shipping.paper.documents import UnfitLabelError

PaperName = Literal["A4", "LETTER"]
"""A size of paper by its name."""
Rotation = Literal["auto", 0, 90, 180, 270]
"""How far a label is turned, clockwise in degrees; `auto` turns one by 90 that lies across its place."""

POINTS_PER_MM = 72 / 25.4
NARROWEST_MODULE_MM = 0.25
"""The narrowest bar that a scaled label may have: two dots of a printer with 203 dots per inch.

It is a limit of this package: Amazon publishes none. Carriers may ask for more.
"""
_PAPERS: dict[str, tuple[float, float]] = {"A4": (210.0, 297.0), "LETTER": (215.9, 279.4)}
"""Width and height in millimetres, upright."""
_GRIDS: dict[int, tuple[bool, int, int]] = {
    1: (False, 1, 1),
    2: (True, 2, 1),
    4: (False, 2, 2),
    6: (True, 3, 2),
    8: (True, 4, 2),
    9: (False, 3, 3),
}
"""For a number of labels on a sheet: whether it lies across, its columns, and its rows."""
_TOLERANCE = 0.5
"""Points by which a label may be larger than its place, for sizes are rounded."""


class Sheet(NamedTuple):
    """A sheet with places for labels; lengths are points of 1/72 inch."""

    name: str
    width: float
    height: float
    columns: int
    rows: int

    @property
    def places(self) -> int:
        """How many places there are."""
        return self.columns * self.rows

    @property
    def place_size(self) -> tuple[float, float]:
        """Width and height of one place."""
        return self.width / self.columns, self.height / self.rows

    def corner(self, number: int) -> tuple[float, float]:
        """Return the lower left corner of a place; they are numbered in reading order, from 0."""
        width, height = self.place_size
        row, column = divmod(number, self.columns)
        return column * width, self.height - (row + 1) * height


class Arrangement(NamedTuple):
    """How labels are put on paper."""

    sheet: Sheet | None
    """None for pages that are as large as their labels."""
    rotate: Rotation
    scale: float


class Box(NamedTuple):
    """The visible part of a page, in its own units, and how it is meant to be seen."""

    left: float
    bottom: float
    right: float
    top: float
    turn: int = 0
    """Degrees clockwise."""
    unit: float = 1.0
    """The size of the page's unit in points."""

    def size(self, turn: int, scale: float) -> tuple[float, float]:
        """Return width and height in points, when it is turned that far in all."""
        sides = (self.right - self.left) * self.unit * scale, (self.top - self.bottom) * self.unit * scale
        return sides if turn % 180 == 0 else (sides[1], sides[0])


class Position(NamedTuple):
    """How a page lies: how far it is turned in all, and its size then."""

    turn: int
    width: float
    height: float


def arranged(
    paper: str | None, per_sheet: int, rotate: Rotation, scale: float, module_width_mm: float | None
) -> Arrangement:
    """Check how labels are to be put on paper.

    Raises:
        InvalidRequestError: it cannot be done; says what to give instead.
    """
    if rotate not in ("auto", 0, 90, 180, 270):
        raise InvalidRequestError("is auto, 0, 90, 180 or 270", path="rotate")
    return Arrangement(_sheet(paper, per_sheet), rotate, _checked_scale(scale, module_width_mm))


def _sheet(paper: str | None, per_sheet: int) -> Sheet | None:
    if per_sheet not in _GRIDS:
        counts = ", ".join(map(str, _GRIDS))
        raise InvalidRequestError(f"is one of {counts}", path="per_sheet")
    if paper is None:
        if per_sheet != 1:
            raise InvalidRequestError("needs paper: pass paper='A4' or paper='LETTER'", path="per_sheet")
        return None
    if paper not in _PAPERS:
        raise InvalidRequestError(
            f"is one of {', '.join(_PAPERS)}, or None for pages of the label's size", path="paper"
        )
    is_across, columns, rows = _GRIDS[per_sheet]
    width, height = (side * POINTS_PER_MM for side in _PAPERS[paper])
    return Sheet(paper, *((height, width) if is_across else (width, height)), columns, rows)


def _checked_scale(scale: float, module_width_mm: float | None) -> float:
    if not 0 < scale <= 1:
        raise InvalidRequestError("is a number above 0, and at most 1", path="scale")
    if scale == 1:
        return 1.0
    if module_width_mm is None or not module_width_mm > 0:
        raise InvalidRequestError(
            "is needed with scale: the width in millimetres of the narrowest bar of the unscaled labels",
            path="module_width_mm",
        )
    if scale * module_width_mm < NARROWEST_MODULE_MM:
        raise InvalidRequestError(
            f"makes the narrowest bar {scale * module_width_mm:.3f} mm wide, and scanners need"
            f" {NARROWEST_MODULE_MM} mm: use a scale of at least {NARROWEST_MODULE_MM / module_width_mm:.3f},"
            " or fewer labels on a sheet",
            path="scale",
        )
    return float(scale)


def position(box: Box, arrangement: Arrangement) -> Position:
    """Return how a page lies in its place.

    Raises:
        UnfitLabelError: it is larger than the place.
    """
    sheet, rotate, scale = arrangement
    if rotate != "auto":
        turns = [(box.turn + rotate) % 360]
    else:
        upright = [box.turn % 360, (box.turn + 90) % 360]
        turns = sorted(upright, key=lambda turn: _lies_across(box, turn, sheet))
    positions = [Position(turn, *box.size(turn, scale)) for turn in turns]
    if sheet is None:
        return positions[0]
    room = sheet.place_size
    for each in positions:
        if each.width <= room[0] + _TOLERANCE and each.height <= room[1] + _TOLERANCE:
            return each
    raise UnfitLabelError(
        f"is {_mm(positions[0].width, positions[0].height)}, and one of {sheet.places} places on"
        f" {sheet.name} is {_mm(*room)}: put fewer on a sheet, or give a scale"
    )


def _lies_across(box: Box, turn: int, sheet: Sheet | None) -> bool:
    """Return whether a page must be turned by a right angle: its long side is not along that of its place.

    Without a sheet, the place is upright."""
    width, height = box.size(turn, 1.0)
    room = (0.0, 1.0) if sheet is None else sheet.place_size
    return (width > height) is not (room[0] > room[1]) and width != height


def _mm(width: float, height: float) -> str:
    return f"{width / POINTS_PER_MM:.1f} x {height / POINTS_PER_MM:.1f} mm"


def matrix(box: Box, position: Position, scale: float, corner: tuple[float, float]) -> tuple[float, ...]:
    """Return the transformation that puts a page with its lower left corner at *corner*."""
    size, (x, y) = box.unit * scale, corner
    if position.turn == 0:
        return size, 0, 0, size, x - box.left * size, y - box.bottom * size
    if position.turn == 90:
        return 0, -size, size, 0, x - box.bottom * size, y + box.right * size
    if position.turn == 180:
        return -size, 0, 0, -size, x + box.right * size, y + box.top * size
    return 0, size, -size, 0, x + box.top * size, y - box.left * size


def centred(position: Position, sheet: Sheet | None, number: int) -> tuple[float, float]:
    """Return where the lower left corner of a page is, in the middle of its place."""
    if sheet is None:
        return 0.0, 0.0
    (x, y), (width, height) = sheet.corner(number), sheet.place_size
    return x + (width - position.width) / 2, y + (height - position.height) / 2
