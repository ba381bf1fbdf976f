"""Every error that leaves this package: one tree, plain data, picklable, without bodies."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime
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


class SpShippingError(Exception):
    """The base of every error that this package raises."""

    def __init__(self, message: str = "", **fields: Any) -> None:
        super().__init__(message)
        self.message = message
        for name, value in fields.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no field {name!r}")
            setattr(self, name, value)


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
    """409: in conflict with the current state."""


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
    """Another process works on this purchase now, and has not ended in time."""


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
