from typing import Any
from urllib.parse import parse_qs

import pytest

from spshipping import AuthError, Credentials, ServerError, SpShippingError, ThrottledError, TransportError
from spshipping.auth.cache import TokenCache
from spshipping.auth.lwa import LWA_URL, LwaTokens
from spshipping.transport.http import HttpFailure, HttpResponse
from spshipping.transport.retry import RetryPolicy
from tests.kit import FakeClock, ScriptedTransport, answer

ODD = "Atzr|IwEB%7C+a b/=&x"


def tokens(*steps: Any, clock: FakeClock | None = None) -> tuple[LwaTokens, ScriptedTransport, FakeClock]:
    clock = clock or FakeClock()
    transport = ScriptedTransport(steps)
    source = LwaTokens(
        Credentials("client", "s&cret", ODD),
        url="https://example.com/token",
        user_agent="agent",
        cache=TokenCache(clock),
        transport=transport,
        retry=RetryPolicy(),
        clock=clock,
        chance=lambda: 0.5,
        connect_timeout=1.0,
        read_timeout=2.0,
    )
    return source, transport, clock


def granted(token: str = "Atza|1", expires_in: Any = 3600) -> HttpResponse:
    return answer(200, {"access_token": token, "token_type": "bearer", "expires_in": expires_in})


def test_the_refresh_token_travels_byte_for_byte_in_a_form() -> None:
    source, transport, clock = tokens(granted())
    assert source.token(clock.monotonic() + 10).reveal() == "Atza|1"
    (request,) = transport.requests
    assert (request.method, request.url) == ("POST", "https://example.com/token")
    assert parse_qs((request.body or b"").decode(), strict_parsing=True) == {
        "grant_type": ["refresh_token"],
        "client_id": ["client"],
        "client_secret": ["s&cret"],
        "refresh_token": [ODD],
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
        (400, "invalid_scope", "may not ask"),
    ],
)
def test_a_refusal_is_not_repeated_and_says_what_to_do(status: int, code: str, remedy: str) -> None:
    source, transport, clock = tokens(answer(status, {"error": code, "error_description": "Amazon's words"}))
    with pytest.raises(AuthError, match=remedy) as caught:
        source.token(clock.monotonic() + 10)
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
        source.token(clock.monotonic() + 10)
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
    assert source.token(clock.monotonic() + 10).reveal() == "Atza|2"
    source, transport, clock = tokens(*[step] * 4)
    with pytest.raises(error):
        source.token(clock.monotonic() + 100)
    assert len(transport.requests) == 4


def test_an_untrusted_host_is_not_asked_again() -> None:
    source, transport, clock = tokens(HttpFailure("tls", was_sent=False))
    with pytest.raises(TransportError, match="tls"):
        source.token(clock.monotonic() + 10)
    assert len(transport.requests) == 1


def test_what_the_answer_asks_for_is_waited() -> None:
    source, _, clock = tokens(answer(503, b"", retry_after="7"), granted())
    source.token(clock.monotonic() + 10)
    assert clock.slept == [7.0]


@pytest.mark.parametrize(
    ("expires_in", "good_for"),
    [
        (3600, 3540),
        ("3600", 3540),
        (0, 54),
        (-5, 54),
        (None, 54),
        ("soon", 54),
        (True, 54),
        (10**9, 86_340),
        (100, 90),
    ],
)
def test_how_long_a_token_is_good_for_is_taken_from_the_answer(expires_in: Any, good_for: int) -> None:
    source, transport, clock = tokens(granted(expires_in=expires_in), granted("Atza|2"), granted("Atza|3"))
    source.token(clock.monotonic() + 10)
    clock.elapsed = good_for + 1
    assert source.token(clock.monotonic() + 10).reveal() == "Atza|2"
    assert len(transport.requests) == 2


def test_a_rejected_token_is_fetched_anew() -> None:
    source, _, clock = tokens(granted(), granted("Atza|2"))
    source.reject(source.token(clock.monotonic() + 10))
    assert source.token(clock.monotonic() + 10).reveal() == "Atza|2"
