"""Makes a certificate for some hosts, with an authority that is forgotten at once."""

import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from spshipping import disk
from spshipping.sandbox.extras import check_extras


class Certificate(NamedTuple):
    """A certificate that is trusted where *bundle* is."""

    tls: ssl.SSLContext
    """For a server; it holds the key."""
    bundle: Path
    """A CA bundle, in PEM, with the authority alone; it holds no key."""


def write_certificate(folder: Path, hosts: Sequence[str]) -> Certificate:
    """Make a certificate for *hosts*, and write its CA bundle into *folder*.

    The key of the authority is never written. That of the certificate is in *folder* while it is loaded, for
    the standard library loads keys from files only.

    Raises:
        ConfigurationError: trustme is not installed.
    """
    check_extras("trustme", extra="proxy")
    import trustme

    authority = trustme.CA(
        organization_name="spshipping", organization_unit_name="local sandbox", path_length=0
    )
    leaf = authority.issue_cert(
        *hosts, organization_name="spshipping", organization_unit_name="local sandbox"
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.set_alpn_protocols(["http/1.1"])
    key, bundle = folder / "key.pem", folder / "ca.pem"
    try:
        disk.replace(key, leaf.private_key_and_cert_chain_pem.bytes(), private=True, durable=False)
        tls.load_cert_chain(key)
    finally:
        key.unlink(missing_ok=True)
    disk.replace(bundle, authority.cert_pem.bytes(), private=True, durable=False)
    return Certificate(tls, bundle)
