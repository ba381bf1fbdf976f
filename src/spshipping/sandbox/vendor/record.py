"""Purchase orders as the sandbox keeps them: times are whole seconds since 1970."""

import dataclasses
from decimal import Decimal
from typing import NamedTuple

NEW, ACKNOWLEDGED, CLOSED = "New", "Acknowledged", "Closed"


class Answer(NamedTuple):
    """What one acknowledgement said of a line; back orders count as accepted, as at Amazon."""

    time: int
    accepted: int
    rejected: int


class QuantityChange(NamedTuple):
    """What Amazon added to a line, or cancelled of it."""

    time: int
    added: int
    cancelled: int


@dataclasses.dataclass
class Line:
    """One line of a purchase order."""

    number: str
    """As it is on the wire: `1`, or `00001`."""
    asin: str
    vendor_id: str
    cost: Decimal | None
    """None for books, which have a list price alone."""
    list_price: Decimal | None
    unit: str
    unit_size: int
    allows_back_order: bool
    changes: list[QuantityChange]
    """The first one is the order itself."""
    answers: list[Answer] = dataclasses.field(default_factory=list)
    shipped: int = 0
    """In shipment confirmations that were taken."""
    received: int = 0
    received_at: int | None = None

    @property
    def ordered(self) -> int:
        """How much is ordered now; 0 where Amazon has cancelled the line."""
        return sum(change.added - change.cancelled for change in self.changes)

    @property
    def accepted(self) -> int:
        """What the vendor has accepted, back orders included."""
        return self.answers[-1].accepted if self.answers else 0

    @property
    def rejected(self) -> int:
        """What the vendor has rejected."""
        return self.answers[-1].rejected if self.answers else 0

    @property
    def is_refused(self) -> bool:
        """Whether the first answer rejected all of it, which is for good."""
        return bool(self.answers) and not self.answers[0].accepted

    @property
    def confirmation(self) -> str:
        """What the vendor has answered, in the words of the status API."""
        if not self.answers:
            return "UNCONFIRMED"
        if not self.accepted:
            return "REJECTED"
        return "ACCEPTED" if self.accepted >= self.ordered else "PARTIALLY_ACCEPTED"

    @property
    def receipt(self) -> str:
        """How much has arrived, in the words of the status API."""
        if not self.received:
            return "NOT_RECEIVED"
        return "RECEIVED" if self.received >= self.accepted else "PARTIALLY_RECEIVED"


@dataclasses.dataclass
class PurchaseOrder:
    """One purchase order."""

    number: str
    index: int
    """Counted from 0, in the order in which they are placed."""
    vendor_code: str
    center: str
    """The fulfilment centre."""
    created: int
    available: int
    """When the APIs return it for the first time: a little later."""
    kind: str
    payment: str
    is_collect: bool
    """Amazon pays the freight, so that the ship window binds; else the delivery window does."""
    is_import: bool
    deal: str | None
    window: tuple[int, int]
    lines: list[Line]
    state: str = NEW
    state_changed: int = 0
    changed: int | None = None
    """When Amazon changed it last."""
    updated: int = 0
    """When anything changed last, an acknowledgement included."""

    def __post_init__(self) -> None:
        self.state_changed = self.updated = self.created

    def line(self, number: str | None, *ids: str | None) -> Line | None:
        """Return the line of this number, whatever its zeros, or else the one with one of these products."""
        if number and number.isdecimal():
            return next((line for line in self.lines if int(line.number) == int(number)), None)
        return next((line for line in self.lines if {line.asin, line.vendor_id} & set(ids)), None)

    def enter(self, state: str, time: int) -> None:
        """Go into another state."""
        self.updated = time
        if state != self.state:
            self.state, self.state_changed = state, time

    def touch(self, time: int) -> None:
        """Note that Amazon changed it."""
        self.changed = self.updated = time

    def close_if_done(self, time: int) -> None:
        """Close it once everything is rejected, cancelled or received."""
        open_lines = [line for line in self.lines if line.ordered]
        if all(line.answers and line.received >= line.accepted for line in open_lines):
            self.enter(CLOSED, time)
