"""Quantities that are compared: cases and pieces, and the lines of purchase orders that items belong to."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from spshipping.vendor.orders.models.acknowledgements import AcknowledgementCode
from spshipping.vendor.orders.models.amounts import ItemQuantity
from spshipping.vendor.orders.models.purchase_orders import Order, OrderDetails, OrderItem

CASES = "Cases"
OPEN_CODES = (AcknowledgementCode.ACCEPTED, AcknowledgementCode.BACKORDERED)


class Quantity(Protocol):
    """A quantity of either API."""

    @property
    def amount(self) -> int | None: ...
    @property
    def unit_of_measure(self) -> str | None: ...
    @property
    def unit_size(self) -> int | None: ...


class Identified(Protocol):
    """An item of either API."""

    @property
    def amazon_product_identifier(self) -> str | None: ...
    @property
    def vendor_product_identifier(self) -> str | None: ...


ItemT = TypeVar("ItemT", bound=Identified)


def pieces(quantity: Quantity, size: int | None = None) -> int | None:
    """Return how many pieces a quantity is; None where that is not known.

    Args:
        quantity: cases or pieces.
        size: the pieces in a case, where the quantity does not say it.
    """
    amount = quantity.amount
    if amount is None or quantity.unit_of_measure != CASES:
        return amount
    factor = quantity.unit_size or size
    return amount * factor if factor else None


def counted(parts: Sequence[Quantity], whole: Quantity) -> tuple[list[int], int] | None:
    """Return the amounts of *parts* and of *whole* in one unit; None where they cannot be compared."""
    if whole.amount is None:
        return None
    size = whole.unit_size
    if all(
        part.unit_of_measure in (None, whole.unit_of_measure) and part.unit_size in (None, size)
        for part in parts
    ):
        return [part.amount or 0 for part in parts], whole.amount
    amounts = [pieces(part, size) for part in parts]
    total = pieces(whole)
    if total is None or None in amounts:
        return None
    return [amount for amount in amounts if amount is not None], total


def line_number(text: str | None) -> int | None:
    """Return the number of a line: `1` and `00001` are the same one."""
    stripped = (text or "").strip()
    return int(stripped) if stripped.isascii() and stripped.isdigit() else None


def details(order: Order) -> OrderDetails | None:
    """Return what an order says; None where only its number was requested, or it did not come."""
    found: OrderDetails | None = getattr(order, "order_details", None)
    return found


def lines(order: Order) -> list[OrderItem]:
    """Return the lines of an order."""
    return getattr(details(order), "items", None) or []


def ordered(line: OrderItem) -> ItemQuantity:
    """Return how much of a line is ordered; an empty quantity where that did not come."""
    return getattr(line, "ordered_quantity", None) or ItemQuantity()


def is_cancelled(line: OrderItem) -> bool:
    """Say whether Amazon has cancelled a line: it stays, with an amount of 0."""
    return ordered(line).amount == 0


def party(model: Any, name: str) -> str | None:
    """Return the code of a party of an order's details, or of a document; None where there is none."""
    found: str | None = getattr(getattr(model, name, None), "party_id", None)
    return found


def is_same_item(item: Identified, other: Identified) -> bool:
    """Say whether two items share an identifier, and differ in none that both have."""
    pairs = [
        (item.amazon_product_identifier, other.amazon_product_identifier),
        (item.vendor_product_identifier, other.vendor_product_identifier),
    ]
    both = [one == two for one, two in pairs if one and two]
    return bool(both) and all(both)


class ByProduct(Generic[ItemT]):
    """Items by their products: there may be tens of thousands of them."""

    def __init__(self, items: Iterable[ItemT]) -> None:
        """Read the items once."""
        self._items = list(items)
        self._places: dict[tuple[int, str], list[int]] = {}
        for index, item in enumerate(self._items):
            for name in _names(item):
                self._places.setdefault(name, []).append(index)

    def of(self, item: Identified) -> list[ItemT]:
        """Return the items that are about a product, in their order."""
        places = {index for name in _names(item) for index in self._places.get(name, ())}
        return [self._items[index] for index in sorted(places) if is_same_item(self._items[index], item)]


class LinesByProduct(ByProduct[OrderItem]):
    """The lines of an order by their products."""

    def __init__(self, order: Order) -> None:
        """Read an order once."""
        super().__init__(lines(order))


def _names(item: Identified) -> list[tuple[int, str]]:
    names = (item.amazon_product_identifier, item.vendor_product_identifier)
    return [(place, name) for place, name in enumerate(names) if name]


def known(time: object) -> datetime | None:
    """Return a time that can be compared; a naive one is refused where it is written."""
    return time if isinstance(time, datetime) and time.utcoffset() is not None else None


def total(amounts: Iterable[int | None]) -> int | None:
    """Return a sum; None where a part of it is not known."""
    result = 0
    for amount in amounts:
        if amount is None:
            return None
        result += amount
    return result
