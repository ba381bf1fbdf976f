"""Certificates are always checked: what is trusted, what is refused, and what is shown."""

import select
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme

from spshipping import ConfigurationError
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.http import HttpFailure, HttpResponse
from tests.kit import bare
from tests.sandbox.test_adapter import FAR, Reader, post, told
from tests.sandbox.test_connecting import OK, UNTRUSTED, forget_the_environment, is_answered
from tests.sandbox.wire import Play, playing, response


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_the_environment(monkeypatch)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> Path:
    """A CA bundle in which the authority stands."""
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    return bundle


def tls_of(authority: trustme.CA, host: str = "localhost", **more: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host, **more).configure_cert(context)
    return context


def expired(authority: trustme.CA) -> ssl.SSLContext:
    now = datetime.now(UTC)
    return tls_of(authority, not_before=now - timedelta(days=9), not_after=now - timedelta(days=1))


def outdated(authority: trustme.CA) -> ssl.SSLContext:
    context = tls_of(authority)
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
@pytest.mark.parametrize(
    "make",
    [lambda _: tls_of(trustme.CA()), lambda ca: tls_of(ca, "example.com"), expired, outdated],
    ids=["untrusted", "wrong host", "expired", "TLS 1.1"],
)
def test_case_64_a_bad_certificate_is_refused_before_anything_is_sent(
    authority: trustme.CA, trusted: Path, make: Callable[[trustme.CA], ssl.SSLContext]
) -> None:
    with playing(OK, tls=make(authority)) as server:
        transport = RequestsTransport(ca_bundle=trusted)
        assert bare(transport.exchange(post(server.url), FAR)) == UNTRUSTED
        assert server.received == []
        transport.close()


def test_case_64_what_nobody_vouches_for_is_refused_where_nothing_is_set(authority: trustme.CA) -> None:
    for session in (None, requests.Session()):
        with playing(OK, tls=tls_of(authority)) as server:
            assert not is_answered(RequestsTransport(session=session), server.url)
            assert server.received == []


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize("session", [False, True])
def test_case_64_the_bundle_of_the_environment_is_read_once(
    authority: trustme.CA, trusted: Path, monkeypatch: pytest.MonkeyPatch, name: str, session: bool
) -> None:
    monkeypatch.setenv(name, str(trusted))
    transport = RequestsTransport(session=requests.Session() if session else None)
    monkeypatch.setenv(name, "/nowhere")
    with playing(OK, tls=tls_of(authority)) as server:
        assert is_answered(transport, server.url)


def test_case_64_a_bundle_that_is_given_comes_before_that_of_the_environment(
    authority: trustme.CA, trusted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other))
    session = requests.Session()
    session.verify = str(trusted)
    for transport in (RequestsTransport(ca_bundle=str(trusted)), RequestsTransport(session=session)):
        with playing(OK, tls=tls_of(authority)) as server:
            assert is_answered(transport, server.url)
    session.verify = True
    session.trust_env = False
    with playing(OK, tls=tls_of(authority)) as server:
        assert not is_answered(RequestsTransport(session=session), server.url)


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize("value", ["0", "False", "/nowhere/ca.pem"])
def test_case_64_no_variable_turns_the_check_off(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=f"{name}: there is no file or folder {value}"):
        RequestsTransport()


@pytest.mark.parametrize("verify", [False, None, ""])
def test_case_64_nothing_else_turns_it_off_either(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, verify: Any
) -> None:
    session = requests.Session()
    session.verify = verify
    with pytest.raises(ConfigurationError, match="certificates are always checked"):
        RequestsTransport(session=session)
    off: Any = verify or False
    with pytest.raises(ConfigurationError, match="certificates are always checked"):
        RequestsTransport(ca_bundle=off)
    session.verify = True
    transport = RequestsTransport(session=session)
    session.verify = False  # too late
    with playing(OK, tls=tls_of(authority)) as server:
        assert bare(transport.exchange(post(server.url), FAR)) == UNTRUSTED
    transport.close()


def test_case_64_a_tls_fault_after_the_request_has_left_counts_as_sent(
    authority: trustme.CA, trusted: Path
) -> None:
    def garbage(connection: socket.socket) -> None:
        with socket.socket(fileno=connection.detach()) as plain:
            plain.sendall(b"this is no TLS record at all")

    with playing(told(then=garbage), tls=tls_of(authority)) as server:
        transport = RequestsTransport(ca_bundle=trusted)
        assert bare(transport.exchange(post(server.url), FAR)) == HttpFailure("cut", was_sent=True)
        assert len(server.received) == 1
        transport.close()


def test_a_certificate_of_ones_own_is_shown_to_who_asks_for_it(
    authority: trustme.CA, trusted: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own.pem"
    authority.issue_cert("me@example.com").private_key_and_cert_chain_pem.write_to_path(own)
    context = tls_of(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    session = requests.Session()
    session.verify, session.cert = str(trusted), str(own)
    with playing(OK, tls=context) as server:
        assert is_answered(RequestsTransport(session=session), server.url)
    session.cert = (str(own), str(tmp_path / "nowhere"))
    with pytest.raises(ConfigurationError, match="nowhere"):
        RequestsTransport(session=session)


def tunnelling(port: int) -> Callable[[Reader], list[Play]]:
    """Script: be a proxy that lets everything through, to *port* whatever it was asked for."""

    def make(read: Reader) -> list[Play]:
        def play(connection: socket.socket) -> None:
            read(connection)
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            pump(connection, port)

        return [play]

    return make


def pump(connection: socket.socket, port: int) -> None:
    """Carry bytes in both directions until either side hangs up."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        ends = {connection: line, line: connection}
        while True:
            for ready in select.select(list(ends), [], [])[0]:
                data = ready.recv(65536)
                if not data:
                    return
                ends[ready].sendall(data)


def test_case_63_through_a_proxy_an_answer_is_an_answer_and_its_password_stays_with_it(
    trusted: Path, authority: trustme.CA
) -> None:
    def two(read: Reader) -> list[Play]:
        def play(connection: socket.socket) -> None:
            for _ in range(2):
                read(connection)
                connection.sendall(response(b"{}"))

        return [play]

    with playing(two, tls=tls_of(authority)) as server, playing(tunnelling(server.port)) as proxy:
        host = proxy.url.replace("http://", "http://me:secret@")
        transport = RequestsTransport(proxies={"https://localhost": host}, ca_bundle=trusted)
        for _ in range(2):  # one tunnel serves both
            assert isinstance(transport.exchange(post(server.url), FAR), HttpResponse)
        assert "secret" not in repr(vars(transport))
        assert b"Proxy-Authorization: Basic" in proxy.received[0]
        assert b"proxy-auth" not in b"".join(server.received).lower()
        transport.close()
