"""Deadlines that are over before they begin, keys of AWS that are refused, and operations about to go."""

from typing import Any

import pytest

from spshipping import AuthError, ConfigurationError, InvalidRequestError, QuotaError, TransportError
from spshipping.auth.aws import AwsCredentials
from spshipping.auth.sts import assume_role
from spshipping.secret import Secret
from spshipping.transport.http import HttpResponse, Limits
from spshipping.transport.io import run
from tests.cases.line import CALLS
from tests.kit import FakeClock, ScriptedTransport, answer, client_of, repeats_of
from tests.unit.samples import Gift

KEYS = AwsCredentials("AKIA1", Secret("lasting"))
ROLE = "arn:aws:iam::123456789012:role/spapi"


class Silent(ScriptedTransport):
    """Must not be asked for anything, a sign-in neither."""

    def exchange(self, request: Any, limits: Any) -> Any:
        raise AssertionError("something was sent")


@pytest.mark.parametrize("deadline", [0, -1, -1e9, float("-inf")])
@pytest.mark.parametrize("name", CALLS)
def test_case_74_a_deadline_that_is_over_sends_nothing_and_signs_nobody_in(
    name: str, deadline: float
) -> None:
    own: Any = {"deadline": deadline}
    with pytest.raises(InvalidRequestError, match="deadline"):
        client_of(Silent()).send(CALLS[name], **own)
    with pytest.raises(ConfigurationError, match="deadline="):
        client_of(Silent(), deadline=deadline)


def test_case_74_time_that_runs_out_while_signing_in_sends_no_call() -> None:
    clock = FakeClock()

    class Slow(ScriptedTransport):
        def exchange(self, request: Any, limits: Limits) -> Any:
            clock.elapsed += 20.0
            return super().exchange(request, limits)

    transport = Slow([answer(200, {"giftId": "1"})])
    with pytest.raises((TransportError, QuotaError)):
        client_of(transport, clock).send(CALLS["once"], deadline=10.0)
    assert transport.requests == []


def assumed(body: bytes, status: int = 200) -> Any:
    """Ask an STS that answers so for a role's keys; return the error."""
    transport = ScriptedTransport([HttpResponse(status, {}, body)])
    limits = Limits(connect=1.0, read=1.0, ends_at=1e12)
    with pytest.raises(AuthError) as caught:
        run(assume_role(ROLE, KEYS, region="eu-west-1", repeats=repeats_of(transport), limits=limits))
    return caught.value


def test_case_75_a_clock_that_is_twenty_minutes_off_is_told_in_awss_words() -> None:
    words = (
        "Signature expired: 20260301T114000Z is now earlier than 20260301T115500Z (20260301T120000Z - 5 min.)"
    )
    error = assumed(
        f"<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>{words}</Message></Error>"
        "<RequestId>r-1</RequestId></ErrorResponse>".encode(),
        403,
    )
    assert (error.status, error.code, error.request_id) == (403, "SignatureDoesNotMatch", "r-1")
    assert words in str(error)


def test_case_75_an_xml_bomb_of_sts_is_no_answer_and_fills_no_memory() -> None:
    lines = ["<?xml version='1.0'?><!DOCTYPE a [<!ENTITY e0 'aaaaaaaaaa'>"]
    lines += [f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 10)]
    bomb = "".join([*lines, "]><a><AccessKeyId>&e9;</AccessKeyId></a>"]).encode()
    # written out it would have ten thousand million letters, and this test would not end
    assert "STS gave no keys" in str(assumed(bomb))


def test_case_58_an_operation_that_amazon_is_about_to_drop_answers_as_ever() -> None:
    body = {"giftId": "1", "isPrime": None, "newField": True}
    transport = ScriptedTransport(
        [answer(200, body, deprecation="true", sunset="Sat, 27 Mar 2027 00:00:00 GMT")]
    )
    reply = client_of(transport).send(CALLS["asks"])
    assert reply.value == Gift(gift_id="1")
    assert reply.meta.deviations == ()
