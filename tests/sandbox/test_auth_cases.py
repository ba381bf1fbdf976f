"""What signing in has to survive, case by case; over real HTTP where the wire is the point."""

import socket
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from spshipping import (
    AccessDeniedError,
    AuthError,
    Client,
    ConfigurationError,
    Credentials,
    InvalidRequestError,
    Marketplace,
    RetryPolicy,
    Secret,
    SpShippingError,
)
from spshipping.auth.cache import Grant, TokenCache
from spshipping.sandbox import Sandbox
from spshipping.shipping import GetRatesRequest
from spshipping.transport.build import build
from tests.kit import FakeClock, ScriptedTransport, answer, client_of, refusal, token_of
from tests.sandbox.conftest import MakeClient
from tests.sandbox.wire import Play, playing, response
from tests.unit.auth.test_authorizer import SHIPMENT, Amazon
from tests.unit.samples import BUY, LOOK, Wish

CALL = LOOK(path={"giftId": "1"})
GOOD = answer(200, {"giftId": "1"})
EXPIRED = refusal(403, "Unauthorized", details="The access token you provided has expired.")


def outcome(work: Callable[[], Any]) -> Any:
    """Return what *work* comes to, value or error."""
    try:
        return work()
    except SpShippingError as error:
        return error


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Do *work* in that many threads, starting together."""
    barrier = threading.Barrier(count)

    def run(number: int) -> Any:
        barrier.wait()
        return outcome(lambda: work(number))

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_case_20_a_revoked_grant_costs_one_request_for_a_hundred_callers(
    sandbox: Sandbox, order: GetRatesRequest
) -> None:
    revoked = Credentials(
        sandbox.credentials["client_id"], sandbox.credentials["client_secret"], "Atzr|revoked-and-secret"
    )
    client = Client(
        revoked,
        Marketplace.UK,
        endpoint=sandbox.url,
        token_url=sandbox.token_url,
        token_cache=TokenCache(),
        retry=RetryPolicy(base=0.0),
    )
    with client:
        errors = at_once(20, lambda _: client.shipping.get_rates(order))
        errors += [outcome(lambda: client.shipping.get_rates(order)) for _ in range(80)]
    assert {type(error) for error in errors} == {AuthError}
    assert all("authorize again" in str(error) for error in errors)
    assert len(sandbox.ledger.token_requests()) == 1
    shown = "".join(traceback.TracebackException.from_exception(errors[0], capture_locals=True).format())
    assert "revoked-and-secret" not in shown


def test_case_21_a_rotated_secret_is_asked_for_once_more_and_then_told(
    sandbox: Sandbox, order: GetRatesRequest
) -> None:
    asked = iter(["old", sandbox.credentials["client_secret"]])
    rotated = Credentials(
        sandbox.credentials["client_id"], lambda: next(asked), sandbox.credentials["refresh_token"]
    )
    options: dict[str, Any] = {
        "endpoint": sandbox.url,
        "token_url": sandbox.token_url,
        "token_cache": TokenCache(),
    }
    with Client(rotated, Marketplace.UK, **options) as client:
        assert client.shipping.get_rates(order).rates
    assert [seen.status for seen in sandbox.ledger.token_requests()] == [401, 200]
    wrong = Credentials(sandbox.credentials["client_id"], "wrong", sandbox.credentials["refresh_token"])
    with Client(wrong, Marketplace.UK, **options) as client, pytest.raises(AuthError, match="was rotated"):
        client.shipping.get_rates(order)
    assert [seen.status for seen in sandbox.ledger.token_requests()] == [401, 200, 401]


@pytest.mark.parametrize("kind", ["status", "html", "drop_before", "cut_headers", "cut_body"])
def test_case_22_a_passing_fault_of_the_sign_in_is_repeated(
    client: Client, sandbox: Sandbox, order: GetRatesRequest, kind: str
) -> None:
    sandbox.add_fault("lwa", kind, status=503 if kind == "status" else None)
    assert client.shipping.get_rates(order).rates
    assert len(sandbox.ledger.token_requests()) == 2


def test_case_22_an_old_token_serves_while_the_sign_in_is_down() -> None:
    clock = FakeClock()
    cache = TokenCache(clock)

    def down() -> Grant:
        raise AuthError("down")

    token_of(cache, ("k",), lambda: Grant(Secret("old"), 3600.0), 1e12)
    clock.elapsed = 3400
    assert token_of(cache, ("k",), down, 1e12).reveal() == "old"


def test_case_23_twenty_cold_threads_sign_in_once(
    client: Client, sandbox: Sandbox, order: GetRatesRequest
) -> None:
    sandbox.add_fault("lwa", "delay", seconds=0.05)
    assert all(
        not isinstance(found, Exception) for found in at_once(20, lambda _: client.shipping.get_rates(order))
    )
    assert len(sandbox.ledger.token_requests()) == 1


@pytest.mark.parametrize("call", [CALL, BUY(body=Wish(text="x"))], ids=["asking", "buying"])
def test_case_25_a_token_that_ends_in_flight_is_refreshed_once_and_the_call_replayed_once(call: Any) -> None:
    transport = ScriptedTransport([EXPIRED, GOOD])
    assert client_of(transport).send(call).meta.attempts == 2
    assert transport.sign_ins == 2
    transport = ScriptedTransport([EXPIRED, EXPIRED, GOOD])
    with pytest.raises(AccessDeniedError):
        client_of(transport).send(call)
    assert transport.sign_ins == 2
    denied = ScriptedTransport([refusal(403, "Unauthorized", "Access to requested resource is denied.")])
    with pytest.raises(AccessDeniedError):
        client_of(denied).send(call)
    assert denied.sign_ins == 1


def test_case_26_a_hundred_threads_with_an_expired_token_refresh_it_once(
    client: Client, sandbox: Sandbox, order: GetRatesRequest
) -> None:
    client.shipping.get_rates(order)
    sandbox.revoke_tokens()
    found = at_once(100, lambda _: client.shipping.get_rates(order))
    assert [error for error in found if isinstance(error, Exception)] == []
    assert len(sandbox.ledger.token_requests()) == 2


@pytest.mark.parametrize("lifetime", [0.0, 1.0, 60.0, 1e9])
def test_case_27_no_lifetime_makes_a_hot_loop(lifetime: float) -> None:
    clock = FakeClock()
    cache = TokenCache(clock)
    fetched = []

    def fetch() -> Grant:
        fetched.append(clock.elapsed)
        return Grant(Secret(f"t{len(fetched)}"), lifetime)

    for _ in range(3):
        token_of(cache, ("k",), fetch, 1e12)
    assert len(fetched) == (3 if lifetime == 0 else 1)


@pytest.mark.parametrize("days", [1, -1])
def test_case_28_a_wall_clock_that_jumps_never_lengthens_a_tokens_life(days: int) -> None:
    clock = FakeClock()
    cache = TokenCache(clock)
    fetch = iter([Grant(Secret("t1"), 3600.0), Grant(Secret("t2"), 3600.0)])
    token_of(cache, ("k",), lambda: next(fetch), 1e12)
    clock.start += timedelta(days=days)
    clock.elapsed = 3590
    assert token_of(cache, ("k",), lambda: next(fetch), 1e12).reveal() == "t2"


def test_case_29_an_odd_refresh_token_arrives_byte_for_byte(sandbox: Sandbox, order: GetRatesRequest) -> None:
    odd = "Atzr|IwEB%7C+a b/=&x"
    sandbox.add_seller(odd)
    usual = sandbox.credentials
    with Client(
        Credentials(usual["client_id"], usual["client_secret"], odd),
        Marketplace.UK,
        endpoint=sandbox.url,
        token_url=sandbox.token_url,
        token_cache=TokenCache(),
    ) as client:
        assert client.shipping.get_rates(order).rates


@pytest.mark.parametrize("value", ["odd\nvalue", " odd-value", "odd\u2019value", "odd\r\nx-evil: 1"])
def test_case_29_what_cannot_stand_in_a_header_is_refused_without_being_shown(value: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        build(BUY(body=Wish(text="x"), headers={"x-key": value}), "https://example.com", "agent", {})
    assert value not in str(caught.value)
    with pytest.raises(ConfigurationError) as refused:
        Credentials("client", "secret", value if value.isascii() else " odd-value")
    assert "odd" not in str(refused.value)


def test_case_30_a_redirect_of_the_sign_in_is_not_followed(sandbox: Sandbox) -> None:
    def make(read: Callable[[socket.socket], bytes]) -> list[Play]:
        def elsewhere(connection: socket.socket) -> None:
            read(connection)
            connection.sendall(
                response(b"", f"Location: {sandbox.token_url}", status="307 Temporary Redirect")
            )

        return [elsewhere]

    with playing(make) as server:
        client = Client(
            Credentials(**sandbox.credentials),
            Marketplace.UK,
            endpoint=sandbox.url,
            token_url=f"{server.url}/auth/o2/token",
            token_cache=TokenCache(),
        )
        with client, pytest.raises(AuthError) as caught:
            client.shipping.get_tracking(tracking_id="x", carrier_id="y")
    assert caught.value.status == 307
    assert sandbox.ledger.token_requests() == []


def test_case_31_restricted_tokens_are_kept_apart_and_never_sent_elsewhere() -> None:
    amazon = Amazon(answer(200, {}), GOOD, answer(200, {}), GOOD)
    client = client_of(amazon)
    client.send(SHIPMENT(path={"shipmentId": "1"}))
    client.send(CALL, pii=())
    # its whole answer is personal: it takes a restricted token by itself
    client.send(SHIPMENT(path={"shipmentId": "2"}))
    client.send(CALL)
    assert amazon.tokens == ["Atz.sprdt|1", "Atza|1", "Atz.sprdt|1", "Atza|1"]


def test_case_32_two_sellers_cross_neither_tokens_nor_quota_nor_cookies(
    make_client: MakeClient, sandbox: Sandbox, order: GetRatesRequest
) -> None:
    first = make_client()
    second = first.for_seller(sandbox.add_seller("Atzr|second").refresh_token)
    at_once(16, lambda number: (first, second)[number % 2].shipping.get_rates(order))
    sellers = [seen.seller for seen in sandbox.ledger.requests("getRates")]
    assert len(set(sellers)) == 2
    assert [sellers.count(seller) for seller in set(sellers)] == [8, 8]
    assert len(sandbox.ledger.token_requests()) == 2
