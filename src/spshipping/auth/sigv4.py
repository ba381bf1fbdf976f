"""AWS Signature Version 4 for SP-API calls, where an older set-up still needs it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlsplit

from spshipping.auth.aws import AwsCredentials, AwsSource
from spshipping.clock import Clock
from spshipping.transport.http import HttpRequest

SERVICE = "execute-api"
_ALGORITHM = "AWS4-HMAC-SHA256"
_UNSIGNED = frozenset({"user-agent", "connection", "accept-encoding", "content-length"})
"""What a proxy or the HTTP library may add or change."""


class SigV4Signer:
    """Signs each attempt anew, over the very URL that is sent."""

    def __init__(self, source: AwsSource, region: str, clock: Clock, service: str = SERVICE) -> None:
        self._source = source
        self._region = region
        self._clock = clock
        self._service = service

    async def sign(self, request: HttpRequest, ends_at: float) -> HttpRequest:
        """Return *request* with date, session token and signature."""
        keys = await self._source.credentials(ends_at)
        return sign(request, keys, region=self._region, service=self._service, at=self._clock.now())


def sign(
    request: HttpRequest, keys: AwsCredentials, *, region: str, service: str, at: datetime
) -> HttpRequest:
    """Sign any request, over the path and query as they stand; see `spshipping.auth.aws.Sign`."""
    stamp = at.strftime("%Y%m%dT%H%M%SZ")
    headers = {**request.headers, "x-amz-date": stamp}
    if keys.session_token:
        headers["x-amz-security-token"] = keys.session_token.reveal()
    to_sign = {name: value for name, value in headers.items() if name.lower() not in _UNSIGNED}
    to_sign["host"] = urlsplit(request.url).netloc
    names, canonical = canonical_request(request, to_sign)
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    text = "\n".join([_ALGORITHM, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signature = hmac.new(_signing_key(keys, scope), text.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = (
        f"{_ALGORITHM} Credential={keys.access_key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return HttpRequest(request.method, request.url, headers, request.body)


def _signing_key(keys: AwsCredentials, scope: str) -> bytes:
    key = b"AWS4" + keys.secret_access_key.reveal().encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def canonical_request(request: HttpRequest, headers: Mapping[str, str]) -> tuple[str, str]:
    """Return the names of the signed headers, and the canonical form of the request."""
    parts = urlsplit(request.url)
    lines = sorted((name.lower(), " ".join(value.split())) for name, value in headers.items())
    names = ";".join(name for name, _ in lines)
    canonical = "\n".join(
        [
            request.method,
            # the path is encoded once more than it is sent, as every service but S3 wants it
            quote(parts.path or "/", safe="/~"),
            _canonical_query(parts.query),
            *(f"{name}:{value}" for name, value in lines),
            "",
            names,
            hashlib.sha256(request.body or b"").hexdigest(),
        ]
    )
    return names, canonical


def _canonical_query(query: str) -> str:
    pairs = [part.partition("=") for part in query.split("&") if part]
    return "&".join(f"{name}={value}" for name, _, value in sorted(pairs))
