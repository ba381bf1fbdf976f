"""In a process of its own: streams all pages through the client, and prints its memory on the way, as JSON."""

import gc
import json
import sys
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.call import HurriedClock
from benchmarks.server import TOKEN_PATH
from spshipping import Client, Credentials, Marketplace
from spshipping.orders.v0 import OrdersV0Api
from spshipping.orders.v2026_01_01 import OrdersV20260101Api
from spshipping.transport.quota import MemoryQuota

_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_FIRST = 10
"""After so many pages, memory must have come to rest."""


def _megabytes(field: str) -> float:
    """Return a line of the system's account of this process: `VmRSS` is now, `VmHWM` the most so far."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(field))) / 1024


def _orders(client: Client, api: str, size: int | None = None) -> Iterator[Any]:
    if api == "v2026":
        return OrdersV20260101Api(client).iter_orders(created_after=_SINCE, max_results_per_page=size)
    return OrdersV0Api(client).iter_orders(
        marketplace_ids=["A1F83G8C2ARO7P"], created_after=_SINCE, max_results_per_page=size
    )


def main(api: str, endpoint: str, page_size: int) -> None:
    """Read one order to warm up, then all pages, order by order."""
    warnings.simplefilter("ignore", DeprecationWarning)
    with Client(
        Credentials("client", "secret", "refresh"),
        Marketplace.UK,
        endpoint=endpoint,
        token_url=endpoint + TOKEN_PATH,
        quota=MemoryQuota(HurriedClock()),
    ) as client:
        assert len(list(_orders(client, api, 1))) == 1
        gc.collect()
        start, number, early = _megabytes("VmRSS"), 0, 0.0
        for number, _ in enumerate(_orders(client, api), 1):
            if number == _FIRST * page_size:
                early = _megabytes("VmRSS")
        told = {
            "orders": number,
            "peak": _megabytes("VmHWM") - start,
            "grown": _megabytes("VmRSS") - early,
            "start": start,
        }
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
