"""One line of a purchase order, as every document has it, and where the documents differ."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from spshipping.vendor.tools.match.evidence import SentGoods
from spshipping.vendor.tools.match.invoices import InvoiceLine


class DifferenceKind(Enum):
    """Where two documents differ."""

    SHORT_RECEIVED = "short received"
    """Amazon has received less than was sent and should have arrived: dispute it with the evidence."""
    OVER_RECEIVED = "over received"
    """Amazon has received more than was sent, or something that no confirmation announced."""
    SHORT_SHIPPED = "short shipped"
    """Less was sent than was accepted, and the time for it is over."""
    OVER_SHIPPED = "over shipped"
    """More was sent than was accepted and promised for later."""
    OVER_INVOICED = "over invoiced"
    """More was invoiced than Amazon has received: it may pay the difference only after a dispute."""
    UNDER_INVOICED = "under invoiced"
    """Less was invoiced than Amazon has received."""
    PRICE = "price differs"
    """The invoice has another price than was acknowledged, or else ordered."""


class Difference(NamedTuple):
    """A shortage, an overage, or another price."""

    kind: DifferenceKind
    quantity: int
    """How much; of a price, how much was invoiced at it."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedLine:
    """A line of a purchase order, joined from every document. None is what is not known."""

    purchase_order: str
    line: str
    """As the order has it."""
    amazon_product_identifier: str | None
    vendor_product_identifier: str | None
    in_cases: bool
    """False: quantities are pieces. True: they are cases, since no document says how many pieces those
    have."""
    ordered: int | None
    accepted: int | None
    """None where no acknowledgement is known."""
    back_ordered: int | None
    rejected: int | None
    answered_at: datetime | None
    """When the last acknowledgement was submitted."""
    price: Decimal | None
    """Of one piece: as it was acknowledged, or else ordered. None for a price by weight."""
    currency: str | None
    shipped: int | None
    """In all confirmations that were not refused."""
    on_the_way: int
    """What of it need not have arrived yet."""
    received: int | None
    """None where the state of the order is not known."""
    last_received_at: datetime | None
    invoiced: int | None
    """None where no invoice names it."""
    sent: tuple[SentGoods, ...]
    """The evidence: what was sent, when, and in which carton."""
    invoices: tuple[InvoiceLine, ...]
    differences: tuple[Difference, ...] = ()
    unclear: tuple[str, ...] = ()
    """What cannot be compared, such as `received`: it is in cases of unknown size."""

    @property
    def unit(self) -> str:
        """What quantities count: `pieces`, or `cases`."""
        return "cases" if self.in_cases else "pieces"
