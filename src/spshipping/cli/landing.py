"""Waits on this machine for a browser that comes back from a consent page."""

import hmac
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from spshipping.errors import ConfigurationError
from spshipping.secret import Secret

_PAGE = b"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>spshipping</title>
<p>Go back to the terminal, which shows the result. You may close this page.</p></html>
"""


class Landing:
    """Listens on loopback in a `with` block, and returns the redirect of the browser."""

    def __init__(self, port: int, path: str = "/") -> None:
        """Listen.

        Args:
            port: 0 means any that is free.
            path: of the redirect; others are not found.

        Raises:
            ConfigurationError: the port is in use, or may not be used.
        """
        self._received: SimpleQueue[str] = SimpleQueue()
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(path, self._received))
        except (OSError, OverflowError):
            raise ConfigurationError(
                f"cannot listen on 127.0.0.1:{port}: choose another port, or paste the address"
            ) from None
        self.url: str = f"http://127.0.0.1:{self._server.server_port}{path}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def wait(self, state: str, seconds: float) -> Secret | None:
        """Return the address of the redirect with *state*; None if there was none within *seconds*."""
        ends_at = time.monotonic() + seconds
        while True:
            try:
                address = self._received.get(timeout=max(0.0, ends_at - time.monotonic()))
            except Empty:
                return None
            # any program on this machine can send a request
            (given,) = parse_qs(urlsplit(address).query).get("state", [""])[:1]
            if hmac.compare_digest(given.encode(), state.encode()):
                return Secret(address)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(path: str, received: "SimpleQueue[str]") -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5  # seconds: browsers open connections that they do not use

        def do_GET(self) -> None:
            """Keep the address, and respond with a page that does not show it."""
            is_here = self.path.partition("?")[0] == path
            self.send_response(200 if is_here else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(_PAGE)))
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(_PAGE)
            if is_here:
                received.put(self.path)

        def log_message(self, format: str, *args: Any) -> None:
            """Log nothing: the address holds the code."""

    return Handler
