"""A client over real sockets that signs in without any, and servers that play a script for it."""

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any, Unpack

from spshipping import Call, Client, Effect, Operation, Quota, RetryPolicy, SpShippingError
from spshipping.client import ClientOptions
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.transport.network import DEFAULT_MAX_BYTES
from tests.kit import FakeClock, ScriptedTransport, answer, client_of
from tests.sandbox.wire import Play, RawServer, playing, reset
from tests.sandbox.wire import response as kept_alive
from tests.unit.samples import BUY, GRAB, LOOK, Gift, Wish

Reader = Callable[[socket.socket], bytes]
Part = bytes | Callable[[socket.socket], None]
"""What a server does once it has read a request: send bytes, or anything else."""

GIFT = b'{"giftId":"1"}'


def response(body: bytes, *headers: str, **more: Any) -> bytes:
    """Write a response by hand, the last one on its connection: so that no client takes that up again."""
    return kept_alive(body, "Connection: close", *headers, **more)


GOOD = response(GIFT, "x-amzn-RequestId: good")
HALT = Operation(
    "halt", "PUT /gifts/{giftId}/halt", returns=Gift, quota=Quota(2.0, 10), effect=Effect.IDEMPOTENT
)
CALLS: dict[str, Call[Any]] = {
    "asks": LOOK(path={"giftId": "1"}),
    "keyed": BUY(body=Wish(text="x")),
    "once": GRAB(body=Wish(text="x")),
    "harmless": HALT(path={"giftId": "1"}),
}
"""One call of each effect."""


class Line(RequestsTransport):
    """Answers sign-ins by itself, and carries every other request over sockets."""

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        if request.url.endswith("/auth/o2/token"):
            return answer(200, {"access_token": "Atza|1", "expires_in": 3600})
        return super().exchange(request, limits)


def scripted(*answers: tuple[Part, ...]) -> Callable[[Reader], list[Play]]:
    """Script: each connection is for one request, and is answered with one of *answers*."""

    def make(read: Reader) -> list[Play]:
        def play_of(parts: tuple[Part, ...]) -> Play:
            def play(connection: socket.socket) -> None:
                read(connection)
                for part in parts:
                    if isinstance(part, bytes):
                        connection.sendall(part)
                    else:
                        part(connection)

            return play

        return [play_of(parts) for parts in answers]

    return make


@contextlib.contextmanager
def meeting(
    *answers: tuple[Part, ...],
    script: Callable[[Reader], list[Play]] | None = None,
    tls: ssl.SSLContext | None = None,
    time: FakeClock | None = None,
    max_bytes: int = DEFAULT_MAX_BYTES,
    **options: Unpack[ClientOptions],
) -> Iterator[tuple[Client, RawServer]]:
    """Make a client of a server that answers one request a connection, as told, and then no more.

    The client's time stands still unless the script moves it; the sockets' timeouts are real.
    """
    time = time or FakeClock()
    with playing(script or scripted(*answers), tls=tls) as server:
        transport = Line(clock=time, max_bytes=max_bytes)
        defaults: ClientOptions = {
            "endpoint": server.url,
            "transport": transport,
            "retry": RetryPolicy(base=0.0, throttled_base=0.0),
            "timeout": (2.0, 0.2),
        }
        merged: ClientOptions = {**defaults, **options}
        try:
            yield client_of(ScriptedTransport(), time, **merged), server
        finally:
            transport.close()


def outcome(client: Client, name: str) -> Any:
    """Send one of the calls; return its reply, or the error."""
    try:
        return client.send(CALLS[name])
    except SpShippingError as error:
        return error


def waiting(connection: socket.socket) -> None:
    """Say nothing until the client gives up."""
    connection.recv(1)


__all__ = [
    "CALLS",
    "GIFT",
    "GOOD",
    "Line",
    "Part",
    "Reader",
    "meeting",
    "outcome",
    "reset",
    "response",
    "scripted",
    "waiting",
]
