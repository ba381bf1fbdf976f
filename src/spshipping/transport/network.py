"""What both transports share about the network: proxies, CA bundles, and what a failed handshake means."""

from __future__ import annotations

import contextlib
import os
import re
import ssl
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from os import PathLike
from typing import Any
from urllib.parse import urlsplit

from requests.utils import get_environ_proxies, select_proxy
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from spshipping.errors import ConfigurationError
from spshipping.transport.http import Opaque
from spshipping.urls import LOOPBACK

DEFAULT_MAX_BYTES = 64 * 1024 * 1024
"""The most bytes of one answer, decompressed, that are read."""

_PROXY_SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
_PROXY_NAME = r"(https?|all)(://[^/]+)?"
_BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_CUT_HANDSHAKES = (ssl.SSLEOFError, ssl.SSLZeroReturnError)


def origin_of(url: str) -> str:
    """Return scheme, host and port of *url* as they are written; `urlsplit` takes ten times as long."""
    end = url.find("/", url.find("://") + 3)
    return url if end < 0 else url[:end]


def is_loopback(origin: str) -> bool:
    """Return whether an origin is on this machine, which no proxy can reach."""
    host = urlsplit(origin).hostname or ""
    return host in LOOPBACK or host.startswith("127.")


class Proxies(Opaque):
    """Which proxy is used for which host: as given, or as the environment said when first needed.

    This machine needs none, unless one is given for its very name: `{"http://127.0.0.1": ...}`.
    """

    __slots__ = ("_chosen", "_found", "_given", "_trusts_environment")

    def __init__(self, given: Mapping[str, str] | None, *, trusts_environment: bool = True) -> None:
        self._given = None if given is None else dict(given)
        self._trusts_environment = trusts_environment
        self._found: dict[str, dict[str, str]] = {}
        self._chosen: dict[str, str | None] = {}

    def of(self, url: str) -> dict[str, str]:
        """Return the proxies for *url*, as requests takes them."""
        origin = origin_of(url)
        found = self._found.get(origin)
        if found is None:
            found = self._found[origin] = self._find(origin)
        return found

    def _find(self, origin: str) -> dict[str, str]:
        if self._given is not None:
            theirs = self._given
        else:
            theirs = get_environ_proxies(origin, no_proxy=None) if self._trusts_environment else {}
        is_here = is_loopback(origin)
        return {name: proxy for name, proxy in theirs.items() if not is_here or "://" in name}

    def one_for(self, url: str) -> str | None:
        """Return the proxy for *url*, if there is one."""
        origin = origin_of(url)
        if origin not in self._chosen:
            self._chosen[origin] = select_proxy(url, self.of(url)) or None
        return self._chosen[origin]

    def check(self, origins: Iterable[str]) -> None:
        """Find out now whether a proxy cannot be used.

        Raises:
            ConfigurationError: it is none; the error does not show it, for it may hold a password.
        """
        for url in origins:
            fault = fault_of_proxy(self.one_for(url))
            if fault:
                raise ConfigurationError(f"the proxy for {urlsplit(url).hostname}: {fault}")


def check_proxies(proxies: Mapping[str, str] | None) -> None:
    """Check proxies that were given by name.

    Raises:
        ConfigurationError: a name that is never used, or no proxy.
    """
    for name, proxy in (proxies or {}).items():
        if not re.fullmatch(_PROXY_NAME, name):
            raise ConfigurationError(
                f"proxies[{name!r}] would never be used: the names are https, http and all"
            )
        fault = fault_of_proxy(proxy)
        if fault:
            raise ConfigurationError(f"proxies[{name!r}]: {fault}")


def found_file(place: str, path: Any) -> str:
    """Return *path* as text.

    Raises:
        ConfigurationError: there is no such file or folder.
    """
    if not path or not isinstance(path, str | PathLike):
        raise ConfigurationError(
            f"{place} is {path!r}; certificates are always checked: give the path of a CA bundle, or nothing"
        )
    text = os.fspath(path)
    if not os.path.exists(text):  # noqa: PTH110 - spares pathlib where nothing is set
        raise ConfigurationError(f"{place}: there is no file or folder {text}")
    return str(text)


def ca_bundle_of_environment() -> str | None:
    """Return the CA bundle that the environment names, if it names one."""
    for name in _BUNDLE_VARIABLES:
        if os.environ.get(name):
            return found_file(name, os.environ[name])
    return None


def fault_of_proxy(proxy: str | None) -> str | None:
    """Return what is wrong with a proxy's URL, without showing it: it may hold a password."""
    if not proxy:
        return None
    with contextlib.suppress(HTTPError, ValueError):
        parts = parse_url(proxy if "://" in proxy else f"http://{proxy}")
        if parts.host and parts.scheme in _PROXY_SCHEMES:
            if parts.scheme.startswith("socks") and not find_spec("socks"):
                return "a SOCKS proxy needs PySocks: pip install 'requests[socks]'"
            return None
    return f"is no proxy's URL: {', '.join(_PROXY_SCHEMES)}, then :// and a host and port"


def reason_of(error: BaseException) -> BaseException | None:
    """Return what *error* comes from; urllib3 has it as an argument alone where a proxy is used."""
    first = error.args[0] if error.args else None
    return error.__cause__ or error.__context__ or (first if isinstance(first, BaseException) else None)


def is_distrust(error: BaseException | None) -> bool:
    """Return whether TLS failed for good: a handshake that was merely cut may succeed the next time."""
    is_tls = False
    while error is not None:
        if isinstance(error, _CUT_HANDSHAKES):
            return False
        is_tls = is_tls or isinstance(error, ssl.SSLError)
        error = reason_of(error)
    return is_tls
