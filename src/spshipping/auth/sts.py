"""AWS Security Token Service: a role becomes temporary keys, with requests alone and no boto3."""

import logging
from urllib.parse import urlencode
from xml.etree import ElementTree

import requests
from requests_auth_aws_sigv4 import AWSSigV4

from spshipping.auth.aws import AwsCredentials
from spshipping.errors import AuthError, TransportError
from spshipping.secret import Secret, empty_frames
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits, Transport
from spshipping.wire.times import read_time

# its debug lines hold the canonical request, and so the session token
logging.getLogger("requests_auth_aws_sigv4").disabled = True

_OPERATION = "STS AssumeRole"
_NAMESPACE = "{https://sts.amazonaws.com/doc/2011-06-15/}"


def assume_role(
    role_arn: str,
    keys: AwsCredentials,
    *,
    region: str,
    transport: Transport,
    limits: Limits,
    session_name: str = "spshipping",
    url: str | None = None,
) -> AwsCredentials:
    """Exchange *keys* for the temporary keys of a role.

    Args:
        role_arn: the role.
        keys: who asks.
        region: the AWS region whose endpoint is asked.
        transport: carries the request.
        limits: what the exchange may take.
        session_name: how the session is named in AWS's logs.
        url: another endpoint than the region's.

    Raises:
        AuthError: STS refused; the code says why.
        TransportError: nothing usable came back.
    """
    try:
        request = _signed(url or f"https://sts.{region}.amazonaws.com/", role_arn, session_name, keys, region)
        answer = transport.exchange(request, limits)
    except BaseException as error:
        empty_frames(error)
        raise
    if isinstance(answer, HttpFailure):
        raise TransportError(f"could not ask STS ({answer.kind})", operation=_OPERATION, failure=answer.kind)
    return _read(answer)


def _signed(url: str, role_arn: str, session_name: str, keys: AwsCredentials, region: str) -> HttpRequest:
    form = {
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "RoleArn": role_arn,
        "RoleSessionName": session_name,
    }
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    body = urlencode(form).encode()
    prepared = requests.Request("POST", url, headers=headers, data=body).prepare()
    # a new instance each time, for it keeps the request in itself; and without its constructor, which asks
    # boto3 for a profile wherever boto3 happens to be installed
    signer = object.__new__(AWSSigV4)
    signer.service = "sts"
    signer.region = region
    signer.aws_access_key_id = keys.access_key_id
    signer.aws_secret_access_key = keys.secret_access_key.reveal()
    signer.aws_session_token = keys.session_token.reveal() if keys.session_token else None
    signer(prepared)
    return HttpRequest("POST", url, dict(prepared.headers), body)


def _read(answer: HttpResponse) -> AwsCredentials:
    try:
        root = ElementTree.fromstring(answer.body)  # noqa: S314 - of bounded size; expat bounds entities
    except ElementTree.ParseError:
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
    # a traceback shows local variables, and some of these are keys
    found = {name: found[name] for name in ("Code", "Message", "RequestId") if name in found}
    raise AuthError(
        found.get("Message") or "STS gave no keys",
        operation=_OPERATION,
        status=answer.status,
        code=found.get("Code"),
        request_id=found.get("RequestId"),
        remedy="check the keys, the role's ARN, and that the role trusts the user of the keys",
    )
