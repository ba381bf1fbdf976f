"""The labels of a shipment, from its confirmation to PDF and ZPL."""

from collections.abc import Iterable, Sequence
from contextlib import closing

from spshipping.errors import InvalidRequestError
from spshipping.secret import discreet
from spshipping.vendor.routing.labels import file_part
from spshipping.vendor.tools.files import PrintedFile
from spshipping.vendor.tools.fonts import Font, Fonts
from spshipping.vendor.tools.labels import pdf, zpl
from spshipping.vendor.tools.labels.drawing import SIZES, LabelSize, Page, Ruler
from spshipping.vendor.tools.labels.layout import Layout
from spshipping.vendor.tools.packing import Container, Packing

PALLET_COPIES = 2
"""A pallet has its label on two sides that meet at a corner."""


@discreet
def pdf_labels(
    packing: Packing,
    containers: Iterable[Container] | None = None,
    *,
    size: LabelSize = "A6",
    pallet_copies: int = PALLET_COPIES,
    fonts: Iterable[Font] = (),
) -> PrintedFile:
    """Draw labels of cartons and pallets as PDF, one to a page; print it at 100 %, without "fit to page".

    Needs the extra `spshipping[vendor-tools]`. It blocks; under asyncio, call it by `asyncio.to_thread`.

    Args:
        packing: the shipment, as its confirmation has it.
        containers: of its cartons and pallets, those that get a label; None for all, the cartons first.
        size: the paper.
        pallet_copies: how many labels each pallet gets.
        fonts: for characters that are not in Latin-1, such as Arabic and Japanese ones.

    Raises:
        InvalidRequestError: a container has no SSCC, or something does not fit; the path says what.
        ConfigurationError: no font has one of the characters, which is named; or the extra is not installed.
    """
    _check(size, pallet_copies)
    found = Fonts(fonts)
    with closing(pdf.PdfLabels(found)) as file:
        layout = Layout(packing, size, Ruler(found, file.measure, file.is_drawn), pdf.MODULE)
        pages: list[Page] = []
        for each in _chosen(packing, containers):
            pages += [layout.page(each)] * (pallet_copies if each.is_pallet else 1)
        return PrintedFile(f"{file_part(packing.identifier)}-labels.pdf", file.write(pages))


@discreet
def zpl_labels(
    packing: Packing,
    containers: Iterable[Container] | None = None,
    *,
    size: LabelSize = "A6",
    dpi: zpl.Dpi = 203,
    pallet_copies: int = PALLET_COPIES,
    fonts: Iterable[Font] = (),
) -> PrintedFile:
    """Write labels of cartons and pallets as ZPL.

    Characters that are not in ASCII are drawn, where one of *fonts* has them; of Latin-1, the rest is left to
    the printer's own font. Needs the extra `spshipping[vendor-tools]`. It blocks; under asyncio, call it by
    `asyncio.to_thread`.

    Args:
        packing: the shipment, as its confirmation has it.
        containers: of its cartons and pallets, those that get a label; None for all, the cartons first.
        size: the paper.
        dpi: the printer's dots per inch. For another one the labels have the wrong size.
        pallet_copies: how many labels each pallet gets.
        fonts: for characters that are not in ASCII, such as Arabic and Japanese ones.

    Raises:
        InvalidRequestError: a container has no SSCC, or something does not fit; the path says what.
        ConfigurationError: no font has one of the characters, which is named; or the extra is not installed.
    """
    _check(size, pallet_copies)
    if dpi not in zpl.DOTS:
        raise InvalidRequestError(f"is one of {', '.join(map(str, zpl.DOTS))}", path="dpi")
    found = Fonts(fonts)
    writer = zpl.ZplLabels(found, dpi)
    ruler = Ruler(found, pdf.PdfLabels(Fonts(())).measure, writer.is_drawn)
    layout = Layout(packing, size, ruler, zpl.module(dpi))
    labels = [
        writer.label(layout.page(each)) * (pallet_copies if each.is_pallet else 1)
        for each in _chosen(packing, containers)
    ]
    return PrintedFile(f"{file_part(packing.identifier)}-labels.zpl", b"".join(labels))


def _check(size: str, pallet_copies: int) -> None:
    if size not in SIZES:
        raise InvalidRequestError(f"is one of {', '.join(SIZES)}", path="size")
    if type(pallet_copies) is not int or pallet_copies < 1:
        raise InvalidRequestError("is a whole number above 0", path="pallet_copies")


def _chosen(packing: Packing, containers: Iterable[Container] | None) -> Sequence[Container]:
    chosen = (*packing.cartons, *packing.pallets) if containers is None else tuple(containers)
    if not chosen:
        raise InvalidRequestError("has no cartons and no pallets to print labels for", path="containers")
    known = {*packing.cartons, *packing.pallets}
    if any(each not in known for each in chosen):
        raise InvalidRequestError("has one that is not of this shipment", path="containers")
    return chosen
