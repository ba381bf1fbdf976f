"""A worker over leases in memory: who is served when, and what becomes of those that fail."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from spshipping import AuthError, InvalidRequestError, LeaseLostError, NotFoundError
from spshipping.sync import (
    Batch,
    Checkpoint,
    CheckpointStore,
    MemoryLeases,
    NewChange,
    SellerLease,
    StepOfChanges,
    Worker,
    WorkerStatus,
)
from tests.kit import START, FakeClock

EVERY = 300.0
POINT = Checkpoint(START)
Result = float | Exception


class ScriptedSync:
    """What a worker has of a seller: a script of the seconds until the next step, or errors."""

    def __init__(self, shop: "Shop", seller: str, store: CheckpointStore) -> None:
        self.shop, self.seller, self.store = shop, seller, store

    def step(self, deliver: Callable[[Batch[str]], object], *, every: timedelta | float) -> datetime:
        self.shop.searched.append(self.seller)
        self.shop.clock.elapsed += self.shop.seconds
        script = self.shop.steps.get(self.seller, [])
        wait = script.pop(0) if script else EVERY
        if isinstance(wait, Exception):
            raise wait
        assert every == EVERY
        deliver(Batch([f"{self.seller} found"], self.save))
        self.store.save(POINT)
        return self.shop.clock.now() + timedelta(seconds=wait)

    def step_changed(self, item_ids: Iterable[str], deliver: Callable[[Batch[str]], object]) -> StepOfChanges:
        asked = list(item_ids)
        self.shop.named += asked
        step = self.shop.changes.pop(0) if self.shop.changes else StepOfChanges(asked)
        if step.delivered:
            deliver(Batch(list(step.delivered), self.save))
        return step

    async def save(self) -> None:
        raise AssertionError


class Shop:
    """Sellers, their leases, and what was delivered."""

    def __init__(self, *sellers: str) -> None:
        self.clock = FakeClock()
        self.leases: Any = MemoryLeases(self.clock)
        self.leases.add(sellers)
        self.seconds = 0.0
        """How long a search takes."""
        self.steps: dict[str, list[Result]] = {}
        self.changes: list[StepOfChanges] = []
        self.searched: list[str] = []
        self.named: list[str] = []
        self.delivered: list[tuple[str, Sequence[str]]] = []

    def deliver(self, seller: str, batch: Batch[str]) -> None:
        self.delivered.append((seller, batch.items))

    def sync_of(self, seller: str, store: CheckpointStore) -> ScriptedSync:
        return ScriptedSync(self, seller, store)

    def worker(self, **options: Any) -> Worker[str]:
        return Worker(self.leases, self.sync_of, self.deliver, every=EVERY, clock=self.clock, **options)

    def drain(self, worker: Worker[str]) -> None:
        while worker.step():
            pass

    def note(self, *item_ids: str, seller: str = "a") -> None:
        for item_id in item_ids:
            self.leases.note(NewChange(f"note of {item_id}", seller, item_id))


def test_every_seller_that_is_due_is_served_and_released_until_it_is_due_again() -> None:
    shop = Shop("a", "b")
    worker = shop.worker()
    shop.drain(worker)
    assert shop.delivered == [("a", ["a found"]), ("b", ["b found"])]
    assert shop.leases.next_in() == EVERY
    assert worker.status == WorkerStatus(steps=2, delivered=2)
    assert [one.until for one in shop.leases.sellers()] == [START, START]
    shop.clock.elapsed += EVERY
    shop.drain(worker)
    assert shop.searched == ["a", "b"] * 2


def test_a_seller_whose_backfill_waits_for_the_quota_is_held_by_nobody_meanwhile() -> None:
    shop = Shop("a", "b")
    shop.seconds = 0.5
    shop.steps["a"] = [0.0, 178.0, 178.0]
    shop.drain(shop.worker())
    assert shop.searched == ["a", "b", "a"], "a page further, it stands behind the others"
    assert not any(one.is_owned for one in shop.leases.sellers())
    assert shop.leases.next_in() == pytest.approx(178)
    assert shop.clock.slept == []


def test_a_seller_that_fails_is_put_off_for_longer_each_time_and_stops_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shop = Shop("a", "b")
    shop.steps["a"] = [AuthError("revoked"), *[ValueError("Ada Lovelace")] * 7]
    worker, pauses = shop.worker(), list[float]()
    with caplog.at_level(logging.ERROR):
        for _ in range(8):
            shop.drain(worker)
            (row, _) = shop.leases.sellers()
            pauses.append(row.due_in)
            shop.clock.elapsed += row.due_in
    assert pauses == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert shop.searched.count("b") == 8 - 2, "it was due each time but for the first short pauses"
    assert "the sync of a failed, 1 in a row: revoked" in caplog.text
    assert "the sync of a failed, 2 in a row: ValueError" in caplog.text
    assert "Ada" not in caplog.text
    shop.drain(worker)
    assert shop.leases.sellers()[0].failures == 0
    assert worker.status.failures == 8


def test_changes_are_delivered_without_a_search_and_the_search_stays_when_it_was() -> None:
    shop = Shop("a")
    worker = shop.worker()
    shop.drain(worker)
    shop.clock.elapsed += 100
    shop.note("1", "2")
    shop.drain(worker)
    assert shop.searched == ["a"]
    assert shop.named == ["1", "2"]
    assert shop.delivered[1:] == [("a", ["1", "2"])]
    assert shop.leases.next_in() == EVERY - 100
    assert shop.leases.sellers()[0].changes == 0


def test_changes_that_came_with_a_search_that_is_due_come_first() -> None:
    shop = Shop("a")
    shop.note("1")
    shop.drain(shop.worker())
    assert [items for _, items in shop.delivered] == [["1"], ["a found"]]
    assert shop.leases.next_in() == EVERY


def test_ten_changes_are_a_step() -> None:
    shop = Shop("a")
    shop.note(*[str(number) for number in range(25)])
    shop.drain(shop.worker())
    assert [len(items) for _, items in shop.delivered] == [10, 1, 10, 5]
    assert len(shop.named) == 25


def test_what_the_quota_does_not_allow_yet_waits_for_it() -> None:
    shop = Shop("a")
    worker = shop.worker()
    shop.drain(worker)
    shop.note("1", "2")
    shop.changes = [StepOfChanges(["1"], wait=30.0)]
    shop.drain(worker)
    assert shop.leases.next_in() == 30
    shop.clock.elapsed += 30
    shop.drain(worker)
    assert shop.named == ["1", "2", "2"]


def test_a_change_that_cannot_be_fetched_is_put_off_and_at_last_set_aside() -> None:
    shop = Shop("a")
    worker = shop.worker()
    shop.note("1", "2")
    gone = NotFoundError("no such order")
    shop.changes = [StepOfChanges(["2"], {"1": gone}), *[StepOfChanges((), {"1": gone})] * 7]
    for _ in range(8):
        shop.drain(worker)
        assert shop.leases.sellers()[0].failures == 0
        shop.clock.elapsed += 3600
    assert shop.named == ["1", "2", *["1"] * 7]
    (aside,) = shop.leases.quarantined()
    assert (aside.seller, aside.item_id, aside.reason) == ("a", "1", "no such order")


def test_a_change_that_waited_for_the_quota_is_no_nearer_to_be_set_aside() -> None:
    shop = Shop("a")
    worker = shop.worker()
    shop.note("1")
    shop.changes = [StepOfChanges(wait=30.0)] * 20
    for _ in range(20):
        shop.drain(worker)
        shop.clock.elapsed += 30
    gone = NotFoundError("no such order")
    shop.changes = [StepOfChanges((), {"1": gone})] * 8
    pauses = list[float]()
    for _ in range(7):
        shop.drain(worker)
        (waiting,) = shop.leases._rows["a"].waiting.values()
        pauses.append(waiting.due_at - shop.clock.monotonic())
        shop.clock.elapsed += pauses[-1]
    assert pauses == [60, 120, 240, 480, 960, 1920, 3600]
    assert shop.leases.quarantined() == []
    shop.drain(worker)
    assert len(shop.leases.quarantined()) == 1


def test_an_error_about_the_seller_puts_it_off_after_what_was_delivered() -> None:
    shop = Shop("a")
    shop.note("1", "2")
    shop.changes = [StepOfChanges(["1"], error=AuthError("revoked"), met_by="2")]
    shop.steps["a"] = [AuthError("revoked")]
    shop.drain(shop.worker())
    assert shop.delivered == [("a", ["1"])]
    assert shop.searched == ["a"], "it is due, and fails too"
    (row,) = shop.leases.sellers()
    assert (row.failures, row.changes, row.due_in) == (1, 1, 60)


def test_a_seller_that_was_taken_over_is_left_to_its_new_owner(caplog: pytest.LogCaptureFixture) -> None:
    shop = Shop("a")
    worker = shop.worker(lease=60)
    taken = list[SellerLease]()

    def slow(seller: str, batch: Batch[str]) -> None:
        shop.clock.elapsed += 61
        taken.append(shop.leases.claim("another", 600))

    shop.deliver = slow  # type: ignore[method-assign]
    worker = shop.worker(lease=60)
    assert worker.step()
    assert worker.status == WorkerStatus(steps=1, delivered=1, lost=1)
    assert "a is another worker's by now, or was removed" in caplog.text
    assert not worker.step()
    taken[0].save(POINT)


def test_what_was_done_long_ago_is_forgotten_each_hour() -> None:
    shop = Shop("a")
    worker = shop.worker(remember=7300)
    shop.note("1")
    shop.drain(worker)
    for hour, is_known in enumerate([True, True, False], 1):
        shop.clock.elapsed = hour * 3600.0 + hour
        shop.drain(worker)
        assert (not shop.leases.reject("note of 1", "known?")) is is_known


def test_leases_out_of_reach_are_tried_again_with_growing_pauses(caplog: pytest.LogCaptureFixture) -> None:
    shop = Shop("a")

    class Down:
        failures = 7

        def __getattr__(self, name: str) -> Any:
            return getattr(shop_leases, name)

        def claim(self, *args: Any) -> Any:
            if self.failures:
                self.failures -= 1
                raise OSError("no route to the server of Ada")
            return shop_leases.claim(*args)

    shop_leases, shop.leases = shop.leases, Down()
    worker = shop.worker()
    assert worker.status.out_of_reach == 0
    worker.work(stop_when(lambda: bool(shop.delivered)))
    assert shop.clock.elapsed == 2 + 4 + 8 + 16 + 32 + 60 + 60
    assert "out of reach, 7 in a row: OSError" in caplog.text
    assert "Ada" not in caplog.text
    assert worker.status == WorkerStatus(steps=1, delivered=1)


class Stopper:
    def __init__(self, when: Callable[[], bool]) -> None:
        self.is_set = when


def stop_when(when: Callable[[], bool]) -> Stopper:
    return Stopper(when)


def test_a_worker_with_nothing_to_do_looks_each_second_and_stops_when_it_is_told() -> None:
    shop = Shop()
    shop.worker().work(stop_when(lambda: shop.clock.elapsed > 3))
    assert shop.clock.slept == [1.0] * 4
    shop = Shop("a")
    worker = shop.worker()
    worker.work(stop_when(lambda: shop.clock.elapsed > 3))
    assert shop.clock.slept == [1.0] * 4
    shop.clock.slept.clear()
    worker.work(stop_when(lambda: shop.searched == ["a"] * 2))
    assert shop.clock.elapsed == EVERY, "it waits no longer than until the next is due"


@pytest.fixture
def held() -> Iterator[threading.Event]:
    """What a delivery waits for, until the test has ended."""
    event = threading.Event()
    yield event
    event.set()


def test_threads_serve_sellers_side_by_side_until_they_are_stopped() -> None:
    shop = Shop("a", "b", "c")
    stop, together = threading.Event(), threading.Barrier(3)

    def deliver(seller: str, batch: Batch[str]) -> None:
        together.wait(30)  # all three are in their step
        stop.set()

    shop.deliver = deliver  # type: ignore[method-assign]
    worker = shop.worker(threads=3)
    assert worker.run(stop=stop)
    assert worker.status.delivered == 3
    assert not any(one.is_owned for one in shop.leases.sellers())


def test_a_step_that_does_not_end_does_not_keep_the_worker_from_stopping(held: threading.Event) -> None:
    shop, stop = Shop("a"), threading.Event()

    def deliver(seller: str, batch: Batch[str]) -> None:
        stop.set()
        held.wait(30)

    shop.deliver = deliver  # type: ignore[method-assign]
    assert not shop.worker(threads=1).run(stop=stop, grace=0.01)
    assert shop.leases.sellers()[0].is_owned, "until its lease ends"


def test_arguments_that_cannot_be_used_are_refused() -> None:
    shop = Shop("a")
    for options in ({"threads": 0}, {"threads": True}, {"lease": 9e9}, {"remember": "a week"}):
        with pytest.raises(InvalidRequestError, match=f"^{next(iter(options))}: "):
            shop.worker(**options)
    with pytest.raises(InvalidRequestError, match="takes a function"):
        Worker(shop.leases, shop.sync_of, "print")  # type: ignore[arg-type]
    with pytest.raises(InvalidRequestError, match="takes a function"):
        Worker(shop.leases, None, shop.deliver)  # type: ignore[arg-type]
    with pytest.raises(InvalidRequestError, match="is_set"):
        shop.worker().run(stop=True)  # type: ignore[arg-type]
    assert issubclass(LeaseLostError, Exception)
