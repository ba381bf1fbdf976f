"""Reads the events of a push, and notes what of them was guessed."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from spshipping.shipping.models.parties import ShipmentType
from spshipping.shipping.models.tracking import DetailCodes, EventCode
from spshipping.shipping.tracking.events import TrackedEvent, TrackedPlace, in_utc, sorted_details
from spshipping.shipping.webhooks import spellings
from spshipping.shipping.webhooks.spellings import Names, code_of, detail_code_of, found, normal, top
from spshipping.wire.odd_times import repair_time
from spshipping.wire.times import read_time

_ANY = re.compile(r".{1,256}", re.DOTALL)
_LEGS = {
    **dict.fromkeys(("forward", "outbound"), ShipmentType.FORWARD),
    **dict.fromkeys(("returns", "return", "reverse"), ShipmentType.RETURNS),
}


def events_of(detail: Any, sent_at: datetime | None, guessed: set[str]) -> Iterator[TrackedEvent]:
    """Yield the events of a list where there is one; else the detail itself is an event."""
    history = next((each for each in found(detail, spellings.EVENTS) if isinstance(each.value, list)), None)
    if history is None:
        event = _event(detail, sent_at, guessed)
        if event is not None:
            yield event
        return
    if not history.is_exact:
        guessed.add("events")
    for each in history.value:
        event = _event(each, None, guessed)
        if event is None:
            guessed.add("events")
        else:
            yield event


def _event(value: Any, sent_at: datetime | None, guessed: set[str]) -> TrackedEvent | None:
    doubts: set[str] = set()
    code, time = _code(value, doubts), _first_time(value, doubts)
    if time is None and sent_at is not None:
        time = sent_at
        doubts.add("time")
    if code is None or time is None:
        return None
    guessed |= doubts
    leg = _leg(value, guessed)
    return TrackedEvent(
        code=EventCode(code),
        time=time,
        leg=leg,
        place=_place(value, guessed),
        details=_details(value, leg, guessed),
    )


def _code(value: Any, guessed: set[str]) -> str | None:
    for each, is_exact, _ in found(value, spellings.CODE):
        code = code_of(each)
        if code is not None:
            if not is_exact or code != each:
                guessed.add("code")
            return code
    return None


def first_text(value: Any, names: Names, form: re.Pattern[str], field: str, guessed: set[str]) -> str | None:
    """Return the first text of that form under one of *names*."""
    for each, is_exact, _ in found(value, names):
        if isinstance(each, str) and form.fullmatch(each.strip()):
            if not is_exact:
                guessed.add(field)
            return each.strip()
    return None


def _first_time(value: Any, guessed: set[str]) -> datetime | None:
    for each, is_exact, _ in found(value, spellings.TIME):
        time = time_of(each, guessed)
        if time is not None:
            if not is_exact:
                guessed.add("time")
            return time
    return None


def time_of(value: Any, guessed: set[str]) -> datetime | None:
    """Return a time in UTC; one without an offset, and seconds since 1970, are guesses."""
    try:
        return in_utc(read_time(value), "time")
    except (TypeError, ValueError):
        pass
    try:
        time = in_utc(repair_time(value), "time")
    except (ValueError, ArithmeticError):
        return None
    guessed.add("time")
    return time


def _leg(value: Any, guessed: set[str]) -> ShipmentType | None:
    for each, is_exact, _ in found(value, spellings.LEG):
        leg = _LEGS.get(normal(each)) if isinstance(each, str) else None
        if leg is not None:
            if not is_exact or each != leg:
                guessed.add("leg")
            return leg
    return None


def _place(value: Any, guessed: set[str]) -> TrackedPlace | None:
    for each, is_exact, _ in found(value, spellings.PLACE):
        if not isinstance(each, Mapping):
            continue
        doubts: set[str] = set()
        parts = {
            name: first_text(each, names, _ANY, "place", doubts)
            for name, names in (
                ("state_or_region", spellings.STATE),
                ("city", spellings.CITY),
                ("country_code", spellings.COUNTRY),
                ("postal_code", spellings.POSTAL_CODE),
            )
        }
        place = TrackedPlace(**parts)
        if place != TrackedPlace():
            guessed |= doubts if is_exact else {"place"}
            return place
    return None


def _details(value: Any, leg: ShipmentType | None, guessed: set[str]) -> tuple[DetailCodes, ...]:
    for each, is_exact, _ in found(value, spellings.DETAILS):
        if isinstance(each, Mapping):
            each = top(each, "returns" if leg == ShipmentType.RETURNS else "forward")
        listed = each if isinstance(each, list) else [each]
        codes = [code for code in map(detail_code_of, listed) if code is not None]
        if codes:
            if not is_exact or codes != listed:
                guessed.add("details")
            return sorted_details(codes)
    return ()
