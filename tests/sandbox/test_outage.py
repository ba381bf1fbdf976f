"""An outage is not answered with a storm: real HTTP, virtual time."""

import asyncio
import threading
from typing import Any

import pytest

from benchmarks.scenarios import ANSWER
from spshipping import Client, Credentials, Effect, Marketplace, Operation, Quota, RetryBudget, ServerError
from spshipping.async_client import AsyncClient
from spshipping.auth.cache import TokenCache
from spshipping.options import CommonOptions
from spshipping.sandbox import Sandbox
from tests.virtual import VirtualClock

SECONDS = 60.0
LOOK: Operation[dict[str, Any]] = Operation(
    "look", "GET /look", returns=dict[str, Any], quota=Quota(1000.0, 1000), effect=Effect.NONE
)


class Outage:
    """Many callers who each ask once a second, for a minute, and are always answered with 503."""

    def __init__(self, box: Sandbox, workers: int) -> None:
        self.box, self.clock, self.budget = box, VirtualClock(box.clock), RetryBudget()
        self.workers = workers
        self.lock = threading.Lock()
        self.calls = self.calls_when_dry = self.requests_when_dry = 0
        self.attempts: list[int] = []
        """Of the calls after the outage."""
        self.credentials = Credentials(**box.credentials)
        self.options: CommonOptions = {
            "endpoint": box.url,
            "token_url": box.token_url,
            "clock": self.clock,
            "token_cache": TokenCache(self.clock),
            "retry_budget": self.budget,
        }

    def work(self, client: Client) -> None:
        ends_at = self.clock.monotonic() + SECONDS
        while self.clock.monotonic() < ends_at:
            try:
                client.send(LOOK())
            except ServerError:
                self.count()
            self.clock.sleep(1.0)

    async def work_async(self, client: AsyncClient) -> None:
        ends_at = self.clock.monotonic() + SECONDS
        while self.clock.monotonic() < ends_at:
            try:
                await client.send(LOOK())
            except ServerError:
                self.count()
            await self.clock.sleep_async(1.0)

    def count(self) -> None:
        with self.lock:
            self.calls += 1
            if not self.calls_when_dry and self.budget.left < 1:
                self.calls_when_dry = self.calls
                self.requests_when_dry = self.box.ledger.count("look", 503)

    def begin(self) -> None:
        self.box.add_fault("look", "status", status=503, count=1_000_000)

    @property
    def calls_after(self) -> range:
        """As many calls as it takes until the budget is full again."""
        return range(int(self.budget.capacity / RetryBudget.SHARE))

    def threads(self) -> None:
        with Client(self.credentials, Marketplace.UK, **self.options) as client:
            client.send(LOOK())
            self.begin()
            self.clock.run([lambda: self.work(client)] * self.workers)
            self.box.faults.clear()
            self.attempts = [client.send(LOOK()).meta.attempts for _ in self.calls_after]

    async def tasks(self) -> None:
        async with AsyncClient(self.credentials, Marketplace.UK, **self.options) as client:
            await client.send(LOOK())
            self.begin()
            await self.clock.run_tasks([lambda: self.work_async(client)] * self.workers)
            self.box.faults.clear()
            self.attempts = [(await client.send(LOOK())).meta.attempts for _ in self.calls_after]


@pytest.mark.long
@pytest.mark.parametrize(
    ("way", "workers"),
    [
        ("threads", 16),
        pytest.param("threads", 50, marks=pytest.mark.soak),
        pytest.param("tasks", 50, marks=pytest.mark.soak),
    ],
)
def test_case_39_a_minute_of_503_is_hardly_amplified_and_recovery_is_at_once(way: str, workers: int) -> None:
    with Sandbox(quotas=False) as box:
        box.add_operation(LOOK, ANSWER)
        outage = Outage(box, workers)
        if way == "threads":
            outage.threads()
        else:
            asyncio.run(outage.tasks())
        requests = box.ledger.count("look", 503)
        budget = outage.budget
        assert outage.calls >= workers * SECONDS * 0.5
        calls_after = outage.calls - outage.calls_when_dry
        assert 0 < outage.calls_when_dry < 200
        assert (requests - outage.requests_when_dry) / calls_after <= 1.1
        assert requests <= outage.calls * 1.1 + budget.capacity
        assert set(outage.attempts) == {1}
        assert budget.left == budget.capacity
