"""What the sandbox answers: status, headers and bytes, and Amazon's shapes of refusal."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from email.utils import format_datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, NamedTuple

JSON = "application/json"
HTML = "text/html"
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Answer(NamedTuple):
    """One HTTP answer, before it is put on a connection."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = _NO_HEADERS

    def head(self, now: datetime, *, is_last: bool) -> bytes:
        """Return the status line and all headers, as they travel."""
        headers = {
            "Server": "Server",
            "Date": format_datetime(now.replace(microsecond=0), usegmt=True),
            "Content-Type": self.content_type,
            "Connection": "close" if is_last else "keep-alive",
            **self.headers,
        }
        if "Transfer-Encoding" not in headers:
            headers.setdefault("Content-Length", str(len(self.body)))
        lines = [f"HTTP/1.1 {self.status} {_phrase(self.status)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def with_headers(self, headers: Mapping[str, str]) -> "Answer":
        """Return this answer with further headers."""
        return self._replace(headers={**self.headers, **headers})


class RefusedError(Exception):
    """Ends a request with the answer that says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _number(value: object) -> int | float:
    if not isinstance(value, Decimal):
        raise TypeError(f"a {type(value).__name__} does not belong in an answer")
    return int(value) if value == value.to_integral_value() else float(value)


def as_json(data: Any) -> bytes:
    """Write *data* as JSON; a Decimal becomes a number."""
    return json.dumps(data, default=_number, separators=(",", ":")).encode()


def success(payload: Any) -> Answer:
    """Answer 200 with *payload* in its envelope."""
    return Answer(200, as_json({"payload": payload}))


def error(status: int, code: str, message: str, details: str = "") -> Answer:
    """Answer with Amazon's list of errors, holding one."""
    return Answer(status, as_json({"errors": [{"code": code, "message": message, "details": details}]}))


def page(status: int, title: str) -> Answer:
    """Answer with an HTML page, as what stands before Amazon's services does."""
    html = (
        f"<html>\r\n<head><title>{status} {title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{status} {title}</h1></center>\r\n</body>\r\n</html>\r\n"
    )
    return Answer(status, html.encode(), HTML)


def invalid_request(details: str) -> RefusedError:
    """Make the refusal of a request whose form is wrong."""
    message = "Request is missing or has invalid parameters"
    return RefusedError(error(400, "InvalidRequest", message, details))


def invalid_input(message: str, details: str = "") -> RefusedError:
    """Make the refusal of a request that is well formed and cannot be carried out."""
    return RefusedError(error(400, "InvalidInput", message, details))


def not_found(details: str) -> RefusedError:
    """Make the refusal that says that the resource does not exist."""
    return RefusedError(error(404, "ResourceNotFound", "The resource specified does not exist.", details))


_CODES = {
    400: ("InvalidInput", "Request has missing or invalid parameters and cannot be parsed."),
    401: ("Unauthorized", "Access to requested resource is denied."),
    403: ("Unauthorized", "Access to requested resource is denied."),
    404: ("ResourceNotFound", "The resource specified does not exist."),
    429: ("QuotaExceeded", "You exceeded your quota for the requested resource."),
    503: ("ServiceUnavailable", "Service is temporarily unavailable. Please try again later."),
}


def failure(status: int) -> Answer:
    """Answer *status* with Amazon's error for it."""
    answer = error(status, *_CODES.get(status, ("InternalFailure", "We encountered an internal error.")))
    return answer.with_headers({"x-amzn-ErrorType": "TooManyRequestsException"}) if status == 429 else answer
