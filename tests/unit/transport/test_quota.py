"""Keepers of buckets: in memory, and in files that several processes share."""

import os
import stat
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from spshipping import ConfigurationError, FileQuota, MemoryQuota
from spshipping.operation import Quota
from spshipping.transport.bucket import SLACK_SECONDS, Reservation
from spshipping.transport.quota import BucketKeeper
from tests.kit import FakeClock

KEY = ("seller", "GET /x")
SECOND = Quota(1.0, 1)


@pytest.fixture(params=["memory", "file"])
def keeper(request: pytest.FixtureRequest, tmp_path: Path) -> BucketKeeper:
    clock = FakeClock()
    return MemoryQuota(clock) if request.param == "memory" else FileQuota(tmp_path / "quota", clock)


def test_sellers_and_routes_have_buckets_of_their_own(keeper: BucketKeeper) -> None:
    keys = [KEY, ("other", KEY[1]), (KEY[0], "GET /y"), ("\ud800", KEY[1])]
    assert all(keeper.reserve(key, SECOND, 0.0).is_granted for key in keys)
    assert not keeper.reserve(KEY, SECOND, 0.0).is_granted


def test_what_one_call_learns_moves_the_turns_of_the_others(keeper: BucketKeeper) -> None:
    keeper.reserve(KEY, SECOND, 0.0)
    turn = keeper.reserve(KEY, SECOND, 100.0)
    assert turn.wait == pytest.approx(1.0 + SLACK_SECONDS)
    keeper.learn(KEY, SECOND, 0.1)
    assert keeper.remaining(KEY, SECOND, turn) == pytest.approx(10.0 + SLACK_SECONDS)
    keeper.drain(KEY, SECOND, turn)
    assert keeper.state(KEY, SECOND).rate == pytest.approx(0.048)
    keeper.give_back(KEY, SECOND, turn)
    assert keeper.state(KEY, SECOND).left == 0.0


def test_case_37_eight_threads_take_turns_one_by_one(keeper: BucketKeeper) -> None:
    """However they are scheduled, nobody gets a turn twice, and no turn is skipped."""
    turns: list[Reservation] = []
    threads = [
        threading.Thread(
            target=lambda: turns.extend(keeper.reserve(KEY, SECOND, 1e9) for _ in range(20)), daemon=True
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(turn.number for turn in turns) == list(range(1, 161))
    waits = [turn.wait for turn in sorted(turns, key=lambda turn: turn.number)]
    assert waits == pytest.approx([0.0] + [SLACK_SECONDS + n for n in range(1, 160)])


def test_a_lock_that_was_held_at_a_fork_does_not_hold_up_the_child() -> None:
    keeper = MemoryQuota(FakeClock())
    keeper._lock.acquire()
    keeper.renew_locks()
    assert keeper.reserve(KEY, SECOND, 0.0).is_granted


def test_files_outlive_the_keeper(tmp_path: Path) -> None:
    clock = FakeClock()
    assert FileQuota(tmp_path, clock).reserve(KEY, SECOND, 0.0).is_granted
    assert not FileQuota(tmp_path, clock).reserve(KEY, SECOND, 0.0).is_granted


def test_files_name_nobody(tmp_path: Path) -> None:
    FileQuota(tmp_path, FakeClock()).reserve(("amzn1.client seller-digest", "GET /x"), SECOND, 0.0)
    for path in tmp_path.iterdir():
        assert "amzn1" not in path.name + path.read_text()
        assert "seller" not in path.name + path.read_text()


@pytest.mark.parametrize("damage", ["", "1 2 3", "these are no numbers at all", "x" * 5000])
def test_a_damaged_file_is_a_full_bucket(tmp_path: Path, damage: str) -> None:
    keeper = FileQuota(tmp_path, FakeClock())
    keeper.reserve(KEY, SECOND, 0.0)
    (path,) = (path for path in tmp_path.iterdir() if not path.suffix)
    path.write_text(damage)
    assert keeper.reserve(KEY, SECOND, 0.0).is_granted


SENSE = ["-3.5", "4", "1000.0", "0.5", "1.0", "1", "7", "0.0", "0", "990.0", "980.0", "1000.0"]


def test_e1_the_numbers_of_a_file_are_used_as_they_are(tmp_path: Path) -> None:
    clock = FakeClock()
    keeper = FileQuota(tmp_path, clock)
    keeper.reserve(KEY, SECOND, 0.0)
    (path,) = (path for path in tmp_path.iterdir() if not path.suffix)
    path.write_text(" ".join(SENSE))
    assert keeper.reserve(KEY, SECOND, 60.0).wait == pytest.approx((5 + 3.5) / 0.5)


@pytest.mark.parametrize(("rate", "wait"), [("0.001", 8500.0), ("0.0009", 0.0)])
def test_e1_a_stored_rate_is_used_down_to_a_thousandth_of_the_published_one(
    tmp_path: Path, rate: str, wait: float
) -> None:
    keeper = FileQuota(tmp_path, FakeClock())
    keeper.reserve(KEY, SECOND, 0.0)
    (path,) = (path for path in tmp_path.iterdir() if not path.suffix)
    path.write_text(" ".join([*SENSE[:3], rate, *SENSE[4:]]))
    assert keeper.reserve(KEY, SECOND, 1e9).wait == pytest.approx(wait)


@pytest.mark.parametrize("nonsense", ["nan", "inf", "-inf", "1e15", "-1e15", "1" + "0" * 400, "0x1", "one"])
@pytest.mark.parametrize("index", range(12))
def test_e1_a_stored_number_that_makes_no_sense_is_as_if_it_were_not_there(
    tmp_path: Path, index: int, nonsense: str
) -> None:
    clock = FakeClock()
    keeper = FileQuota(tmp_path, clock)
    keeper.reserve(KEY, SECOND, 0.0)
    (path,) = (path for path in tmp_path.iterdir() if not path.suffix)
    path.write_text(" ".join([*SENSE[:index], nonsense, *SENSE[index + 1 :]]))
    turn = keeper.reserve(KEY, SECOND, 60.0)
    assert turn.is_granted
    clock.elapsed += 100
    keeper.learn(KEY, SECOND, 2.0)
    keeper.drain(KEY, SECOND, keeper.reserve(KEY, SECOND, 60.0))
    keeper.give_back(KEY, SECOND, turn)
    assert keeper.state(KEY, SECOND).wait < 60


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such links and modes")
def test_e1_a_planted_link_is_not_followed_and_files_are_their_owners(tmp_path: Path) -> None:
    victim, folder = tmp_path / "victim", tmp_path / "quota"
    victim.write_text("precious")
    before = os.umask(0)
    try:
        keeper = FileQuota(folder, FakeClock())
        keeper.reserve(KEY, SECOND, 0.0)
        (path,) = (path for path in folder.iterdir() if not path.suffix)
        path.with_suffix(".new").symlink_to(victim)
        assert not keeper.reserve(KEY, SECOND, 0.0).is_granted
        path.unlink()
        path.symlink_to(victim)
        assert keeper.reserve(KEY, SECOND, 0.0).is_granted
    finally:
        os.umask(before)
    assert victim.read_text() == "precious"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    kept = [path for path in folder.iterdir() if not path.is_symlink()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such pipes")
def test_e4_a_pipe_in_the_place_of_a_file_holds_nobody_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keeper = FileQuota(tmp_path, FakeClock())
    keeper.reserve(KEY, SECOND, 0.0)
    (path,) = (path for path in tmp_path.iterdir() if not path.suffix)
    path.unlink()
    os.mkfifo(path)
    assert keeper.reserve(KEY, SECOND, 0.0).is_granted
    assert "out of reach (OSError)" in caplog.text


def test_after_a_restart_of_the_machine_nobody_waits_for_the_dead(tmp_path: Path) -> None:
    before = FakeClock()
    before.elapsed = 100_000.0
    old = FileQuota(tmp_path, before)
    for _ in range(50):
        old.reserve(KEY, SECOND, 1e9)
    fresh = FileQuota(tmp_path, FakeClock())
    assert fresh.reserve(KEY, SECOND, 1e9).wait == pytest.approx(1.0)


def test_a_folder_out_of_reach_is_said_once_and_costs_no_call(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = tmp_path / "quota"
    place.write_text("a file where the folder should be")
    keeper = FileQuota(place, FakeClock())
    turns = [keeper.reserve(KEY, SECOND, 1e9).wait for _ in range(3)]
    assert turns == pytest.approx([0.0, 1.0 + SLACK_SECONDS, 2.0 + SLACK_SECONDS])
    assert [record.getMessage() for record in caplog.records] == [
        "the shared quota is out of reach (FileExistsError): going on without it"
    ]


def test_a_bucket_that_another_process_never_lets_go_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("spshipping.transport.shared._PATIENCE_SECONDS", 0.01)
    keeper, stuck = FileQuota(tmp_path, FakeClock()), FileQuota(tmp_path, FakeClock())
    keeper.reserve(KEY, SECOND, 0.0)
    (path,) = (path for path in tmp_path.iterdir() if not path.suffix)
    with stuck._locked(path.name, 1.0):
        assert keeper.reserve(KEY, SECOND, 0.0).is_granted
    assert "(Timeout)" in caplog.text


def test_without_the_extra_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "filelock", None)
    with pytest.raises(ConfigurationError, match=r"spshipping\[store\]"):
        FileQuota(tmp_path)


def test_locks_held_at_a_fork_are_left_behind_and_stay_the_parents(tmp_path: Path) -> None:
    keeper = FileQuota(tmp_path, FakeClock())
    keeper.reserve(KEY, SECOND, 0.0)
    lock = keeper._held
    keeper._threads.acquire()
    keeper.renew_locks()
    assert keeper.reserve(KEY, SECOND, 100.0).is_granted
    assert keeper._held is not lock
    assert lock in keeper._left_behind


PROCESS = """
import sys
from spshipping import FileQuota
from spshipping.operation import Quota
keeper = FileQuota(sys.argv[1])
for _ in range(100):
    print(keeper.reserve(("seller", "GET /x"), Quota(1.0, 1), 1e9).number)
"""


def test_case_38_four_processes_hand_out_every_turn_once(tmp_path: Path) -> None:
    """The shared keeper is a locked file."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONDEVMODE": ""},
        )
        for _ in range(4)
    ]
    numbers = Counter(
        int(number) for process in processes for number in process.communicate(timeout=60)[0].split()
    )
    assert numbers == Counter(range(1, 401))
