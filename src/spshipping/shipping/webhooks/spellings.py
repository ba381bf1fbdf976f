"""Finds the fields of a push under any plausible spelling, at any depth."""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from spshipping.shipping.models.tracking import DetailCodes
from spshipping.shipping.tracking.status import MEANINGS

Names = tuple[str, ...]
"""The spelling of `get_tracking` first, then others that are plausible; the earlier ones are preferred."""

TRACKING_ID: Names = (
    "trackingId",
    "trackingNumber",
    "trackingNo",
    "packageTrackingId",
    "amazonTrackingId",
    "trackingIdentifier",
    "awb",
    "awbNumber",
    "waybillNumber",
)
CARRIER: Names = ("carrierId", "carrierCode", "carrier", "carrierName")
EVENTS: Names = ("eventHistory", "events", "trackingEvents", "trackingEventHistory")
CODE: Names = (
    "eventCode",
    "trackingEventCode",
    "eventType",
    "eventName",
    "statusCode",
    "packageStatus",
    "trackingStatus",
    "shipmentStatus",
    "status",
    "code",
)
TIME: Names = (
    "eventTime",
    "eventTimestamp",
    "eventDateTime",
    "eventDate",
    "statusTime",
    "statusTimestamp",
    "occurredAt",
    "timestamp",
    "dateTime",
    "time",
)
PLACE: Names = ("location", "eventLocation", "place")
STATE: Names = ("stateOrRegion", "state", "region", "province")
CITY: Names = ("city", "town")
COUNTRY: Names = ("countryCode", "country")
POSTAL_CODE: Names = ("postalCode", "postcode", "zipCode", "zip", "pincode")
LEG: Names = ("shipmentType", "leg", "direction")
DETAILS: Names = (
    "trackingDetailCodes",
    "detailCodes",
    "detailCode",
    "eventDetailCode",
    "reasonCode",
    "subCode",
)
OTP: Names = (
    "otp",
    "otpCode",
    "otpValue",
    "oneTimePassword",
    "oneTimePasscode",
    "oneTimeCode",
    "deliveryOtp",
    "returnOtp",
    "pickupOtp",
)
NDR: Names = ("ndr", "ndrEligible", "isNdrEligible", "ndrAction", "ndrActions", "ndrReason")

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


class Found(NamedTuple):
    """A value, and whether its name is spelled as `get_tracking` spells it."""

    value: Any
    is_exact: bool
    name: str
    """Which of the names it is, as it is listed."""


def normal(name: str) -> str:
    """Return a name without case and separators."""
    return "".join(mark for mark in name.casefold() if mark.isalnum())


def words(text: str | None) -> set[str]:
    """Return the words of a name in lower case: of `OTPFeed` these are `otp` and `feed`."""
    return {word.lower() for word in _WORD.findall(text or "")}


def found(value: Any, names: Names) -> Iterator[Found]:
    """Yield what has one of *names*: by the order of the names, and what is less deep first."""
    listed = {normal(name): name for name in names}
    by_name: dict[str, list[Found]] = {name: [] for name in names}
    waiting: deque[Any] = deque([value])
    while waiting:
        parent = waiting.popleft()
        if isinstance(parent, Mapping):
            for name, part in parent.items():
                if (known := listed.get(normal(name))) is not None:
                    by_name[known].append(Found(part, name == names[0], known))
            waiting.extend(parent.values())
        elif isinstance(parent, list):
            waiting.extend(parent)
    for each in by_name.values():
        yield from each


def top(value: Mapping[str, Any], name: str) -> Any:
    """Return what an object itself has under a name, in any casing; None where it has nothing."""
    if name in value:
        return value[name]
    return next((part for known, part in value.items() if normal(known) == normal(name)), None)


_CODES: Mapping[str, str] = {normal(word): str(word) for word in MEANINGS}
_DETAIL_CODES: Mapping[str, str] = {normal(word): str(word) for word in DetailCodes}


def code_of(value: Any) -> str | None:
    """Return an event code as Amazon's API spells it; one that is not known there as it is; else None."""
    return _word(value, _CODES)


def detail_code_of(value: Any) -> str | None:
    """Return a detail code as Amazon's API spells it; one that is not known there as it is; else None."""
    return _word(value, _DETAIL_CODES)


def _word(value: Any, known: Mapping[str, str]) -> str | None:
    if not isinstance(value, str):
        return None
    return known.get(normal(value)) or (value if _CODE.fullmatch(value) else None)
