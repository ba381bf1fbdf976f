"""Both transports of this package, used from a plain thread."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.aio import AiohttpTransport
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits


class Exchanges(Protocol):
    """A transport, as far as tests need it."""

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        """Send *request* once."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


class OfAsyncio:
    """aiohttp, on an event loop that runs only when it has something to do."""

    def __init__(self, **options: Any) -> None:
        self._runner = asyncio.Runner()
        self._transport = AiohttpTransport(**options)

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        """Send *request* once."""
        return self._runner.run(self._transport.exchange(request, limits))

    def pause(self) -> None:
        """Let the loop read what has come."""
        self._runner.run(asyncio.sleep(0.01))

    def close(self) -> None:
        """Close all connections, and the loop."""
        self._runner.run(self._transport.close())
        self._runner.close()


TRANSPORTS: dict[str, Callable[..., Exchanges]] = {"threads": RequestsTransport, "asyncio": OfAsyncio}
New = Callable[..., Exchanges]
"""Makes a transport."""
