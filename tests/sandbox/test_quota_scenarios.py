"""The whole quota is used, and no 429 is drawn by our own doing: over real HTTP, on virtual time."""

import asyncio
import math
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.scenarios import ANSWER, OPERATION, SCENARIOS, THREADS, Scenario
from spshipping import Client, Credentials, Marketplace
from spshipping.async_client import AsyncClient
from spshipping.auth.cache import TokenCache
from spshipping.operation import Call
from spshipping.options import CommonOptions
from spshipping.sandbox import Sandbox
from spshipping.sandbox.tokens import Account
from tests.virtual import StillClock, VirtualClock

SELLER = Account().seller
WAYS = ("threads", "tasks")
CONCURRENCY = 8


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spshipping.sandbox.server.SandboxClock", StillClock)


def look(_: object = None) -> Call[dict[str, object]]:
    return OPERATION(query={"limit": "1"})


class Course:
    """One scenario on its way: so many threads, or tasks, one client, one bucket at the other end."""

    def __init__(self, scenario: Scenario, workers: int, box: Sandbox) -> None:
        self.scenario, self.workers, self.box = scenario, workers, box
        self.clock = VirtualClock(box.clock)
        self.left = scenario.calls
        self.lock = threading.Lock()
        self.done = 0
        self.first, self.last = math.inf, 0.0
        self.counted: list[Any] = []
        self.credentials = Credentials(**box.credentials)
        self.options: CommonOptions = {
            "endpoint": box.url,
            "token_url": box.token_url,
            "clock": self.clock,
            "token_cache": TokenCache(self.clock),
        }

    def begin(self) -> None:
        with self.lock:
            self.first = min(self.first, self.clock.monotonic())

    def take(self) -> bool:
        self.begin()
        with self.lock:
            self.left -= 1
            return self.left >= 0

    def end(self) -> None:
        with self.lock:
            self.done += 1
            self.last = self.clock.monotonic()

    def work(self, client: Client) -> None:
        while self.take():
            client.send(look())
            self.end()

    async def work_async(self, client: AsyncClient) -> None:
        while self.take():
            await client.send(look())
            self.end()

    def eat(self) -> None:
        """Use the same bucket, as another program of the same application does."""
        while self.done < self.scenario.calls:
            self.clock.sleep(1 / self.scenario.eaten)
            self.box.quotas.use(SELLER, OPERATION)

    async def eat_async(self) -> None:
        while self.done < self.scenario.calls:
            await self.clock.sleep_async(1 / self.scenario.eaten)
            self.box.quotas.use(SELLER, OPERATION)

    def run_threads(self) -> None:
        with Client(self.credentials, Marketplace.UK, **self.options) as client:
            eaters = [self.eat] if self.scenario.eaten else []
            self.clock.run([lambda: self.work(client)] * self.workers + eaters)

    async def run_tasks(self) -> None:
        async with AsyncClient(self.credentials, Marketplace.UK, **self.options) as client:
            eaters = [self.eat_async] if self.scenario.eaten else []
            await self.clock.run_tasks([lambda: self.work_async(client)] * self.workers + eaters)

    def map_threads(self) -> None:
        with Client(self.credentials, Marketplace.UK, **self.options) as client:
            self.count_in()
            for result in client.map(look, range(self.scenario.calls), concurrency=self.workers):
                assert result.error is None
                self.end()
                self.count_out()

    async def map_tasks(self) -> None:
        async with AsyncClient(self.credentials, Marketplace.UK, **self.options) as client:
            calls = client.map(look, range(self.scenario.calls), concurrency=self.workers)
            self.count_in()
            async with calls as results:
                async for result in results:
                    assert result.error is None
                    self.end()
                    self.count_out()

    def count_in(self) -> None:
        """Count in those who send what is mapped."""
        self.begin()
        self.counted = [self.clock.worker() for _ in range(self.workers)]
        for worker in self.counted:
            worker.__enter__()

    def count_out(self) -> None:
        """Count out those for whom nothing is left."""
        while len(self.counted) > self.scenario.calls - self.done:
            self.counted.pop().__exit__(None, None, None)

    def share(self) -> float:
        """Return the share of what the quota allows that was used."""
        return self.scenario.ideal_seconds / (self.last - self.first)

    def assert_goal(self) -> None:
        """Assert that all calls were made, the quota was used, and few calls were refused."""
        assert self.done == self.scenario.calls
        assert self.refusals <= self.scenario.refusals_per_thread * self.workers
        assert self.share() >= self.scenario.goal

    @property
    def refusals(self) -> int:
        return sum(seen.status == 429 for seen in self.box.ledger.requests())


def courses(scenario: Scenario, workers: int) -> Iterator[Course]:
    with Sandbox(quotas={OPERATION.name: (scenario.rate, scenario.burst)}) as box:
        box.add_operation(OPERATION, ANSWER)
        if scenario.level is not None:
            box.quotas.use(SELLER, OPERATION, scenario.burst - scenario.level)
        course = Course(scenario, workers, box)
        yield course


@pytest.mark.long
@pytest.mark.parametrize(
    "workers",
    [pytest.param(n, marks=[] if n in (min(THREADS), max(THREADS)) else pytest.mark.soak) for n in THREADS],
)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
@pytest.mark.parametrize("way", WAYS)
def test_the_quota_is_used_and_nobody_is_turned_away(way: str, scenario: Scenario, workers: int) -> None:
    for course in courses(scenario, workers):
        if way == "threads":
            course.run_threads()
        else:
            asyncio.run(course.run_tasks())
        course.assert_goal()


@pytest.mark.parametrize("scenario", SCENARIOS[:3], ids=lambda scenario: scenario.name)
@pytest.mark.parametrize("way", WAYS)
def test_what_is_mapped_uses_the_quota_too(way: str, scenario: Scenario) -> None:
    for course in courses(scenario, CONCURRENCY):
        if way == "threads":
            course.map_threads()
        else:
            asyncio.run(course.map_tasks())
        course.assert_goal()
