"""The services that the sandbox sells, their prices for each business, and what a parcel costs."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any, NamedTuple

from spshipping.regions import ShippingBusiness
from spshipping.sandbox.clock import write_time
from spshipping.sandbox.markets import BUSINESS_MARKETS


def business_code(business: ShippingBusiness) -> str:
    """Return the code of a business, such as `UK`."""
    return business.value.removeprefix("AmazonShipping_")


def currency_of(business: ShippingBusiness, value: Decimal) -> dict[str, Any]:
    """Return *value* as Amazon's Currency."""
    return {"value": value, "unit": BUSINESS_MARKETS[business].currency}


class Carrier(NamedTuple):
    """Who carries parcels: Amazon, or a third party with which a seller has an account."""

    code: str
    name: str
    prefix: str
    """What the ids of its services begin with."""
    tracking_prefix: str

    def id(self, business: ShippingBusiness) -> str:
        """Return Amazon's id for the carrier in *business*."""
        return f"{self.code}_{business_code(business)}" if self == AMAZON else self.code


AMAZON = Carrier("AMZN", "Amazon Shipping", "SWA", "TBA")
UPS = Carrier("UPS", "UPS", "UPS", "1ZSANDBOX")
FEDEX = Carrier("FEDEX", "FedEx", "FEDEX", "7946")


class Service(NamedTuple):
    """One shipping service."""

    suffix: str
    name: str
    letter: str
    """What the label prints in large type."""
    days: int
    base: Decimal
    per_kilogram: Decimal
    heaviest: Decimal
    """In kilograms."""
    carrier: Carrier = AMAZON

    def id(self, business: ShippingBusiness) -> str:
        """Return Amazon's name for the service in *business*."""
        return f"{self.carrier.prefix}-{business_code(business)}-{self.suffix}"


class Quote(NamedTuple):
    """One service, and its price for one parcel."""

    rate_id: str
    service: Service
    charge: Decimal
    billed: Decimal
    """The billed weight in kilograms."""


SERVICES = (
    Service("STD", "Amazon Shipping Standard", "S", 3, Decimal("2.95"), Decimal("0.40"), Decimal(30)),
    Service("2D", "Amazon Shipping Two-Day", "2D", 2, Decimal("3.85"), Decimal("0.55"), Decimal(23)),
    Service("PREM", "Amazon Shipping One-Day", "1D", 1, Decimal("6.20"), Decimal("0.90"), Decimal(10)),
)
"""Amazon's own."""
THIRD_PARTY_SERVICES = (
    Service("GROUND", "UPS Ground", "G", 3, Decimal("4.10"), Decimal("0.50"), Decimal(32), UPS),
    Service("EXPRESS", "UPS Express", "E", 1, Decimal("8.40"), Decimal("1.10"), Decimal(32), UPS),
    Service("ECONOMY", "FedEx Economy", "EC", 2, Decimal("5.20"), Decimal("0.70"), Decimal(30), FEDEX),
)
"""Quoted to sellers who have linked an account with the carrier."""


_TOWNS: Mapping[ShippingBusiness, tuple[str, str, str]] = {
    ShippingBusiness.UK: ("London", "London", "EC1A 1BB"),
    ShippingBusiness.US: ("Seattle", "WA", "98109"),
    ShippingBusiness.IT: ("Milano", "MI", "20121"),
    ShippingBusiness.ES: ("Madrid", "Madrid", "28001"),
    ShippingBusiness.FR: ("Paris", "Paris", "75001"),
    ShippingBusiness.IN: ("Mumbai", "MH", "400001"),
    ShippingBusiness.UAE: ("Dubai", "Dubai", "00000"),
    ShippingBusiness.SA: ("Riyadh", "Riyadh", "11564"),
    ShippingBusiness.EG: ("Cairo", "Cairo", "11511"),
    ShippingBusiness.JP: ("Tokyo", "Tokyo", "100-0001"),
}


def customer(business: ShippingBusiness) -> dict[str, str]:
    """Return the address to which the Amazon channel's orders of *business* are shipped."""
    city, region, postal_code = _TOWNS[business]
    return {
        "name": "Amazon Customer",
        "addressLine1": "1 Sandbox Street",
        "city": city,
        "stateOrRegion": region,
        "postalCode": postal_code,
        "countryCode": BUSINESS_MARKETS[business].marketplace.country_code,
    }


_KILOGRAMS = {
    "GRAM": Decimal("0.001"),
    "KILOGRAM": Decimal(1),
    "OUNCE": Decimal("0.028349523125"),
    "POUND": Decimal("0.45359237"),
}
_CENTIMETERS = {"CENTIMETER": Decimal(1), "INCH": Decimal("2.54")}
_VOLUMETRIC = 5000  # cubic centimeters that are billed as one kilogram
_STEP = Decimal("0.5")


def kilograms(package: Mapping[str, Any]) -> Decimal:
    """Return the weight of *package*."""
    weight = package["weight"]
    return Decimal(weight["value"]) * _KILOGRAMS[weight["unit"]]


def billed_weight(package: Mapping[str, Any]) -> Decimal:
    """Return the billed weight: by weight or by volume, in steps of half a kilogram."""
    size = package["dimensions"]
    unit = _CENTIMETERS[size["unit"]]
    volume = Decimal(size["length"]) * size["width"] * size["height"] * unit**3
    billed = max(kilograms(package), volume / _VOLUMETRIC)
    steps: Decimal = (billed / _STEP).to_integral_value(ROUND_CEILING)
    return steps * _STEP


def quotes(
    package: Mapping[str, Any],
    business: ShippingBusiness,
    token: str,
    services: Iterable[Service] = SERVICES,
) -> list[Quote]:
    """Return the price of each of *services* that can carry *package*."""
    billed = billed_weight(package)
    return [
        Quote(
            f"{token}-{service.suffix}",
            service,
            BUSINESS_MARKETS[business].price(service.base + billed * service.per_kilogram),
            billed,
        )
        for service in services
        if billed <= service.heaviest
    ]


def ineligible(package: Mapping[str, Any], business: ShippingBusiness) -> Iterator[dict[str, Any]]:
    """Yield the services that cannot carry *package*, in Amazon's form."""
    billed = billed_weight(package)
    by_weight = kilograms(package)
    for service in SERVICES:
        if billed > service.heaviest:
            code = "WEIGHT_RESTRICTIONS" if by_weight > service.heaviest else "SIZE_RESTRICTIONS"
            yield {
                "serviceId": service.id(business),
                "serviceName": service.name,
                "carrierId": service.carrier.id(business),
                "carrierName": service.carrier.name,
                "ineligibilityReasons": [
                    {"code": code, "message": f"{service.name} carries {service.heaviest} kg at most."}
                ],
            }


def promise(service: Service, ship_date: datetime) -> dict[str, Any]:
    """Return when a parcel is picked up, and when it is delivered."""
    delivery = ship_date + timedelta(days=service.days)
    return {
        "pickupWindow": _window(ship_date + timedelta(hours=1), ship_date + timedelta(hours=4)),
        "deliveryWindow": _window(delivery - timedelta(hours=4), delivery),
    }


def _window(start: datetime, end: datetime) -> dict[str, str]:
    return {"start": write_time(start), "end": write_time(end)}


_OPTIONAL = (
    ("SIGNATURE_CONFIRMATION", "Signature on delivery", Decimal("1.20")),
    ("ADULT_SIGNATURE_CONFIRMATION", "Signature of an adult on delivery", Decimal("2.40")),
)
_REQUIRED = (
    ("DUTIES_PAID_BY_SENDER", "Import duties are paid by the sender", Decimal("4.00")),
    ("DUTIES_PAID_BY_RECIPIENT", "Import duties are paid by the recipient", Decimal(0)),
)


def crosses_border(sender: Mapping[str, Any], recipient: Mapping[str, Any]) -> bool:
    """Return whether a parcel goes to another country, so that import duties are due."""
    return bool(sender["countryCode"] != recipient["countryCode"])


def value_added_groups(business: ShippingBusiness, *, is_abroad: bool) -> list[dict[str, Any]]:
    """Return the value-added services that can, and those that must, be selected, in Amazon's form."""
    groups = [_group(business, "CONFIRMATION", "Delivery confirmation", _OPTIONAL, is_required=False)]
    if is_abroad:
        groups.append(_group(business, "IMPORT_DUTIES", "Import duties", _REQUIRED, is_required=True))
    return groups


def _group(
    business: ShippingBusiness,
    group_id: str,
    name: str,
    services: tuple[tuple[str, str, Decimal], ...],
    *,
    is_required: bool,
) -> dict[str, Any]:
    return {
        "groupId": group_id,
        "groupDescription": name,
        "isRequired": is_required,
        "valueAddedServices": [
            {"id": id_, "name": text, "cost": currency_of(business, BUSINESS_MARKETS[business].price(cost))}
            for id_, text, cost in services
        ],
    }


def value_added_cost(groups: list[dict[str, Any]], selected: list[str]) -> Decimal:
    """Return the cost of the *selected* services.

    Raises:
        ValueError: the selection is not possible; the message says why.
    """
    known = {service["id"]: service for group in groups for service in group["valueAddedServices"]}
    for id_ in selected:
        if id_ not in known:
            raise ValueError(f"{id_} is not available for this rate")
    for group in groups:
        ids = [service["id"] for service in group["valueAddedServices"]]
        if group["isRequired"] and not set(ids) & set(selected):
            raise ValueError(f"{group['groupId']} requires one of {', '.join(ids)}")
    return sum((known[id_]["cost"]["value"] for id_ in set(selected)), Decimal(0))
