from base64 import b64decode
from typing import Any
from urllib.parse import parse_qs

import pytest

from spshipping import (
    AuthError,
    ConfigurationError,
    Credentials,
    Secret,
    ServerError,
    SpShippingError,
    ThrottledError,
    TransportError,
)
from spshipping.auth.lwa import LWA_URL, Issued, LwaClient
from spshipping.timeouts import Timeouts
from spshipping.transport.http import HttpFailure, HttpResponse
from spshipping.transport.io import run
from tests.kit import FakeClock, ScriptedTransport, answer, repeats_of

ODD = "Atzr|IwEB%7C+a b/=&x"


def tokens(
    *steps: Any, credentials: Credentials | None = None, **options: Any
) -> tuple[LwaClient, ScriptedTransport, FakeClock]:
    clock = FakeClock()
    transport = ScriptedTransport(steps)
    lwa = LwaClient(
        credentials or Credentials("client", "s&cret", ODD),
        url="https://example.com/token",
        user_agent="agent",
        repeats=repeats_of(transport, clock),
        timeouts=Timeouts(1.0, 2.0),
        **options,
    )
    return lwa, transport, clock


def form_of(transport: ScriptedTransport, index: int = -1) -> dict[str, str]:
    body = (transport.requests[index].body or b"").decode()
    return {name: values[0] for name, values in parse_qs(body, strict_parsing=True).items()}


def granted(token: str = "Atza|1", expires_in: Any = 3600) -> HttpResponse:
    return answer(200, {"access_token": token, "token_type": "bearer", "expires_in": expires_in})


def test_the_refresh_token_travels_byte_for_byte_in_a_form() -> None:
    source, transport, clock = tokens(granted())
    assert run(source.refresh_token(clock.monotonic() + 10)).token.reveal() == "Atza|1"
    (request,) = transport.requests
    assert (request.method, request.url) == ("POST", "https://example.com/token")
    assert form_of(transport) == {
        "grant_type": "refresh_token",
        "client_id": "client",
        "client_secret": "s&cret",
        "refresh_token": ODD,
    }
    assert request.headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert (transport.limits[0].connect, transport.limits[0].read) == (1.0, 2.0)
    assert LWA_URL == "https://api.amazon.com/auth/o2/token"


@pytest.mark.parametrize(
    ("status", "code", "remedy"),
    [
        (400, "invalid_grant", "authorize again"),
        (401, "invalid_client", "was rotated"),
        (400, "unauthorized_client", "application's type"),
        (400, "invalid_scope", "may not request"),
    ],
)
def test_a_refusal_is_not_repeated_and_says_what_to_do(status: int, code: str, remedy: str) -> None:
    source, transport, clock = tokens(answer(status, {"error": code, "error_description": "Amazon's words"}))
    with pytest.raises(AuthError, match=remedy) as caught:
        run(source.refresh_token(clock.monotonic() + 10))
    assert len(transport.requests) == 1
    assert (caught.value.code, caught.value.message, caught.value.request_id) == (
        code,
        "Amazon's words",
        "req-1",
    )
    assert "s&cret" not in str(caught.value)


def test_another_refusal_has_no_remedy_of_ours() -> None:
    source, _, clock = tokens(answer(400, b"<html>"))
    with pytest.raises(AuthError, match="signing in did not succeed") as caught:
        run(source.refresh_token(clock.monotonic() + 10))
    assert caught.value.remedy is None


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (answer(503, b"<html>"), ServerError),
        (answer(500, {"error": "server_error"}), ServerError),
        (answer(429, {}), ThrottledError),
        (HttpFailure("connect", was_sent=False), TransportError),
        (HttpFailure("timeout", was_sent=True), TransportError),
        (answer(200, b"<html>captive portal</html>"), AuthError),
        (answer(200, {"access_token": "bad\nheader"}), AuthError),
        (answer(200, []), AuthError),
    ],
)
def test_a_passing_fault_is_repeated_and_then_told(step: Any, error: type[SpShippingError]) -> None:
    source, transport, clock = tokens(step, step, granted("Atza|2"))
    assert run(source.refresh_token(clock.monotonic() + 10)).token.reveal() == "Atza|2"
    source, transport, clock = tokens(*[step] * 4)
    with pytest.raises(error):
        run(source.refresh_token(clock.monotonic() + 100))
    assert len(transport.requests) == 4


def test_an_untrusted_host_is_not_asked_again() -> None:
    source, transport, clock = tokens(HttpFailure("tls", was_sent=False))
    with pytest.raises(TransportError, match="no secure connection to the other side"):
        run(source.refresh_token(clock.monotonic() + 10))
    assert len(transport.requests) == 1


def test_what_the_answer_asks_for_is_waited() -> None:
    source, _, clock = tokens(answer(503, b"", retry_after="7"), granted())
    run(source.refresh_token(clock.monotonic() + 10))
    assert clock.slept == [7.0]


@pytest.mark.parametrize(
    ("expires_in", "lifetime"),
    [
        *((3600, 3600), ("3600", 3600), (10**9, 86_400), ("9" * 9, 86_400)),
        *((0, 60), (-5, 60), (None, 60), ("soon", 60), (True, 60), ("9" * 10, 60)),
    ],
)
def test_how_long_a_token_is_good_for_is_taken_from_the_answer(expires_in: Any, lifetime: int) -> None:
    source, _, clock = tokens(granted(expires_in=expires_in))
    assert run(source.refresh_token(clock.monotonic() + 10)).lifetime == lifetime


def test_without_a_refresh_token_nobody_signs_in_for_a_seller() -> None:
    source, transport, clock = tokens(credentials=Credentials("client", "secret"))
    with pytest.raises(ConfigurationError, match="set SPSHIPPING_REFRESH_TOKEN"):
        run(source.refresh_token(clock.monotonic() + 10))
    assert transport.requests == []


def test_a_scope_is_asked_for_without_a_seller() -> None:
    source, transport, clock = tokens(granted())
    grant = run(source.client_credentials("sellingpartnerapi::notifications", clock.monotonic() + 10))
    assert grant.token.reveal() == "Atza|1"
    assert form_of(transport) == {
        "grant_type": "client_credentials",
        "scope": "sellingpartnerapi::notifications",
        "client_id": "client",
        "client_secret": "s&cret",
    }


def test_a_code_becomes_a_refresh_token() -> None:
    body = {"access_token": "Atza|1", "refresh_token": "Atzr|new", "expires_in": 3600}
    source, transport, clock = tokens(answer(200, body))
    issued = run(
        source.authorization_code(Secret("c/o+de"), "https://example.com/back", clock.monotonic() + 10)
    )
    assert issued == Issued(Secret("Atza|1"), 3600.0, Secret("Atzr|new"))
    assert form_of(transport)["code"] == "c/o+de"
    assert form_of(transport)["redirect_uri"] == "https://example.com/back"
    assert "Atzr" not in repr(issued)


def test_a_code_without_a_refresh_token_is_an_error() -> None:
    source, _, clock = tokens(granted())
    with pytest.raises(AuthError, match="no refresh token for the code"):
        run(source.authorization_code(Secret("code"), "https://example.com/back", clock.monotonic() + 10))


def test_the_client_may_show_its_secret_in_a_basic_header() -> None:
    source, transport, clock = tokens(granted(), authentication="basic", parameters={"audience": "x"})
    run(source.refresh_token(clock.monotonic() + 10))
    encoded = transport.requests[0].headers["authorization"].removeprefix("Basic ")
    assert b64decode(encoded) == b"client:s%26cret"
    assert form_of(transport) == {"audience": "x", "grant_type": "refresh_token", "refresh_token": ODD}


WRONG = answer(401, {"error": "invalid_client", "error_description": "Client authentication failed"})


def test_a_rotated_secret_is_asked_for_again_once() -> None:
    secrets = iter(["old", "new", "newer"])
    rotating = Credentials("client", lambda: next(secrets), ODD)
    source, transport, clock = tokens(WRONG, granted(), credentials=rotating)
    assert run(source.refresh_token(clock.monotonic() + 10)).token.reveal() == "Atza|1"
    assert [form_of(transport, n)["client_secret"] for n in (0, 1)] == ["old", "new"]
    source, transport, clock = tokens(WRONG, WRONG, WRONG, credentials=rotating)
    with pytest.raises(AuthError, match="was rotated"):
        run(source.refresh_token(clock.monotonic() + 10))
    assert len(transport.requests) == 2
