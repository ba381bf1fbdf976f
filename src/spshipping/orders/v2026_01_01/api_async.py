"""The facade of `spshipping.orders.v2026_01_01.api` for `AsyncClient`."""

# Made by tools/make_async.py from api.py: change that file, and run the tool.

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Unpack

from spshipping.cursor import call_from_cursor
from spshipping.facade import AsyncApi
from spshipping.operation import CallOptions, Reply
from spshipping.orders.v2026_01_01.api import GET_ORDER, INCLUDED_DATA, SEARCH_ORDERS, _search
from spshipping.orders.v2026_01_01.models.orders import (
    FulfilledBy,
    FulfillmentStatus,
    GetOrderResponse,
    IncludedData,
    Order,
    SearchOrdersResponse,
)


class AsyncOrdersV20260101Api(AsyncApi):
    """Search orders, and fetch one; personal data comes as far as the roles allow, with no token of its own.

    `included_data` names the datasets to fetch. `pii` is taken too, so that what was written for Orders v0
    goes on working: `buyerInfo`, `shippingAddress` and `buyerTaxInformation` add BUYER, RECIPIENT and TAX.

    Source: https://developer-docs.amazon.com/sp-api/docs/access-orders-pii
    """

    __slots__ = ()

    async def search_orders(
        self,
        *,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        last_updated_after: datetime | None = None,
        last_updated_before: datetime | None = None,
        fulfillment_statuses: Sequence[FulfillmentStatus] | None = None,
        marketplace_ids: Sequence[str] | None = None,
        fulfilled_by: Sequence[FulfilledBy] | None = None,
        max_results_per_page: int | None = None,
        pagination_token: str | None = None,
        included_data: Sequence[IncludedData] | None = None,
        **options: Unpack[CallOptions],
    ) -> SearchOrdersResponse:
        """Return one page of the orders placed, or changed, in a span of time.

        Once in three minutes: beyond twenty in a row, a call waits for its turn. Orders of the last two
        years; in Singapore, Australia and Japan, since 2016.

        Args:
            created_after: placed then or later. Exactly one of this and `last_updated_after` is needed.
            created_before: placed then or earlier, and at least two minutes ago; with `created_after` only.
            last_updated_after: changed then or later, by Amazon or by the seller.
            last_updated_before: changed then or earlier, likewise; with `last_updated_after` only.
            fulfillment_statuses: None means all.
            marketplace_ids: at most 50; None means all of the region in which the seller sells.
            fulfilled_by: None means both.
            max_results_per_page: from 1 to 100; None means 100.
            pagination_token: names a page, where everything else is written as it was for the page before;
                `order_pages` sees to that.
            included_data: the datasets beside the bare bones and the items.
            options: limits of time, and personal data.

        Raises:
            InvalidRequestError: the parameters do not go together.
        """
        call = _search(
            createdAfter=created_after,
            createdBefore=created_before,
            lastUpdatedAfter=last_updated_after,
            lastUpdatedBefore=last_updated_before,
            fulfillmentStatuses=fulfillment_statuses,
            marketplaceIds=marketplace_ids,
            fulfilledBy=fulfilled_by,
            maxResultsPerPage=max_results_per_page,
            paginationToken=pagination_token,
            includedData=included_data or None,
        )
        return await self._run(call, **options)

    def iter_orders(
        self,
        *,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        last_updated_after: datetime | None = None,
        last_updated_before: datetime | None = None,
        fulfillment_statuses: Sequence[FulfillmentStatus] | None = None,
        marketplace_ids: Sequence[str] | None = None,
        fulfilled_by: Sequence[FulfilledBy] | None = None,
        max_results_per_page: int | None = None,
        included_data: Sequence[IncludedData] | None = None,
        **options: Unpack[CallOptions],
    ) -> AsyncIterator[Order]:
        """Go through the orders of all pages; a page is fetched when its first order is asked for.

        The arguments are those of `search_orders`. They are checked at once.

        Raises:
            InvalidRequestError: the parameters do not go together.
            PaginationError: Amazon names a page twice, or no longer takes a page's token.
        """
        call = _search(
            createdAfter=created_after,
            createdBefore=created_before,
            lastUpdatedAfter=last_updated_after,
            lastUpdatedBefore=last_updated_before,
            fulfillmentStatuses=fulfillment_statuses,
            marketplaceIds=marketplace_ids,
            fulfilledBy=fulfilled_by,
            maxResultsPerPage=max_results_per_page,
            includedData=included_data or None,
        )
        return self._iter(SEARCH_ORDERS, call, **options)

    def order_pages(
        self,
        *,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        last_updated_after: datetime | None = None,
        last_updated_before: datetime | None = None,
        fulfillment_statuses: Sequence[FulfillmentStatus] | None = None,
        marketplace_ids: Sequence[str] | None = None,
        fulfilled_by: Sequence[FulfilledBy] | None = None,
        max_results_per_page: int | None = None,
        included_data: Sequence[IncludedData] | None = None,
        **options: Unpack[CallOptions],
    ) -> AsyncIterator[Reply[SearchOrdersResponse]]:
        """Go through the pages, each with the call of the next.

        `cursor_of(reply.next_call)` makes text of it, from which `resume_order_pages` goes on. The arguments
        are those of `search_orders`. They are checked at once.

        Raises:
            InvalidRequestError: the parameters do not go together.
            PaginationError: Amazon names a page twice, or no longer takes a page's token.
        """
        call = _search(
            createdAfter=created_after,
            createdBefore=created_before,
            lastUpdatedAfter=last_updated_after,
            lastUpdatedBefore=last_updated_before,
            fulfillmentStatuses=fulfillment_statuses,
            marketplaceIds=marketplace_ids,
            fulfilledBy=fulfilled_by,
            maxResultsPerPage=max_results_per_page,
            includedData=included_data or None,
        )
        return self._pages(call, **options)

    def resume_order_pages(
        self, cursor: str, **options: Unpack[CallOptions]
    ) -> AsyncIterator[Reply[SearchOrdersResponse]]:
        """Go on through the pages from a saved cursor, within 24 hours.

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
        """Return one order, with its items and the datasets asked for.

        Once in two seconds: beyond thirty in a row, a call waits for its turn.
        """
        call = GET_ORDER(path={"orderId": order_id}, query={INCLUDED_DATA.name: included_data or None})
        return await self._run(call, **options)
