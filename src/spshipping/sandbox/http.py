"""The HTTP server: connections that are kept open, and closed where a fault says so."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from typing import IO, Any, cast

from werkzeug import Request
from werkzeug.exceptions import NotFound
from werkzeug.serving import DechunkedInput, ThreadedWSGIServer, WSGIRequestHandler

from spshipping.sandbox.clock import SandboxClock
from spshipping.sandbox.dispatch import TARGET
from spshipping.sandbox.faults import Sent
from spshipping.sandbox.responses import html_response
from spshipping.sandbox.validation import MAX_BODY

_PIECE = 64 * 1024
_RESET = struct.pack("ii", 1, 0)

Respond = Callable[[Request, bytes, int], Sent]
Connect = Callable[[str], ssl.SSLContext | str]
"""Returns the TLS for the other end of a tunnel to `host:port`; or in a few words why there is none."""


ONLY_TUNNELS = "this proxy opens tunnels for https only, with CONNECT"
"""Why a request for a plain http address is refused where there are tunnels."""


class Connection(WSGIRequestHandler):
    """One connection."""

    server: "Server"
    close_connection: bool
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Number the connection."""
        super().setup()
        self._number = next(self.server.numbers)

    def handle(self) -> None:
        """Answer requests until one side closes the connection, or what comes is no TLS."""
        with suppress(ssl.SSLError):
            super().handle()

    def run_wsgi(self) -> None:
        """Answer one request."""
        if self.server.connect and (self.command == "CONNECT" or not self.path.startswith("/")):
            self.close_connection = True
            self._open_tunnel(self.server.connect)
            return
        try:
            body = self._read_body()
        except ValueError:
            self.close_connection = True
            self._send(Sent(html_response(400, "Bad Request")))
            return
        environ = {**self.make_environ(), TARGET: self.raw_requestline.split()[1]}
        self._send(self.server.respond(Request(environ), body, self._number))

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log nothing."""

    def _open_tunnel(self, connect: Connect) -> None:
        """Answer CONNECT; what comes through the tunnel is served as a connection of its own."""
        if isinstance(self.connection, ssl.SSLSocket):
            found: ssl.SSLContext | str = "this is the end of a tunnel, and no proxy"
        else:
            found = connect(self.path) if self.command == "CONNECT" else ONLY_TUNNELS
        if isinstance(found, str):
            # most clients show nothing but the status line
            head = f"HTTP/1.1 403 {found}\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
            self.wfile.write(f"{head}{found}\n".encode("ascii"))
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        # the handshake follows with the first read, in the thread of the new connection
        inner = found.wrap_socket(self.connection, server_side=True, do_handshake_on_connect=False)
        self.server.process_request(inner, self.client_address)

    def _read_body(self) -> bytes:
        """Read the whole body, and keep one byte more of it than is allowed."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._read_chunks()
        text = self.headers.get("Content-Length", "0")
        if not (text.isascii() and text.isdigit()):
            raise ValueError("no length")
        kept, left = b"", int(text)
        while left:
            piece = self.rfile.read(min(left, _PIECE))
            if not piece:
                raise ConnectionError("the client closed the connection")
            left -= len(piece)
            kept += piece[: MAX_BODY + 1 - len(kept)]
        return kept

    def _read_chunks(self) -> bytes:
        chunks, kept = DechunkedInput(cast(IO[bytes], self.rfile)), b""
        try:
            while piece := chunks.read(_PIECE):
                kept += piece[: MAX_BODY + 1 - len(kept)]
        except OSError:
            raise ValueError("broken chunks") from None
        return kept

    def _send(self, sent: Sent) -> None:
        head = body = b""
        if sent.response:
            head = sent.response.head(self.server.clock.now(), is_last=self.close_connection)
            body = b"" if self.command == "HEAD" else sent.response.body
        self.server.closing.wait(sent.pause)
        if sent.cut is None:
            self.wfile.write(head + body)
            return
        self.wfile.write((head + body)[: sent.cut(len(head), len(body))])
        self.close_connection = True
        if sent.reset:
            self.server.reset_at_end(self.connection)


class Server(ThreadedWSGIServer):
    """A threaded server; closing it ends all of its connections."""

    def __init__(self, host: str, port: int, respond: Respond, clock: SandboxClock) -> None:
        self.respond = respond
        self.connect: Connect | None = None
        """Whether and where there are tunnels; None for none, and CONNECT is a request like any other."""
        self.clock = clock
        self.closing: threading.Event = threading.Event()
        self.numbers: Iterator[int] = count(1)
        self._open: dict[threading.Thread, socket.socket] = {}
        self._reset_at_end: set[socket.socket] = set()
        self._lock = threading.Lock()
        with socket.create_server((host, port), backlog=128) as listener:
            super().__init__(host, port, NotFound(), Connection, fd=listener.fileno())

    def process_request(self, request: Any, client_address: Any) -> None:
        """Start a thread for the connection; a server that is being stopped closes it."""
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        with self._lock:
            if self.closing.is_set():
                request.close()
                return
            self._open[thread] = request
            thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve the connection until one side closes it."""
        super().process_request_thread(request, client_address)
        with self._lock:
            del self._open[threading.current_thread()]

    def reset_at_end(self, connection: socket.socket) -> None:
        """Close *connection* with a reset when its thread ends."""
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        with self._lock:
            self._reset_at_end.add(connection)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection, with a reset where one was requested."""
        with self._lock:
            is_reset_at_end = request in self._reset_at_end
            self._reset_at_end.discard(request)
        if is_reset_at_end:
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def stop(self) -> None:
        """Stop serving, and close every connection."""
        self.closing.set()
        self.shutdown()
        self.server_close()
        with self._lock:
            still_open = dict(self._open)
        for connection in still_open.values():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in still_open:
            thread.join()
