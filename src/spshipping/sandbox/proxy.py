"""Serves a sandbox under Amazon's own addresses, for clients whose addresses cannot be set."""

import re
import ssl
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from spshipping.auth.lwa import LWA_URL
from spshipping.regions import Region
from spshipping.sandbox.certificates import write_certificate
from spshipping.sandbox.server import Sandbox

LWA_HOSTS = (urlsplit(LWA_URL).netloc, "api.amazon.co.uk", "api.amazon.co.jp")
"""The hosts of Login with Amazon; the SP-API needs the first, and some clients use that of their region.

Source: https://developer.amazon.com/docs/login-with-amazon/authorization-code-grant.html
"""
HOSTS: tuple[str, ...] = (
    *(host for region in Region for host in (region.host, region.sandbox_host)),
    *LWA_HOSTS,
)
"""The hosts that the proxy has: those of the SP-API and of Login with Amazon."""
_PORT = 443
_SHOWABLE = re.compile(r"[\w.:\[\]-]{1,120}", re.ASCII)


class SandboxProxy:
    """Lets any client of the SP-API on this machine reach a sandbox, with nothing but environment variables.

    `with Sandbox() as sandbox, SandboxProxy(sandbox) as proxy:` opens it until the block ends. It listens
    where the sandbox does. Each proxy has a certificate of its own, for `HOSTS` alone, which is not installed
    anywhere: a program trusts it if it is started with `environment`. Its key is in a private temporary
    folder while it is loaded, and after that only in memory. The key of the authority that signed it is
    forgotten.
    """

    _bundle: Path
    """The CA bundle, while it is open."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Prepare a proxy; it opens with the `with` block."""
        self._sandbox = sandbox
        self._ends = ExitStack()

    def __enter__(self) -> Self:
        """Open the proxy.

        Raises:
            ConfigurationError: trustme is not installed, or the sandbox is not listening, or not on loopback.
        """
        with ExitStack() as ends:
            folder = Path(ends.enter_context(TemporaryDirectory(prefix="spshipping-proxy-")))
            certificate = write_certificate(folder, HOSTS)
            self._sandbox.open_tunnels(Tunnels(certificate.tls))
            self._bundle = certificate.bundle
            self._ends = ends.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the proxy; the certificate is removed, and the sandbox goes on."""
        self._sandbox.close_tunnels()
        self._ends.close()

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables with which a program reaches the sandbox, and trusts its certificate and no other.

        The variables in lower case are there since many programs prefer them.
        """
        url, bundle, folder = self._sandbox.url, str(self._bundle), str(self._bundle.parent)
        direct = "127.0.0.1,localhost"
        return {
            "HTTPS_PROXY": url,
            "https_proxy": url,
            "NO_PROXY": direct,
            "no_proxy": direct,
            "REQUESTS_CA_BUNDLE": bundle,
            "CURL_CA_BUNDLE": bundle,
            "SSL_CERT_FILE": bundle,
            "SSL_CERT_DIR": folder,
            "NODE_EXTRA_CA_CERTS": bundle,
            "NODE_USE_ENV_PROXY": "1",
        }


class Tunnels:
    """Decides about CONNECT: there are tunnels to `HOSTS` only, at the port of https."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls

    def __call__(self, target: str) -> ssl.SSLContext | str:
        """Return the TLS for *target*, or why there is no tunnel to it."""
        host, _, port = target.rpartition(":")
        if host.lower() in HOSTS and port == str(_PORT):
            return self._tls
        shown = target if _SHOWABLE.fullmatch(target) else "this target"
        return f"{shown} is not port {_PORT} of a host of the SP-API or Login with Amazon, and is not reached"
