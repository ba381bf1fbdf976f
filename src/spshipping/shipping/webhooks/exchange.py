"""One request to a webhook, and its answer, whatever server they come through."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol
from urllib.parse import parse_qsl

from spshipping.wire.text import render

Headers = Mapping[str, str] | Iterable[tuple[str, str]]
Query = str | bytes | Mapping[str, str]
"""The query string as it came, or its parameters."""

_MOST_PARAMETERS = 100


class WebhookResponse(NamedTuple):
    """What to answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class WebhookRequest(NamedTuple):
    """A request without its body."""

    method: str
    headers: tuple[tuple[str, str], ...]
    """Names are in lower case."""
    query: tuple[tuple[str, str], ...]

    def header(self, name: str) -> str | None:
        """Return a header; None where it is missing, and where it is there more than once."""
        return _only(self.headers, name.lower())

    def parameter(self, name: str) -> str | None:
        """Return a parameter of the query; None where it is missing, and where it is there more than once."""
        return _only(self.query, name)

    def __repr__(self) -> str:
        return "<WebhookRequest>"


class Source(Protocol):
    """Where a body is read from."""

    def read(self, size: int, /) -> bytes:
        """Return at most *size* bytes; nothing at the end."""
        ...


def request_of(method: str, headers: Headers, query: Query) -> WebhookRequest:
    """Return a request of what a server has."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return WebhookRequest(
        method.upper(),
        tuple((name.lower(), value) for name, value in pairs),
        tuple(query.items()) if isinstance(query, Mapping) else _parameters(query),
    )


def _parameters(query: str | bytes) -> tuple[tuple[str, str], ...]:
    text = query.decode("latin-1") if isinstance(query, bytes) else query
    try:
        return tuple(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS))
    except ValueError:
        return ()


def _only(pairs: Iterable[tuple[str, str]], name: str) -> str | None:
    values = [value for known, value in pairs if known == name]
    return values[0] if len(values) == 1 else None


def answer(status: int, text: str, **headers: str) -> WebhookResponse:
    """Return an answer that says *text*."""
    word = "status" if status < 400 else "error"
    body = render({word: text})
    written = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    return WebhookResponse(status, {**written, **headers}, body)
