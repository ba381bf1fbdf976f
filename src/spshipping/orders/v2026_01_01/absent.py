"""Notes in the log that a dataset with personal data was requested, and does not come."""

from collections.abc import Callable, Iterable

from spshipping.errors import MissingFieldError
from spshipping.operation import After, Call
from spshipping.orders.v2026_01_01.models.orders import (
    FulfilledBy,
    FulfillmentStatus,
    GetOrderResponse,
    Order,
    SearchOrdersResponse,
)

_MERCHANT = FulfilledBy.MERCHANT
_TO_SHIP = (FulfillmentStatus.UNSHIPPED, FulfillmentStatus.PARTIALLY_SHIPPED)


def note_absent(call: Call[SearchOrdersResponse], page: SearchOrdersResponse, after: After) -> None:
    """Note what none of the orders of a page has."""
    _note(call.query.get("includedData", ""), page.orders, after)


def note_absent_of_one(call: Call[GetOrderResponse], found: GetOrderResponse, after: After) -> None:
    """Note what an order does not have."""
    order: Order | None = getattr(found, "order", None)  # a broken answer may lack it
    _note(call.query.get("includedData", ""), [] if order is None else [order], after)


def _note(written: str, orders: Iterable[Order], after: After) -> None:
    requested = [name for name in _HAS if name in written.split(",")]
    if not requested:
        return
    # of other orders Amazon removes it, or does not give it
    known = [order for order in orders if _is_to_ship(order)]
    for name in requested:
        if known and not any(_HAS[name](order) for order in known):
            after.note(
                f"{name} was requested, and orders that are to be shipped come without it: the application"
                " may lack a role for personal data; client.check('orders') shows which"
            )


def _is_to_ship(order: Order) -> bool:
    try:
        found = order.fulfillment
        return bool(found and found.fulfillment_status in _TO_SHIP and found.fulfilled_by is _MERCHANT)
    except MissingFieldError:
        return False


def _has_buyer(order: Order) -> bool:
    buyer = order.buyer
    return buyer is not None and bool(buyer.buyer_name or buyer.buyer_email)


def _has_address(order: Order) -> bool:
    address = order.recipient.delivery_address if order.recipient else None
    return address is not None and bool(address.name or address.address_line1 or address.extended_fields)


_HAS: dict[str, Callable[[Order], bool]] = {"BUYER": _has_buyer, "RECIPIENT": _has_address}
"""The datasets with personal data, and whether an order has what is personal in it."""
