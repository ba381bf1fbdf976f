"""The import of purchase orders against the local SP-API, on virtual time, by threads and asyncio."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from spshipping import AsyncClient, Client, Credentials, Marketplace
from spshipping.auth.cache import TokenCache
from spshipping.sandbox import Sandbox
from spshipping.sandbox.tokens import Account
from spshipping.sandbox.vendor import PurchaseOrderSupply
from spshipping.settings import VendorSettings
from spshipping.sync import AsyncBatch, MemoryCheckpoint
from spshipping.vendor.sync import AsyncPurchaseOrderImport, ImportedOrder, PurchaseOrderImport
from tests.virtual import VirtualClock

pytestmark = [pytest.mark.dates, pytest.mark.usefixtures("still_time")]

EVERYTHING = VendorSettings(import_missing_orders=True, import_history=True)
Take = Callable[[VendorSettings], list[ImportedOrder]]


class Warehouse:
    """A vendor with the code SBX01, who imports from a sandbox in which two codes are mixed."""

    def __init__(self, box: Sandbox, *, is_async: bool) -> None:
        self.box = box
        self.clock = VirtualClock(box.clock)
        self.store = MemoryCheckpoint()
        self.kept: set[str] = set()
        self._is_async = is_async
        self._about: dict[str, Any] = {
            "endpoint": box.url,
            "token_url": box.token_url,
            "clock": self.clock,
            "vendor_code": "SBX01",
        }

    def take(self, settings: VendorSettings) -> list[ImportedOrder]:
        """Import once, and return what came."""
        return asyncio.run(self._take_async(settings)) if self._is_async else self._take(settings)

    def _take(self, settings: VendorSettings) -> list[ImportedOrder]:
        found: list[ImportedOrder] = []
        with Client(
            self._credentials, Marketplace.US, token_cache=TokenCache(self.clock), **self._about
        ) as client:
            imports = PurchaseOrderImport(
                client.vendor, self.store, settings=settings, known=self.kept.intersection
            )
            for batch in imports.batches():
                found += self._put(batch.items)
                batch.commit()
        return found

    async def _take_async(self, settings: VendorSettings) -> list[ImportedOrder]:
        found: list[ImportedOrder] = []
        about = {**self._about, "token_cache": TokenCache(self.clock)}
        async with AsyncClient(self._credentials, Marketplace.US, **about) as client:
            imports = AsyncPurchaseOrderImport(
                client.vendor, self.store, settings=settings, known=self._known_async
            )
            batch: AsyncBatch[ImportedOrder]
            async for batch in imports.batches():
                found += self._put(batch.items)
                await batch.commit()
        return found

    async def _known_async(self, numbers: Any) -> set[str]:
        return self.kept.intersection(numbers)

    @property
    def _credentials(self) -> Credentials:
        return Credentials(**self.box.credentials)

    def _put(self, items: Any) -> Any:
        self.kept.update(one.number for one in items)
        return items

    def numbers(self, code: str = "SBX01") -> set[str]:
        """Return the purchase orders of a code that the sandbox shows."""
        with self.box._vendor.vendors.of(Account().seller) as (vendor, _):
            return {order.number for order in vendor.orders._orders.values() if order.vendor_code == code}

    def statuses(self) -> Counter[int | None]:
        return Counter(one.status for one in self.box.ledger.requests())


@pytest.fixture(params=[False, True], ids=["threads", "asyncio"])
def warehouse(request: pytest.FixtureRequest) -> Iterator[Warehouse]:
    supply = PurchaseOrderSupply(300, seed=7, days=150)
    with Sandbox(purchase_orders=supply) as box:
        yield Warehouse(box, is_async=request.param)


def test_every_order_of_the_connections_code_comes_once_and_with_its_state(warehouse: Warehouse) -> None:
    warehouse.clock.sleep(600)
    found = warehouse.take(EVERYTHING)
    assert {one.number for one in found} == warehouse.numbers()
    assert warehouse.numbers("SBX02")
    assert len(found) == len(warehouse.numbers())
    assert {one.reason.value for one in found} == {"new"}
    for one in found:
        assert one.status is not None
        states = [line.status.item_sequence_number for line in one.lines if line.status]
        assert [line.number for line in one.lines] == list(map(int, states))
    assert warehouse.statuses().keys() == {200}


def test_what_happens_in_a_day_comes_with_the_next_pass_and_only_that(warehouse: Warehouse) -> None:
    warehouse.take(EVERYTHING)
    warehouse.clock.sleep(timedelta(days=1, minutes=30).total_seconds())
    before = warehouse.numbers()
    found = warehouse.take(EVERYTHING)
    assert found
    assert {one.number for one in found} < before
    assert {one.reason.value for one in found} <= {"new", "changed", "history"}
    warehouse.clock.sleep(60)  # another client assumes a full quota
    assert warehouse.take(EVERYTHING) == []
    assert warehouse.statuses().keys() == {200}


def test_what_was_lost_here_comes_as_missing(warehouse: Warehouse) -> None:
    warehouse.take(EVERYTHING)
    lost = sorted(warehouse.kept)[3]
    warehouse.kept.remove(lost)
    warehouse.clock.sleep(timedelta(days=1, minutes=30).total_seconds())
    found = [one for one in warehouse.take(EVERYTHING) if one.reason.value == "missing"]
    assert [one.number for one in found] == [lost]
    assert found[0].status is not None
