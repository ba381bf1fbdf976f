"""Labels of cartons and pallets: what is on them, read back by libraries that had no part in it."""

import os
import re
import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import biip
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from spshipping.errors import ConfigurationError, InvalidRequestError
from spshipping.shipping.paper import LabelFile, merge_zpl
from spshipping.vendor.asn import ContainerCode, Load
from spshipping.vendor.shipments import ContainerIdentificationType
from spshipping.vendor.sscc import Sscc
from spshipping.vendor.tools.labels import LabelSize, Packing, Party, pdf_labels, zpl_labels
from spshipping.vendor.tools.labels.symbols import Symbol
from tests.unit.vendor.asn.warehouse import PREFIX, carton, content
from tests.unit.vendor.tools.goods import (
    ARABIC,
    FONTS,
    SCAN,
    cartons_of,
    codes,
    confirmation,
    drawn,
    each_page,
    ink,
    loose,
    numbers_in,
    packing,
    pages,
    purchase_order,
    sscc_on,
    text_of,
)

MM = {"A6": (105.0, 148.0), "4x6": (101.6, 152.4)}
LABELS = 10_000 if os.environ.get("SPSHIPPING_SOAK") == "full" else 300


def labels_in(found: Packing, how: str, size: LabelSize, **more: Any) -> list[Image.Image]:
    if how == "pdf":
        return pages(pdf_labels(found, size=size, **more).data)
    return drawn(zpl_labels(found, size=size, dpi=203 if how == "203" else 300, **more).data, int(how))


@pytest.mark.long
@pytest.mark.parametrize("how", ["pdf", "203", "300"])
@pytest.mark.parametrize("size", ["A6", "4x6"])
def test_each_code_that_is_read_is_that_of_the_confirmation(how: str, size: LabelSize) -> None:
    orders = [purchase_order(), purchase_order(number="ORDER002")]
    asn = confirmation(Load(cartons=tuple(cartons_of(12))), *orders)
    images = labels_in(Packing.of(asn, orders=orders), how, size)
    assert [sscc_on(image) for image in images] == numbers_in(asn)
    dots = SCAN if how == "pdf" else int(how)
    assert {tuple(round(side / dots * 25.4) for side in image.size) for image in images} == {
        tuple(round(side) for side in MM[size])
    }


@pytest.mark.parametrize("how", ["pdf", "203", "300"])
@pytest.mark.parametrize("size", ["A6", "4x6"])
def test_the_code_has_the_size_and_the_blank_space_that_gs1_wants(how: str, size: LabelSize) -> None:
    (image,) = labels_in(Packing.of(confirmation(loose(content()), purchase_order())), how, size)
    dots = SCAN if how == "pdf" else int(how)
    (code,) = [each for each in codes(image) if "(00)" in each.text]
    place = code.position
    width = (place.top_right.x - place.top_left.x) / dots * 25.4
    height = (place.bottom_left.y - place.top_left.y) / dots * 25.4
    assert width == pytest.approx(156 * (0.508 if how == "300" else 0.5), rel=0.01)
    assert height >= 32
    # ten modules of 0.5 mm on each side have no ink
    quiet = 10 * 0.495 / 25.4 * dots
    top, bottom = place.top_left.y / image.height, place.bottom_left.y / image.height
    left, right = place.top_left.x, place.top_right.x + 1
    assert left - quiet >= 0
    assert right + quiet <= image.width
    assert ink(image, ((left - quiet) / image.width, top, (left - 2) / image.width, bottom)) == 0
    assert ink(image, ((right + 2) / image.width, top, (right + quiet) / image.width, bottom)) == 0
    assert max(codes(image), key=lambda each: each.position.bottom_left.y).text == code.text


def test_a_printers_narrowest_bars_are_whole_dots() -> None:
    found = Packing.of(confirmation(loose(content()), purchase_order()))
    assert b"^BY4^BCN,260,N,N,N,N^FH^FD>;>800095212340000000006^FS" in zpl_labels(found, dpi=203).data
    assert b"^BY6^BCN,384,N,N,N,N^FH^FD>;>800095212340000000006^FS" in zpl_labels(found, dpi=300).data


def test_a_carton_label_has_the_zones_of_amazons_guide() -> None:
    found = packing()
    (image,) = pages(pdf_labels(found, found.cartons[:1]).data)
    assert [code.text for code in codes(image)] == ["ABCD100000017", "ORDER001", "(00)095212340000000013"]
    text = text_of(pdf_labels(found, found.cartons[:1]).data)
    for told in (
        "SHIP FROM",
        "Mill",
        "Leeds LS1 1AA",
        "SHIP TO",
        "PHX3",
        "6835 W Buckeye Rd",
        "CARRIER UPSN",
        "PRO 123456",
        "BOL ABCD100000017",
        "ASN S-1",
        "ARN 987654",
        "CARTON 1 of 44",
        "PO ORDER001",
        "Vegetable soup",
        "SKU-1 / B000000001",
        "1 case of 6, 6 pieces",
        "SSCC",
        "(00)095212340000000013",
    ):
        assert told in text


def test_a_mixed_carton_says_so_with_its_lots_and_all_orders() -> None:
    found = packing()
    mixed = pdf_labels(found, found.cartons[40:41]).data
    text = text_of(mixed)
    assert "POs ORDER001, ORDER002" in text
    assert "Mixed SKUs: 2 products, 18 pieces" in text
    assert "Lot L7 expires 2027-05-01" in text
    # the shipment's own code stands for all of its orders
    assert [code.text for code in codes(pages(mixed)[0])][:-1] == ["ABCD100000017"]


def test_cases_of_several_sizes_are_counted_in_pieces() -> None:
    found = packing()
    (item,) = found.cartons[0].items
    several = replace(found.cartons[0], items=(item, replace(item, unit_size=4), replace(item, amount=2)))
    all_cases = replace(found.cartons[0], items=(item, replace(item, amount=2)))
    singles = replace(found.cartons[0], items=(replace(item, unit="pieces", unit_size=1, name=None),))
    whole = replace(found, cartons=(several, all_cases, singles), pallets=())
    text = text_of(pdf_labels(whole).data)
    assert "22 pieces" in text
    assert "3 cases of 6, 18 pieces" in text
    assert "1 pieces" in text


def test_the_postal_code_is_coded_within_one_country_only() -> None:
    found = packing()
    home = replace(found, ship_from=replace(found.ship_from, country="US"))
    carton = found.cartons[:1]
    assert codes(pages(pdf_labels(home, carton).data)[0])[0].text == "(420)85043"
    assert all("420" not in code.text for code in codes(pages(pdf_labels(found, carton).data)[0]))
    for odd in ("8504３", "8" * 30):
        other = replace(home, ship_to=replace(home.ship_to, postal_code=odd))
        assert len(codes(pages(pdf_labels(other, carton).data)[0])) == 3


def test_a_pallet_has_two_labels_that_say_what_they_are() -> None:
    found = packing()
    made = pdf_labels(found, found.pallets[1:2])
    first, second = pages(made.data)
    assert first.tobytes() == second.tobytes()
    text = text_of(made.data)
    assert "PALLET 2 of 3" in text
    assert "SSCC OF THE PALLET" in text
    assert "20 cartons" in text
    once = zpl_labels(found, found.pallets, pallet_copies=1)
    assert len(drawn(once.data, 203)) == 3
    assert [sscc_on(image) for image in drawn(zpl_labels(found, found.pallets).data, 203)] == [
        each.sscc.wire for each in found.pallets if each.sscc for _ in range(2)
    ]


def test_all_labels_are_cartons_and_then_pallets() -> None:
    load = Load(pallets=packing_load(4, 2))
    asn = confirmation(load, purchase_order())
    read = [sscc_on(image) for image in pages(pdf_labels(Packing.of(asn)).data)]
    *cartons, first, second = numbers_in(asn)
    assert read == [*cartons, first, first, second, second]


def packing_load(count: int, per_pallet: int) -> Any:
    from spshipping.vendor.asn import stack

    return stack(cartons_of(count), per_pallet).pallets


def test_ship_from_without_an_address_is_its_code() -> None:
    found = replace(packing(), ship_from=Party("W-1"), bill_of_lading=None)
    text = text_of(pdf_labels(found, found.cartons[:1]).data)
    assert "W-1" in text
    assert codes(pages(pdf_labels(found, found.cartons[:1]).data)[0])[0].text == "S-1"


@pytest.mark.long
@pytest.mark.parametrize("language", ["de", "ar", "ja"])
@pytest.mark.parametrize("how", ["pdf", "203", "300"])
@pytest.mark.parametrize("size", ["A6", "4x6"])
def test_names_in_other_scripts_are_drawn_and_harm_no_code(language: str, how: str, size: LabelSize) -> None:
    found = packing(language)
    one = replace(found, cartons=found.cartons[:1], pallets=())
    (image,) = labels_in(one, how, size, fonts=FONTS)
    assert sscc_on(image) == "00095212340000000013"
    bare = replace(one, ship_to=Party("PHX3"))
    (without,) = labels_in(bare, how, size, fonts=FONTS)
    address = (0.45, 0.07, 0.97, 0.2)
    assert ink(image, address) > ink(without, address) + 500
    # and none of it leaves the place: the edge of the label is blank
    assert ink(image, (0.985, 0, 1, 1)) == 0


def test_shaped_text_is_found_in_the_pdf() -> None:
    found = packing("ja")
    assert "山田 太郎 様" in text_of(pdf_labels(found, found.cartons[:1], fonts=FONTS).data)


def test_a_printer_gets_other_scripts_as_a_picture() -> None:
    found = packing("ja")
    zpl = zpl_labels(found, found.cartons[:1], fonts=FONTS).data
    assert zpl.isascii()
    assert zpl.count(b"^GFA") >= 4
    assert "山".encode() not in zpl


def test_without_fonts_latin_is_left_to_the_printers_own_font() -> None:
    found = packing("de")
    zpl = zpl_labels(found, found.cartons[:1]).data
    assert "^FDÖsterreichische Straße 12^FS".encode() in zpl
    assert b"^CI28" in zpl
    assert b"^GFA" not in zpl
    assert b"^GFA" in zpl_labels(found, found.cartons[:1], fonts=FONTS).data


@pytest.mark.parametrize("make", [pdf_labels, zpl_labels])
def test_a_missing_character_is_named_with_the_remedy_and_without_the_name(make: Callable[..., Any]) -> None:
    found = packing("ja")
    with pytest.raises(ConfigurationError) as caught:
        make(found, fonts=[ARABIC])
    assert str(caught.value) == (
        "no font here has the character 'ア' (U+30A2 KATAKANA LETTER A): pass fonts=[...] with one that has"
        " it, such as Noto Sans CJK (Debian: fonts-noto-cjk; PyPI, for Japanese: pylopdf-fonts-jp)"
    )
    with pytest.raises(ConfigurationError, match=r"ARABIC LETTER .* such as Noto Sans Arabic"):
        make(packing("ar"))


def test_a_container_without_an_sscc_has_no_label() -> None:
    code = ContainerCode(ContainerIdentificationType.AMZNCC, "AMZN0001")
    load = Load(cartons=(carton(content()), carton(content("2"), codes=(code,))))
    found = Packing.of(confirmation(load, purchase_order()))
    with pytest.raises(InvalidRequestError, match=r"cartons\[1\]: has no SSCC to print: .*load.coded"):
        pdf_labels(found)
    assert len(pages(pdf_labels(found, found.cartons[:1]).data)) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bill_of_lading": "B" * 60}, "bill_of_lading: is too long for a bar code of this width"),
        ({"bill_of_lading": "Frachtbrief Ä"}, "bill_of_lading: has a character that is in no bar code"),
        (
            {"ship_to": Party("PHX3", tuple("a line of an address" for _ in range(40)))},
            "ship_to_party: is too long for the label: make it shorter",
        ),
    ],
)
def test_what_does_not_fit_is_refused_and_never_cut_off(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        pdf_labels(replace(packing(), **change))


def test_a_long_name_is_broken_and_all_of_it_is_there() -> None:
    word = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft"
    found = replace(packing(), ship_to=Party("PHX3", (f"{word} {word}\n\x00Zürich",)))
    text = text_of(pdf_labels(found, found.cartons[:1]).data)
    assert re.sub(r"\s", "", text).count(word) == 2
    assert "Zürich" in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": "A5"}, "size: is one of A6, 4x6"),
        ({"dpi": 600}, "dpi: is one of 203, 300"),
        ({"pallet_copies": 0}, "pallet_copies: is a whole number above 0"),
        ({"pallet_copies": True}, "pallet_copies: is a whole number above 0"),
        ({"containers": ()}, "containers: has no cartons and no pallets"),
    ],
)
def test_arguments_are_checked(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        zpl_labels(packing(), **options)


def test_a_carton_of_another_shipment_is_refused() -> None:
    other = replace(packing().cartons[0], sscc=Sscc.of(PREFIX, 999))
    with pytest.raises(InvalidRequestError, match="containers: has one that is not of this shipment"):
        pdf_labels(packing(), [other])


def test_labels_are_saved_for_their_owner_alone(tmp_path: Path) -> None:
    found = replace(packing(), identifier="../S 1")
    made = pdf_labels(found, found.cartons[:1])
    path = made.save(tmp_path / "labels")
    assert path.parent == tmp_path / "labels"
    assert re.fullmatch(r"___S_1-[0-9a-f]{8}-labels\.pdf", path.name)
    assert path.read_bytes() == made.data
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert repr(made) == f"PrintedFile(name={made.name!r})"


def test_zpl_is_taken_by_the_rest_of_the_package(tmp_path: Path) -> None:
    found = packing()
    merged = merge_zpl([LabelFile(zpl_labels(found, found.pallets).data)], tmp_path)
    assert [file.pages for file in merged.files] == [6]


@pytest.mark.parametrize("package", ["fpdf", "barcode.codex", "uharfbuzz"])
def test_without_the_extra_the_error_names_it(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    name = package.partition(".")[0]
    with pytest.raises(
        ConfigurationError, match=rf'documents need {name}: pip install "spshipping\[vendor-tools\]"'
    ):
        pdf_labels(replace(packing("ja"), identifier="fresh"), fonts=FONTS)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20))
def test_any_text_that_code_128_has_comes_back(text: str) -> None:
    symbol = Symbol(text)
    assert symbol.is_encodable
    image = Image.new("L", ((symbol.modules + 20) * 3, 60), 255)
    for start, width in symbol.bars():
        assert start + width <= symbol.modules
        image.paste(0, ((start + 10) * 3, 0, (start + width + 10) * 3, 60))
    assert [code.text for code in codes(image)] == [text]
    size = (symbol.modules + 20) * 3
    zpl = b"^XA^CI28^PW%d^LL100^FO30,10^BY3^BCN,80,N,N,N,N^FH^FD%s^FS^XZ" % (size, symbol.field_data())
    (printed,) = drawn(zpl, 203)
    assert [code.text for code in codes(printed)] == [text]


@given(st.integers(0, 10**9 - 1), st.integers(0, 9))
def test_another_library_agrees_with_each_code(serial: int, extension: int) -> None:
    sscc = Sscc.of(PREFIX, serial, extension=extension)
    symbol = Symbol.of_sscc(sscc)
    assert symbol.modules == 156
    image = Image.new("L", (176, 40), 255)
    for start, width in symbol.bars():
        image.paste(0, (start + 10, 0, start + width + 10, 40))
    (code,) = codes(image)
    message = biip.parse(code.bytes.decode()).gs1_message
    assert message is not None
    found = message.element_strings.filter(ai="00")[0].sscc
    assert found is not None
    assert found.value == sscc.digits


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_thousands_of_codes_come_back_from_pdf_and_zpl() -> None:
    asn = confirmation(
        Load(cartons=tuple(carton(content(str(1 + n % 40))) for n in range(LABELS))), purchase_order()
    )
    found, told = Packing.of(asn), numbers_in(asn)
    assert len(set(told)) == LABELS
    assert [sscc_on(image) for image in each_page(pdf_labels(found).data)] == told
    for dpi in (203, 300):
        for start in range(0, LABELS, 50):
            written = zpl_labels(found, found.cartons[start : start + 50], size="4x6", dpi=dpi)
            assert [sscc_on(image) for image in drawn(written.data, dpi)] == told[start : start + 50]


def named(name: str) -> Packing:
    """Return a shipment of one carton, with a product of this name."""
    asn = confirmation(loose(content()), purchase_order())
    return Packing.of(asn, names={"SKU-1": name})


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("soft\u00adhyphen", "softhyphen"),
        ("zero\u200bwidth", "zerowidth"),
        ("\u202eturned", "turned"),
        ("\ufeffmarked", "marked"),
        ("Gemu\u0308se", "Gemüse"),
        ("one\x9btwo", "one two"),
        ("page {nb} of", "page {nb} of"),
    ],
)
def test_invisible_characters_need_no_font(name: str, shown: str) -> None:
    assert shown in text_of(pdf_labels(named(name)).data)
    assert f"^FD{shown}^FS".encode() in zpl_labels(named(name)).data


@pytest.mark.parametrize("name", ["\u200b", "\u202e", " \u00ad\u200f "])
def test_a_name_of_invisible_characters_is_none(name: str) -> None:
    assert zpl_labels(named(name)).data == zpl_labels(named("")).data
    assert len(pages(pdf_labels(named(name)).data)) == 1


def test_the_character_that_needs_a_font_is_named() -> None:
    for made in (pdf_labels, zpl_labels):
        with pytest.raises(ConfigurationError, match="U\\+1F600 GRINNING FACE"):
            made(named("Soup \U0001f600"))


def test_a_blank_postal_code_has_no_bar_code() -> None:
    found = named("Soup")
    here = replace(found, ship_to=replace(found.ship_to, postal_code=" ", country=found.ship_from.country))
    (image,) = pages(pdf_labels(here).data)
    assert not any(each.text.startswith(("420", "(420)")) for each in codes(image))


def test_commands_of_a_printer_in_a_name_are_text() -> None:
    data = zpl_labels(named("^XZ~JA^XA^FO0,0^FDhack _5E")).data
    assert (data.count(b"^XA"), data.count(b"^XZ"), data.count(b"~")) == (1, 1, 0)
