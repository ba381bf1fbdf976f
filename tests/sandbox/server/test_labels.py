"""Labels: read back with a barcode scanner, a PDF renderer, and eyes for ZPL."""

import io
import re
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from tests.sandbox.server.world import Shop, address, files, package, payload, specification

INCHES = (4, 6)


def detail_of(
    shop: Shop, format_: str, quote: dict[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:
    """Buy with these documents; return the details of the package."""
    body = shop.purchase_request(quote, requestedDocumentSpecification=specification(format_, **changes))
    (detail,) = payload(shop.purchase(body))["packageDocumentDetails"]
    assert isinstance(detail, dict)
    return detail


def scanned(image: Image.Image) -> list[tuple[str, str]]:
    """Return what a barcode scanner reads."""
    return [
        (str(code.format).replace(" ", "").rpartition(".")[2], code.text)
        for code in zxingcpp.read_barcodes(image)
    ]


@pytest.mark.parametrize("dpi", [203, 300])
def test_a_png_has_the_asked_size_and_its_barcode_is_the_tracking_id(shop: Shop, dpi: int) -> None:
    detail = detail_of(shop, "PNG", dpi=dpi)
    (file,) = files(detail)
    with Image.open(io.BytesIO(file)) as image:
        assert image.size == tuple(side * dpi for side in INCHES)
        assert round(image.info["dpi"][0]) == dpi
        assert scanned(image) == [("Code128", detail["trackingId"])]


@pytest.mark.parametrize("dpi", [203, 300])
def test_a_pdf_is_four_by_six_inches_and_its_barcode_is_the_tracking_id(shop: Shop, dpi: int) -> None:
    detail = detail_of(shop, "PDF", dpi=dpi)
    (file,) = files(detail)
    assert file.startswith(b"%PDF")
    with pypdfium2.PdfDocument(file) as document:
        assert len(document) == 1
        assert document[0].get_size() == pytest.approx((4 * 72, 6 * 72))
        assert scanned(document[0].render(scale=dpi / 72).to_pil()) == [("Code128", detail["trackingId"])]


def test_joined_documents_are_pages_of_one_file(shop: Shop) -> None:
    types = ["LABEL", "PACKSLIP"]
    joined = detail_of(shop, "PDF", needFileJoining=True, requestedDocumentTypes=types)
    assert [document["type"] for document in joined["packageDocuments"]] == ["LABEL"]
    with pypdfium2.PdfDocument(files(joined)[0]) as document:
        assert len(document) == 2
    apart = detail_of(shop, "PDF", requestedDocumentTypes=types)
    assert [document["type"] for document in apart["packageDocuments"]] == types


def test_a_packing_slip_can_be_drawn(shop: Shop) -> None:
    _, slip = files(detail_of(shop, "PNG", requestedDocumentTypes=["LABEL", "PACKSLIP"]))
    with Image.open(io.BytesIO(slip)) as image:
        assert image.size == (812, 1218)
        assert scanned(image) == []


def texts(zpl: str) -> list[str]:
    """Return the texts that a printer would print."""
    found = re.findall(r"\^FH_\^FD(.*?)\^FS", zpl)
    return [re.sub("_([0-9A-F]{2})", lambda match: chr(int(match[1], 16)), text) for text in found]


@pytest.mark.parametrize("dpi", [203, 300])
def test_zpl_holds_addresses_service_and_barcode(shop: Shop, dpi: int) -> None:
    detail = detail_of(shop, "ZPL", dpi=dpi)
    zpl = files(detail)[0].decode()
    assert zpl.startswith("^XA")
    assert zpl.rstrip().endswith("^XZ")
    assert f"^PW{4 * dpi}\n^LL{6 * dpi}\n" in zpl
    assert re.search(rf"\^BCN,\d+,N,N,N,A\^FH_\^FD{detail['trackingId']}\^FS", zpl)
    lines = texts(zpl)
    for line in ("Ada Lovelace", "12 St James's Square", "Flat 3", "SW1Y 4JH GB", "Charles Babbage"):
        assert line in lines
    for line in ("Engines Ltd", "Amazon Shipping Standard", "1.50 kg"):
        assert line in lines


def test_what_would_be_a_command_is_escaped_and_what_no_printer_prints_is_left_out(shop: Shop) -> None:
    name = "Ada ^XZ~JA _5E\\ Ünal\n\x07"
    region = "Greater London"
    quote = shop.quote(shipTo=address(name=name, stateOrRegion=region))
    zpl = files(detail_of(shop, "ZPL", quote))[0].decode()
    assert zpl.count("^XZ") == 1
    assert "~" not in zpl
    assert "Ada ^XZ~JA _5E\\ Ünal" in texts(zpl)
    assert "London, Greater London" in texts(zpl)
    assert scanned(Image.open(io.BytesIO(files(detail_of(shop, "PNG", quote))[0])))


def test_a_long_name_is_drawn_inside_the_frame(shop: Shop) -> None:
    quote = shop.quote(shipTo=address(name="W" * 50))
    with Image.open(io.BytesIO(files(detail_of(shop, "PNG", quote))[0])) as image:
        assert image.crop((800, 0, 812, 1218)).getextrema() == (255, 255)
        assert image.crop((778, 500, 790, 560)).getextrema() == (255, 255)


def test_names_with_accents_are_not_drawn_as_boxes(shop: Shop) -> None:
    def drawn(name: str) -> bytes:
        quote = shop.quote(shipTo=address(name=name))
        with Image.open(io.BytesIO(files(detail_of(shop, "PNG", quote))[0])) as image:
            return image.crop((24, 490, 790, 540)).tobytes()

    assert len({drawn(name) for name in ("Köln", "Kéln", "Kñln", "Łódź")}) == 4


def test_a_packing_slip_in_zpl_lists_the_items(shop: Shop) -> None:
    _, slip = files(detail_of(shop, "ZPL", requestedDocumentTypes=["LABEL", "PACKSLIP"]))
    assert texts(slip.decode())[-2:] == ["2 x Blue mug", "1 x Item"]


def test_asked_attributes_are_printed(shop: Shop) -> None:
    quote = shop.quote(
        packages=[package(sellerDisplayName="Engines Ltd")],
        valueAddedServices={"collectOnDelivery": {"amount": {"value": 12.5, "unit": "GBP"}}},
    )
    attributes = ["PACKAGE_CLIENT_REFERENCE_ID", "SELLER_DISPLAY_NAME", "COLLECT_ON_DELIVERY_AMOUNT"]
    asked = {"requestedLabelCustomization": {"requestAttributes": attributes}}
    zpl = files(detail_of(shop, "ZPL", quote, **asked))[0].decode()
    assert texts(zpl)[-1] == "Ref R-1   Engines Ltd   Collect 12.5 GBP"
    plain = files(detail_of(shop, "ZPL", **asked))[0].decode()
    assert texts(plain)[-1] == "Ref R-1"
