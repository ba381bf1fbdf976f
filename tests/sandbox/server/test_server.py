"""The server: how it starts and ends, and how it keeps a connection."""

import http.client
import socket
import threading
from urllib.parse import urlsplit

import pytest
import requests

from spshipping.errors import ConfigurationError
from spshipping.sandbox import Sandbox, SandboxClock, serve
from spshipping.sandbox.extras import check_extras
from spshipping.sandbox.responses import as_json
from tests.sandbox.server.world import Shop


def test_a_connection_is_kept_and_used_again(shop: Shop) -> None:
    for _ in range(3):
        assert shop.rates().headers["Connection"] == "keep-alive"
    assert len({seen.connection for seen in shop.sandbox.ledger.requests()}) == 1


def test_a_connection_is_closed_where_the_client_asks(shop: Shop) -> None:
    shop.session.headers["Connection"] = "close"
    assert shop.cancel("none").headers["Connection"] == "close"
    assert shop.cancel("none").status_code == 404
    first, second = shop.sandbox.ledger.requests()
    assert first.connection != second.connection


def test_head_has_no_body_and_the_connection_goes_on(sandbox: Sandbox) -> None:
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=5)
    for _ in range(2):
        connection.request("HEAD", "/shipping/v2/tracking")
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (403, b"")
    connection.close()


def test_a_client_that_hangs_up_in_the_middle_of_its_body_does_no_harm(sandbox: Sandbox) -> None:
    where = urlsplit(sandbox.url)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=5) as line:
        line.sendall(b"POST /shipping/v2/shipments HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{")
        line.shutdown(socket.SHUT_WR)
        assert line.recv(1024) == b""
    assert requests.get(f"{sandbox.url}/_sandbox/ready", timeout=5).status_code == 200
    assert sandbox.ledger.requests() == []


def test_closing_ends_open_connections_and_leaves_no_thread() -> None:
    before = threading.active_count()
    sandbox = Sandbox().start()
    shop = Shop(sandbox)
    where = urlsplit(sandbox.url)
    idle = http.client.HTTPConnection(where.netloc, timeout=5)
    idle.request("GET", "/_sandbox/ready")
    assert idle.getresponse().read() == b'{"ready":true}'
    sandbox.add_fault("*", "delay", seconds=60)
    with pytest.raises(requests.ReadTimeout):
        shop.call("GET", "/tracking", timeout=0.05)
    sandbox.close()
    assert idle.sock.recv(1) == b""
    idle.close()
    shop.close()
    assert threading.active_count() == before
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((where.hostname or "", where.port or 0), timeout=5)
    sandbox.close()


def test_a_sandbox_that_does_not_listen_has_no_url() -> None:
    with pytest.raises(ConfigurationError, match="is not listening"):
        _ = Sandbox().token_url


def test_a_port_that_is_taken_is_named(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    port = urlsplit(sandbox.url).port or 0
    with pytest.raises(ConfigurationError, match=str(port)):
        serve(port=port)
    assert capsys.readouterr() == ("", "")


def test_serving_goes_on_until_it_is_interrupted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from spshipping.sandbox.http import Server

    def interrupt(self: Server) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Server, "service_actions", interrupt)
    serve(port=0)
    assert capsys.readouterr() == ("", "")


def test_nothing_is_printed(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    shop.rates()
    shop.call("GET", "/nothing")
    assert capfd.readouterr() == ("", "")


def test_a_missing_library_is_named_with_what_to_install() -> None:
    with pytest.raises(ConfigurationError, match=r'pip install "spshipping\[sandbox\]"'):
        check_extras("json", "no_such_library")


def test_time_runs_forward_only() -> None:
    clock = SandboxClock()
    for seconds in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="forward"):
            clock.advance(seconds)


def test_an_answer_holds_plain_data_only() -> None:
    with pytest.raises(TypeError, match="a set cannot be part of a response"):
        as_json({1})
