"""Runs what is written once under threads and under asyncio, over a transport that answers by path."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from typing import Any, Protocol, TypeVar, Unpack
from urllib.parse import urlsplit

from spshipping.async_client import AsyncClient
from spshipping.auth.cache import TokenCache
from spshipping.client import Client
from spshipping.facade import Api, AsyncApi, Context
from spshipping.operation import Call, CallOptions, Reply
from spshipping.options import AsyncClientOptions, CommonOptions
from spshipping.regions import Marketplace
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.transport.io import run
from spshipping.transport.repeat import Repeats
from spshipping.transport.retry import RetryPolicy
from spshipping.transport.tasks import AsyncioIo
from spshipping.transport.unsettled import Unsettled
from tests import onloop
from tests.kit import FakeClock, ScriptedTransport, Step, client_of, credentials, repeats_of
from tests.onloop import OnLoop

T = TypeVar("T")


class RoutedTransport(ScriptedTransport):
    """Answers each path with the steps of its own: tasks and threads may come in any order."""

    def __init__(self, routes: Mapping[str, list[Step]]) -> None:
        super().__init__()
        self._routes = routes

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        path = urlsplit(request.url).path
        if path in self._routes:
            self.steps.append(self._routes[path].pop(0))
        return super().exchange(request, limits)


class Suspending:
    """A transport for asyncio that gives way to other tasks before each answer."""

    def __init__(self, network: ScriptedTransport) -> None:
        self._network = network

    async def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        await asyncio.sleep(0)
        return self._network.exchange(request, limits)

    async def close(self) -> None:
        self._network.close()


class Drive(Protocol):
    """One way of running coroutines, and a context that fits it."""

    def context(
        self, network: ScriptedTransport, time: FakeClock | None = None, /, **options: Unpack[CommonOptions]
    ) -> Context:
        """Return the context of a client."""
        ...

    def repeats(
        self, network: ScriptedTransport, clock: FakeClock | None = None, retry: RetryPolicy | None = None
    ) -> Repeats:
        """Return the rules of repeating, and how requests are sent."""
        ...

    def client(
        self, network: ScriptedTransport, time: FakeClock | None = None, /, **options: Unpack[CommonOptions]
    ) -> Any:
        """Return a client with the methods of `Client`."""
        ...

    def api(self, context: Context) -> Any:
        """Return the bare facade of such a context, with the methods of `Api`."""
        ...

    def close(self) -> None:
        """Close what the clients left."""
        ...

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end."""
        ...


class Threads:
    """As `Client` runs them: nothing is ever suspended."""

    def context(
        self, network: ScriptedTransport, time: FakeClock | None = None, /, **options: Unpack[CommonOptions]
    ) -> Context:
        """Return the context of a `Client`."""
        return client_of(network, time, **options).context

    def repeats(
        self, network: ScriptedTransport, clock: FakeClock | None = None, retry: RetryPolicy | None = None
    ) -> Repeats:
        """Return the rules of a `Client`."""
        return repeats_of(network, clock, retry)

    def client(
        self, network: ScriptedTransport, time: FakeClock | None = None, /, **options: Unpack[CommonOptions]
    ) -> Client:
        """Return a `Client`."""
        return client_of(network, time, **options)

    def api(self, context: Context) -> Api:
        """Return an `Api`."""
        return Api(context)

    def close(self) -> None:
        """Leave nothing."""

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in one step."""
        return run(coroutine)


class Loop:
    """As `AsyncClient` runs them, on an event loop."""

    def __init__(self) -> None:
        self._loop: onloop.Loop | None = None

    def context(
        self, network: ScriptedTransport, time: FakeClock | None = None, /, **options: Unpack[CommonOptions]
    ) -> Context:
        """Return the context of an `AsyncClient`."""
        return async_client_of(network, time, **options).context

    def repeats(
        self, network: ScriptedTransport, clock: FakeClock | None = None, retry: RetryPolicy | None = None
    ) -> Repeats:
        """Return the rules of an `AsyncClient`."""
        clock = clock or FakeClock()
        return repeats_of(network, clock, retry)._replace(io=AsyncioIo(Suspending(network), clock))

    def client(
        self, network: ScriptedTransport, time: FakeClock | None = None, /, **options: Unpack[CommonOptions]
    ) -> OnLoop:
        """Return an `AsyncClient` with the face of a `Client`."""
        return self._faced(async_client_of(network, time, **options))

    def api(self, context: Context) -> OnLoop:
        """Return an `AsyncApi` with the face of an `Api`."""
        return self._faced(AsyncApi(context))

    def _faced(self, target: object) -> OnLoop:
        self._loop = self._loop or onloop.Loop()
        return OnLoop(target, self._loop)

    def close(self) -> None:
        """Close the loop of the clients."""
        if self._loop is not None:
            self._loop.close()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on a loop of its own."""
        return asyncio.run(coroutine)


def async_client_of(
    network: ScriptedTransport, time: FakeClock | None = None, /, **options: Unpack[CommonOptions]
) -> AsyncClient:
    """Make what `client_of` makes, for asyncio."""
    clock = time or FakeClock()
    defaults: AsyncClientOptions = {
        "transport": Suspending(network),
        "clock": clock,
        "token_cache": TokenCache(clock),
        "chance": lambda: 0.5,
    }
    merged: AsyncClientOptions = {**defaults, **options}
    return AsyncClient(credentials(), Marketplace.UK, **merged)


class LoopedClient:
    """An `AsyncClient` for plain code: each call runs on an event loop of its own."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._parts = client._parts

    def send(self, call: Call[T], **options: Unpack[CallOptions]) -> Reply[T]:
        """Send *call*."""
        return asyncio.run(self._client.send(call, **options))

    def resolve(self, unsettled: Any) -> Reply[Any]:
        """Send a call again with its key."""
        return asyncio.run(self._client.resolve(unsettled))

    def unsettled(self) -> tuple[Unsettled, ...]:
        """Return the calls whose outcome nobody was given."""
        return self._client.unsettled()


def looped_client_of(
    network: ScriptedTransport, time: FakeClock | None = None, /, **options: Unpack[CommonOptions]
) -> LoopedClient:
    """Make what `client_of` makes, for plain code over asyncio."""
    return LoopedClient(async_client_of(network, time, **options))


MakeClient = Callable[..., Client | LoopedClient]
CLIENTS: dict[str, MakeClient] = {"threads": client_of, "asyncio": looped_client_of}

DRIVES: list[Callable[[], Drive]] = [Threads, Loop]


async def listed(values: AsyncGenerator[T, None]) -> list[T]:
    """Return all values of a generator."""
    return [value async for value in values]
