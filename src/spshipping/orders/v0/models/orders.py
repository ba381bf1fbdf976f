"""Orders: their state, dates, payment and flags."""

from datetime import datetime

from spshipping.orders.v0.models.money import Money
from spshipping.orders.v0.models.parties import Address, BuyerInfo, BuyerTaxInformation, MarketplaceTaxInfo
from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import Model, pascal


class OrderStatus(OpenEnum):
    """How far an order is; cancelled is spelled with one L here."""

    PENDING = "Pending"
    """Placed, and not yet paid."""
    UNSHIPPED = "Unshipped"
    PARTIALLY_SHIPPED = "PartiallyShipped"
    SHIPPED = "Shipped"
    CANCELED = "Canceled"
    UNFULFILLABLE = "Unfulfillable"
    INVOICE_UNCONFIRMED = "InvoiceUnconfirmed"
    PENDING_AVAILABILITY = "PendingAvailability"


class FulfillmentChannel(OpenEnum):
    """Who ships: the seller (MFN), or Amazon (AFN)."""

    MFN = "MFN"
    AFN = "AFN"


class PaymentMethod(OpenEnum):
    """How it is paid: on delivery, at a convenience store, or otherwise."""

    COD = "COD"
    CVS = "CVS"
    OTHER = "Other"


class OrderType(OpenEnum):
    """What kind of promise an order is."""

    STANDARD_ORDER = "StandardOrder"
    LONG_LEAD_TIME_ORDER = "LongLeadTimeOrder"
    PREORDER = "Preorder"
    BACK_ORDER = "BackOrder"
    SOURCING_ON_DEMAND_ORDER = "SourcingOnDemandOrder"


class BuyerInvoicePreference(OpenEnum):
    """Whom the invoice is made out to; in Turkey."""

    INDIVIDUAL = "INDIVIDUAL"
    BUSINESS = "BUSINESS"


class EasyShipShipmentStatus(OpenEnum):
    """Where an Easy Ship parcel is."""

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
    """What Amazon thinks of the uploaded invoice; for Easy Ship, and in Brazil."""

    NOT_REQUIRED = "NotRequired"
    NOT_FOUND = "NotFound"
    PROCESSING = "Processing"
    ERRORED = "Errored"
    ACCEPTED = "Accepted"


@pascal(personal=("authorization_code",))
class PaymentExecutionDetailItem(Model):
    """One of the ways in which an order was paid."""

    payment: Money
    payment_method: str
    acquirer_id: str | None = None
    """The tax number of the company that handles the payment; this and the next two in Brazil."""
    card_brand: str | None = None
    authorization_code: str | None = None


@pascal
class FulfillmentInstruction(Model):
    """From where the order shall be shipped."""

    fulfillment_supply_source_id: str | None = None


@pascal
class AutomatedShippingSettings(Model):
    """The carrier and service that Amazon chose for an order with automated shipping settings."""

    has_automated_shipping_settings: bool | None = None
    automated_carrier: str | None = None
    automated_ship_method: str | None = None


@pascal(is_sold_by_ab="IsSoldByAB", is_iba="IsIBA", is_ispu="IsISPU")
class Order(Model):
    """An order, without its items."""

    amazon_order_id: str
    seller_order_id: str | None = None
    purchase_date: datetime
    last_update_date: datetime
    order_status: OrderStatus
    fulfillment_channel: FulfillmentChannel | None = None
    sales_channel: str | None = None
    order_channel: str | None = None
    ship_service_level: str | None = None
    order_total: Money | None = None
    """What the buyer pays. None while the order is pending."""
    number_of_items_shipped: int | None = None
    number_of_items_unshipped: int | None = None
    payment_execution_detail: list[PaymentExecutionDetailItem] | None = None
    payment_method: PaymentMethod | None = None
    payment_method_details: list[str] | None = None
    marketplace_id: str | None = None
    shipment_service_level_category: str | None = None
    easy_ship_shipment_status: EasyShipShipmentStatus | None = None
    cba_displayable_shipping_label: str | None = None
    order_type: OrderType | None = None
    earliest_ship_date: datetime | None = None
    """This and the three dates after it are for orders that the seller ships."""
    latest_ship_date: datetime | None = None
    earliest_delivery_date: datetime | None = None
    latest_delivery_date: datetime | None = None
    is_business_order: bool | None = None
    is_prime: bool | None = None
    """True only where the seller ships a Prime order."""
    is_premium_order: bool | None = None
    is_global_express_enabled: bool | None = None
    replaced_order_id: str | None = None
    is_replacement_order: bool | None = None
    promise_response_due_date: datetime | None = None
    """Until when the seller must name a ship date, where the goods are yet to be found."""
    is_estimated_ship_date_set: bool | None = None
    is_sold_by_ab: bool | None = None
    """Amazon Business EU bought it, and sold it on; so for the next."""
    is_iba: bool | None = None
    default_ship_from_location_address: Address | None = None
    buyer_invoice_preference: BuyerInvoicePreference | None = None
    buyer_tax_information: BuyerTaxInformation | None = None
    fulfillment_instruction: FulfillmentInstruction | None = None
    is_ispu: bool | None = None
    """The buyer picks it up in the seller's shop."""
    is_access_point_order: bool | None = None
    marketplace_tax_info: MarketplaceTaxInfo | None = None
    seller_display_name: str | None = None
    shipping_address: Address | None = None
    """None while the order is pending, and once it is cancelled."""
    buyer_info: BuyerInfo | None = None
    automated_shipping_settings: AutomatedShippingSettings | None = None
    has_regulated_items: bool | None = None
    electronic_invoice_status: ElectronicInvoiceStatus | None = None


@pascal
class OrdersList(Model):
    """A page of orders, and the end of the window that Amazon looked at."""

    orders: list[Order]
    next_token: str | None = None
    last_updated_before: datetime | None = None
    created_before: datetime | None = None
