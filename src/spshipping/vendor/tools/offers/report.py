"""What of purchase orders belongs to offers, what does not, and what of the offers is still open."""

from dataclasses import dataclass
from typing import Any

from spshipping.csv_text import csv_rows
from spshipping.vendor.tools.offers.matching import Allocation, UnmatchedLine

COLUMNS = (
    "purchase_order",
    "line",
    "offer",
    "offer_line",
    "quantity",
    "result",
    "detail",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOfferLine:
    """What of a line of an approved offer no purchase order has yet."""

    offer: str
    offer_line: int
    amazon_product_identifier: str | None
    vendor_product_identifier: str | None
    quantity: int
    """In pieces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMatch:
    """What became of purchase orders and offers."""

    matched: tuple[Allocation, ...]
    unmatched: tuple[UnmatchedLine, ...]
    open: tuple[OpenOfferLine, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "matched": [
                {
                    "purchase_order": each.purchase_order,
                    "line": each.line,
                    "offer": each.offer,
                    "offer_line": each.offer_line,
                    "quantity": each.quantity,
                    "matched_by": each.matched_by.value,
                    "deviation": each.deviation,
                }
                for each in self.matched
            ],
            "unmatched": [
                {
                    "purchase_order": each.purchase_order,
                    "line": each.line,
                    "quantity": each.quantity,
                    "reason": each.reason.value,
                    "offer": each.offer,
                }
                for each in self.unmatched
            ],
            "open": [
                {
                    "offer": each.offer,
                    "offer_line": each.offer_line,
                    "asin": each.amazon_product_identifier,
                    "product": each.vendor_product_identifier,
                    "quantity": each.quantity,
                }
                for each in self.open
            ],
        }

    def to_csv(self) -> str:
        """Return it as CSV text: what was matched, what was not, and what is open."""
        rows: list[tuple[object, ...]] = [
            (
                *_place(each),
                each.offer_line,
                each.quantity,
                f"matched by {each.matched_by.value}",
                each.deviation,
            )
            for each in self.matched
        ]
        rows += [
            (*_place(each), None, each.quantity, "not matched", each.reason.value) for each in self.unmatched
        ]
        rows += [(None, None, each.offer, each.offer_line, each.quantity, "open", None) for each in self.open]
        return csv_rows([COLUMNS, *rows])


def _place(found: Allocation | UnmatchedLine) -> tuple[object, ...]:
    return found.purchase_order, found.line, found.offer
