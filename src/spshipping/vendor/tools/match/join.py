"""`three_way_match`: joins purchase order, acknowledgement, shipments, receipt and invoice line by line."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from spshipping.errors import InvalidRequestError, printable
from spshipping.vendor.orders.models.acknowledgements import AcknowledgementCode
from spshipping.vendor.orders.models.amounts import Money
from spshipping.vendor.orders.models.purchase_orders import Order, OrderItem
from spshipping.vendor.orders.models.status import OrderItemStatus, OrderStatus, PurchaseOrderStatus
from spshipping.vendor.rules.answers import SaidBefore, acknowledgements_of
from spshipping.vendor.rules.context import History, SentAcknowledgement
from spshipping.vendor.rules.quantities import (
    Quantity,
    details,
    is_same_item,
    line_number,
    lines,
    ordered,
    party,
)
from spshipping.vendor.tools.match.compare import differences
from spshipping.vendor.tools.match.evidence import (
    Measure,
    Sent,
    SentGoods,
    amount_of,
    confirmation_of,
    dealt,
    is_of_line,
    sent_by_order,
)
from spshipping.vendor.tools.match.invoices import InvoiceLine
from spshipping.vendor.tools.match.line import MatchedLine
from spshipping.vendor.tools.match.report import MatchReport, Stray

_CASES = "Cases"
PATIENCE = timedelta(days=14)
"""How long after their estimated arrival goods may still be on their way, unless it is said otherwise."""


def three_way_match(
    orders: Iterable[Order],
    *,
    history: History,
    at: datetime,
    statuses: Iterable[OrderStatus] = (),
    invoices: Iterable[InvoiceLine] = (),
    patience: timedelta = PATIENCE,
) -> MatchReport:
    """Join every document about purchase orders line by line, and name shortages and overages.

    Args:
        orders: the purchase orders, with their details.
        history: what you have submitted: `client.vendor.history(ledger=ledger)`.
        at: the time at which they are compared.
        statuses: what Amazon has received: `client.vendor.orders.iter_purchase_orders_status(...)`.
        invoices: what you have invoiced, where that is to be compared: `read_invoices("invoices.csv")`.
        patience: so long after their estimated arrival goods may still be on their way, unless Amazon has
            closed the order. Amazon documents no such time: choose one that fits your experience.

    Raises:
        InvalidRequestError: an order was read without its details, or *at* has no time zone.
    """
    if at.utcoffset() is None:
        raise InvalidRequestError("is a datetime with a time zone", path="at")
    documents = _Documents.of(history, statuses, invoices)
    found: list[MatchedLine] = []
    strays: list[Stray] = []
    for number, order in {order.purchase_order_number.strip(): order for order in orders}.items():
        if details(order) is None:
            message = "was read without its details: read it with get_purchase_order()"
            raise InvalidRequestError(message, path=printable(f"orders[{number}]"))
        matcher = _OrderMatcher(order, documents, at, patience)
        found += matcher.lines()
        strays += matcher.strays()
    return MatchReport(at=at, lines=tuple(found), strays=tuple(strays))


class _Documents(NamedTuple):
    """All documents, by the number of the purchase order."""

    answers: Mapping[str, Sequence[SentAcknowledgement]]
    sent: Mapping[str, Sequence[Sent]]
    statuses: Mapping[str, OrderStatus]
    invoices: Mapping[str, Sequence[InvoiceLine]]

    @classmethod
    def of(
        cls, history: History, statuses: Iterable[OrderStatus], invoices: Iterable[InvoiceLine]
    ) -> "_Documents":
        answers: dict[str, list[SentAcknowledgement]] = {}
        for each in history.acknowledgements:
            answers.setdefault(each.document.purchase_order_number.strip(), []).append(each)
        invoiced: dict[str, list[InvoiceLine]] = {}
        for line in invoices:
            invoiced.setdefault(line.purchase_order.strip(), []).append(line)
        states = {status.purchase_order_number.strip(): status for status in statuses}
        return cls(answers, sent_by_order(history.confirmations), states, invoiced)


class _Answer(NamedTuple):
    """What was answered to a line last; None is what is not known."""

    at: datetime | None = None
    accepted: int | None = None
    back_ordered: int | None = None
    rejected: int | None = None


class _OrderMatcher:
    """Joins the documents of one purchase order."""

    def __init__(self, order: Order, documents: _Documents, at: datetime, patience: timedelta) -> None:
        self._number = order.purchase_order_number.strip()
        self._items = lines(order)
        said = acknowledgements_of(
            documents.answers.get(self._number, ()), self._number, party(details(order), "selling_party")
        )
        self._answers = [SaidBefore(each) for each in said]
        self._sent = documents.sent.get(self._number, ())
        self._invoices = documents.invoices.get(self._number, ())
        self._status = documents.statuses.get(self._number)
        self._at, self._patience = at, patience
        is_closed = getattr(self._status, "purchase_order_status", None) == PurchaseOrderStatus.CLOSED
        self._is_closed = is_closed
        self._is_over = is_closed or _is_past(order, at)
        self._measures = [self._measure(item) for item in self._items]

    def lines(self) -> Iterator[MatchedLine]:
        """Yield each line, joined."""
        answers = [
            self._answer(item, measure) for item, measure in zip(self._items, self._measures, strict=True)
        ]
        goods = self._goods(answers)
        invoices = self._invoiced(answers)
        for index, item in enumerate(self._items):
            made = self._line(item, self._measures[index], answers[index], goods[index], invoices[index])
            found = tuple(differences(made, is_over=self._is_over))
            yield dataclasses.replace(made, differences=found)

    def strays(self) -> Iterator[Stray]:
        """Yield what was sent or invoiced, and is on no line."""
        for sent in self._sent:
            if not any(is_of_line(sent, item) for item in self._items):
                item = sent.portion.item
                yield Stray(
                    self._number,
                    f"shipment {confirmation_of(sent).shipment_identifier}",
                    item.amazon_product_identifier or item.vendor_product_identifier,
                    sent.portion.quantity.amount,
                )
        for each in self._invoices:
            if not self._lines_of(each):
                product = each.amazon_product_identifier or each.vendor_product_identifier
                named = f"line {each.line}" if product is None else product
                yield Stray(self._number, f"invoice {each.invoice}", named, each.quantity)

    def _line(
        self,
        item: OrderItem,
        measure: Measure,
        answer: _Answer,
        goods: list[SentGoods] | None,
        invoices: Sequence[InvoiceLine],
    ) -> MatchedLine:
        status = self._status_of(item)
        receipt = status.receiving_status if status else None
        quantity = receipt.received_quantity if receipt else None
        received = None if status is None else 0 if quantity is None else measure.of(quantity)
        whole = measure.of(ordered(item))
        invoiced = sum(each.quantity for each in invoices) if invoices and not measure.in_cases else None
        cost = self._cost(item)
        if cost is not None and cost.unit_of_measure is not None:
            cost = None  # of a pound, say: it cannot be compared with the price of a piece
        unclear = {
            "accepted": answer.at is not None and answer.accepted is None,
            "shipped": goods is None,
            "received": status is not None and received is None,
            "invoiced": bool(invoices) and invoiced is None,
        }
        return MatchedLine(
            purchase_order=self._number,
            # a required field that did not come is not there
            line=getattr(item, "item_sequence_number", ""),
            amazon_product_identifier=item.amazon_product_identifier,
            vendor_product_identifier=item.vendor_product_identifier,
            in_cases=measure.in_cases,
            ordered=whole,
            accepted=answer.accepted,
            back_ordered=answer.back_ordered,
            rejected=answer.rejected,
            answered_at=answer.at,
            price=cost.amount if cost else None,
            currency=cost.currency_code if cost else None,
            shipped=None if goods is None else sum(each.quantity for each in goods),
            on_the_way=sum(each.quantity for each in goods or () if self._may_be_on_its_way(each)),
            received=received,
            last_received_at=receipt.last_receive_date if receipt else None,
            invoiced=invoiced,
            sent=tuple(goods or ()),
            invoices=tuple(invoices),
            unclear=tuple(name for name, is_unclear in unclear.items() if is_unclear),
        )

    def _measure(self, item: OrderItem) -> Measure:
        """Return how a line is counted: in pieces, unless no document says how many a case has."""
        quantity = ordered(item)
        if quantity.unit_of_measure != _CASES:
            return Measure(quantity.unit_size, in_cases=False)
        size = quantity.unit_size or next((size for size in self._sizes(item) if size), None)
        return Measure(size, in_cases=size is None)

    def _sizes(self, item: OrderItem) -> Iterator[int | None]:
        for answer in self._answers:
            found = answer.answer_to(item)
            yield found.ordered_quantity.unit_size if found else None
        for sent in self._sent:
            if is_of_line(sent, item):
                whole: Quantity = sent.portion.item.shipped_quantity
                yield whole.unit_size if whole.unit_of_measure == _CASES else None

    def _answer(self, item: OrderItem, measure: Measure) -> _Answer:
        for sent in reversed(self._answers):
            found = sent.answer_to(item)
            if found is None:
                continue
            sums = dict.fromkeys(AcknowledgementCode, 0)
            for answer in found.item_acknowledgements:
                amount = measure.of(answer.acknowledged_quantity)
                if amount is None:
                    return _Answer(sent.at)
                if answer.acknowledgement_code in sums:
                    sums[answer.acknowledgement_code] += amount
            return _Answer(
                sent.at,
                sums[AcknowledgementCode.ACCEPTED],
                sums[AcknowledgementCode.BACKORDERED],
                sums[AcknowledgementCode.REJECTED],
            )
        return _Answer()

    def _goods(self, answers: Sequence[_Answer]) -> list[list[SentGoods] | None]:
        """Return what was sent of each line; None where it cannot be compared."""
        found: list[list[SentGoods] | None] = [[] for _ in self._items]
        groups: dict[int, list[int]] = {}
        for index, item in enumerate(self._items):
            first = next(n for n, other in enumerate(self._items) if n == index or is_same_item(other, item))
            groups.setdefault(first, []).append(index)
        for first, members in groups.items():
            parts = [sent for sent in self._sent if is_of_line(sent, self._items[first])]
            amounts = [amount_of(sent, self._measures[first]) for sent in parts]
            if None in amounts:
                for index in members:
                    found[index] = None
                continue
            known = [(sent, amount or 0) for sent, amount in zip(parts, amounts, strict=True)]
            most = [self._most(index, answers[index]) for index in members]
            for index, goods in zip(members, dealt(known, most), strict=True):
                found[index] = goods
        return found

    def _most(self, index: int, answer: _Answer) -> int:
        """Return how much of a line can be sent."""
        if answer.accepted is None:
            return self._measures[index].of(ordered(self._items[index])) or 0
        return answer.accepted + (answer.back_ordered or 0)

    def _cost(self, item: OrderItem) -> Money | None:
        for sent in reversed(self._answers):
            found = sent.answer_to(item)
            if found is not None and found.net_cost is not None:
                return found.net_cost
        return item.net_cost

    def _status_of(self, item: OrderItem) -> OrderItemStatus | None:
        number = line_number(getattr(item, "item_sequence_number", None))
        for each in getattr(self._status, "item_status", ()):
            if number is not None and line_number(getattr(each, "item_sequence_number", None)) == number:
                found: OrderItemStatus = each
                return found
        return None

    def _invoiced(self, answers: Sequence[_Answer]) -> list[list[InvoiceLine]]:
        """Return what was invoiced of each line; what names a product alone fills its first line first."""
        found: list[list[InvoiceLine]] = [[] for _ in self._items]
        # those that name their line have their part before the others
        for invoice in sorted(self._invoices, key=lambda each: each.line is None):
            rest, members = invoice.quantity, self._lines_of(invoice)
            for index in members:
                room = self._most(index, answers[index]) - sum(each.quantity for each in found[index])
                taken = rest if index == members[-1] else min(rest, max(room, 0))
                if taken:
                    found[index].append(dataclasses.replace(invoice, quantity=taken))
                rest -= taken
        return found

    def _lines_of(self, invoice: InvoiceLine) -> list[int]:
        """Return the lines that a line of an invoice may be about, by their places."""
        if invoice.line is None:
            return [index for index, item in enumerate(self._items) if is_same_item(item, invoice)]
        numbers = [line_number(getattr(item, "item_sequence_number", None)) for item in self._items]
        return [index for index, number in enumerate(numbers) if number == invoice.line][:1]

    def _may_be_on_its_way(self, goods: SentGoods) -> bool:
        return not self._is_closed and goods.due_at + self._patience > self._at


def _is_past(order: Order, at: datetime) -> bool:
    """Say whether the windows of an order are over."""
    known = details(order)
    windows = [known.ship_window, known.delivery_window] if known else []
    ends = [window.end for window in windows if window is not None]
    return bool(ends) and max(ends) < at
