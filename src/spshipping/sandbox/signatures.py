"""Verifies AWS Signature Version 4 over each request as it was received.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote_from_bytes, unquote_to_bytes

from werkzeug.datastructures import Headers

from spshipping.regions import Region
from spshipping.sandbox.clock import SandboxClock
from spshipping.sandbox.headers import ACCESS_TOKEN, DATE
from spshipping.sandbox.refusals import INVALID_SIGNATURE, refused

SKEW = timedelta(minutes=15)
_SERVICE = "execute-api"
_REGIONS = frozenset(region.aws_region for region in Region)
_ALWAYS_SIGNED = frozenset({"host", DATE, ACCESS_TOKEN})
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/(\d{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request,\s*"
    r"SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})",
    re.ASCII,
)


class Verifier:
    """Checks signatures."""

    def __init__(self, keys: Mapping[str, str], clock: SandboxClock) -> None:
        """Verify with *keys*: secret access keys by access key id; later changes of it take effect."""
        self._keys = keys
        self._clock = clock

    def check(self, method: str, target: bytes, headers: Headers, body: bytes) -> None:
        """Check the signature of a request.

        Args:
            method: the verb.
            target: path and query, byte for byte as in the request line.
            headers: all headers.
            body: the body.

        Raises:
            RefusedError: the request is not signed, or its signature is not valid.
        """
        problem = self._problem(method, target, headers, body)
        if problem is not None:
            raise refused(INVALID_SIGNATURE, problem)

    def _problem(self, method: str, target: bytes, headers: Headers, body: bytes) -> str | None:
        match = _AUTHORIZATION.fullmatch(headers.get("Authorization", ""))
        if match is None:
            return "The Authorization header is missing, or is no AWS4-HMAC-SHA256"
        key_id, day, region, service, names, signature = match.groups()
        secret = self._keys.get(key_id)
        if secret is None:
            return "The access key id is unknown"
        if region not in _REGIONS or service != _SERVICE:
            return f"The credential is scoped to {service} in {region}"
        signed = names.split(";")
        needed = _ALWAYS_SIGNED.union(n.lower() for n, _ in headers if n.lower().startswith("x-amz-"))
        unsigned = sorted(needed.difference(signed))
        if unsigned:
            return f"A header is not signed: {unsigned[0]}"
        stamp = headers.get(DATE, "")
        time = _time(stamp)
        if time is None or not stamp.startswith(day):
            return "x-amz-date is no time such as 20260131T093000Z, or not on the credential's day"
        if abs(self._clock.now() - time) > SKEW:
            return f"Signature expired: {stamp} is more than 15 minutes away"
        if not _is_canonical(target.partition(b"?")[2]):
            return "The query is not encoded as it has to be signed"
        canonical = canonical_request(method, target, headers, signed, body)
        scope = (day, region, service, "aws4_request")
        if not hmac.compare_digest(signature, _signature(secret, stamp, scope, canonical)):
            return "The signature is of another request, or was made with another secret"
        return None


def _time(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _signature(secret: str, stamp: str, scope: tuple[str, ...], canonical: bytes) -> str:
    key = b"AWS4" + secret.encode()
    for part in scope:
        key = _hmac(key, part)
    digest = hashlib.sha256(canonical).hexdigest()
    return _hmac(key, "\n".join(["AWS4-HMAC-SHA256", stamp, "/".join(scope), digest])).hex()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def canonical_request(method: str, target: bytes, headers: Headers, signed: list[str], body: bytes) -> bytes:
    """Return the request in the form that is signed."""
    path, _, query = target.partition(b"?")
    names = sorted(signed)
    lines = [
        method,
        _canonical_path(path),
        _canonical_query(query),
        *(f"{name}:{re.sub(' +', ' ', headers.get(name, '').strip())}" for name in names),
        "",
        ";".join(names),
        hashlib.sha256(body).hexdigest(),
    ]
    return "\n".join(lines).encode("latin-1")


def _canonical_path(path: bytes) -> str:
    """Normalize the path, and encode it once more than it is sent, as every service but S3 requires."""
    kept: list[bytes] = []
    for segment in path.split(b"/"):
        if segment == b"..":
            del kept[-1:]
        elif segment not in (b"", b"."):
            kept.append(segment)
    end = b"/" if kept and path.endswith(b"/") else b""
    return quote_from_bytes(b"/" + b"/".join(kept) + end, safe="/~")


def _pairs(query: bytes) -> list[tuple[bytes, bytes]]:
    parts = (part.partition(b"=") for part in query.split(b"&") if part)
    return sorted((name, value) for name, _, value in parts)


def _canonical_query(query: bytes) -> str:
    return b"&".join(name + b"=" + value for name, value in _pairs(query)).decode("latin-1")


def _is_canonical(query: bytes) -> bool:
    """Return whether names and values are encoded in the one form that AWS signs."""
    return all(
        quote_from_bytes(unquote_to_bytes(part), safe="~").encode() == part
        for pair in _pairs(query)
        for part in pair
    )
