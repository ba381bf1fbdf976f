"""The response to an offer, line by line: a document to send, since no API of Amazon's takes it."""

import os
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from spshipping import disk
from spshipping.csv_text import csv_rows
from spshipping.errors import InvalidRequestError
from spshipping.vendor.routing.labels import file_part
from spshipping.vendor.tools.offers.offer import KeptOffer, OfferLine, OfferState
from spshipping.wire.text import write

COLUMNS = (
    "offer",
    "deal_code",
    "line",
    "asin",
    "product",
    "offered_quantity",
    "answer",
    "quantity",
    "price",
    "currency",
    "reason",
)


class Answer(Enum):
    """What is answered to a line."""

    ACCEPTED = "accepted"
    CHANGED = "changed"
    """Fewer pieces than were offered."""
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseLine:
    """What is answered to a line of an offer."""

    number: int
    amazon_product_identifier: str | None
    vendor_product_identifier: str | None
    offered_quantity: int
    answer: Answer
    quantity: int
    """In pieces; 0 where it is declined."""
    price: Decimal
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferResponse:
    """The answer to an offer. It does not hold the name of the person who decided."""

    offer: str
    deal_code: str | None
    currency: str
    is_approved: bool
    decided_at: datetime
    lines: tuple[ResponseLine, ...]

    @classmethod
    def of(cls, kept: KeptOffer) -> "OfferResponse":
        """Return the response to an offer whose approval has ended.

        Raises:
            InvalidRequestError: its approval has not ended.
        """
        offer = kept.offer
        if kept.state is OfferState.PENDING:
            raise InvalidRequestError(
                f"offer {offer.number} waits for the stage {kept.next_stage!r}: there is no response yet",
                path="offer",
            )
        return cls(
            offer=offer.number,
            deal_code=offer.deal_code,
            currency=offer.currency,
            is_approved=kept.state is OfferState.APPROVED,
            decided_at=kept.approvals[-1].at,
            lines=tuple(_line(kept, line) for line in offer.lines),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values: prices are texts, the time is ISO 8601."""
        return {
            "offer": self.offer,
            "deal_code": self.deal_code,
            "currency": self.currency,
            "answer": (OfferState.APPROVED if self.is_approved else OfferState.DECLINED).value,
            "decided_at": self.decided_at.isoformat(),
            "lines": [
                {
                    "line": line.number,
                    "asin": line.amazon_product_identifier,
                    "product": line.vendor_product_identifier,
                    "offered_quantity": line.offered_quantity,
                    "answer": line.answer.value,
                    "quantity": line.quantity,
                    "price": f"{line.price:f}",
                    "reason": line.reason,
                }
                for line in self.lines
            ],
        }

    def to_json(self) -> str:
        """Return it as JSON text."""
        return write(self.to_dict())

    def to_csv(self) -> str:
        """Return it as CSV text, a row for each line."""
        return csv_rows(
            [
                COLUMNS,
                *(
                    (
                        self.offer,
                        self.deal_code,
                        line.number,
                        line.amazon_product_identifier,
                        line.vendor_product_identifier,
                        line.offered_quantity,
                        line.answer.value,
                        line.quantity,
                        f"{line.price:f}",
                        self.currency,
                        line.reason,
                    )
                    for line in self.lines
                ),
            ]
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write it, all or nothing, into a file: JSON where its name ends so, else CSV.

        In a folder, the file is named after the offer.

        Raises:
            OSError: it cannot be written.
        """
        where = Path(path).expanduser()
        if where.is_dir():
            where /= f"{file_part(self.offer)}-response.csv"
        text = self.to_json() if where.suffix.lower() == ".json" else self.to_csv()
        disk.replace(where, text.encode(), private=True, durable=True)
        return where


def _line(kept: KeptOffer, line: OfferLine) -> ResponseLine:
    decided, last = kept.decision(line.number), kept.approvals[-1]
    quantity = kept.taken(line)
    answer = Answer.ACCEPTED if quantity == line.quantity else Answer.CHANGED
    return ResponseLine(
        number=line.number,
        amazon_product_identifier=line.amazon_product_identifier,
        vendor_product_identifier=line.vendor_product_identifier,
        offered_quantity=line.quantity,
        answer=answer if quantity else Answer.DECLINED,
        quantity=quantity,
        price=line.price,
        reason=(decided.reason if decided else None) or (None if last.is_approved else last.note),
    )
