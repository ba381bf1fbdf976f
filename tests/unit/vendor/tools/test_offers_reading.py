"""Bulk buy offers, read from CSV and JSON: every fault names its row and column."""

import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from spshipping import InvalidRequestError
from spshipping.csv_text import csv_rows
from spshipping.vendor.tools import read_offers
from spshipping.vendor.tools.offers import OfferLine, offers_from_csv, offers_from_json


def refused(message: str) -> Any:
    return pytest.raises(InvalidRequestError, match=message)


def test_offers_are_read_from_csv_with_any_separator() -> None:
    for separator in ",;\t":
        text = (
            "\ufeffOffer,Deal_Code,asin,product, quantity ,price,currency,vendor_code\r\n"
            "D-1,DEAL7,B0A,,10,12.50,EUR,V1\r\n"
            "\r\n"
            "D-2,,,880,5,1,EUR,\r\n"
            "D-1,DEAL7,B0B,881,20,3.5,EUR,V1\r\n"
        )
        first, second = offers_from_csv(text.replace(",", separator))
        assert (first.number, first.deal_code, first.vendor_code, first.currency) == (
            *("D-1", "DEAL7", "V1"),
            "EUR",
        )
        assert first.lines[1] == OfferLine(
            number=2,
            quantity=20,
            price=Decimal("3.5"),
            amazon_product_identifier="B0B",
            vendor_product_identifier="881",
        )
        assert (second.deal_code, second.lines[0].amazon_product_identifier) == (None, None)


HEAD = "offer,asin,quantity,price,currency\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "row 1: has no column offer, quantity, price, currency"),
        ("offer,quantity,price,currency,colour\n", "row 1: has columns that are not known: colour; offer,"),
        ("offer,quantity,price,currency,price\n", "row 1: has the column price twice"),
        (HEAD + 'D-1,"B0', "is no CSV"),
        (HEAD + "D-1,B0A,1,2,EUR,3", "row 2: has 6 cells, and there are 5 columns"),
        (HEAD + ",B0A,1,2,EUR", "row 2, column offer: is missing"),
        (HEAD + '"D\n1",B0A,1,2,EUR', "row 2, column offer: has line breaks or control characters"),
        (HEAD + "D-1,,1,2,EUR", "row 2, column asin: is missing, and so is product"),
        (HEAD + "D-1,B0A,1.5,2,EUR", "row 2, column quantity: must be a whole number above 0"),
        (HEAD + "D-1,B0A,,2,EUR", "row 2, column quantity: is missing"),
        (HEAD + "D-1,B0A", "row 2, column price: is missing"),
        (HEAD + 'D-1,B0A,1,"2,50",EUR', "row 2, column price: must be an amount above 0, with a point"),
        (HEAD + "D-1,B0A,1,1.2.3,EUR", "row 2, column price: must be an amount above 0, with a point"),
        (HEAD + "D-1,B0A,1,0,EUR", "row 2, column price: must be an amount above 0, with a point"),
        (HEAD + "D-1,B0A,1,2,euro", "row 2, column currency: must be three capital letters, such as EUR"),
        (
            HEAD + "D-1,B0A,1,2,EUR\nD-1,B0B,1,2,USD",
            "row 3, column currency: differs from the first row of offer D-1",
        ),
    ],
)
def test_a_fault_of_a_csv_names_row_and_column(text: str, message: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        offers_from_csv(text, source="o.csv")
    assert message in str(caught.value)
    assert str(caught.value).startswith("o.csv: ")


def test_a_file_with_many_faults_is_told_up_to_a_number() -> None:
    with pytest.raises(InvalidRequestError, match=r"; and 5 more$") as caught:
        offers_from_csv(HEAD + "D-1,B0A,1,x,EUR\n" * 25)
    assert str(caught.value).count("column price") == 20


def test_offers_are_read_from_json() -> None:
    (found,) = offers_from_json(
        '[{"offer": "D-1", "currency": "EUR", "deal_code": "X",'
        ' "lines": [{"asin": "B0A", "quantity": 3, "price": 12.50},'
        ' {"product": "8", "quantity": "4", "price": "1"}]}]'
    )
    assert found.deal_code == "X"
    assert [(each.number, each.quantity, each.price) for each in found.lines] == [
        (1, 3, Decimal("12.50")),
        (2, 4, Decimal(1)),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "o.json: is no JSON list of offers"),
        ("{}", "o.json: is no JSON list of offers"),
        ("[1]", "[0]: must be an object"),
        ('[{"offer": "D", "currency": "EUR"}]', "[0].lines: must be a list of lines"),
        ('[{"offer": "D", "currency": "EUR", "lines": []}]', "[0].lines: must be a list of lines"),
        ('[{"offer": 7, "currency": "EUR", "lines": [3]}]', "[0].offer: must be text; [0].lines[0]: must be"),
        ('[{"ofer": "D", "currency": "EUR", "lines": [1]}]', "[0].ofer: is not known; known are offer,"),
        (
            '[{"offer": "D", "currency": "EUR", "lines": [{"asin": "B", "quantity": true, "price": []}]}]',
            "[0].lines[0].quantity: must be a whole number above 0; [0].lines[0].price: must be an amount",
        ),
        (
            '[{"offer": "D", "currency": "EUR",'
            ' "lines": [{"asin": "B", "quantity": 1, "price": 1, "x": 1}]}]',
            "[0].lines[0].x: is not known; known are asin, product, quantity, price",
        ),
        (
            '[{"offer": "D", "currency": "EUR", "lines": [{"asin": "B", "quantity": 1, "price": 1}]},'
            ' {"offer": "D", "currency": "EUR", "lines": [{"asin": "B", "quantity": 1, "price": 1}]}]',
            "[1].offer: is there twice",
        ),
    ],
)
def test_a_fault_of_a_json_names_its_place(text: str, message: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        offers_from_json(text, source="o.json")
    assert message in str(caught.value)


def test_a_file_is_read_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text(HEAD + "D-1,B0A,1,2,EUR", "utf-8")
    (tmp_path / "o.json").write_text(
        '[{"offer": "D-1", "currency": "EUR", "lines": [{"asin": "B0A", "quantity": 1, "price": 2}]}]',
        "utf-8",
    )
    assert read_offers(tmp_path / "o.csv") == read_offers(tmp_path / "o.json")
    (tmp_path / "o.csv").write_bytes(b"\xff")
    with refused("is not UTF-8: save it as CSV UTF-8"):
        read_offers(tmp_path / "o.csv")
    with refused("cannot be read"):
        read_offers(tmp_path / "missing.csv")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("amount", ["1.000", "12.500", "1.000.000"])
def test_thousands_are_never_read_as_decimals(separator: str, amount: str) -> None:
    head = separator.join(("offer", "asin", "quantity", "price", "currency"))
    for quantity, price, column in ((amount, "1", "quantity"), ("1", amount, "price")):
        text = f"{head}\n{separator.join(('D', 'B0', quantity, price, 'EUR'))}\n"
        if (separator, column) == (",", "price") and amount.count(".") == 1:
            # where commas are between the cells, a point is before decimals
            assert offers_from_csv(text)[0].lines[0].price == Decimal(amount)
            continue
        with pytest.raises(InvalidRequestError, match=f"row 2, column {column}: "):
            offers_from_csv(text)


@pytest.mark.parametrize(("text", "pieces"), [("10", 10), ("10.0", 10), ("10.00", 10), (" 7 ", 7)])
def test_a_quantity_may_have_the_zeros_that_programs_write(text: str, pieces: int) -> None:
    made = offers_from_csv(f"offer;asin;quantity;price;currency\nD;B0;{text};0.125;EUR\n")
    assert (made[0].lines[0].quantity, made[0].lines[0].price) == (pieces, Decimal("0.125"))


@pytest.mark.parametrize("product", ["9.52124E+12", "9,52124E+12", "1E+13"])
def test_a_product_number_that_a_spreadsheet_has_rounded_is_refused(product: str) -> None:
    with pytest.raises(InvalidRequestError, match="column product: was rounded by a spreadsheet"):
        offers_from_csv(f"offer;product;quantity;price;currency\nD;{product};1;1;EUR\n")


def test_no_cell_begins_a_formula_in_any_spreadsheet() -> None:
    values = ["=1", " =1", "a;=1", "a\n+1", "＝1", "@x", "a;b-c", "5-3", ""]
    written = list(csv.reader(io.StringIO(csv_rows([("x",), *((value,) for value in values)]))))[1:]
    assert [cell for (cell,) in written] == [
        "'=1", "' =1", "a;'=1", "a\n'+1", "'＝1", "'@x", "a;b-c", "5-3", ""
    ]  # fmt: skip
