"""AWS Security Token Service: a role becomes temporary keys, with requests alone and no boto3."""

import logging
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode
from xml.etree import ElementTree

import requests
from requests_auth_aws_sigv4 import AWSSigV4

from spshipping.auth.aws import AwsCredentials, Sign
from spshipping.errors import AnsweredError, AuthError, ServerError, ThrottledError
from spshipping.operation import Effect
from spshipping.secret import Secret, discreet
from spshipping.transport.decode import shortened
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.transport.repeat import Refusal, Repeats, repeated
from spshipping.transport.retry import Outcome
from spshipping.transport.trouble import transport_error
from spshipping.wire.times import read_time


def _never(_: logging.LogRecord) -> bool:
    return False


# its debug lines hold the canonical request, and so the session token. A filter stays when a program
# configures its logs later, as servers do: `disabled` is undone by that
logging.getLogger("requests_auth_aws_sigv4").addFilter(_never)

_OPERATION = "STS AssumeRole"
_THROTTLED = frozenset({"Throttling", "ThrottlingException", "RequestLimitExceeded"})
_FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
_NAMESPACE = "{https://sts.amazonaws.com/doc/2011-06-15/}"


def sign_form(
    request: HttpRequest,
    keys: AwsCredentials,
    *,
    region: str,
    service: str,
    at: datetime,  # noqa: ARG001 - the library takes the system's time
) -> HttpRequest:
    """Sign a POST of a form to the root of a service with requests-auth-aws-sigv4, which is correct for that.

    For other paths and for queries it is not: see `spshipping.auth.sigv4`.
    """
    prepared = requests.Request(request.method, request.url, request.headers, data=request.body).prepare()
    # a new instance each time, for it keeps the request in itself; and without its constructor, which asks
    # boto3 for a profile wherever boto3 happens to be installed
    signer = object.__new__(AWSSigV4)
    signer.service = service
    signer.region = region
    signer.aws_access_key_id = keys.access_key_id
    signer.aws_secret_access_key = keys.secret_access_key.reveal()
    signer.aws_session_token = keys.session_token.reveal() if keys.session_token else None
    signer(prepared)
    return HttpRequest(request.method, request.url, dict(prepared.headers), request.body)


@discreet
async def assume_role(
    role_arn: str,
    keys: AwsCredentials,
    *,
    region: str,
    repeats: Repeats,
    limits: Limits,
    session_name: str = "spshipping",
    url: str | None = None,
    sign: Sign = sign_form,
) -> AwsCredentials:
    """Exchange *keys* for the temporary keys of a role.

    Args:
        role_arn: the role.
        keys: the keys of the caller.
        region: the AWS region whose endpoint is used.
        repeats: by what rules the request is repeated, and how it is sent.
        limits: what the exchange may take.
        session_name: how the session is named in AWS's logs.
        url: another endpoint than the region's.
        sign: signs the request.

    Raises:
        AuthError: STS refused; the code says why.
        ServerError: STS had a fault, and still so after the repeats.
        TransportError: nothing usable came back.
    """
    form = {
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "RoleArn": role_arn,
        "RoleSessionName": session_name,
    }
    where = url or f"https://sts.{region}.amazonaws.com/"
    request = HttpRequest("POST", where, _FORM, urlencode(form).encode())
    return await repeated(_AssumeRole(request, keys, region, sign, repeats, limits), repeats)


class _AssumeRole:
    """One request to STS, repeated where that is right: it changes nothing at AWS."""

    effect = Effect.NONE
    rate = 1.0

    def __init__(
        self,
        request: HttpRequest,
        keys: AwsCredentials,
        region: str,
        sign: Sign,
        repeats: Repeats,
        limits: Limits,
    ) -> None:
        self.ends_at: float = limits.ends_at
        self._request = request
        self._keys = keys
        self._region = region
        self._sign = sign
        self._repeats = repeats
        self._limits = limits
        self._attempts = 0

    async def attempt(self, number: int) -> AwsCredentials | Refusal:
        """Request keys once; signed anew, for a signature has a time."""
        self._attempts = number
        now = self._repeats.clock.now()
        signed = self._sign(self._request, self._keys, region=self._region, service="sts", at=now)
        answer = await self._repeats.io.exchange(signed, self._limits)
        if isinstance(answer, HttpFailure):
            failed = transport_error(answer, _OPERATION, "could not reach STS")
            return Refusal(Outcome.UNTRUSTED if answer.kind == "tls" else Outcome.UNSENT, failed)
        return _read(answer)

    async def refresh(self) -> bool:
        """Return no: the keys are the caller's."""
        return False

    async def refused(self, refusal: Refusal, wait: float | None) -> None:  # noqa: ARG002 - the protocol's
        """Count the attempts."""
        assert isinstance(refusal.error, AnsweredError)  # noqa: S101 - each is one that says what came back
        refusal.error.attempts = self._attempts

    async def sleep(self, seconds: float) -> None:
        """Wait before the next attempt."""
        await self._repeats.io.sleep(seconds)


def _read(answer: HttpResponse) -> AwsCredentials | Refusal:
    try:
        root = ElementTree.fromstring(answer.body)  # noqa: S314 - of bounded size; expat bounds entities
    except (ElementTree.ParseError, LookupError, ValueError):  # also an encoding that is not known
        root = ElementTree.Element("unreadable")
    found = {element.tag.removeprefix(_NAMESPACE): element.text or "" for element in root.iter()}
    try:
        if answer.status == 200:
            return AwsCredentials(
                found["AccessKeyId"],
                Secret(found["SecretAccessKey"]),
                Secret(found["SessionToken"]),
                read_time(found["Expiration"]),
            )
    except (KeyError, ValueError):
        pass
    return _refusal(answer, found)


def _refusal(answer: HttpResponse, found: Mapping[str, str]) -> Refusal:
    about = {
        "operation": _OPERATION,
        "status": answer.status,
        "code": shortened(found.get("Code")),
        "request_id": shortened(found.get("RequestId")),
    }
    message = shortened(found.get("Message")) or "STS gave no keys"
    if answer.status == 429 or found.get("Code") in _THROTTLED:
        return Refusal(Outcome.BROKEN, ThrottledError(message, **about))
    if answer.status >= 500:
        return Refusal(Outcome.BROKEN, ServerError(message, **about))
    remedy = "check the keys, the role's ARN, and that the role trusts the user of the keys"
    return Refusal(Outcome.REFUSED, AuthError(message, remedy=remedy, **about))
