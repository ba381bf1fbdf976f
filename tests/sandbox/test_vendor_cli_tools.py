"""`spshipping vendor offers`, `documents` and `match`, against the local SP-API."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from pypdfium2 import PdfDocument

from spshipping.vendor.orders import Order
from tests.sandbox.vendor_cli import Vendor, accepted, is_delivered, packing

pytestmark = pytest.mark.dates


def first_line(order: Order) -> Any:
    assert order.order_details is not None
    return order.order_details.items[0]


def offered(vendor: Vendor, order: Order) -> str:
    """Write offers, of which one has what an order wants, and return the file."""
    line = first_line(order)
    rows = [
        "offer,asin,quantity,price,currency",
        f"D-17,{line.amazon_product_identifier},50000,{line.net_cost.amount},{line.net_cost.currency_code}",
        "D-17,B0EXAMPLE1,200,12.50,USD",
        "D-18,B0EXAMPLE2,10,1.00,USD",
    ]
    return vendor.write("offers.csv", "\n".join(rows))


def test_an_offer_is_approved_in_stages_answered_and_matched(vendor: Vendor) -> None:
    order = vendor.new_order(is_delivered)
    number = order.purchase_order_number
    path = offered(vendor, order)
    received = ("offers", "receive", path, "--stage", "sales", "--stage", "finance")
    assert vendor.run(*received).stdout == "✓ 2 new: D-17, D-18\n"
    assert vendor.json(*received) == {"new": [], "known": ["D-17", "D-18"]}
    assert "Known before: D-17, D-18" in vendor.run(*received).stdout
    take = ("--take", "2=0", "--reason", "out of stock")
    sales = vendor.json("offers", "approve", "D-17", "sales", "--by", "m.lopez", *take, "--note", "checked")
    assert (sales["state"], sales["next_stage"]) == ("pending", "finance")
    early = vendor.json("offers", "response", "D-17", "--to", str(vendor.folder / "D-17.csv"), code=1)
    assert "waits for the stage 'finance'" in early["message"]
    again = vendor.json("offers", "approve", "D-17", "sales", "--by", "m.lopez", code=1)
    assert again["error"] == "InvalidRequestError"
    printed = vendor.run("offers", "approve", "D-17", "finance", "--by", "k.tanaka").stdout
    assert printed.startswith("D-17: approved\n  sales: approved by m.lopez, ")
    declined = vendor.json("offers", "decline", "D-18", "sales", "--by", "m.lopez", "--reason", "too few")
    assert declined["state"] == "declined"
    assert "sales: declined by m.lopez" in vendor.run("offers", "show", "D-18").stdout
    listed = vendor.rows("offers", "list")
    assert [(each["offer"], each["state"]) for each in listed] == [("D-17", "approved"), ("D-18", "declined")]
    assert [line["taken"] for line in listed[0]["lines"]] == [50000, 0]
    assert vendor.rows("offers", "list", "--open") == []
    assert "approved" in vendor.run("offers", "list").stdout
    answer = vendor.folder / "D-17.json"
    found = vendor.json("offers", "response", "D-17", "--to", str(answer))
    assert [line["answer"] for line in json.loads(answer.read_text("utf-8"))["lines"]] == [
        "accepted",
        "declined",
    ]
    assert found["lines"][1]["reason"] == "out of stock"
    assert str(answer) in vendor.run("offers", "response", "D-17", "--to", str(answer)).stdout
    blocked = vendor.json("offers", "response", "D-17", "--to", f"{answer}/x.json", code=1)
    assert blocked["error"] == "ConfigurationError"
    vendor.run("import")
    report = vendor.folder / "report.csv"
    matched = vendor.json("offers", "match", number, "--price-tolerance", "1", "--to", str(report))
    assert [(each["offer"], each["purchase_order"]) for each in matched["matched"]] == [("D-17", number)]
    assert matched["open"][0]["offer"] == "D-17"
    with report.open(newline="", encoding="utf-8") as file:
        assert len(list(csv.reader(file))) > 1
    table = vendor.run("offers", "match", number).stdout
    assert "by items" in table
    assert "not matched: " in table
    assert "nobody has ordered it yet" in table
    assert vendor.json("offers", "release", number) == {"released": number}
    assert f"✓ Nothing of {number}" in vendor.run("offers", "release", number).stdout
    assert "was not imported" in vendor.json("offers", "match", "XXXXXXXX", code=1)["message"]


def test_no_name_of_who_decides_reaches_the_terminal_as_a_command(vendor: Vendor) -> None:
    vendor.run(
        "offers", "receive", vendor.write("o.csv", "offer,asin,quantity,price,currency\nD,B0,1,1,USD\n")
    )
    for by in ("\x1b[31mred", "two\nlines"):
        refused = vendor.json("offers", "approve", "D", "approval", "--by", by, code=1)
        assert refused["message"].startswith("by: has control characters")
    assert vendor.json("offers", "show", "D")["approvals"] == []


def test_pieces_that_are_none_are_refused(vendor: Vendor) -> None:
    wrong = vendor.json("offers", "approve", "D-17", "sales", "--by", "me", "--take", "2", code=2)
    assert "'2' is not like 2=40" in wrong["message"]
    for percent in ("nan", "101", "-1", "1e2"):
        wrong = vendor.json("offers", "match", "--price-tolerance", percent, code=2)
        assert f"'{percent}' is no number from 0 to 100" in wrong["message"]


def codes_in(path: Path) -> set[str]:
    """Return the SSCCs that a decoder reads from the labels of a PDF."""
    document = PdfDocument(path)
    try:
        found = [
            each.text for page in document for each in zxingcpp.read_barcodes(page.render(scale=4).to_pil())
        ]
    finally:
        document.close()
    digits = {text.replace("(00)", "00") for text in found}
    return {each[2:] for each in digits if len(each) == 20 and each.startswith("00")}


def wired(document: dict[str, Any]) -> set[str]:
    """Return the SSCCs of a shipment confirmation."""
    containers = [
        *(each["cartonIdentifiers"] for each in document.get("cartons", ())),
        *(each["palletIdentifiers"] for each in document.get("pallets", ())),
    ]
    return {code["containerIdentificationNumber"][2:] for codes in containers for code in codes}


def test_labels_have_the_codes_of_the_confirmation_before_and_after_it_is_submitted(vendor: Vendor) -> None:
    number = accepted(vendor)
    folder = vendor.folder / "labels"
    words = ("documents", "labels", "S-1", "--to", str(folder))
    assert "was neither submitted nor prepared" in vendor.json(*words, code=1)["message"]
    path = vendor.write("packing.json", json.dumps(packing(vendor, number)))
    checked = vendor.json("ship", path, "--dry-run")
    names = vendor.write("names.csv", "product,name\nB0EXAMPLE1,Lamp\n")
    (prepared,) = vendor.json(*words, "--pallet-copies", "1", "--names", names)["files"]
    codes = wired(checked["document"])
    assert codes_in(Path(prepared)) == codes
    vendor.run("ship", path, "--yes")
    printed = vendor.run(*words, "--zpl", "--size", "4x6", "--dpi", "300").stdout
    (zpl,) = folder.glob("*.zpl")
    assert printed == f"✓ {zpl}\n"
    assert all(code.encode() in zpl.read_bytes() for code in codes)


def test_the_match_names_what_was_received_short(vendor: Vendor) -> None:
    number = accepted(vendor)
    path = vendor.write("packing.json", json.dumps(packing(vendor, number)))
    vendor.run("ship", path, "--yes", "--wait", "1h")
    vendor.sandbox.receiving.add_fault("short", "S-1", amount=1)
    vendor.sandbox.clock.advance(5 * 86_400)
    words = ("match", number, "--patience", "1s")
    found = vendor.json(*words, "--fetch")
    kinds = [each["kind"] for line in found["lines"] for each in line["differences"]]
    assert kinds == ["short received"]
    report = vendor.folder / "differences.csv"
    text = vendor.run(*words, "--to", str(report)).stdout
    assert number in text
    assert "S-1" in text
    assert "short received" in report.read_text("utf-8")
    invoices = vendor.write(
        "invoices.csv", f"invoice,purchase_order,line,quantity,price,currency\nI-1,{number},1,1,1.00,USD\n"
    )
    invoiced = vendor.json(*words, "--invoices", invoices)
    assert {each["kind"] for line in invoiced["lines"] for each in line["differences"]} > {"short received"}


def test_packing_documents_are_made_for_each_order_and_for_the_shipment(vendor: Vendor) -> None:
    number = accepted(vendor)
    vendor.run("ship", vendor.write("packing.json", json.dumps(packing(vendor, number))), "--dry-run")
    folder = vendor.folder / "papers"
    words = ("documents", "packing", "S-1", "--to", str(folder))
    found = vendor.json(*words, "--html")["files"]
    kinds = ["carton-contents", "pallet-list", "delivery-note"]
    assert [Path(path).name for path in found] == [
        *(f"S-1-{number}-{kind}.html" for kind in kinds),
        *(f"S-1-{kind}.html" for kind in kinds),
    ]
    template = vendor.write("mine.html", "<p>{{ shipment.identifier }} of {{ purchase_order }}</p>")
    mine = vendor.json(*words, "--template", template, "--order", number, "--html")["files"]
    assert f"S-1 of {number}" in Path(mine[0]).read_text("utf-8")
    (note,) = vendor.json(*words, "--kind", "delivery-note", "--order", number, "--paper", "LETTER")["files"]
    assert Path(note).read_bytes().startswith(b"%PDF")
    alike = vendor.write("delivery-note.html", "mine")
    both = ("--kind", "delivery-note", "--template", alike, "--order", number, "--html")
    before = Path(found[2]).read_bytes()
    refused = vendor.json(*words, *both, code=1)["message"]
    assert refused.startswith(
        f"S-1-{number}-delivery-note.html: is what two of these documents would be called"
    )
    assert Path(found[2]).read_bytes() == before
    plain = vendor.write("plain.html", "{{ '<b>bold</b>' | striptags }}")
    (stripped,) = vendor.json(*words, "--template", plain, "--order", number, "--html")["files"]
    assert Path(stripped).read_text("utf-8") == "bold"
    broken = vendor.write("broken.html", "{{ nothing.here }}")
    assert vendor.json(*words, "--template", broken, "--html", code=1)["error"] == "InvalidRequestError"
    missing = vendor.json(*words, "--template", str(vendor.folder / "none.html"), code=1)
    assert missing["error"] == "ConfigurationError"
