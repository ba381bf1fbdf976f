"""Labels of the sandbox as files, and what a scanner reads of paper."""

import functools
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
import zxingcpp
from PIL import Image
from pypdf import PdfReader, PdfWriter, Transformation

from spshipping.sandbox.label_contents import LabelContents
from spshipping.sandbox.labels import documents
from spshipping.shipping.paper import LabelFile, preview_zpl

STREET = "12 Analytical Row"
DPI = 203
SCAN = 300
"""The resolution at which a page is scanned."""


def tracking(number: int) -> str:
    return f"TBA{number:09}"


def contents(number: int) -> LabelContents:
    address = {
        "name": f"Ada Lovelace {number}",
        "addressLine1": STREET,
        "city": "London",
        "stateOrRegion": "London",
        "postalCode": "E1 6AN",
        "countryCode": "GB",
    }
    return LabelContents(
        sender=address,
        recipient=address,
        package={"items": [{"quantity": 1, "description": "Engine"}]},
        service_name="Amazon Shipping Standard",
        service_letter="S",
        tracking_id=tracking(number),
        kilograms=Decimal("1.25"),
        bought_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
        notes=("Ref 1001",),
    )


@functools.cache
def label(number: int, format: str = "PDF", *, dpi: int = DPI, slip: bool = False) -> bytes:
    """Return a label as the sandbox prints it, with a packing slip as the second page if asked."""
    types = ["LABEL", "PACKSLIP"] if slip else ["LABEL"]
    wanted = {"format": format, "dpi": dpi, "needFileJoining": True, "requestedDocumentTypes": types}
    return documents(contents(number), wanted)[0][1]


def labels(numbers: Iterable[int], format: str = "PDF", **options: Any) -> list[LabelFile]:
    return [LabelFile(label(number, format, **options), f"label {number}") for number in numbers]


def turned(data: bytes, *, by: int, is_flag: bool = True) -> bytes:
    """Return a PDF that is drawn across its page, which a flag of the page sets right, or nothing does."""
    writer = PdfWriter(clone_from=io.BytesIO(data))
    page = writer.pages[0]
    page.rotate(by)
    page.transfer_rotation_to_content()
    if is_flag:
        page.rotate(-by)
    return written(writer)


def small(data: bytes, *, scale: float) -> bytes:
    """Return a PDF on a smaller page."""
    writer = PdfWriter(clone_from=io.BytesIO(data))
    writer.pages[0].scale_by(scale)
    return written(writer)


def cropped(data: bytes, *, margin: float) -> bytes:
    """Return a PDF whose page is larger than what is to be seen of it."""
    writer = PdfWriter()
    page = PdfReader(io.BytesIO(data)).pages[0]
    width, height = float(page.mediabox.width), float(page.mediabox.height)
    sheet = writer.add_blank_page(width + 2 * margin, height + 2 * margin)
    sheet.merge_transformed_page(page, Transformation().translate(margin, margin))
    for box in (sheet.cropbox, sheet.trimbox):
        box.lower_left, box.upper_right = (margin, margin), (margin + width, margin + height)
    return written(writer)


def written(writer: PdfWriter) -> bytes:
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def pages(path: Path, dpi: int = SCAN) -> list[Image.Image]:
    with pypdfium2.PdfDocument(path.read_bytes()) as document:
        return [page.render(scale=dpi / 72).to_pil() for page in document]


def sizes(path: Path) -> list[tuple[float, float]]:
    """Return the size of each page in millimetres."""
    with pypdfium2.PdfDocument(path.read_bytes()) as document:
        return [(page.get_width() / 72 * 25.4, page.get_height() / 72 * 25.4) for page in document]


def scanned(image: Image.Image, *, is_upright: bool = True) -> list[str]:
    """Return the barcodes of a page in reading order; those that run across the page are left out."""
    found = zxingcpp.read_barcodes(image, try_rotate=not is_upright)
    corners = [(code.position.top_left.y // 50, code.position.top_left.x, code.text) for code in found]
    return [text for *_, text in sorted(corners)]


def scanned_pages(path: Path, *, is_upright: bool = True) -> list[list[str]]:
    return [scanned(page, is_upright=is_upright) for page in pages(path)]


def scanned_zpl(data: bytes, dpi: int = DPI) -> list[list[str]]:
    drawn = preview_zpl(LabelFile(data), dpi=dpi)
    return [scanned(Image.open(io.BytesIO(each.png))) for each in drawn]
