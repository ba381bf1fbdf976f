"""The items of an order: the product, what it is worth, and what has to be done with it."""

from datetime import datetime
from decimal import Decimal

from spshipping.orders.v2026_01_01.models.amounts import Money
from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import Model, camel


class ItemProgram(OpenEnum):
    """A program of Amazon's that an item is part of."""

    TRANSPARENCY = "TRANSPARENCY"
    SUBSCRIBE_AND_SAVE = "SUBSCRIBE_AND_SAVE"


class ItemAssociationType(OpenEnum):
    """What another item is to this one."""

    VALUE_ADD_SERVICE = "VALUE_ADD_SERVICE"


class MeasurementUnit(OpenEnum):
    """A unit of what is sold by weight, volume, length or area."""

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


class ConditionType(OpenEnum):
    """Whether a product is new or used, roughly."""

    NEW = "NEW"
    USED = "USED"
    COLLECTIBLE = "COLLECTIBLE"
    REFURBISHED = "REFURBISHED"
    PREORDER = "PREORDER"
    CLUB = "CLUB"


class ConditionSubtype(OpenEnum):
    """How new or used a product is."""

    NEW = "NEW"
    MINT = "MINT"
    VERY_GOOD = "VERY_GOOD"
    GOOD = "GOOD"
    ACCEPTABLE = "ACCEPTABLE"
    POOR = "POOR"
    CLUB = "CLUB"
    OEM = "OEM"
    WARRANTY = "WARRANTY"
    REFURBISHED_WARRANTY = "REFURBISHED_WARRANTY"
    REFURBISHED = "REFURBISHED"
    OPEN_BOX = "OPEN_BOX"
    ANY = "ANY"
    OTHER = "OTHER"


class PriceDesignation(OpenEnum):
    """A price that not every customer gets."""

    BUSINESS_PRICE = "BUSINESS_PRICE"


class ItemProceedsType(OpenEnum):
    """What a part of an item's proceeds is for."""

    ITEM = "ITEM"
    SHIPPING = "SHIPPING"
    GIFT_WRAP = "GIFT_WRAP"
    COD_FEE = "COD_FEE"
    OTHER = "OTHER"
    TAX = "TAX"
    DISCOUNT = "DISCOUNT"


class ItemProceedsSubtype(OpenEnum):
    """What a tax or a discount is on."""

    ITEM = "ITEM"
    SHIPPING = "SHIPPING"
    GIFT_WRAP = "GIFT_WRAP"
    COD_FEE = "COD_FEE"
    OTHER = "OTHER"
    DISCOUNT = "DISCOUNT"


class CancellationRequester(OpenEnum):
    """Who requests a cancellation."""

    BUYER = "BUYER"


class Canceller(OpenEnum):
    """Who cancelled."""

    BUYER = "BUYER"
    MERCHANT = "MERCHANT"
    AMAZON = "AMAZON"


class SubstitutionType(OpenEnum):
    """Who decides what is sent where an item is not to be had."""

    CUSTOMER_PREFERENCE = "CUSTOMER_PREFERENCE"
    AMAZON_RECOMMENDED = "AMAZON_RECOMMENDED"
    DO_NOT_SUBSTITUTE = "DO_NOT_SUBSTITUTE"


class SerialNumberRequirementType(OpenEnum):
    """Whether serial numbers must be given."""

    REQUIRED = "REQUIRED"


class ConstraintType(OpenEnum):
    """How binding a rule for shipping is."""

    MANDATORY = "MANDATORY"


class ReportingScheme(OpenEnum):
    """The European scheme under which the tax is reported."""

    UOSS = "UOSS"
    IOSS = "IOSS"


class TaxCollectionModel(OpenEnum):
    """How the tax on an item is collected."""

    MARKETPLACE_FACILITATOR = "MARKETPLACE_FACILITATOR"


@camel
class DateTimeRange(Model):
    """A span of time; Amazon may leave an end open."""

    earliest_date_time: datetime | None = None
    latest_date_time: datetime | None = None


@camel
class Measurement(Model):
    """How much there is of what is not sold by the piece."""

    unit: MeasurementUnit
    value: Decimal


@camel
class AssociatedOrderItem(Model):
    """An item bought together with this one, such as the fitting of tires."""

    order_id: str | None = None
    order_item_id: str | None = None
    association_type: ItemAssociationType | None = None


@camel
class ItemCondition(Model):
    """The condition in which a product is sold."""

    condition_type: ConditionType | None = None
    condition_subtype: ConditionSubtype | None = None
    condition_note: str | None = None
    """The seller's own words."""


@camel
class ItemPrice(Model):
    """The price of one unit; the whole line is in the proceeds."""

    unit_price: Money | None = None
    price_designation: PriceDesignation | None = None


@camel(personal=("customized_url",))
class ItemCustomization(Model):
    """How the customer had the product made."""

    customized_url: str | None = None
    """Where the text and pictures of the customer can be fetched."""


@camel
class ItemProduct(Model):
    """What was ordered."""

    asin: str | None = None
    title: str | None = None
    seller_sku: str | None = None
    condition: ItemCondition | None = None
    price: ItemPrice | None = None
    serial_numbers: list[str] | None = None
    """Mostly for orders that Amazon ships."""
    customization: ItemCustomization | None = None


@camel
class ItemProceedsDetailedBreakdown(Model):
    """A part of a tax or of a discount."""

    subtype: ItemProceedsSubtype | None = None
    value: Money | None = None


@camel
class ItemProceedsBreakdown(Model):
    """The sum of one kind of proceeds of an item."""

    type: ItemProceedsType
    subtotal: Money
    detailed_breakdowns: list[ItemProceedsDetailedBreakdown] | None = None
    """For TAX and DISCOUNT only."""


@camel
class ItemProceeds(Model):
    """What the seller gets for all units of an item; comes with the dataset PROCEEDS."""

    proceeds_total: Money | None = None
    breakdowns: list[ItemProceedsBreakdown] | None = None


@camel
class PointsGranted(Model):
    """Amazon Points that the customer gets, and what they are worth."""

    points_number: int | None = None
    points_monetary_value: Money | None = None


@camel
class ItemPointsCost(Model):
    """What Amazon Points cost the seller."""

    points_granted: PointsGranted | None = None


@camel
class ItemExpense(Model):
    """What an item costs the seller; comes with the dataset EXPENSE."""

    points_cost: ItemPointsCost | None = None


@camel
class ItemPromotionBreakdown(Model):
    """One promotion that applied."""

    promotion_id: str | None = None


@camel
class ItemPromotion(Model):
    """The promotions that applied to an item; comes with the dataset PROMOTION."""

    breakdowns: list[ItemPromotionBreakdown] | None = None


@camel(personal=("cancel_reason",))
class ItemCancellationRequest(Model):
    """A buyer's request to cancel, which the seller has not carried out yet."""

    requester: CancellationRequester | None = None
    cancel_reason: str | None = None


@camel(personal=("cancel_reason",))
class ItemCancellationExecution(Model):
    """A cancellation that was carried out."""

    cancelled_by: Canceller | None = None
    cancel_reason: str | None = None


@camel
class ItemCancellation(Model):
    """What is known of cancelling an item; comes with the dataset CANCELLATION."""

    cancellation_request: ItemCancellationRequest | None = None
    cancellation_execution: ItemCancellationExecution | None = None


@camel
class ItemSubstitutionOption(Model):
    """What may be sent instead."""

    asin: str | None = None
    quantity_ordered: int | None = None
    seller_sku: str | None = None
    title: str | None = None
    measurement: Measurement | None = None


@camel
class ItemSubstitutionPreference(Model):
    """What to do where an item is not to be had."""

    substitution_type: SubstitutionType
    substitution_options: list[ItemSubstitutionOption] | None = None


@camel
class ItemPicking(Model):
    """Instructions for picking the item."""

    substitution_preference: ItemSubstitutionPreference | None = None


@camel(personal=("gift_message",))
class GiftOption(Model):
    """How an item is to be wrapped as a gift, and what the buyer writes with it."""

    gift_message: str | None = None
    gift_wrap_level: str | None = None


@camel
class SerialNumberRequirement(Model):
    """Whether the serial numbers of an item must be given."""

    requirement_type: SerialNumberRequirementType | None = None


@camel
class ItemPacking(Model):
    """Instructions for packing the item."""

    gift_option: GiftOption | None = None
    serial_number_requirement: SerialNumberRequirement | None = None


@camel
class ItemShippingConstraints(Model):
    """What the carrier must do; None where it need not."""

    pallet_delivery: ConstraintType | None = None
    cash_on_delivery: ConstraintType | None = None
    signature_confirmation: ConstraintType | None = None
    recipient_identity_verification: ConstraintType | None = None
    recipient_age_verification: ConstraintType | None = None


@camel(personal=("ioss_number",))
class ItemInternationalShipping(Model):
    """What customs wants to know."""

    ioss_number: str | None = None
    """For the carrier's eyes only; not personal, but kept from logs like what is."""


@camel
class ItemShipping(Model):
    """Instructions for shipping the item."""

    scheduled_delivery_window: DateTimeRange | None = None
    shipping_constraints: ItemShippingConstraints | None = None
    international_shipping: ItemInternationalShipping | None = None


@camel
class ItemFulfillment(Model):
    """How far an item is, and what it needs on its way; comes with the dataset FULFILLMENT."""

    quantity_fulfilled: int | None = None
    quantity_unfulfilled: int | None = None
    picking: ItemPicking | None = None
    packing: ItemPacking | None = None
    shipping: ItemShipping | None = None


@camel
class ItemTaxCalculationBreakdown(Model):
    """One scheme under which the tax on an item is reported."""

    reporting_scheme: ReportingScheme | None = None


@camel
class ItemTaxCollection(Model):
    """Who collects the tax on an item, and how."""

    model: TaxCollectionModel | None = None
    responsible_party: str | None = None


@camel
class ItemTax(Model):
    """Tax matters of an item; comes with the dataset TAX."""

    tax_calculation_breakdowns: list[ItemTaxCalculationBreakdown] | None = None
    tax_collections: list[ItemTaxCollection] | None = None


@camel
class OrderItem(Model):
    """One line of an order."""

    order_item_id: str
    quantity_ordered: int
    measurement: Measurement | None = None
    associated_order_items: list[AssociatedOrderItem] | None = None
    programs: list[ItemProgram] | None = None
    product: ItemProduct
    proceeds: ItemProceeds | None = None
    expense: ItemExpense | None = None
    promotion: ItemPromotion | None = None
    cancellation: ItemCancellation | None = None
    fulfillment: ItemFulfillment | None = None
    tax: ItemTax | None = None
