"""The two ways of sending: a client over threads, and one over asyncio that a thread can use."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from spshipping import AsyncClient, Call, Client, Credentials, Marketplace, Reply, Unsettled
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.aio import AiohttpTransport
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits

T = TypeVar("T")
_PATIENCE_SECONDS = 60.0


class Sends(Protocol):
    """A client, as far as a plain thread needs it."""

    def send(self, call: Call[Any], **options: Any) -> Reply[Any]:
        """Send *call*."""
        ...

    def resolve(self, unsettled: Any) -> Reply[Any]:
        """Send a call again with its key."""
        ...

    def unsettled(self) -> tuple[Unsettled, ...]:
        """Return the calls whose outcome nobody was given."""
        ...


Patience = Callable[[], float]
"""Returns for how many seconds the next exchange may wait for a byte."""


class Way(Protocol):
    """Makes clients that send in one of the ways."""

    def client(
        self, credentials: Credentials, *, max_bytes: int, patience: Patience, **options: Any
    ) -> AbstractContextManager[Sends]:
        """Make a client, and close it with its connections."""
        ...

    def close(self) -> None:
        """Leave nothing behind."""
        ...


class _Limited(RequestsTransport):
    patience: Patience

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        return super().exchange(request, _limited(request, limits, self.patience))


class _AsyncLimited(AiohttpTransport):
    patience: Patience

    async def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        return await super().exchange(request, _limited(request, limits, self.patience))


def _limited(request: HttpRequest, limits: Limits, patience: Patience) -> Limits:
    is_sign_in = request.url.endswith("/auth/o2/token")
    return limits if is_sign_in else limits._replace(read=patience())


class OverThreads:
    """Makes clients with requests."""

    @contextlib.contextmanager
    def client(
        self, credentials: Credentials, *, max_bytes: int, patience: Patience, **options: Any
    ) -> Iterator[Sends]:
        """Make a `Client`."""
        network = {name: options.pop(name, None) for name in ("proxies", "ca_bundle")}
        transport = _Limited(clock=options["clock"], max_bytes=max_bytes, **network)
        transport.patience = patience
        made = Client(credentials, Marketplace.UK, transport=transport, **options)
        with contextlib.closing(transport), made:
            yield Blocking(made)

    def close(self) -> None:
        """Do nothing."""


class Blocking:
    """A `Client`, as it is."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, call: Call[Any], **options: Any) -> Reply[Any]:
        return self._client.send(call, **options)

    def resolve(self, unsettled: Any) -> Reply[Any]:
        return self._client.resolve(unsettled)

    def unsettled(self) -> tuple[Unsettled, ...]:
        return self._client.unsettled()


class LoopThread:
    """An event loop that runs in a thread of its own, so that a plain thread can use coroutines."""

    def __init__(self) -> None:
        self.failures: list[dict[str, Any]] = []
        """What the loop was left with: a test that finds any is void."""
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda _, context: self.failures.append(context))
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(_PATIENCE_SECONDS)

    def close(self) -> None:
        """End the loop, and its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE_SECONDS)
        self._loop.close()
        assert self.failures == []


class Looped:
    """An `AsyncClient` for threads: what they send runs on one event loop, side by side."""

    def __init__(self, client: AsyncClient, loop: LoopThread) -> None:
        self._client = client
        self._loop = loop

    def send(self, call: Call[Any], **options: Any) -> Reply[Any]:
        return self._loop.run(self._client.send(call, **options))

    def resolve(self, unsettled: Any) -> Reply[Any]:
        return self._loop.run(self._client.resolve(unsettled))

    def unsettled(self) -> tuple[Unsettled, ...]:
        return self._client.unsettled()


class OverAsyncio:
    """Makes clients with aiohttp, all on one event loop."""

    def __init__(self) -> None:
        self._loop = LoopThread()

    @contextlib.contextmanager
    def client(
        self, credentials: Credentials, *, max_bytes: int, patience: Patience, **options: Any
    ) -> Iterator[Sends]:
        """Make an `AsyncClient`."""
        network = {name: options.pop(name, None) for name in ("proxies", "ca_bundle")}
        transport = _AsyncLimited(clock=options["clock"], max_bytes=max_bytes, **network)
        transport.patience = patience
        made = AsyncClient(credentials, Marketplace.UK, transport=transport, **options)
        try:
            yield Looped(made, self._loop)
        finally:
            self._loop.run(made.close())
            self._loop.run(transport.close())

    def close(self) -> None:
        """End the loop."""
        self._loop.close()


WAYS: dict[str, Callable[[], Way]] = {"threads": OverThreads, "asyncio": OverAsyncio}
