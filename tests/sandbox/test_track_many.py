"""Thousands of parcels are tracked within the quota: over real HTTP, on virtual time."""

import asyncio
import copy
import os
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from spshipping import Client, Credentials, Marketplace
from spshipping.async_client import AsyncClient
from spshipping.auth.cache import TokenCache
from spshipping.options import CommonOptions
from spshipping.sandbox import Sandbox, example_order
from spshipping.shipping import GET_TRACKING, Tracked, TrackingStatus
from spshipping.shipping.tracking.many import CONCURRENCY
from tests.virtual import StillClock, VirtualClock

PARCELS = 10_000 if os.environ.get("SPSHIPPING_SOAK") == "full" else 1_000
MISSING_EVERY = 100
"""One parcel in so many is not known to Amazon."""


class Course:
    """A client that tracks parcels of one sandbox, and the seconds that it takes by the sandbox's clock."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.clock = VirtualClock(box.clock)
        self.credentials = Credentials(**box.credentials)
        self.found: Counter[str] = Counter()
        self.began = self.clock.monotonic()
        self.seconds = 0.0
        self._workers: list[Any] = []

    @property
    def options(self) -> CommonOptions:
        return {
            "endpoint": self.box.url,
            "token_url": self.box.token_url,
            "clock": self.clock,
            "token_cache": TokenCache(self.clock),
        }

    def ship(self) -> None:
        """Have parcels on their way, all alike but for the tracking id, and delivered by now."""
        with self.box.client() as client:
            quote = client.shipping.get_rates(example_order())
            bought = client.shipping.purchase_shipment(quote.purchase_request(quote.rates[0], format="PDF"))
        store = self.box._shipping._store
        first = store.by_tracking[str(bought.tracking_id)]
        for number in range(PARCELS):
            parcel = copy.copy(first)
            parcel.tracking_id = f"TBA{number}"
            if number % MISSING_EVERY:
                store.by_tracking[parcel.tracking_id] = parcel
        self.box.clock.advance(30 * 86_400)

    def parcels(self) -> Iterator[tuple[str, str]]:
        for number in range(PARCELS):
            yield f"TBA{number}", "AMZN_UK"

    def begin(self) -> None:
        self._workers = [self.clock.worker() for _ in range(CONCURRENCY)]
        for worker in self._workers:
            worker.__enter__()
        self.began = self.clock.monotonic()

    def take(self, each: Tracked) -> None:
        self.found[type(each.error).__name__ if each.timeline is None else each.timeline.status] += 1
        self.seconds = self.clock.monotonic() - self.began
        while len(self._workers) > PARCELS - self.found.total():
            self._workers.pop().__exit__(None, None, None)


def on_threads(course: Course) -> None:
    with Client(course.credentials, Marketplace.UK, **course.options) as client:
        course.begin()
        for each in client.shipping.track_many(course.parcels()):
            course.take(each)


def on_asyncio(course: Course) -> None:
    async def track() -> None:
        async with AsyncClient(course.credentials, Marketplace.UK, **course.options) as client:
            course.begin()
            async for each in client.shipping.track_many(course.parcels()):
                course.take(each)

    asyncio.run(track())


@pytest.mark.soak
@pytest.mark.parametrize("way", [on_threads, on_asyncio])
def test_thousands_of_parcels_use_the_whole_quota_and_none_is_refused(
    way: Callable[[Course], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spshipping.sandbox.server.SandboxClock", StillClock)
    with Sandbox() as box:
        course = Course(box)
        course.ship()
        way(course)
        statuses = Counter(
            seen.status for seen in box.ledger.requests() if seen.operation == GET_TRACKING.name
        )
    missing = PARCELS // MISSING_EVERY
    assert course.found == {TrackingStatus.DELIVERED: PARCELS - missing, "NotFoundError": missing}
    assert statuses == {200: PARCELS - missing, 404: missing}
    quota = GET_TRACKING.quota
    allowed = (PARCELS - quota.burst) / quota.rate
    assert course.seconds <= allowed * 1.02
