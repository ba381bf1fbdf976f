"""An order, its fulfilment and its packages, and the pages that orders come in."""

from datetime import datetime

from spshipping.orders.v2026_01_01.models.amounts import OrderPayment, OrderProceeds, OrderTax
from spshipping.orders.v2026_01_01.models.items import DateTimeRange, OrderItem
from spshipping.orders.v2026_01_01.models.parties import Buyer, MerchantAddress, Recipient
from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import Model, camel


class IncludedData(OpenEnum):
    """A dataset to fetch with an order; without any, its bare bones and its items come."""

    BUYER = "BUYER"
    RECIPIENT = "RECIPIENT"
    PROCEEDS = "PROCEEDS"
    EXPENSE = "EXPENSE"
    PROMOTION = "PROMOTION"
    CANCELLATION = "CANCELLATION"
    FULFILLMENT = "FULFILLMENT"
    PACKAGES = "PACKAGES"
    TAX = "TAX"
    PAYMENT = "PAYMENT"
    FULFILLMENT_ORDERS = "FULFILLMENT_ORDERS"


class FulfillmentStatus(OpenEnum):
    """How far an order is, from placed to handed over."""

    PENDING_AVAILABILITY = "PENDING_AVAILABILITY"
    """Ordered ahead of its release, and not paid."""
    PENDING = "PENDING"
    """Not ready to be shipped; address and prices may be missing."""
    UNSHIPPED = "UNSHIPPED"
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    SHIPPED = "SHIPPED"
    CANCELLED = "CANCELLED"
    UNFULFILLABLE = "UNFULFILLABLE"
    """Amazon ships it, and cannot; never for orders placed in Amazon's own shop."""


class FulfilledBy(OpenEnum):
    """Who ships an order."""

    AMAZON = "AMAZON"
    MERCHANT = "MERCHANT"


class FulfillmentServiceLevel(OpenEnum):
    """How fast an order is to be shipped."""

    EXPEDITED = "EXPEDITED"
    FREE_ECONOMY = "FREE_ECONOMY"
    NEXT_DAY = "NEXT_DAY"
    PRIORITY = "PRIORITY"
    SAME_DAY = "SAME_DAY"
    SECOND_DAY = "SECOND_DAY"
    SCHEDULED = "SCHEDULED"
    STANDARD = "STANDARD"


class OrderProgram(OpenEnum):
    """A program of Amazon's that an order is part of."""

    AMAZON_BAZAAR = "AMAZON_BAZAAR"
    AMAZON_BUSINESS = "AMAZON_BUSINESS"
    AMAZON_EASY_SHIP = "AMAZON_EASY_SHIP"
    AMAZON_HAUL = "AMAZON_HAUL"
    DELIVERY_BY_AMAZON = "DELIVERY_BY_AMAZON"
    FBM_SHIP_PLUS = "FBM_SHIP_PLUS"
    INVOICE_BY_AMAZON = "INVOICE_BY_AMAZON"
    IN_STORE_PICK_UP = "IN_STORE_PICK_UP"
    PREMIUM = "PREMIUM"
    PREORDER = "PREORDER"
    PRIME = "PRIME"


class AliasType(OpenEnum):
    """Whose name for an order an alias is."""

    SELLER_ORDER_ID = "SELLER_ORDER_ID"


class AssociationType(OpenEnum):
    """What another order is to this one."""

    REPLACEMENT_ORIGINAL_ID = "REPLACEMENT_ORIGINAL_ID"
    EXCHANGE_ORIGINAL_ID = "EXCHANGE_ORIGINAL_ID"


class ChannelName(OpenEnum):
    """Whether an order was placed at Amazon."""

    AMAZON = "AMAZON"
    NON_AMAZON = "NON_AMAZON"


class PackageStatusCode(OpenEnum):
    """How far a package is, roughly."""

    PENDING = "PENDING"
    IN_TRANSIT = "IN_TRANSIT"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    CANCELLED = "CANCELLED"
    UNDELIVERABLE = "UNDELIVERABLE"


class DetailedPackageStatus(OpenEnum):
    """Where a package is."""

    PENDING_SCHEDULE = "PENDING_SCHEDULE"
    PENDING_PICK_UP = "PENDING_PICK_UP"
    PENDING_DROP_OFF = "PENDING_DROP_OFF"
    LABEL_CANCELLED = "LABEL_CANCELLED"
    PICKED_UP = "PICKED_UP"
    DROPPED_OFF = "DROPPED_OFF"
    AT_ORIGIN_FC = "AT_ORIGIN_FC"
    AT_DESTINATION_FC = "AT_DESTINATION_FC"
    DELIVERED = "DELIVERED"
    REJECTED_BY_BUYER = "REJECTED_BY_BUYER"
    UNDELIVERABLE = "UNDELIVERABLE"
    RETURNING_TO_SELLER = "RETURNING_TO_SELLER"
    RETURNED_TO_SELLER = "RETURNED_TO_SELLER"
    LOST = "LOST"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    DAMAGED = "DAMAGED"


@camel
class Alias(Model):
    """Another name of an order, such as the seller's own."""

    alias_id: str
    alias_type: AliasType


@camel
class AssociatedOrder(Model):
    """The order that this one replaces."""

    order_id: str | None = None
    association_type: AssociationType | None = None


@camel
class SalesChannel(Model):
    """Where an order was placed."""

    channel_name: ChannelName
    marketplace_id: str | None = None
    """`spshipping.Marketplace.find` takes it."""
    marketplace_name: str | None = None


@camel
class OrderFulfillment(Model):
    """Who ships an order until when, and how far it is; comes with the dataset FULFILLMENT."""

    fulfillment_status: FulfillmentStatus
    fulfilled_by: FulfilledBy | None = None
    fulfillment_service_level: FulfillmentServiceLevel | None = None
    ship_by_window: DateTimeRange | None = None
    deliver_by_window: DateTimeRange | None = None
    label_printing_window: DateTimeRange | None = None
    """From when on the label may be printed; None means any time."""


@camel
class PackageStatus(Model):
    """How far a package is."""

    status: PackageStatusCode
    detailed_status: DetailedPackageStatus | None = None


@camel
class PackageItem(Model):
    """What of an order is in a package."""

    order_item_id: str
    quantity: int
    transparency_codes: list[str] | None = None


@camel
class OrderPackage(Model):
    """A parcel of an order that the merchant ships; comes with the dataset PACKAGES."""

    package_reference_id: str
    created_time: datetime | None = None
    package_status: PackageStatus | None = None
    carrier: str | None = None
    ship_time: datetime | None = None
    shipping_service: str | None = None
    tracking_number: str | None = None
    ship_from_address: MerchantAddress | None = None
    package_items: list[PackageItem] | None = None


@camel
class FulfillmentOrder(Model):
    """What Amazon has split an Easy Ship order into; comes with the dataset FULFILLMENT_ORDERS."""

    fulfillment_order_id: str
    """The External Fulfillment APIs know it as the shipment's id."""


@camel
class Order(Model):
    """An order; optional parts come with the dataset that was requested."""

    order_id: str
    order_aliases: list[Alias] | None = None
    created_time: datetime
    last_updated_time: datetime
    programs: list[OrderProgram] | None = None
    associated_orders: list[AssociatedOrder] | None = None
    sales_channel: SalesChannel
    buyer: Buyer | None = None
    recipient: Recipient | None = None
    proceeds: OrderProceeds | None = None
    payment: OrderPayment | None = None
    tax: OrderTax | None = None
    fulfillment: OrderFulfillment | None = None
    order_items: list[OrderItem]
    packages: list[OrderPackage] | None = None
    fulfillment_orders: list[FulfillmentOrder] | None = None


@camel
class Pagination(Model):
    """Where the next page is; there is none on the last."""

    next_token: str | None = None
    """Good for 24 hours."""


@camel
class SearchOrdersResponse(Model):
    """One page of orders."""

    orders: list[Order]
    pagination: Pagination | None = None
    last_updated_before: datetime | None = None
    """Up to when Amazon looked; orders changed later are not here."""
    created_before: datetime | None = None
    """Up to when Amazon looked; orders placed later are not here."""


@camel
class GetOrderResponse(Model):
    """The order that was requested."""

    order: Order
