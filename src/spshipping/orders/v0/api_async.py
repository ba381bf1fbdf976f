"""The facade of `spshipping.orders.v0.api` for `AsyncClient`."""

# Made by tools/make_async.py from api.py: change that file, and run the tool.

from collections.abc import AsyncIterator, Sequence
from typing import Unpack

from spshipping.facade import AsyncApi
from spshipping.operation import CallOptions, Reply
from spshipping.orders.v0.api import (
    CONFIRM_SHIPMENT,
    GET_ORDER,
    GET_ORDER_ADDRESS,
    GET_ORDER_BUYER_INFO,
    GET_ORDER_ITEMS,
    GET_ORDER_ITEMS_BUYER_INFO,
    GET_ORDER_REGULATED_INFO,
    GET_ORDERS,
    NEXT_TOKEN,
    UPDATE_SHIPMENT_STATUS,
    UPDATE_VERIFICATION_STATUS,
    GetOrdersOptions,
    _sorted,
)
from spshipping.orders.v0.models.items import (
    OrderItem,
    OrderItemBuyerInfo,
    OrderItemsBuyerInfoList,
    OrderItemsList,
)
from spshipping.orders.v0.models.orders import Order, OrdersList
from spshipping.orders.v0.models.parties import OrderAddress, OrderBuyerInfo
from spshipping.orders.v0.models.regulated import OrderRegulatedInfo, UpdateVerificationStatusRequest
from spshipping.orders.v0.models.shipments import ConfirmShipmentRequest, UpdateShipmentStatusRequest


class AsyncOrdersV0Api(AsyncApi):
    """Read orders the old way until 27 March 2027, and tell Amazon what became of them.

    Personal data comes only with `pii=`: the data elements for orders and items, `()` for the methods whose
    answer is nothing but personal data. Without it, those fields are None.
    """

    __slots__ = ()

    async def get_orders(
        self, *, marketplace_ids: Sequence[str], **which: Unpack[GetOrdersOptions]
    ) -> OrdersList:
        """Return one page of orders.

        About once a minute: beyond twenty in a row, a call waits for its turn. `iter_orders` goes on to the
        next page by itself.

        Args:
            marketplace_ids: where the orders were placed: ids such as `Marketplace.UK.value`; at most 50.
            which: the filters of `OrderFilters`, and the options of every call.

        Raises:
            TypeError: there is no such filter.
        """
        query, options = _sorted(marketplace_ids, which)
        return await self._run(GET_ORDERS(query=query), **options)

    def iter_orders(
        self, *, marketplace_ids: Sequence[str], **which: Unpack[GetOrdersOptions]
    ) -> AsyncIterator[Order]:
        """Go through the orders of all pages, one request a page, each when it is reached."""
        query, options = _sorted(marketplace_ids, which)
        return self._iter(GET_ORDERS, GET_ORDERS(query=query), **options)

    def order_pages(
        self, *, marketplace_ids: Sequence[str], **which: Unpack[GetOrdersOptions]
    ) -> AsyncIterator[Reply[OrdersList]]:
        """Go through the pages; each knows the call that goes on from there."""
        query, options = _sorted(marketplace_ids, which)
        return self._pages(GET_ORDERS(query=query), **options)

    async def get_order(self, order_id: str, **options: Unpack[CallOptions]) -> Order:
        """Return one order, without its items."""
        return await self._run(GET_ORDER(path={"orderId": order_id}), **options)

    async def get_order_buyer_info(self, order_id: str, **options: Unpack[CallOptions]) -> OrderBuyerInfo:
        """Return who bought an order; say `pii=()`."""
        return await self._run(GET_ORDER_BUYER_INFO(path={"orderId": order_id}), **options)

    async def get_order_address(self, order_id: str, **options: Unpack[CallOptions]) -> OrderAddress:
        """Return where an order goes, and what the driver should know; say `pii=()`."""
        return await self._run(GET_ORDER_ADDRESS(path={"orderId": order_id}), **options)

    async def get_order_items(
        self, order_id: str, *, next_token: str | None = None, **options: Unpack[CallOptions]
    ) -> OrderItemsList:
        """Return one page of the lines of an order."""
        return await self._run(
            GET_ORDER_ITEMS(path={"orderId": order_id}, query={NEXT_TOKEN.name: next_token}), **options
        )

    def iter_order_items(self, order_id: str, **options: Unpack[CallOptions]) -> AsyncIterator[OrderItem]:
        """Go through all lines of an order."""
        return self._iter(GET_ORDER_ITEMS, GET_ORDER_ITEMS(path={"orderId": order_id}), **options)

    def order_item_pages(
        self, order_id: str, **options: Unpack[CallOptions]
    ) -> AsyncIterator[Reply[OrderItemsList]]:
        """Go through the pages of an order's lines."""
        return self._pages(GET_ORDER_ITEMS(path={"orderId": order_id}), **options)

    async def get_order_items_buyer_info(
        self, order_id: str, *, next_token: str | None = None, **options: Unpack[CallOptions]
    ) -> OrderItemsBuyerInfoList:
        """Return one page of what the buyer wished for the lines of an order; say `pii=()`."""
        return await self._run(
            GET_ORDER_ITEMS_BUYER_INFO(path={"orderId": order_id}, query={NEXT_TOKEN.name: next_token}),
            **options,
        )

    def iter_order_items_buyer_info(
        self, order_id: str, **options: Unpack[CallOptions]
    ) -> AsyncIterator[OrderItemBuyerInfo]:
        """Go through what the buyer wished for every line of an order; say `pii=()`."""
        return self._iter(
            GET_ORDER_ITEMS_BUYER_INFO, GET_ORDER_ITEMS_BUYER_INFO(path={"orderId": order_id}), **options
        )

    def order_item_buyer_info_pages(
        self, order_id: str, **options: Unpack[CallOptions]
    ) -> AsyncIterator[Reply[OrderItemsBuyerInfoList]]:
        """Go through the pages of what the buyer wished; say `pii=()`."""
        return self._pages(GET_ORDER_ITEMS_BUYER_INFO(path={"orderId": order_id}), **options)

    async def update_shipment_status(
        self, request: UpdateShipmentStatusRequest, *, order_id: str, **options: Unpack[CallOptions]
    ) -> None:
        """Say how far an order is that the buyer picks up in the seller's shop.

        Raises:
            OutcomeUnknownError: Amazon may have taken it; look at the order before you send it again.
        """
        return await self._run(UPDATE_SHIPMENT_STATUS(path={"orderId": order_id}, body=request), **options)

    async def get_order_regulated_info(
        self, order_id: str, **options: Unpack[CallOptions]
    ) -> OrderRegulatedInfo:
        """Return what a regulated order states, and how its review stands; say `pii=()`."""
        return await self._run(GET_ORDER_REGULATED_INFO(path={"orderId": order_id}), **options)

    async def update_verification_status(
        self, request: UpdateVerificationStatusRequest, *, order_id: str, **options: Unpack[CallOptions]
    ) -> None:
        """Approve or reject a regulated order, or say more about its review.

        Raises:
            OutcomeUnknownError: Amazon may have taken it; `get_order_regulated_info` tells.
        """
        return await self._run(
            UPDATE_VERIFICATION_STATUS(path={"orderId": order_id}, body=request), **options
        )

    async def confirm_shipment(
        self, request: ConfirmShipmentRequest, *, order_id: str, **options: Unpack[CallOptions]
    ) -> None:
        """Say that a package has left. Not needed for a label that was bought through Amazon.

        One request for each package; the same `package_reference_id` again corrects what was said before.

        Source: https://developer-docs.amazon.com/sp-api/docs/confirm-the-shipment-status

        Raises:
            OutcomeUnknownError: Amazon may have taken it; look at the order, or send it again with the same
                `package_reference_id`.
        """
        return await self._run(CONFIRM_SHIPMENT(path={"orderId": order_id}, body=request), **options)
