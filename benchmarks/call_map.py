"""Many calls over threads: what `client.map` adds to a loop that makes the same calls one by one."""

from benchmarks.call import HurriedClock, client_of
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
    """Measure the CPU time of the same calls in a loop and by `client.map`."""
    with client_of(endpoint, quota=MemoryQuota(HurriedClock())) as client:

        def loop() -> None:
            for number in range(_CALLS):
                client.send(_call(number))

        def mapped() -> None:
            for result in client.map(_call, range(_CALLS), concurrency=THREADS):
                if result.error is not None:
                    raise result.error

        taken = cpu_seconds(
            {"a loop of client.send": loop, "client.map": mapped}, rounds=31, calls=1, warm_up=2
        )
    base, ours = taken.values()
    return [Row(PART, next(iter(taken)), 1.0), Row(PART, "client.map", ours / base, GOAL)]
