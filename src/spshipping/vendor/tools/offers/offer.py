"""A bulk buy offer: what was offered to Amazon, how far its approval is, and what was decided."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum

from spshipping.errors import InvalidRequestError


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferLine:
    """An item of an offer."""

    number: int
    """In the offer, from 1."""
    quantity: int
    """In pieces."""
    price: Decimal
    """Of one piece."""
    amazon_product_identifier: str | None = None
    """The ASIN."""
    vendor_product_identifier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A deal that is agreed before its purchase orders exist."""

    number: str
    """Your own: unique for good."""
    currency: str
    lines: tuple[OfferLine, ...]
    deal_code: str | None = None
    """What its purchase orders state as their deal code; None where that is not known."""
    vendor_code: str | None = None
    """Only purchase orders of this vendor code belong to it; None for those of any."""

    def __post_init__(self) -> None:
        """Check what cannot be right.

        Raises:
            InvalidRequestError: it has no number or lines, two lines with one number, or a line without an
                identifier, a quantity or a price.
        """
        if not self.number.strip() or not self.number.isprintable():
            raise InvalidRequestError("is text on one line that is not empty", path="number")
        if not self.lines:
            raise InvalidRequestError("an offer has at least one line", path="lines")
        numbers = [line.number for line in self.lines]
        if len(set(numbers)) < len(numbers):
            raise InvalidRequestError("two lines have the same number", path="lines")
        for line in self.lines:
            path = f"lines[{line.number}]"
            if not (line.amazon_product_identifier or line.vendor_product_identifier):
                raise InvalidRequestError("has neither ASIN nor a product number of yours", path=path)
            if type(line.quantity) is not int or line.quantity < 1:
                raise InvalidRequestError("is a whole number above 0", path=f"{path}.quantity")
            given: object = line.price
            if not isinstance(given, Decimal) or not given.is_finite() or given <= 0:
                raise InvalidRequestError("is a Decimal above 0", path=f"{path}.price")

    def line(self, number: int) -> OfferLine:
        """Return a line.

        Raises:
            InvalidRequestError: there is none of this number.
        """
        for line in self.lines:
            if line.number == number:
                return line
        raise InvalidRequestError(f"offer {self.number} has no line {number}", path="lines")


class OfferState(Enum):
    """How far an offer is."""

    PENDING = "pending"
    """Stages of its approval are open."""
    APPROVED = "approved"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDecision:
    """What is decided about a line that is not taken as it was offered."""

    quantity: int
    """How many pieces are taken; 0 declines the line."""
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One stage of an approval: who decided what, and when."""

    stage: str
    at: datetime
    by: str = field(repr=False)
    is_approved: bool
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptOffer:
    """An offer as the ledger has it."""

    offer: Offer
    received_at: datetime
    stages: tuple[str, ...]
    """Those of its approval, in order: as they were configured when it was received."""
    approvals: tuple[Approval, ...] = ()
    decisions: tuple[tuple[int, LineDecision], ...] = ()
    """By the number of the line; of each line the last one that was made."""

    @property
    def state(self) -> OfferState:
        """How far it is."""
        if any(not approval.is_approved for approval in self.approvals):
            return OfferState.DECLINED
        return OfferState.PENDING if len(self.approvals) < len(self.stages) else OfferState.APPROVED

    @property
    def next_stage(self) -> str | None:
        """The stage that decides next; None where the approval has ended."""
        return self.stages[len(self.approvals)] if self.state is OfferState.PENDING else None

    def decision(self, number: int) -> LineDecision | None:
        """Return what was decided about a line; None where it is taken as it was offered."""
        return dict(self.decisions).get(number)

    def taken(self, line: OfferLine) -> int:
        """Return how many pieces of a line purchase orders may have: none before the approval has ended."""
        if self.state is not OfferState.APPROVED:
            return 0
        decided = self.decision(line.number)
        return line.quantity if decided is None else decided.quantity
