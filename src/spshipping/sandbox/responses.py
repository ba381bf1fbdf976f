"""Builds HTTP responses: status, headers and body."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from email.utils import format_datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, NamedTuple

from spshipping.sandbox.headers import SANDBOX

JSON = "application/json"
HTML = "text/html"
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Response(NamedTuple):
    """One HTTP response, before it is written to a connection."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = _NO_HEADERS

    def head(self, now: datetime, *, is_last: bool) -> bytes:
        """Return the status line and all headers, as they are sent."""
        headers = {
            "Server": "Server",
            "Date": format_datetime(now.replace(microsecond=0), usegmt=True),
            "Content-Type": self.content_type,
            SANDBOX: "1",
            "Connection": "close" if is_last else "keep-alive",
            **self.headers,
        }
        if "Transfer-Encoding" not in headers:
            headers.setdefault("Content-Length", str(len(self.body)))
        lines = [f"HTTP/1.1 {self.status} {_phrase(self.status)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def with_headers(self, headers: Mapping[str, str]) -> "Response":
        """Return this response with further headers."""
        return self._replace(headers={**self.headers, **headers})


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _number(value: object) -> int | float:
    if not isinstance(value, Decimal):
        raise TypeError(f"a {type(value).__name__} cannot be part of a response")
    return int(value) if value == value.to_integral_value() else float(value)


def as_json(data: Any) -> bytes:
    """Write *data* as JSON; a Decimal becomes a number."""
    return json.dumps(data, default=_number, separators=(",", ":")).encode()


def json_response(data: Any, status: int = 200) -> Response:
    """Return *data* as it is."""
    return Response(status, as_json(data))


def payload_response(payload: Any) -> Response:
    """Return *payload* in Amazon's envelope."""
    return json_response({"payload": payload})


def html_response(status: int, title: str) -> Response:
    """Return an HTML page, such as the proxies before Amazon's services send."""
    html = (
        f"<html>\r\n<head><title>{status} {title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{status} {title}</h1></center>\r\n</body>\r\n</html>\r\n"
    )
    return Response(status, html.encode(), HTML)
