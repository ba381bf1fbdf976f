"""An outage is not answered with a storm: real HTTP, virtual time."""

import threading
from typing import Any

from benchmarks.scenarios import ANSWER
from spshipping import Client, Credentials, Effect, Marketplace, Operation, Quota, RetryBudget, ServerError
from spshipping.auth.cache import TokenCache
from spshipping.sandbox import Sandbox
from tests.virtual import VirtualClock

THREADS, SECONDS = 50, 60.0
LOOK: Operation[dict[str, Any]] = Operation(
    "look", "GET /look", returns=dict[str, Any], quota=Quota(1000.0, 1000), effect=Effect.NONE
)


class Outage:
    """Fifty callers who each ask once a second, for a minute, and are always answered with 503."""

    def __init__(self, box: Sandbox, client: Client, clock: VirtualClock, budget: RetryBudget) -> None:
        self.box, self.client, self.clock, self.budget = box, client, clock, budget
        self.lock = threading.Lock()
        self.calls = self.calls_when_dry = self.requests_when_dry = 0

    def work(self) -> None:
        ends_at = self.clock.monotonic() + SECONDS
        while self.clock.monotonic() < ends_at:
            try:
                self.client.send(LOOK())
            except ServerError:
                self.count()
            self.clock.sleep(1.0)

    def count(self) -> None:
        with self.lock:
            self.calls += 1
            if not self.calls_when_dry and self.budget.left < 1:
                self.calls_when_dry = self.calls
                self.requests_when_dry = self.box.ledger.count("look", 503)


def test_case_39_a_minute_of_503_is_hardly_amplified_and_recovery_is_at_once() -> None:
    with Sandbox(quotas=False) as box:
        box.add_operation(LOOK, ANSWER)
        clock, budget = VirtualClock(box.clock), RetryBudget()
        with Client(
            Credentials(**box.credentials),
            Marketplace.UK,
            endpoint=box.url,
            token_url=box.token_url,
            clock=clock,
            token_cache=TokenCache(clock),
            retry_budget=budget,
        ) as client:
            client.send(LOOK())
            box.add_fault("look", "status", status=503, count=1_000_000)
            outage = Outage(box, client, clock, budget)
            clock.run([outage.work] * THREADS)

            requests = box.ledger.count("look", 503)
            assert outage.calls >= THREADS * SECONDS * 0.5
            calls_after = outage.calls - outage.calls_when_dry
            assert 0 < outage.calls_when_dry < 200
            assert (requests - outage.requests_when_dry) / calls_after <= 1.1
            assert requests <= outage.calls * 1.1 + budget.capacity

            box.faults.clear()
            replies = [client.send(LOOK()) for _ in range(int(budget.capacity / RetryBudget.SHARE))]
            assert {reply.meta.attempts for reply in replies} == {1}
            assert budget.left == budget.capacity
