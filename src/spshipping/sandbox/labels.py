"""Documents as files: labels and packing slips in PDF, PNG and ZPL, collection forms in PDF."""

import io
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from PIL import Image

from spshipping.sandbox.document_specifications import DPIS
from spshipping.sandbox.drawing import draw_collection_form, draw_label, draw_slip
from spshipping.sandbox.label_contents import LabelContents, address_lines
from spshipping.sandbox.zpl import zpl_label, zpl_slip

Document = tuple[str, bytes]
_LINES = 23
"""Tracking ids on one page of a collection form."""
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
    title, written_at = f"Amazon Shipping {contents.tracking_id}", contents.bought_at
    if specification["needFileJoining"]:
        return [("LABEL", _pdf([image for _, image in images], title, written_at, dpi))]
    return [(type_, _pdf([image], title, written_at, dpi)) for type_, image in images]


def collection_form(
    carrier: str, address: Mapping[str, Any], tracking_ids: list[str], generated_at: datetime
) -> bytes:
    """Return a collection form as a PDF; equal arguments give equal bytes."""
    title, dpi = f"{carrier} collection", DPIS[0]
    starts = range(0, len(tracking_ids), _LINES)
    pages = [
        draw_collection_form(title, address_lines(address), tracking_ids[start : start + _LINES], dpi)
        for start in starts
    ]
    return _pdf(pages, title, generated_at, dpi)


def _png(image: Image.Image, dpi: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", dpi=(dpi, dpi))
    return file.getvalue()


def _pdf(images: list[Image.Image], title: str, written_at: datetime, dpi: int) -> bytes:
    """Make a PDF with one page for each image, in black and white, so that the bars stay sharp."""
    pages = [image.convert("1", dither=Image.Dither.NONE) for image in images]
    file = io.BytesIO()
    pages[0].save(
        file,
        "PDF",
        resolution=dpi,
        save_all=True,
        append_images=pages[1:],
        title=title,
        creationDate=written_at.timetuple(),
        modDate=written_at.timetuple(),
    )
    return file.getvalue()
