"""Whole calls over loopback HTTP on one event loop, many at a time: CPU time, and what they leave behind."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import aiohttp
import requests

from benchmarks import call
from benchmarks.call import FEW, HEADERS, MANY, QUERY, HurriedClock
from benchmarks.measure import CONCURRENT, Row, cpu_seconds, side_by_side
from benchmarks.server import TOKEN_PATH
from spshipping import AsyncClient, Credentials, Marketplace
from spshipping.auth.cache import TokenCache
from spshipping.transport.quota import MemoryQuota

GOAL = 0.40
PART = f"call getTracking, asyncio, {CONCURRENT} concurrent"
OURS = "spshipping: await client.shipping.get_tracking()"
_CALLS = 2 * CONCURRENT
_WITHOUT = ("amzn-sp-api",)
"""Other clients that have none for asyncio."""


def _client(endpoint: str, **options: Any) -> AsyncClient:
    return AsyncClient(
        Credentials("client", "secret", "refresh"),
        Marketplace.UK,
        endpoint=endpoint,
        token_url=endpoint + TOKEN_PATH,
        **options,
    )


async def _bare(session: aiohttp.ClientSession, url: str) -> None:
    async with session.get(url, headers=HEADERS) as response:
        await response.json()


async def _track(client: AsyncClient, number: int = 999) -> None:
    await client.shipping.get_tracking(tracking_id=f"1Z{number}", carrier_id="AMZN_UK")


def measure(endpoint: str) -> list[Row]:
    """Measure typed calls on one event loop, against requests doing one bare exchange after another."""
    url = endpoint + QUERY
    with asyncio.Runner() as runner, requests.Session() as session:
        stack = AsyncExitStack()

        async def opened() -> tuple[aiohttp.ClientSession, AsyncClient]:
            bare = await stack.enter_async_context(
                aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
            )
            return bare, await stack.enter_async_context(
                _client(endpoint, quota=MemoryQuota(HurriedClock()), token_cache=TokenCache())
            )

        bare, client = runner.run(opened())

        def gets() -> None:
            for _ in range(_CALLS):
                session.get(url, headers=HEADERS).json()

        def batch(make: Callable[[], Coroutine[Any, Any, None]]) -> None:
            runner.run(side_by_side(make, _CALLS))

        work: dict[str, Callable[[], object]] = {
            "requests: Session.get().json(), one at a time": gets,
            "aiohttp: await response.json()": partial(batch, partial(_bare, bare, url)),
            OURS: partial(batch, partial(_track, client)),
        }
        taken = cpu_seconds(work, rounds=41, calls=1, warm_up=2)
        runner.run(stack.aclose())
    base = next(iter(taken.values()))
    return [
        Row(PART, name, seconds / base, GOAL if name == OURS else None) for name, seconds in taken.items()
    ]


def beside(endpoint: str, found: Mapping[str, str], ours: float) -> list[Row]:
    """Measure the same by other clients' asyncio clients, each in its own process.

    Args:
        endpoint: the server of canned answers.
        found: the interpreter of each.
        ours: what our call costs, of the bare exchange.
    """
    able = {name: python for name, python in found.items() if name not in _WITHOUT}
    return [
        *call.beside(endpoint, able, ours, part=PART, module="benchmarks.worker_async"),
        *(Row(PART, name, None, note="it has no asyncio client") for name in found if name in _WITHOUT),
    ]


def leaks(endpoint: str) -> list[Row]:
    """Count what 10,000 calls leave behind that 100 did not; skipped where there is no /proc."""

    async def counted() -> list[Row]:
        tokens, quota = TokenCache(), MemoryQuota(HurriedClock())

        def counts() -> dict[str, int]:
            return {
                **call.counts(tokens, quota),
                "tasks": len(asyncio.all_tasks()),
                "contexts of requests": len(client._io._late),
            }

        async with _client(endpoint, token_cache=tokens, quota=quota) as client:
            await side_by_side(partial(_track, client), FEW)
            before, resident = counts(), call.resident_mb()
            numbers = iter(range(MANY))
            await side_by_side(lambda: _track(client, next(numbers)), MANY)
            return call.leak_rows("leaks, asyncio", before, counts(), call.resident_mb() - resident)

    if (missing := call.without_proc("leaks, asyncio")) is not None:
        return [missing]
    return asyncio.run(counted())
