"""A consumer whose queue fails for long, or takes no deletion, and a function of the user's that fails."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from spshipping.notifications.sqs import QueueStatus, SqsConsumer
from spshipping.sync import MemoryLeases
from tests.kit import FakeClock
from tests.unit.notifications.build import numbered, other

pytestmark = pytest.mark.engines


class Stopper:
    def __init__(self, when: Callable[[], bool]) -> None:
        self.is_set = when


def test_a_queue_out_of_reach_for_days_ends_no_consumer() -> None:
    class Away:
        def receive_message(self, **_: Any) -> Any:
            raise ConnectionError

    clock = FakeClock()
    found = SqsConsumer("https://queue.example", MemoryLeases(clock), {}, sqs=Away(), clock=clock)
    found.status = found.status._replace(failures=1020)
    found.run(stop=Stopper(lambda: found.status.failures == 1030))
    assert clock.elapsed == 9 * 60, "the stop comes before the last pause"


class Queue:
    """Has the same messages each time, and refuses to delete some."""

    def __init__(self, *bodies: Any, refused: Sequence[str] = ()) -> None:
        self.messages = [
            {"MessageId": f"m{number}", "ReceiptHandle": "r", "Body": json.dumps(body)}
            for number, body in enumerate(bodies)
        ]
        self.refused = refused
        self.deleted: list[str] = []

    def receive_message(self, **_: Any) -> Any:
        return {"Messages": self.messages}

    def delete_message_batch(self, **given: Any) -> Any:
        ids = [entry["Id"] for entry in given["Entries"]]
        self.deleted += [one for one in ids if one not in self.refused]
        failed = [{"Id": one, "Code": "Access\nDenied"} for one in ids if one in self.refused]
        return {"Failed": failed} if failed else {}


def consumer(queue: Queue, **options: Any) -> SqsConsumer:
    clock = FakeClock()
    leases = MemoryLeases(clock)
    leases.add(["row"])
    return SqsConsumer("https://queue.example", leases, lambda _: "row", sqs=queue, clock=clock, **options)


def test_messages_that_the_queue_does_not_delete_are_counted_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    queue = Queue(numbered(1, "A"), numbered(2, "B"), refused=["1"])
    found = consumer(queue)
    assert found.poll() == 2
    assert queue.deleted == ["0"]
    assert found.status == QueueStatus(noted=2, not_deleted=1)
    assert "1 of 2 messages were not deleted: Access\\nDenied" in caplog.text
    found.run(stop=Stopper(lambda: found.status.not_deleted == 3))
    assert found.status.failures == 0, "some are"


def test_a_queue_that_deletes_nothing_is_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    found = consumer(Queue(numbered(1, "A"), refused=["0"]))
    found.run(stop=Stopper(lambda: found.status.failures == 5))
    assert found.status == QueueStatus(noted=1, repeats=4, failures=5, not_deleted=5)
    assert "the queue failed, 5 in a row: of what came, no message was done with" in caplog.text


def test_a_function_of_the_user_s_that_always_fails_is_a_failure() -> None:
    def fail(_: object) -> None:
        raise ValueError("Ada")

    found = consumer(Queue(other()), on_other=fail)
    assert found.poll() == 1
    found.run(stop=Stopper(lambda: found.status.failures == 5))
    assert found.status == QueueStatus(failures=5)
    among_others = consumer(Queue(other(), numbered(1, "A")), on_other=fail)
    among_others.run(stop=Stopper(lambda: among_others.status.repeats == 3))
    assert among_others.status.failures == 0


def test_it_is_known_for_how_long_a_poll_has_run() -> None:
    seen = list[float]()

    def look(_: object) -> None:
        clock.elapsed += 601
        seen.append(found.poll_seconds)

    clock = FakeClock()
    found = SqsConsumer(
        "https://queue.example", MemoryLeases(clock), {}, sqs=Queue(other()), on_other=look, clock=clock
    )
    assert found.poll_seconds == 0
    found.poll()
    assert (seen, found.poll_seconds) == ([601], 0)
