"""The operations of Vendor Orders v1, and the facade that names them."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TypedDict, TypeVar, Unpack

from spshipping.errors import InvalidRequestError
from spshipping.facade import Api, Context
from spshipping.operation import (
    CallOptions,
    Effect,
    Operation,
    PagedOperation,
    Paging,
    Parameter,
    Quota,
    Range,
    Reply,
)
from spshipping.roles import Role
from spshipping.vendor.orders.matching import keep_matching_orders, keep_matching_statuses
from spshipping.vendor.orders.models.acknowledgements import SubmitAcknowledgementRequest, TransactionId
from spshipping.vendor.orders.models.purchase_orders import (
    Order,
    OrderList,
    PurchaseOrderItemState,
    PurchaseOrderState,
)
from spshipping.vendor.orders.models.status import (
    ConfirmationStatus,
    OrderListStatus,
    OrderStatus,
    PurchaseOrderStatus,
    ReceiveStatus,
)
from spshipping.vendor.parameters import NEXT_TOKEN, SORT_ORDER, SortOrder

# https://developer-docs.amazon.com/sp-api/docs/vendor-orders-api-v1-use-case-guide
_ROLES = (Role.AMAZON_FULFILLMENT, Role.INVENTORY_AND_ORDER_TRACKING)
LONGEST = timedelta(days=7)
"""The longest span of time of one call."""

LIMIT = Parameter("limit", written="integer", limits=(Range(1, 100),))


def _check_windows(query: Mapping[str, object]) -> None:
    """Refuse a window that is longer than Amazon accepts, or ends before it begins.

    Source: https://github.com/amzn/selling-partner-api-models/tree/main/models/vendor-orders-api-model
    """
    for after in ("createdAfter", "changedAfter", "updatedAfter"):
        before = after.replace("After", "Before")
        start, end = query.get(after), query.get(before)
        # a naive time is refused where it is written, and cannot be compared
        times = [time for time in (start, end) if isinstance(time, datetime) and time.tzinfo]
        if len(times) < 2:
            continue
        if times[1] < times[0]:
            raise InvalidRequestError(f"is earlier than {after}", path=before)
        if times[1] - times[0] > LONGEST:
            raise InvalidRequestError(
                f"is more than seven days after {after}: Amazon answers for seven days at a time, so make"
                " several calls",
                path=before,
            )


GET_PURCHASE_ORDERS: PagedOperation[OrderList, Order] = PagedOperation(
    name="getPurchaseOrders",
    route="GET /vendor/orders/v1/purchaseOrders",
    query=(
        LIMIT,
        Parameter("createdAfter", written="time"),
        Parameter("createdBefore", written="time"),
        SORT_ORDER,
        NEXT_TOKEN,
        Parameter("includeDetails", written="boolean"),
        Parameter("changedAfter", written="time"),
        Parameter("changedBefore", written="time"),
        Parameter("poItemState"),
        Parameter("isPOChanged", written="boolean", python="is_po_changed"),
        Parameter("purchaseOrderState"),
        Parameter("orderingVendorCode"),
    ),
    returns=OrderList,
    pages=Paging(
        token=NEXT_TOKEN.name,
        items_of=lambda page: page.orders,
        next_of=lambda page: page.pagination.next_token if page.pagination else None,
    ),
    envelope=True,
    rules=_check_windows,
    quota=Quota(10, burst=10),
    effect=Effect.NONE,
    roles=_ROLES,
    after=keep_matching_orders,
)
GET_PURCHASE_ORDER = Operation(
    name="getPurchaseOrder",
    route="GET /vendor/orders/v1/purchaseOrders/{purchaseOrderNumber}",
    returns=Order,
    envelope=True,
    quota=Quota(10, burst=10),
    effect=Effect.NONE,
    roles=_ROLES,
)
SUBMIT_ACKNOWLEDGEMENT = Operation(
    name="submitAcknowledgement",
    route="POST /vendor/orders/v1/acknowledgements",
    body=SubmitAcknowledgementRequest,
    returns=TransactionId,
    envelope=True,
    quota=Quota(10, burst=10),
    # an acknowledgement states full quantities and takes the place of what was said before for its lines
    effect=Effect.IDEMPOTENT,
    roles=_ROLES,
)
GET_PURCHASE_ORDERS_STATUS: PagedOperation[OrderListStatus, OrderStatus] = PagedOperation(
    name="getPurchaseOrdersStatus",
    route="GET /vendor/orders/v1/purchaseOrdersStatus",
    query=(
        LIMIT,
        SORT_ORDER,
        NEXT_TOKEN,
        Parameter("createdAfter", written="time"),
        Parameter("createdBefore", written="time"),
        Parameter("updatedAfter", written="time"),
        Parameter("updatedBefore", written="time"),
        Parameter("purchaseOrderNumber"),
        Parameter("purchaseOrderStatus"),
        Parameter("itemConfirmationStatus"),
        Parameter("itemReceiveStatus"),
        Parameter("orderingVendorCode"),
        Parameter("shipToPartyId"),
    ),
    returns=OrderListStatus,
    pages=Paging(
        token=NEXT_TOKEN.name,
        items_of=lambda page: page.orders_status,
        next_of=lambda page: page.pagination.next_token if page.pagination else None,
    ),
    envelope=True,
    rules=_check_windows,
    quota=Quota(10, burst=10),
    effect=Effect.NONE,
    roles=_ROLES,
    after=keep_matching_statuses,
)


class PurchaseOrderFilters(TypedDict, total=False):
    """Which purchase orders are meant: of the last six months, and of seven days at most in one call.

    Source: https://github.com/amzn/selling-partner-api-models/tree/main/models/vendor-orders-api-model
    """

    created_after: datetime | None
    """Became available after this time; that is later than the date of the order."""
    created_before: datetime | None
    """Became available before this time."""
    changed_after: datetime | None
    """Changed by Amazon after this time."""
    changed_before: datetime | None
    """Changed by Amazon before this time."""
    is_po_changed: bool | None
    """True: only those that Amazon has changed since they were placed."""
    po_item_state: PurchaseOrderItemState | None
    """Only those with such a line."""
    purchase_order_state: PurchaseOrderState | None
    """None means all."""
    ordering_vendor_code: str | None
    """The vendor code of the orders: the client's own, unless given. None, or a client without one, means
    those of every vendor of the group that gave the consent."""
    include_details: bool | None
    """False: numbers and states only. None means True."""
    sort_order: SortOrder | None
    """By the time of creation. Amazon refuses `ASC` to some vendors, and ignores the order at times."""
    limit: int | None
    """From 1 to 100 on a page; None means 100."""


class IterPurchaseOrdersOptions(PurchaseOrderFilters, CallOptions, total=False):
    """Which purchase orders are meant, and what every method takes."""


class GetPurchaseOrdersOptions(IterPurchaseOrdersOptions, total=False):
    """Which purchase orders are meant, which page of them, and what every method takes."""

    next_token: str | None
    """Names a page, where every other filter is as it was for the page before."""


class PurchaseOrderStatusFilters(TypedDict, total=False):
    """The states of which purchase orders are meant: of seven days at most in one call, or of one number.

    Source: https://github.com/amzn/selling-partner-api-models/tree/main/models/vendor-orders-api-model
    """

    created_after: datetime | None
    """Became available after this time."""
    created_before: datetime | None
    """Became available before this time."""
    updated_after: datetime | None
    """Changed after this time, by Amazon or by an acknowledgement."""
    updated_before: datetime | None
    """Changed before this time."""
    purchase_order_number: str | None
    purchase_order_status: PurchaseOrderStatus | None
    """None means both."""
    item_confirmation_status: ConfirmationStatus | None
    """Only those with such a line."""
    item_receive_status: ReceiveStatus | None
    """Only those with such a line."""
    ordering_vendor_code: str | None
    """The vendor code of the orders: the client's own, unless given. None, or a client without one, means
    those of every vendor of the group that gave the consent."""
    ship_to_party_id: str | None
    """The fulfilment centre."""
    sort_order: SortOrder | None
    """By the time of creation. Amazon refuses `ASC` to some vendors, and ignores the order at times."""
    limit: int | None
    """From 1 to 100 on a page; None means 100."""


class IterPurchaseOrdersStatusOptions(PurchaseOrderStatusFilters, CallOptions, total=False):
    """Of which purchase orders the state is meant, and what every method takes."""


class GetPurchaseOrdersStatusOptions(IterPurchaseOrdersStatusOptions, total=False):
    """Of which purchase orders the state is meant, which page of them, and what every method takes."""

    next_token: str | None
    """Names a page, where every other filter is as it was for the page before."""


F = TypeVar("F", IterPurchaseOrdersOptions, IterPurchaseOrdersStatusOptions)


def with_vendor_code(context: Context, filters: F) -> F:
    """Add the client's vendor code, unless another, or None for all, is given."""
    if context.vendor_code:
        filters.setdefault("ordering_vendor_code", context.vendor_code)
    return filters


class VendorOrdersApi(Api):
    """Read purchase orders and their state, and acknowledge them.

    Amazon has no notification for purchase orders, and ignores some filters at times. What an answer holds
    beside the purchase orders of the filters is taken out here; `Reply.raw` has it all.
    """

    __slots__ = ()

    def get_purchase_orders(self, **filters: Unpack[GetPurchaseOrdersOptions]) -> OrderList:
        """Return one page of the purchase orders that became available, or changed, in a span of time.

        Ten a second. `iter_purchase_orders` continues with the next page by itself.

        Args:
            filters: those of `PurchaseOrderFilters`, `next_token`, and the options of every call.

        Raises:
            TypeError: there is no such filter; Amazon would answer with all purchase orders.
            InvalidRequestError: a span of more than seven days, or a filter outside Amazon's limits.
        """
        return self._run(*GET_PURCHASE_ORDERS.split(with_vendor_code(self._context, filters)))

    def iter_purchase_orders(self, **filters: Unpack[IterPurchaseOrdersOptions]) -> Iterator[Order]:
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
    ) -> Iterator[Reply[OrderList]]:
        """Iterate over the pages, each with the call of the next.

        The filters are those of `get_purchase_orders`. They are checked at once.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: a span of more than seven days, or a filter outside Amazon's limits.
            PaginationError: Amazon names a page twice, or no longer accepts a page's token.
        """
        return self._pages(*GET_PURCHASE_ORDERS.split(with_vendor_code(self._context, filters)))

    def get_purchase_order(self, purchase_order_number: str, **options: Unpack[CallOptions]) -> Order:
        """Return one purchase order, as Amazon has it now."""
        return self._run(GET_PURCHASE_ORDER(path={"purchaseOrderNumber": purchase_order_number}), **options)

    def submit_acknowledgement(
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
        return self._run(SUBMIT_ACKNOWLEDGEMENT(body=request), **options)

    def get_purchase_orders_status(
        self, **filters: Unpack[GetPurchaseOrdersStatusOptions]
    ) -> OrderListStatus:
        """Return one page of the state of purchase orders: ordered, acknowledged and received, by line.

        Args:
            filters: those of `PurchaseOrderStatusFilters`, `next_token`, and the options of every call.

        Raises:
            TypeError: there is no such filter; Amazon would answer with all purchase orders.
            InvalidRequestError: a span of more than seven days, or a filter outside Amazon's limits.
        """
        return self._run(*GET_PURCHASE_ORDERS_STATUS.split(with_vendor_code(self._context, filters)))

    def iter_purchase_orders_status(
        self, **filters: Unpack[IterPurchaseOrdersStatusOptions]
    ) -> Iterator[OrderStatus]:
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
    ) -> Iterator[Reply[OrderListStatus]]:
        """Iterate over the pages, each with the call of the next.

        The filters are those of `get_purchase_orders_status`. They are checked at once.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: a span of more than seven days, or a filter outside Amazon's limits.
            PaginationError: Amazon names a page twice, or no longer accepts a page's token.
        """
        return self._pages(*GET_PURCHASE_ORDERS_STATUS.split(with_vendor_code(self._context, filters)))
