"""The documents of a parcel as files: labels and packing slips, in PDF, PNG and ZPL."""

import io
from collections.abc import Callable, Mapping
from typing import Any

from PIL import Image

from spshipping.sandbox.drawing import draw_label, draw_slip
from spshipping.sandbox.parcels import Parcel
from spshipping.sandbox.zpl import zpl_label, zpl_slip

Document = tuple[str, bytes]
_DRAWN: Mapping[str, Callable[[Parcel, int], Image.Image]] = {"LABEL": draw_label, "PACKSLIP": draw_slip}
_WRITTEN: Mapping[str, Callable[[Parcel, int], bytes]] = {"LABEL": zpl_label, "PACKSLIP": zpl_slip}


def documents(parcel: Parcel, specification: Mapping[str, Any]) -> list[Document]:
    """Return the documents that *specification* asks for: the same bytes whenever it is asked."""
    types, dpi = specification["requestedDocumentTypes"], specification["dpi"]
    if specification["format"] == "ZPL":
        return [(type_, _WRITTEN[type_](parcel, dpi)) for type_ in types]
    drawn = [(type_, _DRAWN[type_](parcel, dpi)) for type_ in types]
    if specification["format"] == "PNG":
        return [(type_, _png(image, dpi)) for type_, image in drawn]
    if specification["needFileJoining"]:
        return [("LABEL", _pdf([image for _, image in drawn], parcel, dpi))]
    return [(type_, _pdf([image], parcel, dpi)) for type_, image in drawn]


def _png(image: Image.Image, dpi: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", dpi=(dpi, dpi))
    return file.getvalue()


def _pdf(images: list[Image.Image], parcel: Parcel, dpi: int) -> bytes:
    """Put *images* on pages of their own; black and white, so that bars stay sharp."""
    pages = [image.convert("1", dither=Image.Dither.NONE) for image in images]
    file = io.BytesIO()
    written_at = parcel.bought_at.timetuple()
    pages[0].save(
        file,
        "PDF",
        resolution=dpi,
        save_all=True,
        append_images=pages[1:],
        title=f"Amazon Shipping {parcel.tracking_id}",
        creationDate=written_at,
        modDate=written_at,
    )
    return file.getvalue()
