"""What a service offers: its price, its promise, its extras, its benefits."""

from datetime import datetime
from typing import Annotated, ClassVar

from spshipping.shipping.models.documents import SupportedDocumentSpecification
from spshipping.shipping.models.parcels import Currency, Weight
from spshipping.wire.enums import OpenEnum
from spshipping.wire.limits import Count
from spshipping.wire.model import Model, camel


class PaymentType(OpenEnum):
    """Who sends the bill."""

    PAY_THROUGH_AMAZON = "PAY_THROUGH_AMAZON"
    PAY_DIRECT_TO_CARRIER = "PAY_DIRECT_TO_CARRIER"


class RateItemID(OpenEnum):
    """What a part of a price is for."""

    BASE_RATE = "BASE_RATE"
    TRANSACTION_FEE = "TRANSACTION_FEE"
    ADULT_SIGNATURE_CONFIRMATION = "ADULT_SIGNATURE_CONFIRMATION"
    SIGNATURE_CONFIRMATION = "SIGNATURE_CONFIRMATION"
    NO_CONFIRMATION = "NO_CONFIRMATION"
    WAIVE_SIGNATURE = "WAIVE_SIGNATURE"
    IMPLIED_LIABILITY = "IMPLIED_LIABILITY"
    HIDDEN_POSTAGE = "HIDDEN_POSTAGE"
    DECLARED_VALUE = "DECLARED_VALUE"
    SUNDAY_HOLIDAY_DELIVERY = "SUNDAY_HOLIDAY_DELIVERY"
    DELIVERY_CONFIRMATION = "DELIVERY_CONFIRMATION"
    IMPORT_DUTY_CHARGE = "IMPORT_DUTY_CHARGE"
    VAT = "VAT"
    NO_SATURDAY_DELIVERY = "NO_SATURDAY_DELIVERY"
    INSURANCE = "INSURANCE"
    COD = "COD"
    FUEL_SURCHARGE = "FUEL_SURCHARGE"
    INSPECTION_CHARGE = "INSPECTION_CHARGE"
    DELIVERY_AREA_SURCHARGE = "DELIVERY_AREA_SURCHARGE"
    WAYBILL_CHARGE = "WAYBILL_CHARGE"
    AMAZON_SPONSORED_DISCOUNT = "AMAZON_SPONSORED_DISCOUNT"
    INTEGRATOR_SPONSORED_DISCOUNT = "INTEGRATOR_SPONSORED_DISCOUNT"
    OVERSIZE_SURCHARGE = "OVERSIZE_SURCHARGE"
    CONGESTION_CHARGE = "CONGESTION_CHARGE"
    RESIDENTIAL_SURCHARGE = "RESIDENTIAL_SURCHARGE"
    ADDITIONAL_SURCHARGE = "ADDITIONAL_SURCHARGE"
    SURCHARGE = "SURCHARGE"
    REBATE = "REBATE"
    HIGH_CUBE_SURCHARGE = "HIGH_CUBE_SURCHARGE"
    HIGH_LENGTH_SURCHARGE = "HIGH_LENGTH_SURCHARGE"
    HIGH_WIDTH_SURCHARGE = "HIGH_WIDTH_SURCHARGE"
    DEMAND_SURCHARGE = "DEMAND_SURCHARGE"
    NONSTANDARD_FEE = "NONSTANDARD_FEE"


class RateItemType(OpenEnum):
    """Whether a part of a price can be left out."""

    MANDATORY = "MANDATORY"
    OPTIONAL = "OPTIONAL"
    INCLUDED = "INCLUDED"


@camel
class TimeWindow(Model):
    """From when until when."""

    start: datetime | None = None
    end: datetime | None = None


@camel
class Promise(Model):
    """When the parcel is picked up, and when it arrives."""

    delivery_window: TimeWindow | None = None
    pickup_window: TimeWindow | None = None


@camel
class ExcludedBenefit(Model):
    """A benefit that an offer does not come with, and why."""

    benefit: str
    reason_codes: Annotated[list[str], Count(1)] | None = None


@camel
class Benefits(Model):
    """What Amazon adds when the label is bought here, such as protection against claims."""

    included_benefits: list[str]
    excluded_benefits: list[ExcludedBenefit]


@camel(rate_item_id="rateItemID")
class RateItem(Model):
    """One part of a price."""

    rate_item_id: RateItemID | None = None
    rate_item_type: RateItemType | None = None
    rate_item_charge: Currency | None = None
    rate_item_name_localization: str | None = None


@camel
class ValueAddedService(Model):
    """An extra that can be bought with a service."""

    id: str
    name: str
    cost: Currency


@camel
class AvailableValueAddedServiceGroup(Model):
    """Extras of one kind."""

    group_id: str
    group_description: str
    is_required: bool
    """True where the purchase fails unless one of them is named."""
    value_added_services: list[ValueAddedService] | None = None


@camel
class Rate(Model):
    """One service that can carry the packages, and for how much; it can be bought for ten minutes."""

    __columns__: ClassVar[tuple[str, ...]] = (
        "service_id",
        "service_name",
        "total_charge",
        "promise.delivery_window.start",
        "promise.delivery_window.end",
    )

    rate_id: str
    carrier_id: str
    carrier_name: str
    service_id: str
    service_name: str
    billed_weight: Weight | None = None
    total_charge: Currency
    promise: Promise
    supported_document_specifications: list[SupportedDocumentSpecification]
    available_value_added_service_groups: list[AvailableValueAddedServiceGroup] | None = None
    requires_additional_inputs: bool
    """True where `get_additional_inputs` says what else the purchase must hold."""
    rate_item_list: list[RateItem] | None = None
    payment_type: PaymentType | None = None
    benefits: Benefits | None = None
