"""The whole quota is used, and no 429 is drawn by our own doing: over real HTTP, on virtual time."""

import math
import threading
from collections import Counter
from typing import Any

import pytest

from benchmarks.scenarios import ANSWER, OPERATION, SCENARIOS, THREADS, Scenario
from spshipping import Client, Credentials, Marketplace
from spshipping.auth.cache import TokenCache
from spshipping.sandbox import Sandbox
from spshipping.sandbox.tokens import Account
from tests.virtual import VirtualClock

SELLER = Account().seller


class Course:
    """One scenario on its way: so many threads, one client, one bucket at the other end."""

    def __init__(self, scenario: Scenario, threads: int, box: Sandbox) -> None:
        self.scenario, self.threads, self.box = scenario, threads, box
        self.clock = VirtualClock(box.clock)
        self.left = scenario.calls
        self.lock = threading.Lock()
        self.done: Counter[int] = Counter()
        self.first, self.last = math.inf, 0.0

    def take(self) -> bool:
        with self.lock:
            self.first = min(self.first, self.clock.monotonic())
            self.left -= 1
            return self.left >= 0

    def work(self, client: Client) -> None:
        while self.take():
            client.send(OPERATION(query={"limit": "1"}))
            with self.lock:
                self.done[threading.get_ident()] += 1
                self.last = self.clock.monotonic()

    def eat(self) -> None:
        """Use the same bucket, as another program of the same application does."""
        while sum(self.done.values()) < self.scenario.calls:
            self.clock.sleep(1 / self.scenario.eaten)
            self.box.quotas.use(SELLER, OPERATION)

    def run(self) -> float:
        """Return the share of what the quota allows that was used."""
        options: Any = {"endpoint": self.box.url, "token_url": self.box.token_url}
        cache = TokenCache(self.clock)
        credentials = Credentials(**self.box.credentials)
        with Client(credentials, Marketplace.UK, clock=self.clock, token_cache=cache, **options) as client:
            jobs: list[Any] = [lambda: self.work(client)] * self.threads
            if self.scenario.eaten:
                jobs.append(self.eat)
            self.clock.run(jobs)
        return self.scenario.ideal_seconds / (self.last - self.first)

    @property
    def refusals(self) -> int:
        return sum(seen.status == 429 for seen in self.box.ledger.requests())


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_quota_is_used_and_nobody_is_turned_away(scenario: Scenario, threads: int) -> None:
    with Sandbox(quotas={OPERATION.name: (scenario.rate, scenario.burst)}) as box:
        box.add_operation(OPERATION, ANSWER)
        if scenario.level is not None:
            box.quotas.use(SELLER, OPERATION, scenario.burst - scenario.level)
        course = Course(scenario, threads, box)
        share = course.run()
        assert sum(course.done.values()) == scenario.calls
        assert course.refusals <= scenario.refusals_per_thread * threads
        assert share >= scenario.goal
