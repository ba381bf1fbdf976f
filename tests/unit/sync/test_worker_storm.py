"""A thousand sellers over a virtual hour with eight workers: every change, few searches, flat memory."""

import gc
import logging
import os
import threading
import tracemalloc
from array import array
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from random import Random

import pytest

from spshipping import Marketplace
from spshipping.orders import AmazonOrder, OrderSync
from spshipping.orders.v2026_01_01 import SEARCH_ORDERS
from spshipping.sync import (
    Batch,
    Checkpoint,
    CheckpointStore,
    MemoryLeases,
    NewChange,
    Noted,
    Worker,
)
from tests.unit.sync.fake_amazon import FakeAmazon, client_at
from tests.virtual import StillClock, VirtualClock

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]

IS_FULL = os.environ.get("SPSHIPPING_SOAK") == "full"
SEED = int(os.environ.get("SPSHIPPING_SEED", "20260706"))
SELLERS = 1_000 if IS_FULL else 100
WORKERS = 8
HOUR = 3600.0
PAGE = 5
BACKLOG = 33 * PAGE - 2
CHANGES = 12
"""How many changes a seller has in an hour, on average."""
PURGED_AFTER = 300.0
SEARCH_EVERY, BACKSTOP = 300.0, 6 * HOUR
HERE = Path(__file__).parent
logger = logging.getLogger(__name__)
LATE = timedelta(minutes=5)


class Fleet:
    """Sellers, the Amazon that they sell at, and workers that serve them."""

    def __init__(self) -> None:
        self.draw = Random(SEED)
        self.clock = VirtualClock(StillClock())
        self.began = self.clock.now()
        self.ends_at = self.clock.monotonic() + HOUR
        self.amazon = FakeAmazon(PAGE)
        self.leases = MemoryLeases(self.clock)
        self.sellers = [f"seller-{number:04}" for number in range(SELLERS)]
        self.client = client_at(self.amazon, self.clock)
        self._ids = count(0)
        # set up whole at once: what grows is the fleet's own
        self.delivered = array("d", [0.0] * (SELLERS * (BACKLOG + CHANGES)))
        """When each order was changed last, as it was delivered, by its number."""
        self.counts = dict.fromkeys(self.sellers, 0)
        self.repeats = 0
        self.caught_up: dict[str, tuple[float, int]] = {}
        """When each seller's backlog was delivered, and after how many searches."""
        self.traced: list[int] = []
        self._lock = threading.Lock()
        self._serving: set[str] = set()

    def new_id(self) -> str:
        return f"026-{next(self._ids):07}-1234567"

    def sync_of(self, seller: str, store: CheckpointStore) -> OrderSync:
        return OrderSync(self.client.for_seller(f"Atzr|{seller}").orders, store, page_size=PAGE)

    def deliver(self, seller: str, batch: Batch[AmazonOrder]) -> None:
        with self._lock:
            assert seller not in self._serving, "a seller has two owners"
            self._serving.add(seller)
        for order in batch:
            assert order.amazon_order_id is not None
            assert order.last_update_date is not None
            number, time = number_of(order.amazon_order_id), order.last_update_date.timestamp()
            self.repeats += self.delivered[number] == time
            self.counts[seller] += not self.delivered[number]
            self.delivered[number] = time
        if self.counts[seller] >= BACKLOG and seller not in self.caught_up:
            seconds = (self.clock.now() - self.began).total_seconds()
            self.caught_up[seller] = seconds, self.amazon.searches[seller]
        with self._lock:
            self._serving.remove(seller)

    def backlog(self) -> None:
        """Give each seller the orders of a day, which fill so many pages."""
        for seller in self.sellers:
            for number in range(BACKLOG):
                time = self.began - LATE - timedelta(seconds=60 * (BACKLOG - number))
                self.amazon.change(seller, self.new_id(), time)

    def live(self, *, is_notified: bool) -> None:
        """Let orders be placed and changed for an hour; each change is notified, now and then twice."""
        placed: dict[str, list[str]] = {name: [] for name in self.sellers}
        for number in range(CHANGES * SELLERS):
            self.clock.sleep(HOUR / (CHANGES * SELLERS))
            seller, now = self.draw.choice(self.sellers), self.clock.now().replace(microsecond=0)
            if not placed[seller] or self.draw.random() < 0.7:
                placed[seller].append(self.new_id())
            order_id = self.draw.choice(placed[seller])
            if self.amazon.times(seller).get(order_id) == now:  # twice within a second
                continue
            self.amazon.change(seller, order_id, now)
            if is_notified:
                change = NewChange(f"{number}", seller, order_id, now)
                assert self.leases.note(change) is Noted.NEW
                if number % 10 == 0:
                    assert self.leases.note(change._replace(key=f"{number} again")) is Noted.REPEAT

    def is_over(self) -> bool:
        return self.clock.monotonic() >= self.ends_at

    def measure(self) -> None:
        """Note the memory that is used, ten times an hour."""
        tracemalloc.start()
        try:
            while not self.is_over():
                self.clock.sleep(HOUR / 10)
                gc.collect()
                found = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(False, f"{HERE}/*")])
                self.traced.append(sum(trace.size for trace in found.traces))
        finally:
            tracemalloc.stop()

    def run(self, every: float, *others: Callable[[], object]) -> None:
        worker = Worker(
            self.leases, self.sync_of, self.deliver, every=every, clock=self.clock, remember=PURGED_AFTER
        )
        stop = Stopper(self.is_over)
        self.clock.run([*[lambda: worker.work(stop)] * WORKERS, self.measure, *others])
        assert worker.status.failures == worker.status.lost == 0

    def missing(self, late: float) -> list[str]:
        """Return the orders whose last change was not delivered *late* seconds after it."""
        due = self.clock.now() - timedelta(seconds=late)
        return [
            order_id
            for seller in self.sellers
            for order_id, time in self.amazon.times(seller).items()
            if time < due and self.delivered[number_of(order_id)] != time.timestamp()
        ]

    def grown(self) -> int:
        """Return by how many bytes memory has grown in the second half of the hour."""
        return self.traced[-1] - self.traced[len(self.traced) // 2]


def number_of(order_id: str) -> int:
    """Return the number of an order, by its id."""
    return int(order_id.split("-")[1])


class Stopper:
    def __init__(self, when: Callable[[], bool]) -> None:
        self.is_set = when


def test_a_storm_of_searches_uses_the_quota_and_delivers_every_change() -> None:
    fleet = Fleet()
    fleet.backlog()
    fleet.leases.add(fleet.sellers)
    fleet.run(SEARCH_EVERY, partial(fleet.live, is_notified=False))
    quota = SEARCH_ORDERS.quota
    allowed = sum(quota.burst + quota.rate * seconds for seconds, _ in fleet.caught_up.values())
    used = sum(searches for _, searches in fleet.caught_up.values())
    logger.warning("%d searches, the quota allowed %.0f; memory %s", used, allowed, fleet.traced)
    assert len(fleet.caught_up) == SELLERS
    assert 0.95 < used / allowed <= 1
    assert fleet.missing(LATE.total_seconds() + SEARCH_EVERY) == []
    assert fleet.repeats == 0
    assert fleet.grown() < fleet.traced[0] * 0.05 + 100_000


def test_a_storm_of_notifications_needs_hardly_a_search() -> None:
    fleet = Fleet()
    fleet.leases.add(fleet.sellers)
    # the fleet runs for long already: the searches are spread over the time between two
    filters = {"marketplaceIds": Marketplace.UK.id}
    while lease := fleet.leases.claim("before", 60):
        lease.save(Checkpoint(fleet.began.replace(microsecond=0), filters))
        lease.release(fleet.draw.uniform(0, BACKSTOP))
    fleet.run(BACKSTOP, partial(fleet.live, is_notified=True))
    searches, fetches = fleet.amazon.searches.total(), fleet.amazon.fetches.total()
    logger.warning("%d searches, %d fetches; memory %s", searches, fetches, fleet.traced)
    assert searches <= SELLERS * HOUR / SEARCH_EVERY / 50
    assert fetches <= CHANGES * SELLERS, "one getOrder a change"
    assert fleet.missing(5) == []
    assert fleet.repeats == 0
    # checkpoints note each change until the next search, which is hours off
    assert fleet.grown() < CHANGES * SELLERS / 2 * 500 + 100_000
