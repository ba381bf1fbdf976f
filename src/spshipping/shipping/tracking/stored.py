"""A timeline as JSON text, to store and to read back: in another process, or by a later version."""

from typing import Any

from spshipping.errors import DecodeError, InvalidRequestError
from spshipping.shipping.models.parties import ShipmentType
from spshipping.shipping.models.tracking import DetailCodes, EventCode, Status
from spshipping.shipping.tracking.events import (
    Received,
    TrackedEvent,
    TrackedPlace,
    TrackedSummary,
    sorted_details,
)
from spshipping.shipping.tracking.timeline import Timeline
from spshipping.wire.text import parse, render
from spshipping.wire.times import read_time, write_time

_VERSION = 1
_PLACE = ("state_or_region", "city", "country_code", "postal_code")


def timeline_to_json(timeline: Timeline) -> str:
    """Return *timeline* as JSON text, from which `timeline_from_json` makes it again.

    Equal timelines give equal text. It holds cities and postal codes: store it where such data may be.
    """
    written: dict[str, Any] = {"version": _VERSION, "tracking_id": timeline.tracking_id}
    written["events"] = [_event(event) for event in timeline.events]
    if summary := timeline.summary:
        codes = {"forward": list(summary.value.forward), "returns": list(summary.value.returns)}
        written["summary"] = {"at": write_time(summary.at), "status": summary.value.status, **codes}
    if promised := timeline.promised_delivery:
        written["promised_delivery"] = {"at": write_time(promised.at), "value": write_time(promised.value)}
    if other := timeline.alternate_leg_tracking_id:
        written["alternate_leg_tracking_id"] = {"at": write_time(other.at), "value": other.value}
    return render(written).decode()


def _event(event: TrackedEvent) -> dict[str, Any]:
    written: dict[str, Any] = {"code": event.code, "time": write_time(event.time)}
    if event.leg is not None:
        written["leg"] = event.leg
    if event.place is not None:
        places = {name: getattr(event.place, name) for name in _PLACE}
        written["place"] = {name: text for name, text in places.items() if text is not None}
    if event.details:
        written["details"] = list(event.details)
    return written


def timeline_from_json(text: str) -> Timeline:
    """Make a timeline again from what `timeline_to_json` returned, in this version or in an older one.

    Raises:
        InvalidRequestError: it is no such text.
    """
    try:
        saved = parse(text.encode("utf-8", "surrogatepass"))
        if saved["version"] == _VERSION:
            return _timeline(saved)
    except (DecodeError, InvalidRequestError, AttributeError, KeyError, TypeError, ValueError):
        pass
    del text  # a traceback shows local variables
    raise InvalidRequestError("is no timeline as timeline_to_json returns it", path="text")


def _timeline(saved: dict[str, Any]) -> Timeline:
    summary, promised = saved.get("summary"), saved.get("promised_delivery")
    other = saved.get("alternate_leg_tracking_id")
    return Timeline(
        tracking_id=_text(saved["tracking_id"]),
        events=tuple(map(_read_event, saved["events"])),
        summary=Received(read_time(summary["at"]), _read_summary(summary)) if summary else None,
        promised_delivery=_received(promised, read_time(promised["value"])) if promised else None,
        alternate_leg_tracking_id=_received(other, _text(other["value"])) if other else None,
    )


def _received(saved: dict[str, Any], value: Any) -> Received[Any]:
    return Received(read_time(saved["at"]), value)


def _read_summary(saved: dict[str, Any]) -> TrackedSummary:
    status = saved["status"]
    codes = (sorted_details(saved[leg]) for leg in ("forward", "returns"))
    return TrackedSummary(None if status is None else Status(status), *codes)


def _read_event(saved: dict[str, Any]) -> TrackedEvent:
    place, leg = saved.get("place"), saved.get("leg")
    return TrackedEvent(
        code=EventCode(saved["code"]),
        time=read_time(saved["time"]),
        leg=None if leg is None else ShipmentType(leg),
        place=None if place is None else TrackedPlace(**{name: _text(text) for name, text in place.items()}),
        details=tuple(map(DetailCodes, saved.get("details", ()))),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
