"""No code is issued twice: by threads, processes and forks, after kills, within 365 days of its shipment."""

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from spshipping import ConfigurationError, InvalidRequestError
from spshipping.vendor.sscc import MemorySerials, SerialStore, SqliteSerials, Sscc, SsccIssuer
from spshipping.vendor.sscc.serials import SerialRange
from tests.kit import FakeClock

PREFIX = "9521234"
FULL = os.environ.get("SPSHIPPING_SOAK") == "full"
WORKER = Path(__file__).with_name("worker.py")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["memory", "sqlite"])
def serials(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Iterator[SerialStore]:
    if request.param == "memory":
        yield MemorySerials(clock=clock)
    else:
        with SqliteSerials(tmp_path / "serials.db", clock=clock) as store:
            yield store


def issued(issuer: SsccIssuer, count: int) -> list[int]:
    return [int(issuer.issue().digits[8:-1]) for _ in range(count)]


def test_codes_follow_each_other_from_the_start_value(serials: SerialStore) -> None:
    issuer = SsccIssuer(serials, PREFIX, extension=3, first=5000, block=2)
    assert issuer.issue() == Sscc.of(PREFIX, 5000, extension=3)
    assert issued(issuer, 4) == [5001, 5002, 5003, 5004]


def test_a_further_issuer_begins_behind_the_block_of_the_first(serials: SerialStore) -> None:
    issued(SsccIssuer(serials, PREFIX, block=10), 1)
    assert issued(SsccIssuer(serials, PREFIX, block=10), 2) == [10, 11]


def test_prefixes_and_extension_digits_have_serials_of_their_own(serials: SerialStore) -> None:
    codes = [
        SsccIssuer(serials, PREFIX).issue(),
        SsccIssuer(serials, PREFIX, extension=1).issue(),
        SsccIssuer(serials, "952123456").issue(),
    ]
    assert len(set(codes)) == 3


def test_ranges_that_share_numbers_never_issue_one_twice(serials: SerialStore) -> None:
    one = SsccIssuer(serials, PREFIX, first=0, last=9, block=4)
    other = SsccIssuer(serials, PREFIX, first=3, last=13, block=4)
    found = issued(one, 2) + issued(other, 6) + issued(one, 2)
    assert len(set(found)) == len(found)


def test_a_wider_range_issues_what_lies_before_and_between_the_blocks_of_others(serials: SerialStore) -> None:
    issued(SsccIssuer(serials, PREFIX, first=8, last=9, block=2), 1)
    issued(SsccIssuer(serials, PREFIX, first=3, last=4, block=2), 1)
    wide = SsccIssuer(serials, PREFIX, last=11, block=2)
    assert issued(wide, 8) == [10, 11, 0, 1, 2, 5, 6, 7]
    with pytest.raises(ConfigurationError, match="from 0 to 11"):
        wide.issue()


@pytest.mark.parametrize("seed", range(8))
def test_a_file_takes_the_blocks_that_memory_takes(tmp_path: Path, clock: FakeClock, seed: int) -> None:
    draw, memory = Random(seed), MemorySerials(clock=clock)
    with SqliteSerials(tmp_path / "serials.db", clock=clock) as file:
        for _ in range(40):
            first = draw.randrange(80)
            wanted = SerialRange(PREFIX, draw.randrange(2), first, draw.randrange(first, 100))
            size = draw.choice([1, 7, 30])
            assert file.take(wanted, size) == memory.take(wanted, size)
            shipped = PREFIX, draw.randrange(2), draw.randrange(100), clock.now()
            assert file.shipped(*shipped) == memory.shipped(*shipped)
            clock.elapsed += draw.choice([0, 0, 40]) * 86_400


def test_a_range_that_is_used_up_is_an_error_until_a_year_after_the_shipment(
    serials: SerialStore, clock: FakeClock
) -> None:
    issuer = SsccIssuer(serials, PREFIX, last=3, block=2)
    codes = [issuer.issue() for _ in range(4)]
    now = clock.now()
    assert issuer.shipped(codes[0], now + timedelta(days=2))
    assert issuer.shipped(codes[1], now)
    for days in (1, 366):
        with pytest.raises(ConfigurationError, match="from 0 to 3"):
            issuer.issue()
        clock.elapsed += days * 86_400
    clock.elapsed += 1
    assert [issuer.issue() for _ in range(2)] == codes[:2]
    with pytest.raises(ConfigurationError, match="extension digit"):
        issuer.issue()


def test_only_what_the_store_has_issued_can_be_shipped(serials: SerialStore, clock: FakeClock) -> None:
    issuer = SsccIssuer(serials, PREFIX)
    code = issuer.issue()
    assert issuer.shipped(code, clock.now())
    assert not issuer.shipped(Sscc.of(PREFIX, 5_000), clock.now())
    assert not issuer.shipped(Sscc.of(PREFIX, 0, extension=1), clock.now())
    assert not issuer.shipped(Sscc.of("4012345", 0), clock.now())
    with pytest.raises(InvalidRequestError, match="time zone"):
        issuer.shipped(code, datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    "options",
    [
        {"block": 0},
        {"block": 1.5},
        {"first": 5, "last": 4},
        {"first": -1},
        {"last": 10**9},
        {"extension": 11},
        {"first": "1"},
    ],
)
def test_what_is_no_range_is_refused(options: Any) -> None:
    with pytest.raises(InvalidRequestError):
        SsccIssuer(MemorySerials(), PREFIX, **options)


def test_threads_issue_each_code_once(serials: SerialStore) -> None:
    issuer = SsccIssuer(serials, PREFIX, block=7)
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.extend(issued(issuer, 200))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(1600))


def test_a_signal_handler_that_issues_a_code_draws_another_one(serials: SerialStore) -> None:
    class Interrupted:
        """A store that is interrupted while it is used."""

        def take(self, *arguments: Any) -> Any:
            if handlers:
                handlers.pop()()
            return serials.take(*arguments)

        def shipped(self, *arguments: Any) -> bool:
            return serials.shipped(*arguments)

    inner: list[int] = []
    issuer = SsccIssuer(Interrupted(), PREFIX, block=2)
    handlers: list[Callable[[], object]] = [lambda: inner.extend(issued(issuer, 1))]
    found = issued(issuer, 5)
    assert len(set(found + inner)) == 6


def test_a_forked_process_takes_a_block_of_its_own(tmp_path: Path) -> None:
    with SqliteSerials(tmp_path / "serials.db") as store:
        issuer = SsccIssuer(store, PREFIX, block=10)
        mine = issued(issuer, 1)
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            os.write(writer, str(issued(issuer, 1)[0]).encode())
            os._exit(0)
        os.waitpid(child, 0)
        assert [*mine, int(os.read(reader, 20)), *issued(issuer, 1)] == [0, 10, 1]
        os.close(reader)
        os.close(writer)


def test_a_store_shows_its_file_and_is_never_pickled(tmp_path: Path) -> None:
    store = SqliteSerials(tmp_path / "serials.db")
    assert repr(store) == f"<SqliteSerials {tmp_path / 'serials.db'}>"
    with pytest.raises(TypeError, match="open the same file"):
        pickle.dumps(store)


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    path.write_bytes(b"no database")
    with pytest.raises(ConfigurationError, match="ledger of serials"):
        SsccIssuer(SqliteSerials(path), PREFIX).issue()


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_serials_of_eight_processes_that_are_killed_are_right_and_never_twice(tmp_path: Path) -> None:
    wanted = 1_000_000 if FULL else 100_000
    found: list[bytes] = []
    kills = 0
    while len(found) < wanted:
        outputs = [tmp_path / f"codes-{kills}-{number}" for number in range(8)]
        share = wanted // 16
        workers = [
            subprocess.Popen(
                [sys.executable, str(WORKER), str(tmp_path / "serials.db"), str(path), str(count)]
            )
            for path, count in zip(outputs, [100 * share] * 4 + [share] * 4, strict=True)
        ]
        # half of them are killed somewhere on their way, when the others are done
        try:
            for worker in workers[4:]:
                assert worker.wait() == 0
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
        assert {worker.returncode for worker in workers[:4]} == {-signal.SIGKILL}
        kills += 4
        for path in outputs:
            lines = path.read_bytes().split(b"\n") if path.exists() else []
            found += lines[:-1]  # the last was being written
    assert len(set(found)) == len(found)
    for code in found:
        Sscc.read(code.decode())
