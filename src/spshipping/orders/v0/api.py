"""The operations of Orders v0, and the facade that names them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Required, TypedDict, Unpack

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
from spshipping.regions import Marketplace, id_of_marketplace
from spshipping.roles import Role

# https://developer-docs.amazon.com/sp-api/docs/get-order-information
_ROLES = (Role.INVENTORY_AND_ORDER_TRACKING,)
_ROLES_FOR_PEOPLE = (
    *_ROLES,
    Role.DIRECT_TO_CONSUMER_SHIPPING,
    Role.TAX_REMITTANCE,
    Role.TAX_INVOICING,
)
# https://developer-docs.amazon.com/sp-api/docs/approve-or-reject-a-regulated-order
_ROLES_FOR_REVIEWS = (Role.DIRECT_TO_CONSUMER_SHIPPING,)

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

GET_ORDERS: PagedOperation[OrdersList, Order] = PagedOperation(
    name="getOrders",
    route="GET /orders/v0/orders",
    query=(
        Parameter("CreatedAfter", written="time"),
        Parameter("CreatedBefore", written="time", is_before=True),
        Parameter("LastUpdatedAfter", written="time"),
        Parameter("LastUpdatedBefore", written="time", is_before=True),
        Parameter("OrderStatuses", written="list"),
        Parameter(
            "MarketplaceIds",
            written="list",
            is_required=True,
            limits=(Items(1, 50),),
            spelling=id_of_marketplace,
        ),
        Parameter("FulfillmentChannels", written="list"),
        Parameter("PaymentMethods", written="list"),
        Parameter("BuyerEmail", is_personal=True),
        Parameter("SellerOrderId"),
        Parameter("MaxResultsPerPage", written="integer", limits=(Range(1, 100),)),
        Parameter("EasyShipShipmentStatuses", written="list"),
        Parameter("ElectronicInvoiceStatuses", written="list"),
        NEXT_TOKEN,
        Parameter("AmazonOrderIds", written="list", limits=(Items(1, 50),)),
        Parameter("ActualFulfillmentSupplySourceId"),
        Parameter("IsISPU", written="boolean"),
        Parameter("StoreChainStoreId"),
        Parameter("EarliestDeliveryDateBefore", written="time"),
        Parameter("EarliestDeliveryDateAfter", written="time"),
        Parameter("LatestDeliveryDateBefore", written="time"),
        Parameter("LatestDeliveryDateAfter", written="time"),
    ),
    returns=OrdersList,
    pages=Paging(
        token=NEXT_TOKEN.name,
        items_of=lambda page: page.orders,
        next_of=lambda page: page.next_token,
    ),
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
    pages=Paging(
        token=NEXT_TOKEN.name,
        items_of=lambda page: page.order_items,
        next_of=lambda page: page.next_token,
    ),
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
    pages=Paging(
        token=NEXT_TOKEN.name,
        items_of=lambda page: page.order_items,
        next_of=lambda page: page.next_token,
    ),
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
    # a prescription is accepted once, and the buyer may read each report of progress
    effect=Effect.ONCE,
    roles=_ROLES_FOR_REVIEWS,
)
CONFIRM_SHIPMENT = Operation(
    name="confirmShipment",
    route="POST /orders/v0/orders/{orderId}/shipmentConfirmation",
    body=ConfirmShipmentRequest,
    returns=type(None),
    quota=Quota(2, burst=10),
    # the second one would be taken for a correction of the first, and the buyer may be notified of both
    effect=Effect.ONCE,
    roles=_ROLES,
)


class OrderFilters(TypedDict, total=False):
    """Which orders are meant: Amazon requires `created_after` or `last_updated_after`, and not both.

    Source: https://developer-docs.amazon.com/sp-api/reference/getorders
    """

    marketplace_ids: Required[Sequence[Marketplace | str]]
    """Where the orders were placed: ids such as `Marketplace.UK.value`; at most 50."""
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
    """The page that an earlier answer named; the other filters are those of that call."""
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


class OrdersV0Api(Api):
    """Read orders as version 0 has them, until 27 March 2027, and report their shipments to Amazon.

    For orders and items, personal data comes only with `pii=`, which names the data elements; without it,
    those fields are None. The methods whose whole answer is personal need no `pii=`. Either way the client
    mints a Restricted Data Token, and keeps it as long as it is good.
    """

    __slots__ = ()

    def get_orders(self, **filters: Unpack[GetOrdersOptions]) -> OrdersList:
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
        return self._run(*GET_ORDERS.split(filters))

    def iter_orders(self, **filters: Unpack[GetOrdersOptions]) -> Iterator[Order]:
        """Iterate over the orders of all pages, one request a page, each when its first order is needed."""
        return self._iter(GET_ORDERS, *GET_ORDERS.split(filters))

    def order_pages(self, **filters: Unpack[GetOrdersOptions]) -> Iterator[Reply[OrdersList]]:
        """Iterate over the pages; each knows the call of the next."""
        return self._pages(*GET_ORDERS.split(filters))

    def get_order(self, order_id: str, **options: Unpack[CallOptions]) -> Order:
        """Return one order, without its items."""
        return self._run(GET_ORDER(path={"orderId": order_id}), **options)

    def get_order_buyer_info(self, order_id: str, **options: Unpack[CallOptions]) -> OrderBuyerInfo:
        """Return who bought an order. The whole answer is personal."""
        return self._run(GET_ORDER_BUYER_INFO(path={"orderId": order_id}), **options)

    def get_order_address(self, order_id: str, **options: Unpack[CallOptions]) -> OrderAddress:
        """Return where an order is delivered, and the delivery instructions. The whole answer is personal."""
        return self._run(GET_ORDER_ADDRESS(path={"orderId": order_id}), **options)

    def get_order_items(
        self, order_id: str, *, next_token: str | None = None, **options: Unpack[CallOptions]
    ) -> OrderItemsList:
        """Return one page of the lines of an order."""
        return self._run(
            GET_ORDER_ITEMS(path={"orderId": order_id}, query={NEXT_TOKEN.name: next_token}), **options
        )

    def iter_order_items(self, order_id: str, **options: Unpack[CallOptions]) -> Iterator[OrderItem]:
        """Iterate over all lines of an order."""
        return self._iter(GET_ORDER_ITEMS, GET_ORDER_ITEMS(path={"orderId": order_id}), **options)

    def order_item_pages(
        self, order_id: str, **options: Unpack[CallOptions]
    ) -> Iterator[Reply[OrderItemsList]]:
        """Iterate over the pages of an order's lines."""
        return self._pages(GET_ORDER_ITEMS(path={"orderId": order_id}), **options)

    def get_order_items_buyer_info(
        self, order_id: str, *, next_token: str | None = None, **options: Unpack[CallOptions]
    ) -> OrderItemsBuyerInfoList:
        """Return one page of the buyer's gift messages and customizations. The whole answer is personal."""
        return self._run(
            GET_ORDER_ITEMS_BUYER_INFO(path={"orderId": order_id}, query={NEXT_TOKEN.name: next_token}),
            **options,
        )

    def iter_order_items_buyer_info(
        self, order_id: str, **options: Unpack[CallOptions]
    ) -> Iterator[OrderItemBuyerInfo]:
        """Iterate over the buyer's gift messages and customizations. The whole answer is personal."""
        return self._iter(
            GET_ORDER_ITEMS_BUYER_INFO, GET_ORDER_ITEMS_BUYER_INFO(path={"orderId": order_id}), **options
        )

    def order_item_buyer_info_pages(
        self, order_id: str, **options: Unpack[CallOptions]
    ) -> Iterator[Reply[OrderItemsBuyerInfoList]]:
        """Iterate over the pages of gift messages and customizations. The whole answer is personal."""
        return self._pages(GET_ORDER_ITEMS_BUYER_INFO(path={"orderId": order_id}), **options)

    def update_shipment_status(
        self, request: UpdateShipmentStatusRequest, *, order_id: str, **options: Unpack[CallOptions]
    ) -> None:
        """Report the status of an order that the buyer picks up in the seller's shop.

        Raises:
            OutcomeUnknownError: Amazon may have accepted it; look at the order before you send it again.
        """
        return self._run(UPDATE_SHIPMENT_STATUS(path={"orderId": order_id}, body=request), **options)

    def get_order_regulated_info(self, order_id: str, **options: Unpack[CallOptions]) -> OrderRegulatedInfo:
        """Return what a regulated order states, and the state of its review. The whole answer is personal."""
        return self._run(GET_ORDER_REGULATED_INFO(path={"orderId": order_id}), **options)

    def update_verification_status(
        self, request: UpdateVerificationStatusRequest, *, order_id: str, **options: Unpack[CallOptions]
    ) -> None:
        """Approve or reject a regulated order, or report the progress of its review.

        Raises:
            OutcomeUnknownError: Amazon may have accepted it; see `get_order_regulated_info`.
        """
        return self._run(UPDATE_VERIFICATION_STATUS(path={"orderId": order_id}, body=request), **options)

    def confirm_shipment(
        self, request: ConfirmShipmentRequest, *, order_id: str, **options: Unpack[CallOptions]
    ) -> None:
        """Report that a package was shipped. Not needed for a label that was bought through Amazon.

        One request for each package; the same `package_reference_id` again corrects the earlier report.

        Source: https://developer-docs.amazon.com/sp-api/docs/confirm-the-shipment-status

        Raises:
            OutcomeUnknownError: Amazon may have accepted it; look at the order, or send it again with the
                same `package_reference_id`.
        """
        return self._run(CONFIRM_SHIPMENT(path={"orderId": order_id}, body=request), **options)
