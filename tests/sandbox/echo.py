"""A server that answers each request with what was asked, and counts connections."""

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

TOKEN_PATH = "/auth/o2/token"
_TOKEN = json.dumps({"access_token": "Atza|echo", "expires_in": 3600}).encode()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0


class _Line(BaseRequestHandler):
    """One connection, for as long as the client keeps it."""

    request: socket
    server: "Echo"

    def handle(self) -> None:
        with self.server.lock:
            self.server.number += 1
            number = self.server.number
            self.server.served[number] = 0
        data = b""
        while True:
            while b"\r\n\r\n" not in data:
                piece = self.request.recv(65536)
                if not piece:
                    return
                data += piece
            head, _, data = data.partition(b"\r\n\r\n")
            length = _length(head)
            while len(data) < length:
                data += self.request.recv(65536)
            body, data = data[:length], data[length:]
            with self.server.lock:
                self.server.served[number] += 1
            self.request.sendall(self.server.reply(head.split()[1].decode(), body))

    def finish(self) -> None:
        with self.server.lock:
            self.server.ended += 1
            self.server.changed.notify_all()


class Echo(ThreadingTCPServer):
    """Answers with the target and the body of each request."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.changed = threading.Condition(self.lock)
        self.number = 0
        self.ended = 0
        self.served: Counter[int] = Counter()
        """How many requests each connection brought."""
        self.meanwhile: Callable[[str], object] = lambda target: None
        """Is done before each answer."""
        super().__init__(("127.0.0.1", 0), _Line)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def reply(self, target: str, body: bytes) -> bytes:
        self.meanwhile(target)
        content = _TOKEN if target == TOKEN_PATH else target.encode() + b"|" + body
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(content), content)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Bear with clients that hang up."""

    def await_end_of_all(self) -> None:
        """Wait until every connection there was has been closed."""
        with self.lock:
            assert self.changed.wait_for(lambda: self.ended == self.number, timeout=10)


@contextmanager
def echoing() -> Iterator[Echo]:
    """Run the server in this process."""
    with Echo() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def echoing_elsewhere() -> Iterator[str]:
    """Run the server in a process of its own, and give its URL."""
    command = [sys.executable, "-m", __name__]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().decode().strip()
        finally:
            process.kill()


if __name__ == "__main__":
    with Echo() as echo:
        sys.stdout.write(f"{echo.url}\n")
        sys.stdout.flush()
        echo.serve_forever()
