"""Writes labels as PDF, one to a page, by fpdf2."""

from collections.abc import Iterable
from typing import Any

from spshipping.vendor.tools.fonts import Fonts
from spshipping.vendor.tools.labels.drawing import Bars, Line, Page, Text, is_plain
from spshipping.vendor.tools.libraries import loaded

MODULE = 0.25
"""The narrowest bar in millimetres."""
POINTS = 72 / 25.4
_PLAIN = "helvetica"
"""One of the fonts that every reader of PDF has, for Latin-1."""


class PdfLabels:
    """The labels of one PDF, while it is made."""

    def __init__(self, fonts: Fonts) -> None:
        self._fonts = fonts
        self._pdf: Any = loaded("fpdf").FPDF(unit="mm")
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        self._pdf.alias_nb_pages(None)  # else "{nb}" in a text becomes the number of pages
        for number, face in enumerate(fonts.faces):
            self._pdf.add_font(f"F{number}", fname=face.path, collection_font_number=face.number)

    def is_drawn(self, text: str) -> bool:
        """Say whether text needs a font of the user's."""
        return not is_plain(text)

    def measure(self, text: str, *, bold: bool = False) -> float:
        """Return how wide text of Latin-1 is, in parts of the font's size."""
        self._pdf.set_font(_PLAIN, "B" if bold else "", size=100)
        return float(self._pdf.get_string_width(text)) * POINTS / 100

    def write(self, pages: Iterable[Page]) -> bytes:
        """Write pages, and return the file."""
        pdf = self._pdf
        for page in pages:
            pdf.add_page(format=(page.width, page.height))
            for each in page.drawings:
                if isinstance(each, Text):
                    self._text(each)
                elif isinstance(each, Line):
                    pdf.rect(each.x, each.y, each.width, each.height, style="F")
                else:
                    self._bars(each)
        return bytes(pdf.output())

    def close(self) -> None:
        """Close the files of the fonts, which fpdf2 leaves open until they are collected."""
        for number in range(len(self._fonts.faces)):
            self._pdf.fonts[f"f{number}"].ttfont.close()

    def _bars(self, bars: Bars) -> None:
        module = bars.scale * MODULE
        for start, width in bars.symbol.bars():
            self._pdf.rect(bars.x + start * module, bars.y, width * module, bars.height, style="F")

    def _text(self, text: Text) -> None:
        pdf, x = self._pdf, text.x
        if not self.is_drawn(text.text):
            pdf.set_font(_PLAIN, "B" if text.bold else "", size=text.size * POINTS)
            pdf.set_xy(x, text.y)
            pdf.cell(text=text.text, h=text.size)
            return
        for run in self._fonts.line(text.text):
            pdf.set_font(f"F{run.font}", size=text.size * POINTS)
            pdf.set_text_shaping(True, direction="ltr" if run.is_rightward else "rtl")
            pdf.set_xy(x, text.y)
            pdf.cell(text=run.text, h=text.size)
            x += run.width * text.size
        pdf.set_text_shaping(False)
