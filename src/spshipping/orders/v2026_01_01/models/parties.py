"""Who bought an order, where it goes and when it can be delivered, and where it is shipped from."""

from datetime import date

from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import Model, camel


class AddressType(OpenEnum):
    """What kind of place an address is."""

    RESIDENTIAL = "RESIDENTIAL"
    COMMERCIAL = "COMMERCIAL"
    PICKUP_POINT = "PICKUP_POINT"


class DayOfWeek(OpenEnum):
    """A day of the week, by three letters."""

    SUN = "SUN"
    MON = "MON"
    TUE = "TUE"
    WED = "WED"
    THU = "THU"
    FRI = "FRI"
    SAT = "SAT"


class ExceptionDateType(OpenEnum):
    """Whether a business is open on a day that differs from the others."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"


class PreferredDeliveryCapability(OpenEnum):
    """What an address can, or cannot, take in."""

    HAS_ACCESS_POINT = "HAS_ACCESS_POINT"
    PALLET_ENABLED = "PALLET_ENABLED"
    PALLET_DISABLED = "PALLET_DISABLED"


@camel(personal=("buyer_name", "buyer_email", "buyer_company_name", "buyer_purchase_order_number"))
class Buyer(Model):
    """The customer who placed the order; comes with the dataset BUYER."""

    buyer_name: str | None = None
    buyer_email: str | None = None
    """An alias of Amazon's, and only for orders that the merchant ships."""
    buyer_company_name: str | None = None
    buyer_purchase_order_number: str | None = None


@camel(personal=("street_name", "street_number", "complement", "neighborhood"))
class AddressExtendedFields(Model):
    """The parts of a Brazilian address, one by one."""

    street_name: str | None = None
    street_number: str | None = None
    complement: str | None = None
    """The floor, or the flat."""
    neighborhood: str | None = None


@camel(
    personal=(
        "name",
        "company_name",
        "address_line1",
        "address_line2",
        "address_line3",
        "city",
        "district_or_county",
        "municipality",
        "postal_code",
        "phone",
    )
)
class CustomerAddress(Model):
    """A customer's address; which parts come depends on the roles that Amazon granted."""

    name: str | None = None
    company_name: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    city: str | None = None
    district_or_county: str | None = None
    state_or_region: str | None = None
    municipality: str | None = None
    postal_code: str | None = None
    country_code: str | None = None
    phone: str | None = None
    """None for orders that Amazon ships, and once the last day of delivery is over."""
    extended_fields: AddressExtendedFields | None = None
    """In Brazil only."""
    address_type: AddressType | None = None


@camel(
    personal=(
        "name",
        "address_line1",
        "address_line2",
        "address_line3",
        "city",
        "district_or_county",
        "municipality",
        "postal_code",
    )
)
class MerchantAddress(Model):
    """Where a parcel was shipped from; a small merchant's is their home."""

    name: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    city: str | None = None
    district_or_county: str | None = None
    state_or_region: str | None = None
    municipality: str | None = None
    postal_code: str | None = None
    country_code: str | None = None


@camel
class HourMinute(Model):
    """A time of the day where the address is."""

    hour: int | None = None
    minute: int | None = None


@camel
class TimeWindow(Model):
    """Some hours of a day."""

    start_time: HourMinute | None = None
    end_time: HourMinute | None = None


@camel
class BusinessHour(Model):
    """When a business takes deliveries on a day of the week."""

    day_of_week: DayOfWeek | None = None
    time_windows: list[TimeWindow] | None = None


@camel
class ExceptionDate(Model):
    """A day within the next thirty on which the usual hours do not hold."""

    exception_date: date | None = None
    exception_date_type: ExceptionDateType | None = None
    time_windows: list[TimeWindow] | None = None


@camel
class PreferredDeliveryTime(Model):
    """When the customer would like the delivery."""

    business_hours: list[BusinessHour] | None = None
    exception_dates: list[ExceptionDate] | None = None


@camel(personal=("drop_off_location", "address_instruction"))
class DeliveryPreference(Model):
    """The customer's instructions for the delivery."""

    drop_off_location: str | None = None
    address_instruction: str | None = None
    delivery_time: PreferredDeliveryTime | None = None
    delivery_capabilities: list[PreferredDeliveryCapability] | None = None


@camel
class Recipient(Model):
    """Who gets the order; comes with the dataset RECIPIENT."""

    delivery_address: CustomerAddress | None = None
    delivery_preference: DeliveryPreference | None = None
