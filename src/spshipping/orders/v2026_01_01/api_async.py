"""The facade of `spshipping.orders.v2026_01_01.api` for `AsyncClient`."""

# Made by tools/make_async.py from api.py: change that file, and run the tool.

from collections.abc import AsyncIterator, Sequence
from typing import Unpack

from spshipping.cursor import call_from_cursor
from spshipping.facade import AsyncApi
from spshipping.operation import CallOptions, Reply
from spshipping.orders.v2026_01_01.api import (
    GET_ORDER,
    INCLUDED_DATA,
    SEARCH_ORDERS,
    IterOrdersOptions,
    SearchOrdersOptions,
)
from spshipping.orders.v2026_01_01.models.orders import (
    GetOrderResponse,
    IncludedData,
    Order,
    SearchOrdersResponse,
)


class AsyncOrdersV20260101Api(AsyncApi):
    """Search orders, and fetch one; personal data comes as far as the roles allow, with no token of its own.

    `included_data` names the datasets to fetch. `pii` is accepted too, so that what was written for Orders
    v0 continues to work: `buyerInfo`, `shippingAddress` and `buyerTaxInformation` add BUYER, RECIPIENT and
    TAX.

    Source: https://developer-docs.amazon.com/sp-api/docs/access-orders-pii
    """

    __slots__ = ()

    async def search_orders(self, **filters: Unpack[SearchOrdersOptions]) -> SearchOrdersResponse:
        """Return one page of the orders placed, or changed, in a span of time.

        Once in three minutes: beyond twenty in a row, a call waits for its reservation. Orders of the last
        two years; in Singapore, Australia and Japan, since 2016.

        Args:
            filters: those of `OrderFilters`, `pagination_token`, and the options of every call.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: the filters do not go together, or one is outside Amazon's limits.
        """
        return await self._run(*SEARCH_ORDERS.split(filters))

    def iter_orders(self, **filters: Unpack[IterOrdersOptions]) -> AsyncIterator[Order]:
        """Iterate over the orders of all pages; a page is fetched when its first order is needed.

        The filters are those of `search_orders`. They are checked at once.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: the filters do not go together, or one is outside Amazon's limits.
            PaginationError: Amazon names a page twice, or no longer accepts a page's token.
        """
        return self._iter(SEARCH_ORDERS, *SEARCH_ORDERS.split(filters))

    def order_pages(self, **filters: Unpack[IterOrdersOptions]) -> AsyncIterator[Reply[SearchOrdersResponse]]:
        """Iterate over the pages, each with the call of the next.

        `cursor_of(reply.next_call)` makes text of it, from which `resume_order_pages` continues. The filters
        are those of `search_orders`. They are checked at once.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: the filters do not go together, or one is outside Amazon's limits.
            PaginationError: Amazon names a page twice, or no longer accepts a page's token.
        """
        return self._pages(*SEARCH_ORDERS.split(filters))

    def resume_order_pages(
        self, cursor: str, **options: Unpack[CallOptions]
    ) -> AsyncIterator[Reply[SearchOrdersResponse]]:
        """Continue with the pages from a saved cursor, within 24 hours.

        Raises:
            InvalidRequestError: it is no cursor of `searchOrders`.
            PaginationError: as for `order_pages`; then search again.
        """
        return self._pages(call_from_cursor(SEARCH_ORDERS, cursor), **options)

    async def get_order(
        self,
        order_id: str,
        *,
        included_data: Sequence[IncludedData] | None = None,
        **options: Unpack[CallOptions],
    ) -> GetOrderResponse:
        """Return one order, with its items and the datasets of `included_data`.

        Once in two seconds: beyond thirty in a row, a call waits for its reservation.
        """
        return await self._run(
            GET_ORDER(path={"orderId": order_id}, query={INCLUDED_DATA.name: included_data}), **options
        )
