"""What Amazon has noted of purchase orders: ordered, acknowledged, received."""

from datetime import datetime

from spshipping.vendor.orders.models.amounts import ItemQuantity, Money
from spshipping.vendor.orders.models.parties import PartyIdentification
from spshipping.vendor.orders.models.purchase_orders import Pagination
from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import Model, camel


class PurchaseOrderStatus(OpenEnum):
    """Whether Amazon expects more; `PurchaseOrderState` has other words for it."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    """Everything was received, or all lines were rejected."""


class ConfirmationStatus(OpenEnum):
    """What the vendor has answered to a line."""

    ACCEPTED = "ACCEPTED"
    """Back orders count as accepted."""
    PARTIALLY_ACCEPTED = "PARTIALLY_ACCEPTED"
    REJECTED = "REJECTED"
    UNCONFIRMED = "UNCONFIRMED"


class ReceiveStatus(OpenEnum):
    """How much of a line has arrived."""

    NOT_RECEIVED = "NOT_RECEIVED"
    PARTIALLY_RECEIVED = "PARTIALLY_RECEIVED"
    RECEIVED = "RECEIVED"


@camel
class OrderedQuantityDetails(Model):
    """One change of an ordered quantity: how much was added, and how much cancelled."""

    updated_date: datetime | None = None
    ordered_quantity: ItemQuantity | None = None
    """The change, and not the sum."""
    cancelled_quantity: ItemQuantity | None = None


@camel
class OrderItemStatusOrderedQuantity(Model):
    """How much is ordered, and how that came about."""

    ordered_quantity: ItemQuantity | None = None
    ordered_quantity_details: list[OrderedQuantityDetails] | None = None
    """The latest first."""


@camel
class AcknowledgementStatusDetails(Model):
    """One acknowledgement of a line that Amazon has processed."""

    acknowledgement_date: datetime | None = None
    accepted_quantity: ItemQuantity | None = None
    rejected_quantity: ItemQuantity | None = None


@camel
class OrderItemStatusAcknowledgementStatus(Model):
    """What the vendor has answered to a line, as Amazon has noted it."""

    confirmation_status: ConfirmationStatus | None = None
    accepted_quantity: ItemQuantity | None = None
    """Includes back-ordered quantities; Amazon has no separate field for them."""
    rejected_quantity: ItemQuantity | None = None
    acknowledgement_status_details: list[AcknowledgementStatusDetails] | None = None
    """In no order that can be relied on: sort by `acknowledgement_date`."""


@camel
class OrderItemStatusReceivingStatus(Model):
    """What of a line has arrived in Amazon's warehouse."""

    receive_status: ReceiveStatus | None = None
    received_quantity: ItemQuantity | None = None
    """May count in another unit than the order does."""
    last_receive_date: datetime | None = None


@camel
class OrderItemStatus(Model):
    """The state of a line of a purchase order."""

    item_sequence_number: str
    buyer_product_identifier: str | None = None
    vendor_product_identifier: str | None = None
    net_cost: Money | None = None
    list_price: Money | None = None
    ordered_quantity: OrderItemStatusOrderedQuantity | None = None
    acknowledgement_status: OrderItemStatusAcknowledgementStatus | None = None
    receiving_status: OrderItemStatusReceivingStatus | None = None
    """May be missing while nothing has arrived."""


@camel
class OrderStatus(Model):
    """The state of a purchase order."""

    purchase_order_number: str
    purchase_order_status: PurchaseOrderStatus
    purchase_order_date: datetime
    last_updated_date: datetime | None = None
    selling_party: PartyIdentification
    ship_to_party: PartyIdentification
    item_status: list[OrderItemStatus]


@camel
class OrderListStatus(Model):
    """A page of states of purchase orders."""

    pagination: Pagination | None = None
    orders_status: list[OrderStatus] | None = None
