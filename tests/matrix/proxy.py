"""A proxy that goes wrong on request: it stands before a server and deals each request its fault."""

import contextlib
import selectors
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import NamedTuple, Self

_PIECE = 64 * 1024
_RESET = struct.pack("ii", 1, 0)
_HEAD_ENDS = b"\r\n\r\n"


class HungUp(ConnectionError):  # noqa: N818 - no fault of the proxy
    """The client ended the line; what was to be said is of no use any more."""


class Answer(NamedTuple):
    """One HTTP answer as it travels: everything up to the empty line, and what comes after it."""

    head: bytes
    body: bytes

    @property
    def whole(self) -> bytes:
        return self.head + self.body


class Line:
    """One connection of a client, as a fault sees it. Requests are read one at a time, and whole."""

    def __init__(self, client: socket.socket, upstream: tuple[str, int], proxy: "Proxy") -> None:
        self.client = client
        self.is_open = True
        self.request = b""
        self.requests_read = 0
        """How many requests came on this connection; from the second on, the connection is reused."""
        self._upstream = upstream
        self._proxy = proxy

    def read_request(self) -> None:
        """Read the next request, headers and body, and note it.

        Raises:
            HungUp: there is none.
        """
        head, body = self.read_head()
        self.request = head + _exactly(self.client, _length_of(head), body)
        self.requests_read += 1
        self._proxy.requests.append(self.request)

    def read_head(self) -> tuple[bytes, bytes]:
        """Read the headers of the next request, and what happens to come with them."""
        return _until_empty_line(self.client)

    def ask(self) -> Answer:
        """Let the server behind carry the request out, and return its answer without passing it on."""
        with socket.create_connection(self._upstream, timeout=5) as server:
            server.sendall(self.request)
            try:
                head, body = _until_empty_line(server)
                body = _exactly(server, _length_of(head), body)
            except HungUp:
                raise AssertionError("the server behind the proxy gave no whole answer") from None
        return self._proxy.rewrite(Answer(head, body))

    def say(self, *parts: bytes) -> None:
        """Send bytes to the client, each part by itself.

        Raises:
            HungUp: the client does not listen any more.
        """
        for part in parts:
            try:
                self.client.sendall(part)
            except OSError as error:
                raise HungUp from error

    def end(self, *, with_reset: bool = False) -> None:
        """End the line: with a plain end of stream (FIN), or with a reset (RST)."""
        self.is_open = False
        if with_reset:
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.client.close()

    def drop(self, *, with_reset: bool) -> None:
        """Close the connection instead of answering the request that was read, and count it."""
        self._proxy.dropped.append(self.request)
        self.end(with_reset=with_reset)

    def has_request(self, seconds: float | None) -> bool:
        """Wait for the first byte of the next request, which is not read; for at most so many seconds.

        Raises:
            HungUp: the client closed the connection.
        """
        self.client.settimeout(seconds)
        try:
            if not self.client.recv(1, socket.MSG_PEEK):
                raise HungUp
        except TimeoutError:
            return False
        except ConnectionError as error:
            raise HungUp from error
        finally:
            self.client.settimeout(None)
        return True

    def end_unread(self, *, with_reset: bool = False) -> None:
        """Close the connection while a request is on its way: with a FIN, or with a reset.

        Bytes that arrive after the FIN are read and dropped, since closing with unread bytes sends a reset.
        """
        if not with_reset:
            self.client.shutdown(socket.SHUT_WR)
            with contextlib.suppress(HungUp):
                self.wait_for_end()
        self.end(with_reset=with_reset)

    def garble(self) -> None:
        """Send what is no TLS record on a line that has been speaking TLS, and end it."""
        self.is_open = False
        with socket.socket(fileno=self.client.detach()) as plain:
            plain.sendall(b"this is no TLS record at all, and long enough to be taken for one")

    def wait_for_end(self) -> None:
        """Say nothing until the client hangs up.

        Raises:
            HungUp: it has.
        """
        while True:
            _received(self.client)


Fault = Callable[[Line], None]
"""Deals with one request that was read, in place of passing it on; or with a connection before any is."""


def passed_on(line: Line) -> None:
    """Do what a proxy does when nothing goes wrong."""
    line.say(line.ask().whole)


class Proxy:
    """Listens on a port of its own, and passes requests on to *upstream*; `with Proxy(...) as proxy:`.

    `plan` holds the faults of the next requests, one for each; `for_ever` is that of all others.
    `at_once` and `for_ever_at_once` strike connections before a request is read from them.
    """

    def __init__(
        self,
        upstream: tuple[str, int],
        *,
        tls: ssl.SSLContext | None = None,
        rewrite: Callable[[Answer], Answer] = lambda answer: answer,
        is_listening: bool = True,
    ) -> None:
        self.plan: deque[Fault] = deque()
        self.at_once: deque[Fault] = deque()
        self.for_ever: Fault = passed_on
        self.for_ever_at_once: Fault | None = None
        self.requests: list[bytes] = []
        """What was read, whole requests only."""
        self.dropped: list[bytes] = []
        """The requests of these that were neither passed on nor answered."""
        self.connections = 0
        self.failures: list[BaseException] = []
        """What went wrong in the proxy itself: a test that finds any is void."""
        self.rewrite = rewrite
        self._upstream = upstream
        self._tls = tls
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, socket.socket] = {}
        self._stop, self._stopped = socket.socketpair()
        self._listener = socket.socket()
        # bound and not listening: the port is ours, and refuses everybody
        self._listener.bind(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"https://localhost:{self.port}" if tls else f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._is_listening = False
        if is_listening:
            self.listen()

    def listen(self) -> None:
        """Begin to accept connections; before that they are refused."""
        if not self._is_listening:
            self._is_listening = True
            self._listener.listen(64)
            self._thread.start()

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        self.plan.clear()
        self.at_once.clear()
        self.for_ever, self.for_ever_at_once = passed_on, None
        self.listen()

    def end_idle_lines(self, *, with_reset: bool = False) -> None:
        """End every connection that is open now, and return when all have ended."""
        for client in self._lines().values():
            if with_reset:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            # its thread stops reading, and then closes it: while one reads, no reset goes out
            client.shutdown(socket.SHUT_RD)
        self.wait_until_quiet()

    def wait_until_quiet(self) -> None:
        """Return when every connection has ended and whatever was on its way has been carried out."""
        for thread in self._lines():
            thread.join(5)
            assert not thread.is_alive()

    def catch_up(self) -> None:
        """Return when all connections that were given up so far have met their fault: this may lag behind."""
        with socket.create_connection(("127.0.0.1", self.port)) as last:  # they are accepted in their order
            last.shutdown(socket.SHUT_WR)
            assert last.recv(1) == b""
        self.wait_until_quiet()

    @property
    def open_lines(self) -> int:
        """How many connections are open now; a short while after its end, one may still be counted."""
        return len(self._lines())

    def _lines(self) -> dict[threading.Thread, socket.socket]:
        with self._lock:
            return dict(self._open)

    def _accept(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._stopped, selectors.EVENT_READ)
            while all(key.fileobj is self._listener for key, _ in selector.select()):
                client, _ = self._listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
                with self._lock:
                    self.connections += 1
                    self._open[thread] = client
                thread.start()

    def _serve(self, client: socket.socket) -> None:
        try:
            with contextlib.suppress(HungUp, ssl.SSLError):
                if self._tls:
                    client = self._tls.wrap_socket(client, server_side=True)
                    with self._lock:
                        self._open[threading.current_thread()] = client
                self._converse(Line(client, self._upstream, self))
        except BaseException as error:
            self.failures.append(error)
        finally:
            client.close()
            with self._lock:
                del self._open[threading.current_thread()]

    def _converse(self, line: Line) -> None:
        at_once = self.at_once.popleft() if self.at_once else self.for_ever_at_once
        if at_once:
            at_once(line)
        while line.is_open:
            line.read_request()
            fault = self.plan.popleft() if self.plan else self.for_ever
            fault(line)

    def close(self) -> None:
        """End every line; no socket and no thread is left."""
        self._stop.close()
        if self._is_listening:
            self._thread.join(5)
        self._stopped.close()
        self._listener.close()
        for client in self._lines().values():
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        self.wait_until_quiet()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _until_empty_line(peer: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while _HEAD_ENDS not in data:
        data += _received(peer)
    head, _, rest = data.partition(_HEAD_ENDS)
    return head + _HEAD_ENDS, rest


def _exactly(peer: socket.socket, length: int, data: bytes) -> bytes:
    while len(data) < length:
        data += _received(peer)
    return data


def _received(peer: socket.socket) -> bytes:
    try:
        piece = peer.recv(_PIECE)
    except OSError:
        piece = b""
    if not piece:
        raise HungUp
    return piece


def _length_of(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return sum(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:"))


def spoken(body: bytes, *headers: str, status: str = "200 OK", length: int | str | None = None) -> bytes:
    """Write an answer by hand; without *length*, with the right one; with "", without any."""
    announced = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}"]
    if announced != "":
        lines.append(f"Content-Length: {announced}")
    return "\r\n".join([*lines, *headers, "", ""]).encode("latin-1") + body


def chunked(*pieces: bytes) -> bytes:
    """Write the chunks of a body, without the last, empty one."""
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


def all_of(faults: Iterable[Fault]) -> Fault:
    """Make one fault of several, one after the other."""
    steps = tuple(faults)

    def fault(line: Line) -> None:
        for step in steps:
            step(line)

    return fault
