"""The queue of a worker: its thread is watched, and its failures are seen."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from spshipping import SpShippingError
from spshipping.cli.health import counts_of
from spshipping.cli.queue import QueueThread
from spshipping.notifications.sqs import QueueStatus
from spshipping.sync import MemoryLeases, Stop, Worker


class Consumer:
    """Takes nothing; ends at once, or when it is told."""

    def __init__(self, error: BaseException | None = None, *, is_patient: bool = False) -> None:
        self.error = error
        self.is_patient = is_patient
        self.status = QueueStatus()
        self.poll_seconds = 0.0
        self.thread: threading.Thread | None = None

    def run(self, *, stop: Stop) -> None:
        self.thread = threading.current_thread()
        if self.is_patient:
            assert isinstance(stop, threading.Event)
            stop.wait(60)
        if self.error is not None:
            raise self.error


def health(queue: QueueThread) -> Any:
    leases = MemoryLeases()
    leases.add(["a"])
    return counts_of(leases, Worker[Any](leases, lambda *_: None, print), queue)  # type: ignore[arg-type]


def ended(consumer: Consumer, stop: threading.Event) -> QueueThread:
    queue = QueueThread(consumer)  # type: ignore[arg-type]
    assert not queue.is_set()
    queue.start(stop)
    if consumer.is_patient:
        assert not queue.is_set()
        stop.set()
    while consumer.thread is None:
        threading.Event().wait(0.001)
    consumer.thread.join(60)
    return queue


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("Ada"), "ValueError ended the thread of the queue"),
        (SystemExit("Ada"), "SystemExit ended the thread of the queue"),
        (None, "the thread of the queue ended by itself"),
    ],
)
def test_a_thread_that_ends_though_nobody_stopped_it_is_said(
    error: BaseException | None, reason: str
) -> None:
    queue = ended(Consumer(error), threading.Event())
    assert queue.is_set()
    assert health(queue)["status"] == "failing"
    with pytest.raises(SpShippingError, match=f"^{reason}, and the worker was stopped: start it again$"):
        queue.check()


@pytest.mark.parametrize("error", [None, OSError()])
def test_a_thread_that_was_stopped_has_not_died(error: BaseException | None) -> None:
    queue = ended(Consumer(error, is_patient=True), threading.Event())
    queue.check()
    assert queue.is_set()
    assert (health(queue)["status"], health(queue)["queue_failures"]) == ("ok", 0)


@pytest.mark.parametrize(("failures", "status"), [(4, "ok"), (5, "failing")])
def test_a_queue_that_has_failed_often_in_a_row_fails_the_worker(failures: int, status: str) -> None:
    consumer: Any = SimpleNamespace(status=QueueStatus(failures=failures), poll_seconds=20.0)
    counts = health(QueueThread(consumer))
    assert (counts["status"], counts["queue_failures"]) == (status, failures)
    leases = MemoryLeases()
    worker = Worker[Any](leases, lambda *_: None, print)  # type: ignore[arg-type]
    assert "queue_failures" not in counts_of(leases, worker)


@pytest.mark.parametrize(("seconds", "status"), [(600.0, "ok"), (601.0, "failing")])
def test_a_queue_whose_poll_does_not_end_fails_the_worker(seconds: float, status: str) -> None:
    consumer: Any = SimpleNamespace(status=QueueStatus(), poll_seconds=seconds)
    counts = health(QueueThread(consumer))
    assert (counts["status"], counts["queue_poll_seconds"]) == (status, seconds)
