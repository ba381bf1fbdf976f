"""From a call to an HTTP request: nothing here touches the network."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from spshipping._version import __version__
from spshipping.errors import ConfigurationError, InvalidRequestError
from spshipping.operation import Call
from spshipping.transport.http import HttpRequest
from spshipping.wire.convert import encode_request

_PLATFORMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}
_UNRESERVED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
"""What stands for itself in a URL, by RFC 3986."""
TOKEN_HEADER = "x-amz-access-token"  # noqa: S105 - the name of a header


def user_agent(application: str | None) -> str:
    """Return the header in Amazon's form, with this package's version.

    Source: https://developer-docs.amazon.com/sp-api/docs/include-a-user-agent-header-in-all-requests

    Raises:
        ConfigurationError: the application's name cannot stand in a header.
    """
    name = application or f"spshipping/{__version__}"
    if not (name.isascii() and name.isprintable() and name.strip() == name and len(name) <= 200):
        raise ConfigurationError(
            "application= is the name and version of your program, for example 'MyShop/1.2'"
        )
    # not by `platform`, which takes long to import
    version = ".".join(map(str, sys.version_info[:3]))
    parts = [f"Language=Python/{version}", f"Platform={_PLATFORMS.get(sys.platform, sys.platform)}"]
    if application:
        parts.append(f"Library=spshipping/{__version__}")
    return f"{name} ({'; '.join(parts)})"


def build(
    call: Call[Any], endpoint: str, agent: str, client_headers: Mapping[str, str | ConfigurationError]
) -> HttpRequest:
    """Return the request for *call*, without a token.

    Args:
        call: what to send.
        endpoint: scheme and host, without a slash at the end.
        agent: the user-agent header.
        client_headers: what the client knows for headers that the call leaves out, or why it does not.

    Raises:
        InvalidRequestError: the body is outside Amazon's limits, or a header cannot be sent.
        ConfigurationError: a header is left out, and the client cannot know it.
    """
    operation = call.operation
    headers = {"user-agent": agent, "accept": "application/json", "Accept-Encoding": "gzip"}
    for parameter in operation.headers:
        value = call.headers.get(parameter.name)
        if value is None and parameter.from_client:
            known = client_headers.get(parameter.name)
            if isinstance(known, ConfigurationError):
                raise known
            value = known
        if value is not None:
            headers[parameter.name] = _header(parameter.name, value)
    body = call.content
    if body is None and call.body is not None:
        body = encode_request(call.body)
    if body is not None:
        headers["content-type"] = "application/json"
    elif operation.method != "GET":
        # no body, and said so: a proxy in between may insist; a GET must not have one at all
        body = b""
    return HttpRequest(operation.method, endpoint + _target(call), headers, body)


def _header(name: str, value: str) -> str:
    if not (value.isascii() and value.isprintable() and value.strip() == value and value):
        raise InvalidRequestError(
            "is empty, not ASCII, or holds control characters or outer spaces", path=name
        )
    return value


def _target(call: Call[Any]) -> str:
    path = call.operation.path
    for name, value in call.path.items():
        path = path.replace(f"{{{name}}}", _quoted(name, value))
    if not call.query:
        return path
    query = "&".join([f"{_quoted(name, name)}={_quoted(name, value)}" for name, value in call.query.items()])
    return f"{path}?{query}"


def _quoted(name: str, value: str) -> str:
    if not value.strip(_UNRESERVED):
        return value  # quoting it would cost a hundredth of a call, and change nothing
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        pass
    raise InvalidRequestError("holds half of a surrogate pair", path=name)
