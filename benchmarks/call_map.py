"""Many calls over threads: what `client.map` adds to a loop that makes the same calls one by one."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import requests

from benchmarks.call import HEADERS, QUERY, HurriedClock, client_of
from benchmarks.measure import Row, cpu_seconds
from benchmarks.server import LATE_SECONDS, canned
from spshipping import MemoryQuota
from spshipping.operation import Call
from spshipping.shipping import GET_TRACKING, GetTrackingResult

GOAL = 1.15
THREADS = 8
_LATE = f"client.map over {THREADS} threads, answers after {LATE_SECONDS * 1000:.0f} ms, per call"
_AT_ONCE = f"client.map over {THREADS} threads, answers at once, per call"


def _call(number: int) -> Call[GetTrackingResult]:
    return GET_TRACKING(query={"trackingId": f"1Z{number}", "carrierId": "AMZN_UK"})


def measure(endpoint: str) -> list[Row]:
    """Measure the CPU time of the same calls in a loop and over threads: ours, and those of bare requests.

    Where each answer is there at once, all threads want to run all the time, and take the interpreter from
    each other; no API over a network is like that, so it has no goal.
    """
    with canned(is_late=True) as late:
        return [*_measured(late, _LATE, 48, GOAL), *_measured(endpoint, _AT_ONCE, 200)]


def _measured(endpoint: str, part: str, calls: int, goal: float | None = None) -> list[Row]:
    url = endpoint + QUERY
    with ExitStack() as stack:
        client = stack.enter_context(client_of(endpoint, quota=MemoryQuota(HurriedClock())))
        sessions = [stack.enter_context(requests.Session()) for _ in range(THREADS)]
        pool = stack.enter_context(ThreadPoolExecutor(THREADS))

        def loop() -> None:
            for number in range(calls):
                client.send(_call(number))

        def mapped() -> None:
            for result in client.map(_call, range(calls), concurrency=THREADS):
                if result.error is not None:
                    raise result.error

        def get_some(session: requests.Session, count: int = calls // THREADS) -> None:
            for _ in range(count):
                session.get(url, headers=HEADERS).json()

        taken = cpu_seconds(
            {
                "a loop of client.send": loop,
                "client.map": mapped,
                "loop": lambda: get_some(sessions[0], calls),
                "threads": lambda: list(pool.map(get_some, sessions)),
            },
            rounds=15 if goal else 31,
            calls=1,
            warm_up=2,
        )
    base, ours, bare_loop, bare_threads = taken.values()
    return [
        Row(part, "a loop of client.send", 1.0),
        Row(part, "client.map", ours / base, goal),
        Row(part, "bare requests over as many threads, to a loop of its own", bare_threads / bare_loop),
    ]
