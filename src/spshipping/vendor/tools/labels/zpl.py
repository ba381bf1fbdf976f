"""Writes labels as ZPL, the language of Zebra printers, for 203 or 300 dots per inch."""

from typing import Literal

from spshipping.vendor.tools.fonts import Fonts
from spshipping.vendor.tools.labels.drawing import Bars, Line, Page, Text, is_plain
from spshipping.vendor.tools.labels.symbols import escaped

Dpi = Literal[203, 300]
DOTS: dict[int, int] = {203: 2, 300: 3}
"""Dots of the narrowest module: a quarter of a millimetre or a little more."""
_MM = 25.4
_BASE_LINE = 0.8
"""Where letters stand, in parts of the font's size from the upper edge."""
_BLACK = 128
"""From how much ink on a dot counts as black."""


def module(dpi: int) -> float:
    """Return the narrowest module in millimetres."""
    return DOTS[dpi] / dpi * _MM


class ZplLabels:
    """Writes labels for one kind of printer."""

    def __init__(self, fonts: Fonts, dpi: int) -> None:
        self._fonts = fonts
        self._dpi = dpi

    def is_drawn(self, text: str) -> bool:
        """Say whether text is written as a picture; of Latin-1, a printer's own font has all."""
        return not text.isascii() and (not is_plain(text) or self._fonts.has(text))

    def label(self, page: Page) -> bytes:
        """Write one label."""
        # ^CI28: text is UTF-8
        parts = [f"^XA^CI28^PW{self._dots(page.width)}^LL{self._dots(page.height)}^LH0,0".encode()]
        for each in page.drawings:
            if isinstance(each, Text):
                parts.append(self._text(each))
            elif isinstance(each, Line):
                width, height = max(1, self._dots(each.width)), max(1, self._dots(each.height))
                thick = min(width, height)
                parts.append(f"{self._at(each.x, each.y)}^GB{width},{height},{thick}^FS".encode())
            else:
                parts.append(self._bars(each))
        return b"\n".join([*parts, b"^XZ", b""])

    def _dots(self, mm: float) -> int:
        return round(mm * self._dpi / _MM)

    def _at(self, x: float, y: float) -> str:
        return f"^FO{self._dots(x)},{self._dots(y)}"

    def _bars(self, bars: Bars) -> bytes:
        width, height = bars.scale * DOTS[self._dpi], self._dots(bars.height)
        head = f"{self._at(bars.x, bars.y)}^BY{width}^BCN,{height},N,N,N,N^FH^FD"
        return head.encode() + bars.symbol.field_data() + b"^FS"

    def _text(self, text: Text) -> bytes:
        if not self.is_drawn(text.text):
            size = self._dots(text.size)
            head = f"{self._at(text.x, text.y)}^A0N,{size},{size}^FH^FD"
            return head.encode() + escaped(text.text) + b"^FS"
        return self._graphic(text)

    def _graphic(self, text: Text) -> bytes:
        """Write text as a picture, for the printer has no such letters."""
        size = text.size * self._dpi / _MM
        drawn = self._fonts.bitmap(text.text, size)
        x = max(0, self._dots(text.x) + drawn.left)
        y = max(0, round(self._dots(text.y) + size * _BASE_LINE) - drawn.above)
        across = -(-drawn.width // 8)
        data = bytearray()
        for row in drawn.rows():
            bits = "".join("1" if dot >= _BLACK else "0" for dot in row).ljust(across * 8, "0")
            data += int(bits or "0", 2).to_bytes(across, "big")
        return f"^FO{x},{y}^GFA,{len(data)},{len(data)},{across},{data.hex().upper()}^FS".encode()
