"""Every error that leaves this package: one tree, plain data, picklable, without bodies."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Self, cast

from spshipping.meta import Deviation, ErrorDetail


def printable(text: str) -> str:
    """Return *text* on one line that every log and console takes: what cannot be printed is escaped.

    Line ends, control characters, marks that change the direction of writing, lone surrogates.
    """
    if text.isprintable():
        return text
    return "".join(
        mark if mark.isprintable() or unicodedata.category(mark) == "Zs" else _escaped(mark) for mark in text
    )


def _escaped(mark: str) -> str:
    return mark.encode("unicode_escape").decode()


_LEFT_OUT = ("call", "cause", "cursor", "value")
"""Fields of errors that hold more than plain values."""


def _plain(value: Any) -> Any:
    """Return a value of an error as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple):
        return [entry._asdict() for entry in value]
    return value


class SpShippingError(Exception):
    """The base of every error that this package raises."""

    def __init__(self, message: str = "", **fields: Any) -> None:
        super().__init__(message)
        self.message = message
        for name, value in fields.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no field {name!r}")
            setattr(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        """Return what is known as a dictionary that fits into JSON; `error` is the class, `text` is `str()`.

        It holds neither call, cursor nor what could be read of an answer, and so no personal data beyond what
        Amazon's message may say; of a call it has the idempotency key. `call_to_json(error.call)` has all.
        """
        known = {name: _plain(getattr(self, name)) for name in self._fields()}
        return {"error": type(self).__name__, "message": self.message, "text": str(self), **known}

    def _fields(self) -> Iterator[str]:
        # imported here: the import is slow, and few programs need it
        from inspect import get_annotations

        for cls in reversed(type(self).__mro__):
            yield from (name for name in get_annotations(cls) if name not in _LEFT_OUT)


class ConfigurationError(SpShippingError):
    """Something is missing or wrong in the set-up; nothing was sent."""


class InvalidRequestError(SpShippingError, ValueError):
    """The request cannot be right; nothing was sent. The message never holds the value."""

    path: str | None = None
    """Where: `packages[0].weight.value`, or the parameter's name."""

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class AnsweredError(SpShippingError):
    """What Amazon said, as far as it could be read."""

    operation: str | None = None
    status: int | None = None
    code: str | None = None
    details: str | None = None
    request_id: str | None = None
    errors: tuple[ErrorDetail, ...] = ()
    attempts: int = 1
    retry_after: float | None = None
    """Seconds to wait, from `Retry-After`, if there was one."""
    remedy: str | None = None
    """What to do, where that is known."""
    at: datetime | None = None
    """When the answer came, or the failure was noticed, by the clock of this machine."""
    headers: Mapping[str, str] = MappingProxyType({})
    """Headers of the answer that a support case may need; no others are kept."""

    def support_text(self) -> str:
        """Return what a case at Amazon's developer support needs, line by line."""
        lines: list[tuple[str, object]] = [
            ("Error", type(self).__name__),
            ("Operation", self.operation),
            ("Time", None if self.at is None else self.at.isoformat()),
            ("HTTP status", self.status),
            ("Request id", self.request_id),
            ("Code", self.code),
            ("Message", self.message),
            ("Details", self.details),
            ("Attempts", self.attempts),
            *((f"Header {name}", value) for name, value in self.headers.items()),
        ]
        return "\n".join(f"{name}: {printable(str(value))}" for name, value in lines if value is not None)

    def as_dict(self) -> dict[str, Any]:
        """Return what is known as a dictionary that fits into JSON; see `SpShippingError.as_dict`."""
        made = super().as_dict()
        call, cause = getattr(self, "call", None), getattr(self, "cause", None)
        if call is not None:
            made["idempotency_key"] = call.key
        if cause is not None:
            made["cause"] = (
                cause.as_dict() if isinstance(cause, SpShippingError) else {"error": type(cause).__name__}
            )
        return made

    def __str__(self) -> str:
        head = " ".join(str(part) for part in (self.operation, self.status, self.code) if part is not None)
        text = ": ".join(part for part in (head, self.message) if part)
        if self.details:
            text += f" — {self.details}"
        if self.request_id:
            text += f" [request {self.request_id}]"
        return printable(f"{text} ({self.remedy})" if self.remedy else text)


class AuthError(AnsweredError):
    """Login with Amazon, or STS, refused: re-authorize, or the secret was rotated."""


class ConsentError(AuthError):
    """The consent redirect is not ours, is too old, or was refused."""


class TransportError(AnsweredError):
    """Nothing usable came back, and nothing can have happened."""

    failure: str | None = None
    """`connect`, `timeout`, `cut`, `tls`, `too_large` or `deadline`."""
    host: str | None = None
    """The host that could not be used, with its port if that was given."""
    reason: str | None = None
    """Why there is no connection, where that is known: `dns`, `refused`, `unreachable`, `files` (too
    many are open here), `slow`, `login` or `denied` (by a proxy), `issuer`, `expired`, `early`, `name`,
    `no_tls`, `version` or `handshake`."""


class OutcomeUnknownError(AnsweredError):
    """It may or may not have been carried out.

    `client.resolve(error)` sends a keyed call again with its key; a call without a key must be looked up at
    Amazon. The error carries its call, and so the request's personal data: it pickles whole.
    """

    call: Any = None
    """The `Call`, with its idempotency key if it has one."""
    cause: Exception | None = None
    """What ended the call. One that is not this package's is left out of a pickle, which it could prevent."""

    def __reduce__(self) -> tuple[Any, ...]:
        made, arguments, state = cast(tuple[Any, Any, dict[str, Any]], super().__reduce__())
        if not isinstance(self.cause, SpShippingError | None):
            state = {**state, "cause": None}
        return made, arguments, state


class QuotaError(AnsweredError):
    """The call would have to wait longer than `max_wait` for the quota; it was not sent."""

    wait: float = 0.0
    """Seconds it would have taken."""
    retry_at: datetime | None = None


class ApiError(AnsweredError):
    """Amazon refused, with a status that says so (a 3xx too: redirects are never followed)."""


class BadRequestError(ApiError):
    """400, 413 or 415: the request is not acceptable."""


class AccessDeniedError(ApiError):
    """401 or 403: a role is missing, or this marketplace is not of this region."""


class NotFoundError(ApiError):
    """404: no such resource."""


class ConflictError(ApiError):
    """409, or a 400 that says the same: in conflict with the current state, such as a second cancellation."""


class ThrottledError(ApiError):
    """429, and still so after the repeats: nothing was carried out."""


class ServerError(ApiError):
    """5xx, and still so after the repeats that were safe."""


class RateExpiredError(AnsweredError):
    """The quote is older than ten minutes: quote again, unless the same purchase was made before."""

    call: Any = None
    """The `Call` with its key, where it is a purchase: `client.resolve(error)` returns the shipment if it was
    bought before."""


class PaginationError(AnsweredError):
    """A page token repeats, is broken or has expired: begin again with the first page."""

    cursor: Any = None
    """The `Call` of the page that could not be had, with its token."""


class MissingFieldError(SpShippingError, AttributeError):
    """A field is read that Amazon's contract promises, and that did not come in an answer that could be read.

    `spshipping.has(model, name)` says beforehand whether a field is there, and `getattr(model, name, None)`
    reads it without an error. `name` is the field's name, as with every AttributeError.
    """

    model: str | None = None
    """The class of the model."""
    wire_name: str | None = None
    """The field as Amazon spells it."""
    request_id: str | None = None

    @classmethod
    def of(cls, model: str, name: str, wire_name: str, request_id: str | None) -> Self:
        """Make the error for a field of a model."""
        message = f"{model}.{name} is missing: Amazon's answer has no {wire_name!r} that can be read"
        error = cls(message, model=model, wire_name=wire_name, request_id=request_id)
        error.name = name
        return error

    def __str__(self) -> str:
        return printable(f"{self.message} [request {self.request_id}]" if self.request_id else self.message)

    def __reduce__(self) -> tuple[Any, ...]:
        # in Python 3.11 an AttributeError loses its name when it is pickled
        return type(self), (self.message,), {**self.__dict__, "name": self.name}


class LeaseLostError(SpShippingError):
    """Another process, or another sync in this one, owns this checkpoint or this purchase now.

    Nothing more is done here. A checkpoint store raises it in `load` or `save`, where it finds another
    owner, and it ends `run`. `ship` raises it where another process works on the purchase, and has not ended
    in time.
    """


class GatewayError(SpShippingError):
    """This reference will not be shipped, or cancelled, as it stands; nothing was sent."""

    def __str__(self) -> str:
        return printable(self.message)


class ReferenceConflictError(GatewayError):
    """The reference belongs to another parcel: give this one a reference of its own."""

    paths: tuple[str, ...] = ()
    """The fields that differ, such as `ship_to.postal_code`; never their values."""


class SpendingLimitError(GatewayError):
    """The purchase would pass the spending limit of the day, or its charge cannot be counted against it."""


class SwitchedOffError(GatewayError):
    """The connection is switched off in its settings; nothing was sent."""


class UnsettledPurchaseError(GatewayError):
    """It may have been bought, and can no longer be sent again: a person must look it up and settle it."""


class DecodeError(AnsweredError):
    """The answer is not what the operation promises. It pickles whole, with what could be read."""

    value: Any = None
    """What could be read, or None."""
    deviations: tuple[Deviation, ...] = ()


class WebhookError(SpShippingError):
    """A webhook body is not authentic, is too large, or is not readable."""

    def __str__(self) -> str:
        return printable(self.message)


_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequestError,
    401: AccessDeniedError,
    403: AccessDeniedError,
    404: NotFoundError,
    409: ConflictError,
    413: BadRequestError,
    415: BadRequestError,
    429: ThrottledError,
}


def error_class(status: int) -> type[ApiError]:
    """Return the class for an HTTP status that is no success."""
    return ServerError if status >= 500 else _BY_STATUS.get(status, ApiError)


def first_detail(errors: Iterable[ErrorDetail]) -> ErrorDetail:
    """Return the first entry that says something, or an empty one."""
    return next((entry for entry in errors if any(entry)), ErrorDetail(None, None, None))
