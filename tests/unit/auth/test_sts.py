"""AssumeRole against an STS that verifies signatures: a moto server on loopback."""

import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from spshipping import AuthError, Secret, ServerError, SpShippingError, ThrottledError, TransportError
from spshipping.auth import sigv4
from spshipping.auth.aws import AwsCredentials, Sign
from spshipping.auth.sts import _AssumeRole, assume_role, sign_form
from spshipping.clock import SystemClock
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.transport.io import run
from tests.kit import FakeClock, ScriptedTransport, repeats_of

FAR = Limits(connect=5.0, read=30.0, ends_at=1e12)
ROLE = "arn:aws:iam::123456789012:role/spapi"


SIGNERS: list[Sign] = [sign_form, sigv4.sign]


def assume(url: str, keys: AwsCredentials, sign: Sign = sign_form) -> AwsCredentials:
    transport = RequestsTransport()
    try:
        # a signature that is some minutes old is refused
        repeats = repeats_of(transport)._replace(clock=SystemClock())
        region = "us-east-1"
        return run(assume_role(ROLE, keys, region=region, repeats=repeats, limits=FAR, url=url, sign=sign))
    finally:
        transport.close()


def ask(transport: ScriptedTransport, clock: FakeClock | None = None, limits: Limits = FAR) -> AwsCredentials:
    """Ask a scripted STS for a role's keys."""
    keys, repeats = AwsCredentials("AKIA", Secret("s")), repeats_of(transport, clock)
    return run(assume_role(ROLE, keys, region="eu-west-1", repeats=repeats, limits=limits))


KEYS_FOR_AN_HOUR = HttpResponse(
    200,
    {},
    b"<r><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s1</SecretAccessKey>"
    b"<SessionToken>t1</SessionToken><Expiration>2026-03-01T13:00:00Z</Expiration></r>",
)

pytestmark = pytest.mark.filterwarnings(
    # of botocore, of moto, and of the signer on Python 3.12 and newer
    "ignore:datetime.datetime.utcnow:DeprecationWarning",
    "ignore::ResourceWarning",
)


@pytest.mark.parametrize("sign", SIGNERS, ids=["library", "ours"])
def test_a_role_becomes_temporary_keys(sts: tuple[str, AwsCredentials], sign: Sign) -> None:
    url, keys = sts
    temporary = assume(url, keys, sign)
    assert temporary.access_key_id.startswith("ASIA")
    assert temporary.session_token
    assert temporary.expires_at is not None
    assert temporary.expires_at > datetime.now(UTC)
    assert temporary.secret_access_key.reveal() not in repr(temporary)
    assert assume(url, temporary, sign).access_key_id.startswith("ASIA")


@pytest.mark.parametrize("sign", SIGNERS, ids=["library", "ours"])
def test_a_signer_changes_nothing_that_it_is_given_and_asks_nobody_for_keys(
    sign: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("boto3.Session", None)
    monkeypatch.setattr("boto3.session.Session", None)
    request = HttpRequest("POST", "https://sts.eu-west-1.amazonaws.com/", {"accept": "text/xml"}, b"a=b")
    keys = AwsCredentials("AKIA", Secret("s"), Secret("t"))
    made = sign(request, keys, region="eu-west-1", service="sts", at=datetime.now(UTC))
    headers = {name.lower(): value for name, value in made.headers.items()}
    assert (request.headers, made.url, made.body) == ({"accept": "text/xml"}, request.url, request.body)
    assert "Credential=AKIA/" in headers["authorization"]
    assert "/eu-west-1/sts/aws4_request, " in headers["authorization"]
    assert (headers["x-amz-security-token"], headers["accept"]) == ("t", "text/xml")


@pytest.mark.parametrize("sign", SIGNERS, ids=["library", "ours"])
def test_the_wrong_secret_is_refused_with_the_reason(sts: tuple[str, AwsCredentials], sign: Sign) -> None:
    url, keys = sts
    with pytest.raises(AuthError, match="SignatureDoesNotMatch") as caught:
        assume(url, keys._replace(secret_access_key=Secret("wrong")), sign)
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
        HttpResponse(200, {}, b'<?xml version="1.0" encoding="unheard-of"?><a/>'),
        HttpResponse(200, {}, b'<?xml version="1.0" encoding="utf-32"?><a/>'),
        HttpResponse(200, {}, b"<a><AccessKeyId>x</AccessKeyId></a>"),
    ],
)
def test_an_answer_without_keys_is_an_auth_error(step: Any) -> None:
    transport = ScriptedTransport([step])
    with pytest.raises(AuthError, match="STS gave no keys"):
        ask(transport)
    assert transport.requests[0].url == "https://sts.eu-west-1.amazonaws.com/"
    assert "eu-west-1/sts/aws4_request" in transport.requests[0].headers["Authorization"]


THROTTLING = HttpResponse(400, {}, b"<r><Code>Throttling</Code><Message>Rate exceeded</Message></r>")


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (HttpResponse(503, {}, b""), ServerError),
        (HttpResponse(500, {}, b"<html>"), ServerError),
        (HttpResponse(429, {}, b""), ThrottledError),
        (THROTTLING, ThrottledError),
        (HttpFailure("connect", was_sent=False), TransportError),
        (HttpFailure("timeout", was_sent=True), TransportError),
    ],
)
def test_d7_a_passing_fault_of_sts_is_repeated_and_never_blamed_on_the_keys(
    step: Any, error: type[SpShippingError]
) -> None:
    clock = FakeClock()
    transport = ScriptedTransport([step, step, KEYS_FOR_AN_HOUR])
    assert ask(transport, clock).access_key_id == "ASIA1"
    assert len(clock.slept) == 2
    transport = ScriptedTransport([step] * 4)
    with pytest.raises(error) as caught:
        ask(transport)
    assert type(caught.value) is error
    assert len(transport.requests) == getattr(caught.value, "attempts", None) == 4
    assert "check the keys" not in str(caught.value)


def test_d7_the_repeats_of_sts_end_with_the_call() -> None:
    transport = ScriptedTransport([HttpResponse(503, {}, b"")] * 4)
    with pytest.raises(ServerError):
        ask(transport, limits=FAR._replace(ends_at=1000.3))
    assert len(transport.requests) == 2


def test_a_refusal_of_sts_is_not_repeated() -> None:
    denied = b"<r><Code>AccessDenied</Code><Message>not allowed</Message></r>"
    transport = ScriptedTransport([HttpResponse(403, {}, denied)])
    with pytest.raises(AuthError, match="not allowed") as caught:
        ask(transport)
    assert (caught.value.code, caught.value.attempts) == ("AccessDenied", 1)
    assert "check the keys" in str(caught.value)


def test_an_sts_that_cannot_be_reached_is_a_transport_error() -> None:
    transport = ScriptedTransport([HttpFailure("connect", was_sent=False)] * 4)
    with pytest.raises(TransportError, match="could not reach STS"):
        ask(transport)


def test_keys_that_sts_refuses_cannot_be_replaced() -> None:
    request, keys = HttpRequest("POST", "", {}), AwsCredentials("AKIA", Secret("s"))
    task = _AssumeRole(request, keys, "eu-west-1", sign_form, repeats_of(ScriptedTransport()), FAR)
    assert not run(task.refresh())


def test_an_sts_that_is_not_trusted_is_not_asked_again() -> None:
    transport = ScriptedTransport([HttpFailure("tls", was_sent=False)])
    with pytest.raises(TransportError, match="no secure connection to the other side"):
        ask(transport)
    assert len(transport.requests) == 1
