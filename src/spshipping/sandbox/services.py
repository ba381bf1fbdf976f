"""What the sandbox sells: services and prices for each business, and what a parcel costs with them."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any, NamedTuple

from spshipping.regions import ShippingBusiness
from spshipping.sandbox.clock import as_text


class Business(NamedTuple):
    """One business of Amazon Shipping, as the sandbox knows it."""

    code: str
    currency: str
    factor: Decimal
    """What a pound costs there, roughly."""
    cents: Decimal
    """The smallest coin."""
    customer: dict[str, str]
    """Where the orders of the Amazon channel go."""

    def money(self, pounds: Decimal) -> Decimal:
        """Return *pounds* in this business's currency."""
        return (pounds * self.factor).quantize(self.cents)

    def currency_of(self, value: Decimal) -> dict[str, Any]:
        """Return *value* as Amazon's Currency."""
        return {"value": value, "unit": self.currency}


class Service(NamedTuple):
    """One way to ship a parcel."""

    suffix: str
    name: str
    letter: str
    """What the label shows in large type."""
    days: int
    base: Decimal
    per_kilogram: Decimal
    heaviest: Decimal
    """In kilograms."""

    def id(self, business: Business) -> str:
        """Return Amazon's name for the service in *business*."""
        return f"SWA-{business.code}-{self.suffix}"


class Quote(NamedTuple):
    """One service, and what it costs for one parcel."""

    rate_id: str
    service: Service
    charge: Decimal
    billed: Decimal
    """The weight that is charged, in kilograms."""


CARRIER = "Amazon Shipping"

SERVICES = (
    Service("STD", "Amazon Shipping Standard", "S", 3, Decimal("2.95"), Decimal("0.40"), Decimal(30)),
    Service("2D", "Amazon Shipping Two-Day", "2D", 2, Decimal("3.85"), Decimal("0.55"), Decimal(23)),
    Service("PREM", "Amazon Shipping One-Day", "1D", 1, Decimal("6.20"), Decimal("0.90"), Decimal(10)),
)


def _customer(country: str, city: str, region: str, postal_code: str) -> dict[str, str]:
    return {
        "name": "Amazon Customer",
        "addressLine1": "1 Sandbox Street",
        "city": city,
        "stateOrRegion": region,
        "postalCode": postal_code,
        "countryCode": country,
    }


_CENT = Decimal("0.01")
_WHOLE = Decimal(1)
_B = ShippingBusiness
_UK, _IT = _customer("GB", "London", "London", "EC1A 1BB"), _customer("IT", "Milano", "MI", "20121")
_ES, _FR = _customer("ES", "Madrid", "Madrid", "28001"), _customer("FR", "Paris", "Paris", "75001")
_US, _IN = _customer("US", "Seattle", "WA", "98109"), _customer("IN", "Mumbai", "MH", "400001")
_AE, _SA = _customer("AE", "Dubai", "Dubai", "00000"), _customer("SA", "Riyadh", "Riyadh", "11564")
_EG, _JP = _customer("EG", "Cairo", "Cairo", "11511"), _customer("JP", "Tokyo", "Tokyo", "100-0001")

BUSINESSES: Mapping[ShippingBusiness, Business] = {
    _B.UK: Business("UK", "GBP", Decimal(1), _CENT, _UK),
    _B.US: Business("US", "USD", Decimal("1.25"), _CENT, _US),
    _B.IT: Business("IT", "EUR", Decimal("1.15"), _CENT, _IT),
    _B.ES: Business("ES", "EUR", Decimal("1.15"), _CENT, _ES),
    _B.FR: Business("FR", "EUR", Decimal("1.15"), _CENT, _FR),
    _B.IN: Business("IN", "INR", Decimal(105), _CENT, _IN),
    _B.UAE: Business("UAE", "AED", Decimal("4.60"), _CENT, _AE),
    _B.SA: Business("SA", "SAR", Decimal("4.70"), _CENT, _SA),
    _B.EG: Business("EG", "EGP", Decimal(62), _CENT, _EG),
    _B.JP: Business("JP", "JPY", Decimal(190), _WHOLE, _JP),
}

_KILOGRAMS = {
    "GRAM": Decimal("0.001"),
    "KILOGRAM": Decimal(1),
    "OUNCE": Decimal("0.028349523125"),
    "POUND": Decimal("0.45359237"),
}
_CENTIMETERS = {"CENTIMETER": Decimal(1), "INCH": Decimal("2.54")}
_VOLUMETRIC = 5000  # cubic centimeters that are charged as a kilogram
_STEP = Decimal("0.5")


def kilograms(package: Mapping[str, Any]) -> Decimal:
    """Return what *package* weighs."""
    weight = package["weight"]
    return Decimal(weight["value"]) * _KILOGRAMS[weight["unit"]]


def billed_weight(package: Mapping[str, Any]) -> Decimal:
    """Return the kilograms that are charged: by weight or by volume, in steps of half a kilogram."""
    size = package["dimensions"]
    unit = _CENTIMETERS[size["unit"]]
    volume = Decimal(size["length"]) * size["width"] * size["height"] * unit**3
    charged = max(kilograms(package), volume / _VOLUMETRIC)
    steps: Decimal = (charged / _STEP).to_integral_value(ROUND_CEILING)
    return steps * _STEP


def quotes(package: Mapping[str, Any], business: Business, token: str) -> list[Quote]:
    """Return what each service that can carry *package* costs."""
    billed = billed_weight(package)
    return [
        Quote(
            f"{token}-{service.suffix}",
            service,
            business.money(service.base + billed * service.per_kilogram),
            billed,
        )
        for service in SERVICES
        if billed <= service.heaviest
    ]


def ineligible(package: Mapping[str, Any], business: Business) -> Iterator[dict[str, Any]]:
    """Yield the services that cannot carry *package*, in Amazon's form."""
    billed = billed_weight(package)
    by_weight = kilograms(package)
    for service in SERVICES:
        if billed > service.heaviest:
            code = "WEIGHT_RESTRICTIONS" if by_weight > service.heaviest else "SIZE_RESTRICTIONS"
            yield {
                "serviceId": service.id(business),
                "serviceName": service.name,
                "carrierId": carrier_id(business),
                "carrierName": CARRIER,
                "ineligibilityReasons": [
                    {"code": code, "message": f"{service.name} carries {service.heaviest} kg at most."}
                ],
            }


def carrier_id(business: Business) -> str:
    """Return Amazon's id for itself as a carrier in *business*."""
    return f"AMZN_{business.code}"


def promise(service: Service, ship_date: datetime) -> dict[str, Any]:
    """Return when a parcel is picked up, and when it is there."""
    delivery = ship_date + timedelta(days=service.days)
    return {
        "pickupWindow": _window(ship_date + timedelta(hours=1), ship_date + timedelta(hours=4)),
        "deliveryWindow": _window(delivery - timedelta(hours=4), delivery),
    }


def _window(start: datetime, end: datetime) -> dict[str, str]:
    return {"start": as_text(start), "end": as_text(end)}


_OPTIONAL = (
    ("SIGNATURE_CONFIRMATION", "Signature on delivery", Decimal("1.20")),
    ("ADULT_SIGNATURE_CONFIRMATION", "Signature of an adult on delivery", Decimal("2.40")),
)
_REQUIRED = (
    ("DUTIES_PAID_BY_SENDER", "Import duties are paid by the sender", Decimal("4.00")),
    ("DUTIES_PAID_BY_RECIPIENT", "Import duties are paid by the recipient", Decimal(0)),
)


def crosses_border(sender: Mapping[str, Any], recipient: Mapping[str, Any]) -> bool:
    """Say whether a parcel crosses a border, and so needs an answer on import duties."""
    return bool(sender["countryCode"] != recipient["countryCode"])


def value_added_groups(business: Business, *, is_abroad: bool) -> list[dict[str, Any]]:
    """Return what can, and what must, be chosen beside a service, in Amazon's form."""
    groups = [_group(business, "CONFIRMATION", "Delivery confirmation", _OPTIONAL, is_required=False)]
    if is_abroad:
        groups.append(_group(business, "IMPORT_DUTIES", "Import duties", _REQUIRED, is_required=True))
    return groups


def _group(
    business: Business,
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
            {"id": id_, "name": text, "cost": business.currency_of(business.money(cost))}
            for id_, text, cost in services
        ],
    }


def value_added_cost(groups: list[dict[str, Any]], chosen: list[str]) -> Decimal:
    """Return what *chosen* services cost together.

    Raises:
        ValueError: what is wrong with the choice.
    """
    known = {service["id"]: service for group in groups for service in group["valueAddedServices"]}
    for id_ in chosen:
        if id_ not in known:
            raise ValueError(f"{id_} is not available for this rate")
    for group in groups:
        ids = [service["id"] for service in group["valueAddedServices"]]
        if group["isRequired"] and not set(ids) & set(chosen):
            raise ValueError(f"{group['groupId']} requires one of {', '.join(ids)}")
    return sum((known[id_]["cost"]["value"] for id_ in set(chosen)), Decimal(0))
