"""A push as the log of the journal keeps it, and back."""

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Any

from spshipping.errors import WebhookError
from spshipping.journal.events import LoggedEvent, NewEvent
from spshipping.shipping.models.parties import ShipmentType
from spshipping.shipping.models.tracking import DetailCodes, EventCode
from spshipping.shipping.tracking.events import TrackedEvent
from spshipping.shipping.webhooks.parsing import parse_push
from spshipping.shipping.webhooks.pushes import (
    NdrPush,
    OtpPush,
    ParcelPush,
    Push,
    TrackingPush,
    UnknownPush,
)
from spshipping.wire.text import parse, write
from spshipping.wire.times import read_time, write_time

_VERSION = 1
_KINDS: dict[str, type[Push]] = {
    "tracking": TrackingPush,
    "ndr": NdrPush,
    "otp": OtpPush,
    "unknown": UnknownPush,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def event_of(push: Push) -> NewEvent:
    """Return a push for the log. In clear there are ids, codes, times and legs; the body is personal."""
    written: dict[str, Any] = {
        "version": _VERSION,
        "kind": _NAMES[type(push)],
        "detail_type": push.detail_type,
        "source": push.source,
        "account": push.account,
        "region": push.region,
        "time": None if push.time is None else write_time(push.time),
        "guessed": list(push.guessed),
    }
    if isinstance(push, ParcelPush):
        written |= {"tracking_id": push.tracking_id, "carrier_id": push.carrier_id}
        written["events"] = [_event(event) for event in push.events]
    if isinstance(push, UnknownPush):
        written["reason"] = push.reason
    body = None if push.body is None else push.body.reveal()
    return NewEvent(push.key, write(written), body, is_for_today=isinstance(push, OtpPush))


def unreadable_event(body: bytes, problem: str) -> NewEvent:
    """Return for the log what is no push, and why."""
    key = f"sha256:{hashlib.sha256(body).hexdigest()}"
    text = body.decode("utf-8", "surrogateescape")
    return NewEvent(key, write({"version": _VERSION, "bytes": len(body)}), text, unreadable=problem)


def push_of(event: LoggedEvent) -> Push:
    """Return the push of an event; from its body where that is still there, as this version reads it."""
    if event.personal is not None:
        try:
            return replace(parse_push(event.personal), key=event.key)
        except WebhookError:
            pass  # what an older version could read
    read = parse(event.text.encode())
    fields: dict[str, Any] = {name: read[name] for name in ("detail_type", "source", "account", "region")}
    for name in ("tracking_id", "carrier_id", "reason"):
        if name in read:
            fields[name] = read[name]
    if "events" in read:
        fields["events"] = tuple(map(_read_event, read["events"]))
    fields["time"] = None if read["time"] is None else read_time(read["time"])
    return _KINDS[read["kind"]](key=event.key, guessed=tuple(read["guessed"]), **fields)


def _event(event: TrackedEvent) -> dict[str, Any]:
    return {
        "code": event.code,
        "time": write_time(event.time),
        "leg": event.leg,
        "details": list(event.details),
    }


def _read_event(saved: dict[str, Any]) -> TrackedEvent:
    time: datetime = read_time(saved["time"])
    return TrackedEvent(
        code=EventCode(saved["code"]),
        time=time,
        leg=None if saved["leg"] is None else ShipmentType(saved["leg"]),
        details=tuple(map(DetailCodes, saved["details"])),
    )
