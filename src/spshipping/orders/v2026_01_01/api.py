"""The operations of Orders 2026-01-01, and the facade that names them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypedDict, Unpack

from spshipping.cursor import call_from_cursor
from spshipping.errors import InvalidRequestError
from spshipping.facade import Api
from spshipping.operation import (
    CallOptions,
    Effect,
    Items,
    Operation,
    PagedOperation,
    Paging,
    Parameter,
    Quota,
    Range,
    Reply,
)
from spshipping.orders.v2026_01_01.absent import note_absent, note_absent_of_one
from spshipping.orders.v2026_01_01.models.orders import (
    FulfilledBy,
    FulfillmentStatus,
    GetOrderResponse,
    IncludedData,
    Order,
    SearchOrdersResponse,
)
from spshipping.regions import Marketplace, id_of_marketplace
from spshipping.roles import Role

INCLUDED_DATA = Parameter(
    "includedData",
    written="list",
    # the data elements of v0 select the datasets that hold the same
    datasets={"buyerInfo": "BUYER", "shippingAddress": "RECIPIENT", "buyerTaxInformation": "TAX"},
)
"""The parameter that selects datasets; `pii=` is written into it."""

# https://developer-docs.amazon.com/sp-api/docs/get-orders-with-filtering-criteria
_ROLES = (
    Role.AMAZON_FULFILLMENT,
    Role.BUYER_COMMUNICATION,
    Role.BUYER_SOLICITATION,
    Role.FINANCE_AND_ACCOUNTING,
    Role.INVENTORY_AND_ORDER_TRACKING,
    Role.PRICING,
    Role.PRODUCT_LISTING,
    Role.PROFESSIONAL_SERVICES,
    Role.SELLING_PARTNER_INSIGHTS,
    Role.DIRECT_TO_CONSUMER_SHIPPING,
    Role.TAX_INVOICING,
    Role.TAX_REMITTANCE,
)


def _check_span(query: Mapping[str, object]) -> None:
    """Refuse what Amazon would refuse with one message about all parameters.

    Source: https://github.com/amzn/selling-partner-api-models/tree/main/models/orders-api-model
    """
    given = [name for name in ("createdAfter", "lastUpdatedAfter") if query.get(name) is not None]
    if len(given) != 1:
        raise InvalidRequestError(
            "give exactly one of created_after and last_updated_after",
            path=given[-1] if given else "createdAfter",
        )
    after = given[0]
    before = after.replace("After", "Before")
    for name in {"createdBefore", "lastUpdatedBefore"} - {before}:
        if query.get(name) is not None:
            raise InvalidRequestError(f"does not go with {after}: use {before}, or none", path=name)
    start, end = query[after], query.get(before)
    # a naive time is refused where it is written, and cannot be compared
    times = [time for time in (start, end) if isinstance(time, datetime) and time.tzinfo]
    if len(times) == 2 and times[1] < times[0]:
        raise InvalidRequestError(f"is earlier than {after}", path=before)


SEARCH_ORDERS: PagedOperation[SearchOrdersResponse, Order] = PagedOperation(
    name="searchOrders",
    route="GET /orders/2026-01-01/orders",
    query=(
        Parameter("createdAfter", written="time"),
        Parameter("createdBefore", written="time", is_before=True),
        Parameter("lastUpdatedAfter", written="time"),
        Parameter("lastUpdatedBefore", written="time", is_before=True),
        Parameter("fulfillmentStatuses", written="list"),
        Parameter("marketplaceIds", written="list", limits=(Items(1, 50),), spelling=id_of_marketplace),
        Parameter("fulfilledBy", written="list"),
        Parameter("maxResultsPerPage", written="integer", limits=(Range(1, 100),)),
        Parameter("paginationToken"),
        INCLUDED_DATA,
    ),
    returns=SearchOrdersResponse,
    pages=Paging(
        token="paginationToken",  # noqa: S106 - the name of a parameter
        items_of=lambda page: page.orders,
        next_of=lambda page: page.pagination.next_token if page.pagination else None,
    ),
    rules=_check_span,
    quota=Quota(0.0056, burst=20),
    effect=Effect.NONE,
    roles=_ROLES,
    after=note_absent,
)
GET_ORDER = Operation(
    name="getOrder",
    route="GET /orders/2026-01-01/orders/{orderId}",
    query=(INCLUDED_DATA,),
    returns=GetOrderResponse,
    quota=Quota(0.5, burst=30),
    effect=Effect.NONE,
    roles=_ROLES,
    after=note_absent_of_one,
)


class OrderFilters(TypedDict, total=False):
    """Which orders are meant: exactly one of `created_after` and `last_updated_after` is needed.

    Source: https://developer-docs.amazon.com/sp-api/docs/get-orders-with-filtering-criteria
    """

    created_after: datetime | None
    """Placed at this time or later."""
    created_before: datetime | None
    """Placed at this time or earlier, and at least two minutes ago; goes with `created_after` only."""
    last_updated_after: datetime | None
    """Changed at this time or later, by Amazon or by the seller."""
    last_updated_before: datetime | None
    """Changed at this time or earlier, and at least two minutes ago; goes with `last_updated_after` only."""
    fulfillment_statuses: Sequence[FulfillmentStatus] | None
    """None means all."""
    marketplace_ids: Sequence[Marketplace | str] | None
    """At most 50; None means all of the region in which the seller sells."""
    fulfilled_by: Sequence[FulfilledBy] | None
    """None means both."""
    max_results_per_page: int | None
    """From 1 to 100; None means 100."""
    included_data: Sequence[IncludedData] | None
    """The datasets beside the basic facts and the items."""


class IterOrdersOptions(OrderFilters, CallOptions, total=False):
    """Which orders are meant, and what every method takes."""


class SearchOrdersOptions(IterOrdersOptions, total=False):
    """Which orders are meant, which page of them, and what every method takes."""

    pagination_token: str | None
    """Names a page, where every other filter is as it was for the page before; `order_pages` does this."""


class OrdersV20260101Api(Api):
    """Search orders, and fetch one; personal data comes as far as the roles allow, with no token of its own.

    `included_data` names the datasets to fetch. `pii` is accepted too, so that what was written for Orders
    v0 continues to work: `buyerInfo`, `shippingAddress` and `buyerTaxInformation` add BUYER, RECIPIENT and
    TAX.

    Source: https://developer-docs.amazon.com/sp-api/docs/access-orders-pii
    """

    __slots__ = ()

    def search_orders(self, **filters: Unpack[SearchOrdersOptions]) -> SearchOrdersResponse:
        """Return one page of the orders placed, or changed, in a span of time.

        Once in three minutes: beyond twenty in a row, a call waits for its reservation. Orders of the last
        two years; in Singapore, Australia and Japan, since 2016.

        Args:
            filters: those of `OrderFilters`, `pagination_token`, and the options of every call.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: the filters do not go together, or one is outside Amazon's limits.
        """
        return self._run(*SEARCH_ORDERS.split(filters))

    def iter_orders(self, **filters: Unpack[IterOrdersOptions]) -> Iterator[Order]:
        """Iterate over the orders of all pages; a page is fetched when its first order is needed.

        The filters are those of `search_orders`. They are checked at once.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: the filters do not go together, or one is outside Amazon's limits.
            PaginationError: Amazon names a page twice, or no longer accepts a page's token.
        """
        return self._iter(SEARCH_ORDERS, *SEARCH_ORDERS.split(filters))

    def order_pages(self, **filters: Unpack[IterOrdersOptions]) -> Iterator[Reply[SearchOrdersResponse]]:
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
    ) -> Iterator[Reply[SearchOrdersResponse]]:
        """Continue with the pages from a saved cursor, within 24 hours.

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
        """Return one order, with its items and the datasets of `included_data`.

        Once in two seconds: beyond thirty in a row, a call waits for its reservation.
        """
        return self._run(
            GET_ORDER(path={"orderId": order_id}, query={INCLUDED_DATA.name: included_data}), **options
        )
