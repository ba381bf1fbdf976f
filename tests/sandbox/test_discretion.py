"""What other libraries would say of our exchanges reaches no log and no screen."""

import http.client
import logging
import socket

import pytest
import requests

from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.http import HttpRequest, Limits
from tests.sandbox.wire import playing, response

FAR = Limits(connect=2.0, read=0.2, ends_at=1e12)


def asked(url: str) -> HttpRequest:
    return HttpRequest(
        "GET", f"{url}/orders?BuyerEmail=canary%40example.com", {"x-amz-access-token": "Atza|t"}
    )


def test_neither_the_log_of_urllib3_nor_that_of_the_connection_shows_a_query(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(1)
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)

    def play(connection: socket.socket) -> None:
        while connection.recv(65536):
            connection.sendall(response(b"{}", "bad header without a colon"))

    with playing(lambda _read: [play]) as server:
        transport = RequestsTransport()
        assert not isinstance(transport.exchange(asked(server.url), FAR), str)
        transport.close()
    said = capfd.readouterr()
    assert "canary" not in caplog.text + said.out + said.err
    assert "Atza" not in caplog.text + said.out + said.err


def test_other_peoples_exchanges_are_logged_as_ever(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "urllib3.connectionpool")

    def play(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(response(b"{}"))

    with playing(lambda _read: [play]) as server:
        requests.get(f"{server.url}/seen", timeout=2)
    assert "/seen" in caplog.text
