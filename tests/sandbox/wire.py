"""A server that plays a script on raw sockets: what a peer does that no HTTP library would."""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator

Play = Callable[[socket.socket], None]


class RawServer:
    """Accepts connections one after another; each is handed to the next part of the script."""

    def __init__(self, *script: Play, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[bytes] = []
        self.ended = threading.Semaphore(0)
        """Released whenever a connection has been closed."""
        self._script = list(script)
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://localhost:{self.port}"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        for play in self._script:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError):
                if self._tls:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                play(connection)
            connection.close()
            self.ended.release()

    def read_request(self, connection: socket.socket) -> bytes:
        """Read one request, headers and body."""
        data = b""
        while b"\r\n\r\n" not in data:
            chunk = connection.recv(65536)
            if not chunk:
                return data
            data += chunk
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        while len(body) < length:
            body += connection.recv(65536)
        self.received.append(head + b"\r\n\r\n" + body)
        return data

    def close(self) -> None:
        self._listener.close()


@contextlib.contextmanager
def playing(
    make: Callable[[Callable[[socket.socket], bytes]], list[Play]], tls: ssl.SSLContext | None = None
) -> Iterator[RawServer]:
    """Run a server whose script is made with the means to read a request."""
    holder: list[RawServer] = []

    def read(connection: socket.socket) -> bytes:
        return holder[0].read_request(connection)

    server = RawServer(*make(read), tls=tls)
    holder.append(server)
    try:
        yield server
    finally:
        server.close()


def reset(connection: socket.socket) -> None:
    """Close so that the peer sees a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def response(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """Write a response by hand."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Length: {len(body) if length is None else length}",
        *headers,
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + body


def exchanged(where: tuple[str, int], request: bytes) -> bytes:
    """Send a request by hand, and return every byte that comes until the other side ends the line."""
    with socket.create_connection(where, timeout=5) as line:
        line.sendall(request)
        data = b""
        while piece := line.recv(65536):
            data += piece
    return data
