"""Labels and packing slips as images at the printer's resolution."""

from functools import cache
from pathlib import Path

import barcode
from PIL import Image, ImageDraw, ImageFont

from spshipping.sandbox.document_specifications import DPIS, LENGTH, WIDTH
from spshipping.sandbox.label_contents import LabelContents, address_lines, printable

_WHITE, _BLACK, _GREY = 255, 0, 90


_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
# Pillow's own font lacks accented letters; the font in python-barcode has them
_ACCENTED = Path(barcode.__file__).with_name("fonts") / "DejaVuSansMono.ttf"


@cache
def _font(size: int, *, is_plain: bool) -> _Font:
    return ImageFont.load_default(size) if is_plain else ImageFont.truetype(str(_ACCENTED), size * 0.85)


class _Page:
    """A page of 812 by 1218 points of 1/203 inch, whatever the resolution."""

    def __init__(self, dpi: int) -> None:
        self._scale = dpi / DPIS[0]
        width, length = (side * dpi for side in (WIDTH, LENGTH))
        self.image = Image.new("L", (width, length), _WHITE)
        self._draw = ImageDraw.Draw(self.image)

    def _dots(self, *points: float) -> tuple[int, ...]:
        return tuple(round(point * self._scale) for point in points)

    def box(self, left: int, top: int, right: int, bottom: int, line: int) -> None:
        x0, y0, x1, y1, width = self._dots(left, top, right, bottom, line)
        self._draw.rectangle((x0, y0, x1, y1), outline=_BLACK, width=width)

    def block(self, left: int, top: int, right: int, bottom: int) -> None:
        x0, y0, x1, y1 = self._dots(left, top, right, bottom)
        self._draw.rectangle((x0, y0, x1, y1), fill=_BLACK)

    def text(
        self,
        x: int,
        y: int,
        size: int,
        text: str,
        *,
        room: int = 740,
        ink: int = _BLACK,
        anchor: str = "la",
        is_bold: bool = False,
        is_plain: bool = True,
    ) -> None:
        """Draw one line, in smaller type where it would not fit into *room*."""
        text = printable(text)
        is_plain = is_plain and text.isascii()
        (dots, space), stroke = self._dots(size, room), round(size * self._scale / 38) if is_bold else 0
        font = _font(dots, is_plain=is_plain)
        length = font.getlength(text) + 2 * stroke
        if length > space:
            font = _font(max(8, int(dots * space / length)), is_plain=is_plain)
        x0, y0 = self._dots(x, y)
        self._draw.text(
            (x0, y0), text, fill=ink, font=font, anchor=anchor, stroke_width=stroke, stroke_fill=ink
        )

    def lines(self, y: int, step: int, size: int, lines: list[str], *, is_bold: bool = False) -> None:
        """Draw lines below each other in one font; *is_bold* applies to the first."""
        is_plain = "".join(lines).isascii()
        for index, line in enumerate(lines):
            self.text(
                40, y + index * step, size, line, is_bold=is_bold and index == 0, is_plain=is_plain, room=730
            )

    def barcode(self, top: int, bottom: int, text: str) -> None:
        """Draw Code 128 across the page, each bar an integral number of dots wide."""
        bars = barcode.Code128(text).build()[0]
        (room, y0, y1) = self._dots(690, top, bottom)
        module = room // len(bars)
        left = (self.image.width - module * len(bars)) // 2
        for index, bar in enumerate(bars):
            if bar == "1":
                x = left + index * module
                self._draw.rectangle((x, y0, x + module - 1, y1), fill=_BLACK)


def draw_label(contents: LabelContents, dpi: int) -> Image.Image:
    """Draw the label of *contents*."""
    page = _Page(dpi)
    page.box(16, 16, 796, 1202, 4)
    page.block(16, 16, 206, 166)
    page.text(111, 92, 110, contents.service_letter, room=170, ink=_WHITE, anchor="mm", is_bold=True)
    page.text(230, 36, 42, contents.service_name, room=550, is_bold=True)
    for index, (name, text) in enumerate(contents.facts()):
        page.text(230 + index * 190, 98, 19, name, ink=_GREY)
        page.text(230 + index * 190, 122, 27, text, room=175)
    page.block(16, 164, 796, 168)
    page.text(40, 184, 19, "FROM", ink=_GREY)
    page.lines(212, 31, 26, address_lines(contents.sender))
    page.box(590, 338, 772, 422, 2)
    page.text(681, 368, 28, "TEST LABEL", anchor="mm", room=160)
    page.text(681, 398, 20, "not for carriage", ink=_GREY, anchor="mm", room=160)
    page.block(16, 440, 796, 444)
    page.text(40, 464, 22, "SHIP TO", ink=_GREY)
    page.lines(498, 47, 40, address_lines(contents.recipient), is_bold=True)
    page.block(16, 838, 796, 842)
    page.barcode(870, 1070, contents.tracking_id)
    page.text(406, 1080, 42, contents.tracking_id, anchor="ma", is_bold=True)
    page.text(40, 1150, 26, "   ".join(contents.notes), room=730)
    return page.image


def draw_slip(contents: LabelContents, dpi: int) -> Image.Image:
    """Draw the packing slip of *contents*."""
    page = _Page(dpi)
    page.text(40, 40, 50, "PACKING SLIP", is_bold=True)
    page.text(40, 110, 30, contents.tracking_id, ink=_GREY)
    page.block(40, 156, 772, 159)
    page.lines(180, 42, 32, contents.items())
    return page.image


def draw_collection_form(title: str, address: list[str], tracking_ids: list[str], dpi: int) -> Image.Image:
    """Draw one page of a collection form: who collects, where, and what."""
    page = _Page(dpi)
    page.text(40, 40, 50, title, is_bold=True)
    page.lines(110, 31, 26, address)
    page.block(40, 326, 772, 329)
    page.lines(346, 34, 28, tracking_ids)
    page.text(40, 1150, 26, "Signature of the driver", ink=_GREY)
    return page.image
