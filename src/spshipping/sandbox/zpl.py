"""Labels and packing slips in ZPL, the language of Zebra printers."""

from spshipping.sandbox.document_specifications import DPIS, LENGTH, WIDTH
from spshipping.sandbox.label_contents import LabelContents, address_lines, printable

_ESCAPED = str.maketrans({mark: f"_{ord(mark):02X}" for mark in "_^~\\"})


def field(text: str) -> str:
    """Return *text* as field data; characters that would be a command are written in hexadecimal."""
    return f"^FH_^FD{printable(text).translate(_ESCAPED)}^FS"


class _Page:
    """A page in points of 1/203 inch, whatever the printer's resolution."""

    def __init__(self, dpi: int) -> None:
        self._dpi = dpi
        width, length = (side * dpi for side in (WIDTH, LENGTH))
        self._lines = ["^XA", "^CI28", f"^PW{width}", f"^LL{length}", "^LH0,0"]

    def _dots(self, points: float) -> int:
        return round(points * self._dpi / DPIS[0])

    def text(self, x: int, y: int, size: int, text: str) -> None:
        dots = self._dots(size)
        self._lines.append(f"^FO{self._dots(x)},{self._dots(y)}^A0N,{dots},{dots}{field(text)}")

    def box(self, x: int, y: int, width: int, height: int, line: int) -> None:
        sides = ",".join(str(self._dots(side)) for side in (width, height, line))
        self._lines.append(f"^FO{self._dots(x)},{self._dots(y)}^GB{sides}^FS")

    def barcode(self, x: int, y: int, height: int, text: str) -> None:
        module = self._dots(4)
        self._lines.append(
            f"^BY{module}^FO{self._dots(x)},{self._dots(y)}^BCN,{self._dots(height)},N,N,N,A{field(text)}"
        )

    def encode(self) -> bytes:
        return "\n".join([*self._lines, "^XZ", ""]).encode()


def zpl_label(contents: LabelContents, dpi: int) -> bytes:
    """Write the label of *contents*."""
    page = _Page(dpi)
    page.box(16, 16, 780, 1186, 4)
    page.text(40, 44, 90, contents.service_letter)
    page.text(230, 48, 38, contents.service_name)
    for index, (name, text) in enumerate(contents.facts()):
        page.text(230 + index * 190, 96, 18, name)
        page.text(230 + index * 190, 118, 26, text)
    page.box(16, 160, 780, 4, 4)
    page.text(40, 180, 20, "FROM")
    for index, line in enumerate(address_lines(contents.sender)):
        page.text(40, 206 + index * 30, 26, line)
    page.box(590, 338, 182, 84, 2)
    page.text(606, 350, 28, "TEST LABEL")
    page.text(606, 386, 20, "not for carriage")
    page.box(16, 440, 780, 4, 4)
    page.text(40, 460, 24, "SHIP TO")
    for index, line in enumerate(address_lines(contents.recipient)):
        page.text(40, 494 + index * 46, 40, line)
    page.box(16, 840, 780, 4, 4)
    page.barcode(100, 870, 200, contents.tracking_id)
    page.text(250, 1086, 40, contents.tracking_id)
    page.text(40, 1150, 26, "   ".join(contents.notes))
    return page.encode()


def zpl_slip(contents: LabelContents, dpi: int) -> bytes:
    """Write the packing slip of *contents*."""
    page = _Page(dpi)
    page.text(40, 40, 50, "PACKING SLIP")
    page.text(40, 110, 30, contents.tracking_id)
    for index, line in enumerate(contents.items()):
        page.text(40, 180 + index * 40, 32, line)
    return page.encode()
