"""The errors that the sandbox returns, each with Amazon's status, code and message stated once.

Source: https://developer-docs.amazon.com/sp-api/docs/resolve-common-http-and-authorization-error-codes
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

from spshipping.sandbox.headers import ERROR_TYPE
from spshipping.sandbox.responses import Response, json_response


class RefusedError(Exception):
    """Ends a request with an error response."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class ErrorKind(NamedTuple):
    """What an error has in common with others of its kind."""

    status: int
    code: str
    message: str


INVALID_REQUEST = ErrorKind(400, "InvalidRequest", "Request is missing or has invalid parameters")
INVALID_INPUT = ErrorKind(
    400, "InvalidInput", "Request has missing or invalid parameters and cannot be parsed."
)
TOKEN_EXPIRED = ErrorKind(400, "TOKEN_EXPIRED", "The request token has expired.")
ACCESS_DENIED = ErrorKind(403, "Unauthorized", "Access to requested resource is denied.")
INVALID_SIGNATURE = ErrorKind(
    403,
    "InvalidSignature",
    "The request signature we calculated does not match the signature you provided.",
)
NOT_FOUND = ErrorKind(404, "ResourceNotFound", "The resource specified does not exist.")
CONFLICT = ErrorKind(409, "Conflict", "The request conflicts with the current state.")
TOO_LARGE = ErrorKind(413, "RequestTooLarge", "The request size exceeded the maximum accepted size.")
UNSUPPORTED_TYPE = ErrorKind(415, "UnsupportedMediaType", "The content type is not supported.")
QUOTA_EXCEEDED = ErrorKind(429, "QuotaExceeded", "You exceeded your quota for the requested resource.")
UNAVAILABLE = ErrorKind(
    503, "ServiceUnavailable", "Service is temporarily unavailable. Please try again later."
)
_BY_STATUS: Mapping[int, ErrorKind] = {
    kind.status: kind
    for kind in (
        INVALID_INPUT,
        ACCESS_DENIED._replace(status=401),
        ACCESS_DENIED,
        NOT_FOUND,
        QUOTA_EXCEEDED,
        UNAVAILABLE,
    )
}


def refused(kind: ErrorKind, details: str = "", *, messages: Sequence[str | None] = ()) -> RefusedError:
    """Make an error in Amazon's form.

    Args:
        kind: status, code and message.
        details: what Amazon adds to the message.
        messages: in place of the kind's own message; one entry of the error list for each.
    """
    entries = [
        {"code": kind.code, "message": message, "details": details} for message in messages or (kind.message,)
    ]
    response = json_response({"errors": entries}, kind.status)
    if kind is QUOTA_EXCEEDED:
        response = response.with_headers({ERROR_TYPE: "TooManyRequestsException"})
    return RefusedError(response)


def invalid_request(details: str) -> RefusedError:
    """Make the error for a request whose form is wrong."""
    return refused(INVALID_REQUEST, details)


def invalid_input(message: str, details: str = "") -> RefusedError:
    """Make the error for a request that is well formed and cannot be carried out."""
    return refused(INVALID_INPUT, details, messages=(message,))


def refused_with(status: int) -> RefusedError:
    """Make Amazon's error for *status*."""
    internal = ErrorKind(status, "InternalFailure", "We encountered an internal error.")
    return refused(_BY_STATUS.get(status, internal))


def not_a_time(name: str) -> str:
    """Say that the value of *name* is not a date-time."""
    return f"{name} must be a date-time such as 2026-01-31T09:30:00Z"


_SIGN_IN_STATUS: Mapping[str, int] = {
    "invalid_grant": 400,
    "invalid_request": 400,
    "invalid_scope": 400,
    "unsupported_grant_type": 400,
    "invalid_client": 401,
    "temporarily_unavailable": 503,
}


def sign_in_refused(code: str, description: str, status: int | None = None) -> RefusedError:
    """Make an error in the form that Login with Amazon uses; *status* in place of the code's own."""
    body = {
        "error": code,
        "error_description": description,
        "request_id": str(uuid5(NAMESPACE_URL, f"{code} {description}")),
    }
    return RefusedError(json_response(body, status or _SIGN_IN_STATUS[code]))


def sign_in_refused_with(status: int) -> RefusedError:
    """Make the first error of Login with Amazon that has this *status*."""
    code = next((code for code, known in _SIGN_IN_STATUS.items() if known == status), "server_error")
    return sign_in_refused(code, "Refused on purpose", status)
