"""Acknowledgements as Amazon works on them: refused for a reason, or applied as a whole."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from spshipping.sandbox.vendor.purchase_orders import PurchaseOrders
from spshipping.sandbox.vendor.record import ACKNOWLEDGED, CLOSED, Answer, Line, PurchaseOrder
from spshipping.sandbox.vendor.transactions import Fault

Json = Mapping[str, Any]
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class _Said(NamedTuple):
    """What an acknowledgement says of one line."""

    line: Line
    accepted: int
    rejected: int


def acknowledge(orders: PurchaseOrders, body: Json, time: int) -> list[Fault]:
    """Apply every acknowledgement of a submission, or none, and return why not."""
    read: list[tuple[PurchaseOrder, list[_Said]]] = []
    faults: list[Fault] = []
    for acknowledgement in body["acknowledgements"]:
        number = acknowledgement["purchaseOrderNumber"]
        found = orders.find(number)
        if found is None:
            faults.append(Fault("INVALID_ORDER_ID", "Invalid order ID.", number))
            continue
        faults += _faults(found, acknowledgement)
        read.append((found, _said(found, acknowledgement)))
    if not faults:
        for order, said in read:
            _apply(order, said, time)
    return faults


def _faults(order: PurchaseOrder, acknowledgement: Json) -> Iterator[Fault]:
    where = f"Purchase order {order.number}"
    if acknowledgement["sellingParty"]["partyId"] != order.vendor_code:
        yield Fault("InvalidInput", "The selling party is not the vendor of the order.", where)
    if order.state == CLOSED:
        yield Fault("InvalidInput", "The purchase order is unconfirmed or closed.", where)
    for item in acknowledgement["items"]:
        line = _line_of(order, item)
        if line is None:
            yield Fault("InvalidInput", "Invalid product identifiers.", f"{where}: {_name(item)}")
        else:
            for message in _faults_of_line(line, item):
                yield Fault("InvalidInput", message, f"{where}, item {line.number}, {line.asin}")


def _line_of(order: PurchaseOrder, item: Json) -> Line | None:
    ids = (item.get("amazonProductIdentifier"), item.get("vendorProductIdentifier"))
    line = order.line(item.get("itemSequenceNumber"), *ids)
    given = set(filter(None, ids))
    return line if line and given <= {line.asin, line.vendor_id} else None


def _name(item: Json) -> str:
    names = ("vendorProductIdentifier", "amazonProductIdentifier", "itemSequenceNumber")
    return next((item[name] for name in names if item.get(name)), "no identifier")


def _faults_of_line(line: Line, item: Json) -> Iterator[str]:
    answers: list[Json] = item["itemAcknowledgements"]
    amounts = dict.fromkeys(("Accepted", "Backordered", "Rejected"), 0)
    for answer in answers:
        amounts[answer["acknowledgementCode"]] += answer["acknowledgedQuantity"].get("amount") or 0
    taken = amounts["Accepted"] + amounts["Backordered"]
    if taken + amounts["Rejected"] > line.ordered:
        yield "The acknowledged quantity is greater than the ordered quantity."
    if line.is_refused and taken:
        yield "A rejected item cannot be accepted."
    yield from _faults_of_price(line, item)
    for answer in answers:
        if answer["acknowledgementCode"] == "Backordered":
            if not line.allows_back_order:
                yield "Backorder is not allowed for this item."
            if not (answer.get("scheduledShipDate") or answer.get("scheduledDeliveryDate")):
                yield "A backorder needs a scheduled date."


def _faults_of_price(line: Line, item: Json) -> Iterator[str]:
    amount = (item.get("netCost") or {}).get("amount")
    if not amount:
        yield "The net cost is missing."
    elif not _NUMBER.fullmatch(amount):
        yield "The net cost is not a number."
    elif Decimal(amount) <= 0:
        yield "The net cost must be greater than zero."
    elif line.cost is not None and Decimal(amount) > line.cost:
        yield "The net cost is greater than the cost of the order."


def _said(order: PurchaseOrder, acknowledgement: Json) -> list[_Said]:
    """Return what is said of each line; those that a first acknowledgement leaves out are rejected."""
    found = []
    for item in acknowledgement["items"]:
        line = _line_of(order, item)
        if line:
            taken = _sum(item, "Accepted") + _sum(item, "Backordered")
            found.append(_Said(line, taken, _sum(item, "Rejected")))
    lines = [said.line for said in found]
    missing = [line for line in order.lines if line not in lines and not line.answers and line.ordered]
    return [*found, *(_Said(line, 0, line.ordered) for line in missing)]


def _sum(item: Json, code: str) -> int:
    answers: list[Json] = item["itemAcknowledgements"]
    amounts = [answer["acknowledgedQuantity"].get("amount") or 0 for answer in answers if _is(answer, code)]
    return sum(amounts)


def _is(answer: Json, code: str) -> bool:
    return bool(answer["acknowledgementCode"] == code)


def _apply(order: PurchaseOrder, said: list[_Said], time: int) -> None:
    for line, accepted, rejected in said:
        line.answers.append(Answer(time, accepted, rejected))
    order.enter(ACKNOWLEDGED, time)
    order.close_if_done(time)
