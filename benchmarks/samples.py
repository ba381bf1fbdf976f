"""Answers and requests to measure with: every field set, made from the models' own metadata and a seed."""

import json
from functools import cache
from random import Random
from typing import Any

from spshipping.shipping import GetRatesRequest, GetRatesResult, GetTrackingResult, PurchaseShipmentResult
from spshipping.wire.convert import loads
from spshipping.wire.limits import Length, Pattern
from spshipping.wire.shapes import Shape, fields_of

_SEED = 20260131
_SELDOM = frozenset(
    {
        "returnTo",
        "geocode",
        "dangerousGoodsDetails",
        "directFulfillmentItemIdentifiers",
        "serialNumbers",
        "liquidVolume",
        "valueAddedServices",
        "destinationAccessPointDetails",
        "carrierAccounts",
    }
)
"""What a shop's request for rates leaves out."""

_WORDS = ("parcel", "north", "river", "standard", "signed", "morning", "green", "harbour", "lane", "depot")
_IDENTIFIER = "0123456789abcdef"
_PATTERNED = {
    "^(UN|ID|NA)[0-9]{4}$": ("UN1950", "UN3480", "ID8000"),
    r"^[1-9](\.[1-9])?$": ("2.1", "3", "9"),
}
_IDENTIFYING = ("id", "ID", "Id", "Token", "Number", "Identifier")
_CODES = {
    "phoneNumber": ("+442079460000",),
    "postalCode": ("EC1A 1BB", "75001"),
    "countryCode": ("GB", "FR"),
    "latitude": ("51.5074",),
    "longitude": ("-0.1278",),
}
_COUNTS = {
    "rates": 10,
    "packages": 2,
    "items": 5,
    "eventHistory": 12,
    "ineligibleRates": 4,
    "availableValueAddedServiceGroups": 1,
    "excludedBenefits": 1,
    "charges": 1,
    "serialNumbers": 1,
    "taxDetails": 1,
    "clientReferenceDetails": 1,
    "carrierAccounts": 1,
    "packageDocuments": 1,
    "packageDocumentDetails": 1,
    "printOptions": 1,
    "supportedDocumentSpecifications": 1,
}
_DEFAULT_COUNT = 2
_LABEL_CHARACTERS = 8_000


def _text(wire: str, shape: Shape, random: Random) -> str:
    for limit in shape.limits:
        if isinstance(limit, Pattern):
            return random.choice(_PATTERNED[limit.regex])
        if isinstance(limit, Length) and limit.most == 3:
            return random.choice(("GBP", "EUR"))
    if wire in _CODES:
        return random.choice(_CODES[wire])
    if wire == "contents":
        return "".join(
            random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", k=_LABEL_CHARACTERS)
        )
    if wire.endswith(_IDENTIFYING):
        return "-".join("".join(random.choices(_IDENTIFIER, k=size)) for size in (8, 4, 4, 4, 12))
    if wire in ("message", "groupDescription", "deliveryNotes", "description"):
        return " ".join(random.choices(_WORDS, k=5))
    return " ".join(random.choices(_WORDS, k=2)).capitalize()


def _time(random: Random) -> str:
    return f"2026-{random.randint(1, 12):02}-{random.randint(1, 28):02}T{random.randint(0, 23):02}:30:00Z"


def value_of(
    wire: str,
    shape: Shape,
    random: Random,
    leave_out: frozenset[str] = frozenset(),
    count: int = _DEFAULT_COUNT,
) -> Any:
    """Return a value for the field *wire*, with *count* entries in a list that has no count of its own."""
    if shape.kind == "model":
        return sample(shape.cls, random, leave_out, count)
    if shape.item is not None:
        return [value_of(wire, shape.item, random, leave_out, count) for _ in range(_COUNTS.get(wire, count))]
    if shape.kind == "enum":
        return random.choice(list(shape.cls)).value
    if shape.kind == "str":
        return _text(wire, shape, random)
    if shape.kind == "date":
        return _time(random)[:10]
    if shape.kind == "money":
        return f"{random.randint(100, 9999) / 100:.2f}"
    plain = {
        "int": random.randint(1, 300),
        "bool": random.random() < 0.5,
        "decimal": random.choice((random.randint(1, 40), random.randint(100, 9999) / 100)),
        "time": _time(random),
    }
    return plain[shape.kind]


def sample(
    cls: Any, random: Random, leave_out: frozenset[str] = frozenset(), count: int = _DEFAULT_COUNT
) -> dict[str, Any]:
    """Return Amazon's dictionary of *cls* with every field set but those left out."""
    return {
        field.wire: value_of(field.wire, field.shape, random, leave_out, count)
        for field in fields_of(cls)
        if field.wire not in leave_out
    }


@cache
def answer(cls: Any) -> bytes:
    """Return the JSON of an answer, without its envelope, compact as Amazon writes it."""
    return json.dumps(sample(cls, Random(_SEED)), separators=(",", ":")).encode()


@cache
def request(*, is_full: bool) -> GetRatesRequest:
    """Return a request for rates, two packages with five items each: as a shop fills it, or full."""
    data = json.dumps(sample(GetRatesRequest, Random(_SEED), frozenset() if is_full else _SELDOM))
    return loads(data, GetRatesRequest)


ANSWERS: dict[str, Any] = {
    "getRates": GetRatesResult,
    "getTracking": GetTrackingResult,
    "purchaseShipment": PurchaseShipmentResult,
}
