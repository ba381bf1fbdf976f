"""Asks Orders 2026-01-01 for Amazon orders: whatever is wanted rides along."""

from collections.abc import Iterator, Sequence

from spshipping.errors import InvalidRequestError, NotFoundError
from spshipping.operation import Call, CallOptions
from spshipping.orders.asking import ADDRESS, BUYER, BUYER_TAX, OrdersSender, Search, Wanted, in_turn
from spshipping.orders.order import AmazonOrder
from spshipping.orders.parts import FulfillmentChannel, OrderStatus
from spshipping.orders.v2026_01_01 import (
    GET_ORDER,
    INCLUDED_DATA,
    FulfilledBy,
    FulfillmentStatus,
    GetOrderResponse,
    IncludedData,
    Order,
    OrdersV20260101Api,
)


def datasets(wanted: Wanted) -> list[IncludedData]:
    """Return the datasets that hold what is wanted, and no more."""
    found = [IncludedData.FULFILLMENT, IncludedData.PAYMENT]
    if wanted.has_items:
        found += [IncludedData.PROCEEDS, IncludedData.PROMOTION, IncludedData.CANCELLATION]
    if BUYER in wanted.elements:
        found.append(IncludedData.BUYER)
    if ADDRESS in wanted.elements:
        found.append(IncludedData.RECIPIENT)
    if wanted.elements & {BUYER, BUYER_TAX}:
        # v0 tells the buyer's tax numbers with the buyer
        found.append(IncludedData.TAX)
    return found


def _status(status: OrderStatus) -> FulfillmentStatus:
    if status is OrderStatus.INVOICE_UNCONFIRMED:
        raise InvalidRequestError(
            "Orders 2026-01-01 does not know InvoiceUnconfirmed; there, such an order is Shipped",
            path="statuses",
        )
    return FulfillmentStatus("CANCELLED" if status is OrderStatus.CANCELED else status.name)


def _fulfilled_by(channel: FulfillmentChannel) -> FulfilledBy:
    return FulfilledBy(channel.name)


class AskingV2026:
    """Asks Orders 2026-01-01 for what is wanted of each order."""

    def __init__(self, sender: OrdersSender, wanted: Wanted) -> None:
        self._sender = sender
        self._api = OrdersV20260101Api(sender)
        self._wanted = wanted
        self._datasets = datasets(wanted)
        # the datasets say it all; what the client asks for by default is in them
        self._options: CallOptions = {**wanted.options, "pii": None}

    def one(self, order_id: str) -> AmazonOrder:
        """Return an order."""
        reply = self._api.get_order(order_id, included_data=self._datasets, **self._options)
        return self.told(reply.order)

    def some(self, order_ids: Sequence[str]) -> Iterator[AmazonOrder | None]:
        """Yield the orders of these ids in turn, None for one that is not there."""
        for mapped in in_turn(self._sender, self.call, order_ids, self._options):
            is_missing = isinstance(mapped.error, NotFoundError)
            yield None if is_missing else self.told(mapped.value.order)

    def pages(self, search: Search) -> Iterator[list[AmazonOrder]]:
        """Search; each page is fetched when it is reached.

        Raises:
            InvalidRequestError: a status that this API does not know, too many marketplaces, or a time that
                ends before it begins.
        """
        replies = self._api.order_pages(
            created_after=search.created_after,
            created_before=search.created_before,
            last_updated_after=search.updated_after,
            last_updated_before=search.updated_before,
            fulfillment_statuses=[_status(status) for status in search.statuses] or None,
            marketplace_ids=search.marketplace_ids,
            fulfilled_by=[_fulfilled_by(channel) for channel in search.channels] or None,
            included_data=self._datasets,
            **self._options,
        )
        return ([self.told(order) for order in reply.value.orders] for reply in replies)

    def call(self, order_id: str) -> Call[GetOrderResponse]:
        """Return the call that asks for one order."""
        return GET_ORDER(path={"orderId": order_id}, query={INCLUDED_DATA.name: self._datasets})

    def told(self, order: Order) -> AmazonOrder:
        """Return what is wanted of an order."""
        made = AmazonOrder.from_v2026(order)
        if not self._wanted.has_items:
            made.items = None
        if BUYER not in self._wanted.elements:
            # they come with the product and the packing, whoever asks for these
            for item in made.items or ():
                item.gift_message_text = item.customized_url = None
        return made
