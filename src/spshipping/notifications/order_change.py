"""The payload of ORDER_CHANGE: what happened to an order, in the words of Orders v0.

Source: https://github.com/amzn/selling-partner-api-models/blob/main/schemas/notifications/OrderChangeNotification.json
"""

from datetime import datetime

from spshipping.notifications.models import OrderChangeTypeEnum
from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import Model, pascal


class NotificationLevel(OpenEnum):
    """Whether the notification is about an order or about one item of it."""

    ORDER_ITEM_LEVEL = "OrderItemLevel"
    ORDER_LEVEL = "OrderLevel"


class OrderStatus(OpenEnum):
    """How far the order is."""

    PENDING = "Pending"
    UNSHIPPED = "Unshipped"
    PARTIALLY_SHIPPED = "PartiallyShipped"
    SHIPPED = "Shipped"
    CANCELED = "Canceled"
    UNFULFILLABLE = "Unfulfillable"
    INVOICE_UNCONFIRMED = "InvoiceUnconfirmed"
    PENDING_AVAILABILITY = "PendingAvailability"


class OrderItemStatus(OpenEnum):
    """Whether the item has left."""

    UNSHIPPED = "Unshipped"
    SHIPPED = "Shipped"


class FulfillmentType(OpenEnum):
    """Who ships: Amazon (`AFN`) or the seller (`MFN`)."""

    AFN = "AFN"
    MFN = "MFN"


class OrderType(OpenEnum):
    """The kind of order."""

    STANDARD_ORDER = "StandardOrder"
    LONG_LEAD_TIME_ORDER = "LongLeadTimeOrder"
    PREORDER = "Preorder"
    BACK_ORDER = "BackOrder"
    SOURCING_ON_DEMAND_ORDER = "SourcingOnDemandOrder"


class OrderProgram(OpenEnum):
    """A programme that the order was placed under."""

    BUSINESS = "Business"
    PRIME = "Prime"
    PREMIUM = "Premium"
    IBA = "IBA"
    REPLACEMENT = "Replacement"


class ShippingProgram(OpenEnum):
    """A programme that the order is shipped under."""

    SHIP_DATE_SET = "ShipDateSet"
    GLOBAL_EXPRESS = "GlobalExpress"
    ISPU = "ISPU"
    ACCESS_POINT = "AccessPoint"
    TFM = "TFM"
    EASY_SHIP = "EasyShip"


class EasyShipShipmentStatus(OpenEnum):
    """Where the parcel of an Easy Ship order is."""

    PENDING_SCHEDULE = "PendingSchedule"
    PENDING_PICK_UP = "PendingPickUp"
    PENDING_DROP_OFF = "PendingDropOff"
    LABEL_CANCELED = "LabelCanceled"
    PICKED_UP = "PickedUp"
    DROPPED_OFF = "DroppedOff"
    AT_ORIGIN_FC = "AtOriginFC"
    AT_DESTINATION_FC = "AtDestinationFC"
    DELIVERED = "Delivered"
    REJECTED_BY_BUYER = "RejectedByBuyer"
    UNDELIVERABLE = "Undeliverable"
    RETURNING_TO_SELLER = "ReturningToSeller"
    RETURNED_TO_SELLER = "ReturnedToSeller"
    LOST = "Lost"
    OUT_FOR_DELIVERY = "OutForDelivery"
    DAMAGED = "Damaged"


class ElectronicInvoiceStatus(OpenEnum):
    """How far the electronic invoice is."""

    NOT_REQUIRED = "NotRequired"
    NOT_FOUND = "NotFound"
    PROCESSING = "Processing"
    ERRORED = "Errored"
    ACCEPTED = "Accepted"


@pascal
class OrderChangeTrigger(Model):
    """Why the notification was sent."""

    time_of_order_change: datetime | None = None
    """None where no time belongs to the change."""
    change_reason: str


@pascal(seller_sku="SellerSKU")
class OrderChangeItem(Model):
    """An item of the order."""

    order_item_id: str
    seller_sku: str
    supply_source_id: str | None = None
    order_item_status: OrderItemStatus | None = None
    """Present where the items have different statuses."""
    quantity: int
    quantity_shipped: int | None = None
    is_buyer_requested_cancel: bool | None = None
    """The buyer asks for it not to be sent."""
    item_earliest_delivery_date: datetime | None = None
    item_latest_delivery_date: datetime | None = None


@pascal(personal=("destination_postal_code",))
class OrderChangeSummary(Model):
    """The order as it is after the change."""

    marketplace_id: str
    order_status: OrderStatus
    purchase_date: datetime | None = None
    destination_postal_code: str | None = None
    fulfillment_type: FulfillmentType
    order_type: OrderType
    number_of_items_shipped: int | None = None
    number_of_items_unshipped: int | None = None
    earliest_delivery_date: datetime | None = None
    """For orders that the seller ships; so is the next one."""
    latest_delivery_date: datetime | None = None
    earliest_ship_date: datetime | None = None
    latest_ship_date: datetime | None = None
    cancel_notify_date: datetime | None = None
    """Until when the order can be cancelled."""
    order_programs: list[OrderProgram] | None = None
    shipping_programs: list[ShippingProgram] | None = None
    easy_ship_shipment_status: EasyShipShipmentStatus | None = None
    electronic_invoice_status: ElectronicInvoiceStatus | None = None
    order_items: list[OrderChangeItem]
    """The item that changed, or all of them, depending on the notification's level."""


@pascal
class OrderChangeNotification(Model):
    """A change to one order. It is a snapshot, and may arrive late or twice: fetch the order to be sure."""

    notification_level: NotificationLevel
    seller_id: str
    amazon_order_id: str
    order_change_type: OrderChangeTypeEnum
    order_change_trigger: OrderChangeTrigger
    summary: OrderChangeSummary
