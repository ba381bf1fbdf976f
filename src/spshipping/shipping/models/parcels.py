"""What is shipped: packages, the items in them, their measures and values."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from spshipping.wire.enums import OpenEnum
from spshipping.wire.limits import Length, Pattern
from spshipping.wire.model import Model, camel


class WeightUnit(OpenEnum):
    """What a weight is counted in."""

    GRAM = "GRAM"
    KILOGRAM = "KILOGRAM"
    OUNCE = "OUNCE"
    POUND = "POUND"


class LengthUnit(OpenEnum):
    """What a length is counted in."""

    INCH = "INCH"
    CENTIMETER = "CENTIMETER"


class VolumeUnit(OpenEnum):
    """What a volume of liquid is counted in."""

    ML = "ML"
    L = "L"
    FL_OZ = "FL_OZ"
    GAL = "GAL"
    PT = "PT"
    QT = "QT"
    C = "C"


class ChargeType(OpenEnum):
    """Whether a charge on the goods adds or takes off."""

    TAX = "TAX"
    DISCOUNT = "DISCOUNT"


class PackingGroup(OpenEnum):
    """How dangerous the goods are, from I (most) to III."""

    I = "I"  # noqa: E741 - Amazon's own name
    II = "II"
    III = "III"


class PackingInstruction(OpenEnum):
    """The rule for packing lithium batteries that was followed."""

    PI965_SECTION_IA = "PI965_SECTION_IA"
    PI965_SECTION_IB = "PI965_SECTION_IB"
    PI965_SECTION_II = "PI965_SECTION_II"
    PI966_SECTION_I = "PI966_SECTION_I"
    PI966_SECTION_II = "PI966_SECTION_II"
    PI967_SECTION_I = "PI967_SECTION_I"
    PI967_SECTION_II = "PI967_SECTION_II"
    PI968_SECTION_IA = "PI968_SECTION_IA"
    PI968_SECTION_IB = "PI968_SECTION_IB"
    PI969_SECTION_I = "PI969_SECTION_I"
    PI969_SECTION_II = "PI969_SECTION_II"
    PI970_SECTION_I = "PI970_SECTION_I"
    PI970_SECTION_II = "PI970_SECTION_II"


@camel
class Weight(Model):
    """A weight; Amazon may answer in another unit than that of the request."""

    unit: WeightUnit
    value: Decimal


@camel
class LiquidVolume(Model):
    """A volume of liquid."""

    unit: VolumeUnit
    value: Decimal


@camel
class Currency(Model):
    """An amount of money."""

    value: Decimal
    unit: Annotated[str, Length(3, 3)]
    """The ISO 4217 code."""


@camel
class Dimensions(Model):
    """The outer measures of a package."""

    length: Decimal
    width: Decimal
    height: Decimal
    unit: LengthUnit


@camel
class InvoiceDetails(Model):
    """The invoice for an item; some regions require it."""

    invoice_number: str | None = None
    invoice_date: datetime | None = None


@camel
class ChargeComponent(Model):
    """A tax or a discount on the goods in a package."""

    amount: Currency | None = None
    charge_type: ChargeType | None = None


@camel
class DangerousGoodsDetails(Model):
    """What must be declared about dangerous goods."""

    united_nations_regulatory_id: Annotated[str, Pattern("^(UN|ID|NA)[0-9]{4}$")] | None = None
    transportation_regulatory_class: Annotated[str, Pattern(r"^[1-9](\.[1-9])?$")] | None = None
    packing_group: PackingGroup | None = None
    packing_instruction: PackingInstruction | None = None


@camel(line_item_id="lineItemID")
class DirectFulfillmentItemIdentifiers(Model):
    """Which piece of which line of a Direct Fulfillment order an item is."""

    line_item_id: str
    piece_number: str | None = None


@camel
class Item(Model):
    """Something in a package, and how many of it."""

    item_value: Currency | None = None
    description: str | None = None
    item_identifier: str | None = None
    quantity: int
    weight: Weight | None = None
    liquid_volume: LiquidVolume | None = None
    is_hazmat: bool | None = None
    dangerous_goods_details: DangerousGoodsDetails | None = None
    product_type: str | None = None
    invoice_details: InvoiceDetails | None = None
    serial_numbers: list[str] | None = None
    direct_fulfillment_item_identifiers: DirectFulfillmentItemIdentifiers | None = None


@camel
class Package(Model):
    """A parcel, as it is handed to the carrier."""

    dimensions: Dimensions
    weight: Weight
    insured_value: Currency
    is_hazmat: bool | None = None
    seller_display_name: str | None = None
    charges: list[ChargeComponent] | None = None
    package_client_reference_id: str
    """Your own name for the package. Store it: `get_shipment_documents` needs it."""
    items: list[Item]
