"""From what came back to a value or an error: the status decides, whatever the body looks like."""

from __future__ import annotations

import logging
import re
from datetime import datetime
from http import HTTPStatus
from itertools import islice
from typing import Any

from spshipping.errors import (
    AnsweredError,
    ApiError,
    DecodeError,
    MissingFieldError,
    PaginationError,
    RateExpiredError,
    SpShippingError,
    error_class,
    first_detail,
)
from spshipping.meta import Deviation, ErrorDetail
from spshipping.named import NamedTuple
from spshipping.operation import Call, Operation
from spshipping.transport.http import HttpFailure, HttpResponse
from spshipping.transport.log import log
from spshipping.transport.repeat import Refusal
from spshipping.transport.retry import Outcome
from spshipping.transport.server_clock import compared, seconds_ahead
from spshipping.wire import text
from spshipping.wire.convert import at_once, structure

_ABOUT_PAGE = r"(?<!access)(?<!access.)(?<!data)(?<!data.)token|expire"
"""Lower case; speaks of a token that is neither an access token nor a Restricted Data Token, or of an end."""
_ABOUT_TIME = r"before|after|date|time|minute|future"
_CLOCK_SECONDS = 5.0
"""A difference that an answer on its way may have."""
_USED_KEY = (
    "this key was used for another request before, which may have been carried out: client.resolve(call) with"
    " that call returns its answer, its labels too; for a new purchase, leave the key out or use another one"
)
_NO_MATCH = "could not match input arguments"
_STATIC = (
    "Amazon's own sandbox answers only requests with the very parameters that its model lists for this"
    " operation (x-amzn-api-sandbox); for any other, use the local sandbox: spshipping sandbox"
)
"""Source: https://developer-docs.amazon.com/sp-api/docs/sp-api-sandbox"""
_BOUGHT_BEFORE = (
    "quote again to buy anew; the same purchase may have been made before: client.resolve(error) returns its"
    " shipment if so"
)
_OTHER = "the answer is not what this operation gives"
_MOST_TEXT = 500
_MOST_ENTRIES = 100
"""So many entries of `errors` are kept of one answer."""


class Decoded(NamedTuple):
    """A success that was read."""

    value: Any
    deviations: tuple[Deviation, ...]
    errors: tuple[ErrorDetail, ...]


def decode(call: Call[Any], answer: HttpResponse | HttpFailure, now: datetime) -> Decoded | Refusal:
    """Read the answer to *call*."""
    result = _decoded(call, answer, now)
    if isinstance(result, Refusal) and isinstance(result.error, AnsweredError):
        result.error.at = now
        if isinstance(answer, HttpResponse):
            result.error.headers = answer.kept_headers
    return result


def _decoded(call: Call[Any], answer: HttpResponse | HttpFailure, now: datetime) -> Decoded | Refusal:
    if isinstance(answer, HttpFailure):
        return _failed(call, answer)
    if 200 <= answer.status < 300:
        return _success(call, answer)
    if answer.status < 200:
        return _unreadable(call, answer, "an interim status is no answer")
    return _refused(call, answer, now)


def proved(call: Call[Any], refusal: Refusal) -> Refusal | Decoded:
    """Take a refusal for a success, where it proves that an earlier attempt was carried out."""
    operation, error = call.operation, refusal.error
    if operation.is_done is None or not isinstance(error, ApiError):
        return refusal
    try:
        is_done = operation.is_done(error)
    except Exception as failure:
        message = "%s: is_done= raised %s; ignored"
        log(logging.WARNING, message, operation.name, type(failure).__name__)
        return refusal
    return _unknown(operation, error.errors) if is_done else refusal


def _unknown(operation: Operation[Any], errors: tuple[ErrorDetail, ...]) -> Decoded:
    """Return a success of which nothing is known but that it was one; *errors* say so."""
    # imported here: models are loaded when the first is read
    from spshipping.wire.model import MISSING, make
    from spshipping.wire.shapes import fields_of

    returns: Any = operation.returns
    missing = {field.name: MISSING for field in fields_of(returns) if field.is_required}
    return Decoded(make(returns, missing), (), errors)


def _failed(call: Call[Any], failure: HttpFailure) -> Refusal:
    from spshipping.transport.trouble import transport_error  # only a failure needs it

    error = transport_error(failure, call.operation.name)
    if failure.was_sent:
        return Refusal(Outcome.LOST, error)
    return Refusal(Outcome.UNTRUSTED if failure.kind == "tls" else Outcome.UNSENT, error)


def _success(call: Call[Any], response: HttpResponse) -> Decoded | Refusal:
    returns: Any = call.operation.returns
    if returns is bytes:
        return Decoded(response.body, (), ())
    if returns is type(None):
        return _without_content(call, response)
    value = at_once(response.body, returns, is_enveloped=call.operation.envelope)
    if value is not None:
        return Decoded(value, (), ())
    try:
        data = text.NOTHING if _is_empty(response) else text.parse(response.body)
    except DecodeError as error:
        return _unreadable(call, response, error.message)
    errors = _errors_beside(call, data)

    def parse_again() -> Any:
        return _opened(call, text.NOTHING if _is_empty(response) else text.parse(response.body))

    value, deviations = structure(
        _opened(call, data), returns, parse_again=parse_again, request_id=response.request_id
    )
    # an answer with errors, and empty beside them, is no empty answer
    if value is None or (errors and ("" in (path for path, _ in deviations) or _is_bare(call, value))):
        return _unreadable(call, response, _OTHER, deviations, errors)._replace(is_whole=True)
    return Decoded(value, deviations, errors)


def _without_content(call: Call[Any], response: HttpResponse) -> Decoded | Refusal:
    """Read an answer that promises no content; what is no JSON, or holds errors alone, is no success."""
    if not response.body.strip():
        return Decoded(None, (), ())
    try:
        data = text.parse(response.body)
    except DecodeError as error:
        return _unreadable(call, response, error.message)
    found = data.get("errors") if isinstance(data, dict) else None
    errors = error_details({"errors": found}) if found else ()
    if errors and not data.get("payload"):
        return _unreadable(call, response, _OTHER, errors=errors)
    return Decoded(None, (), errors)


def _errors_beside(call: Call[Any], data: Any) -> tuple[ErrorDetail, ...]:
    """Return the errors that stand in a success, beside what was asked for or in its place."""
    if not isinstance(data, dict):
        return ()
    if not call.operation.envelope:
        # any other field is the answer's own
        return error_details({"errors": data["errors"]}) if data.get("errors") else ()
    # where there is nothing beside the payload, there is no error beside it
    return error_details(data) if data.keys() != {"payload"} else ()


def _is_bare(call: Call[Any], value: Any) -> bool:
    """Say whether an answer holds nothing of what was asked for: no item, or no field with a value."""
    # imported here: models are loaded when the first is read
    from spshipping.operation import PagedOperation
    from spshipping.wire.convert import to_dict
    from spshipping.wire.model import Model

    if isinstance(call.operation, PagedOperation):
        try:
            return not call.operation.items_of(value)
        except MissingFieldError:
            return True
    if not isinstance(value, Model):
        return not value
    # errors without a payload are read as fields of the answer
    return not any(held for name, held in to_dict(value).items() if name != "errors")


def _is_empty(response: HttpResponse) -> bool:
    """Say whether an answer has no body, and is whole: one that was cut within its headers has no length."""
    if response.body.strip():
        return False
    headers = response.headers
    return (
        response.status == 204
        or headers.get("content-length", "").isdigit()
        or "chunked" in headers.get("transfer-encoding", "")
    )


def _opened(call: Call[Any], data: Any) -> Any:
    """Take an answer out of its envelope, where it is in one."""
    return data.get("payload", data) if isinstance(data, dict) and call.operation.envelope else data


def _unreadable(
    call: Call[Any],
    response: HttpResponse,
    reason: str,
    deviations: tuple[Deviation, ...] = (),
    errors: tuple[ErrorDetail, ...] = (),
) -> Refusal:
    first = first_detail(errors)
    error = DecodeError(
        reason,
        operation=call.operation.name,
        status=response.status,
        code=first.code,
        details=first.message,
        errors=errors,
        request_id=response.request_id,
        deviations=deviations,
    )
    return Refusal(Outcome.LOST, error)


def _refused(call: Call[Any], response: HttpResponse, now: datetime) -> Refusal:
    status = response.status
    errors = _details_of(response.body)
    first = first_detail(errors)
    retry_after = read_retry_after(response.headers.get("retry-after"), now)
    about: dict[str, Any] = {
        "operation": call.operation.name,
        "status": status,
        "code": first.code,
        "details": first.details,
        "errors": errors,
        "request_id": response.request_id,
        "retry_after": retry_after,
    }
    cls = _declared(call, first)
    error: SpShippingError
    if cls is None and _is_about_page(call, response, errors):
        message = first.message or "the page token is broken, or has expired"
        error = PaginationError(message, cursor=call, remedy="begin again with the first page", **about)
    else:
        message = first.message or _phrase(status)
        remedy = _remedy(call, status, first) or _clock_remedy(call, response, errors, now)
        if cls is RateExpiredError and call.key:
            about["call"] = call
            remedy = _BOUGHT_BEFORE
        error = (cls or error_class(status))(message, remedy=remedy, **about)
    speaks_of_token = any("access token" in (entry.details or "").lower() for entry in errors)
    outcome = Outcome.BROKEN if status >= 500 else Outcome.THROTTLED if status == 429 else Outcome.REFUSED
    return Refusal(outcome, error, status == 401 or (status == 403 and speaks_of_token), retry_after)


def _declared(call: Call[Any], first: ErrorDetail) -> type[SpShippingError] | None:
    """Return the class that the operation declares for a refusal, by its code or by words of its message."""
    classes = call.operation.errors
    words = (first.message or "").lower()
    return classes.get(first.code or "") or next((classes[each] for each in classes if each in words), None)


def _is_about_page(call: Call[Any], response: HttpResponse, errors: tuple[ErrorDetail, ...]) -> bool:
    """Say whether a refusal means the page token: it speaks of one, or says nothing, as Orders v0 does."""
    if response.status != 400 or not call.operation.is_page(call):
        return False
    words = [part for entry in errors for part in entry if part]
    if any(re.search(_ABOUT_PAGE, part.lower()) for part in words):
        return True
    # HTML and plain text are a proxy's, and say something else
    is_amazons = not response.body.strip() or _is_json(response.body)
    return is_amazons and not any(entry.message or entry.details for entry in errors)


def _remedy(call: Call[Any], status: int, first: ErrorDetail) -> str | None:
    """Return what a refusal most likely means, where Amazon gives no reason or no remedy."""
    operation = call.operation
    if call.key and any("idempoten" in part.lower() for part in first if part):
        return _USED_KEY
    if any(_NO_MATCH in (part or "").lower() for part in first):
        return _STATIC
    if status != 403 or first.details:
        return None
    hints = []
    if operation.restricted is not None and call.pii is None:
        hints.append("it may need a Restricted Data Token: pass pii=")
    if operation.roles:
        hints.append(f"the application needs one of the roles: {', '.join(operation.roles)}")
    if call.pii is not None:
        hints.append(f"the Restricted Data Token was for {operation.route}")
    return "; ".join(hints) or None


def _clock_remedy(
    call: Call[Any], response: HttpResponse, errors: tuple[ErrorDetail, ...], now: datetime
) -> str | None:
    """Speak of the clock where a refusal is about a time that Amazon compares with its own."""
    given = [name for name in call.operation.before_names if name in call.query]
    if response.status != 400 or not given:
        return None
    if not any(re.search(_ABOUT_TIME, part.lower()) for entry in errors for part in entry if part):
        return None
    ahead = seconds_ahead(response.headers.get("date"), now)
    if ahead is None:
        return f"{given[0]} is compared with Amazon's clock: compare this machine's with it"
    if abs(ahead) <= _CLOCK_SECONDS:
        return None
    return (
        f"this machine's clock is {compared(ahead)} Amazon's, with which {given[0]} is compared: set it right"
    )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "an answer that says nothing more"


def _details_of(body: bytes) -> tuple[ErrorDetail, ...]:
    try:
        return error_details(text.parse(body))
    except DecodeError:
        return ()


def _is_json(body: bytes) -> bool:
    try:
        text.parse(body)
    except DecodeError:
        return False
    return True


def error_details(data: Any) -> tuple[ErrorDetail, ...]:
    """Read every form in which Amazon and what stands before it report errors, the first hundred of them.

    `{errors: []}`, `{errors: {}}`, a bare list, `{message}`, `{error: {}}`, `{error, error_description}`.
    """
    if isinstance(data, dict):
        found = data.get("errors") or data.get("error")
        entries = found if isinstance(found, list) else [found if isinstance(found, dict) else data]
    else:
        entries = data if isinstance(data, list) else []
    read = (
        ErrorDetail(
            _first(entry, "code", "error"),
            _first(entry, "message", "Message", "error_description"),
            _first(entry, "details"),
        )
        for entry in entries
        if isinstance(entry, dict)
    )
    return tuple(islice((entry for entry in read if any(entry)), _MOST_ENTRIES))


def _first(entry: dict[str, Any], *names: str) -> str | None:
    return next(filter(None, (shortened(entry.get(name)) for name in names)), None)


def shortened(value: Any) -> str | None:
    """Return text of an answer, cut to what an error keeps of it; None where it is none."""
    return value[:_MOST_TEXT] if isinstance(value, str) and value else None


def read_retry_after(value: str | None, now: datetime) -> float | None:
    """Read `Retry-After`, seconds or a date, as seconds from *now*; None where it makes no sense."""
    if value is None:
        return None
    if value.strip().isdecimal() and len(value) < 10:
        return float(value)
    ahead = seconds_ahead(value, now)
    return None if ahead is None else max(0.0, ahead)
