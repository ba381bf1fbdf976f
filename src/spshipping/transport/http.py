"""One HTTP exchange as data, and the protocol of whatever carries it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn, Protocol

from spshipping.errors import printable
from spshipping.named import NamedTuple

_MOST_ID = 200
_KEPT = (
    "date",
    "x-amzn-requestid",
    "x-amz-rid",
    "x-amz-apigw-id",
    "x-amzn-trace-id",
    "x-amz-cf-id",
    "x-amzn-errortype",
    "x-amzn-ratelimit-limit",
    "retry-after",
    "server",
    "via",
    "content-type",
    "content-length",
)
"""What an error keeps of the headers of its answer: nothing that could hold a secret or name a person."""


class Opaque:
    """Holds secrets and addresses: no collection, so that no error tracker looks into it; never pickled."""

    __slots__ = ()

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} is never pickled: it holds tokens and addresses")


class HttpRequest(Opaque):
    """The request of one attempt, and whether it has left. Its repr shows no header, no query and no body."""

    __slots__ = ("body", "headers", "method", "needs_new_connection", "url", "was_sent")

    def __init__(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> None:
        self.method: str = method
        self.url: str = url
        self.headers: Mapping[str, str] = headers
        self.body: bytes | None = body
        self.needs_new_connection: bool = False
        """It may not be repeated, so that it must not meet a connection that the other side has closed."""
        self.was_sent: bool | None = None
        """Whether a byte of it may have left; None where that is not known, which counts as yes."""

    def with_header(self, name: str, value: str) -> HttpRequest:
        """Return the same request with one header more."""
        return HttpRequest(self.method, self.url, {**self.headers, name: value}, self.body)

    def __repr__(self) -> str:
        return f"<HttpRequest {self.method}>"


class HttpResponse(Opaque):
    """What came back, whole. Header names are lower-case."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status: int = status
        self.headers: Mapping[str, str] = headers
        self.body: bytes = body

    @property
    def request_id(self) -> str | None:
        """Amazon's id of the request, from whichever header holds one, as an error or a log may show it."""
        found = self.headers.get
        value = found("x-amzn-requestid") or found("x-amz-rid") or found("x-amz-apigw-id")
        return printable(value[:_MOST_ID]) if value else None

    @property
    def kept_headers(self) -> dict[str, str]:
        """The headers that an error keeps for a support case, as a log may show them."""
        found = ((name, self.headers.get(name)) for name in _KEPT)
        return {name: printable(value[:_MOST_ID]) for name, value in found if value}

    def __repr__(self) -> str:
        return f"<HttpResponse {self.status}>"


class Trouble(NamedTuple):
    """Where and why the network failed. It holds no user, no password and no path."""

    host: str
    """The host that the request was for, and its port if that is given."""
    proxy: str | None
    """Host and port of the proxy."""
    reason: str | None
    """`dns`, `refused`, `issuer` and others, as `TransportError` has them; None where it is not known."""


class HttpFailure(NamedTuple):
    """Why nothing usable came back."""

    kind: str
    """`connect`, `tls`, `timeout`, `cut`, `too_large`, `deadline` or `refused` (never left this machine)."""
    was_sent: bool
    """Whether a byte of the request may have left."""
    status: int | None = None
    request_id: str | None = None
    trouble: Trouble | None = None
    """Where and why, as far as that is known."""


class Limits(NamedTuple):
    """What one exchange may take."""

    connect: float
    """Seconds to connect."""
    read: float
    """Seconds without a byte."""
    ends_at: float
    """The monotonic time at which the whole call must be over."""


class Transport(Protocol):
    """Carries one request, for `Client`, and never raises for what the network does."""

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        """Send *request* and return what came back, or why nothing did."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


class AsyncTransport(Protocol):
    """Carries one request, for `AsyncClient`, and never raises for what the network does."""

    async def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        """Send *request* and return what came back, or why nothing did."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...
