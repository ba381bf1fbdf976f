"""Runs what is written once under threads and under asyncio, over a transport that answers by path."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from typing import Any, Protocol, TypeVar, Unpack
from urllib.parse import urlsplit

from spshipping.assembly import assembled, place_of
from spshipping.auth.cache import TokenCache
from spshipping.client import ClientOptions
from spshipping.facade import Context
from spshipping.regions import Marketplace
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.transport.io import run
from spshipping.transport.tasks import AsyncioIo
from tests.kit import FakeClock, ScriptedTransport, Step, client_of, credentials

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


class _Suspending:
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
        self, network: ScriptedTransport, clock: FakeClock | None = None, **options: Unpack[ClientOptions]
    ) -> Context: ...

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T: ...


class Threads:
    """As `Client` runs them: nothing is ever suspended."""

    def context(
        self, network: ScriptedTransport, clock: FakeClock | None = None, **options: Unpack[ClientOptions]
    ) -> Context:
        return client_of(network, clock, **options).context

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return run(coroutine)


class Loop:
    """As `AsyncClient` runs them, on an event loop."""

    def context(
        self, network: ScriptedTransport, clock: FakeClock | None = None, **options: Unpack[ClientOptions]
    ) -> Context:
        clock = clock or FakeClock()
        cache = TokenCache(clock)
        given: ClientOptions = {**options, "clock": clock, "token_cache": cache, "chance": lambda: 0.5}
        place = place_of(Marketplace.UK, given)
        io = AsyncioIo(_Suspending(network), clock)
        parts = assembled(credentials(), Marketplace.UK, given, place, io, on_reply=None, unsettled=None)
        return Context(parts.sender, io, clock, Marketplace.UK.id, options.get("pii"))

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run(coroutine)


DRIVES: list[Callable[[], Drive]] = [Threads, Loop]


async def listed(values: AsyncGenerator[T, None]) -> list[T]:
    """Return all values of a generator."""
    return [value async for value in values]
