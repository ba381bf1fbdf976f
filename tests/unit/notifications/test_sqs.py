"""A consumer whose queue fails for long, or takes no deletion, and a function of the user's that fails."""

from collections.abc import Callable
from typing import Any

from spshipping.notifications.sqs import SqsConsumer
from spshipping.sync import MemoryLeases
from tests.kit import FakeClock


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
