"""Reads Amazon orders from Orders 2026-01-01: items and personal data come in the same answer."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from typing import NamedTuple

from spshipping.errors import InvalidRequestError, NotFoundError, SpShippingError
from spshipping.facade import Context, pages
from spshipping.operation import Call, CallOptions, Reply
from spshipping.orders.fields import optional
from spshipping.orders.order import AmazonOrder
from spshipping.orders.parts import FulfillmentChannel, OrderStatus
from spshipping.orders.selection import ADDRESS, BUYER, BUYER_TAX, Search, Selection
from spshipping.orders.source import Listener, in_order, lacks, reply_of
from spshipping.orders.v2026_01_01 import (
    GET_ORDER,
    INCLUDED_DATA,
    SEARCH_ORDERS,
    FulfilledBy,
    FulfillmentStatus,
    GetOrderResponse,
    IncludedData,
    Order,
    SearchOrdersResponse,
)


class Page(NamedTuple):
    """One page of a search."""

    orders: list[AmazonOrder]
    is_last: bool


def datasets(selection: Selection) -> list[IncludedData]:
    """Return the datasets that hold what is requested, and no more."""
    found = [IncludedData.FULFILLMENT, IncludedData.PAYMENT]
    if selection.has_items:
        found += [IncludedData.PROCEEDS, IncludedData.PROMOTION, IncludedData.CANCELLATION]
    if BUYER in selection.elements:
        found.append(IncludedData.BUYER)
    if ADDRESS in selection.elements:
        found.append(IncludedData.RECIPIENT)
    if selection.elements & {BUYER, BUYER_TAX}:
        # Orders v0 has the buyer's tax numbers with the buyer
        found.append(IncludedData.TAX)
    return found


def _status(status: OrderStatus) -> FulfillmentStatus:
    if status is OrderStatus.INVOICE_UNCONFIRMED:
        raise InvalidRequestError(
            "Orders 2026-01-01 has no InvoiceUnconfirmed; there, such an order is Shipped",
            path="statuses",
        )
    return FulfillmentStatus("CANCELLED" if status is OrderStatus.CANCELED else status.name)


def fulfilled_by(channel: FulfillmentChannel) -> FulfilledBy:
    """Return what Orders 2026-01-01 calls *channel*."""
    return FulfilledBy(channel.name)


def order_of(reply: Reply[GetOrderResponse]) -> Order:
    """Return the order in an answer of getOrder.

    Raises:
        DecodeError: it holds none, or one without an id.
    """
    order = optional(lambda: reply.value.order)
    if order is None:
        raise lacks(reply, "order")
    if not _has_id(order):
        raise lacks(reply, "order.orderId")
    return order


def _has_id(order: Order) -> bool:
    return bool(optional(lambda: order.order_id))


class V2026Source:
    """Reads what is requested of each order from Orders 2026-01-01."""

    def __init__(self, context: Context, selection: Selection) -> None:
        self._sender = context.sender
        self._selection = selection
        self._datasets = datasets(selection)
        # the datasets hold whatever the client requests by default
        self.options: CallOptions = {**selection.options, "pii": None}

    async def one(self, order_id: str) -> AmazonOrder:
        """Return one order."""
        return self.read(order_of(await self._sender.send(self.call(order_id), **self.options)))

    async def some(self, order_ids: Sequence[str]) -> AsyncGenerator[AmazonOrder | None, None]:
        """Yield the orders of these ids in their order, None for one that does not exist."""
        async with aclosing(in_order(self._sender, self.call, order_ids, self.options)) as results:
            async for result in results:
                is_unknown = isinstance(result.error, NotFoundError)
                yield None if is_unknown else self.read(order_of(reply_of(result)))

    async def many(self, order_ids: Iterable[str]) -> AsyncGenerator[AmazonOrder, None]:
        """Yield the orders of these ids as they come, and raise the first error in the end."""
        first: SpShippingError | None = None
        calls = self._sender.map(self.call, list(dict.fromkeys(order_ids)), **self.options)
        async with aclosing(calls) as results:
            async for result in results:
                try:
                    order = order_of(reply_of(result))
                except SpShippingError as error:
                    first = first or error
                else:
                    yield self.read(order)
        if first is not None:
            raise first

    def search(
        self,
        search: Search,
        on_progress: Listener | None = None,  # noqa: ARG002 - it is as fast as can be
    ) -> AsyncGenerator[AmazonOrder, None]:
        """Yield the orders of all pages; a page is requested when it is reached."""
        return _flat(self.pages(search))

    def pages(self, search: Search) -> AsyncGenerator[Page, None]:
        """Yield the orders page by page; the search is checked at once.

        Raises:
            InvalidRequestError: a status that this API does not have, or too many marketplaces.
        """
        call = SEARCH_ORDERS(
            query={
                "createdAfter": search.created_after,
                "createdBefore": search.created_before,
                "lastUpdatedAfter": search.updated_after,
                "lastUpdatedBefore": search.updated_before,
                "fulfillmentStatuses": [_status(status) for status in search.statuses] or None,
                "marketplaceIds": search.marketplace_ids,
                "fulfilledBy": [fulfilled_by(channel) for channel in search.channels] or None,
                INCLUDED_DATA.name: self._datasets,
            }
        )
        return self._pages(call)

    async def _pages(self, call: Call[SearchOrdersResponse]) -> AsyncGenerator[Page, None]:
        async with aclosing(pages(self._sender, call, **self.options)) as replies:
            async for reply in replies:
                for index, order in enumerate(reply.value.orders):
                    if not _has_id(order):
                        raise lacks(reply, f"orders[{index}].orderId")
                yield Page([self.read(order) for order in reply.value.orders], reply.next_call is None)

    def call(self, order_id: str) -> Call[GetOrderResponse]:
        """Return the call that requests one order."""
        return GET_ORDER(path={"orderId": order_id}, query={INCLUDED_DATA.name: self._datasets})

    def read(self, order: Order) -> AmazonOrder:
        """Return what is requested of an order."""
        made = AmazonOrder.from_v2026(order)
        if not self._selection.has_items:
            made.items = made.estimated_total = None
        if BUYER not in self._selection.elements:
            # they come with the product and the packing, whatever is requested
            for item in made.items or ():
                item.gift_message_text = item.customized_url = None
        return made


async def _flat(found: AsyncGenerator[Page, None]) -> AsyncGenerator[AmazonOrder, None]:
    async with aclosing(found) as batches:
        async for page in batches:
            for order in page.orders:
                yield order
            del page  # it is large, and the next one is as large
