"""Draws ZPL as pictures, by zplkit."""

from typing import NamedTuple

from spshipping.errors import InvalidRequestError
from spshipping.secret import discreet
from spshipping.shipping.models.documents import DocumentFormat
from spshipping.shipping.paper.documents import Label, UnfitLabelError, read, sources
from spshipping.shipping.paper.libraries import loaded

DPI = 203
"""The resolution of a printer, where nothing else is said."""
_INCHES = (4, 6)
"""The size of a label that does not say its own."""


class Preview(NamedTuple):
    """One label as a picture."""

    width: int
    height: int
    png: bytes
    """The picture as a file; personal, and so left out of the repr."""

    def __repr__(self) -> str:
        return f"Preview(width={self.width}, height={self.height})"


@discreet
def preview_zpl(label: Label, *, dpi: int = DPI) -> list[Preview]:
    """Draw the labels of ZPL, in their order, as PNG.

    It shows what is on a label and how it lies; a printer's own fonts may look different. Needs the extra
    `spshipping[labels]`.

    Args:
        label: a document, a shipment, a path, or bytes.
        dpi: the resolution of the printer that it was made for. A wrong one shows it too large or too small.

    Raises:
        InvalidRequestError: *dpi* is no resolution, the label is no ZPL, or it has a command that the
            renderer does not know; says at which byte.
        ConfigurationError: the extra is not installed.
    """
    if type(dpi) is not int or dpi < 1:
        raise InvalidRequestError("is a whole number above 0, such as 203", path="dpi")
    zplkit = loaded("zplkit")
    width, height = (side * dpi for side in _INCHES)
    settings = zplkit.Options(profile="specification", width=width, height=height, dpi=dpi)
    previews = []
    for data in _documents(label):
        try:
            scenes = zplkit.render(data, settings).labels
            previews += [Preview(scene.width, scene.height, scene.png()) for scene in scenes]
        except ValueError as error:  # of zplkit; its message may quote the label
            place = getattr(error, "offset", "an unknown place")
            raise InvalidRequestError(
                f"cannot be drawn, because of what is at byte {place}; a printer may still take it",
                path="label",
            ) from None
    return previews


def _documents(label: Label) -> list[bytes]:
    try:
        found = [read(source) for source in sources([label])]
    except UnfitLabelError as error:
        raise InvalidRequestError(str(error), path="label") from None
    if any(format != DocumentFormat.ZPL for format, _ in found):
        raise InvalidRequestError("is no ZPL; PDF and PNG are pictures already", path="label")
    return [data for _, data in found]
