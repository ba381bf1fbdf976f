"""A receiver as an application of WSGI and of ASGI: behind real servers, and fed piece by piece."""

import asyncio
import io
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.validate import validator

import pytest
import uvicorn
from fastapi import FastAPI
from flask import Flask, Response, request
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

from spshipping.clock import SystemClock
from spshipping.journal import MemoryJournal
from spshipping.shipping.webhooks import ApiKey, AsyncWebhookReceiver, QueryParameter, WebhookReceiver
from tests.unit.shipping.webhooks.build import ID, posted
from tests.webhooks.conftest import SECRET

MOST = 100_000
BODY = posted()


class Site:
    """A receiver, and where it is served."""

    def __init__(self, receiver: Any, log: Any, port: int, path: str) -> None:
        self.receiver = receiver
        self.log = log
        self.port = port
        self.path = path

    def send(self, *pieces: bytes, is_cut: bool = False) -> tuple[int, bytes]:
        """Send bytes as they are; return the status and the body of the answer, or 0 where there is none."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as line:
            with suppress(ConnectionError):  # the server need not read on once it has refused
                for piece in pieces:
                    line.sendall(piece)
                if is_cut:
                    line.shutdown(socket.SHUT_WR)
            data = b""
            with suppress(ConnectionError):
                while piece := line.recv(65536):
                    data += piece
        return (int(data.split(b" ", 2)[1]), data.partition(b"\r\n\r\n")[2]) if data else (0, b"")

    def head(self, *lines: str, secret: str = SECRET) -> bytes:
        """Return the head of a request."""
        lines = ("Host: shop", f"X-Api-Key: {secret}", "Connection: close", *lines)
        return "\r\n".join((f"POST {self.path} HTTP/1.1", *lines, "", "")).encode()

    def keys(self) -> list[str]:
        """Return the keys of what was written."""
        found = []
        while event := self.log.claim(60):
            found.append(event.key)
        return found


@contextmanager
def served_by_wsgi(app: Any) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.log = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def served_by_asgi(app: Any) -> Iterator[int]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="on"))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()
    listener.close()


def flask_app(receiver: WebhookReceiver) -> Flask:
    app = Flask(__name__)

    @app.post("/hook")
    def hook() -> Response:
        answer = receiver.handle(request.method, request.headers, request.query_string, request.stream)
        return Response(answer.body, answer.status, dict(answer.headers))

    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/mounted": receiver})  # type: ignore[method-assign]
    return app


@pytest.fixture(params=["wsgi", "flask", "flask view", "asgi", "fastapi"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    log = MemoryJournal(clock=SystemClock()).events()
    kind, path = request.param, "/"
    if kind in ("asgi", "fastapi"):
        receiver: Any = AsyncWebhookReceiver(log, ApiKey(SECRET), most_bytes=MOST)
        app: Any = receiver
        if kind == "fastapi":
            app, path = FastAPI(), "/mounted"
            app.mount(path, receiver)
        serve: Any = served_by_asgi
    else:
        receiver = WebhookReceiver(log, ApiKey(SECRET), most_bytes=MOST)
        app = receiver
        if kind.startswith("flask"):
            app, path = flask_app(receiver), "/mounted" if kind == "flask" else "/hook"
        serve = served_by_wsgi
    with serve(app) as port:
        yield Site(receiver, log, port, f"{path.rstrip('/')}/" if path != "/hook" else path)


def chunked(body: bytes, size: int) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def test_a_push_is_answered_once_it_is_written(site: Site) -> None:
    status, body = site.send(site.head(f"Content-Length: {len(BODY)}"), BODY)
    assert (status, json.loads(body)) == (200, {"status": "accepted"})
    assert site.keys() == [ID]


def test_a_push_in_chunks_is_read(site: Site) -> None:
    status, _ = site.send(site.head("Transfer-Encoding: chunked"), chunked(BODY, 7))
    assert status == 200
    assert site.keys() == [ID]


def test_without_the_secret_nothing_is_read(site: Site) -> None:
    # no byte of the body is sent: whoever waited for it would not answer
    status, _ = site.send(site.head("Content-Length: 1000", secret="no"))
    assert status == 401
    assert site.keys() == []


def test_what_is_too_large_is_refused_before_it_is_read(site: Site) -> None:
    status, _ = site.send(site.head(f"Content-Length: {MOST + 1}"))
    assert status == 413
    status, _ = site.send(site.head("Transfer-Encoding: chunked"), chunked(b"x" * (MOST + 1), 5000))
    assert status == 413
    assert site.keys() == []


def test_a_body_that_ends_early_is_not_written(site: Site) -> None:
    status, _ = site.send(site.head(f"Content-Length: {len(BODY) + 1}"), BODY, is_cut=True)
    assert status in (0, 400)
    assert site.keys() == []
    assert list(site.log.quarantined()) == []


def test_more_than_was_announced_is_not_read(site: Site) -> None:
    status, _ = site.send(site.head("Content-Length: 2"), b"{}" + BODY)
    assert status == 200
    (key,) = site.keys()
    assert key.startswith("sha256:")


def environ_of(body: bytes, **more: Any) -> dict[str, Any]:
    made = {
        "REQUEST_METHOD": "POST",
        "QUERY_STRING": "",
        "HTTP_X_API_KEY": SECRET,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **more,
    }
    return {name: value for name, value in made.items() if value is not None}


def called(receiver: WebhookReceiver, environ: dict[str, Any]) -> int:
    statuses: list[str] = []
    receiver(environ, lambda status, headers: statuses.append(status))
    return int(statuses[0].split()[0])


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"CONTENT_LENGTH": None, "wsgi.input_terminated": True}, 200),
        ({"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}, 400),
        ({"CONTENT_LENGTH": "x"}, 400),
        ({"CONTENT_LENGTH": "x", "HTTP_CONTENT_LENGTH": "x"}, 400),
        ({"QUERY_STRING": None}, 200),
        ({"HTTP_X_API_KEY": None}, 401),
    ],
)
def test_what_a_wsgi_server_does_not_say_is_not_assumed(more: dict[str, Any], status: int) -> None:
    log = MemoryJournal().events()
    receiver = WebhookReceiver(log, ApiKey(SECRET))
    assert called(receiver, environ_of(BODY, **more)) == status
    assert (log.claim(60) is not None) is (status == 200)


def test_a_wsgi_request_without_a_body_has_none() -> None:
    log = MemoryJournal().events()
    receiver = WebhookReceiver(log, QueryParameter(SECRET, name="token"))
    environ = environ_of(BODY, CONTENT_LENGTH=None, QUERY_STRING="token=qZwebhookQuoll%2B91")
    assert called(receiver, environ) == 200
    assert [event.personal for event in log.quarantined()] == [""]


def test_the_application_keeps_to_wsgi() -> None:
    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: Any) -> None: ...

    log = MemoryJournal().events()
    app = validator(WebhookReceiver(log, ApiKey(SECRET)))
    server = WSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(app)
    thread = threading.Thread(target=server.handle_request, daemon=True)
    thread.start()
    site = Site(None, log, server.server_port, "/")
    status, _ = site.send(site.head(f"Content-Length: {len(BODY)}"), BODY)
    thread.join()
    server.server_close()
    assert status == 200
    assert site.keys() == [ID]


def asked(receiver: AsyncWebhookReceiver, scope: dict[str, Any], *messages: dict[str, Any]) -> list[Any]:
    """Return what an ASGI application sends."""
    waiting, sent = list(messages), []

    async def receive() -> Any:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(receiver(scope, receive, send))
    return sent


SCOPE = {
    "type": "http",
    "method": "POST",
    "query_string": b"",
    "headers": [(b"x-api-key", SECRET.encode())],
}


def test_a_client_that_has_gone_leaves_nothing() -> None:
    log = MemoryJournal().events()
    receiver = AsyncWebhookReceiver(log, ApiKey(SECRET))
    half = {"type": "http.request", "body": BODY[:10], "more_body": True}
    start, _ = asked(receiver, SCOPE, half, {"type": "http.disconnect"})
    assert start["status"] == 400
    assert log.claim(60) is None


def test_an_asgi_server_says_when_it_begins_and_ends() -> None:
    receiver = AsyncWebhookReceiver(MemoryJournal().events(), ApiKey(SECRET))
    messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent = asked(receiver, {"type": "lifespan"}, *messages)
    assert [message["type"] for message in sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    (start, body) = asked(receiver, SCOPE, {"type": "http.request", "body": BODY})
    assert start["status"] == 200, "it can be used again"
    assert json.loads(body["body"]) == {"status": "accepted"}
    assert asked(receiver, {"type": "websocket"}) == []


class SlowLog:
    """A log that takes its time."""

    keeps_personal = True

    def __init__(self, log: Any) -> None:
        self._log = log
        self.may_go_on = threading.Event()
        self.is_used = threading.Event()

    def append(self, event: Any) -> Any:
        self.is_used.set()
        assert self.may_go_on.wait(10)
        return self._log.append(event)


def test_a_slow_journal_holds_up_no_event_loop() -> None:
    log = SlowLog(MemoryJournal().events())
    receiver = AsyncWebhookReceiver(log, ApiKey(SECRET))  # type: ignore[arg-type]

    async def serve() -> int:
        task = asyncio.ensure_future(receiver.handle("POST", {"x-api-key": SECRET}, "", BODY))
        while not log.is_used.is_set():
            await asyncio.sleep(0)
        log.may_go_on.set()  # only a loop that goes on gets here
        return (await task).status

    assert asyncio.run(serve()) == 200


def test_loading_the_receiver_for_threads_loads_no_asyncio() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from spshipping.shipping.webhooks import WebhookReceiver, ApiKey;"
        "from spshipping.journal import MemoryJournal;"
        "WebhookReceiver(MemoryJournal().events(), ApiKey('x'));"
        "print([name for name in ('asyncio', 'aiohttp', 'werkzeug') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
