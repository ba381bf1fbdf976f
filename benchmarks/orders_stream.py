"""In a process of its own: goes through many pages of orders, and prints what memory that took, as JSON."""

import asyncio
import gc
import json
import sys
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from benchmarks.call import HurriedClock
from benchmarks.fast import FAST
from benchmarks.orders_reading import MARKETPLACE, SINCE, megabytes, read_page
from benchmarks.server import TOKEN_PATH
from spshipping import AsyncClient, Client, Credentials, Marketplace
from spshipping.orders.v0 import OrdersV0Api
from spshipping.orders.v0.api_async import AsyncOrdersV0Api
from spshipping.orders.v2026_01_01 import OrdersV20260101Api
from spshipping.orders.v2026_01_01.api_async import AsyncOrdersV20260101Api
from spshipping.transport.quota import MemoryQuota
from spshipping.wire import engine

PER_PAGE = 100
FIRST = 10
"""After so many pages, memory must have come to rest."""
KEPT = 50
"""Pages whose orders are kept."""


def _orders(client: Client, api: str, size: int | None = None) -> Iterator[Any]:
    if api == "v2026":
        return OrdersV20260101Api(client.context).iter_orders(created_after=SINCE, max_results_per_page=size)
    return OrdersV0Api(client.context).iter_orders(
        marketplace_ids=[MARKETPLACE], created_after=SINCE, max_results_per_page=size
    )


def _orders_async(client: AsyncClient, api: str, size: int | None = None) -> AsyncIterator[Any]:
    if api == "v2026":
        return AsyncOrdersV20260101Api(client.context).iter_orders(
            created_after=SINCE, max_results_per_page=size
        )
    return AsyncOrdersV0Api(client.context).iter_orders(
        marketplace_ids=[MARKETPLACE], created_after=SINCE, max_results_per_page=size
    )


class _Growth:
    """The memory of this process, order by order."""

    def __init__(self) -> None:
        gc.collect()
        self._start = megabytes("VmRSS")
        self._early = 0.0
        self._orders = 0

    def count(self) -> None:
        """Count an order."""
        self._orders += 1
        if self._orders == FIRST * PER_PAGE:
            self._early = megabytes("VmRSS")

    def result(self) -> dict[str, float]:
        """Return how many orders there were, and the megabytes."""
        return {
            "orders": self._orders,
            "peak": megabytes("VmHWM") - self._start,
            "grown": megabytes("VmRSS") - self._early,
        }


async def _stream_async(api: str, endpoint: str) -> dict[str, float]:
    async with AsyncClient(
        Credentials("client", "secret", "refresh"),
        Marketplace.UK,
        endpoint=endpoint,
        token_url=endpoint + TOKEN_PATH,
        quota=MemoryQuota(HurriedClock()),
    ) as client:
        for _ in range(3):  # twins are made with the second
            async for _ in _orders_async(client, api, 1):
                pass
        growth = _Growth()
        async for _ in _orders_async(client, api):
            growth.count()
        return growth.result()


def stream_async(api: str, endpoint: str) -> dict[str, float]:
    """Do the same as `stream` with `AsyncClient`."""
    warnings.simplefilter("ignore", DeprecationWarning)
    return asyncio.run(_stream_async(api, endpoint))


def stream(api: str, endpoint: str) -> dict[str, float]:
    """Read one order to warm up, three times, then all pages through the client, order by order."""
    warnings.simplefilter("ignore", DeprecationWarning)
    with Client(
        Credentials("client", "secret", "refresh"),
        Marketplace.UK,
        endpoint=endpoint,
        token_url=endpoint + TOKEN_PATH,
        quota=MemoryQuota(HurriedClock()),
    ) as client:
        for _ in range(3):  # twins are made with the second
            list(_orders(client, api, 1))
        growth = _Growth()
        for _ in _orders(client, api):
            growth.count()
        return growth.result()


def keep(api: str, kind: str) -> dict[str, float]:
    """Read the page on standard input many times, and keep it as dictionaries or as models."""
    body = sys.stdin.buffer.read()
    read: Callable[[bytes], Any] = json.loads if kind == "dict" else lambda body: read_page(api, body)
    for _ in range(3):  # twins are made with the second
        read(body)
    gc.collect()
    start = megabytes("VmRSS")
    kept = [read(body) for _ in range(KEPT)]
    gc.collect()
    return {"pages": len(kept), "grown": megabytes("VmRSS") - start}


if __name__ == "__main__":
    what, way, *arguments = sys.argv[1:]
    engine.switch(is_on=way == FAST)
    print(json.dumps({"stream": stream, "stream_async": stream_async, "keep": keep}[what](*arguments)))
