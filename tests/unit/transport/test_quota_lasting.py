"""What keepers of buckets do over time: buckets that are lost, replaced by a new version's, or forgotten."""

import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spshipping import FileQuota, MemoryQuota, QuotaState
from spshipping.operation import Quota
from spshipping.transport.bucket import Reservation
from spshipping.transport.quota import IDLE_SECONDS, BucketKeeper
from tests.drives import DRIVES, Drive
from tests.kit import FakeClock, ScriptedTransport, answer
from tests.unit.transport.test_pipeline import CALLS, GOOD

KEY = ("seller", "GET /x")
SECOND = Quota(1.0, 1)

Made = tuple[BucketKeeper, FakeClock]


def state_files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if not path.suffix]


def file_lost(keeper: FileQuota) -> None:
    for path in state_files(keeper._folder):
        path.unlink()


def file_damaged(keeper: FileQuota) -> None:
    for path in state_files(keeper._folder):
        path.write_text("no bucket")


def folder_out_of_reach(keeper: FileQuota) -> None:
    keeper._folder = keeper._folder / state_files(keeper._folder)[0].name


LOSSES = [file_lost, file_damaged, folder_out_of_reach]


@pytest.fixture(params=["memory", "file"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Made:
    clock = FakeClock()
    keeper = MemoryQuota(clock) if request.param == "memory" else FileQuota(tmp_path / "quota", clock)
    return keeper, clock


@pytest.mark.parametrize("lose", LOSSES)
def test_e8_whoever_waits_at_a_bucket_that_is_lost_goes_when_that_was_due(
    tmp_path: Path, lose: Callable[[FileQuota], None]
) -> None:
    clock = FakeClock()
    keeper = FileQuota(tmp_path, clock)
    turns = [keeper.reserve(KEY, SECOND, 1e9) for _ in range(60)]
    clock.elapsed = turns[-1].wait - 1.05
    assert keeper.remaining(KEY, SECOND, turns[-1]) == pytest.approx(1.05)
    lose(keeper)
    others = [keeper.reserve(KEY, SECOND, 1e9) for _ in range(5)]
    assert keeper.remaining(KEY, SECOND, turns[-1]) == pytest.approx(1.05)
    keeper.give_back(KEY, SECOND, turns[-1])
    assert keeper.remaining(KEY, SECOND, others[-1]) == others[-1].wait
    clock.elapsed += 1.1
    assert keeper.remaining(KEY, SECOND, turns[-1]) == 0.0


@pytest.mark.parametrize("lose", LOSSES)
@pytest.mark.parametrize("drive", DRIVES)
def test_e8_a_call_that_waits_at_a_bucket_that_is_lost_is_sent_when_it_was_due(
    tmp_path: Path, drive: Callable[[], Drive], lose: Callable[[FileQuota], None]
) -> None:
    clock, driven = FakeClock(), drive()
    keeper, network = FileQuota(tmp_path, clock), ScriptedTransport([GOOD] * 11)
    context = driven.context(network, clock, quota=keeper)
    for _ in range(10):
        driven.run(context.sender.send(CALLS["none"]))
    losses = iter([lambda: lose(keeper)])
    clock.on_sleep = lambda: next(losses, lambda: None)()
    driven.run(context.sender.send(CALLS["none"]))
    assert clock.elapsed == pytest.approx(0.55)


def test_e8_a_rate_is_learned_again_where_the_bucket_was_lost(tmp_path: Path) -> None:
    clock, driven = FakeClock(), DRIVES[0]()
    keeper = FileQuota(tmp_path, clock)
    stating = answer(200, {"giftId": "1"}, **{"x-amzn-ratelimit-limit": "0.5"})
    context = driven.context(ScriptedTransport([stating] * 2), clock, quota=keeper)
    for _ in range(2):
        driven.run(context.sender.send(CALLS["none"]))
        (path,) = state_files(tmp_path)
        assert path.read_text().split()[3] == "0.5"
        file_lost(keeper)


def test_e8_a_new_versions_table_is_adopted(made: Made) -> None:
    keeper, clock = made
    keeper.reserve(KEY, SECOND, 0.0)
    clock.elapsed = 100.0
    assert keeper.state(KEY, SECOND) == QuotaState(1.0, 1, 1.0, 0.0)
    newer = Quota(5.0, 10)
    assert keeper.state(KEY, newer) == QuotaState(5.0, 10, 1.0, 0.0)
    clock.elapsed += 60.0
    assert keeper.state(KEY, newer) == QuotaState(5.0, 10, 10.0, 0.0)
    keeper.learn(KEY, newer, 2.0)
    assert keeper.state(KEY, Quota(4.0, 10)).rate == 2.0


def test_e8_an_idle_hour_lets_a_lowered_rate_climb_all_the_way(made: Made) -> None:
    keeper, clock = made
    for _ in range(2):
        clock.elapsed += 20
        keeper.drain(KEY, SECOND, keeper.reserve(KEY, SECOND, 1e9)._replace(is_paced=True))
    assert keeper.state(KEY, SECOND).rate < 0.25
    clock.elapsed += 3600
    assert keeper.state(KEY, SECOND).rate == 1.0


def test_e7_only_what_nobody_needs_is_forgotten(made: Made) -> None:
    keeper, clock = made
    waiting, lowered, idle, fresh = [(name, "GET /x") for name in "abcd"]
    turns = [keeper.reserve(waiting, SECOND, 1e9) for _ in range(200)]
    keeper.drain(lowered, SECOND, keeper.reserve(lowered, SECOND, 0.0)._replace(is_paced=True))
    keeper.reserve(idle, SECOND, 0.0)
    clock.elapsed = 100.0
    keeper.reserve(fresh, SECOND, 0.0)
    assert keeper.forget(60.0) == 1
    assert keeper.remaining(waiting, SECOND, turns[-1]) == pytest.approx(199.05 - 100.0)
    assert keeper.state(lowered, SECOND).rate < 1.0
    assert keeper.state(fresh, SECOND).left == 0.0
    assert keeper.state(idle, SECOND).left == 1.0
    clock.elapsed = 3600.0
    assert (keeper.forget(0.0), keeper.forget(0.0)) == (4, 0)


EVENT = st.tuples(st.sampled_from(["take", "refuse", "give back"]), st.floats(0, 20), st.booleans())


@given(st.floats(0.1, 20), st.integers(1, 5), st.lists(EVENT, max_size=60))
def test_e7_nobody_notices_that_buckets_are_forgotten(
    rate: float, burst: int, events: list[tuple[str, float, bool]]
) -> None:
    """What everybody waits is the same, with and without."""
    clock, plan = FakeClock(), Quota(rate, burst)
    forgetful, faithful = MemoryQuota(clock), MemoryQuota(clock)
    held: list[tuple[Reservation, Reservation]] = []
    for what, pause, is_paced in events:
        clock.elapsed += pause
        forgetful.forget(0.0)
        if what == "take":
            pair = forgetful.reserve(KEY, plan, 1e9), faithful.reserve(KEY, plan, 1e9)
            assert pair[0].wait == pytest.approx(pair[1].wait, rel=1e-6, abs=1e-6)
            held.append(pair)
        elif held and what == "give back":
            mine, theirs = held.pop()
            forgetful.give_back(KEY, plan, mine)
            faithful.give_back(KEY, plan, theirs)
        elif held and what == "refuse" and held[-1][0].era == era(forgetful, plan):
            mine, theirs = held[-1]
            forgetful.drain(KEY, plan, mine._replace(is_paced=is_paced))
            faithful.drain(KEY, plan, theirs._replace(is_paced=is_paced))
        for mine, theirs in held:
            left = forgetful.remaining(KEY, plan, mine), faithful.remaining(KEY, plan, theirs)
            assert left[0] == pytest.approx(left[1], rel=1e-6, abs=1e-6)


def era(keeper: BucketKeeper, plan: Quota) -> int:
    return keeper.change(KEY, plan, lambda bucket, _now: bucket.era)


def use_all(keeper: BucketKeeper, sellers: range, routes: int) -> None:
    for seller in sellers:
        for route in range(routes):
            keeper.reserve((f"app seller{seller}", f"GET /{route}"), SECOND, 0.0)


@pytest.mark.long
def test_e7_buckets_of_5000_sellers_and_20_routes_are_forgotten_by_themselves() -> None:
    clock = FakeClock()
    keeper = MemoryQuota(clock)
    use_all(keeper, range(5000), 20)
    assert len(keeper._buckets) == 100_000
    clock.elapsed = IDLE_SECONDS + 1.0
    for _ in range(100_000 // 16 + 1):
        keeper.reserve(KEY, SECOND, 1e9)
    assert set(keeper._buckets) == {KEY}


def test_e7_a_bucket_that_is_needed_for_long_is_no_obstacle_to_the_others() -> None:
    clock = FakeClock()
    keeper = MemoryQuota(clock)
    keeper.reserve(("slow", "GET /x"), Quota(1e-5, 1), 0.0)
    use_all(keeper, range(5), 10)
    clock.elapsed = IDLE_SECONDS + 1.0
    for _ in range(10):
        keeper.reserve(KEY, SECOND, 1e9)
    assert set(keeper._buckets) == {KEY, ("slow", "GET /x")}


def bytes_of_buckets() -> int:
    """Return what was allocated by the keeper and its buckets alone, and is still there."""
    ours = [tracemalloc.Filter(inclusive=True, filename_pattern=f"*/transport/{name}.py") for name in OURS]
    taken = tracemalloc.take_snapshot().filter_traces(ours)
    return sum(trace.size for trace in taken.traces)


OURS = ("quota", "bucket")


def test_e7_memory_is_bounded_by_the_sellers_of_an_hour() -> None:
    clock = FakeClock()
    keeper = MemoryQuota(clock)
    tracemalloc.start()
    try:
        sizes = []
        for hour in range(5):
            use_all(keeper, range(100 * hour, 100 * (hour + 1)), 5)
            clock.elapsed += IDLE_SECONDS + 1.0
            sizes.append(bytes_of_buckets())
        keeper.forget(0.0)
        left = bytes_of_buckets()
    finally:
        tracemalloc.stop()
    assert max(sizes) < 1.5 * sizes[0] < 500 * 1000
    # the empty table keeps its size
    assert left < sizes[0] / 4


def test_e7_files_of_many_sellers_are_removed_by_themselves(tmp_path: Path) -> None:
    clock = FakeClock()
    keeper = FileQuota(tmp_path, clock)
    use_all(keeper, range(25), 4)
    assert len(state_files(tmp_path)) == 100
    clock.elapsed = IDLE_SECONDS + 1.0
    for _ in range(30):
        keeper.reserve(KEY, SECOND, 1e9)
    assert len(list(tmp_path.iterdir())) <= 2
    assert keeper._to_look_at == []


def test_e7_what_others_use_is_not_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    keeper, other = FileQuota(tmp_path, clock), FileQuota(tmp_path, clock)
    use_all(keeper, range(3), 1)
    clock.elapsed = 3600.0
    name = state_files(tmp_path)[0].name
    with other._locked(name, 1.0):
        assert keeper.forget(60.0) == 2
    assert keeper.forget(60.0) == 1
    use_all(keeper, range(3), 1)
    monkeypatch.setattr(keeper, "_drop_locked", lambda *_: pytest.fail("was opened"))
    clock.elapsed += 59.0
    assert keeper.forget(60.0) == 0


def test_e7_only_files_of_its_own_are_removed(tmp_path: Path) -> None:
    clock = FakeClock()
    keeper = FileQuota(tmp_path, clock)
    keeper.reserve(KEY, SECOND, 0.0)
    (bucket,) = state_files(tmp_path)
    digest = "0123456789abcdef" * 2
    theirs = [tmp_path / name for name in ("notes", ".hidden.tmp", "a.lock", digest + digest)]
    orphan = f"{digest[::-1]}.lock"
    ours = [tmp_path / name for name in (f".{digest[:16]}.tmp", f"{digest}.lock", digest, orphan)]
    fresh = tmp_path / f".{digest[8:24]}.tmp"
    for path, time in [(fresh, clock.now().timestamp()), *((path, 0.0) for path in (*theirs, *ours))]:
        path.write_text("something")
        os.utime(path, (time, time))
    assert keeper.forget(60.0) == 1
    assert all(path.exists() for path in (*theirs, bucket, fresh))
    assert not any(path.exists() for path in ours)


def test_e7_files_from_before_a_restart_of_the_machine_are_removed(tmp_path: Path) -> None:
    before = FakeClock()
    before.elapsed = 100_000.0
    old = FileQuota(tmp_path, before)
    for _ in range(50):
        old.reserve(KEY, SECOND, 1e9)
    after = FakeClock(before.start)
    after.start = before.now()
    keeper = FileQuota(tmp_path, after)
    after.elapsed = 10.0
    assert keeper.forget(60.0) == 0
    after.elapsed = 61.0
    assert keeper.forget(60.0) == 1


def test_e7_a_folder_that_is_not_there_holds_nothing_to_forget(tmp_path: Path) -> None:
    assert FileQuota(tmp_path / "none", FakeClock()).forget(0.0) == 0


def test_e7_what_was_kept_without_the_folder_is_forgotten_too(tmp_path: Path) -> None:
    clock = FakeClock()
    keeper = FileQuota(tmp_path, clock)
    keeper.reserve(KEY, SECOND, 0.0)
    folder_out_of_reach(keeper)
    keeper.reserve(KEY, SECOND, 0.0)
    clock.elapsed = 3600.0
    assert keeper.forget(60.0) == 1


PROCESS = """
import sys
from pathlib import Path
from spshipping import FileQuota
from spshipping.operation import Quota

keeper, counter = FileQuota(sys.argv[1]), Path(sys.argv[2])

def count(bucket, now):
    counter.write_text(str(int(counter.read_text()) + 1))

for _ in range(100):
    keeper.change(("seller", "GET /x"), Quota(1.0, 1), count)
    keeper.forget(0.0)
"""


def test_e7_processes_that_forget_a_bucket_never_hold_it_at_the_same_time(tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    counter.write_text("0")
    processes: list[Any] = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(tmp_path / "quota"), str(counter)],
            env={**os.environ, "PYTHONDEVMODE": ""},
        )
        for _ in range(3)
    ]
    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]
    assert counter.read_text() == "300"
