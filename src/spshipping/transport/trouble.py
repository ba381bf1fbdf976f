"""Why nothing usable came back, in words: the host, the proxy, the reason, and what to do."""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from spshipping.errors import TransportError
from spshipping.named import NamedTuple
from spshipping.transport.http import HttpFailure, Trouble
from spshipping.transport.network import reason_of


class _Reason(NamedTuple):
    """What an error and its remedy say of a reason."""

    text: str
    remedy: str


_CHECK_WAY = "check the network and the firewall; where a proxy is needed, set HTTPS_PROXY or proxies="
_REASONS = {
    "dns": _Reason("its name cannot be resolved", "check the name, and that DNS works here"),
    "refused": _Reason("it refuses connections", "check the port, and that the server runs"),
    "unreachable": _Reason("the network does not reach it", _CHECK_WAY),
    "files": _Reason(
        "this program has as many files and connections open as it may",
        "close what is not used any more, or raise the limit (ulimit -n)",
    ),
    "slow": _Reason("it did not accept the connection within the time allowed", _CHECK_WAY),
    "login": _Reason(
        "the proxy wants another user and password, or any",
        "put those that it accepts into the URL of the proxy",
    ),
    "denied": _Reason("the proxy refuses it", "check that the proxy lets this host through"),
    "issuer": _Reason(
        "its certificate is of an issuer that is not trusted",
        "where a proxy or firewall opens TLS, pass the certificate of its issuer as ca_bundle=, or set"
        " REQUESTS_CA_BUNDLE; SSL_CERT_FILE is not read",
    ),
    "expired": _Reason(
        "its certificate has expired",
        "check the clock of this machine; the server has to renew the certificate",
    ),
    "early": _Reason("its certificate is not valid yet", "check the clock of this machine"),
    "name": _Reason("its certificate is for another name", "check the host in endpoint= or token_url="),
    "no_tls": _Reason(
        "it does not speak TLS",
        "check the port; a server without TLS has an http:// URL, which needs allow_http=True unless it is on"
        " this machine",
    ),
    "version": _Reason("it offers only old versions of TLS", "the server has to offer TLS 1.2 or newer"),
    "handshake": _Reason("the TLS handshake failed", "check that the server offers TLS 1.2 or newer"),
}
_OF_THE_WAY = frozenset({"dns", "refused", "unreachable", "slow"})
"""Where there is a proxy, these are about the proxy: nothing else is connected to."""
_VERIFY_CODES = {9: "early", 10: "expired", 62: "name", 64: "name"}
"""Source: https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/"""
_NO_TLS = r"WRONG_VERSION_NUMBER|HTTP_REQUEST|RECORD_LAYER_FAILURE|UNKNOWN_PROTOCOL|PACKET_LENGTH_TOO_LONG"
_OLD_TLS = r".*PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE|VERSION_TOO_LOW"
_UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL)
_NO_FILES = (errno.EMFILE, errno.ENFILE)
_TEXTS = {
    "connect": "could not connect to {where}",
    "tls": "no secure connection to {where}",
    "timeout": "no answer from {where} within the time allowed",
    "cut": "the connection to {where} broke before the whole answer was there",
    "too_large": "the answer of {where} is larger than allowed",
    "deadline": "the time allowed for the whole call is over",
    "refused": "the request to {where} was refused before it left this machine",
}
_OTHER = "the exchange with {where} failed"
"""For what a transport of the user's calls a failure."""


def trouble_of(
    error: BaseException, url: str, proxy: str | None, *, was_sent: bool, proxy_status: int | None = None
) -> Trouble:
    """Return where *error* happened, and why; nothing of the error itself is kept, for it may hold a token.

    Args:
        error: what the network raised.
        url: where the request was sent.
        proxy: the URL of the proxy, if there is one.
        was_sent: whether there was a connection: then there is no reason why there was none.
        proxy_status: the status with which the proxy refused, where the error does not say it in words.
    """
    reason = None
    if proxy_status is not None:
        reason = _of_proxy(proxy_status)
    elif not was_sent:
        reason = next(filter(None, map(_reason, _chain(error))), None)
    return Trouble(_netloc(url), _netloc(proxy) if proxy else None, reason)


def transport_error(failure: HttpFailure, operation: str, task: str = "") -> TransportError:
    """Return the error for *failure*.

    Args:
        failure: why nothing usable came back.
        operation: the operation of the call, or what was done in its place.
        task: what the request was for, where that is not the operation.
    """
    trouble = failure.trouble or Trouble("the other side", None, None)
    where, way = trouble.host, f" through the proxy {trouble.proxy}" if trouble.proxy else ""
    if trouble.proxy and trouble.reason in _OF_THE_WAY:
        where, way = f"the proxy {trouble.proxy}", ""
    reason = _REASONS.get(trouble.reason or "")
    text = _TEXTS.get(failure.kind, _OTHER).format(where=where + way)
    return TransportError(
        (f"{task}: " if task else "") + text + (f": {reason.text}" if reason else ""),
        operation=operation,
        status=failure.status,
        request_id=failure.request_id,
        failure=failure.kind,
        host=failure.trouble.host if failure.trouble else None,
        reason=trouble.reason,
        remedy=reason.remedy if reason else None,
    )


def _netloc(url: str) -> str:
    """Return host and port of a URL, without user and password."""
    return urlsplit(url if "://" in url else f"//{url}").netloc.rpartition("@")[2]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield *error* and what it comes from, the root first."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = reason_of(error)
    return reversed(found)


def _reason(error: BaseException) -> str | None:
    if isinstance(error, ssl.SSLError):
        return _of_tls(error)
    if isinstance(error, socket.gaierror):
        return "dns" if _can_open() else "files"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, TimeoutError):
        return "slow"
    if not isinstance(error, OSError):
        return None
    refused = re.match(r"Tunnel connection failed: (\d{3})", str(error))
    if refused:
        return _of_proxy(int(refused[1]))
    if error.errno in _NO_FILES:
        return "files"
    return "unreachable" if error.errno in _UNREACHABLE else None


def _can_open() -> bool:
    """Return whether one more file can be opened: resolving a name needs one, and does not say so."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno not in _NO_FILES
    return True


def _of_proxy(status: int) -> str:
    return "login" if status == 407 else "denied"


def _of_tls(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _VERIFY_CODES.get(error.verify_code, "issuer")
    try:
        words = error.reason or ""
    except AttributeError:  # one that OpenSSL did not make
        words = ""
    if re.fullmatch(_NO_TLS, words):
        return "no_tls"
    return "version" if re.fullmatch(_OLD_TLS, words) else "handshake"
