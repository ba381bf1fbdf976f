"""What every line has come to, as a report to dispute with."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from spshipping.csv_text import csv_rows
from spshipping.vendor.tools.match.evidence import SentContainer, SentGoods
from spshipping.vendor.tools.match.line import Difference, DifferenceKind, MatchedLine

COLUMNS = (
    "purchase_order",
    "line",
    "asin",
    "product",
    "difference",
    "quantity",
    "unit",
    "ordered",
    "accepted",
    "shipped",
    "received",
    "invoiced",
    "shipments",
    "confirmed_at",
    "shipped_at",
    "bills_of_lading",
    "pro_numbers",
    "ssccs",
    "tracking_numbers",
    "last_received_at",
)
_JOINT = " "
_AMOUNTS = (
    "ordered",
    "accepted",
    "back_ordered",
    "rejected",
    "shipped",
    "on_the_way",
    "received",
    "invoiced",
)


class Stray(NamedTuple):
    """Something that was sent or invoiced for a purchase order, and is on none of its lines."""

    purchase_order: str
    document: str
    """The shipment or invoice."""
    product: str | None
    quantity: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchReport:
    """What every line has come to."""

    at: datetime
    lines: tuple[MatchedLine, ...]
    strays: tuple[Stray, ...]

    def differences(self, *kinds: DifferenceKind) -> Iterator[tuple[MatchedLine, Difference]]:
        """Yield where documents differ, with the line; only of these kinds, where some are given."""
        for line in self.lines:
            for difference in line.differences:
                if not kinds or difference.kind in kinds:
                    yield line, difference

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values, with all lines: times are ISO 8601, prices are texts."""
        return {
            "at": self.at.isoformat(),
            "lines": [_line(line) for line in self.lines],
            "strays": [stray._asdict() for stray in self.strays],
        }

    def to_csv(self) -> str:
        """Return the differences as CSV text, each in a row, with its evidence."""
        return csv_rows([COLUMNS, *(_row(line, difference) for line, difference in self.differences())])

    def to_text(self) -> str:
        """Return the differences as text to dispute with, each with its evidence."""
        parts = ["\n".join(_text(line)) for line in self.lines if line.differences or line.unclear]
        parts += [
            f"Purchase order {stray.purchase_order}: {stray.document} has {stray.quantity} of"
            f" {stray.product or 'a product without a number'}, which is on no line"
            for stray in self.strays
        ]
        return "\n\n".join(parts or ["No differences."]) + "\n"


def _line(line: MatchedLine) -> dict[str, Any]:
    return {
        "purchase_order": line.purchase_order,
        "line": line.line,
        "asin": line.amazon_product_identifier,
        "product": line.vendor_product_identifier,
        "unit": line.unit,
        **{name: getattr(line, name) for name in _AMOUNTS},
        "answered_at": _iso(line.answered_at),
        "last_received_at": _iso(line.last_received_at),
        "price": None if line.price is None else str(line.price),
        "currency": line.currency,
        "differences": [
            {"kind": each.kind.value, "quantity": each.quantity, "text": each.text}
            for each in line.differences
        ],
        "unclear": list(line.unclear),
        "sent": [_goods(each) for each in line.sent],
        "invoices": [
            {
                "invoice": each.invoice,
                "quantity": each.quantity,
                "price": str(each.price),
                "currency": each.currency,
            }
            for each in line.invoices
        ],
    }


def _goods(goods: SentGoods) -> dict[str, Any]:
    return {
        "shipment": goods.shipment,
        "quantity": goods.quantity,
        "confirmed_at": goods.confirmed_at.isoformat(),
        "outcome": goods.outcome.value,
        "shipped_at": _iso(goods.shipped_at),
        "arrives_at": _iso(goods.arrives_at),
        "bill_of_lading": goods.bill_of_lading,
        "pro_number": goods.pro_number,
        "carrier": goods.carrier,
        "containers": [
            {name: getattr(each, name) for name in SentContainer.__slots__} for each in goods.containers
        ],
    }


def _row(line: MatchedLine, difference: Difference) -> tuple[object, ...]:
    containers = [each for goods in line.sent for each in goods.containers]
    return (
        line.purchase_order,
        line.line,
        line.amazon_product_identifier,
        line.vendor_product_identifier,
        difference.kind.value,
        difference.quantity,
        line.unit,
        line.ordered,
        line.accepted,
        line.shipped,
        line.received,
        line.invoiced,
        _joined(goods.shipment for goods in line.sent),
        _joined(_iso(goods.confirmed_at) for goods in line.sent),
        _joined(_iso(goods.shipped_at) for goods in line.sent),
        _joined(goods.bill_of_lading for goods in line.sent),
        _joined(goods.pro_number for goods in line.sent),
        _joined(code for each in containers for code in (each.sscc, each.pallet_sscc)),
        _joined(each.tracking_number for each in containers),
        _iso(line.last_received_at),
    )


def _joined(values: Iterator[str | None]) -> str:
    return _JOINT.join(dict.fromkeys(value for value in values if value))


def _text(line: MatchedLine) -> Iterator[str]:
    named = [
        f"{name} {value}"
        for name, value in (
            ("ASIN", line.amazon_product_identifier),
            ("product", line.vendor_product_identifier),
        )
        if value
    ]
    yield ", ".join([f"Purchase order {line.purchase_order}, line {line.line}", *named])
    for each in line.differences:
        yield f"  {each.kind.value}: {each.quantity} {line.unit} ({each.text})"
    if line.unclear:
        yield f"  cannot be compared, since cases have no known size: {', '.join(line.unclear)}"
    if line.answered_at:
        yield f"  accepted {line.accepted} of {line.ordered}, at {_iso(line.answered_at)}"
    for goods in line.sent:
        yield f"  sent {goods.quantity} {line.unit} as shipment {goods.shipment}{_travel(goods)}"
        for container in goods.containers:
            yield f"    {_container(container)}: {container.quantity}"
    if line.received is not None:
        last = f", last at {_iso(line.last_received_at)}" if line.last_received_at else ""
        yield f"  received {line.received}{last}"
    for invoice in line.invoices:
        price = f"{invoice.price} {invoice.currency}"
        yield f"  invoice {invoice.invoice}: {invoice.quantity} at {price}"


def _travel(goods: SentGoods) -> str:
    known = (
        ("confirmed at", _iso(goods.confirmed_at)),
        ("left at", _iso(goods.shipped_at)),
        ("bill of lading", goods.bill_of_lading),
        ("PRO", goods.pro_number),
        ("carrier", goods.carrier),
        ("confirmation", goods.outcome.value),
    )
    return "".join(f", {name} {value}" for name, value in known if value)


def _container(container: SentContainer) -> str:
    kind = "pallet" if container.is_pallet else "carton"
    code = f"(00){container.sscc}" if container.sscc else container.other_code or "without a code"
    pallet = f" on pallet (00){container.pallet_sscc}" if container.pallet_sscc else ""
    tracking = f", tracking number {container.tracking_number}" if container.tracking_number else ""
    return f"{kind} {code}{pallet}{tracking}"


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
