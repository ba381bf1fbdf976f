"""The facade of `spshipping.orders.v0.api` for `AsyncClient`."""

# Made by tools/make_async.py from api.py: change that file, and run the tool.

from collections.abc import AsyncIterator
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
    """Read orders as version 0 has them, until 27 March 2027, and report their shipments to Amazon.

    For orders and items, personal data comes only with `pii=`, which names the data elements; without it,
    those fields are None. The methods whose whole answer is personal need no `pii=`. Either way the client
    mints a Restricted Data Token, and keeps it as long as it is good.
    """

    __slots__ = ()

    async def get_orders(self, **filters: Unpack[GetOrdersOptions]) -> OrdersList:
        """Return one page of orders.

        About once a minute: beyond twenty in a row, a call waits for its reservation. `iter_orders` continues
        with the next page by itself.

        Args:
            filters: those of `OrderFilters`, of which `marketplace_ids` is required; and the options of
                every call.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: a filter is outside Amazon's limits.
        """
        return await self._run(*GET_ORDERS.split(filters))

    def iter_orders(self, **filters: Unpack[GetOrdersOptions]) -> AsyncIterator[Order]:
        """Iterate over the orders of all pages, one request a page, each when its first order is needed."""
        return self._iter(GET_ORDERS, *GET_ORDERS.split(filters))

    def order_pages(self, **filters: Unpack[GetOrdersOptions]) -> AsyncIterator[Reply[OrdersList]]:
        """Iterate over the pages; each knows the call of the next."""
        return self._pages(*GET_ORDERS.split(filters))

    async def get_order(self, order_id: str, **options: Unpack[CallOptions]) -> Order:
        """Return one order, without its items."""
        return await self._run(GET_ORDER(path={"orderId": order_id}), **options)

    async def get_order_buyer_info(self, order_id: str, **options: Unpack[CallOptions]) -> OrderBuyerInfo:
        """Return who bought an order. The whole answer is personal."""
        return await self._run(GET_ORDER_BUYER_INFO(path={"orderId": order_id}), **options)

    async def get_order_address(self, order_id: str, **options: Unpack[CallOptions]) -> OrderAddress:
        """Return where an order is delivered, and the delivery instructions. The whole answer is personal."""
        return await self._run(GET_ORDER_ADDRESS(path={"orderId": order_id}), **options)

    async def get_order_items(
        self, order_id: str, *, next_token: str | None = None, **options: Unpack[CallOptions]
    ) -> OrderItemsList:
        """Return one page of the lines of an order."""
        return await self._run(
            GET_ORDER_ITEMS(path={"orderId": order_id}, query={NEXT_TOKEN.name: next_token}), **options
        )

    def iter_order_items(self, order_id: str, **options: Unpack[CallOptions]) -> AsyncIterator[OrderItem]:
        """Iterate over all lines of an order."""
        return self._iter(GET_ORDER_ITEMS, GET_ORDER_ITEMS(path={"orderId": order_id}), **options)

    def order_item_pages(
        self, order_id: str, **options: Unpack[CallOptions]
    ) -> AsyncIterator[Reply[OrderItemsList]]:
        """Iterate over the pages of an order's lines."""
        return self._pages(GET_ORDER_ITEMS(path={"orderId": order_id}), **options)

    async def get_order_items_buyer_info(
        self, order_id: str, *, next_token: str | None = None, **options: Unpack[CallOptions]
    ) -> OrderItemsBuyerInfoList:
        """Return one page of the buyer's gift messages and customizations. The whole answer is personal."""
        return await self._run(
            GET_ORDER_ITEMS_BUYER_INFO(path={"orderId": order_id}, query={NEXT_TOKEN.name: next_token}),
            **options,
        )

    def iter_order_items_buyer_info(
        self, order_id: str, **options: Unpack[CallOptions]
    ) -> AsyncIterator[OrderItemBuyerInfo]:
        """Iterate over the buyer's gift messages and customizations. The whole answer is personal."""
        return self._iter(
            GET_ORDER_ITEMS_BUYER_INFO, GET_ORDER_ITEMS_BUYER_INFO(path={"orderId": order_id}), **options
        )

    def order_item_buyer_info_pages(
        self, order_id: str, **options: Unpack[CallOptions]
    ) -> AsyncIterator[Reply[OrderItemsBuyerInfoList]]:
        """Iterate over the pages of gift messages and customizations. The whole answer is personal."""
        return self._pages(GET_ORDER_ITEMS_BUYER_INFO(path={"orderId": order_id}), **options)

    async def update_shipment_status(
        self, request: UpdateShipmentStatusRequest, *, order_id: str, **options: Unpack[CallOptions]
    ) -> None:
        """Report the status of an order that the buyer picks up in the seller's shop.

        Raises:
            OutcomeUnknownError: Amazon may have accepted it; look at the order before you send it again.
        """
        return await self._run(UPDATE_SHIPMENT_STATUS(path={"orderId": order_id}, body=request), **options)

    async def get_order_regulated_info(
        self, order_id: str, **options: Unpack[CallOptions]
    ) -> OrderRegulatedInfo:
        """Return what a regulated order states, and the state of its review. The whole answer is personal."""
        return await self._run(GET_ORDER_REGULATED_INFO(path={"orderId": order_id}), **options)

    async def update_verification_status(
        self, request: UpdateVerificationStatusRequest, *, order_id: str, **options: Unpack[CallOptions]
    ) -> None:
        """Approve or reject a regulated order, or report the progress of its review.

        Raises:
            OutcomeUnknownError: Amazon may have accepted it; see `get_order_regulated_info`.
        """
        return await self._run(
            UPDATE_VERIFICATION_STATUS(path={"orderId": order_id}, body=request), **options
        )

    async def confirm_shipment(
        self, request: ConfirmShipmentRequest, *, order_id: str, **options: Unpack[CallOptions]
    ) -> None:
        """Report that a package was shipped. Not needed for a label that was bought through Amazon.

        One request for each package; the same `package_reference_id` again corrects the earlier report.

        Source: https://developer-docs.amazon.com/sp-api/docs/confirm-the-shipment-status

        Raises:
            OutcomeUnknownError: Amazon may have accepted it; look at the order, or send it again with the
                same `package_reference_id`.
        """
        return await self._run(CONFIRM_SHIPMENT(path={"orderId": order_id}, body=request), **options)
