"""Packing documents: what they show, on each paper and in each script."""

import base64
import json
import re
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from spshipping.errors import ConfigurationError, InvalidRequestError
from spshipping.vendor.asn import Load, PackedPallet
from spshipping.vendor.tools.documents import (
    DocumentKind,
    FontFace,
    Limits,
    Packing,
    Paper,
    Template,
    html_document,
    pdf_document,
    pdf_documents,
    rendering,
)
from tests.unit.vendor.asn.warehouse import content
from tests.unit.vendor.tools.goods import (
    ARABIC,
    FONTS,
    JAPANESE,
    cartons_of,
    confirmation,
    packing,
    pages,
    purchase_order,
    text_of,
)

CONTENTS, PALLETS, NOTE = DocumentKind
MM = {"A4": (210, 297), "LETTER": (216, 279), "A6": (105, 148), "4x6": (102, 152)}


def small(lines: int = 2) -> Packing:
    orders = [purchase_order(lines=lines)]
    return Packing.of(confirmation(Load(cartons=tuple(cartons_of(lines))), *orders), orders=orders)


def shown(html: bytes) -> str:
    """Return the text of a document, without its marks and styles."""
    body = html.decode().partition("<body>")[2]
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


@pytest.mark.long
@pytest.mark.parametrize("paper", ["A4", "LETTER", "A6", "4x6"])
def test_forty_lines_stand_on_each_paper(paper: Paper) -> None:
    made = pdf_document(packing(), NOTE, purchase_order="ORDER001", paper=paper, fonts=FONTS)
    with pypdfium2.PdfDocument(made.data) as document:
        sizes = {
            (round(page.get_width() / 72 * 25.4), round(page.get_height() / 72 * 25.4)) for page in document
        }
        count = len(document)
    assert sizes == {MM[paper]}
    text = text_of(made.data)
    assert re.findall(r"SKU-(\d+)", text) == [str(number) for number in range(1, 41)]
    assert f"Page {count} of {count}" in text
    assert "3 pallets, 41 cartons, 4932 pieces" in text


@pytest.mark.long
@pytest.mark.parametrize(
    ("language", "name"), [("ja", "野菜スープ（大）"), ("de", "Österreichische Straße 12"), ("ar", "12211")]
)
def test_names_in_each_script_are_in_the_pdf(language: str, name: str) -> None:
    found = packing(language)
    one = replace(found, cartons=found.cartons[:1], pallets=())
    made = pdf_document(one, CONTENTS, paper="A6", language=language, fonts=FONTS)
    assert name in text_of(made.data)
    # the code of the carton is there to be scanned, too
    assert "(00)095212340000000013" in [code.text for code in zxingcpp.read_barcodes(pages(made.data)[0])]


def test_the_contents_of_each_carton_are_listed() -> None:
    text = shown(html_document(packing(), CONTENTS).data)
    assert text.startswith(
        "Carton contents Ship from Mill 1 Mill Lane Leeds LS1 1AA GB Ship to PHX3 Amazon.com"
    )
    assert "Shipment (ASN) S-1 Vendor code ABCD1 Purchase orders ORDER001, ORDER002 Bill of lading" in text
    assert "Shipped on 2026-11-30 Arrives on 2026-12-02" in text
    assert (
        "Carton 1 of 44, on pallet 1 (00)095212340000000013 PO Product Name Quantity Pieces"
        " ORDER001 SKU-1 B000000001 Vegetable soup 1 case of 6 6"
    ) in text
    assert "ORDER002 SKU-2 B000000002 Lot L7 expires 2027-05-01 1 case of 6 6" in text
    assert text.count(" of 44, on pallet ") == 44


def test_a_document_for_one_order_has_that_order_alone() -> None:
    text = shown(html_document(packing(), CONTENTS, purchase_order="ORDER002").data)
    assert "Purchase order ORDER002" in text
    assert "ORDER001" not in text
    # the mixed carton keeps its number, and so do those after it
    assert re.findall(r"Carton (\d+) of 44", text) == ["41", "42", "43", "44"]


def test_the_delivery_note_adds_up_each_line_of_each_order() -> None:
    text = shown(html_document(packing(), NOTE).data)
    first, second = text.split("Purchase order ORDER001")[1].split("Purchase order ORDER002")
    assert "SKU-1 B000000001 Vegetable soup 3 cases of 6 18" in first
    assert "SKU-2 B000000002 2 cases of 6 12" in second
    assert "SKU-2 B000000002 Lot L7 expires 2027-05-01 1 case of 6 6" in second
    assert text.endswith("3 pallets, 44 cartons, 4974 pieces Date Received by")


def test_a_pallet_lists_its_cartons_or_its_goods() -> None:
    found = packing()
    text = shown(html_document(found, PALLETS).data)
    pallet, carton = found.pallets[2].sscc, found.cartons[40].sscc
    assert pallet is not None
    assert f"Pallet 3 of 3 {pallet.printed} Carton SSCC PO Pieces 41 {carton} ORDER001, ORDER002 18" in text
    goods = packing(load=Load(pallets=(PackedPallet(contents=(content("1", 4),)),)))
    text = shown(html_document(goods, PALLETS).data)
    assert "ORDER001 SKU-1 B000000001 Vegetable soup 4 cases of 6 24" in text
    assert "1 pallet, 24 pieces" in shown(html_document(goods, NOTE).data)
    assert "No cartons." in shown(html_document(goods, CONTENTS).data)


def test_containers_without_a_code_and_parties_without_an_address_are_shown_too() -> None:
    found = small(1)
    bare = replace(
        found,
        ship_from=replace(found.ship_from, lines=()),
        cartons=(replace(found.cartons[0], sscc=None),),
        shipped_at=None,
    )
    html = html_document(bare, CONTENTS).data
    assert "Ship from W-1" in shown(html)
    assert b"<img" not in html
    assert "Shipped on" not in shown(html)


def test_all_documents_are_made_for_each_order_and_for_the_group(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(rendering, "write_pdf", lambda *_: base64.b64encode(b"%PDF-"))  # which takes long
    found = packing()
    one = replace(found, cartons=found.cartons[40:41], pallets=())
    made = list(pdf_documents(one, paper="A6", fonts=FONTS))
    assert [each.name for each in made] == [
        "S-1-ORDER001-carton-contents.pdf",
        "S-1-ORDER001-delivery-note.pdf",
        "S-1-ORDER002-carton-contents.pdf",
        "S-1-ORDER002-delivery-note.pdf",
        "S-1-carton-contents.pdf",
        "S-1-delivery-note.pdf",
    ]
    path = made[0].save(tmp_path)
    assert path.read_bytes().startswith(b"%PDF-")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_template_of_ones_own_reads_the_same_values(tmp_path: Path) -> None:
    file = tmp_path / "gate pass.v2.html"
    file.write_text(
        '\ufeff{% extends "page.html" %}{% block title %}Gate pass{% endblock %}'
        "{% block body %}{{ shipment.identifier }} on {{ paper.name }}: {{ totals | tojson }}{% endblock %}"
    )
    template = Template.read(file)
    made = html_document(small(), template, paper="A6", language="de")
    assert re.fullmatch(r"S-1-gate_pass-\w{8}\.html", made.name)
    assert b'<html lang="de">' in made.data
    assert shown(made.data).startswith("Gate pass Ship from Mill")
    assert shown(made.data).endswith('S-1 on A6: {"cartons": 2, "pallets": 0, "pieces": 18}')
    assert "extends" not in repr(template)


def test_values_are_no_marks_of_html() -> None:
    found = replace(small(1), ship_to=replace(small(1).ship_to, lines=("<script>alert(1)</script>",)))
    html = html_document(found, NOTE).data
    assert b"<script>" not in html
    assert b"&lt;script&gt;" in html


def test_what_templates_read_is_json() -> None:
    template = Template(
        "all", "{% autoescape false %}{{ [shipment, cartons, pallets, totals] | tojson }}{% endautoescape %}"
    )
    shipment, cartons, _, totals = json.loads(html_document(small(), template).data)
    assert shipment["identifier"] == "S-1"
    assert [each["sscc"] for each in cartons] == ["095212340000000006", "095212340000000013"]
    assert totals == {"cartons": 2, "pallets": 0, "pieces": 18}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"paper": "A5"}, "paper: is one of A4, LETTER, A6, 4x6"),
        ({"purchase_order": "ORDER009"}, "purchase_order: is none of this shipment"),
        ({"template": PALLETS}, "packing: has no pallets to list"),
        ({"limits": Limits(seconds=0)}, "limits: are numbers above 0"),
        ({"limits": Limits(wait=float("nan"))}, "limits: are numbers above 0"),
        ({"limits": Limits(memory_mib=0)}, "limits: are numbers above 0"),
    ],
)
def test_arguments_are_checked(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        html_document(small(1), **{"template": NOTE, **options})


def test_a_template_must_be_text(tmp_path: Path) -> None:
    (tmp_path / "odd.html").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidRequestError, match="template: is not UTF-8: save it as UTF-8"):
        Template.read(tmp_path / "odd.html")
    with pytest.raises(FileNotFoundError):
        Template.read(tmp_path / "gone.html")


def test_fonts_are_checked_before_anything_is_rendered(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="fonts: has one that is not the first of its collection"):
        pdf_document(small(1), NOTE, fonts=[FontFace(JAPANESE, 1)])
    with pytest.raises(ConfigurationError, match=r"gone\.ttf cannot be read"):
        pdf_document(small(1), NOTE, fonts=[ARABIC, tmp_path / "gone.ttf"])


def test_a_character_that_no_font_has_is_named() -> None:
    # it is in the private use area: no font of the system has it
    found = replace(small(1), ship_to=replace(small(1).ship_to, lines=("Secret \U0010fffd name",)))
    with pytest.raises(ConfigurationError) as caught:
        pdf_document(found, NOTE, fonts=FONTS)
    assert str(caught.value).startswith(
        "no font here has the character (U+10FFFD without a name): install one"
    )
    assert "Secret" not in str(caught.value)
