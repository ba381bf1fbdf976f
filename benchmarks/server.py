"""A server of canned answers in a process of its own: no cost of the other side in a client's CPU time."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.samples import ANSWERS, answer

LATE_SECONDS = 0.02
TOKEN_PATH = "/auth/o2/token"
TRACKING_PATH = "/shipping/v2/tracking"


def http(body: bytes) -> bytes:
    """Return a success with this body, as Amazon frames it."""
    head = (
        "HTTP/1.1 200 OK\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Date: Sat, 31 Jan 2026 09:30:00 GMT\r\n"
        "x-amzn-RequestId: 5a1b2c3d-0000-4000-8000-0123456789ab\r\n"
        "x-amzn-RateLimit-Limit: 80.0\r\n"
        "Connection: keep-alive\r\n\r\n"
    )
    return head.encode() + body


_TOKEN = http(json.dumps({"access_token": "Atza|benchmark", "expires_in": 3600}).encode())
_TRACKING = http(b'{"payload":' + answer(ANSWERS["getTracking"]) + b"}")


class Canned(asyncio.Protocol):
    """Answers by the verb alone: POST is a sign-in, GET is tracking."""

    _write: Callable[[bytes], object]

    def answer(self, head: bytes) -> bytes:  # noqa: ARG002 - for a server of more
        """Return the answer to a GET with this head."""
        return _TRACKING

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._write = transport.write
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end].lower()
            start = head.find(b"content-length:")
            size = int(head[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
            if len(self._received) < end + 4 + size:
                return
            self._received = self._received[end + 4 + size :]
            self._write(_TOKEN if head.startswith(b"post") else self.answer(head))


class Late(Canned):
    """Answers as late as Amazon's nearest server at best does."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        super().connection_made(transport)
        later = asyncio.get_running_loop().call_later
        self._write = lambda answer: later(LATE_SECONDS, transport.write, answer)


async def serve(protocol: type[Canned]) -> None:
    """Serve on a free port, and print which."""
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextlib.contextmanager
def canned(module: str = "benchmarks.server", *, is_late: bool = False) -> Iterator[str]:
    """Run the server of *module*, and give its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *(["late"] if is_late else [])],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    asyncio.run(serve(Late if "late" in sys.argv else Canned))
