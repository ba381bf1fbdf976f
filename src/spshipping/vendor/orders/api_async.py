"""The facade of `spshipping.vendor.orders.api` for `AsyncClient`."""

# Made by tools/make_async.py from api.py: change that file, and run the tool.

from collections.abc import AsyncIterator
from typing import Unpack

from spshipping.facade import AsyncApi
from spshipping.operation import CallOptions, Reply
from spshipping.vendor.orders.api import (
    GET_PURCHASE_ORDER,
    GET_PURCHASE_ORDERS,
    GET_PURCHASE_ORDERS_STATUS,
    SUBMIT_ACKNOWLEDGEMENT,
    GetPurchaseOrdersOptions,
    GetPurchaseOrdersStatusOptions,
    IterPurchaseOrdersOptions,
    IterPurchaseOrdersStatusOptions,
    with_vendor_code,
)
from spshipping.vendor.orders.models.acknowledgements import SubmitAcknowledgementRequest, TransactionId
from spshipping.vendor.orders.models.purchase_orders import Order, OrderList
from spshipping.vendor.orders.models.status import OrderListStatus, OrderStatus


class AsyncVendorOrdersApi(AsyncApi):
    """Read purchase orders and their state, and acknowledge them.

    Amazon has no notification for purchase orders, and ignores some filters at times. What an answer holds
    beside the purchase orders of the filters is taken out here; `Reply.raw` has it all.
    """

    __slots__ = ()

    async def get_purchase_orders(self, **filters: Unpack[GetPurchaseOrdersOptions]) -> OrderList:
        """Return one page of the purchase orders that became available, or changed, in a span of time.

        Ten a second. `iter_purchase_orders` continues with the next page by itself.

        Args:
            filters: those of `PurchaseOrderFilters`, `next_token`, and the options of every call.

        Raises:
            TypeError: there is no such filter; Amazon would answer with all purchase orders.
            InvalidRequestError: a span of more than seven days, or a filter outside Amazon's limits.
        """
        return await self._run(*GET_PURCHASE_ORDERS.split(with_vendor_code(self._context, filters)))

    def iter_purchase_orders(self, **filters: Unpack[IterPurchaseOrdersOptions]) -> AsyncIterator[Order]:
        """Iterate over the purchase orders of all pages; a page is fetched when its first order is needed.

        The filters are those of `get_purchase_orders`. They are checked at once.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: a span of more than seven days, or a filter outside Amazon's limits.
            PaginationError: Amazon names a page twice, or no longer accepts a page's token.
        """
        return self._iter(
            GET_PURCHASE_ORDERS, *GET_PURCHASE_ORDERS.split(with_vendor_code(self._context, filters))
        )

    def purchase_order_pages(
        self, **filters: Unpack[IterPurchaseOrdersOptions]
    ) -> AsyncIterator[Reply[OrderList]]:
        """Iterate over the pages, each with the call of the next.

        The filters are those of `get_purchase_orders`. They are checked at once.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: a span of more than seven days, or a filter outside Amazon's limits.
            PaginationError: Amazon names a page twice, or no longer accepts a page's token.
        """
        return self._pages(*GET_PURCHASE_ORDERS.split(with_vendor_code(self._context, filters)))

    async def get_purchase_order(self, purchase_order_number: str, **options: Unpack[CallOptions]) -> Order:
        """Return one purchase order, as Amazon has it now."""
        return await self._run(
            GET_PURCHASE_ORDER(path={"purchaseOrderNumber": purchase_order_number}), **options
        )

    async def submit_acknowledgement(
        self, request: SubmitAcknowledgementRequest, **options: Unpack[CallOptions]
    ) -> TransactionId:
        """Submit what the vendor answers to purchase orders, line by line.

        The answer says that it arrived, and no more: Amazon works on it afterwards. `get_transaction` tells a
        failure, and never a success; after 15 minutes, `get_purchase_orders_status` shows what was noted. To
        submit the same again is harmless, since an acknowledgement takes the place of the one before: an
        attempt whose outcome is not known is repeated.

        A line that is missing from the first acknowledgement counts as rejected, and what was rejected is
        never accepted later. One purchase order in each request keeps errors apart: they name none.

        Source: https://developer-docs.amazon.com/sp-api/docs/vendor-orders-api-v1-use-case-guide
        """
        return await self._run(SUBMIT_ACKNOWLEDGEMENT(body=request), **options)

    async def get_purchase_orders_status(
        self, **filters: Unpack[GetPurchaseOrdersStatusOptions]
    ) -> OrderListStatus:
        """Return one page of the state of purchase orders: ordered, acknowledged and received, by line.

        Args:
            filters: those of `PurchaseOrderStatusFilters`, `next_token`, and the options of every call.

        Raises:
            TypeError: there is no such filter; Amazon would answer with all purchase orders.
            InvalidRequestError: a span of more than seven days, or a filter outside Amazon's limits.
        """
        return await self._run(*GET_PURCHASE_ORDERS_STATUS.split(with_vendor_code(self._context, filters)))

    def iter_purchase_orders_status(
        self, **filters: Unpack[IterPurchaseOrdersStatusOptions]
    ) -> AsyncIterator[OrderStatus]:
        """Iterate over the states of all pages; a page is fetched when its first one is needed.

        The filters are those of `get_purchase_orders_status`. They are checked at once.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: a span of more than seven days, or a filter outside Amazon's limits.
            PaginationError: Amazon names a page twice, or no longer accepts a page's token.
        """
        return self._iter(
            GET_PURCHASE_ORDERS_STATUS,
            *GET_PURCHASE_ORDERS_STATUS.split(with_vendor_code(self._context, filters)),
        )

    def purchase_orders_status_pages(
        self, **filters: Unpack[IterPurchaseOrdersStatusOptions]
    ) -> AsyncIterator[Reply[OrderListStatus]]:
        """Iterate over the pages, each with the call of the next.

        The filters are those of `get_purchase_orders_status`. They are checked at once.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: a span of more than seven days, or a filter outside Amazon's limits.
            PaginationError: Amazon names a page twice, or no longer accepts a page's token.
        """
        return self._pages(*GET_PURCHASE_ORDERS_STATUS.split(with_vendor_code(self._context, filters)))
