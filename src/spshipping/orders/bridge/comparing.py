"""Reads orders through both APIs, and compares them."""

from collections.abc import Collection, Iterable
from itertools import chain
from typing import Unpack

from spshipping.facade import Context
from spshipping.operation import CallOptions
from spshipping.orders.bridge.compare import Comparison, Comparisons, Difference, differences
from spshipping.orders.bridge.source_v0 import V0Source
from spshipping.orders.order import AmazonOrder
from spshipping.orders.selection import ADDRESS, BUYER, BUYER_TAX, checked_ids, selection_of
from spshipping.orders.source_v2026 import V2026Source

_DEPENDENT = {
    frozenset({ADDRESS}): ("shipping_address.",),
    frozenset({BUYER}): ("buyer_info.", "items[].gift_", "items[].customized_url"),
    frozenset({BUYER, BUYER_TAX}): ("items[].deemed_reseller_category",),
}
"""The fields that one of the two APIs leaves out, or has in part, where none of these data elements is
requested."""


async def compare(context: Context, order_ids: Iterable[str], **options: Unpack[CallOptions]) -> Comparisons:
    """Read orders through both APIs, and return where they differ.

    Personal data is compared as far as it is requested.

    Raises:
        InvalidRequestError: *order_ids* is one text, or one of them is no id.
    """
    ids = checked_ids(order_ids)
    selection = selection_of(options, context.pii, has_items=True)
    found = [order async for order in V2026Source(context, selection).some(ids)]
    new = dict(zip(ids, found, strict=True))
    # an order that 2026-01-01 does not know may have been placed in the client's own marketplace
    places = {id_: (order and order.marketplace_id) or context.marketplace_id for id_, order in new.items()}
    others = [order async for order in V0Source(context, selection).counterparts(places)]
    old = dict(zip(ids, others, strict=True))
    return Comparisons(_comparison(id_, old[id_], new[id_], selection.elements) for id_ in ids)


def _comparison(
    order_id: str, old: AmazonOrder | None, new: AmazonOrder | None, elements: Collection[str]
) -> Comparison:
    left_out = tuple(
        chain.from_iterable(names for needed, names in _DEPENDENT.items() if needed.isdisjoint(elements))
    )
    found: tuple[Difference, ...] = ()
    if old and new:
        found = tuple(one for one in differences(old, new) if not one.field.startswith(left_out))
    return Comparison(order_id=order_id, v0=old, v2026=new, differences=found)
