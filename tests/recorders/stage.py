"""What the tests of recorders share: a server that counts, and both clients behind one interface."""

import asyncio
import gzip
import json
import ssl
import threading
from collections.abc import Coroutine, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, TypeVar, Unpack

from spshipping import AsyncClient, Client, Credentials, Marketplace
from spshipping.auth.cache import TokenCache
from spshipping.operation import Call, Effect, Operation, Quota
from spshipping.options import CommonOptions
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.aio import AiohttpTransport
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.transport.retry import RetryPolicy

T = TypeVar("T")

TOKEN_PATH = "/auth/o2/token"
TOKEN = {"access_token": "Atza|recorded", "token_type": "bearer", "expires_in": 3600}
PATIENT = Limits(connect=10.0, read=10.0, ends_at=1e12)
WORD = Operation(
    "getWord", "GET /word", returns=dict[str, Any], quota=Quota(1e6, burst=10**6), effect=Effect.NONE
)
BUY = Operation("buy", "POST /buy", returns=dict[str, Any], quota=Quota(1e6, burst=10**6), effect=Effect.ONCE)


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Origin"

    def do_GET(self) -> None:
        self._answer({"word": self.server.count(self.path)})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        number = self.server.count(self.path)
        self._answer(TOKEN if self.path == TOKEN_PATH else {"word": number})

    def _answer(self, value: object) -> None:
        body = json.dumps(value).encode()
        is_gzip = "gzip" in self.headers.get("Accept-Encoding", "")
        if is_gzip:
            body = gzip.compress(body)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if is_gzip:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("x-amzn-RequestId", "recorded")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Origin(ThreadingHTTPServer):
    """Answers sign-ins with a token, and everything else with the number of the request."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.paths: list[str] = []
        """The path of each request that got here."""
        self.url = f"{'https' if tls else 'http'}://localhost:{self.server_port}"
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def count(self, path: str) -> int:
        """Note a request; return its number."""
        self.paths.append(path)
        return len(self.paths)

    def handle_error(self, *_: object) -> None:
        """Say nothing of connections that clients leave."""

    def end(self) -> None:
        """Stop serving."""
        self.shutdown()
        self.server_close()


class Stage(Protocol):
    """One of the two clients, and how its calls are run."""

    def client(self, url: str, **options: Unpack[CommonOptions]) -> Any:
        """Make a client that signs in and calls at *url*, and shares no tokens."""
        ...

    def call(self, client: Any, call: Call[T]) -> T:
        """Return the value of a call."""
        ...

    def call_all(self, client: Any, calls: Sequence[Call[T]]) -> list[T]:
        """Return the values of calls that are sent side by side."""
        ...

    def exchange(self, request: HttpRequest, ca_bundle: str | None = None) -> HttpResponse | HttpFailure:
        """Send a request by the usual transport."""
        ...

    def close(self) -> None:
        """Close all clients that were made."""
        ...


def _options(url: str, options: CommonOptions) -> CommonOptions:
    defaults: CommonOptions = {
        "endpoint": url,
        "token_url": url + TOKEN_PATH,
        "token_cache": TokenCache(),
        "retry": RetryPolicy(attempts=1),
    }
    return {**defaults, **options}


def _credentials() -> Credentials:
    return Credentials("client", "secret", "refresh")


class OverRequests:
    """`Client`."""

    def __init__(self) -> None:
        self._clients: list[Client] = []

    def client(self, url: str, **options: Unpack[CommonOptions]) -> Client:
        """Make a client."""
        made = Client(_credentials(), Marketplace.UK, **_options(url, options))
        self._clients.append(made)
        return made

    def call(self, client: Client, call: Call[T]) -> T:
        """Return the value of a call."""
        return client.send(call).value

    def call_all(self, client: Client, calls: Sequence[Call[T]]) -> list[T]:
        """Return the values of calls that are sent side by side."""
        return [each.reply.value for each in client.map(lambda call: call, calls) if each.reply]

    def exchange(self, request: HttpRequest, ca_bundle: str | None = None) -> HttpResponse | HttpFailure:
        """Send a request by the usual transport."""
        transport = RequestsTransport(ca_bundle=ca_bundle)
        try:
            return transport.exchange(request, PATIENT)
        finally:
            transport.close()

    def close(self) -> None:
        """Close all clients that were made."""
        for client in self._clients:
            client.close()


class OverAiohttp:
    """`AsyncClient`, on one event loop."""

    def __init__(self) -> None:
        self._clients: list[AsyncClient] = []
        self._runner = asyncio.Runner()

    def client(self, url: str, **options: Unpack[CommonOptions]) -> AsyncClient:
        """Make a client."""
        made = AsyncClient(_credentials(), Marketplace.UK, **_options(url, options))
        self._clients.append(made)
        return made

    def call(self, client: AsyncClient, call: Call[T]) -> T:
        """Return the value of a call."""
        return self.run(client.send(call)).value

    def call_all(self, client: AsyncClient, calls: Sequence[Call[T]]) -> list[T]:
        """Return the values of calls that are sent side by side."""

        async def all_values() -> list[T]:
            async with client.map(lambda call: call, calls) as results:
                return [each.reply.value async for each in results if each.reply]

        return self.run(all_values())

    def exchange(self, request: HttpRequest, ca_bundle: str | None = None) -> HttpResponse | HttpFailure:
        """Send a request by the usual transport."""

        async def once() -> HttpResponse | HttpFailure:
            transport = AiohttpTransport(ca_bundle=ca_bundle)
            try:
                return await transport.exchange(request, PATIENT)
            finally:
                await transport.close()

        return self.run(once())

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop of this stage."""
        return self._runner.run(coroutine)

    def close(self) -> None:
        """Close all clients that were made, and the loop."""
        for client in self._clients:
            self.run(client.close())
        self._runner.close()
