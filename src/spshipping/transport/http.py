"""One HTTP exchange as data, and the protocol of whatever carries it."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class HttpRequest(NamedTuple):
    """What is sent. Its repr shows no header, no query and no body."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None

    def with_header(self, name: str, value: str) -> "HttpRequest":
        """Return the same request with one header more."""
        return self._replace(headers={**self.headers, name: value})

    def __repr__(self) -> str:
        return f"<HttpRequest {self.method}>"


class HttpResponse(NamedTuple):
    """What came back, whole. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def request_id(self) -> str | None:
        """Amazon's id of the request, from whichever header holds one."""
        found = self.headers.get
        return found("x-amzn-requestid") or found("x-amz-rid") or found("x-amz-apigw-id")

    def __repr__(self) -> str:
        return f"<HttpResponse {self.status}>"


class HttpFailure(NamedTuple):
    """Why nothing usable came back."""

    kind: str
    """`connect`, `tls`, `timeout`, `cut`, `too_large`, `deadline` or `refused` (never left this machine)."""
    was_sent: bool
    """Whether a byte of the request may have left."""
    status: int | None = None
    request_id: str | None = None


class Limits(NamedTuple):
    """What one exchange may take."""

    connect: float
    """Seconds to connect."""
    read: float
    """Seconds without a byte."""
    ends_at: float
    """The monotonic time at which the whole call must be over."""


class Transport(Protocol):
    """Carries one request and never raises for what the network does."""

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        """Send *request* and return what came back, or why nothing did."""
        ...

    def close(self) -> None:
        """Let go of the connections."""
        ...
