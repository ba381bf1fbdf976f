"""Retrieves Amazon orders from one API or the other, or from both."""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain

from spshipping.errors import NotFoundError
from spshipping.orders.asking import ADDRESS, BUYER, BUYER_TAX, OrderSource, OrdersSender, Search, Wanted
from spshipping.orders.compare import Comparison, Difference, differences
from spshipping.orders.order import AmazonOrder

END_OF_V0 = datetime(2027, 3, 27, tzinfo=UTC)
"""When Amazon switches off reading with Orders v0.

Source: https://developer-docs.amazon.com/sp-api/docs/orders-api-migration-guide
"""

_BEHIND = {
    frozenset({ADDRESS}): ("shipping_address.",),
    frozenset({BUYER}): ("buyer_info.", "items[].gift_", "items[].customized_url"),
    frozenset({BUYER, BUYER_TAX}): ("items[].deemed_reseller_category",),
}
"""What one of the two APIs does not tell, or not whole, where none of these data elements is asked for."""


def usual_source(now: datetime) -> OrderSource:
    """Return where orders are read from at this time, where nobody says."""
    return OrderSource.FULLEST if now < END_OF_V0 else OrderSource.V2026


def retrieve(sender: OrdersSender, order_id: str, source: OrderSource, wanted: Wanted) -> AmazonOrder:
    """Return one order."""
    # imported here, and below: each API's models are loaded only where it is asked
    if source is OrderSource.V0:
        from spshipping.orders.asking_v0 import AskingV0

        return AskingV0(sender, wanted).one(order_id)
    from spshipping.orders.asking_v2026 import AskingV2026

    order = AskingV2026(sender, wanted).one(order_id)
    if source is OrderSource.FULLEST:
        from spshipping.orders.asking_v0 import AskingV0

        try:
            other = AskingV0(sender, wanted).one(order_id)
        except NotFoundError:
            return order
        _complete(order, other)
    return order


def retrieve_all(
    sender: OrdersSender, search: Search, source: OrderSource, wanted: Wanted
) -> Iterator[AmazonOrder]:
    """Search, and return the orders of all pages; what is asked for is checked at once."""
    if source is OrderSource.V0:
        from spshipping.orders.asking_v0 import AskingV0

        return chain.from_iterable(AskingV0(sender, wanted).pages(search))
    from spshipping.orders.asking_v2026 import AskingV2026

    pages: Iterable[Iterable[AmazonOrder]] = AskingV2026(sender, wanted).pages(search)
    if source is OrderSource.FULLEST:
        pages = _completed(sender, pages, wanted, search.marketplace_ids[0])
    return chain.from_iterable(pages)


def _completed(
    sender: OrdersSender, pages: Iterable[Iterable[AmazonOrder]], wanted: Wanted, marketplace_id: str
) -> Iterator[Iterator[AmazonOrder]]:
    from spshipping.orders.asking_v0 import AskingV0

    asking = AskingV0(sender, wanted)
    for page in pages:
        orders = list(page)
        places = {order.amazon_order_id: order.marketplace_id or marketplace_id for order in orders}
        yield map(_complete, orders, asking.twins(places))


def _complete(order: AmazonOrder, other: AmazonOrder | None) -> AmazonOrder:
    from spshipping.orders.completing import complete

    if other is not None:
        complete(order, other)
    return order


def compare(
    sender: OrdersSender, order_ids: Iterable[str], wanted: Wanted, marketplace_id: str
) -> list[Comparison]:
    """Read orders through both APIs, and tell where they differ.

    Args:
        sender: sends the calls.
        order_ids: which orders.
        wanted: what is asked for of each; what both APIs tell only when asked for is else left out.
        marketplace_id: where the orders that 2026-01-01 does not know may have been placed.
    """
    from spshipping.orders.asking_v0 import AskingV0
    from spshipping.orders.asking_v2026 import AskingV2026

    ids = list(dict.fromkeys(order_ids))
    new = dict(zip(ids, AskingV2026(sender, wanted).some(ids), strict=True))
    places = {id_: (order and order.marketplace_id) or marketplace_id for id_, order in new.items()}
    old = dict(zip(ids, AskingV0(sender, wanted).twins(places), strict=True))
    return [_comparison(id_, old[id_], new[id_], wanted.elements) for id_ in ids]


def _comparison(
    order_id: str, old: AmazonOrder | None, new: AmazonOrder | None, elements: Collection[str]
) -> Comparison:
    left_out = tuple(
        chain.from_iterable(names for behind, names in _BEHIND.items() if behind.isdisjoint(elements))
    )
    found: tuple[Difference, ...] = ()
    if old and new:
        found = tuple(one for one in differences(old, new) if not one.field.startswith(left_out))
    return Comparison(order_id=order_id, v0=old, v2026=new, differences=found)
