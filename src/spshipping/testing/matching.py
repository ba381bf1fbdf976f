"""The rules by which a request fits a fixture.

Equal must be:

- the verb, and the path, percent-decoded;
- the query parameters, in any order;
- the body, where the fixture has one: JSON by value, so that neither the order of keys nor the spelling of a
  number counts; anything else byte by byte. A fixture without a body takes any;
- the headers that the fixture names, but for those that differ by nature: the idempotency key, times,
  lengths, the user-agent, and what the transport adds.

In the query and in the body of a fixture, the text `<any>` fits whatever was sent in its place.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from spshipping.testing.fixture import SECRET_HEADERS, FixtureRequest, json_of
from spshipping.transport.http import HttpRequest

ANY = "<any>"
"""In a fixture, fits whatever was sent."""
FREE_HEADERS = SECRET_HEADERS | {
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "host",
    "user-agent",
    "x-amz-date",
    "x-amzn-idempotencykey",
}
"""Headers that are not compared."""


def fixture_request(request: HttpRequest) -> FixtureRequest:
    """Return a request as a fixture would have it; its secrets are left out."""
    parts = urlsplit(request.url)
    headers = {name.lower(): value for name, value in request.headers.items()}
    return FixtureRequest(
        method=request.method,
        path=parts.path or "/",
        query=dict(parse_qsl(parts.query, keep_blank_values=True)),
        headers={name: value for name, value in headers.items() if name not in SECRET_HEADERS},
        content=request.body or None,
    )


def differences(sent: FixtureRequest, kept: FixtureRequest) -> Iterator[str]:
    """Yield where a request that was sent does not fit that of a fixture; no value is shown."""
    if sent.method != kept.method:
        yield "method"
    if unquote(sent.path) != unquote(kept.path):
        yield "path"
    yield from _of_values(dict(sent.query), dict(kept.query), "query")
    for name, value in kept.headers.items():
        if name not in FREE_HEADERS and sent.headers.get(name) != value:
            yield f"headers.{name}"
    if kept.content:
        yield from _of_bodies(sent.content, kept.content)


def _of_bodies(sent: bytes | None, kept: bytes) -> Iterator[str]:
    try:
        ours, theirs = json_of(sent), json_of(kept)
    except ValueError:
        if sent != kept:
            yield "body"
        return
    yield from _of_values(ours, theirs, "body")


def _of_values(sent: Any, kept: Any, path: str) -> Iterator[str]:
    if kept == ANY:
        return
    if isinstance(kept, Mapping) and isinstance(sent, Mapping):
        for name in (*kept, *(name for name in sent if name not in kept)):
            place = f"{path}.{name}"
            if name not in sent:
                yield f"{place} (not sent)"
            elif name not in kept:
                yield f"{place} (not in the fixture)"
            else:
                yield from _of_values(sent[name], kept[name], place)
    elif isinstance(kept, list) and isinstance(sent, list) and len(kept) == len(sent):
        for index, (ours, theirs) in enumerate(zip(sent, kept, strict=True)):
            yield from _of_values(ours, theirs, f"{path}[{index}]")
    elif isinstance(sent, bool) is not isinstance(kept, bool) or sent != kept:
        yield path
