"""The dock: what arrives is compared with what was announced and accepted, and each defect is booked."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from spshipping.sandbox.clock import write_time
from spshipping.sandbox.vendor.goods import Box, GoodsFaults, LineKey, boxes_of
from spshipping.sandbox.vendor.purchase_orders import PurchaseOrders
from spshipping.sandbox.vendor.record import CLOSED, Line, PurchaseOrder
from spshipping.sandbox.vendor.truth import context_of, moment
from spshipping.vendor.rules import Finding, RuleContext, RuleRegion, SentConfirmation, Severity, lint
from spshipping.vendor.rules.packing import ConfirmationView
from spshipping.vendor.shipments.models.confirmations import ShipmentConfirmation
from spshipping.wire.convert import from_dict

_NOT_BOOKED = "L-032"
"""Its warning is about a ship date a day or two ahead, which Amazon's guide allows."""


class Defect(NamedTuple):
    """Something that Amazon's fulfilment centre found wrong with a shipment."""

    time: int
    """When it was received, in seconds since 1970."""
    rule: str
    """Its id in the rule book: `spshipping.vendor.rules.RULES` says what is right."""
    message: str
    shipment: str | None
    """The identifier of the shipment confirmation; None where there was none."""
    path: str = ""
    """Where in the confirmation."""
    purchase_order: str | None = None
    line: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**self._asdict(), "time": write_time(self.time)}


class Announced(NamedTuple):
    """A shipment confirmation that was taken, and what the rule book finds in it."""

    name: str
    boxes: list[Box]
    findings: list[Finding]


class Dock:
    """The receiving of one vendor group."""

    def __init__(
        self, orders: PurchaseOrders, faults: GoodsFaults, perishable: Collection[str], region: RuleRegion
    ) -> None:
        self.defects: list[Defect] = []
        self._orders = orders
        self._faults = faults
        self._perishable = perishable
        self._region = region
        self._sent: list[SentConfirmation] = []
        self._codes: dict[str, datetime] = {}

    def announce(self, confirmation: Mapping[str, Any], sent: int) -> Announced:
        """Note a shipment confirmation that was taken, and check it by the rule book.

        Args:
            confirmation: it, as it was submitted.
            sent: when it was submitted.
        """
        document = from_dict(confirmation, ShipmentConfirmation)
        numbers = ConfirmationView(document, RuleContext()).by_order
        orders = [order for number in numbers if (order := self._orders.find(number))]
        context = context_of(
            orders,
            tuple(self._sent),
            sent,
            region=self._region,
            perishable=self._perishable,
            codes=self._codes,
        )
        findings = [finding for finding in lint(document, context) if _is_booked(finding)]
        boxes = boxes_of(ConfirmationView(document, context), self._orders)
        self._sent.append(SentConfirmation(document, moment(sent)))
        self._codes.update({box.label: moment(sent) for box in boxes if box.label})
        return Announced(document.shipment_identifier, boxes, findings)

    def receive(self, announced: Announced, time: int) -> None:
        """Receive the goods of a confirmation, which may differ from it, and book what is wrong."""
        name, boxes, findings = announced
        self._faults.strike(name, boxes)
        for finding in findings:
            self.defects.append(
                Defect(time, finding.rule, f"{finding.path} {finding.message}", name, finding.path)
            )
        for path, rule, message in (*_labels(boxes), *_missing(boxes)):
            self.defects.append(Defect(time, rule, message, name, path))
        arrived = _sum(box.contents for box in boxes if not box.is_lost)
        for box in boxes:
            self._compare(box, name, time)
        self._book(arrived, name, time)
        for number in dict.fromkeys(number for box in boxes for number, _ in box.announced):
            self._order(number).close_if_done(time)

    def deliver(self, number: str, time: int) -> None:
        """Receive what was accepted of a purchase order and not announced, without any confirmation.

        Raises:
            ValueError: there is no such purchase order, or nothing of it that can arrive.
        """
        order = self._orders.find(number)
        left = [(line, line.accepted - line.shipped) for line in order.lines] if order else []
        arrived = Counter({(number.strip(), line.number): amount for line, amount in left if amount > 0})
        if order is None or order.state == CLOSED or not arrived:
            raise ValueError("there is no such purchase order, or nothing of it was accepted and not shipped")
        for _, line_number in arrived:
            self._line((order.number, line_number)).shipped += arrived[order.number, line_number]
        message = "the goods arrived, and no shipment confirmation announced them"
        self.defects.append(Defect(time, "L-036", message, None, "", order.number))
        self._book(arrived, None, time)
        order.close_if_done(time)

    def _compare(self, box: Box, name: str, time: int) -> None:
        """Book where a container does not hold what is announced."""
        for key in box.announced:
            stated, held = box.announced[key], 0 if box.is_lost else box.contents[key]
            if stated != held:
                message = f"{box.path or 'the shipment'} holds {held}, and {stated} were announced"
                self.defects.append(Defect(time, "L-051", message, name, box.path, *key))

    def _book(self, arrived: Counter[LineKey], name: str | None, time: int) -> None:
        """Receive amounts, and book what is more than was accepted."""
        for key, amount in arrived.items():
            line = self._line(key)
            self._order(key[0]).updated = time
            if not amount:
                continue
            line.received += amount
            line.received_at = time
            if line.received > line.accepted:
                message = f"{line.received} were received, and {line.accepted} were accepted"
                self.defects.append(Defect(time, "L-049", message, name, "", *key))

    def _order(self, number: str) -> PurchaseOrder:
        order = self._orders.find(number)
        assert order is not None  # noqa: S101 - goods are of known orders
        return order

    def _line(self, key: LineKey) -> Line:
        line = self._order(key[0]).line(key[1])
        assert line is not None  # noqa: S101 - goods are of known lines
        return line


def _is_booked(finding: Finding) -> bool:
    if finding.rule == _NOT_BOOKED and finding.severity is not Severity.ERROR:
        return False
    return finding.severity is not Severity.INFO


def _sum(amounts: Iterable[Counter[LineKey]]) -> Counter[LineKey]:
    found: Counter[LineKey] = Counter()
    for each in amounts:
        found.update(each)
    return found


def _labels(boxes: Iterable[Box]) -> Iterator[tuple[str, str, str]]:
    """Yield where a label is not the announced one: the path, the rule and a message."""
    seen: set[str] = set()
    for box in boxes:
        if box.announced_label is None or box.is_lost:
            continue  # without a code in the confirmation, the rule book says so
        if box.label is None:
            yield box.path, "L-053", f"{box.path} arrived without a label"
        elif box.label != box.announced_label and box.label in seen:
            yield box.path, "L-057", f"{box.path} has the label of another container"
        elif box.label != box.announced_label:
            yield box.path, "L-055", f"the label of {box.path} is not the announced one"
        seen.add(box.label or "")


def _missing(boxes: Iterable[Box]) -> Iterator[tuple[str, str, str]]:
    for box in boxes:
        if box.is_lost:
            yield box.path, "L-043", f"{box.path or 'the shipment'} did not arrive"
