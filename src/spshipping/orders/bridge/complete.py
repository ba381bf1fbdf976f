"""Completes an Amazon order with what the same order holds in another API."""

from typing import TypeVar

from spshipping.orders.order import AmazonOrder
from spshipping.orders.parts import Money
from spshipping.wire.model import Model, replace
from spshipping.wire.shapes import fields_of

M = TypeVar("M", bound=Model)


def complete(order: AmazonOrder, other: AmazonOrder) -> AmazonOrder:
    """Return *order* with what it does not hold, and *other* does; what it holds stays as it is.

    Items are matched by their id. Where *order* has the district as its county, as Orders 2026-01-01 has
    it, it stays there, and the district is set as well.
    """
    made = _completed(order, other)
    if order.items is None:
        return made
    theirs = {item.order_item_id: item for item in other.items or () if item.order_item_id}
    items = [_completed(item, theirs.get(item.order_item_id, item)) for item in order.items]
    return replace(made, items=items)


def _completed(mine: M, theirs: M) -> M:
    changes: dict[str, object] = {}
    for field in fields_of(type(mine)):
        had, found = getattr(mine, field.name), getattr(theirs, field.name)
        if found is None:
            continue
        if had is None:
            changes[field.name] = found
        elif field.shape.kind == "model" and not isinstance(had, Money):
            changes[field.name] = _completed(had, found)
    return replace(mine, **changes)
