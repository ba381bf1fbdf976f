"""What a worker does with a function that cannot work, an error that ends threads, and rows of others."""

import asyncio
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from spshipping import ConfigurationError, InvalidRequestError, LeaseLostError, SpShippingError
from spshipping.sync import Batch, NewChange, Worker, WorkerStatus
from spshipping.sync.leases_memory import MemoryLease
from tests.kit import FakeClock
from tests.unit.sync.test_worker import EVERY, Shop, stop_when


class LeaveError(BaseException):
    """Is no `Exception`."""


@pytest.mark.parametrize("error", [LeaveError, asyncio.CancelledError, GeneratorExit])
def test_whatever_a_delivery_raises_is_that_seller_s_failure(
    error: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    shop, deliver = Shop("a", "b"), Shop.deliver

    def failing(seller: str, batch: Batch[str]) -> None:
        if seller == "a":
            raise error("Ada Lovelace")
        deliver(shop, seller, batch)

    shop.deliver = failing  # type: ignore[method-assign]
    worker = shop.worker()
    shop.drain(worker)
    assert shop.delivered == [("b", ["b found"])]
    assert worker.status == WorkerStatus(steps=2, delivered=1, failures=1)
    (row, _) = shop.leases.sellers()
    assert (row.failures, row.due_in, row.until) == (1, 60, None)
    assert f"the sync of a failed, 1 in a row: {error.__name__}" in caplog.text
    assert "Ada" not in caplog.text


def test_a_lease_of_its_own_that_a_delivery_lost_is_its_failure_and_puts_the_seller_off(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shop = Shop("a")

    def deliver(seller: str, batch: Batch[str]) -> None:
        raise LeaseLostError("a lock of the shop's")

    shop.deliver = deliver  # type: ignore[method-assign]
    worker = shop.worker()
    shop.drain(worker)
    assert worker.status == WorkerStatus(steps=1, failures=1)
    (row,) = shop.leases.sellers()
    assert (row.failures, row.due_in, row.is_owned) == (1, 60, False)
    assert "the sync of a failed, 1 in a row: a lock of the shop's" in caplog.text


def test_a_seller_that_was_removed_is_not_said_to_be_another_worker_s(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shop = Shop("a")
    shop.deliver = lambda *_: shop.leases.remove("a")  # type: ignore[method-assign]
    worker = shop.worker()
    shop.drain(worker)
    assert worker.status == WorkerStatus(steps=1, delivered=1, lost=1)
    assert "or was removed" in caplog.text


def test_steps_that_take_longer_than_the_lease_are_said_to_lead_nowhere(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shop = Shop("a")

    def slow(seller: str, batch: Batch[str]) -> None:
        shop.clock.elapsed += 90
        shop.leases.claim("another", 60)

    shop.deliver = slow  # type: ignore[method-assign]
    worker = shop.worker(lease=60)
    for _ in range(2):
        assert worker.step()
        shop.clock.elapsed += 60
    assert worker.status == WorkerStatus(steps=2, delivered=2, lost=2)
    said = (
        "the step of a took 90 seconds, and its lease ends after 60: where each takes so long, none is ever"
    )
    assert caplog.text.count(said) == 2


def test_a_step_whose_seller_was_taken_over_at_its_end_counts_once(caplog: pytest.LogCaptureFixture) -> None:
    shop = Shop("a")
    worker = shop.worker(lease=60)
    release = MemoryLease.release

    def late(lease: MemoryLease, search_in: float, failures: int = 0) -> None:
        shop.leases.remove("a")
        release(lease, search_in, failures)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryLease, "release", late)
        assert worker.step()
    assert worker.status == WorkerStatus(steps=1, delivered=1, lost=1)
    assert "longer lease" not in caplog.text


def test_the_search_has_a_whole_lease_after_the_changes_that_were_slow() -> None:
    shop = Shop("a")
    shop.note("1")
    ends = list[float]()

    def slow(seller: str, batch: Batch[str]) -> None:
        shop.clock.elapsed += 50
        ends.append(shop.leases.next_in())

    shop.deliver = slow  # type: ignore[method-assign]
    assert shop.worker(lease=60).step()
    assert ends == [10, 10], "of the changes, and of the search"


def test_a_signal_handler_may_ask_how_long_the_steps_have_run_at_any_moment() -> None:
    worker = Shop("a").worker()
    with worker._lock:
        assert worker.step_seconds() == []
        assert not worker.is_stuck


def test_a_worker_is_stuck_when_each_thread_is_in_a_step_for_longer_than_the_lease() -> None:
    shop, clock, seen = Shop("a", "b", "c"), FakeClock(), list[tuple[list[float], bool]]()

    def deliver(seller: str, batch: Batch[str]) -> None:
        clock.elapsed += 50
        if seller != "c":
            worker.step()
            clock.elapsed += 11
        seen.append((worker.step_seconds(), worker.is_stuck))

    worker = Worker(shop.leases, shop.sync_of, deliver, every=EVERY, threads=2, lease=60, clock=clock)
    assert (worker.step_seconds(), worker.is_stuck) == ([], False)
    worker.step()
    assert seen == [([150, 100, 50], True), ([161, 111], True), ([172], False)]
    assert (worker.step_seconds(), worker.is_stuck) == ([], False)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_a_program_is_passed_on_in_the_main_thread_and_in_another_it_is_a_failure(
    error: type[BaseException],
) -> None:
    shop, stop = Shop("a"), threading.Event()

    def deliver(seller: str, batch: Batch[str]) -> None:
        stop.set()
        raise error

    shop.deliver = deliver  # type: ignore[method-assign]
    worker = shop.worker(threads=1)
    with pytest.raises(error):
        worker.step()
    assert worker.status == WorkerStatus()
    shop.leases.remove("a")
    shop.leases.add(["a"])
    stop.clear()
    assert worker.run(stop=stop)
    assert worker.status == WorkerStatus(steps=1, failures=1)


def test_a_thread_that_dies_ends_the_run_with_an_error() -> None:
    shop, own = Shop("a"), threading.current_thread()
    leases, is_down = shop.leases, threading.Event()

    class Ending:
        def __getattr__(self, name: str) -> Any:
            return getattr(leases, name)

        def claim(self, *args: Any) -> Any:
            if not is_down.is_set():
                is_down.set()
                raise SystemExit("Ada Lovelace")
            return leases.claim(*args)

    shop.leases = Ending()
    worker = shop.worker(threads=3)
    with pytest.raises(SpShippingError, match="SystemExit ended a thread of the worker") as caught:
        worker.run()
    assert "Ada" not in str(caught.value)
    assert worker.status.died == 1
    assert threading.current_thread() is own


class HaltError(BaseException):
    """Is raised in the main thread, as KeyboardInterrupt is by Ctrl-C."""


def test_where_run_raises_its_threads_end_after_their_step() -> None:
    shop, before = Shop("a", "b"), threading.enumerate()
    own, served = threading.current_thread(), threading.Event()
    shop.deliver = lambda *_: served.set()  # type: ignore[method-assign]

    def halt() -> bool:
        if threading.current_thread() is own and served.is_set():
            raise HaltError
        return False

    with pytest.raises(HaltError):
        shop.worker(threads=3).run(stop=stop_when(halt))
    for thread in set(threading.enumerate()) - set(before):
        thread.join(30)
        assert not thread.is_alive()


def test_where_a_thread_cannot_start_the_others_end(monkeypatch: pytest.MonkeyPatch) -> None:
    shop, started, start = Shop("a"), list[threading.Thread](), threading.Thread.start

    def starting(thread: threading.Thread) -> None:
        if len(started) == 2:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", starting)
    with pytest.raises(RuntimeError, match="new thread"):
        shop.worker(threads=4).run()
    for thread in started:
        thread.join(30)
        assert not thread.is_alive()


def test_leases_out_of_reach_for_days_end_no_worker() -> None:
    shop = Shop("a")

    class Away:
        def claim(self, *_: Any) -> Any:
            raise OSError

    shop.leases = Away()
    worker = shop.worker()
    worker.status = worker.status._replace(out_of_reach=1020)
    worker.work(stop_when(lambda: shop.clock.elapsed >= 600))
    assert worker.status.out_of_reach == 1030


def test_a_stop_that_is_taken_back_has_ended_the_threads() -> None:
    shop = Shop()
    answers = iter([True])
    assert shop.worker(threads=2).run(stop=stop_when(lambda: next(answers, False)))


async def coroutine(seller: str, batch: Batch[str]) -> None:
    raise AssertionError("it never runs")


def generator(seller: str, batch: Batch[str]) -> Any:
    yield seller


async def asynchronous_generator(seller: str, batch: Batch[str]) -> Any:
    yield seller


class Callee:
    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __call__(self, *args: Any) -> Any:
        return self.function(*args)


@pytest.mark.parametrize("function", [coroutine, generator, asynchronous_generator])
def test_a_function_whose_body_would_not_run_is_refused(function: Callable[..., Any]) -> None:
    shop = Shop("a")
    for given in (function, partial(function)):
        with pytest.raises(ConfigurationError, match=r"^deliver is a (coroutine|generator) function"):
            Worker(shop.leases, shop.sync_of, given)
    with pytest.raises(ConfigurationError, match=r"^sync_of is a (coroutine|generator) function"):
        Worker(shop.leases, function, shop.deliver)


@pytest.mark.parametrize("function", [coroutine, generator, asynchronous_generator])
def test_a_delivery_that_only_returns_what_would_run_is_a_failure(
    function: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    for given in (lambda *args: function(*args), Callee(function)):
        shop = Shop("a")
        shop.deliver = given  # type: ignore[method-assign]
        worker = shop.worker()
        shop.drain(worker)
        assert worker.status == WorkerStatus(steps=1, failures=1), "nothing counts as delivered"
        (row,) = shop.leases.sellers()
        assert (row.failures, row.until) == (1, None), "and nothing is committed"
    assert "which nothing runs" in caplog.text


def test_a_worker_serves_its_own_sellers_and_leaves_the_rows_of_others_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shop = Shop("a", "b", "gone")
    shop.leases.note(NewChange("n1", "gone", "order-1"))
    before = next(one for one in shop.leases.sellers() if one.name == "gone")
    first, second = shop.worker(sellers=["a"]), shop.worker(sellers=("b",))
    shop.drain(first)
    assert shop.searched == ["a"]
    shop.drain(second)
    assert shop.searched == ["a", "b"]
    with caplog.at_level(logging.DEBUG):
        first.work(stop_when(lambda: shop.clock.elapsed > EVERY))
    assert shop.searched == ["a", "b", "a"]
    assert shop.clock.slept[0] == 1.0, "it does not spin for what is due and not its own"
    assert caplog.text == ""
    after = next(one for one in shop.leases.sellers() if one.name == "gone")
    assert after == before._replace(due_in=-shop.clock.elapsed)
    assert first.sellers == frozenset(["a"])
    assert shop.worker().sellers is None


@pytest.mark.parametrize("name", ["", "a\0", "\ud800", "a" * 201, 7])
def test_a_worker_refuses_names_that_no_row_can_have(name: Any) -> None:
    with pytest.raises(InvalidRequestError, match=r"sellers\[1\]"):
        Shop("a").worker(sellers=["a", name])


def test_a_line_end_in_the_name_of_a_seller_begins_no_line_of_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    name = "a\nERROR forged"
    shop = Shop(name)
    shop.steps[name] = [ConfigurationError(f"no token for {name}")]
    shop.drain(shop.worker())
    assert "no token for a\\nERROR forged" in caplog.text
    assert "\nERROR" not in "".join(record.getMessage() for record in caplog.records)
