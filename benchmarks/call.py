"""Whole calls over loopback HTTP: CPU time, and what many of them leave behind."""

import gc
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests
from requests.models import PreparedRequest
from requests.structures import CaseInsensitiveDict

from benchmarks.children import Child, ChildError
from benchmarks.measure import Row, cpu_seconds
from benchmarks.server import TOKEN_PATH, TRACKING_PATH
from spshipping import Client, Credentials, Marketplace
from spshipping.auth.cache import TokenCache
from spshipping.clock import SystemClock
from spshipping.transport.quota import MemoryQuota
from spshipping.wire import fast

SESSION_GOAL, SEND_GOAL = 0.58, 1.20
PART = "call getTracking"
OURS = "spshipping: client.shipping.get_tracking()"
QUERY = f"{TRACKING_PATH}?trackingId=1Z999&carrierId=AMZN_UK"
HEADERS = {
    "user-agent": "benchmark/1.0 (Language=Python/3.11.7; Platform=Linux)",
    "accept": "application/json",
    "Accept-Encoding": "gzip",
    "x-amzn-shipping-business-id": "AmazonShipping_UK",
    "x-amz-access-token": "Atza|benchmark",
}
"""The same as the client sends."""
FEW, MANY = 100, 10_000
_MOST_MEMORY_MB = 4.0
_LIMIT_SECONDS = 120.0


class HurriedClock(SystemClock):
    """A thousand times as fast: the bucket is reckoned with, but never empty."""

    __slots__ = ()

    def monotonic(self) -> float:
        """Return milliseconds as if they were seconds."""
        return time.monotonic() * 1000


def client_of(endpoint: str, **options: Any) -> Client:
    """Return a client of the server of canned answers."""
    return Client(
        Credentials("client", "secret", "refresh"),
        Marketplace.UK,
        endpoint=endpoint,
        token_url=endpoint + TOKEN_PATH,
        **options,
    )


def _prepared(url: str) -> PreparedRequest:
    prepared = PreparedRequest()
    prepared.method, prepared.url = "GET", url
    prepared.headers = CaseInsensitiveDict(HEADERS)
    prepared.hooks = {"response": []}
    return prepared


def call(endpoint: str) -> list[Row]:
    """Measure a whole typed getTracking, against requests doing the bare exchange."""
    url = endpoint + QUERY
    with ExitStack() as stack:
        session = stack.enter_context(requests.Session())
        plain = stack.enter_context(requests.Session())
        plain.trust_env = False
        client = stack.enter_context(client_of(endpoint, quota=MemoryQuota(HurriedClock())))
        settings: dict[str, Any] = {"stream": False, "verify": True, "proxies": {}, "cert": None}
        work: dict[str, Callable[[], object]] = {
            "requests: Session.get().json()": lambda: session.get(url, headers=HEADERS).json(),
            "requests: own PreparedRequest, Session.send().json()": lambda: plain.send(
                _prepared(url), allow_redirects=False, **settings
            ).json(),
            OURS: lambda: client.shipping.get_tracking(tracking_id="1Z999", carrier_id="AMZN_UK"),
        }
        taken = list(cpu_seconds(work, rounds=101, calls=20).values())
    get, send, ours = taken
    names = list(work)
    return [
        Row(PART, names[0], 1.0),
        Row(PART, names[1], send / get),
        Row(PART, OURS, ours / get, SESSION_GOAL),
        Row(PART, "spshipping, against own PreparedRequest", ours / send, SEND_GOAL),
    ]


def beside(
    endpoint: str,
    found: Mapping[str, str],
    ours: float,
    *,
    part: str = PART,
    module: str = "benchmarks.worker",
) -> list[Row]:
    """Measure the same call by other clients, each against the bare exchange in its own process.

    Args:
        endpoint: the server of canned answers.
        found: the interpreter of each.
        ours: what our call costs, of the bare exchange.
        part: what the rows belong to.
        module: what runs in each process.
    """
    job = {
        "work": "cpu",
        "endpoint": endpoint,
        "token_url": endpoint + TOKEN_PATH,
        "client_id": "client",
        "client_secret": "secret",
        "refresh_token": "refresh",
        "plain": endpoint + QUERY,
        "headers": HEADERS,
    }
    rows = []
    for name, python in found.items():
        try:
            with Child(python, module, name) as worker:
                worker.send(json.dumps(job))
                worker.receive()
                worker.send("begin")
                theirs = json.loads(worker.receive(_LIMIT_SECONDS))["ratio"]
        except ChildError as error:
            rows.append(Row(part, name, None, note=str(error)))
        else:
            rows += [Row(part, name, theirs), Row(part, f"spshipping, against {name}", ours / theirs, 1.0)]
    return rows


def _handlers() -> int:
    loggers = [
        logging.getLogger(),
        *(logging.getLogger(name) for name in list(logging.root.manager.loggerDict)),
    ]
    return sum(len(logger.handlers) for logger in loggers)


def resident_mb() -> float:
    """Return the memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def counts(tokens: TokenCache, quota: MemoryQuota) -> dict[str, int]:
    """Count what calls might leave behind."""
    gc.collect()
    return {
        "threads": threading.active_count(),
        "open files and sockets": len(list(Path("/proc/self/fd").iterdir())),
        "logging handlers": _handlers(),
        "cached tokens": len(tokens._entries),
        "quota buckets": len(quota._buckets),
        "made functions": len(fast._made),
    }


def without_proc(part: str) -> Row | None:
    """Return what to show where there is no /proc; None where there is."""
    if Path("/proc/self/fd").is_dir():
        return None
    return Row(part, "not measured", None, note="this system has no /proc")


def leak_rows(part: str, before: Mapping[str, int], after: Mapping[str, int], grown_mb: float) -> list[Row]:
    """Return a row for each kind of thing, and one for memory."""
    behind = f"after {MANY} calls, more than after {FEW}"
    return [
        *(Row(part, f"{name} {behind}", after[name] - before[name], 0.0) for name in before),
        Row(part, f"MB of memory {behind}", grown_mb, _MOST_MEMORY_MB),
    ]


def leaks(endpoint: str) -> list[Row]:
    """Count what 10,000 calls leave behind that 100 did not; skipped where there is no /proc."""
    if (missing := without_proc("leaks")) is not None:
        return [missing]
    tokens, quota = TokenCache(), MemoryQuota(HurriedClock())
    with client_of(endpoint, token_cache=tokens, quota=quota) as client:
        for _ in range(FEW):
            client.shipping.get_tracking(tracking_id="1Z999", carrier_id="AMZN_UK")
        before, resident = counts(tokens, quota), resident_mb()
        for number in range(MANY):
            client.shipping.get_tracking(tracking_id=f"1Z{number}", carrier_id="AMZN_UK")
        return leak_rows("leaks", before, counts(tokens, quota), resident_mb() - resident)
