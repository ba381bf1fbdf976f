import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spshipping.operation import Quota
from spshipping.transport.quota import MemoryQuota
from tests.kit import FakeClock

KEY = ("seller", "GET /x")


def test_the_burst_goes_first_and_then_the_rate_holds() -> None:
    keeper = MemoryQuota(FakeClock())
    waits = [keeper.reserve(KEY, Quota(2.0, 3), 100.0).wait for _ in range(5)]
    assert waits == [0.0, 0.0, 0.0, 0.5, 1.0]


def test_a_turn_too_far_away_is_not_taken() -> None:
    clock = FakeClock()
    keeper = MemoryQuota(clock)
    slow = Quota(0.0056, 1)
    assert keeper.reserve(KEY, slow, 0.0).is_granted
    refused = keeper.reserve(KEY, slow, 30.0)
    assert not refused.is_granted
    assert refused.wait == pytest.approx(178.57, abs=0.01)
    clock.sleep(refused.wait)
    assert keeper.reserve(KEY, slow, 0.001).is_granted


def test_sellers_and_routes_have_buckets_of_their_own() -> None:
    keeper = MemoryQuota(FakeClock())
    quota = Quota(1.0, 1)
    assert all(
        keeper.reserve(key, quota, 0.0).is_granted for key in [KEY, ("other", KEY[1]), (KEY[0], "GET /y")]
    )
    assert not keeper.reserve(KEY, quota, 0.0).is_granted


def test_a_429_empties_the_bucket_but_forgives_no_debt() -> None:
    keeper = MemoryQuota(FakeClock())
    quota = Quota(1.0, 10)
    keeper.drain(KEY, quota)
    assert keeper.reserve(KEY, quota, 10.0).wait == 1.0
    keeper.drain(KEY, quota)
    assert keeper.reserve(KEY, quota, 10.0).wait == 2.0


@given(st.floats(0.01, 50), st.integers(1, 20), st.lists(st.floats(0, 5), max_size=60))
def test_no_schedule_gets_more_than_burst_and_rate_allow(
    rate: float, burst: int, pauses: list[float]
) -> None:
    clock = FakeClock()
    keeper = MemoryQuota(clock)
    passed = []
    for pause in pauses:
        clock.elapsed += pause
        turn = keeper.reserve(KEY, Quota(rate, burst), 10.0)
        if turn.is_granted:
            passed.append(clock.elapsed + turn.wait)
    for index, first in enumerate(passed):
        for count, last in enumerate(passed[index:], start=1):
            assert count <= burst + rate * (last - first) + 1e-6


def test_threads_take_turns_one_by_one() -> None:
    keeper = MemoryQuota(FakeClock())
    waits: list[float] = []
    threads = [
        threading.Thread(
            target=lambda: waits.extend(keeper.reserve(KEY, Quota(1.0, 1), 1e9).wait for _ in range(50))
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == [float(n) for n in range(400)]
