"""A proxy that opens tunnels (HTTP CONNECT), and can break those that are idle."""

import contextlib
import select
import socket
import struct
import threading
from types import TracebackType
from typing import Self

_PIECE = 64 * 1024
_RESET = struct.pack("ii", 1, 0)


class _Pair:
    """The two ends of one tunnel."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client, self.server = client, server
        self.is_broken, self.with_reset = False, False

    def carry(self) -> bool:
        """Carry bytes both ways until one end closes, or the client sends on a broken tunnel: then True."""
        ends = {self.client: self.server, self.server: self.client}
        while True:
            for source in select.select(list(ends), [], [])[0]:
                if source is self.client and self.is_broken:
                    self._end()
                    return True
                data = source.recv(_PIECE)
                if not data:
                    return False
                ends[source].sendall(data)

    def _end(self) -> None:
        """Close while a request is on its way; with a FIN, what is unread is read first."""
        if self.with_reset:
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            return
        self.client.shutdown(socket.SHUT_WR)
        while self.client.recv(_PIECE):
            pass


class Tunnels:
    """Listens on a port of its own; each CONNECT, to whatever host, opens a tunnel to *port*."""

    def __init__(self, port: int) -> None:
        self.opened = 0
        self.broken = 0
        """How many tunnels were closed while a request was on its way."""
        self._port = port
        self._pairs: list[_Pair] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def break_open_ones(self, *, with_reset: bool) -> None:
        """Close each tunnel that is open now as soon as the client sends something more."""
        for pair in list(self._pairs):
            pair.with_reset = with_reset
            pair.is_broken = True

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(_PIECE)
            assert head.startswith(b"CONNECT ")
            with socket.create_connection(("127.0.0.1", self._port)) as server:
                pair = _Pair(client, server)
                self._pairs.append(pair)
                self.opened += 1
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                try:
                    self.broken += pair.carry()
                finally:
                    self._pairs.remove(pair)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in (self._acceptor, *self._threads):
            thread.join(10)
            assert not thread.is_alive()
