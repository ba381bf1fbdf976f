"""Filters that Amazon ignores at times, applied again to what it answered."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from spshipping.errors import ConfigurationError
from spshipping.operation import After, Call
from spshipping.vendor.orders.models.parties import PartyIdentification
from spshipping.vendor.orders.models.purchase_orders import Order, OrderDetails, OrderList
from spshipping.vendor.orders.models.status import OrderItemStatus, OrderListStatus, OrderStatus
from spshipping.wire.times import read_time

Test = Callable[[str], bool]
"""Says whether an answer agrees with the value of a filter; also where it shows nothing of it."""


def keep_matching_orders(call: Call[OrderList], page: OrderList, after: After) -> None:  # noqa: ARG001
    """Take out the orders that show that they do not match the filters of *call*.

    Reports: https://github.com/amzn/selling-partner-api-docs/issues/2932 and /2483.
    """
    if page.orders:
        page.orders = [order for order in page.orders if _passes(call.query, _tests_of(order))]


def keep_matching_statuses(
    call: Call[OrderListStatus],
    page: OrderListStatus,
    after: After,  # noqa: ARG001
) -> None:
    """Take out the states that show that they do not match the filters of *call*."""
    if page.orders_status:
        page.orders_status = [
            status for status in page.orders_status if _passes(call.query, _tests_of_status(status))
        ]


def _passes(query: Mapping[str, str], tests: Mapping[str, Test]) -> bool:
    return all(test(query[name]) for name, test in tests.items() if name in query)


def is_foreign(order: Order, code: str | None) -> bool:
    """Say whether *order* shows that it is of another vendor code than *code*; None means any code."""
    details = order.order_details
    return code is not None and not _is_party(details.selling_party if details else None, code)


def refuse_foreign(order: Order, code: str | None) -> None:
    """Refuse a purchase order of another vendor code than the connection's.

    One authorization can mix several codes of a group, and Amazon returns an order of any of them by its
    number.

    Raises:
        ConfigurationError: it is of another one.
    """
    if is_foreign(order, code):
        raise ConfigurationError(
            "this purchase order is of another vendor code than the client's: read it with a client of that"
            " vendor_code, or with one that has none"
        )


# a required field that did not come is not there: hence getattr


def _tests_of(order: Order) -> Mapping[str, Test]:
    details = order.order_details
    return {
        "orderingVendorCode": lambda code: _is_party(details.selling_party if details else None, code),
        "purchaseOrderState": lambda state: _is(order.purchase_order_state, state),
        "isPOChanged": lambda wanted: wanted != "true" or _is_changed(details),
        "poItemState": lambda state: state != "Cancelled" or _has_cancelled_line(details),
        "changedAfter": lambda time: _is_since(
            details.purchase_order_changed_date if details else None, time
        ),
    }


def _tests_of_status(status: OrderStatus) -> Mapping[str, Test]:
    lines: list[OrderItemStatus] = getattr(status, "item_status", [])
    return {
        "updatedAfter": lambda time: _is_since(status.last_updated_date, time),
        "orderingVendorCode": lambda code: _is_party(getattr(status, "selling_party", None), code),
        "shipToPartyId": lambda code: _is_party(getattr(status, "ship_to_party", None), code),
        "purchaseOrderNumber": lambda number: _is(getattr(status, "purchase_order_number", None), number),
        "purchaseOrderStatus": lambda state: _is(getattr(status, "purchase_order_status", None), state),
        "itemConfirmationStatus": lambda state: _is_one([_confirmation(line) for line in lines], state),
        "itemReceiveStatus": lambda state: _is_one([_receipt(line) for line in lines], state),
    }


def _is(value: str | None, wanted: str) -> bool:
    """Say whether both are the same, but for blanks around them; what did not come may be anything."""
    return value is None or value.strip() == wanted.strip()


def _is_since(changed: datetime | None, after: str) -> bool:
    """Say whether something was last changed then or later; what shows no time may have been."""
    try:
        return changed is None or changed >= read_time(after)
    except ValueError:  # Amazon's own sandbox takes texts of its own
        return True


def _is_one(values: Iterable[str | None], wanted: str) -> bool:
    found = list(values)
    return not found or any(_is(value, wanted) for value in found)


def _is_party(party: PartyIdentification | None, code: str) -> bool:
    return _is(getattr(party, "party_id", None), code)


def _confirmation(line: OrderItemStatus) -> str | None:
    status = line.acknowledgement_status
    return status.confirmation_status if status else None


def _receipt(line: OrderItemStatus) -> str | None:
    status = line.receiving_status
    return status.receive_status if status else None


def _is_changed(details: OrderDetails | None) -> bool:
    return details is None or details.purchase_order_changed_date is not None


def _has_cancelled_line(details: OrderDetails | None) -> bool:
    quantities = [getattr(line, "ordered_quantity", None) for line in getattr(details, "items", [])]
    return not quantities or any(quantity is None or not quantity.amount for quantity in quantities)
