"""Fonts for what the printers' and readers' own fonts have not, such as Arabic and Japanese names."""

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby
from os import PathLike, fspath
from typing import Any, NamedTuple

from spshipping.errors import ConfigurationError
from spshipping.vendor.tools.libraries import loaded

_REMEDIES = (
    (("ARABIC",), "Noto Sans Arabic (Debian: fonts-noto-core; PyPI: fontpkg-noto-sans-arabic)"),
    (
        ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "FULLWIDTH", "HALFWIDTH", "IDEOGRAPHIC"),
        "Noto Sans CJK (Debian: fonts-noto-cjk; PyPI, for Japanese: pylopdf-fonts-jp)",
    ),
)
_OTHERWISE = "Noto Sans (Debian: fonts-noto-core; PyPI: fontpkg-noto-sans)"


class FontFace(NamedTuple):
    """One font of a file that may hold several, as `.ttc` files do."""

    path: str | PathLike[str]
    number: int = 0
    """Its number in the file, from 0."""


Font = str | PathLike[str] | FontFace
"""The path of a TrueType or OpenType font, or one font of a collection."""


class Run(NamedTuple):
    """A piece of a line in one font and one direction; the runs of a line are in the order of the eye."""

    font: int
    text: str
    is_rightward: bool
    """It is written from the left to the right."""
    glyphs: tuple[tuple[int, float, float], ...]
    """Each glyph with its place from the start of the run; lengths are parts of the font's size."""
    width: float


class Fonts:
    """Fonts in the order in which they are asked for a character; a space stays in the font before it."""

    def __init__(self, fonts: Iterable[Font]) -> None:
        """Open fonts.

        Raises:
            ConfigurationError: a file cannot be read, or is no font; or the extra is not installed.
        """
        self.faces: list[FontFace] = [
            each if isinstance(each, FontFace) else FontFace(each) for each in fonts
        ]
        self._opened = [_opened(face) for face in self.faces]
        self._known = [frozenset(font.face.unicodes) for font in self._opened]
        self._lines: dict[str, tuple[Run, ...]] = {}

    def has(self, text: str) -> bool:
        """Say whether each character is in one of the fonts."""
        return all(self._font_of(char) is not None for char in text if not _is_invisible(char))

    def line(self, text: str) -> tuple[Run, ...]:
        """Return a line as it is drawn: letters joined, and each direction in its order.

        Raises:
            ConfigurationError: no font has one of the characters.
        """
        if text not in self._lines:
            self._check(text)
            self._lines[text] = tuple(self._runs(text))
        return self._lines[text]

    def width(self, text: str) -> float:
        """Return how wide a line is, in parts of the font's size.

        Raises:
            ConfigurationError: no font has one of the characters.
        """
        return sum(run.width for run in self.line(text))

    def bitmap(self, text: str, size: float) -> "Bitmap":
        """Return a line as dots, with a size of so many dots.

        Raises:
            ConfigurationError: no font has one of the characters.
        """
        harfbuzz, x = loaded("uharfbuzz"), 0.0
        raster = harfbuzz.RasterDraw()
        for run in self.line(text):
            font = self._opened[run.font]
            scale = size / font.face.upem
            for glyph, left, up in run.glyphs:
                raster.transform = (scale, 0, 0, scale, (x + left) * size, up * size)
                raster.draw_glyph(font, glyph)
            x += run.width
        image = raster.render()
        extents = image.extents
        return Bitmap(
            extents.x_origin,
            extents.y_origin + extents.height,
            extents.width,
            extents.height,
            extents.stride,
            bytes(image.buffer),
        )

    def _check(self, text: str) -> None:
        missing = [char for char in text if self._font_of(char) is None and not _is_invisible(char)]
        if missing:
            # what is beyond Latin-1 is why the text needs a font at all
            raise _missing(next((char for char in missing if char > "\xff"), missing[0]))

    def _runs(self, text: str) -> Iterator[Run]:
        for part, is_rightward in _directions(text):
            pieces = self._by_font(part)
            for font, piece in pieces if is_rightward else reversed(pieces):
                yield self._shaped(font, piece, is_rightward)

    def _by_font(self, text: str) -> list[tuple[int, str]]:
        """Divide text by fonts; marks and joiners go with the character before them."""
        found: list[tuple[int, str]] = []
        for char in text:
            font = self._font_of(char)
            before = found[-1][0] if found else None
            is_beside = before is not None and not char.isalnum() and ord(char) in self._known[before]
            is_bound = is_beside or _is_invisible(char) or unicodedata.combining(char)
            if before is not None and (is_bound or font == before):
                found[-1] = before, found[-1][1] + char
            else:
                found.append((font or 0, char))
        return found

    def _font_of(self, char: str) -> int | None:
        code = ord(char)
        return next((index for index, known in enumerate(self._known) if code in known), None)

    def _shaped(self, number: int, text: str, is_rightward: bool) -> Run:
        harfbuzz, font = loaded("uharfbuzz"), self._opened[number]
        buffer = harfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "ltr" if is_rightward else "rtl"
        harfbuzz.shape(font, buffer)
        unit, x, glyphs = font.face.upem, 0, []
        for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            glyphs.append((info.codepoint, (x + place.x_offset) / unit, place.y_offset / unit))
            x += place.x_advance
        return Run(number, text, is_rightward, tuple(glyphs), x / unit)


class Bitmap(NamedTuple):
    """Drawn text: one byte for each dot, from the top, 0 for white and 255 for black."""

    left: int
    """Dots from the start of the line to the first column; below 0 where a letter begins before it."""
    above: int
    """Dots from the base line up to the first row."""
    width: int
    height: int
    stride: int
    dots: bytes

    def rows(self) -> Iterator[bytes]:
        """Yield the rows from the top; they come from the bottom."""
        for row in range(self.height - 1, -1, -1):
            start = row * self.stride
            yield self.dots[start : start + self.width]


def _directions(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a line by direction, in the order of the eye; each part is in reading order.

    Source: https://www.unicode.org/reports/tr9/
    """
    bidi = loaded("fpdf.bidi")
    paragraph = bidi.BidiParagraph(text, preserve_bn_chars=True)
    characters = paragraph.get_characters_with_embedding_level()
    levels: list[int] = []
    for each in characters:
        # a joiner has no direction of its own
        is_bound = levels and unicodedata.bidirectional(each.character) == "BN"
        levels.append(levels[-1] if is_bound else each.embedding_level)
    order = list(range(len(levels)))
    # rule L2: from the highest level down, each stretch of at least that level is turned round
    for level in range(max(levels, default=0), 0, -1):
        turned: list[int] = []
        inside = {index for index in order if levels[index] >= level}
        for is_inside, group in groupby(order, inside.__contains__):
            stretch = list(group)
            turned += reversed(stretch) if is_inside else stretch
        order = turned
    for odd, group in groupby(order, lambda index: levels[index] % 2):
        stretch = list(group)
        yield "".join(characters[index].character for index in sorted(stretch)), not odd


def _is_invisible(char: str) -> bool:
    """Say whether a character shapes or orders others, and has no glyph of its own."""
    return unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f"


def named(char: str) -> str:
    """Return a character as an error names it."""
    shown = f"'{char}' " if char.isprintable() else ""
    return f"{shown}(U+{ord(char):04X} {unicodedata.name(char, 'without a name')})"


def remedy(char: str) -> str:
    """Return which font has a character."""
    words = set(unicodedata.name(char, "").replace("-", " ").split())
    return next((font for scripts, font in _REMEDIES if words & set(scripts)), _OTHERWISE)


def _missing(char: str) -> ConfigurationError:
    return ConfigurationError(
        f"no font here has the character {named(char)}: pass fonts=[...] with one that has it, such as"
        f" {remedy(char)}"
    )


def _opened(face: FontFace) -> Any:
    harfbuzz = loaded("uharfbuzz")
    try:
        font = harfbuzz.Font(harfbuzz.Face(harfbuzz.Blob.from_file_path(fspath(face.path)), face.number))
    except Exception:  # of harfbuzz, which has errors of its own
        raise ConfigurationError(f"the font {fspath(face.path)} cannot be read") from None
    if not font.face.unicodes:
        raise ConfigurationError(f"{fspath(face.path)} has no font with the number {face.number}")
    return font
