"""How requests get to where they go: proxies, sessions and adapters of one's own."""

import socket
from collections.abc import Callable
from functools import partialmethod
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from urllib3 import Retry

from spshipping import ConfigurationError, TransportError
from spshipping.client import ClientOptions
from spshipping.shipping import GetRatesRequest
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.http import HttpFailure, HttpResponse
from tests.kit import ScriptedTransport, answer, bare, client_of, raising
from tests.sandbox.conftest import MakeClient
from tests.sandbox.test_adapter import FAR, Box, OtherAdapter, Reader, get, post, told
from tests.sandbox.wire import Play, playing, reset, response
from tests.transports import Exchanges, New
from tests.unit.samples import GRAB, LOOK, Wish

ELSEWHERE = "https://api.example.com"
UNTRUSTED = HttpFailure("tls", was_sent=False)
UNCONNECTED = HttpFailure("connect", was_sent=False)
OK = told(response(b"{}"))


def forget_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave aside what the environment of this machine says."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_the_environment(monkeypatch)


def is_answered(transport: Exchanges, url: str) -> bool:
    """Send a request, and hang up."""
    try:
        return isinstance(transport.exchange(post(url), FAR), HttpResponse)
    finally:
        transport.close()


# 61: where requests go

REFUSED = [
    "http://example.com",
    "http://127.0.0.1.example.com",
    "https://user:pass@example.com",
    "https://user@example.com",
    "https://",
    "https:///path",
    "//example.com",
    "example.com",
    "file:///etc/passwd",
    "ftp://example.com",
    "https://example.com/?x=1",
    "https://example.com/#x",
    "",
]


@pytest.mark.parametrize("option", ["endpoint", "token_url"])
@pytest.mark.parametrize("url", REFUSED)
def test_case_61_an_endpoint_that_cannot_be_right_is_refused(option: Any, url: str) -> None:
    options: Any = {option: url}
    if url or option == "token_url":
        with pytest.raises(ConfigurationError) as caught:
            client_of(ScriptedTransport(), **options)
        assert "pass" not in str(caught.value)


@pytest.mark.parametrize("url", ["https://example.com", "https://example.com/", "https://example.com//"])
def test_case_61_a_slash_at_the_end_changes_nothing(url: str) -> None:
    transport = ScriptedTransport([answer(200, {"giftId": "1"})])
    client_of(transport, endpoint=url).send(LOOK(path={"giftId": "1"}))
    assert transport.requests[0].url == "https://example.com/gifts/1"


# 63: proxies, and what else the environment says


def refusing(status: str) -> Callable[[Reader], list[Play]]:
    return told(response(b"no", status=status))


@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "502 Bad Gateway", "403 Forbidden"])
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY", None], ids=str)
def test_case_63_what_a_proxy_refuses_was_not_sent(
    new: New, monkeypatch: pytest.MonkeyPatch, status: str, name: str | None
) -> None:
    with playing(refusing(status)) as server:
        if name:
            monkeypatch.setenv(name, server.url)
        transport = new(origins=[ELSEWHERE], proxies=None if name else {"https": server.url})
        # read once
        monkeypatch.delenv("HTTPS_PROXY", raising=False)
        monkeypatch.delenv("ALL_PROXY", raising=False)
        assert bare(transport.exchange(post(ELSEWHERE), FAR)) == UNCONNECTED
        assert server.received[0].startswith(b"CONNECT api.example.com:443")
        assert b"Atza" not in server.received[0]
        transport.close()


def test_case_63_a_proxy_that_hangs_up_has_sent_nothing(new: New) -> None:
    with playing(told(then=reset)) as server:
        transport = new(proxies={"all": server.url})
        assert bare(transport.exchange(post(ELSEWHERE), FAR)) == UNCONNECTED
        transport.close()


def test_case_63_several_hosts_behind_one_proxy_share_its_connection() -> None:
    hosts = ["http://a.example.com", "http://b.example.com"]

    def make(read: Reader) -> list[Play]:
        def play(connection: socket.socket) -> None:
            for _ in hosts:
                read(connection)
                connection.sendall(response(b"{}"))

        return [play]

    with playing(make) as server:
        transport = RequestsTransport(proxies={"http": server.url})
        for host, number in zip(hosts, range(2), strict=True):
            assert isinstance(transport.exchange(post(host), FAR), HttpResponse)
            assert server.received[number].startswith(b"POST %b/x HTTP/1.1" % host.encode())
        transport.close()


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_case_63_no_proxy_is_heeded(new: New, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://localhost:1")
    monkeypatch.setenv(name, "localhost,example.com")
    with playing(OK) as server:
        assert is_answered(new(origins=[server.url]), server.url)


@pytest.mark.parametrize("how", ["no proxies", "session without environment"])
def test_case_63_the_environments_proxy_can_be_left_aside(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://localhost:1")
    session = requests.Session()
    session.trust_env = False
    given: dict[str, Any] = {"proxies": {}} if how == "no proxies" else {"session": session}
    with playing(OK) as server:
        assert is_answered(RequestsTransport(origins=[server.url], **given), server.url)


def test_case_63_netrc_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login somebody password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for session in (None, requests.Session()):
        with playing(OK) as server:
            assert is_answered(RequestsTransport(session=session), server.url)
            assert b"authorization" not in server.received[0].lower()


@pytest.mark.parametrize(
    ("proxies", "text"),
    [
        ({"https": "gopher://me:secret@proxy"}, "is no proxy's URL"),
        ({"https": "http://"}, "is no proxy's URL"),
        ({"https": "http://proxy:port"}, "is no proxy's URL"),
        ({"https://": "http://proxy"}, "would never be used"),
        ({"HTTPS": "http://proxy"}, "would never be used"),
        ({"https": "socks5://proxy:1080"}, "pip install 'requests[socks]'"),
    ],
)
def test_case_63_a_proxy_that_cannot_be_right_is_refused_without_its_password(
    new: New, monkeypatch: pytest.MonkeyPatch, proxies: dict[str, str], text: str
) -> None:
    monkeypatch.setattr("spshipping.transport.network.find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match="proxies") as caught:
        new(proxies=proxies)
    assert text in str(caught.value)
    assert "secret" not in str(caught.value)


def test_case_63_so_is_one_of_the_environment(new: New, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "gopher://me:secret@proxy")
    with pytest.raises(
        ConfigurationError, match=r"the proxy for api\.example\.com: is no proxy's URL"
    ) as caught:
        new(origins=[ELSEWHERE])
    assert "secret" not in str(caught.value)


def test_case_63_a_socks_proxy_carries_requests_and_what_it_refuses_was_not_sent() -> None:
    for code in (0, 5):

        def make(read: Reader) -> list[Play]:
            def play(connection: socket.socket) -> None:
                connection.recv(65536)
                connection.sendall(b"\x05\x00")
                connection.recv(65536)
                connection.sendall(bytes([5, code, 0, 1, 0, 0, 0, 0, 0, 0]))  # noqa: B023 - used at once
                read(connection)
                connection.sendall(response(b"{}"))

            return [play]

        with playing(make) as server:
            transport = RequestsTransport(proxies={"all": server.url.replace("http", "socks5h")})
            came = transport.exchange(post("http://nowhere.example.com"), FAR)
            assert isinstance(came, HttpResponse) if code == 0 else bare(came) == UNCONNECTED
            transport.close()


# 7: what fails before a byte was sent


def nobody_there() -> str:
    """Return the URL of a port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_case_7_a_refused_connection_has_sent_nothing() -> None:
    url = nobody_there()
    assert bare(RequestsTransport().exchange(post(url), FAR)) == UNCONNECTED
    assert bare(RequestsTransport(proxies={"all": url}).exchange(post(ELSEWHERE), FAR)) == UNCONNECTED


def test_case_7_also_while_the_caller_handles_an_exception_of_its_own() -> None:
    url = nobody_there()
    try:
        raise KeyError("the caller's own")
    except KeyError:
        assert bare(RequestsTransport().exchange(post(url), FAR)) == UNCONNECTED


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("getaddrinfo", socket.gaierror(socket.EAI_NONAME, "unknown")),
        ("socket", TimeoutError("timed out")),
        ("socket", OSError("unreachable")),
    ],
)
def test_case_7_nor_has_a_name_that_is_unknown_or_a_host_that_is_out_of_reach(
    monkeypatch: pytest.MonkeyPatch, name: str, error: Exception
) -> None:
    monkeypatch.setattr(f"socket.{name}", raising(error))
    for url in (ELSEWHERE, "http://localhost"):
        assert bare(RequestsTransport().exchange(post(url), FAR)) == UNCONNECTED


@pytest.mark.parametrize(
    "then", [reset, lambda connection: None, lambda connection: connection.recv(1 << 20)]
)
def test_case_7_nor_has_a_handshake_that_was_cut(new: New, then: Callable[[socket.socket], Any]) -> None:
    def make(_: Reader) -> list[Play]:
        def play(connection: socket.socket) -> None:
            connection.recv(1 << 20)
            then(connection)

        return [play]

    with playing(make) as server:
        transport = new()
        limits = FAR._replace(connect=0.1)
        failure = transport.exchange(post(server.url.replace("http", "https")), limits)
        assert bare(failure) == UNCONNECTED
        transport.close()


def test_case_7_what_was_not_sent_is_repeated_unless_nobody_vouches_for_the_other_side() -> None:
    call = GRAB(body=Wish(text="x"))
    network = ScriptedTransport([UNCONNECTED, answer(200, {"giftId": "1"})])
    assert client_of(network).send(call).meta.attempts == 2
    network = ScriptedTransport([UNTRUSTED])
    with pytest.raises(TransportError) as caught:
        client_of(network).send(call)
    assert (caught.value.failure, caught.value.attempts) == ("tls", 1)


# sessions and adapters of one's own


def test_a_session_brings_its_proxies_and_nothing_that_changes_a_request() -> None:
    session = requests.Session()
    session.headers["x-mine"] = "1"
    session.params = {"mine": "1"}
    session.auth = HTTPBasicAuth("me", "secret")
    session.cookies.set("mine", "1")
    with playing(told(response(b"{}", "Set-Cookie: a=b"))) as server:
        session.proxies = {"http": server.url}
        assert is_answered(RequestsTransport(session=session), "http://nowhere.example.com")
        assert b"mine" not in server.received[0]
        assert b"Basic" not in server.received[0]
        assert server.received[0].startswith(b"POST http://nowhere.example.com/x HTTP/1.1")
    assert session.cookies.get_dict() == {"mine": "1"}


def test_a_sessions_adapters_are_used_where_they_are_mounted_and_stay_open() -> None:
    box, session = Box(b"boxed"), requests.Session()
    session.mount("https://box", box)
    transport = RequestsTransport(session=session)
    boxed = transport.exchange(get("https://box.example.com"), FAR)
    assert isinstance(boxed, HttpResponse)
    assert boxed.body == b"boxed"
    # everything else goes through ours, which knows what has left
    assert bare(transport.exchange(post(nobody_there()), FAR)) == UNCONNECTED
    transport.close()
    assert not box.is_closed


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_what_fails_in_an_adapter_that_is_not_ours_counts_as_sent(scheme: str) -> None:
    transport = RequestsTransport(adapter=OtherAdapter())
    failure = transport.exchange(post(nobody_there().replace("http", scheme)), FAR)
    assert bare(failure) == HttpFailure("cut", was_sent=True)


class Sender(requests.Session):
    """Sends in its own way."""

    def send(self, request: Any, **more: Any) -> requests.Response:
        raise AssertionError("was used")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"session": requests.Session(), "adapter": HTTPAdapter()}, "set them there, or leave session= out"),
        ({"session": requests.Session(), "proxies": {}}, "set them there, or leave session= out"),
        ({"session": requests.Session(), "ca_bundle": "x"}, "set them there, or leave session= out"),
        ({"session": Sender()}, "Sender sends in its own way"),
        ({"session": requests}, "takes a requests.Session"),
        ({"adapter": requests.Session()}, "it takes a requests.adapters.BaseAdapter"),
        ({"adapter": HTTPAdapter(max_retries=1)}, "make it with max_retries=0"),
        ({"adapter": OtherAdapter(max_retries=Retry(None, connect=2))}, "make it with max_retries=0"),
        ({"ca_bundle": "/nowhere/ca.pem"}, "ca_bundle=: there is no file or folder /nowhere/ca.pem"),
    ],
)
def test_what_does_not_go_together_is_refused_with_the_remedy(options: Any, text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        RequestsTransport(**options)
    assert text in str(caught.value)


def test_a_session_that_a_tracer_has_wrapped_is_a_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests.Session, "send", partialmethod(requests.Session.send))
    with playing(OK) as server:
        assert is_answered(RequestsTransport(session=requests.Session()), server.url)


def test_an_adapter_that_repeats_is_found_wherever_it_is_mounted() -> None:
    session = requests.Session()
    session.mount("https://api", HTTPAdapter(max_retries=Retry(3)))
    with pytest.raises(ConfigurationError, match="adapter for https://api repeats requests by itself"):
        RequestsTransport(session=session)
    session.mount("https://api", HTTPAdapter(max_retries=Retry(False)))
    RequestsTransport(session=session).close()


def test_a_client_sends_with_what_it_is_given_and_so_do_those_made_from_it(
    make_client: MakeClient, order: GetRatesRequest
) -> None:
    adapter, session = OtherAdapter(), requests.Session()
    options: list[ClientOptions] = [{"adapter": adapter}, {"session": session}, {"proxies": {}}]
    for option in options:
        client = make_client(**option)
        for each in (client, client.with_options(timeout=5.0)):
            assert each.shipping.get_rates(order).rates
    adapter.close()
    with pytest.raises(ConfigurationError, match="adapter= is for the usual transport"):
        client_of(ScriptedTransport(), adapter=adapter)
