"""What is said about a direct import, and the way that it takes."""

from datetime import datetime
from typing import Annotated

from spshipping.vendor.shipments.models.measures import Weight
from spshipping.wire.enums import OpenEnum
from spshipping.wire.limits import Length
from spshipping.wire.model import Model, camel


class MethodOfPayment(OpenEnum):
    """Who pays the freight of an import."""

    PAID_BY_BUYER = "PaidByBuyer"
    COLLECT_ON_DELIVERY = "CollectOnDelivery"
    DEFINED_BY_BUYER_AND_SELLER = "DefinedByBuyerAndSeller"
    FOB_PORT_OF_CALL = "FOBPortOfCall"
    PREPAID_BY_SELLER = "PrepaidBySeller"
    PAID_BY_SELLER = "PaidBySeller"


class HandlingCode(OpenEnum):
    """How goods are to be handled."""

    OVERSIZED = "Oversized"
    """Up to 150 lb, and over 130 in of length and girth."""
    FRAGILE = "Fragile"
    FOOD = "Food"
    HANDLE_WITH_CARE = "HandleWithCare"


class StopFunction(OpenEnum):
    """What happens at a stop."""

    PORT_OF_DISCHARGE = "PortOfDischarge"
    FREIGHT_PAYABLE_AT = "FreightPayableAt"
    PORT_OF_LOADING = "PortOfLoading"


@camel
class Location(Model):
    """A place by its code."""

    type: str | None = None
    location_code: str | None = None
    country_code: str | None = None


@camel
class Stop(Model):
    """A port or place on the way of an import."""

    function_code: StopFunction
    location_identification: Location | None = None
    arrival_time: datetime | None = None
    departure_time: datetime | None = None


@camel
class Route(Model):
    """The way of an import."""

    stops: list[Stop]


@camel
class ImportDetails(Model):
    """What is said about a direct import, and about nothing else."""

    method_of_payment: MethodOfPayment | None = None
    seal_number: str | None = None
    route: Route | None = None
    import_containers: Annotated[str, Length(0, 64)] | None = None
    """Numbers and types, such as `2-20'HC,1-45'`."""
    billable_weight: Weight | None = None
    estimated_ship_by_date: datetime | None = None
    """Not past, and at most 60 days ahead."""
    handling_instructions: HandlingCode | None = None
