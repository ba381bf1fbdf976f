"""Shipments to print, fonts, and what a scanner reads of labels."""

import io
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pylopdf_fonts_ar
import pylopdf_fonts_jp
import pypdfium2
import zplkit
import zxingcpp
from PIL import Image

from spshipping.vendor import orders as po
from spshipping.vendor.asn import Asn, Content, Load, Lot, PackedCarton, stack
from spshipping.vendor.tools.labels import Packing
from tests.unit.vendor.asn.warehouse import builder_of, carton, content, dispatch, issuer, line, order
from tests.unit.vendor.rules.clean import NOW

SCAN = 300
"""The resolution at which a page is scanned."""
JAPANESE, ARABIC = str(pylopdf_fonts_jp.sans_path()), str(pylopdf_fonts_ar.serif_path())
FONTS = (JAPANESE, ARABIC)
PLACES = {
    "en": po.Address(
        name="Amazon.com Services LLC",
        address_line1="6835 W Buckeye Rd",
        city="Phoenix",
        state_or_region="AZ",
        postal_code="85043",
        country_code="US",
    ),
    "de": po.Address(
        name="Amazon Logistik Großbeeren GmbH",
        address_line1="Österreichische Straße 12",
        address_line2="Tor 5, z. Hd. Jürgen Müßig",
        city="Köln",
        postal_code="50667",
        country_code="DE",
    ),
    "ar": po.Address(
        name="مستودع أمازون - محمد عبد الله",
        address_line1="شارع الملك فهد 12، حي العليا",
        city="الرياض",
        postal_code="12211",
        country_code="SA",
    ),
    "ja": po.Address(
        name="アマゾンジャパン合同会社 小田原FC",
        address_line1="神奈川県小田原市扇町4-5-1",
        address_line2="山田 太郎 様",
        postal_code="250-0001",
        country_code="JP",
    ),
}
NAMES = {"en": "Vegetable soup", "de": "Gemüsebrühe", "ar": "شوربة خضار ١٢", "ja": "野菜スープ（大）"}


def purchase_order(
    language: str = "en", lines: int = 40, *, number: str = "ORDER001", amount: int = 10_000
) -> po.Order:
    found = order(*[line(str(each), amount) for each in range(1, lines + 1)], number=number)
    assert found.order_details is not None
    found.order_details.ship_to_party = po.PartyIdentification(party_id="PHX3", address=PLACES[language])
    return found


def confirmation(load: Load, *orders: po.Order, **more: Any) -> Asn:
    """Build the confirmation that is submitted; its cartons and pallets have codes."""
    return builder_of(*orders).original(dispatch(**more), load.coded(issuer()), at=NOW)


def cartons_of(lines: int, *, of: str = "ORDER001") -> list[PackedCarton]:
    """Pack each line into a carton of its own."""
    return [carton(content(str(each), each, of)) for each in range(1, lines + 1)]


def two_orders(language: str = "en") -> tuple[list[po.Order], Load]:
    """Return two orders of forty lines, and a load of both on pallets; one carton is mixed."""
    orders = [purchase_order(language), purchase_order(language, number="ORDER002")]
    lot = Lot(number="L7", expires=date(2027, 5, 1))
    mixed = carton(content("1", 2), content("2", 1, "ORDER002", lot=lot))
    load = stack([*cartons_of(40), mixed, *cartons_of(3, of="ORDER002")], 20)
    return orders, load


def packing(language: str = "en", load: Load | None = None, **more: Any) -> Packing:
    orders, both = two_orders(language)
    built = confirmation(load or both, *orders, **more)
    return Packing.of(built, orders=orders, names={"SKU-1": NAMES[language]})


def loose(*contents: Content) -> Load:
    return Load(cartons=(carton(*contents),))


def numbers_in(asn: Asn) -> list[str]:
    """Return the codes that the confirmation tells Amazon, of the cartons and then of the pallets."""
    document = asn.confirmation
    found = [carton.carton_identifiers or [] for carton in document.cartons or ()]
    found += [pallet.pallet_identifiers for pallet in document.pallets or ()]
    return [each.container_identification_number for (each,) in found]


def pages(pdf: bytes, dpi: int = SCAN) -> list[Image.Image]:
    return list(each_page(pdf, dpi))


def each_page(pdf: bytes, dpi: int = SCAN) -> Iterator[Image.Image]:
    """Yield the pages of a PDF, for one that is too long to be held as pictures."""
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            yield page.render(scale=dpi / 72, grayscale=True).to_pil()


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def drawn(zpl: bytes, dpi: int) -> list[Image.Image]:
    """Return what a printer makes of ZPL, by a library that has no part in writing it."""
    settings = zplkit.Options(profile="specification", width=4 * dpi, height=6 * dpi, dpi=dpi)
    return [Image.open(io.BytesIO(label.png())) for label in zplkit.render(zpl, settings).labels]


def codes(image: Image.Image) -> list[zxingcpp.Barcode]:
    """Return the bar codes of a label, from the top."""
    found = zxingcpp.read_barcodes(image, try_rotate=False)
    return sorted(found, key=lambda code: code.position.top_left.y)


def sscc_on(image: Image.Image) -> str:
    """Return the digits of the one SSCC on a label, as the notice has them."""
    found = [code for code in codes(image) if code.symbology_identifier == "]C1" and "(00)" in code.text]
    (code,) = found
    return str(code.text).replace("(", "").replace(")", "")


def ink(image: Image.Image, box: Sequence[float]) -> int:
    """Return how many dots are black in a part of a label; its edges are parts of width and height."""
    left, top, right, bottom = box
    part = image.convert("L").crop(
        (
            int(left * image.width),
            int(top * image.height),
            int(right * image.width),
            int(bottom * image.height),
        )
    )
    return sum(part.histogram()[:128])
