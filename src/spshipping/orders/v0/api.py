"""The operations of Orders v0, and the facade that names them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypedDict, Unpack, cast

from spshipping.errors import InvalidRequestError
from spshipping.facade import Api
from spshipping.operation import CallOptions, Effect, Operation, PagedOperation, Parameter, Quota, Reply
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
from spshipping.secret import Secret

# https://developer-docs.amazon.com/sp-api/docs/get-order-information
_ROLES = ("Inventory and Order Tracking",)
_SHIPPING_ROLE = "Direct-to-Consumer Shipping (Restricted)"
_ROLES_FOR_PEOPLE = (*_ROLES, _SHIPPING_ROLE, "Tax Remittance (Restricted)", "Tax Invoicing (Restricted)")
# https://developer-docs.amazon.com/sp-api/docs/approve-or-reject-a-regulated-order
_ROLES_FOR_REVIEWS = (_SHIPPING_ROLE,)

_ELEMENTS = ("buyerInfo", "shippingAddress", "buyerTaxInformation")


def _until(name: str, successor: str) -> str:
    """Say when Amazon ends an operation, and what takes its place.

    Source: https://developer-docs.amazon.com/sp-api/docs/orders-api-migration-guide
    """
    return (
        f"Amazon switches off {name} of Orders v0 on 27 March 2027: use {successor} of Orders 2026-01-01, "
        "client.orders.v2026_01_01"
    )


NEXT_TOKEN = Parameter("NextToken")
_NEXT = "next_token"

GET_ORDERS: PagedOperation[OrdersList, Order] = PagedOperation(
    name="getOrders",
    route="GET /orders/v0/orders",
    query=(
        Parameter("CreatedAfter", written="time"),
        Parameter("CreatedBefore", written="time", is_before=True),
        Parameter("LastUpdatedAfter", written="time"),
        Parameter("LastUpdatedBefore", written="time", is_before=True),
        Parameter("OrderStatuses", written="list"),
        Parameter("MarketplaceIds", written="list", is_required=True),
        Parameter("FulfillmentChannels", written="list"),
        Parameter("PaymentMethods", written="list"),
        Parameter("BuyerEmail", is_personal=True),
        Parameter("SellerOrderId"),
        Parameter("MaxResultsPerPage", written="integer"),
        Parameter("EasyShipShipmentStatuses", written="list"),
        Parameter("ElectronicInvoiceStatuses", written="list"),
        NEXT_TOKEN,
        Parameter("AmazonOrderIds", written="list"),
        Parameter("ActualFulfillmentSupplySourceId"),
        Parameter("IsISPU", written="boolean"),
        Parameter("StoreChainStoreId"),
        Parameter("EarliestDeliveryDateBefore", written="time"),
        Parameter("EarliestDeliveryDateAfter", written="time"),
        Parameter("LatestDeliveryDateBefore", written="time"),
        Parameter("LatestDeliveryDateAfter", written="time"),
    ),
    returns=OrdersList,
    items="orders",
    token=NEXT_TOKEN.name,
    next_token=_NEXT,
    envelope=True,
    quota=Quota(0.0167, burst=20),
    effect=Effect.NONE,
    restricted=_ELEMENTS,
    roles=_ROLES_FOR_PEOPLE,
    deprecated=_until("getOrders", "searchOrders"),
)
GET_ORDER = Operation(
    name="getOrder",
    route="GET /orders/v0/orders/{orderId}",
    returns=Order,
    envelope=True,
    quota=Quota(0.5, burst=30),
    effect=Effect.NONE,
    restricted=_ELEMENTS,
    roles=_ROLES_FOR_PEOPLE,
    deprecated=_until("getOrder", "getOrder"),
)
GET_ORDER_BUYER_INFO = Operation(
    name="getOrderBuyerInfo",
    route="GET /orders/v0/orders/{orderId}/buyerInfo",
    returns=OrderBuyerInfo,
    envelope=True,
    quota=Quota(0.5, burst=30),
    effect=Effect.NONE,
    restricted=(),
    roles=_ROLES_FOR_PEOPLE,
    deprecated=_until("getOrderBuyerInfo", "getOrder with includedData=BUYER"),
)
GET_ORDER_ADDRESS = Operation(
    name="getOrderAddress",
    route="GET /orders/v0/orders/{orderId}/address",
    returns=OrderAddress,
    envelope=True,
    quota=Quota(0.5, burst=30),
    effect=Effect.NONE,
    restricted=(),
    roles=_ROLES_FOR_PEOPLE,
    deprecated=_until("getOrderAddress", "getOrder with includedData=RECIPIENT"),
)
GET_ORDER_ITEMS: PagedOperation[OrderItemsList, OrderItem] = PagedOperation(
    name="getOrderItems",
    route="GET /orders/v0/orders/{orderId}/orderItems",
    query=(NEXT_TOKEN,),
    returns=OrderItemsList,
    items="order_items",
    token=NEXT_TOKEN.name,
    next_token=_NEXT,
    envelope=True,
    quota=Quota(0.5, burst=30),
    effect=Effect.NONE,
    restricted=("buyerInfo",),
    roles=_ROLES_FOR_PEOPLE,
    deprecated=_until("getOrderItems", "getOrder, which brings the items along,"),
)
GET_ORDER_ITEMS_BUYER_INFO: PagedOperation[OrderItemsBuyerInfoList, OrderItemBuyerInfo] = PagedOperation(
    name="getOrderItemsBuyerInfo",
    route="GET /orders/v0/orders/{orderId}/orderItems/buyerInfo",
    query=(NEXT_TOKEN,),
    returns=OrderItemsBuyerInfoList,
    items="order_items",
    token=NEXT_TOKEN.name,
    next_token=_NEXT,
    envelope=True,
    quota=Quota(0.5, burst=30),
    effect=Effect.NONE,
    restricted=(),
    roles=_ROLES_FOR_PEOPLE,
    deprecated=_until("getOrderItemsBuyerInfo", "getOrder with includedData=BUYER"),
)
UPDATE_SHIPMENT_STATUS = Operation(
    name="updateShipmentStatus",
    route="POST /orders/v0/orders/{orderId}/shipment",
    body=UpdateShipmentStatusRequest,
    returns=type(None),
    quota=Quota(5, burst=15),
    # the quantities of a partial update may add up: nothing says that they are totals
    effect=Effect.ONCE,
    roles=_ROLES,
)
GET_ORDER_REGULATED_INFO = Operation(
    name="getOrderRegulatedInfo",
    route="GET /orders/v0/orders/{orderId}/regulatedInfo",
    returns=OrderRegulatedInfo,
    envelope=True,
    quota=Quota(0.5, burst=30),
    effect=Effect.NONE,
    restricted=(),
    roles=_ROLES_FOR_REVIEWS,
)
UPDATE_VERIFICATION_STATUS = Operation(
    name="updateVerificationStatus",
    route="PATCH /orders/v0/orders/{orderId}/regulatedInfo",
    body=UpdateVerificationStatusRequest,
    returns=type(None),
    quota=Quota(0.5, burst=30),
    # a prescription is taken once, and the buyer may read each report of progress
    effect=Effect.ONCE,
    roles=_ROLES_FOR_REVIEWS,
)
CONFIRM_SHIPMENT = Operation(
    name="confirmShipment",
    route="POST /orders/v0/orders/{orderId}/shipmentConfirmation",
    body=ConfirmShipmentRequest,
    returns=type(None),
    quota=Quota(2, burst=10),
    # the second one would be taken for a correction of the first, and the buyer may be told of both
    effect=Effect.ONCE,
    roles=_ROLES,
)


class OrderFilters(TypedDict, total=False):
    """Which orders are meant: Amazon wants `created_after` or `last_updated_after`, and not both.

    Source: https://developer-docs.amazon.com/sp-api/reference/getorders
    """

    created_after: datetime | None
    """Placed at this time or later; goes with `created_before` only."""
    created_before: datetime | None
    """At least two minutes ago."""
    last_updated_after: datetime | None
    """Changed at this time or later; goes with `last_updated_before` only."""
    last_updated_before: datetime | None
    """At least two minutes ago."""
    order_statuses: Sequence[str] | None
    """`OrderStatus`."""
    fulfillment_channels: Sequence[str] | None
    """`FulfillmentChannel`."""
    payment_methods: Sequence[str] | None
    """`PaymentMethod`."""
    buyer_email: str | None
    seller_order_id: str | None
    """Goes with neither statuses, channels, payment methods, the buyer's email, nor the time of a change."""
    max_results_per_page: int | None
    """From 1 to 100; None means 100."""
    easy_ship_shipment_statuses: Sequence[str] | None
    """`EasyShipShipmentStatus`; brings Easy Ship orders only."""
    electronic_invoice_statuses: Sequence[str] | None
    """`ElectronicInvoiceStatus`."""
    next_token: str | None
    """A page of an earlier answer, asked for with the same filters."""
    amazon_order_ids: Sequence[str] | None
    """At most 50."""
    actual_fulfillment_supply_source_id: str | None
    is_ispu: bool | None
    """The buyer picks it up in the seller's shop."""
    store_chain_store_id: str | None
    earliest_delivery_date_before: datetime | None
    earliest_delivery_date_after: datetime | None
    latest_delivery_date_before: datetime | None
    latest_delivery_date_after: datetime | None


class GetOrdersOptions(OrderFilters, CallOptions, total=False):
    """Which orders are meant, and what every method takes."""


def _wire_name(name: str) -> str:
    return "IsISPU" if name == "is_ispu" else "".join(word.capitalize() for word in name.split("_"))


_FILTERS = {name: _wire_name(name) for name in OrderFilters.__annotations__}


def _sorted(marketplace_ids: Sequence[str], given: GetOrdersOptions) -> tuple[dict[str, object], CallOptions]:
    """Return the query, and the options; *given* is emptied, for a traceback shows local variables."""
    query: dict[str, object] = {"MarketplaceIds": marketplace_ids}
    options, rest = {}, cast("dict[str, object]", given)
    for name in list(rest):
        if name == "buyer_email":
            query[_FILTERS[name]] = _hidden(rest.pop(name))
        elif name in _FILTERS:
            query[_FILTERS[name]] = rest.pop(name)
        elif name in CallOptions.__annotations__:
            options[name] = rest.pop(name)
        else:
            rest.clear()
            raise TypeError(f"orders have no filter, and calls no option, {name!r}")
    return query, cast("CallOptions", options)


def _hidden(email: object) -> Secret | None:
    """Return the buyer's e-mail so that no local variable shows it."""
    if email is None:
        return None
    if isinstance(email, str):
        return Secret(email)
    del email
    raise InvalidRequestError("is no text", path="BuyerEmail")


class OrdersV0Api(Api):
    """Read orders the old way until 27 March 2027, and tell Amazon what became of them.

    Personal data comes only with `pii=`: the data elements for orders and items, `()` for the methods whose
    answer is nothing but personal data. Without it, those fields are None.
    """

    __slots__ = ()

    def get_orders(self, *, marketplace_ids: Sequence[str], **which: Unpack[GetOrdersOptions]) -> OrdersList:
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
        return self._run(GET_ORDERS(query=query), **options)

    def iter_orders(
        self, *, marketplace_ids: Sequence[str], **which: Unpack[GetOrdersOptions]
    ) -> Iterator[Order]:
        """Go through the orders of all pages, one request a page, each when it is reached."""
        query, options = _sorted(marketplace_ids, which)
        return self._iter(GET_ORDERS, GET_ORDERS(query=query), **options)

    def order_pages(
        self, *, marketplace_ids: Sequence[str], **which: Unpack[GetOrdersOptions]
    ) -> Iterator[Reply[OrdersList]]:
        """Go through the pages; each knows the call that goes on from there."""
        query, options = _sorted(marketplace_ids, which)
        return self._pages(GET_ORDERS(query=query), **options)

    def get_order(self, order_id: str, **options: Unpack[CallOptions]) -> Order:
        """Return one order, without its items."""
        return self._run(GET_ORDER(path={"orderId": order_id}), **options)

    def get_order_buyer_info(self, order_id: str, **options: Unpack[CallOptions]) -> OrderBuyerInfo:
        """Return who bought an order; say `pii=()`."""
        return self._run(GET_ORDER_BUYER_INFO(path={"orderId": order_id}), **options)

    def get_order_address(self, order_id: str, **options: Unpack[CallOptions]) -> OrderAddress:
        """Return where an order goes, and what the driver should know; say `pii=()`."""
        return self._run(GET_ORDER_ADDRESS(path={"orderId": order_id}), **options)

    def get_order_items(
        self, order_id: str, *, next_token: str | None = None, **options: Unpack[CallOptions]
    ) -> OrderItemsList:
        """Return one page of the lines of an order."""
        return self._run(
            GET_ORDER_ITEMS(path={"orderId": order_id}, query={NEXT_TOKEN.name: next_token}), **options
        )

    def iter_order_items(self, order_id: str, **options: Unpack[CallOptions]) -> Iterator[OrderItem]:
        """Go through all lines of an order."""
        return self._iter(GET_ORDER_ITEMS, GET_ORDER_ITEMS(path={"orderId": order_id}), **options)

    def order_item_pages(
        self, order_id: str, **options: Unpack[CallOptions]
    ) -> Iterator[Reply[OrderItemsList]]:
        """Go through the pages of an order's lines."""
        return self._pages(GET_ORDER_ITEMS(path={"orderId": order_id}), **options)

    def get_order_items_buyer_info(
        self, order_id: str, *, next_token: str | None = None, **options: Unpack[CallOptions]
    ) -> OrderItemsBuyerInfoList:
        """Return one page of what the buyer wished for the lines of an order; say `pii=()`."""
        return self._run(
            GET_ORDER_ITEMS_BUYER_INFO(path={"orderId": order_id}, query={NEXT_TOKEN.name: next_token}),
            **options,
        )

    def iter_order_items_buyer_info(
        self, order_id: str, **options: Unpack[CallOptions]
    ) -> Iterator[OrderItemBuyerInfo]:
        """Go through what the buyer wished for every line of an order; say `pii=()`."""
        return self._iter(
            GET_ORDER_ITEMS_BUYER_INFO, GET_ORDER_ITEMS_BUYER_INFO(path={"orderId": order_id}), **options
        )

    def order_item_buyer_info_pages(
        self, order_id: str, **options: Unpack[CallOptions]
    ) -> Iterator[Reply[OrderItemsBuyerInfoList]]:
        """Go through the pages of what the buyer wished; say `pii=()`."""
        return self._pages(GET_ORDER_ITEMS_BUYER_INFO(path={"orderId": order_id}), **options)

    def update_shipment_status(
        self, request: UpdateShipmentStatusRequest, *, order_id: str, **options: Unpack[CallOptions]
    ) -> None:
        """Say how far an order is that the buyer picks up in the seller's shop.

        Raises:
            OutcomeUnknownError: Amazon may have taken it; look at the order before you send it again.
        """
        return self._run(UPDATE_SHIPMENT_STATUS(path={"orderId": order_id}, body=request), **options)

    def get_order_regulated_info(self, order_id: str, **options: Unpack[CallOptions]) -> OrderRegulatedInfo:
        """Return what a regulated order states, and how its review stands; say `pii=()`."""
        return self._run(GET_ORDER_REGULATED_INFO(path={"orderId": order_id}), **options)

    def update_verification_status(
        self, request: UpdateVerificationStatusRequest, *, order_id: str, **options: Unpack[CallOptions]
    ) -> None:
        """Approve or reject a regulated order, or say more about its review.

        Raises:
            OutcomeUnknownError: Amazon may have taken it; `get_order_regulated_info` tells.
        """
        return self._run(UPDATE_VERIFICATION_STATUS(path={"orderId": order_id}, body=request), **options)

    def confirm_shipment(
        self, request: ConfirmShipmentRequest, *, order_id: str, **options: Unpack[CallOptions]
    ) -> None:
        """Say that a package has left. Not needed for a label that was bought through Amazon.

        One request for each package; the same `package_reference_id` again corrects what was said before.

        Source: https://developer-docs.amazon.com/sp-api/docs/confirm-the-shipment-status

        Raises:
            OutcomeUnknownError: Amazon may have taken it; look at the order, or send it again with the same
                `package_reference_id`.
        """
        return self._run(CONFIRM_SHIPMENT(path={"orderId": order_id}, body=request), **options)
