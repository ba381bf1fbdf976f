"""Who bought, where it goes, and what the invoice needs to know of them."""

from datetime import date
from decimal import Decimal

from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import Model, pascal


class AddressType(OpenEnum):
    """Whether people live there or work there."""

    RESIDENTIAL = "Residential"
    COMMERCIAL = "Commercial"


class DayOfWeek(OpenEnum):
    """A day, in three letters."""

    SUN = "SUN"
    MON = "MON"
    TUE = "TUE"
    WED = "WED"
    THU = "THU"
    FRI = "FRI"
    SAT = "SAT"


class OtherDeliveryAttributes(OpenEnum):
    """What else a driver may want to know about the address."""

    HAS_ACCESS_POINT = "HAS_ACCESS_POINT"
    PALLET_ENABLED = "PALLET_ENABLED"
    PALLET_DISABLED = "PALLET_DISABLED"


@pascal(personal=("latitude", "longitude"))
class GeoCoordinates(Model):
    """A point on the map, in degrees of WGS84."""

    latitude: Decimal | None = None
    longitude: Decimal | None = None


@pascal(personal=("street_name", "street_number", "complement", "neighborhood", "geo_coordinates"))
class AddressExtendedFields(Model):
    """The parts of a street address, for Brazil and for grocery."""

    street_name: str | None = None
    street_number: str | None = None
    complement: str | None = None
    """Floor or unit."""
    neighborhood: str | None = None
    geo_coordinates: GeoCoordinates | None = None


@pascal(
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
        "extended_fields",
    )
)
class Address(Model):
    """Where an order goes, or is best sent from; whole only with a Restricted Data Token."""

    name: str | None = None
    company_name: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    city: str | None = None
    county: str | None = None
    district: str | None = None
    state_or_region: str | None = None
    municipality: str | None = None
    postal_code: str | None = None
    country_code: str | None = None
    phone: str | None = None
    """Never given where Amazon ships, nor once a shipped order is past its latest delivery date."""
    extended_fields: AddressExtendedFields | None = None
    address_type: AddressType | None = None


@pascal
class OpenTimeInterval(Model):
    """A time of day."""

    hour: int | None = None
    minute: int | None = None


@pascal
class OpenInterval(Model):
    """From when until when a business is open."""

    start_time: OpenTimeInterval | None = None
    end_time: OpenTimeInterval | None = None


@pascal
class BusinessHours(Model):
    """When a business is open on one day of the week."""

    day_of_week: DayOfWeek | None = None
    open_intervals: list[OpenInterval] | None = None


@pascal
class ExceptionDates(Model):
    """A day on which a business does not keep its usual hours."""

    exception_date: date | None = None
    is_open: bool | None = None
    open_intervals: list[OpenInterval] | None = None


@pascal
class PreferredDeliveryTime(Model):
    """When a parcel is welcome."""

    business_hours: list[BusinessHours] | None = None
    exception_dates: list[ExceptionDates] | None = None
    """For the next thirty days."""


@pascal(personal=("drop_off_location", "address_instructions"))
class DeliveryPreferences(Model):
    """The customer's instructions for the driver."""

    drop_off_location: str | None = None
    preferred_delivery_time: PreferredDeliveryTime | None = None
    other_attributes: list[OtherDeliveryAttributes] | None = None
    address_instructions: str | None = None


@pascal(personal=("buyer_company_name",))
class OrderAddress(Model):
    """The address of one order, and how to deliver there."""

    amazon_order_id: str
    buyer_company_name: str | None = None
    shipping_address: Address | None = None
    """None while the order is pending, and once it is cancelled."""
    delivery_preferences: DeliveryPreferences | None = None


@pascal(personal=("value",))
class TaxClassification(Model):
    """One tax number: its kind, and the number."""

    name: str | None = None
    value: str | None = None


@pascal(personal=("company_legal_name",))
class BuyerTaxInfo(Model):
    """The buyer's tax numbers; on business orders in Brazil, Mexico and India."""

    company_legal_name: str | None = None
    taxing_region: str | None = None
    tax_classifications: list[TaxClassification] | None = None


@pascal
class MarketplaceTaxInfo(Model):
    """The marketplace's own tax numbers; in Brazil, until an order is shipped."""

    tax_classifications: list[TaxClassification] | None = None


@pascal(
    personal=(
        "buyer_legal_company_name",
        "buyer_business_address",
        "buyer_tax_registration_id",
        "buyer_tax_office",
    )
)
class BuyerTaxInformation(Model):
    """What a business invoice in Turkey needs; restricted, the data element is `buyerTaxInformation`."""

    buyer_legal_company_name: str | None = None
    buyer_business_address: str | None = None
    buyer_tax_registration_id: str | None = None
    buyer_tax_office: str | None = None


@pascal(personal=("buyer_email", "buyer_name", "buyer_county", "purchase_order_number"))
class BuyerInfo(Model):
    """Who bought; restricted, the data element is `buyerInfo`."""

    buyer_email: str | None = None
    """An alias of Amazon's, not the buyer's own."""
    buyer_name: str | None = None
    buyer_county: str | None = None
    """In Brazil."""
    buyer_tax_info: BuyerTaxInfo | None = None
    purchase_order_number: str | None = None
    """The buyer's own."""


@pascal(personal=("buyer_email", "buyer_name", "buyer_county", "purchase_order_number"))
class OrderBuyerInfo(Model):
    """Who bought one order."""

    amazon_order_id: str
    buyer_email: str | None = None
    """An alias of Amazon's, not the buyer's own."""
    buyer_name: str | None = None
    buyer_county: str | None = None
    """In Brazil."""
    buyer_tax_info: BuyerTaxInfo | None = None
    purchase_order_number: str | None = None
    """The buyer's own."""
