"""What a label consists of, before it is PDF or ZPL: texts, lines and bar codes; lengths are millimetres."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, Protocol
from unicodedata import category, normalize

from spshipping.errors import InvalidRequestError
from spshipping.vendor.tools.fonts import Fonts
from spshipping.vendor.tools.labels.symbols import Symbol

LabelSize = Literal["A6", "4x6"]
"""A6, or 4 by 6 inches."""
SIZES: dict[str, tuple[float, float]] = {"A6": (105.0, 148.0), "4x6": (101.6, 152.4)}
"""Width and height."""


class Text(NamedTuple):
    """One line of text."""

    x: float
    y: float
    """Of its upper edge."""
    size: float
    """Of its font."""
    text: str
    bold: bool = False


class Line(NamedTuple):
    """A black rectangle."""

    x: float
    y: float
    width: float
    height: float


class Bars(NamedTuple):
    """A bar code, upright."""

    x: float
    y: float
    height: float
    scale: int
    """How many of the printer's narrowest modules a module is wide."""
    symbol: Symbol


Drawing = Text | Line | Bars


class Page(NamedTuple):
    """One label."""

    width: float
    height: float
    drawings: list[Drawing]


class Measure(Protocol):
    """Measures a line of text."""

    def __call__(self, text: str, *, bold: bool = False) -> float:
        """Return its width in parts of the font's size."""
        ...


class Ruler:
    """Measures text: by its own font, or by Helvetica, which is wider than the font of a printer."""

    def __init__(self, fonts: Fonts, plain: Measure, is_drawn: Callable[[str], bool]) -> None:
        self._fonts = fonts
        self._plain = plain
        self._is_drawn = is_drawn

    def __call__(self, text: str, *, bold: bool = False) -> float:
        """Return the width of a line in parts of the font's size.

        Raises:
            ConfigurationError: no font has one of its characters.
        """
        return self._fonts.width(text) if self._is_drawn(text) else self._plain(text, bold=bold)


def is_plain(text: str) -> bool:
    """Say whether text has only characters of Latin-1, which the fonts of PDF readers and printers have."""
    return all(char.isprintable() and char <= "\xff" for char in text)


class Block(NamedTuple):
    """A place for texts."""

    x: float
    y: float
    width: float
    height: float


def fitted(
    block: Block, texts: Sequence[str], measure: Measure, *, most: float, least: float, path: str
) -> list[Drawing]:
    """Return texts as lines in a block, as large as they fit; none is cut off.

    Args:
        block: the place.
        texts: paragraphs; empty ones are left out.
        measure: measures a line.
        most: the largest size.
        least: the smallest one that can still be read.
        path: what the texts are, for errors.

    Raises:
        InvalidRequestError: they do not fit.
        ConfigurationError: no font has one of the characters.
    """
    size = most
    texts = [text for text in map(printable, texts) if text]
    while size >= least:
        lines = [line for text in texts for line in _wrapped(text, block.width / size, measure)]
        step = size * 1.15
        if len(lines) * step <= block.height:
            return [Text(block.x, block.y + number * step, size, line) for number, line in enumerate(lines)]
        size -= 0.1
    raise InvalidRequestError("is too long for the label: make it shorter", path=path)


def printable(text: str) -> str:
    """Return text without line breaks and control characters, which no label can show.

    Characters that only shape or order others, such as soft hyphens, do nothing in text of Latin-1.
    """
    # joined: a letter and its accent as two characters, which macOS writes, are one in Latin-1
    seen = normalize("NFC", "".join(" " if category(char) == "Cc" else char for char in text))
    plain = "".join(char for char in seen if category(char) != "Cf")
    return " ".join((plain if is_plain(" ".join(plain.split())) else seen).split())


def _wrapped(text: str, room: float, measure: Measure) -> list[str]:
    """Break text into lines at its spaces; a word that is wider than a line is broken anywhere."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if measure(longer) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while measure(line) > room and len(line) > 1:
            cut = next((n for n in range(len(line) - 1, 1, -1) if measure(line[:n]) <= room), 1)
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line]
