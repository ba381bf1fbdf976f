"""Many calls over threads: what `client.map` adds to a loop that makes the same calls one by one."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import requests

from benchmarks.call import HEADERS, QUERY, HurriedClock, client_of
from benchmarks.measure import Row, cpu_seconds
from spshipping import MemoryQuota
from spshipping.operation import Call
from spshipping.shipping import GET_TRACKING, GetTrackingResult

GOAL = 1.15
THREADS = 8
PART = f"client.map over {THREADS} threads, per call"
_CALLS = 200


def _call(number: int) -> Call[GetTrackingResult]:
    return GET_TRACKING(query={"trackingId": f"1Z{number}", "carrierId": "AMZN_UK"})


def measure(endpoint: str) -> list[Row]:
    """Measure the CPU time of the same calls in a loop and over threads: ours, and those of bare requests."""
    url = endpoint + QUERY
    with ExitStack() as stack:
        client = stack.enter_context(client_of(endpoint, quota=MemoryQuota(HurriedClock())))
        sessions = [stack.enter_context(requests.Session()) for _ in range(THREADS)]
        pool = stack.enter_context(ThreadPoolExecutor(THREADS))

        def loop() -> None:
            for number in range(_CALLS):
                client.send(_call(number))

        def mapped() -> None:
            for result in client.map(_call, range(_CALLS), concurrency=THREADS):
                if result.error is not None:
                    raise result.error

        def get_some(session: requests.Session, calls: int = _CALLS // THREADS) -> None:
            for _ in range(calls):
                session.get(url, headers=HEADERS).json()

        taken = cpu_seconds(
            {
                "a loop of client.send": loop,
                "client.map": mapped,
                "loop": lambda: get_some(sessions[0], _CALLS),
                "threads": lambda: list(pool.map(get_some, sessions)),
            },
            rounds=31,
            calls=1,
            warm_up=2,
        )
    base, ours, bare_loop, bare_threads = taken.values()
    return [
        Row(PART, "a loop of client.send", 1.0),
        Row(PART, "client.map", ours / base, GOAL),
        Row(PART, "bare requests over as many threads, to a loop of its own", bare_threads / bare_loop),
    ]
