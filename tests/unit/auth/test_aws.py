"""AWS keys of every kind, as a client uses them."""

from datetime import timedelta
from typing import Any

import pytest

from spshipping import ConfigurationError, Secret
from spshipping.auth.aws import Aws, AwsCredentials, AwsRole, keys_of
from spshipping.auth.cache import TokenCache
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.wire.times import write_time
from tests.kit import FakeClock, ScriptedTransport, answer, client_of
from tests.unit.samples import LOOK

KEYS = AwsCredentials("AKIA1", Secret("lasting"))
ROLE = AwsRole("arn:aws:iam::123456789012:role/spapi", KEYS)
CALL = LOOK(path={"giftId": "1"})
GOOD = answer(200, {"giftId": "1"})


class Sts(ScriptedTransport):
    """Gives new keys for an hour each time it is asked."""

    def __init__(self, steps: Any, clock: FakeClock) -> None:
        super().__init__(steps)
        self.clock = clock
        self.assumed: list[HttpRequest] = []

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        if "//sts." not in request.url:
            return super().exchange(request, limits)
        self.assumed.append(request)
        number = len(self.assumed)
        ends = write_time(self.clock.now() + timedelta(hours=1))
        body = (
            f"<r><AccessKeyId>ASIA{number}</AccessKeyId><SecretAccessKey>s{number}</SecretAccessKey>"
            f"<SessionToken>t{number}</SessionToken><Expiration>{ends}</Expiration></r>"
        )
        return HttpResponse(200, {}, body.encode())


def shown(transport: ScriptedTransport) -> list[tuple[str, str | None]]:
    """Return whose keys signed each request, and its session token."""
    return [
        (
            request.headers["authorization"].partition("Credential=")[2].partition("/")[0],
            request.headers.get("x-amz-security-token"),
        )
        for request in transport.requests
    ]


def test_without_aws_keys_nothing_is_signed() -> None:
    transport = ScriptedTransport([GOOD])
    client_of(transport).send(CALL)
    assert "authorization" not in transport.requests[0].headers


@pytest.mark.parametrize("aws", [KEYS, lambda: KEYS])
def test_keys_sign_every_call_after_the_token_is_set(aws: Aws) -> None:
    transport = ScriptedTransport([GOOD])
    client_of(transport, aws=aws).send(CALL)
    assert shown(transport) == [("AKIA1", None)]
    assert "/eu-west-1/execute-api/aws4_request" in transport.requests[0].headers["authorization"]
    assert "x-amz-access-token" in transport.requests[0].headers["authorization"]


def test_case_75_a_role_is_assumed_once_and_renewed_before_its_keys_end() -> None:
    clock = FakeClock()
    transport = Sts([GOOD] * 4, clock)
    client = client_of(transport, clock, aws=ROLE, token_cache=TokenCache(clock))
    for elapsed in (0, 10, 3599, 3700):
        clock.elapsed = elapsed
        client.send(CALL)
    assert shown(transport) == [("ASIA1", "t1"), ("ASIA1", "t1"), ("ASIA2", "t2"), ("ASIA2", "t2")]
    assert [request.url for request in transport.assumed] == ["https://sts.eu-west-1.amazonaws.com/"] * 2


def test_roles_do_not_share_their_keys() -> None:
    clock = FakeClock()
    transport = Sts([GOOD] * 3, clock)
    cache = TokenCache(clock)
    session = ROLE._replace(keys=KEYS._replace(session_token=Secret("x")))
    for role in (ROLE, ROLE._replace(role_arn="arn:aws:iam::123456789012:role/other"), session):
        client_of(transport, clock, aws=role, token_cache=cache).send(CALL)
    assert [name for name, _ in shown(transport)] == ["ASIA1", "ASIA2", "ASIA3"]


def test_another_sts_is_the_one_that_is_asked() -> None:
    clock = FakeClock()
    transport = Sts([GOOD], clock)
    role = ROLE._replace(sts_url="https://sts.example.com/")
    client_of(transport, clock, aws=role, token_cache=TokenCache(clock)).send(CALL)
    assert [request.url for request in transport.assumed] == ["https://sts.example.com/"]
    assert shown(transport) == [("ASIA1", "t1")]


def test_another_sts_must_be_a_safe_one() -> None:
    with pytest.raises(ConfigurationError, match="is plain http, which is accepted for this machine only"):
        client_of(ScriptedTransport(), aws=ROLE._replace(sts_url="http://sts.example.com/"))


def test_keys_of_an_integration_page() -> None:
    assert keys_of(None, "AKIA1", "lasting") == KEYS
    assert keys_of(ROLE.role_arn, "AKIA1", Secret("lasting")) == ROLE
    for access_key, secret_key in (("AKIA1", ""), ("", "lasting")):
        with pytest.raises(ConfigurationError, match="go together"):
            keys_of(None, access_key, secret_key)
    assert "lasting" not in repr(ROLE)
