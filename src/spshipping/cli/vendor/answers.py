"""The answers to the lines of purchase orders, and a price list, from files."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from spshipping.errors import DecodeError, InvalidRequestError
from spshipping.vendor.acknowledge import Acknowledgement
from spshipping.vendor.tools.rows import Faults, Row, read_text, rows_of
from spshipping.wire.text import parse
from spshipping.wire.times import read_time

COLUMNS = (
    "order",
    "line",
    "answer",
    "quantity",
    "ship_date",
    "delivery_date",
    "reason",
    "cost",
    "list_price",
    "discount_multiplier",
)
_ACCEPT, _BACK_ORDER, _REJECT = "accept", "backorder", "reject"
_WORDS = {
    **dict.fromkeys(("accept", "accepted"), _ACCEPT),
    **dict.fromkeys(("backorder", "backordered"), _BACK_ORDER),
    **dict.fromkeys(("reject", "rejected"), _REJECT),
}


class LineAnswer(NamedTuple):
    """One row of a file: an answer to a line, a price of it, or both."""

    place: str
    order: str | None
    line: str
    word: str | None
    quantity: int | None
    ship_date: datetime | None
    delivery_date: datetime | None
    reason: str | None
    cost: Decimal | None
    list_price: Decimal | None
    discount_multiplier: str | None

    def give(self, answers: Acknowledgement) -> None:
        """Give it to an order.

        Raises:
            InvalidRequestError: it is not possible.
        """
        if self.cost is not None:
            answers.price(
                self.line,
                self.cost,
                list_price=self.list_price,
                discount_multiplier=self.discount_multiplier,
            )
        dates = {"ship_date": self.ship_date, "delivery_date": self.delivery_date}
        if self.word == _ACCEPT:
            answers.accept(self.line, self.quantity, **dates)
        elif self.word == _BACK_ORDER:
            answers.back_order(self.line, self.quantity, **dates)
        elif self.word == _REJECT:
            answers.reject(self.line, self.reason or "", self.quantity)


def read_answers(path: Path) -> list[LineAnswer]:
    """Read a file of answers: a list of JSON objects where its name ends so, else CSV.

    Raises:
        InvalidRequestError: it cannot be read, or something in it is wrong; it names every row and column.
    """
    faults = Faults(str(path))
    found = [_answer(row) for row in _rows(path, COLUMNS, ("line",), faults)]
    faults.refuse()
    return found


def read_prices(path: Path) -> dict[str, Decimal]:
    """Read a price list: rows with a product, by its ASIN or your own number, and what you will invoice.

    Raises:
        InvalidRequestError: it cannot be read, or something in it is wrong; it names every row and column.
    """
    faults = Faults(str(path))
    prices: dict[str, Decimal] = {}
    for row in _rows(path, ("product", "cost"), ("product", "cost"), faults):
        product, cost = row.text("product", is_needed=True), row.price("cost")
        if product in prices:
            row.refuse("product", "is there twice")
        prices[product or ""] = cost or Decimal()
    faults.refuse()
    return prices


def _rows(path: Path, columns: Sequence[str], needed: Sequence[str], faults: Faults) -> Iterator[Row]:
    text = read_text(path)
    if path.suffix.lower() != ".json":
        yield from rows_of(text, columns, needed, faults)
        return
    try:
        found = parse(text.encode())
    except DecodeError:
        found = None
    if not isinstance(found, list):
        faults.add("", "is no JSON list of objects")
        return
    for index, each in enumerate(found):
        place = f"[{index}]"
        if not isinstance(each, dict):
            faults.add(place, "must be an object")
            continue
        for key in each:
            if key not in columns:
                faults.add(f"{place}.{key}", f"is not known; known are {', '.join(columns)}")
        # the number of a line is text in a purchase order, and a number to people
        texts = {name: str(value) if type(value) is int else value for name, value in each.items()}
        yield Row(place, texts, faults)


def _answer(row: Row) -> LineAnswer:
    given = row.text("answer")
    word = None if given is None else _WORDS.get(re.sub("[^a-z]", "", given.lower()))
    cost = row.price("cost", is_needed=False)
    if given is not None and word is None:
        row.refuse("answer", "is accept, back-order or reject")
    elif given is None and cost is None:
        row.refuse("answer", "is missing, and so is cost: a row has one of them, or both")
    if word == _REJECT and row.text("reason") is None:
        row.refuse("reason", "is missing: a rejection has one, such as TemporarilyUnavailable")
    return LineAnswer(
        row.place,
        row.text("order"),
        row.text("line", is_needed=True) or "",
        word,
        row.whole("quantity", is_needed=False),
        _time(row, "ship_date"),
        _time(row, "delivery_date"),
        row.text("reason"),
        cost,
        row.price("list_price", is_needed=False),
        row.text("discount_multiplier"),
    )


def _time(row: Row, column: str) -> datetime | None:
    text = row.text(column)
    try:
        return None if text is None else read_time(text)
    except ValueError:
        row.refuse(column, "must be a time with its offset, such as 2026-12-04T12:00:00Z")
        return None


def apply(answers: Acknowledgement, rows: Sequence[LineAnswer], *, is_update: bool) -> None:
    """Give the answers of a file to an order. Rows for other orders are left out.

    Args:
        answers: to what.
        rows: of the file.
        is_update: lines begin with what was answered before: those that the file answers begin anew.

    Raises:
        InvalidRequestError: an answer is not possible, and which; or none is for this order.
    """
    number = answers.purchase_order_number
    ours = [row for row in rows if row.order in (None, number)]
    if not ours:
        raise InvalidRequestError(f"holds no answer for {number}", path="--answers")
    if is_update:
        for line in dict.fromkeys(row.line for row in ours if row.word):
            answers.reopen(line)
    for row in ours:
        row.give(answers)
