"""The answers to the lines of purchase orders, and a price list, from files."""

import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from spshipping.cli.vendor.tables import Row, Table, read_rows
from spshipping.errors import InvalidRequestError
from spshipping.vendor.acknowledge import Acknowledgement

ANSWERS = Table(
    (
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
    ),
    required="line",
)
PRICES = Table(("product", "cost"), required="cost")
_WORDS = {
    **dict.fromkeys(("accept", "accepted"), "accept"),
    **dict.fromkeys(("backorder", "backordered"), "backorder"),
    **dict.fromkeys(("reject", "rejected"), "reject"),
}
_ANSWER = "state accept, back-order or reject"


def apply(answers: Acknowledgement, rows: Iterable[Row], *, is_update: bool) -> None:
    """Give the answers of a file to an order. Rows for other orders are left out.

    Args:
        answers: to what.
        rows: of the file.
        is_update: lines begin with what was answered before: those that the file answers begin anew.

    Raises:
        InvalidRequestError: an answer is not possible, and which; or none is for this order.
    """
    number = answers.purchase_order_number
    ours = [row for row in rows if row.get("order") in (None, number)]
    if not ours:
        raise InvalidRequestError(f"holds no answer for {number}", path="--answers")
    if is_update:
        for line in dict.fromkeys(row.get("line") or "" for row in ours if row.get("answer")):
            answers.reopen(line)
    for row in ours:
        _apply(answers, row)


def _apply(answers: Acknowledgement, row: Row) -> None:
    line = row.text("line", "state the number of a line of the order")
    cost = row.decimal("cost")
    if cost is not None:
        answers.price(
            line,
            cost,
            list_price=row.decimal("list_price"),
            discount_multiplier=row.get("discount_multiplier"),
        )
        if row.get("answer") is None:
            return
    word = row.text("answer", _ANSWER)
    quantity = row.whole("quantity")
    ship, deliver = row.time("ship_date"), row.time("delivery_date")
    match _WORDS.get(re.sub("[^a-z]", "", word.lower())):
        case "accept":
            answers.accept(line, quantity, ship_date=ship, delivery_date=deliver)
        case "backorder":
            answers.back_order(line, quantity, ship_date=ship, delivery_date=deliver)
        case "reject":
            answers.reject(line, row.get("reason") or "", quantity)
        case _:
            raise InvalidRequestError(f"is no answer: {_ANSWER}", path=row.path("answer"))


def read_prices(path: Path) -> dict[str, Decimal]:
    """Read a price list: rows with a product, by its ASIN or your own number, and a cost.

    Raises:
        ConfigurationError: it cannot be read.
        InvalidRequestError: it is none, and where.
    """
    prices: dict[str, Decimal] = {}
    for row in read_rows(path, PRICES):
        product, cost = row.text("product", "state a product"), row.decimal("cost")
        if cost is None or product in prices:
            fault = "is missing: state a cost" if cost is None else "is the second one of its product"
            raise InvalidRequestError(fault, path=row.path("cost"))
        prices[product] = cost
    return prices
