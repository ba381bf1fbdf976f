"""Reads Amazon orders from Orders v0: fifty ids a call, and a call for the items of each order."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from itertools import islice

from spshipping.facade import Context, items, pages
from spshipping.operation import Call, CallOptions, Reply
from spshipping.orders.fields import optional
from spshipping.orders.order import AmazonOrder
from spshipping.orders.selection import BUYER, Search, Selection
from spshipping.orders.source import Listener, in_order, lacks, one_by_one, reply_of
from spshipping.orders.v0 import (
    GET_ORDER,
    GET_ORDER_ITEMS,
    GET_ORDERS,
    Order,
    OrderItem,
    OrderItemsList,
    OrdersList,
)

MOST_IDS = 50


class V0Source:
    """Reads what is requested of each order from Orders v0."""

    def __init__(self, context: Context, selection: Selection) -> None:
        self._sender = context.sender
        self._has_items = selection.has_items
        self._options: CallOptions = {**selection.options, "pii": sorted(selection.elements) or None}
        item_elements = selection.elements & {BUYER}
        self._item_options: CallOptions = {**selection.options, "pii": sorted(item_elements) or None}

    async def one(self, order_id: str) -> AmazonOrder:
        """Return one order."""
        reply = await self._sender.send(GET_ORDER(path={"orderId": order_id}), **self._options)
        if not id_of(reply.value):
            raise lacks(reply, "AmazonOrderId")
        if not self._has_items:
            return AmazonOrder.from_v0(reply.value)
        call = GET_ORDER_ITEMS(path={"orderId": order_id})
        lines = [line async for line in items(self._sender, GET_ORDER_ITEMS, call, **self._item_options)]
        return AmazonOrder.from_v0(reply.value, items=lines)

    def many(self, order_ids: Sequence[str]) -> AsyncGenerator[AmazonOrder, None]:
        """Yield the orders of these ids, and raise the first error in the end."""
        return one_by_one(self.one, dict.fromkeys(order_ids))

    def search(
        self,
        search: Search,
        on_progress: Listener | None = None,  # noqa: ARG002 - its pages come as they are reached
    ) -> AsyncGenerator[AmazonOrder, None]:
        """Yield the orders of all pages; a page, and its items, are requested when it is reached."""
        return self._search(search_call(search))

    async def _search(self, call: Call[OrdersList]) -> AsyncGenerator[AmazonOrder, None]:
        async with aclosing(pages(self._sender, call, **self._options)) as replies:
            async for reply in replies:
                if not all(map(id_of, reply.value.orders)):
                    raise lacks(reply, "AmazonOrderId of an order")
                async with aclosing(self._read(reply.value.orders)) as orders:
                    async for order in orders:
                        yield order

    async def counterparts(self, places: Mapping[str, str]) -> AsyncGenerator[AmazonOrder | None, None]:
        """Yield the orders of these ids in their order, None for one that does not exist.

        Args:
            places: the marketplace of each order.
        """
        found: dict[str, Order] = {}
        ids = iter(places)
        while chunk := list(islice(ids, MOST_IDS)):
            marketplaces = sorted({places[order_id] for order_id in chunk})
            call = GET_ORDERS(query={"MarketplaceIds": marketplaces, "AmazonOrderIds": chunk})
            async for order in items(self._sender, GET_ORDERS, call, **self._options):
                found[id_of(order)] = order
        known = [found[order_id] for order_id in places if order_id in found]
        async with aclosing(self._read(known)) as orders:
            for order_id in places:
                yield await anext(orders) if order_id in found else None

    async def _read(self, orders: Sequence[Order]) -> AsyncGenerator[AmazonOrder, None]:
        if not self._has_items:
            for order in orders:
                yield AmazonOrder.from_v0(order)
            return
        async with aclosing(in_order(self._sender, _items_call, orders, self._item_options)) as results:
            async for result in results:
                lines = await self._lines(reply_of(result))
                yield AmazonOrder.from_v0(orders[result.item], items=lines)

    async def _lines(self, first: Reply[OrderItemsList]) -> list[OrderItem]:
        lines = [*first.value.order_items]
        if first.next_call is not None:
            rest = items(self._sender, GET_ORDER_ITEMS, first.next_call, **self._item_options)
            lines += [line async for line in rest]
        return lines


def search_call(search: Search) -> Call[OrdersList]:
    """Return the call that searches for orders."""
    return GET_ORDERS(
        query={
            "MarketplaceIds": search.marketplace_ids,
            "CreatedAfter": search.created_after,
            "CreatedBefore": search.created_before,
            "LastUpdatedAfter": search.updated_after,
            "LastUpdatedBefore": search.updated_before,
            "OrderStatuses": search.statuses or None,
            "FulfillmentChannels": search.channels or None,
        }
    )


def id_of(order: Order) -> str:
    """Return the id of an order; empty where the answer lacks it."""
    return optional(lambda: order.amazon_order_id) or ""


def _items_call(order: Order) -> Call[OrderItemsList]:
    return GET_ORDER_ITEMS(path={"orderId": order.amazon_order_id})
