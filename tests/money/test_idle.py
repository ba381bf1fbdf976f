"""Idle connections that the other side closes, or writes to: they cost no purchase, and give no answer."""

import contextlib
import os
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from spshipping import RetryBudget
from spshipping.shipping import GET_TRACKING, ONE_CLICK_SHIPMENT
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from tests.kit import bare
from tests.matrix import faults
from tests.matrix.proxy import Line, Proxy, spoken
from tests.matrix.stage import Stage
from tests.matrix.ways import Way
from tests.money.scene import client_of
from tests.money.tunnel import Tunnels
from tests.transports import TRANSPORTS, Exchanges, OfAsyncio

IS_FULL = os.environ.get("SPSHIPPING_SOAK") == "full"
PURCHASES = 400 if IS_FULL else 40
FAR = Limits(connect=30.0, read=30.0, ends_at=1e12)


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest) -> Iterator[Exchanges]:
    with contextlib.closing(TRANSPORTS[request.param]()) as made:
        yield made


@pytest.mark.soak
@pytest.mark.parametrize("with_reset", [False, True], ids=["FIN", "RST"])
@pytest.mark.parametrize("place", ["server", "proxy"])
def test_a11_an_idle_connection_that_is_closed_costs_no_one_click_purchase(
    stage: Stage, way: Way, place: str, with_reset: bool
) -> None:
    with Proxy(stage.upstream) as proxy:
        # the sandbox understands a request as it is sent to a proxy
        behind = {"endpoint": stage.sandbox.url, "proxies": {"http://127.0.0.1": proxy.url}}
        with client_of(
            way,
            stage,
            retry_budget=RetryBudget(10.0 * PURCHASES),
            **(behind if place == "proxy" else {"endpoint": proxy.url}),
        ) as client:
            purchase, look = stage.call(ONE_CLICK_SHIPMENT.name), stage.call(GET_TRACKING.name)
            shipments = []
            for _ in range(PURCHASES):
                proxy.plan.append(faults.closes_at_next_request(with_reset=with_reset))
                client.send(look)
                shipments.append(client.send(purchase).value.shipment_id)
    assert proxy.failures == []
    assert len(proxy.requests) >= 2 * PURCHASES
    assert [label.shipment_id for label in stage.sandbox.ledger.labels] == shipments


def test_a11_a_connection_opened_for_one_purchase_takes_the_place_of_another(stage: Stage, way: Way) -> None:
    with Proxy(stage.upstream) as proxy, client_of(way, stage, endpoint=proxy.url) as client:
        for _ in range(20):
            client.send(stage.call(GET_TRACKING.name))
            client.send(stage.call(ONE_CLICK_SHIPMENT.name))
        assert proxy.connections > 20
        assert proxy.open_lines <= 5  # the proxy takes a moment to see that one has ended


@pytest.mark.soak
@pytest.mark.parametrize("with_reset", [False, True], ids=["FIN", "RST"])
def test_a11_a_tunnel_that_is_closed_costs_no_one_click_purchase(
    stage: Stage, way: Way, tmp_path: Path, with_reset: bool
) -> None:
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("api.example.com").configure_cert(tls)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with Proxy(stage.upstream, tls=tls) as server, Tunnels(server.port) as tunnels:
        with client_of(
            way,
            stage,
            retry_budget=RetryBudget(10.0 * PURCHASES),
            endpoint="https://api.example.com",
            proxies={"https": tunnels.url},
            ca_bundle=tmp_path / "ca.pem",
        ) as client:
            purchase, look = stage.call(ONE_CLICK_SHIPMENT.name), stage.call(GET_TRACKING.name)
            shipments = []
            for _ in range(PURCHASES):
                client.send(look)
                tunnels.break_open_ones(with_reset=with_reset)
                shipments.append(client.send(purchase).value.shipment_id)
        assert tunnels.opened > PURCHASES  # a connection for each purchase
        assert tunnels.broken > 0
    assert server.failures == []
    assert [label.shipment_id for label in stage.sandbox.ledger.labels] == shipments


@pytest.mark.parametrize("with_reset", [False, True], ids=["FIN", "RST"])
def test_a11_what_was_closed_before_a_request_is_not_used_for_it(
    stage: Stage, transport: Exchanges, with_reset: bool
) -> None:
    with Proxy(stage.upstream) as proxy:
        for number in range(4):
            request = HttpRequest("PUT", f"{proxy.url}/{number}", {}, b"{}")
            assert isinstance(transport.exchange(request, FAR), HttpResponse)
            # the event loop does not run meanwhile
            proxy.end_idle_lines(with_reset=with_reset)
    assert (proxy.connections, len(proxy.requests)) == (4, 4)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
@pytest.mark.parametrize("with_reset", [False, True], ids=["FIN", "RST"])
def test_a11_nothing_is_repeated_on_a_connection_that_is_dropped(
    stage: Stage, transport: Exchanges, method: str, with_reset: bool
) -> None:
    with Proxy(stage.upstream) as proxy:
        proxy.for_ever = faults.drops_reused(with_reset=with_reset)
        answers = [
            transport.exchange(HttpRequest(method, f"{proxy.url}/{number}", {}, None), FAR)
            for number in range(6)
        ]
    paths = [request.split()[1] for request in proxy.requests]
    assert paths == [f"/{number}".encode() for number in range(6)]
    failed = [answer for answer in answers if isinstance(answer, HttpFailure)]
    assert list(map(bare, failed)) == [HttpFailure("cut", was_sent=True)] * len(proxy.dropped)
    assert len(failed) == 2


LATE = {
    "another answer": spoken(b"foreign"),
    "a load balancer's farewell": spoken(b"foreign", "Connection: close", status="408 Request Timeout"),
    "garbage": b"garbage\r\n\r\n",
}


@pytest.mark.parametrize("is_seen", [False, True], ids=["unseen", "seen by the loop"])
@pytest.mark.parametrize("late", LATE.values(), ids=LATE)
def test_what_comes_on_an_idle_connection_is_never_taken_for_the_next_answer(
    stage: Stage, transport: Exchanges, late: bytes, is_seen: bool
) -> None:
    lines: list[Line] = []

    def answers(line: Line) -> None:
        lines.append(line)
        line.say(spoken(line.request.split()[1]))

    with Proxy(stage.upstream) as proxy:
        proxy.for_ever = answers
        for number in range(4):
            answer = transport.exchange(HttpRequest("GET", f"{proxy.url}/{number}", {}, None), FAR)
            assert isinstance(answer, HttpResponse)
            assert answer.body == f"/{number}".encode()
            lines[-1].say(late)
            if isinstance(transport, OfAsyncio) and is_seen:
                transport.pause()
    assert len(proxy.requests) == 4
