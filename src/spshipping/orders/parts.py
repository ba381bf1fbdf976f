"""What an Amazon order is made of: addresses, the buyer, money, settings, items."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, ClassVar

from spshipping.orders.plain import plain
from spshipping.wire.enums import OpenEnum
from spshipping.wire.limits import AS_TEXT
from spshipping.wire.model import Model

# The values are those of Orders v0, and the names are those of 2026-01-01: a value of that API is translated
# by its name.


class OrderStatus(OpenEnum):
    """How far an order has come."""

    PENDING_AVAILABILITY = "PendingAvailability"
    PENDING = "Pending"
    UNSHIPPED = "Unshipped"
    PARTIALLY_SHIPPED = "PartiallyShipped"
    SHIPPED = "Shipped"
    INVOICE_UNCONFIRMED = "InvoiceUnconfirmed"
    """Not in 2026-01-01."""
    CANCELED = "Canceled"
    CANCELLED = "Canceled"
    """The same, as 2026-01-01 writes it."""
    UNFULFILLABLE = "Unfulfillable"


class FulfillmentChannel(OpenEnum):
    """Who ships an order: its seller (MFN), or Amazon (AFN)."""

    MERCHANT = "MFN"
    AMAZON = "AFN"


class OrderType(OpenEnum):
    """What kind of order it is."""

    STANDARD_ORDER = "StandardOrder"
    LONG_LEAD_TIME_ORDER = "LongLeadTimeOrder"
    PREORDER = "Preorder"
    BACK_ORDER = "BackOrder"
    SOURCING_ON_DEMAND_ORDER = "SourcingOnDemandOrder"


class ShipmentServiceLevelCategory(OpenEnum):
    """How fast the buyer wants an order, in terms that all marketplaces have."""

    EXPEDITED = "Expedited"
    FREE_ECONOMY = "FreeEconomy"
    NEXT_DAY = "NextDay"
    PRIORITY = "Priority"
    SAME_DAY = "SameDay"
    SECOND_DAY = "SecondDay"
    SCHEDULED = "Scheduled"
    STANDARD = "Standard"


class PaymentMethod(OpenEnum):
    """How an order is paid, as far as that concerns who delivers it."""

    COD = "COD"
    CVS = "CVS"
    OTHER = "Other"


class AddressType(OpenEnum):
    """What kind of place an address is."""

    RESIDENTIAL = "Residential"
    COMMERCIAL = "Commercial"
    PICKUP_POINT = "PickupPoint"
    """Not in Orders v0."""


class ConditionId(OpenEnum):
    """Whether an item is new."""

    NEW = "New"
    USED = "Used"
    COLLECTIBLE = "Collectible"
    REFURBISHED = "Refurbished"
    PREORDER = "Preorder"
    CLUB = "Club"


class ConditionSubtypeId(OpenEnum):
    """How good an item is within its condition."""

    NEW = "New"
    MINT = "Mint"
    VERY_GOOD = "Very Good"
    GOOD = "Good"
    ACCEPTABLE = "Acceptable"
    POOR = "Poor"
    CLUB = "Club"
    OEM = "OEM"
    WARRANTY = "Warranty"
    REFURBISHED_WARRANTY = "Refurbished Warranty"
    REFURBISHED = "Refurbished"
    OPEN_BOX = "Open Box"
    ANY = "Any"
    OTHER = "Other"


@plain()
class Money(Model):
    """An exact amount in one currency."""

    amount: Annotated[Decimal, AS_TEXT] | None = None
    currency_code: str | None = None


@plain(
    personal=(
        "name",
        "company_name",
        "address_line1",
        "address_line2",
        "address_line3",
        "city",
        "county",
        "district",
        "municipality",
        "postal_code",
        "phone",
    )
)
class Address(Model):
    """Where an order goes to, or should be shipped from."""

    name: str | None = None
    company_name: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    city: str | None = None
    county: str | None = None
    """Of 2026-01-01 this is the county or the district: it has one field for both."""
    district: str | None = None
    state_or_region: str | None = None
    municipality: str | None = None
    postal_code: str | None = None
    country_code: str | None = None
    phone: str | None = None
    address_type: AddressType | None = None

    @property
    def street(self) -> str | None:
        """The address lines that there are, joined by commas."""
        lines = (self.address_line1, self.address_line2, self.address_line3)
        return ", ".join(line for line in lines if line) or None

    @property
    def contact_name(self) -> str | None:
        """The person, or the company where no person is named."""
        return self.name or self.company_name


@plain(personal=("value",))
class TaxClassification(Model):
    """One tax registration: its kind, and its number."""

    name: str | None = None
    value: str | None = None


@plain(personal=("company_legal_name",))
class BuyerTaxInfo(Model):
    """What an invoice to a business needs."""

    company_legal_name: str | None = None
    taxing_region: str | None = None
    tax_classifications: list[TaxClassification] | None = None


@plain(personal=("buyer_email", "buyer_name", "buyer_county", "purchase_order_number"))
class BuyerInfo(Model):
    """Who bought."""

    buyer_email: str | None = None
    """An address at Amazon that is passed on to the buyer."""
    buyer_name: str | None = None
    buyer_county: str | None = None
    buyer_tax_info: BuyerTaxInfo | None = None
    purchase_order_number: str | None = None


@plain()
class FulfillmentInstruction(Model):
    """From where the order is to be shipped."""

    fulfillment_supply_source_id: str | None = None


@plain()
class AutomatedShippingSettings(Model):
    """How Amazon would ship the order, where the seller lets Amazon decide."""

    has_automated_shipping_settings: bool | None = None
    automated_carrier: str | None = None
    automated_ship_method: str | None = None


@plain(personal=("authorization_code",))
class PaymentExecution(Model):
    """One payment for the order."""

    payment: Money | None = None
    payment_method: str | None = None
    acquirer_id: str | None = None
    card_brand: str | None = None
    authorization_code: str | None = None


@plain(personal=("gift_message_text", "customized_url", "buyer_cancel_reason", "ioss_number"))
class AmazonOrderItem(Model):
    """One line of an order."""

    __columns__: ClassVar[tuple[str, ...]] = (
        "order_item_id",
        "seller_sku",
        "title",
        "quantity_ordered",
        "item_price",
    )

    order_item_id: str
    """Empty where the answer lacks it."""
    asin: str | None = None
    seller_sku: str | None = None
    title: str | None = None
    condition_id: ConditionId | None = None
    condition_subtype_id: ConditionSubtypeId | None = None
    condition_note: str | None = None
    quantity_ordered: int | None = None
    quantity_shipped: int | None = None
    unit_price: Money | None = None
    """The price of one. Not in Orders v0."""
    item_price: Money | None = None
    """The price of the whole line: of all that were ordered."""
    item_tax: Money | None = None
    shipping_price: Money | None = None
    shipping_tax: Money | None = None
    shipping_discount: Money | None = None
    """What was taken off; not negative."""
    gift_wrap_price: Money | None = None
    gift_wrap_tax: Money | None = None
    promotion_discount: Money | None = None
    """What was taken off; not negative."""
    promotion_ids: list[str] | None = None
    is_gift: bool | None = None
    gift_message_text: str | None = None
    gift_wrap_level: str | None = None
    customized_url: str | None = None
    """Where the files of an order of Amazon Custom are."""
    is_transparency: bool | None = None
    """Whether the shipment has to be confirmed with the codes of Amazon Transparency."""
    is_buyer_requested_cancel: bool | None = None
    buyer_cancel_reason: str | None = None
    ioss_number: str | None = None
    deemed_reseller_category: str | None = None
    scheduled_delivery_start_date: datetime | None = None
    scheduled_delivery_end_date: datetime | None = None


@plain()
class Gap(Model):
    """Fields of an order that could not be completed, and why."""

    fields: list[str]
    """Their paths, such as `order_total` and `buyer_info.buyer_county`."""
    reason: str
