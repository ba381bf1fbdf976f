"""An offer as JSON text, as a ledger keeps it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from spshipping.vendor.tools.offers.offer import Approval, KeptOffer, LineDecision, Offer, OfferLine
from spshipping.wire.text import parse, write

_LINE = ("number", "quantity", "amazon_product_identifier", "vendor_product_identifier")
_OFFER = ("number", "currency", "deal_code", "vendor_code")
_APPROVAL = ("stage", "by", "is_approved", "note")


def to_text(kept: KeptOffer) -> str:
    """Return an offer as text."""
    offer = kept.offer
    lines = [
        {**{name: getattr(line, name) for name in _LINE}, "price": str(line.price)} for line in offer.lines
    ]
    approvals = [
        {**{name: getattr(approval, name) for name in _APPROVAL}, "at": approval.at.isoformat()}
        for approval in kept.approvals
    ]
    return write(
        {
            "offer": {**{name: getattr(offer, name) for name in _OFFER}, "lines": lines},
            "received_at": kept.received_at.isoformat(),
            "stages": list(kept.stages),
            "approvals": approvals,
            "decisions": [[number, made.quantity, made.reason] for number, made in kept.decisions],
        }
    )


def from_text(text: str) -> KeptOffer:
    """Read what `to_text` returned."""
    saved: dict[str, Any] = parse(text.encode("utf-8", "surrogatepass"))
    offer = saved["offer"]
    lines = [OfferLine(**{**line, "price": Decimal(line["price"])}) for line in offer["lines"]]
    approvals = [
        Approval(**{**each, "at": datetime.fromisoformat(each["at"])}) for each in saved["approvals"]
    ]
    return KeptOffer(
        offer=Offer(**{**offer, "lines": tuple(lines)}),
        received_at=datetime.fromisoformat(saved["received_at"]),
        stages=tuple(saved["stages"]),
        approvals=tuple(approvals),
        decisions=tuple(
            (number, LineDecision(quantity=quantity, reason=reason))
            for number, quantity, reason in saved["decisions"]
        ),
    )
