"""D6: an error of the network names host, proxy, reason and remedy. G6: this machine needs no proxy."""

import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from spshipping import Client, Marketplace, TransportError
from spshipping.auth.cache import TokenCache
from spshipping.sandbox import Sandbox, SandboxProxy
from spshipping.transport.http import HttpFailure, HttpResponse
from spshipping.transport.network import Proxies
from spshipping.transport.trouble import transport_error
from tests.kit import credentials
from tests.sandbox.test_adapter import FAR, Reader, post, told
from tests.sandbox.test_certificates import expired, outdated, tls_of
from tests.sandbox.test_connecting import OK, forget_the_environment, nobody_there
from tests.sandbox.wire import Play, playing, response
from tests.transports import TRANSPORTS, New


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_the_environment(monkeypatch)


@pytest.fixture(params=TRANSPORTS)
def new(request: pytest.FixtureRequest) -> Iterator[New]:
    made: list[Any] = []

    def make(**options: Any) -> Any:
        made.append(TRANSPORTS[request.param](**options))
        return made[-1]

    yield make
    for transport in made:
        transport.close()


def error_of(transport: Any, url: str) -> TransportError:
    failure = transport.exchange(post(url), FAR)
    assert isinstance(failure, HttpFailure)
    return transport_error(failure, "op")


def test_d6_a_name_that_cannot_be_resolved(new: New) -> None:
    error = error_of(new(), "https://nowhere.invalid:8443")
    assert (error.failure, error.host, error.reason) == ("connect", "nowhere.invalid:8443", "dns")
    assert str(error).startswith(
        "op: could not connect to nowhere.invalid:8443: its name cannot be resolved ("
    )


def test_d6_a_refused_connection(new: New) -> None:
    url = nobody_there()
    error = error_of(new(), url)
    assert (error.host, error.reason) == (url.removeprefix("http://"), "refused")
    assert "could not connect to 127.0.0.1:" in str(error)
    assert "it refuses connections (check the port, and that the server runs)" in str(error)


def test_d6_a_proxy_that_is_not_there_is_named_without_its_password(new: New) -> None:
    url = nobody_there().replace("://", "://me:pa55@")
    error = error_of(new(proxies={"https": url}), "https://api.example.com/path?secret")
    place = url.rpartition("@")[2]
    assert (error.host, error.reason) == ("api.example.com", "refused")
    assert str(error).startswith(f"op: could not connect to the proxy {place}: it refuses connections")
    assert not any(word in str(error) for word in ("pa55", "me:", "secret"))


@pytest.mark.parametrize(
    ("status", "reason", "text"),
    [
        (
            "407 Proxy Authentication Required",
            "login",
            "the proxy wants another user and password, or any (put",
        ),
        ("403 Forbidden", "denied", "the proxy refuses it (check that the proxy lets this host through)"),
    ],
)
def test_d6_a_proxy_that_refuses(new: New, status: str, reason: str, text: str) -> None:
    with playing(told(response(b"no", status=status))) as server:
        error = error_of(new(proxies={"https": server.url}), "https://api.example.com")
        where = f"api.example.com through the proxy localhost:{server.port}"
    assert (error.failure, error.reason) == ("connect", reason)
    assert str(error).startswith(f"op: could not connect to {where}: {text}")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
@pytest.mark.parametrize(
    ("make", "reason", "text"),
    [
        (
            lambda _: tls_of(trustme.CA()),
            "issuer",
            "pass the certificate of its issuer as ca_bundle=",
        ),
        (lambda ca: tls_of(ca, "example.com"), "name", "its certificate is for another name (check the host"),
        (expired, "expired", "its certificate has expired (check the clock of this machine"),
        (outdated, "version", "it offers only old versions of TLS"),
    ],
)
def test_d6_a_certificate_that_is_not_accepted(
    new: New, tmp_path: Path, make: Callable[[trustme.CA], ssl.SSLContext], reason: str, text: str
) -> None:
    authority, bundle = trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    with playing(OK, tls=make(authority)) as server:
        error = error_of(new(ca_bundle=bundle), server.url)
    assert (error.failure, error.reason) == ("tls", reason)
    assert str(error).startswith(f"op: no secure connection to localhost:{server.port}: ")
    assert text in str(error)


def test_d6_a_certificate_that_is_not_accepted_behind_a_proxy(
    new: New, sandbox: Sandbox, tmp_path: Path
) -> None:
    """A proxy that opens TLS is the usual reason; it is not asked again."""
    trustme.CA().cert_pem.write_to_path(tmp_path / "ca.pem")
    with SandboxProxy(sandbox):
        transport = new(proxies={"https": sandbox.url}, ca_bundle=tmp_path / "ca.pem")
        error = error_of(transport, "https://api.amazon.com")
    assert (error.failure, error.reason, error.host) == ("tls", "issuer", "api.amazon.com")
    assert str(error).startswith("op: no secure connection to api.amazon.com through the proxy 127.0.0.1:")


def test_d6_a_server_that_speaks_http_has_no_certificate_that_is_not_valid(new: New) -> None:
    def plainly(read: Reader) -> list[Play]:
        def play(connection: socket.socket) -> None:
            connection.recv(65536)
            connection.sendall(response(b"no", status="400 Bad Request"))

        return [play]

    with playing(plainly) as server:
        error = error_of(new(), server.url.replace("http:", "https:"))
    assert (error.failure, error.reason) == ("tls", "no_tls")
    assert "it does not speak TLS (check the port; a server without TLS has an http:// URL" in str(error)


def test_d6_an_answer_that_is_cut_names_its_host(new: New) -> None:
    with playing(told(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nx-amzn-RequestId: r1\r\n\r\n{")) as server:
        error = error_of(new(), server.url)
    assert str(error) == (
        f"op: the connection to localhost:{server.port} broke before the whole answer was there"
        if error.request_id is None
        else f"op 200: the connection to localhost:{server.port} broke before the whole answer was there"
        " [request r1]"
    )
    assert (error.host, error.reason, error.remedy) == (f"localhost:{server.port}", None, None)


def test_d6_a_sign_in_that_fails_names_its_host_too() -> None:
    url = nobody_there()
    cache = TokenCache()
    with Client(credentials(), Marketplace.UK, token_url=f"{url}/token", token_cache=cache) as client:
        step = client.check("shipping").steps[0]
    assert step.detail
    assert step.detail.startswith("LWA token: could not sign in: could not connect to 127.0.0.1:")
    assert step.remedy == "check the port, and that the server runs"


LOOPBACK = ["http://localhost:8080", "http://127.0.0.1", "https://[::1]:8443", "http://127.1.2.3:1"]


@pytest.mark.parametrize("origin", LOOPBACK)
def test_g6_this_machine_is_reached_without_a_proxy(monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://proxy.example:3128")
    proxies = {"http": "http://proxy.example:3128", "https": "http://proxy.example:3128"}
    for found in (Proxies(None), Proxies(proxies), Proxies({"all": "http://proxy.example:3128"})):
        assert found.one_for(f"{origin}/path") is None
        assert found.of(f"{origin}/path") == {}
        assert found.one_for("https://api.example.com") == "http://proxy.example:3128"


def test_g6_a_proxy_that_is_given_for_this_very_host_is_used() -> None:
    proxies = Proxies({"http://127.0.0.1": "http://proxy.example:3128", "http": "http://other.example"})
    assert proxies.one_for("http://127.0.0.1:8080/path") == "http://proxy.example:3128"
    assert proxies.one_for("http://localhost:8080/path") is None


@pytest.mark.parametrize("is_given", [False, True])
def test_g6_a_local_server_answers_behind_a_proxy(
    new: New, monkeypatch: pytest.MonkeyPatch, is_given: bool
) -> None:
    proxy = nobody_there()
    if not is_given:
        monkeypatch.setenv("ALL_PROXY", proxy)
    with playing(OK) as server:
        transport = new(origins=[server.url], proxies={"all": proxy} if is_given else None)
        assert isinstance(transport.exchange(post(server.url), FAR), HttpResponse)


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of open files to set")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("calls", [1, 2])
@pytest.mark.parametrize("kind", TRANSPORTS)
def test_without_a_file_to_spare_the_error_is_of_the_network_too(
    sandbox: Sandbox, kind: str, calls: int, host: str
) -> None:
    about = sandbox.credentials
    parts = [about[name] for name in ("client_id", "client_secret", "refresh_token")]
    urls = [url.replace("127.0.0.1", host) for url in (sandbox.url, sandbox.token_url)]
    run = subprocess.run(
        [sys.executable, "-m", "tests.sandbox.without_files", kind, str(calls), *urls, *parts],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.stderr == ""
    assert run.stdout == "files\nclose what is not used any more, or raise the limit (ulimit -n)\n"
