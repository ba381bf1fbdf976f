"""The documents of a parcel as files: labels and packing slips, in PDF, PNG and ZPL."""

import io
from collections.abc import Callable, Mapping
from typing import Any

from PIL import Image

from spshipping.sandbox.drawing import draw_label, draw_slip
from spshipping.sandbox.label_contents import LabelContents
from spshipping.sandbox.zpl import zpl_label, zpl_slip

Document = tuple[str, bytes]
_IMAGES: Mapping[str, Callable[[LabelContents, int], Image.Image]] = {
    "LABEL": draw_label,
    "PACKSLIP": draw_slip,
}
_ZPL: Mapping[str, Callable[[LabelContents, int], bytes]] = {"LABEL": zpl_label, "PACKSLIP": zpl_slip}


def documents(contents: LabelContents, specification: Mapping[str, Any]) -> list[Document]:
    """Return the documents of *specification*; equal arguments give equal bytes."""
    types, dpi = specification["requestedDocumentTypes"], specification["dpi"]
    if specification["format"] == "ZPL":
        return [(type_, _ZPL[type_](contents, dpi)) for type_ in types]
    images = [(type_, _IMAGES[type_](contents, dpi)) for type_ in types]
    if specification["format"] == "PNG":
        return [(type_, _png(image, dpi)) for type_, image in images]
    if specification["needFileJoining"]:
        return [("LABEL", _pdf([image for _, image in images], contents, dpi))]
    return [(type_, _pdf([image], contents, dpi)) for type_, image in images]


def _png(image: Image.Image, dpi: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", dpi=(dpi, dpi))
    return file.getvalue()


def _pdf(images: list[Image.Image], contents: LabelContents, dpi: int) -> bytes:
    """Make a PDF with one page for each image, in black and white, so that the bars stay sharp."""
    pages = [image.convert("1", dither=Image.Dither.NONE) for image in images]
    file = io.BytesIO()
    written_at = contents.bought_at.timetuple()
    pages[0].save(
        file,
        "PDF",
        resolution=dpi,
        save_all=True,
        append_images=pages[1:],
        title=f"Amazon Shipping {contents.tracking_id}",
        creationDate=written_at,
        modDate=written_at,
    )
    return file.getvalue()
