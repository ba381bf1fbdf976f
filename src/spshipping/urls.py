"""The one rule for configured URLs."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from spshipping.errors import ConfigurationError

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""The names of this machine; plain http to them leaves no machine."""

_HOST = r"[a-z0-9._-]+|[0-9a-f:.]+"


def url_fault(url: object, *, allow_http: bool = False, allow_query: bool = False) -> str | None:
    """Return what is wrong with *url*, in words that do not repeat it; None if nothing is.

    A URL is https:// and a host, with a port and a path if need be. It has no user, password or fragment, and
    nothing that two programs might read in two ways.

    Args:
        url: what was configured.
        allow_http: accept plain http for other hosts than this machine too.
        allow_query: accept a query.
    """
    shape = f"is not https:// and a host, without user{' or' if allow_query else ', query or'} fragment"
    # browsers read a backslash as a slash, and ignore white space
    if not isinstance(url, str) or not url.isascii() or not url.isprintable() or set(url) & set(" \\#"):
        return shape
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return shape
    if parts.scheme not in ("https", "http") or not re.fullmatch(_HOST, host) or port == 0:
        return shape
    if "@" in parts.netloc or ("?" in url and not allow_query):
        return shape
    if parts.scheme == "http" and host not in LOOPBACK and not allow_http:
        return "is plain http, which is accepted for this machine only"
    return None


def checked_url(url: object, where: str, *, allow_http: bool = False, allow_query: bool = False) -> str:
    """Return *url* if nothing is wrong with it; *where* names it in the error.

    Raises:
        ConfigurationError: `url_fault` finds something. The error shows no part of the URL.
    """
    fault = url_fault(url, allow_http=allow_http, allow_query=allow_query)
    if fault:
        raise ConfigurationError(f"{where}= {fault}")
    return str(url)
