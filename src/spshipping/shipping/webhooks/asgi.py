"""A webhook as an application of ASGI: its request, and its answer."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from spshipping.shipping.webhooks.exchange import WebhookRequest, WebhookResponse, request_of

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def request_of_scope(scope: Scope) -> WebhookRequest:
    """Return the request of an ASGI server."""
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    return request_of(scope["method"], headers, scope["query_string"])


async def read_receive(receive: Receive, most: int) -> bytes | None:
    """Read at most so many bytes of a body; None where the client has gone."""
    body, has_more = bytearray(), True
    while has_more and len(body) < most:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")[: most - len(body)]
        has_more = message.get("more_body", False)
    return bytes(body)


async def respond(response: WebhookResponse, send: Send) -> None:
    """Send the answer."""
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in response.headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


async def live(receive: Receive, send: Send, close: Callable[[], Awaitable[None]]) -> None:
    """Answer what the server says of its own beginning and end."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            await close()
            await send({"type": "lifespan.shutdown.complete"})
            return
        await send({"type": "lifespan.startup.complete"})
