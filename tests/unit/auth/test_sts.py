"""AssumeRole against an STS that verifies signatures: a moto server on loopback."""

import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from spshipping import AuthError, Secret, TransportError
from spshipping.auth.aws import AwsCredentials
from spshipping.auth.sts import assume_role
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.http import HttpFailure, HttpResponse, Limits
from tests.kit import ScriptedTransport

FAR = Limits(connect=5.0, read=30.0, ends_at=1e12)
ROLE = "arn:aws:iam::123456789012:role/spapi"


def assume(url: str, keys: AwsCredentials) -> AwsCredentials:
    transport = RequestsTransport()
    try:
        return assume_role(ROLE, keys, region="us-east-1", transport=transport, limits=FAR, url=url)
    finally:
        transport.close()


pytestmark = pytest.mark.filterwarnings(
    # of botocore, of moto, and of the signer on Python 3.12 and newer
    "ignore:datetime.datetime.utcnow:DeprecationWarning",
    "ignore::ResourceWarning",
)


def test_a_role_becomes_temporary_keys(sts: tuple[str, AwsCredentials]) -> None:
    url, keys = sts
    temporary = assume(url, keys)
    assert temporary.access_key_id.startswith("ASIA")
    assert temporary.session_token
    assert temporary.expires_at is not None
    assert temporary.expires_at > datetime.now(UTC)
    assert temporary.secret_access_key.reveal() not in repr(temporary)
    assert assume(url, temporary).access_key_id.startswith("ASIA")


def test_the_wrong_secret_is_refused_with_the_reason(sts: tuple[str, AwsCredentials]) -> None:
    url, keys = sts
    with pytest.raises(AuthError, match="SignatureDoesNotMatch") as caught:
        assume(url, keys._replace(secret_access_key=Secret("wrong")))
    assert caught.value.status == 403
    assert "check the keys" in str(caught.value)
    with pytest.raises(AuthError, match="InvalidClientTokenId"):
        assume(url, keys._replace(access_key_id="AKIAUNKNOWN0000000"))


def test_nothing_is_logged_by_the_signer(
    sts: tuple[str, AwsCredentials], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url, keys = sts
    assume(url, assume(url, keys))
    assert not [record for record in caplog.records if record.name.startswith("requests_auth_aws_sigv4")]
    assert keys.secret_access_key.reveal() not in caplog.text


@pytest.mark.parametrize(
    "step",
    [
        HttpResponse(200, {}, b"<html>captive portal"),
        HttpResponse(200, {}, b"<a><AccessKeyId>x</AccessKeyId></a>"),
        HttpResponse(503, {}, b""),
    ],
)
def test_an_answer_without_keys_is_an_auth_error(step: Any) -> None:
    keys = AwsCredentials("AKIA", Secret("s"))
    transport = ScriptedTransport([step])
    with pytest.raises(AuthError, match="STS gave no keys"):
        assume_role(ROLE, keys, region="eu-west-1", transport=transport, limits=FAR)
    assert transport.requests[0].url == "https://sts.eu-west-1.amazonaws.com/"
    assert "eu-west-1/sts/aws4_request" in transport.requests[0].headers["Authorization"]


def test_an_sts_that_cannot_be_reached_is_a_transport_error() -> None:
    transport = ScriptedTransport([HttpFailure("connect", was_sent=False)])
    with pytest.raises(TransportError, match="could not ask STS"):
        assume_role(
            ROLE, AwsCredentials("AKIA", Secret("s")), region="eu-west-1", transport=transport, limits=FAR
        )
