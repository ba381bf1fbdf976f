"""A worker whose clock, or whose sync, is wrong: it neither spins nor sleeps for long."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from spshipping.sync import Batch, MemoryLeases, NewChange, StepOfChanges, Worker
from tests.kit import FakeClock

EVERY = 300.0
HOUR = 3600.0


class DatedSync:
    """Says when the next step is due, by a clock of its own."""

    def __init__(self, clock: FakeClock, ahead: float = 0.0, items: int = 0) -> None:
        self.clock, self.ahead, self.items = clock, ahead, items
        self.steps = 0
        self.wait: Any = EVERY

    def step(self, deliver: Callable[[Batch[str]], object], *, every: timedelta | float) -> datetime:
        return self.clock.now() + timedelta(seconds=self.ahead + self._seconds(deliver))

    def step_changed(self, item_ids: Iterable[str], deliver: Callable[[Batch[str]], object]) -> StepOfChanges:
        self.steps += 1
        return StepOfChanges()

    def _seconds(self, deliver: Callable[[Batch[str]], object]) -> Any:
        self.steps += 1
        deliver(Batch(["found"] * self.items, save))
        return self.wait


class TimedSync(DatedSync):
    """Says in how many seconds it is due."""

    def step(self, deliver: Callable[[Batch[str]], object], *, every: timedelta | float) -> datetime:
        raise AssertionError("a time of another clock")

    def step_in(self, deliver: Callable[[Batch[str]], object], *, every: timedelta | float) -> float:
        seconds: float = self._seconds(deliver)
        return seconds


async def save() -> None:
    raise AssertionError


def served(sync: DatedSync, seconds: float = 0.0) -> float | None:
    """Serve a seller for so long, and return in how many seconds it is due after the last step."""
    leases, clock = MemoryLeases(sync.clock), sync.clock
    leases.add(["a"])
    worker = Worker[str](leases, lambda *_: sync, lambda *_: None, every=EVERY, clock=clock)
    ends_at = clock.elapsed + seconds
    while True:
        worker.step()
        due_in = leases.next_in()
        assert due_in is not None
        if clock.elapsed + due_in >= ends_at:
            return due_in
        clock.elapsed += due_in


@pytest.mark.parametrize("ahead", [-HOUR, -6.0, 0.0, 6.0, HOUR, 1e9])
def test_a_sync_that_says_in_how_many_seconds_is_asked_so_whatever_its_clock_says(ahead: float) -> None:
    sync = TimedSync(FakeClock(), ahead)
    assert served(sync, HOUR) == EVERY
    assert sync.steps == HOUR / EVERY


@pytest.mark.parametrize(
    ("kind", "wait"),
    [
        *[(kind, wait) for kind in (DatedSync, TimedSync) for wait in (0.0, -5.0, 0.001)],
        (TimedSync, float("nan")),
    ],
)
def test_a_step_that_reads_nothing_and_is_due_again_at_once_has_a_pause_before_it(
    kind: type[DatedSync], wait: float
) -> None:
    sync = kind(FakeClock())
    sync.wait = wait
    served(sync, 60)
    assert sync.steps == 60


def test_a_page_that_was_delivered_is_followed_by_the_next_at_once() -> None:
    sync = TimedSync(FakeClock(), items=3)
    sync.wait = 0.0
    assert served(sync) == 0


@pytest.mark.parametrize(
    ("ahead", "due_in"), [(-HOUR, 1.0), (-EVERY, 1.0), (0.0, EVERY), (180.0, 480.0), (HOUR, 900), (1e10, 900)]
)
def test_a_time_of_another_clock_is_late_by_ten_minutes_at_most(ahead: float, due_in: float) -> None:
    assert served(DatedSync(FakeClock(), ahead)) == pytest.approx(due_in)


@pytest.mark.parametrize(("year", "due_in"), [(1, 1.0), (9999, 900.0)])
def test_the_first_and_the_last_time_are_bounded(year: int, due_in: float) -> None:
    class Odd(DatedSync):
        def step(self, deliver: Callable[[Batch[str]], object], *, every: timedelta | float) -> datetime:
            return datetime(year, 1, 1, tzinfo=UTC)

    assert served(Odd(FakeClock())) == due_in


def test_a_change_of_which_nothing_is_said_waits_for_a_second() -> None:
    clock = FakeClock()
    sync, leases = TimedSync(clock), MemoryLeases(clock)
    leases.add(["a"])
    leases.note(NewChange("n1", "a", "order-1"))
    worker = Worker[str](leases, lambda *_: sync, lambda *_: None, every=EVERY, clock=clock)
    assert worker.step()
    assert leases.next_in() == 1.0
