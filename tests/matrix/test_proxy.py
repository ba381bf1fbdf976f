"""The proxy does to a line what it is told, and nothing else."""

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Iterator

import pytest
import requests

from tests.matrix import faults
from tests.matrix.proxy import Answer, Fault, Line, Proxy, chunked, spoken
from tests.sandbox.wire import Play, RawServer

REQUEST = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
ANSWER = spoken(b'{"a":1}', "x-amzn-RequestId: r1")


class Behind:
    """A server that answers everything alike."""

    def __init__(self, answers: int = 8) -> None:
        self.server = RawServer(*[self._play] * answers)

    def _play(self, connection: socket.socket) -> None:
        self.server.read_request(connection)
        connection.sendall(ANSWER)

    @property
    def received(self) -> list[bytes]:
        return self.server.received


@pytest.fixture
def behind() -> Iterator[Behind]:
    made = Behind()
    yield made
    made.server.close()


@pytest.fixture
def proxy(behind: Behind) -> Iterator[Proxy]:
    with Proxy(("127.0.0.1", behind.server.port)) as made:
        yield made
    assert made.failures == []


@contextlib.contextmanager
def connected(proxy: Proxy) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as line:
        yield line


def heard(line: socket.socket) -> bytes:
    """Return every byte until the end of the line."""
    data = b""
    while piece := line.recv(65536):
        data += piece
    return data


def ended(line: socket.socket) -> bool:
    """Return whether the other side ends the connection with a reset; otherwise it ends it with a FIN."""
    try:
        assert line.recv(1) == b""
    except ConnectionResetError:
        return True
    return False


def exchanged(proxy: Proxy, fault: Fault) -> bytes:
    proxy.plan.append(fault)
    with connected(proxy) as line:
        line.sendall(REQUEST)
        return heard(line)


def test_without_a_fault_it_passes_on_what_was_asked_and_answered(proxy: Proxy, behind: Behind) -> None:
    with connected(proxy) as line:
        for _ in range(2):
            line.sendall(REQUEST)
            assert line.recv(65536) == ANSWER
    assert (behind.received, proxy.requests, proxy.connections) == ([REQUEST] * 2, [REQUEST] * 2, 1)


@pytest.mark.parametrize("at", range(len(ANSWER) + 1))
def test_an_answer_is_cut_after_exactly_so_many_bytes(proxy: Proxy, behind: Behind, at: int) -> None:
    assert exchanged(proxy, faults.cut(lambda _: at, with_reset=False)) == ANSWER[:at]
    assert behind.received == [REQUEST]


def test_a_reset_is_no_plain_end(proxy: Proxy, behind: Behind) -> None:
    with pytest.raises(ConnectionResetError):
        exchanged(proxy, faults.ends(with_reset=True))
    assert exchanged(proxy, faults.ends(with_reset=False)) == b""
    assert behind.received == []


def test_a_fault_meets_one_request_and_what_is_for_ever_all_others(proxy: Proxy) -> None:
    proxy.plan.append(faults.says(b"first"))
    proxy.for_ever = faults.says(b"later")
    with connected(proxy) as line:
        said = []
        for _ in range(3):
            line.sendall(REQUEST)
            said.append(line.recv(65536))
        proxy.heal()
        line.sendall(REQUEST)
        assert [*said, line.recv(65536)] == [b"first", b"later", b"later", ANSWER]


def test_half_of_a_request_is_never_passed_on(proxy: Proxy, behind: Behind) -> None:
    proxy.at_once.append(faults.reads_half(with_reset=False))
    with connected(proxy) as line:
        line.sendall(REQUEST[:-2])
        # what was not read makes a reset of the end, on most systems
        with contextlib.suppress(ConnectionResetError):
            assert heard(line) == b""
    assert (behind.received, proxy.requests) == ([], [])


def test_a_connection_is_refused_until_it_listens(behind: Behind) -> None:
    with Proxy(("127.0.0.1", behind.server.port), is_listening=False) as proxy:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", proxy.port), timeout=5)
        proxy.listen()
        proxy.plan.append(faults.says(b"here"))
        with connected(proxy) as line:
            line.sendall(REQUEST)
            assert line.recv(65536) == b"here"


@pytest.mark.parametrize("with_reset", [False, True])
def test_an_idle_line_is_ended(proxy: Proxy, with_reset: bool) -> None:
    with connected(proxy) as line:
        line.sendall(REQUEST)
        assert line.recv(65536) == ANSWER
        proxy.end_idle_lines(with_reset=with_reset)
        if with_reset:
            with pytest.raises(ConnectionResetError):
                line.recv(1)
        else:
            assert line.recv(1) == b""


@pytest.mark.parametrize("with_reset", [False, True])
def test_every_second_request_on_a_reused_connection_is_dropped(
    proxy: Proxy, behind: Behind, with_reset: bool
) -> None:
    proxy.for_ever = faults.drops_reused(with_reset=with_reset)
    with connected(proxy) as line:
        for _ in range(2):
            line.sendall(REQUEST)
            assert line.recv(65536) == ANSWER
        line.sendall(REQUEST)
        assert ended(line) is with_reset
    with connected(proxy) as line:
        line.sendall(REQUEST)
        assert line.recv(65536) == ANSWER
    assert (len(behind.received), len(proxy.requests), proxy.dropped) == (3, 4, [REQUEST])


@pytest.mark.parametrize("with_reset", [False, True])
def test_a_connection_is_closed_when_no_request_follows(
    proxy: Proxy, behind: Behind, with_reset: bool
) -> None:
    proxy.plan.extend(
        [
            faults.closes_when_idle(seconds=5, with_reset=with_reset),
            faults.closes_when_idle(seconds=0.01, with_reset=with_reset),
        ]
    )
    with connected(proxy) as line:
        for _ in range(2):
            line.sendall(REQUEST)
            assert line.recv(65536) == ANSWER
        assert ended(line) is with_reset
    assert len(behind.received) == 2


@pytest.mark.parametrize("with_reset", [False, True])
def test_a_connection_is_closed_as_the_next_request_arrives(
    proxy: Proxy, behind: Behind, with_reset: bool
) -> None:
    proxy.plan.append(faults.closes_at_next_request(with_reset=with_reset))
    with connected(proxy) as line:
        line.sendall(REQUEST)
        assert line.recv(65536) == ANSWER
        line.sendall(REQUEST)
        assert ended(line) is with_reset
    proxy.wait_until_quiet()
    assert (behind.received, proxy.requests) == ([REQUEST], [REQUEST])


def test_a_client_that_closes_an_idle_connection_itself_does_no_harm(proxy: Proxy, behind: Behind) -> None:
    proxy.plan.append(faults.closes_at_next_request(with_reset=False))
    with connected(proxy) as line:
        line.sendall(REQUEST)
        assert line.recv(65536) == ANSWER
    proxy.plan.append(faults.closes_at_next_request(with_reset=False))
    with connected(proxy) as line:
        line.sendall(REQUEST)
        assert line.recv(65536) == ANSWER
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    proxy.wait_until_quiet()
    assert len(behind.received) == 2


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
@pytest.mark.parametrize("with_reset", [False, True])
def test_a11_requests_repeats_nothing_by_itself_on_a_connection_that_is_dropped(
    proxy: Proxy, method: str, with_reset: bool
) -> None:
    proxy.for_ever = faults.drops_reused(with_reset=with_reset)
    failed = 0
    with requests.Session() as session:
        session.trust_env = False
        for number in range(6):
            try:
                session.request(method, f"{proxy.url}/{number}", timeout=5)
            except requests.ConnectionError:
                failed += 1
    paths = [request.split()[1] for request in proxy.requests]
    assert paths == [f"/{number}".encode() for number in range(6)]
    assert failed == len(proxy.dropped) == 2


def test_silence_lasts_until_the_client_has_enough(proxy: Proxy) -> None:
    proxy.plan.append(faults.stalls(lambda _: 3))
    with connected(proxy) as line:
        line.sendall(REQUEST)
        assert line.recv(65536) == ANSWER[:3]
        line.settimeout(0.05)
        with pytest.raises(TimeoutError):
            line.recv(1)
    proxy.wait_until_quiet()


def test_an_answer_is_rewritten_before_a_fault_sees_it(behind: Behind) -> None:
    with Proxy(("127.0.0.1", behind.server.port), rewrite=lambda _: Answer(b"head", b"body")) as proxy:
        assert exchanged(proxy, faults.cut(faults.after_the_last_byte, with_reset=False)) == b"headbody"


def test_what_goes_wrong_in_the_proxy_itself_is_no_fault(behind: Behind) -> None:
    def wrong(_line: Line) -> None:
        raise ZeroDivisionError

    with Proxy(("127.0.0.1", behind.server.port)) as proxy:
        exchanged(proxy, wrong)
    assert [type(failure) for failure in proxy.failures] == [ZeroDivisionError]


def test_a_server_that_gives_no_answer_is_no_fault_either() -> None:
    def hang_up(connection: socket.socket) -> None:
        connection.recv(65536)

    script: list[Play] = [hang_up]
    server = RawServer(*script)
    with Proxy(("127.0.0.1", server.port)) as proxy:
        exchanged(proxy, faults.does_and_ends(with_reset=False))
    assert [type(failure) for failure in proxy.failures] == [AssertionError]
    server.close()


def test_when_it_is_closed_no_thread_is_left(behind: Behind) -> None:
    before = set(threading.enumerate())  # one of another test may end meanwhile
    with Proxy(("127.0.0.1", behind.server.port)) as proxy, connected(proxy) as line:
        line.sendall(REQUEST)
        assert line.recv(65536) == ANSWER
        assert set(threading.enumerate()) - before
        proxy.close()
        assert line.recv(1) == b""
    assert set(threading.enumerate()) <= before


def test_bodies_are_spoilt_as_their_names_say() -> None:
    body = b'{"payload":{"a":1}}'
    assert json.loads(faults.with_member(b'"x":2')(body)) == {"x": 2, "payload": {"a": 1}}
    packed = faults.zipped(body)
    assert sum(a != b for a, b in zip(packed, faults.corrupt(packed), strict=True)) == 1
    assert len(faults.bomb(3_000_000)) < 10_000
    assert chunked(b"abc", b"d") == b"3\r\nabc\r\n1\r\nd\r\n"
    assert faults.half_in_chunks(body).startswith(b"9\r\n")
