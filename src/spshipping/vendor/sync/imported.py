"""What an import delivers: a purchase order, its state, and why it came."""

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from spshipping.vendor.orders.models.purchase_orders import Order, OrderItem
from spshipping.vendor.orders.models.status import OrderItemStatus, OrderStatus
from spshipping.vendor.rules.quantities import line_number, lines


class ImportReason(Enum):
    """Why a purchase order came."""

    NEW = "new"
    """It became available."""
    CHANGED = "changed"
    """Amazon changed it."""
    HISTORY = "history"
    """Something happened to it: it was acknowledged, cancelled or received."""
    MISSING = "missing"
    """It is one of those that you do not have."""
    REQUESTED = "requested"
    """It was asked for by its number."""


class ImportedLine(NamedTuple):
    """A line of a purchase order, with its state."""

    item: OrderItem
    """What is ordered. What you send to Amazon repeats `item.item_sequence_number` as it is there."""
    status: OrderItemStatus | None
    """What was acknowledged, cancelled and received of it; None where that is not known."""

    @property
    def number(self) -> int | None:
        """The number of the line; None where Amazon's text is none."""
        return line_number(getattr(self.item, "item_sequence_number", None))


class ImportedOrder(NamedTuple):
    """A purchase order as it was when it was read."""

    purchase_order: Order
    status: OrderStatus | None
    """What was acknowledged, cancelled and received; None unless `import_history` is on, or where Amazon
    shows none."""
    reason: ImportReason

    @property
    def number(self) -> str:
        """The number of the purchase order, without the blanks that some come with."""
        return self.purchase_order.purchase_order_number.strip()

    @property
    def lines(self) -> list[ImportedLine]:
        """The lines, each with its state: they are matched by their numbers, so `1` and `00001` are one."""
        states = dict(_numbered(self.status))
        found = [ImportedLine(item, None) for item in lines(self.purchase_order)]
        return [line._replace(status=states.get(line.number)) for line in found]


def _numbered(status: OrderStatus | None) -> Iterator[tuple[int | None, OrderItemStatus]]:
    for line in getattr(status, "item_status", []):
        number = line_number(getattr(line, "item_sequence_number", None))
        if number is not None:
            yield number, line
