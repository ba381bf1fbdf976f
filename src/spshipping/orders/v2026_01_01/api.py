"""The operations of Orders 2026-01-01, and the facade that names them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Unpack

from spshipping.cursor import call_from_cursor
from spshipping.errors import InvalidRequestError
from spshipping.facade import Api
from spshipping.operation import Call, CallOptions, Effect, Operation, PagedOperation, Parameter, Quota, Reply
from spshipping.orders.v2026_01_01.models.orders import (
    FulfilledBy,
    FulfillmentStatus,
    GetOrderResponse,
    IncludedData,
    Order,
    SearchOrdersResponse,
)

INCLUDED_DATA = Parameter(
    "includedData",
    written="list",
    # asking for the data elements of v0 asks for the datasets that hold the same
    datasets={"buyerInfo": "BUYER", "shippingAddress": "RECIPIENT", "buyerTaxInformation": "TAX"},
)

# https://developer-docs.amazon.com/sp-api/docs/get-orders-with-filtering-criteria
_ROLES = (
    "Amazon Fulfillment",
    "Buyer Communication",
    "Buyer Solicitation",
    "Finance and Accounting",
    "Inventory and Order Tracking",
    "Pricing",
    "Product Listing",
    "Professional Services (Restricted)",
    "Selling Partner Insights",
    "Direct to Consumer Shipping (Restricted)",
    "Tax Invoicing (Restricted)",
    "Tax Remittance (Restricted)",
)

SEARCH_ORDERS: PagedOperation[SearchOrdersResponse, Order] = PagedOperation(
    name="searchOrders",
    route="GET /orders/2026-01-01/orders",
    query=(
        Parameter("createdAfter", written="time"),
        Parameter("createdBefore", written="time", is_before=True),
        Parameter("lastUpdatedAfter", written="time"),
        Parameter("lastUpdatedBefore", written="time", is_before=True),
        Parameter("fulfillmentStatuses", written="list"),
        Parameter("marketplaceIds", written="list"),
        Parameter("fulfilledBy", written="list"),
        Parameter("maxResultsPerPage", written="integer"),
        Parameter("paginationToken"),
        INCLUDED_DATA,
    ),
    returns=SearchOrdersResponse,
    items="orders",
    token="paginationToken",  # noqa: S106 - the name of a parameter
    next_token="pagination.next_token",  # noqa: S106 - the name of a field
    quota=Quota(0.0056, burst=20),
    effect=Effect.NONE,
    roles=_ROLES,
)
GET_ORDER = Operation(
    name="getOrder",
    route="GET /orders/2026-01-01/orders/{orderId}",
    query=(INCLUDED_DATA,),
    returns=GetOrderResponse,
    quota=Quota(0.5, burst=30),
    effect=Effect.NONE,
    roles=_ROLES,
)

_MOST_MARKETPLACES = 50
_MOST_PER_PAGE = 100


class OrdersV20260101Api(Api):
    """Search orders, and fetch one; personal data comes as far as the roles allow, with no token of its own.

    `included_data` names the datasets to fetch. `pii` is taken too, so that what was written for Orders v0
    goes on working: `buyerInfo`, `shippingAddress` and `buyerTaxInformation` add BUYER, RECIPIENT and TAX.

    Source: https://developer-docs.amazon.com/sp-api/docs/access-orders-pii
    """

    __slots__ = ()

    def search_orders(
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
        return self._run(call, **options)

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
    ) -> Iterator[Order]:
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
    ) -> Iterator[Reply[SearchOrdersResponse]]:
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
    ) -> Iterator[Reply[SearchOrdersResponse]]:
        """Go on through the pages from a saved cursor, within 24 hours.

        Raises:
            InvalidRequestError: it is no cursor of `searchOrders`.
            PaginationError: as for `order_pages`; then search again.
        """
        return self._pages(call_from_cursor(SEARCH_ORDERS, cursor), **options)

    def get_order(
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
        return self._run(call, **options)


def _search(**query: Any) -> Call[SearchOrdersResponse]:
    """Make the call, and refuse what Amazon would refuse with a word on all parameters at once.

    Source: https://github.com/amzn/selling-partner-api-models/tree/main/models/orders-api-model
    """
    call = SEARCH_ORDERS(query=query)
    _check_span(query)
    for name in ("fulfillmentStatuses", "marketplaceIds", "fulfilledBy"):
        if query[name] is not None and not query[name]:
            raise InvalidRequestError("is empty: leave it out to ask for all", path=name)
    if len(query["marketplaceIds"] or ()) > _MOST_MARKETPLACES:
        raise InvalidRequestError(
            f"has more than {_MOST_MARKETPLACES}: leave it out to ask for all, or search several times",
            path="marketplaceIds",
        )
    if query["maxResultsPerPage"] not in (None, *range(1, _MOST_PER_PAGE + 1)):
        raise InvalidRequestError(f"must be from 1 to {_MOST_PER_PAGE}", path="maxResultsPerPage")
    return call


def _check_span(query: Mapping[str, Any]) -> None:
    given = [name for name in ("createdAfter", "lastUpdatedAfter") if query[name] is not None]
    if len(given) != 1:
        raise InvalidRequestError(
            "give exactly one of created_after and last_updated_after",
            path=given[-1] if given else "createdAfter",
        )
    after = given[0]
    before = after.replace("After", "Before")
    for name in {"createdBefore", "lastUpdatedBefore"} - {before}:
        if query[name] is not None:
            raise InvalidRequestError(f"does not go with {after}: use {before}, or none", path=name)
    ends = query[after], query[before]
    if all(isinstance(end, datetime) for end in ends) and ends[1] < ends[0]:
        raise InvalidRequestError(f"is earlier than {after}", path=before)
