"""The transport against peers that misbehave on real sockets: above all, whether a request has left."""

import gzip
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import responses
import trustme

from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from tests.kit import FakeClock
from tests.sandbox.wire import Play, playing, reset, response

Reader = Callable[[socket.socket], bytes]
FAR = Limits(connect=2.0, read=0.2, ends_at=1e12)


def post(url: str) -> HttpRequest:
    return HttpRequest("POST", f"{url}/x", {"x-amz-access-token": "Atza|t"}, b"{}")


def get(url: str) -> HttpRequest:
    return HttpRequest("GET", f"{url}/x", {"accept": "application/json"})


def told(
    *parts: bytes, then: Callable[[socket.socket], None] | None = None
) -> Callable[[Reader], list[Play]]:
    """Script: read the request, send the parts, then do what is asked."""

    def make(read: Reader) -> list[Play]:
        def play(connection: socket.socket) -> None:
            read(connection)
            for part in parts:
                connection.sendall(part)
            if then:
                then(connection)

        return [play]

    return make


def exchanged(make: Callable[[Reader], list[Play]], limits: Limits = FAR) -> HttpResponse | HttpFailure:
    with playing(make) as server:
        transport = RequestsTransport()
        try:
            return transport.exchange(post(server.url), limits)
        finally:
            transport.close()


def waiting(connection: socket.socket) -> None:
    """Say nothing until the client gives up."""
    connection.recv(1)


def test_an_answer_comes_whole_with_its_headers_in_lower_case() -> None:
    answer = exchanged(told(response(b'{"a":1}', "x-amzn-RequestId: r1")))
    assert isinstance(answer, HttpResponse)
    assert (answer.status, answer.body, answer.request_id) == (200, b'{"a":1}', "r1")


def test_one_connection_serves_many_requests_and_a_get_has_no_body() -> None:
    def make(read: Reader) -> list[Play]:
        def play(connection: socket.socket) -> None:
            for _ in range(3):
                read(connection)
                connection.sendall(response(b"{}"))

        return [play]

    with playing(make) as server:
        transport = RequestsTransport()
        answers = [transport.exchange(get(server.url), FAR) for _ in range(3)]
        assert [getattr(answer, "status", answer) for answer in answers] == [200, 200, 200]
        assert all(b"content-length" not in request.lower() for request in server.received)
        transport.close()


def test_a_refused_connection_has_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    transport = RequestsTransport()
    assert transport.exchange(post(f"http://127.0.0.1:{port}"), FAR) == HttpFailure("connect", was_sent=False)


@pytest.mark.parametrize(
    ("make", "kind", "status"),
    [
        (told(then=reset), "cut", None),
        (told(), "cut", None),
        (told(b"HTTP/1"), "cut", None),
        (told(b"garbage\r\n\r\n"), "cut", None),
        (told(then=waiting), "timeout", None),
        (told(response(b'{"a"', length=100)), "cut", 200),
        (told(response(b'{"a"', length=100), then=reset), "cut", 200),
        (told(response(b'{"a"', length=100), then=waiting), "timeout", 200),
        (told(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"), "cut", 200),
        (told(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}"), "cut", 200),
        (told(response(b"no gzip", "Content-Encoding: gzip")), "cut", 200),
    ],
)
def test_once_the_request_has_left_every_failure_says_so(
    make: Callable[[Reader], list[Play]], kind: str, status: int | None
) -> None:
    assert exchanged(make) == HttpFailure(kind, was_sent=True, status=status)


def test_a_cut_within_the_headers_is_an_empty_success_to_the_library_and_so_to_us() -> None:
    answer = exchanged(told(b"HTTP/1.1 200 OK\r\nConte"))
    assert isinstance(answer, HttpResponse)
    assert answer.body == b""


def test_what_comes_after_an_interim_answer_is_never_taken_for_the_next_ones() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"

    def make(read: Reader) -> list[Play]:
        def first(connection: socket.socket) -> None:
            read(connection)
            connection.sendall(early)
            # the client hangs up: it must not read on
            assert connection.recv(1) == b""

        def second(connection: socket.socket) -> None:
            read(connection)
            connection.sendall(response(b"second"))

        return [first, second]

    with playing(make) as server:
        transport = RequestsTransport()
        answers = [transport.exchange(get(server.url), FAR) for _ in range(2)]
        assert [(a.status, a.body) for a in answers if isinstance(a, HttpResponse)] == [
            (103, b""),
            (200, b"second"),
        ]
        transport.close()


def test_the_request_id_of_a_cut_answer_is_kept() -> None:
    failure = exchanged(told(response(b"{", "x-amzn-RequestId: r7", length=9)))
    assert isinstance(failure, HttpFailure)
    assert failure.request_id == "r7"


def test_an_idle_connection_that_was_closed_is_opened_anew() -> None:
    def make(read: Reader) -> list[Play]:
        def play(connection: socket.socket) -> None:
            read(connection)
            connection.sendall(response(b"{}"))

        return [play, play]

    with playing(make) as server:
        transport = RequestsTransport()
        for _ in range(2):
            assert isinstance(transport.exchange(post(server.url), FAR), HttpResponse)
            assert server.ended.acquire(timeout=5)
        transport.close()


def test_redirects_are_not_followed_and_cookies_not_kept() -> None:
    def make(read: Reader) -> list[Play]:
        def play(connection: socket.socket) -> None:
            for _ in range(2):
                read(connection)
                connection.sendall(
                    response(b"", "Location: http://example.com/", "Set-Cookie: a=b", status="307 Moved")
                )

        return [play]

    with playing(make) as server:
        transport = RequestsTransport()
        for _ in range(2):
            answer = transport.exchange(post(server.url), FAR)
            assert isinstance(answer, HttpResponse)
            assert answer.status == 307
        assert len(server.received) == 2
        assert b"cookie" not in server.received[1].lower()
        transport.close()


def test_an_answer_that_is_too_large_is_not_read_on() -> None:
    bomb = gzip.compress(b"\0" * 3_000_000)
    with playing(told(response(bomb, "Content-Encoding: gzip", "x-amzn-RequestId: r2"))) as server:
        transport = RequestsTransport(max_bytes=1_000_000)
        failure = transport.exchange(get(server.url), FAR)
        assert failure == HttpFailure("too_large", was_sent=True, status=200, request_id="r2")
        transport.close()


def test_a_body_that_drips_ends_at_the_deadline() -> None:
    clock = FakeClock()

    def drip(connection: socket.socket) -> None:
        clock.elapsed += 100

        connection.sendall(b"{")
        connection.recv(1)

    with playing(told(response(b"", length=50), then=drip)) as server:
        transport = RequestsTransport(clock=clock)
        failure = transport.exchange(post(server.url), Limits(2.0, 0.2, clock.monotonic() + 50))
        assert failure == HttpFailure("deadline", was_sent=True, status=200)
        assert transport.exchange(post(server.url), Limits(2.0, 0.2, 0)) == HttpFailure(
            "deadline", was_sent=False
        )
        transport.close()


def test_a_forked_child_opens_connections_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(read: Reader) -> list[Play]:
        def play(connection: socket.socket) -> None:
            read(connection)
            connection.sendall(response(b"{}"))
            connection.recv(1)

        return [play, play]

    with playing(make) as server:
        transport = RequestsTransport()
        parent = transport._session
        transport.exchange(get(server.url), FAR)
        monkeypatch.setattr("os.getpid", lambda: -1)
        # the server speaks to one connection at a time: the child's waits until the parent's is closed
        parent.close()
        assert isinstance(transport.exchange(get(server.url), FAR), HttpResponse)
        assert transport._session is not parent
        transport.close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_context(authority: trustme.CA, host: str = "localhost") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    return context


def test_a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_sent(
    authority: trustme.CA,
) -> None:
    with playing(told(response(b"{}")), tls=server_context(authority)) as server:
        transport = RequestsTransport()
        assert transport.exchange(post(server.url), FAR) == HttpFailure("tls", was_sent=False)
        assert server.received == []
        transport.close()


def test_the_ca_bundle_of_the_environment_is_read_once(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    transport = RequestsTransport()
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with playing(told(response(b"{}")), tls=server_context(authority)) as server:
        assert isinstance(transport.exchange(post(server.url), FAR), HttpResponse)
    with playing(told(response(b"{}")), tls=server_context(authority, "example.com")) as server:
        assert transport.exchange(post(server.url), FAR) == HttpFailure("tls", was_sent=False)
    transport.close()


def test_a_tls_fault_after_the_request_has_left_counts_as_sent(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))

    def garbage(connection: socket.socket) -> None:
        with socket.socket(fileno=connection.detach()) as plain:
            plain.sendall(b"this is no TLS record at all")

    with playing(told(then=garbage), tls=server_context(authority)) as server:
        transport = RequestsTransport()
        assert transport.exchange(post(server.url), FAR) == HttpFailure("cut", was_sent=True)
        assert len(server.received) == 1
        transport.close()


def test_a_proxy_of_the_environment_is_used_and_its_refusal_means_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with playing(told(response(b"no", status="502 Bad Gateway"))) as server:
        monkeypatch.setenv("HTTPS_PROXY", server.url)
        transport = RequestsTransport(origins=["https://api.example.com"])
        monkeypatch.delenv("HTTPS_PROXY")
        assert transport.exchange(post("https://api.example.com"), FAR) == HttpFailure(
            "connect", was_sent=False
        )
        assert server.received[0].startswith(b"CONNECT api.example.com:443")
        assert b"Atza" not in server.received[0]
        transport.close()


def test_netrc_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login somebody password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with playing(told(response(b"{}"))) as server:
        transport = RequestsTransport()
        transport.exchange(post(server.url), FAR)
        assert b"authorization" not in server.received[0].lower()
        transport.close()


def test_with_a_mock_in_between_what_failed_counts_as_sent() -> None:
    with responses.RequestsMock() as mock:
        mock.add(responses.POST, "https://example.com/x", body=OSError("down"))
        assert RequestsTransport().exchange(post("https://example.com"), FAR) == HttpFailure(
            "cut", was_sent=True
        )
