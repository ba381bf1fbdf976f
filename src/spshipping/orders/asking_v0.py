"""Asks Orders v0 for Amazon orders: fifty ids a call, and items over threads."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from spshipping.operation import Call, CallOptions
from spshipping.orders.asking import BUYER, OrdersSender, Search, Wanted, in_turn
from spshipping.orders.order import AmazonOrder
from spshipping.orders.v0 import GET_ORDER_ITEMS, Order, OrderItemsList, OrdersV0Api

_MOST_IDS = 50

# Amazon ends what is asked here, and warns of that whoever asks by name. The operations are called from
# functions of this package that are called from it too, so that nobody is warned who did not.


class AskingV0:
    """Asks Orders v0 for what is wanted of each order."""

    def __init__(self, sender: OrdersSender, wanted: Wanted) -> None:
        self._sender = sender
        self._api = OrdersV0Api(sender)
        self._has_items = wanted.has_items
        self._options: CallOptions = {**wanted.options, "pii": sorted(wanted.elements) or None}
        item_elements = wanted.elements & {BUYER}
        self._item_options: CallOptions = {**wanted.options, "pii": sorted(item_elements) or None}

    def one(self, order_id: str) -> AmazonOrder:
        """Return an order."""
        order = self._api.get_order(order_id, **self._options)
        items = self._api.iter_order_items(order_id, **self._item_options) if self._has_items else None
        return AmazonOrder.from_v0(order, items=items)

    def pages(self, search: Search) -> Iterator[Iterator[AmazonOrder]]:
        """Search; each page is fetched when it is reached, and so are the items of its orders."""
        replies = self._api.order_pages(
            marketplace_ids=search.marketplace_ids,
            created_after=search.created_after,
            created_before=search.created_before,
            last_updated_after=search.updated_after,
            last_updated_before=search.updated_before,
            order_statuses=search.statuses or None,
            fulfillment_channels=search.channels or None,
            **self._options,
        )
        return (self._told(reply.value.orders) for reply in replies)

    def twins(self, places: Mapping[str, str]) -> Iterator[AmazonOrder | None]:
        """Yield the orders of these ids in turn, None for one that is not there.

        Args:
            places: the marketplace of each order.
        """
        found: dict[str, Order] = {}
        ids = iter(places)
        while chunk := list(islice(ids, _MOST_IDS)):
            for order in self._api.iter_orders(
                marketplace_ids=sorted({places[order_id] for order_id in chunk}),
                amazon_order_ids=chunk,
                **self._options,
            ):
                found[order.amazon_order_id] = order
        told = self._told([found[order_id] for order_id in places if order_id in found])
        for order_id in places:
            yield next(told) if order_id in found else None

    def _told(self, orders: Sequence[Order]) -> Iterator[AmazonOrder]:
        if not self._has_items:
            yield from (AmazonOrder.from_v0(order) for order in orders)
            return
        for mapped in in_turn(self._sender, _items_call, orders, self._item_options):
            items = [*mapped.value.order_items]
            following = mapped.reply.next_call if mapped.reply else None
            if following is not None:
                for reply in self._api._pages(following, **self._item_options):
                    items += reply.value.order_items
            yield AmazonOrder.from_v0(orders[mapped.item], items=items)


def _items_call(order: Order) -> Call[OrderItemsList]:
    return GET_ORDER_ITEMS(path={"orderId": order.amazon_order_id})
