"""The one place where an acknowledgement is held against Amazon's rules before it is sent."""

from collections.abc import Collection

from spshipping.errors import InvalidRequestError
from spshipping.vendor.acknowledge.said import Said, check_update, said_of
from spshipping.vendor.orders.models.acknowledgements import AcknowledgementCode, OrderAcknowledgement
from spshipping.vendor.orders.models.purchase_orders import Order, OrderItem


def check_rules(
    acknowledgement: OrderAcknowledgement, order: Order, before: Said, overrule: Collection[str]
) -> tuple[str, ...]:
    """Return what rules say that does not prevent the acknowledgement.

    Args:
        acknowledgement: what is about to be sent.
        order: the order that it answers.
        before: what was answered before.
        overrule: the ids of rules that do not count this time.

    Raises:
        InvalidRequestError: a rule forbids it, with the line.
    """
    if "L-013" not in overrule:
        check_update(before, said_of(acknowledgement))
    items = {item.item_sequence_number: item for item in _items(order)}
    for answered in acknowledgement.items:
        item = items[answered.item_sequence_number or ""]
        path = f"line {answered.item_sequence_number}"
        is_later = any(
            answer.acknowledgement_code == AcknowledgementCode.BACKORDERED
            for answer in answered.item_acknowledgements
        )
        if is_later and not getattr(item, "is_back_order_allowed", True) and "L-009" not in overrule:
            raise InvalidRequestError("does not allow back orders: accept or reject it (L-009)", path=path)
        ordered, stated = item.net_cost, answered.net_cost
        most = ordered.amount if ordered else None
        is_above = (
            most is not None and stated is not None and stated.amount is not None and stated.amount > most
        )
        if is_above and "L-006" not in overrule:
            raise InvalidRequestError(
                "is above the cost of the order, which Amazon refuses (L-006)", path=f"{path}, net_cost"
            )
    return ()


def _items(order: Order) -> list[OrderItem]:
    return order.order_details.items if order.order_details else []
