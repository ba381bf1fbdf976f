"""What was ordered: the lines, what they cost, and what the buyer wished for them."""

from datetime import datetime
from decimal import Decimal

from spshipping.orders.v0.models.money import Money
from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import Model, pascal


class AssociationType(OpenEnum):
    """How another line belongs to this one."""

    VALUE_ADD_SERVICE = "VALUE_ADD_SERVICE"


class ConstraintType(OpenEnum):
    """How binding a delivery preference is."""

    MANDATORY = "MANDATORY"


class DeemedResellerCategory(OpenEnum):
    """The scheme under which Amazon collects a seller's VAT in the EU and the UK."""

    IOSS = "IOSS"
    UOSS = "UOSS"


class TaxCollectionModel(OpenEnum):
    """Who by law withholds the tax."""

    MARKETPLACE_FACILITATOR = "MarketplaceFacilitator"


class ResponsibleParty(OpenEnum):
    """The company that withholds the tax. Amazon lists one, and sends others as well."""

    AMAZON_SERVICES_INC = "Amazon Services, Inc."


class SubstitutionType(OpenEnum):
    """What may come in the place of an item that is out."""

    CUSTOMER_PREFERENCE = "CUSTOMER_PREFERENCE"
    AMAZON_RECOMMENDED = "AMAZON_RECOMMENDED"
    DO_NOT_SUBSTITUTE = "DO_NOT_SUBSTITUTE"


class MeasurementUnit(OpenEnum):
    """What an item sold by measure is measured in."""

    OUNCES = "OUNCES"
    POUNDS = "POUNDS"
    KILOGRAMS = "KILOGRAMS"
    GRAMS = "GRAMS"
    MILLIGRAMS = "MILLIGRAMS"
    INCHES = "INCHES"
    FEET = "FEET"
    METERS = "METERS"
    CENTIMETERS = "CENTIMETERS"
    MILLIMETERS = "MILLIMETERS"
    SQUARE_METERS = "SQUARE_METERS"
    SQUARE_CENTIMETERS = "SQUARE_CENTIMETERS"
    SQUARE_FEET = "SQUARE_FEET"
    SQUARE_INCHES = "SQUARE_INCHES"
    GALLONS = "GALLONS"
    PINTS = "PINTS"
    QUARTS = "QUARTS"
    FLUID_OUNCES = "FLUID_OUNCES"
    LITERS = "LITERS"
    CUBIC_METERS = "CUBIC_METERS"
    CUBIC_FEET = "CUBIC_FEET"
    CUBIC_INCHES = "CUBIC_INCHES"
    CUBIC_CENTIMETERS = "CUBIC_CENTIMETERS"
    COUNT = "COUNT"


@pascal
class Measurement(Model):
    """How much of something, for items sold by measure."""

    unit: MeasurementUnit
    value: Decimal


@pascal
class AmazonPrograms(Model):
    """The programs an item is sold in: `SUBSCRIBE_AND_SAVE`, `FBM_SHIP_PLUS`."""

    programs: list[str]


@pascal
class AssociatedItem(Model):
    """A line that belongs to this one, such as a service bought with it."""

    order_id: str | None = None
    order_item_id: str | None = None
    association_type: AssociationType | None = None


@pascal(asin="ASIN", seller_sku="SellerSKU")
class SubstitutionOption(Model):
    """One thing that may come instead."""

    asin: str | None = None
    quantity_ordered: int | None = None
    seller_sku: str | None = None
    title: str | None = None
    measurement: Measurement | None = None


@pascal
class SubstitutionPreferences(Model):
    """What may come instead; for grocery."""

    substitution_type: SubstitutionType
    substitution_options: list[SubstitutionOption] | None = None


@pascal
class ShippingConstraints(Model):
    """What the carrier must do at the door."""

    pallet_delivery: ConstraintType | None = None
    signature_confirmation: ConstraintType | None = None
    recipient_identity_verification: ConstraintType | None = None
    recipient_age_verification: ConstraintType | None = None


@pascal
class PointsGrantedDetail(Model):
    """The Amazon Points that come with an item."""

    points_number: int | None = None
    points_monetary_value: Money | None = None


@pascal
class ProductInfoDetail(Model):
    """How many pieces one unit of the item is."""

    number_of_items: str | None = None
    """A whole number, as text."""


@pascal
class TaxCollection(Model):
    """Who withholds the tax."""

    model: TaxCollectionModel | None = None
    responsible_party: ResponsibleParty | None = None


@pascal(personal=("buyer_cancel_reason",))
class BuyerRequestedCancel(Model):
    """Whether the buyer requests to cancel the item, and why."""

    is_buyer_requested_cancel: str | None = None
    """`true` or `false`, as text: either counts as true where a condition belongs."""
    buyer_cancel_reason: str | None = None


@pascal(personal=("customized_url",), customized_url="CustomizedURL")
class BuyerCustomizedInfoDetail(Model):
    """Where the buyer's own design can be fetched, as a ZIP file."""

    customized_url: str | None = None


@pascal(personal=("gift_message_text",))
class ItemBuyerInfo(Model):
    """What the buyer wished for an item; restricted, the data element is `buyerInfo`."""

    buyer_customized_info: BuyerCustomizedInfoDetail | None = None
    gift_wrap_price: Money | None = None
    gift_wrap_tax: Money | None = None
    gift_message_text: str | None = None
    gift_wrap_level: str | None = None


@pascal(
    personal=("ioss_number",),
    asin="ASIN",
    seller_sku="SellerSKU",
    cod_fee="CODFee",
    cod_fee_discount="CODFeeDiscount",
)
class OrderItem(Model):
    """One line of an order; every price is for the whole line. A pending order's lines have none."""

    asin: str
    seller_sku: str | None = None
    order_item_id: str
    associated_items: list[AssociatedItem] | None = None
    title: str | None = None
    quantity_ordered: int
    quantity_shipped: int | None = None
    product_info: ProductInfoDetail | None = None
    points_granted: PointsGrantedDetail | None = None
    item_price: Money | None = None
    """For all pieces together, without shipping and gift wrap."""
    shipping_price: Money | None = None
    item_tax: Money | None = None
    shipping_tax: Money | None = None
    shipping_discount: Money | None = None
    shipping_discount_tax: Money | None = None
    promotion_discount: Money | None = None
    promotion_discount_tax: Money | None = None
    promotion_ids: list[str] | None = None
    cod_fee: Money | None = None
    cod_fee_discount: Money | None = None
    is_gift: str | None = None
    """`true` or `false`, as text: either counts as true where a condition belongs."""
    condition_note: str | None = None
    condition_id: str | None = None
    condition_subtype_id: str | None = None
    scheduled_delivery_start_date: datetime | None = None
    scheduled_delivery_end_date: datetime | None = None
    price_designation: str | None = None
    """`BusinessPrice` where the price is one for businesses only."""
    tax_collection: TaxCollection | None = None
    serial_number_required: bool | None = None
    is_transparency: bool | None = None
    """Its Transparency codes must be given when the shipment is confirmed."""
    ioss_number: str | None = None
    """For the carrier, where the parcel enters the EU and Amazon has collected the VAT."""
    store_chain_store_id: str | None = None
    deemed_reseller_category: DeemedResellerCategory | None = None
    buyer_info: ItemBuyerInfo | None = None
    buyer_requested_cancel: BuyerRequestedCancel | None = None
    serial_numbers: list[str] | None = None
    """Of what Amazon shipped."""
    substitution_preferences: SubstitutionPreferences | None = None
    measurement: Measurement | None = None
    shipping_constraints: ShippingConstraints | None = None
    amazon_programs: AmazonPrograms | None = None


@pascal
class OrderItemsList(Model):
    """A page of the lines of one order."""

    order_items: list[OrderItem]
    next_token: str | None = None
    amazon_order_id: str


@pascal(personal=("gift_message_text",))
class OrderItemBuyerInfo(Model):
    """What the buyer wished for one line."""

    order_item_id: str
    buyer_customized_info: BuyerCustomizedInfoDetail | None = None
    gift_wrap_price: Money | None = None
    gift_wrap_tax: Money | None = None
    gift_message_text: str | None = None
    gift_wrap_level: str | None = None


@pascal
class OrderItemsBuyerInfoList(Model):
    """A page of the buyer's data for the items of one order."""

    order_items: list[OrderItemBuyerInfo]
    next_token: str | None = None
    amazon_order_id: str
