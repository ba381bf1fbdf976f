"""The transport against peers that misbehave on real sockets: above all, whether a request has left."""

import gzip
import socket
from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from typing import Any

import pytest
import requests
import responses
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.structures import CaseInsensitiveDict

from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from tests.kit import FakeClock, bare
from tests.sandbox.wire import Play, playing, reset, response
from tests.transports import New

Reader = Callable[[socket.socket], bytes]
FAR = Limits(connect=2.0, read=0.6, ends_at=1e12)


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


def exchanged(
    new: New, make: Callable[[Reader], list[Play]], limits: Limits = FAR
) -> HttpResponse | HttpFailure:
    with playing(make) as server:
        transport = new()
        try:
            return transport.exchange(post(server.url), limits)
        finally:
            transport.close()


def waiting(connection: socket.socket) -> None:
    """Say nothing until the client gives up."""
    connection.recv(1)


def test_an_answer_comes_whole_with_its_headers_in_lower_case(new: New) -> None:
    answer = exchanged(new, told(response(b'{"a":1}', "x-amzn-RequestId: r1")))
    assert isinstance(answer, HttpResponse)
    assert (answer.status, answer.body, answer.request_id) == (200, b'{"a":1}', "r1")


def test_one_connection_serves_many_requests_and_a_get_has_no_body(new: New) -> None:
    def make(read: Reader) -> list[Play]:
        def play(connection: socket.socket) -> None:
            for _ in range(3):
                read(connection)
                connection.sendall(response(b"{}"))

        return [play]

    with playing(make) as server:
        transport = new()
        answers = [transport.exchange(get(server.url), FAR) for _ in range(3)]
        assert [getattr(answer, "status", answer) for answer in answers] == [200, 200, 200]
        assert all(b"content-length" not in request.lower() for request in server.received)
        transport.close()


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
        # aiohttp loses the headers with a body that comes at once, and is none
        (told(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}"), "cut", (200, None)),
        (told(response(b"no gzip", "Content-Encoding: gzip")), "cut", 200),
    ],
)
def test_once_the_request_has_left_every_failure_says_so(
    new: New, make: Callable[[Reader], list[Play]], kind: str, status: int | tuple[int, None] | None
) -> None:
    failure = exchanged(new, make)
    assert isinstance(failure, HttpFailure)
    assert (failure.kind, failure.was_sent) == (kind, True)
    assert failure.status in (status if isinstance(status, tuple) else (status,))


BROKEN_HEADS = {
    "cut": b"HTTP/1.1 200 OK\r\nConte",
    "cut before the empty line": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
    "a line that is no header": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nno header\r\n\r\n",
    "a length that is no number": b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
}


@pytest.mark.parametrize("head", BROKEN_HEADS.values(), ids=BROKEN_HEADS)
def test_an_answer_with_broken_headers_is_none(new: New, head: bytes) -> None:
    assert bare(exchanged(new, told(head))) == HttpFailure("cut", was_sent=True)


def test_an_interim_answer_is_passed_over(new: New) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    answer = exchanged(new, told(early, early, response(b"final")))
    assert isinstance(answer, HttpResponse)
    assert (answer.status, answer.body) == (200, b"final")


def test_what_comes_after_a_switch_of_protocols_is_never_taken_for_the_next_answer() -> None:
    switch = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"

    def make(read: Reader) -> list[Play]:
        def first(connection: socket.socket) -> None:
            read(connection)
            connection.sendall(switch)
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
            (101, b""),
            (200, b"second"),
        ]
        transport.close()


def test_the_request_id_of_a_cut_answer_is_kept(new: New) -> None:
    failure = exchanged(new, told(response(b"{", "x-amzn-RequestId: r7", length=9)))
    assert isinstance(failure, HttpFailure)
    assert failure.request_id == "r7"


def test_an_answer_that_is_too_large_is_not_read_on(new: New) -> None:
    bomb = gzip.compress(b"\0" * 3_000_000)
    with playing(told(response(bomb, "Content-Encoding: gzip", "x-amzn-RequestId: r2"))) as server:
        transport = new(max_bytes=1_000_000)
        failure = transport.exchange(get(server.url), FAR)
        assert bare(failure) == HttpFailure("too_large", was_sent=True, status=200, request_id="r2")
        transport.close()


DRIPS = {
    "status line": b"HTTP/1.1 2",
    "headers": b"HTTP/1.1 200 OK\r\nX-Slow: ",
    "body": response(b"", length=50),
    "chunk size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "gzip that brings nothing": response(gzip.compress(b"")[:10], "Content-Encoding: gzip", length=50),
}


@pytest.mark.parametrize("start", DRIPS.values(), ids=DRIPS)
def test_case_45_whatever_drips_ends_at_the_deadline(new: New, start: bytes) -> None:
    clock = FakeClock()

    def drip(connection: socket.socket) -> None:
        clock.elapsed += 100
        connection.sendall(b"0")
        connection.recv(1)

    with playing(told(start, then=drip)) as server:
        transport = new(clock=clock)
        failure = transport.exchange(post(server.url), Limits(2.0, 0.2, clock.monotonic() + 50))
        assert isinstance(failure, HttpFailure)
        assert (failure.kind, failure.was_sent) == ("deadline", True)
        over = HttpFailure("deadline", was_sent=False)
        assert transport.exchange(post(server.url), Limits(2.0, 0.2, 0)) == over
        transport.close()


class TickingClock(FakeClock):
    """Moves on at every look."""

    def __init__(self, step: float) -> None:
        super().__init__()
        self.step = step

    def monotonic(self) -> float:
        self.elapsed += self.step
        return super().monotonic()


def test_a_read_waits_no_longer_than_is_left_of_the_call() -> None:
    clock = TickingClock(0.06)
    with playing(told(then=waiting)) as server:
        transport = RequestsTransport(clock=clock)
        # 0.11 s are left when it connects, 0.05 s when it waits for the answer
        failure = transport.exchange(post(server.url), Limits(2.0, 2.0, clock.monotonic() + 0.17))
        assert bare(failure) == HttpFailure("deadline", was_sent=True)
        transport.close()


def test_a_call_that_had_little_time_leaves_the_next_one_its_own() -> None:
    def make(read: Reader) -> list[Play]:
        def play(connection: socket.socket) -> None:
            for _ in range(2):
                read(connection)
                connection.sendall(response(b"{}"))

        return [play]

    clock = TickingClock(1.0)
    with playing(make) as server:
        transport = RequestsTransport(clock=clock)
        for seconds, usual in ((5.0, 4.0), (500.0, 60.0)):
            answer = transport.exchange(post(server.url), Limits(60.0, 60.0, clock.monotonic() + seconds))
            assert isinstance(answer, HttpResponse)
            (pool,) = transport._home.ours._pools.values()
            connection = pool.pool.get()
            assert connection.sock.gettimeout() == usual
            pool.pool.put(connection)
        transport.close()


class LeapingClock(FakeClock):
    """Leaps a day ahead after so many looks."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.left = looks

    def monotonic(self) -> float:
        self.left -= 1
        return super().monotonic() + (86400.0 if self.left < 0 else 0.0)


def test_an_answer_that_is_whole_is_taken_however_late() -> None:
    with playing(told(response(b"label"))) as server:
        # one look before the request, one before the answer is awaited
        transport = RequestsTransport(clock=LeapingClock(2))
        answer = transport.exchange(post(server.url), Limits(2.0, 2.0, 1050.0))
        assert isinstance(answer, HttpResponse)
        assert answer.body == b"label"
        transport.close()


def test_with_a_mock_in_between_what_failed_counts_as_sent() -> None:
    with responses.RequestsMock() as mock:
        mock.add(responses.POST, "https://example.com/x", body=OSError("down"))
        failure = RequestsTransport().exchange(post("https://example.com"), FAR)
    assert bare(failure) == HttpFailure("cut", was_sent=True)


REDIRECTS = ["301 Moved", "302 Found", "303 See Other", "307 Moved", "308 Moved"]


class OtherAdapter(HTTPAdapter):
    """Somebody's own; here it does nothing of its own."""


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("target", ["other", "same", "itself", "file:///etc/hostname", "//["])
@pytest.mark.parametrize("adapter", [None, OtherAdapter()], ids=["ours", "other"])
def test_case_62_a_redirect_is_an_answer_and_nothing_goes_elsewhere(
    status: str, target: str, adapter: BaseAdapter | None
) -> None:
    with playing(told(response(b"{}"))) as other:
        targets = {"other": f"{other.url}/x", "same": "/y", "itself": "/x"}

        def make(read: Reader) -> list[Play]:
            location = f"Location: {targets.get(target, target)}"
            return told(response(b"moved", location, "Connection: close", status=status))(read)

        with playing(make) as server:
            transport = RequestsTransport(adapter=adapter)
            answer = transport.exchange(post(server.url), FAR)
            assert isinstance(answer, HttpResponse)
            assert (answer.status, answer.body) == (int(status[:3]), b"moved")
            assert len(server.received) == 1
            transport.close()
        assert other.received == []


def test_cookies_are_not_kept() -> None:
    def make(read: Reader) -> list[Play]:
        def play(connection: socket.socket) -> None:
            for _ in range(2):
                read(connection)
                connection.sendall(response(b"{}", "Set-Cookie: a=b"))

        return [play]

    for adapter in (None, OtherAdapter()):
        with playing(make) as server:
            transport = RequestsTransport(adapter=adapter)
            for _ in range(2):
                assert isinstance(transport.exchange(post(server.url), FAR), HttpResponse)
            assert b"cookie" not in server.received[1].lower()
            assert len(transport._home.session.cookies) == 0
            transport.close()
        if adapter:
            adapter.close()


class Box(BaseAdapter):
    """An adapter without a network, whose answers are read from something of its own."""

    def __init__(self, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.body = body
        self.headers = headers or {}
        self.is_closed = False

    def send(self, request: Any, *args: Any, **more: Any) -> requests.Response:
        found = requests.Response()
        found.status_code, found.raw, found.request = 200, BytesIO(self.body), request
        found.headers = CaseInsensitiveDict(self.headers)
        return found

    def close(self) -> None:
        self.is_closed = True


def test_an_adapter_may_bring_answers_of_any_kind() -> None:
    box = Box(b"x" * 100_000, {"X-Amzn-RequestId": "r5"})
    answer = RequestsTransport(adapter=box).exchange(get("https://box"), FAR)
    assert isinstance(answer, HttpResponse)
    assert (answer.status, len(answer.body), answer.request_id) == (200, 100_000, "r5")


def test_the_limits_hold_for_answers_of_any_kind() -> None:
    box = Box(b"x" * 100_000, {"X-Amzn-RequestId": "r5"})
    narrow = RequestsTransport(adapter=box, max_bytes=99_999).exchange(get("https://box"), FAR)
    assert bare(narrow) == HttpFailure("too_large", was_sent=True, status=200, request_id="r5")
    clock = TickingClock(1.0)
    late = RequestsTransport(adapter=box, clock=clock).exchange(
        get("https://box"), Limits(2.0, 2.0, clock.monotonic() + 1.5)
    )
    assert bare(late) == HttpFailure("deadline", was_sent=True, status=200, request_id="r5")


class Reading(HTTPAdapter):
    """Somebody's own, which keeps bodies, as tracers and logs of exchanges do."""

    def send(self, *args: Any, **more: Any) -> requests.Response:
        found = super().send(*args, **more)
        self.kept = found.text
        return found


@pytest.mark.parametrize("size", [0, 2, 200_000])
@pytest.mark.parametrize("is_packed", [False, True], ids=["plain", "gzip"])
def test_an_answer_that_an_adapter_has_read_is_there(size: int, is_packed: bool) -> None:
    body = b"x" * size
    sent = response(gzip.compress(body), "Content-Encoding: gzip") if is_packed else response(body)
    adapter = Reading()
    answer = exchanged(lambda: RequestsTransport(adapter=adapter), told(sent))
    assert isinstance(answer, HttpResponse)
    assert answer.body == body == adapter.kept.encode()


def test_the_limit_holds_for_an_answer_that_an_adapter_has_read() -> None:
    new = partial(RequestsTransport, adapter=Reading(), max_bytes=99_999)
    assert bare(exchanged(new, told(response(b"x" * 100_000)))) == HttpFailure(
        "too_large", was_sent=True, status=200
    )


def test_the_connection_serves_again_after_an_adapter_has_read_its_answer() -> None:
    def make(read: Reader) -> list[Play]:
        def play(connection: socket.socket) -> None:
            for body in (b"first", b"second"):
                read(connection)
                connection.sendall(response(body))

        return [play]

    with playing(make) as server:
        transport = RequestsTransport(adapter=Reading())
        answers = [transport.exchange(post(server.url), FAR) for _ in range(2)]
    assert [answer.body for answer in answers if isinstance(answer, HttpResponse)] == [b"first", b"second"]


class Made(BaseAdapter):
    """An adapter that makes its answers, as tests often do, of a body or of none."""

    def __init__(self, body: bytes | None) -> None:
        self.body = body

    def send(self, *args: Any, **more: Any) -> requests.Response:
        found = requests.Response()
        found.status_code = 200
        if self.body is not None:
            found._content = self.body
        return found

    def close(self) -> None: ...


@pytest.mark.parametrize("body", [b"x" * 100_000, b"", None])
def test_an_adapter_may_make_its_answers(body: bytes | None) -> None:
    answer = RequestsTransport(adapter=Made(body)).exchange(get("https://made"), FAR)
    assert isinstance(answer, HttpResponse)
    assert answer.body == (body or b"")
