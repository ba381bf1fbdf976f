"""The example of a vendor's connection with all of its page, run end to end against the local SP-API."""

import importlib.util
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import zxingcpp
from pypdfium2 import PdfDocument

from spshipping.vendor.ledger import SqliteLedger, SubmissionKind, SubmissionState
from spshipping.vendor.ledger.entry import Entry, Whose
from spshipping.vendor.orders import Order
from tests.sandbox.vendor_cli import Vendor, is_small

pytestmark = pytest.mark.dates

EXAMPLE = Path(__file__).parents[2] / "examples" / "vendor_connection.py"
FIELDS = ("client_id", "client_secret", "refresh_token", "endpoint", "token_url")


@pytest.fixture(scope="module")
def example() -> Any:
    spec = importlib.util.spec_from_file_location("vendor_connection", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def submissions(folder: Path) -> list[Entry]:
    """Return what was submitted, wherever."""
    with closing(SqliteLedger(folder / "ledger.db")) as ledger:
        with closing(sqlite3.connect(folder / "ledger.db")) as connection:
            ((place,),) = connection.execute("select distinct place from submissions")
        return list(ledger.entries(Whose(place)))


def codes_of(entry: Entry) -> set[str]:
    """Return the SSCCs of a shipment confirmation."""
    (notice,) = json.loads(entry.body)["shipmentConfirmations"]
    found = [code for each in notice["cartons"] for code in each["cartonIdentifiers"]]
    found += [code for each in notice["pallets"] for code in each["palletIdentifiers"]]
    return {code["containerIdentificationNumber"] for code in found}


def read_from(path: Path) -> set[str]:
    """Return what a decoder reads of the SSCCs in a PDF of labels."""
    document = PdfDocument(path)
    try:
        texts = [
            each.text.replace("(00)", "00")
            for page in document
            for each in zxingcpp.read_barcodes(page.render(scale=3).to_pil())
        ]
    finally:
        document.close()
    return {text for text in texts if len(text) == 20 and text.startswith("00")}


@pytest.mark.long
def test_the_trial_goes_from_the_page_to_goods_received_without_a_defect(
    example: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert example.main(["--trial", "--folder", str(tmp_path)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[-2:] == ["No differences.", "Defects: none"]
    said = "\n".join(told)
    assert "Offer D-17: approved" in said
    assert "lines belong to offers" in said
    assert "in progress, payment open, invoice, tax 8.25 %; Amazon: taken" in said
    assert "  credit for out of stock: " in said
    assert "no rule of ship_to covers TUS1" in said
    assert (tmp_path / "D-17-response.csv").read_text("utf-8").count("accepted") == 10
    answers, notice = submissions(tmp_path)
    assert (answers.scope.kind, answers.state) == (SubmissionKind.ACKNOWLEDGEMENT, SubmissionState.CONFIRMED)
    assert notice.state is SubmissionState.CONFIRMED
    (labels,) = (tmp_path / "papers").glob("*-labels.pdf")
    assert read_from(labels) == codes_of(notice)
    zpl = next((tmp_path / "papers").glob("*.zpl")).read_text("latin-1")
    assert all(code in zpl for code in codes_of(notice))
    assert len(list((tmp_path / "papers").glob("*.pdf"))) == 7


@pytest.fixture
def run(example: Any, vendor: Vendor) -> Callable[..., int]:
    """Run the example by its own page, with the connection of the sandbox."""
    facts = {name: vendor.environ[f"SPSHIPPING_{name.upper()}"] for name in FIELDS}

    def begin(*words: str, page: Path = example.PAGE) -> int:
        given = [str(page), "--folder", str(vendor.folder), *words]
        return int(example.main(given, vendor.clock, **facts))

    return begin


def is_picked_up(order: Order) -> bool:
    return bool(order.order_details and order.order_details.ship_window)


@pytest.mark.long
def test_each_step_is_a_run_of_its_own(
    run: Callable[..., int], vendor: Vendor, capsys: pytest.CaptureFixture[str]
) -> None:
    offers = vendor.write("offers.csv", "offer,asin,quantity,price,currency\nD-1,B0EXAMPLE1,5,1.00,USD\n")
    assert run("--offers", offers) == 0
    assert "Received: D-1" in capsys.readouterr().out
    assert run("--offers", offers, "--approve", "D-1", "sales", "m.lopez") == 0
    told = capsys.readouterr().out
    assert "Received: nothing new" in told
    assert "Offer D-1: pending, finance is next" in told
    assert run("--approve", "D-1", "sales", "m.lopez") == 1
    assert "InvalidRequestError: " in capsys.readouterr().err
    number = vendor.new_order(is_small).purchase_order_number
    assert run("--order", number) == 0
    assert f"Shipped as S-{number}; Amazon: taken" in capsys.readouterr().out
    vendor.clock.sleep(5 * 86_400)
    assert run("--compare", number) == 0
    assert "No differences." in capsys.readouterr().out
    assert vendor.sandbox.receiving.defects() == []
    picked_up = vendor.new_order(is_picked_up).purchase_order_number
    assert run("--order", picked_up) == 1
    assert "Amazon picks it up" in capsys.readouterr().err


def test_nothing_is_shipped_before_the_answers_are_taken(
    example: Any, make_vendor: Callable[..., Vendor], capsys: pytest.CaptureFixture[str]
) -> None:
    vendor = make_vendor(lost=1.0)
    facts = {name: vendor.environ[f"SPSHIPPING_{name.upper()}"] for name in FIELDS}
    number = vendor.new_order(is_small).purchase_order_number
    given = [str(example.PAGE), "--folder", str(vendor.folder), "--order", number]
    assert example.main(given, vendor.clock, **facts) == 0
    assert "Nothing is shipped before Amazon has taken the answers." in capsys.readouterr().out
    assert vendor.count("SubmitShipmentConfirmations") == 0


def test_a_page_that_lacks_something_is_an_error_that_names_it(
    example: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.toml"
    page.write_text(example.PAGE.read_text("utf-8").replace("gs1_prefix", "prefix"), "utf-8")
    assert example.main([str(page)]) == 1
    assert "'gs1_prefix' is missing" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        example.main([])
    assert "state the page, or --trial" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("currency", "=", "TOMLDecodeError: "),
        ("[connections.vendor]", "[connection.vendor]", "'connections' is missing"),
        ("price_tolerance = 1", "price_tolerance = 'x'", "InvalidOperation: "),
        ("price_tolerance = 1", "price_tolerance = nan", "tolerance.price: is a Decimal from 0 to 1"),
        ("in_stock = 5", "in_stock = 'many'", "ValueError: "),
        ("[bulk_buy]", "bulk_buy = 3\n[bulk]", "bulk_buy"),
    ],
)
def test_a_page_with_something_wrong_is_one_line(
    example: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], before: str, after: str, fault: str
) -> None:
    page = tmp_path / "page.toml"
    page.write_text(example.PAGE.read_text("utf-8").replace(before, after), "utf-8")
    assert example.main([str(page)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("ConfigurationError: ")
    assert fault in error
    assert example.main([str(tmp_path / "none.toml")]) == 1
    assert "No such file" in capsys.readouterr().err
