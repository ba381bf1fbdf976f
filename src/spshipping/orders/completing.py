"""Completes an Amazon order with what another reading of the same order tells."""

from spshipping.orders.order import AmazonOrder
from spshipping.orders.parts import Address, Money
from spshipping.wire.model import Model, has
from spshipping.wire.shapes import fields_of


def complete(order: AmazonOrder, other: AmazonOrder) -> None:
    """Set what *order* does not tell, and *other* does; what *order* tells stays as it is.

    Items are matched by their id. Where *order* has the district as its county, as Orders 2026-01-01 tells
    it, the district is not told twice.
    """
    _complete(order, other)
    theirs = {item.order_item_id: item for item in other.items or () if has(item, "order_item_id")}
    for item in order.items or ():
        if has(item, "order_item_id") and item.order_item_id in theirs:
            _complete(item, theirs[item.order_item_id])


def _complete(mine: Model, theirs: Model) -> None:
    for field in fields_of(type(mine)):
        had, found = getattr(mine, field.name, None), getattr(theirs, field.name, None)
        if had is None:
            if found is not None and not _is_told_twice(mine, field.name, found):
                setattr(mine, field.name, found)
        elif found is not None and field.shape.kind == "model" and not isinstance(had, Money):
            _complete(had, found)


def _is_told_twice(mine: Model, name: str, found: object) -> bool:
    return isinstance(mine, Address) and name == "district" and mine.county == found
