"""Reads what was pushed, tolerantly: how a push spells its fields is not published."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from spshipping.errors import DecodeError, WebhookError
from spshipping.secret import Secret, discreet
from spshipping.shipping.tracking.events import TrackedEvent
from spshipping.shipping.webhooks import spellings
from spshipping.shipping.webhooks.pushes import NdrPush, OtpPush, Push, TrackingPush, UnknownPush
from spshipping.shipping.webhooks.reading import events_of, first_text, time_of
from spshipping.shipping.webhooks.spellings import found, top, words
from spshipping.wire import text

Body = bytes | str | Mapping[str, Any]

_ID = re.compile(r"[!-~]{1,200}")
_PLAIN = re.compile(r"[\w .:/@+-]{1,128}", re.ASCII)
_TRACKING_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{3,63}")
_OTP_CODE = re.compile(r"(?=.*[0-9])[A-Za-z0-9-]{3,16}")
_TRACKING = {"tracking"}
_OTP = {"otp", "passcode"}
_NDR = {"ndr"}


@discreet
def parse_push(body: Body) -> Push:
    """Read one push.

    Args:
        body: what was posted, as it came or as parsed JSON.

    Returns:
        A `TrackingPush`, an `NdrPush` or an `OtpPush`; an `UnknownPush` where it is JSON of another form.

    Raises:
        WebhookError: it is no JSON object. The error does not hold the body.
    """
    pushes = parse_pushes(body)
    if len(pushes) != 1:
        raise WebhookError(f"these are {len(pushes)} pushes, and not one: parse_pushes reads them")
    return pushes[0]


@discreet
def parse_pushes(body: Body) -> tuple[Push, ...]:
    """Read a push, or a list of them; see `parse_push`."""
    try:
        return tuple(_push(data, value) for data, value in _split(body))
    except DecodeError:
        raise WebhookError("the body is no JSON") from None
    except _UnreadableError as error:
        raise WebhookError(str(error)) from None


class _UnreadableError(Exception):
    """The body is no push, and why."""


def _split(body: Body) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each push, as text and as JSON."""
    if isinstance(body, Mapping):
        body = _written(body)
    data = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    value = text.parse(data)
    if not text.is_shallow(value):
        raise _UnreadableError("the body is nested too deep")
    if isinstance(value, Mapping):
        yield data.decode("utf-8-sig"), value
    elif isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
        for each in value:
            yield _written(each), each
    else:
        raise _UnreadableError(f"the body is no JSON object, but a {type(value).__name__}")


def _written(value: Mapping[str, Any]) -> str:
    try:
        return text.render(dict(value)).decode()
    except (TypeError, ValueError, RecursionError):
        raise _UnreadableError("the body is no JSON") from None


def _push(data: str, value: Mapping[str, Any]) -> Push:
    guessed: set[str] = set()
    detail = _parsed(top(value, "detail"))
    is_enveloped = isinstance(detail, Mapping | list)
    if not is_enveloped:
        guessed.add("envelope")
        detail = value
    id_ = value.get("id") if is_enveloped else None
    is_id = isinstance(id_, str) and _ID.fullmatch(id_) is not None
    digest = hashlib.sha256(data.encode("utf-8", "surrogatepass")).hexdigest()
    around: dict[str, Any] = {
        "key": id_ if is_id else f"sha256:{digest}",
        "detail_type": _plain(top(value, "detail-type")),
        **{name: _plain(top(value, name)) for name in ("source", "account", "region") if is_enveloped},
        "time": time_of(top(value, "time"), set()) if is_enveloped else None,
        "body": Secret(data),
    }
    parcel = _Parcel.read(detail, around["time"], guessed)
    kind, fields = _kind(around["detail_type"], detail, parcel, guessed)
    push: Push = kind(**around, **fields, guessed=tuple(sorted(guessed)))
    return push


def _parsed(detail: Any) -> Any:
    """Return the detail, which may be JSON within JSON."""
    if not isinstance(detail, str):
        return detail
    try:
        value = text.parse(detail.encode("utf-8", "surrogatepass"))
    except DecodeError:
        return None
    return value if text.is_shallow(value) else None


class _Parcel(NamedTuple):
    """What a push says of parcels."""

    tracking_ids: tuple[str, ...]
    carrier_id: str | None
    events: tuple[TrackedEvent, ...]

    @classmethod
    def read(cls, detail: Any, sent_at: datetime | None, guessed: set[str]) -> "_Parcel":
        """Read it; what was guessed is added to *guessed*."""
        ids: dict[str, None] = {}
        named: str | None = None
        for value, is_exact, name in found(detail, spellings.TRACKING_ID):
            tracking_id = str(value) if type(value) is int else value
            if not isinstance(tracking_id, str) or not _TRACKING_ID.fullmatch(tracking_id):
                continue
            if name != (named or name):
                break  # other names may be those of other numbers
            named, ids[tracking_id] = name, None
            if not is_exact or tracking_id is not value:
                guessed.add("tracking_id")
        carrier = first_text(detail, spellings.CARRIER, _PLAIN, "carrier_id", guessed)
        return cls(tuple(ids), carrier, tuple(events_of(detail, sent_at, guessed)))


def _kind(
    detail_type: str | None, detail: Any, parcel: _Parcel, guessed: set[str]
) -> tuple[type[Any], dict[str, Any]]:
    """Return the class of a push, and what it has beside its envelope."""
    named, code = words(detail_type), _otp(detail)
    is_otp = bool(named & _OTP) or code is not None
    if len(parcel.tracking_ids) > 1:
        # one push has one parcel; of several codes none is taken for that of another
        return (OtpPush, {}) if is_otp else (UnknownPush, {"reason": "it names more than one parcel"})
    fields: dict[str, Any] = {
        "tracking_id": next(iter(parcel.tracking_ids), None),
        "carrier_id": parcel.carrier_id,
        "events": parcel.events,
    }
    if is_otp:
        guessed.add("kind")
        return OtpPush, {**fields, "code": code}
    if not parcel.tracking_ids:
        return UnknownPush, {"reason": "it has no tracking id that can be read"}
    if named & _NDR or next(found(detail, spellings.NDR), None) is not None:
        guessed.add("kind")
        return NdrPush, fields
    if not parcel.events:
        return UnknownPush, {"reason": "it has no event with a code and a time that can be read"}
    if not named & _TRACKING:
        guessed.add("kind")
    return TrackingPush, fields


def _otp(detail: Any) -> Secret | None:
    for value, _, _ in found(detail, spellings.OTP):
        code = str(value) if type(value) is int else value
        if isinstance(code, str) and _OTP_CODE.fullmatch(code.strip()):
            return Secret(code.strip())
    return None


def _plain(value: Any) -> str | None:
    """Return a text of the envelope that is fit to be kept in clear."""
    return value if isinstance(value, str) and _PLAIN.fullmatch(value) else None
