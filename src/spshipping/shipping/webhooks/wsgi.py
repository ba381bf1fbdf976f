"""A webhook as an application of WSGI: its request, and its answer."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from spshipping.shipping.webhooks.exchange import Source, WebhookRequest, WebhookResponse, request_of

Environ = dict[str, Any]
StartResponse = Callable[..., Any]

_PIECE = 64 * 1024


def request_of_environ(environ: Environ) -> WebhookRequest:
    """Return the request of a WSGI server."""
    headers = [
        (name.removeprefix("HTTP_").replace("_", "-"), str(value))
        for name, value in environ.items()
        if name.startswith("HTTP_") and name != "HTTP_CONTENT_LENGTH"  # some servers repeat it
    ]
    if environ.get("CONTENT_LENGTH"):
        headers.append(("content-length", environ["CONTENT_LENGTH"]))
    return request_of(environ["REQUEST_METHOD"], headers, environ.get("QUERY_STRING", ""))


def read_environ(environ: Environ, most: int) -> bytes | None:
    """Read the body of a request; None where it ends early, or cannot be read."""
    length = environ.get("CONTENT_LENGTH") or ""
    if length:
        most = min(most, int(length))
    elif not environ.get("wsgi.input_terminated"):
        # the server does not say where the body ends: one in chunks cannot be read, else there is none
        return None if "HTTP_TRANSFER_ENCODING" in environ else b""
    return read_source(environ["wsgi.input"], most)


def read_source(source: Source, most: int) -> bytes | None:
    """Read at most so many bytes; None where reading fails."""
    body = bytearray()
    try:
        while len(body) < most and (piece := source.read(min(_PIECE, most - len(body)))):
            body += piece
    except Exception:  # each server has its own for a client that has gone
        return None
    return bytes(body)


def responded(response: WebhookResponse, start_response: StartResponse) -> Iterable[bytes]:
    """Begin the answer, and return its body."""
    status = HTTPStatus(response.status)
    start_response(f"{status.value} {status.phrase}", list(response.headers.items()))
    return [response.body]
