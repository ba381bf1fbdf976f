"""A shop on the local SP-API: one clock for the client and the journal, under threads and under asyncio."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spshipping import AsyncClient, Client, Credentials, Marketplace, RetryPolicy, loads
from spshipping.auth.cache import TokenCache
from spshipping.journal import MemoryJournal, PurchaseJournal
from spshipping.sandbox import Sandbox
from spshipping.sandbox.faults import Fault
from spshipping.shipping import AsyncPurchases, GetRatesRequest, GetRatesResult, Purchases, Rate
from tests.kit import FakeClock
from tests.onloop import Loop, OnLoop

ORDER = Path(__file__).parents[2] / "examples" / "order.json"
SELLER = "the shop"


class Stage:
    """A sandbox, a journal, and clients of both kinds."""

    def __init__(self, sandbox: Sandbox, way: str, folder: Path) -> None:
        self.sandbox = sandbox
        self.clock = FakeClock()
        self.journal: PurchaseJournal = MemoryJournal(clock=self.clock)
        self.folder = folder
        self.loop = Loop() if way == "asyncio" else None
        self._tokens = TokenCache(self.clock)
        self._closed: list[Any] = []
        self.client: Any = self.make_client()

    def make_client(self, **options: Any) -> Any:
        """Make a client that hardly waits."""
        defaults: dict[str, Any] = {
            "endpoint": self.sandbox.url,
            "token_url": self.sandbox.token_url,
            "token_cache": self._tokens,
            "clock": self.clock,
            "retry": RetryPolicy(attempts=3, base=0.001, throttled_attempts=2, throttled_base=0.001),
        }
        merged = {**defaults, **options}
        marketplace = merged.pop("marketplace", Marketplace.UK)
        credentials = merged.pop("credentials", None) or Credentials(**self.sandbox.credentials)
        if self.loop is None:
            client: Any = Client(credentials, marketplace, **merged)
        else:
            client = OnLoop(AsyncClient(credentials, marketplace, **merged), self.loop)
        self._closed.append(client)
        return client

    def purchases(self, client: Any = None, **options: Any) -> Any:
        """Return the facade of purchases, with the methods of `Purchases`."""
        context = (client or self.client).context
        merged = {"seller": SELLER, **options}
        if self.loop is None:
            return Purchases(context, self.journal, **merged)
        return OnLoop(AsyncPurchases(context, self.journal, **merged), self.loop)

    def fail(self, kind: str, count: int = 1, operation: str = "purchaseShipment", **more: Any) -> None:
        """Let the next requests fail."""
        self.sandbox.faults.add(Fault(operation, kind, count=count, **more))

    def pass_time(self, seconds: float) -> None:
        """Let time pass for everything."""
        self.clock.elapsed += seconds
        self.sandbox.clock.advance(seconds)

    @property
    def labels(self) -> list[str]:
        """The package reference of every label that was bought."""
        return [label.reference for label in self.sandbox.ledger.labels]

    def count(self, operation: str) -> int:
        """Return how many requests there were."""
        return self.sandbox.ledger.count(operation)

    def close(self) -> None:
        """Close the clients."""
        for client in self._closed:
            client.close()
        if self.loop is not None:
            self.loop.close()


@pytest.fixture(params=["threads", "asyncio"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    with Sandbox() as sandbox:
        made = Stage(sandbox, request.param, tmp_path)
        yield made
        made.close()


@pytest.fixture
def parcel() -> GetRatesRequest:
    return loads(ORDER.read_bytes(), GetRatesRequest)


def ship(stage: Stage, parcel: GetRatesRequest, **options: Any) -> Any:
    """Ship as `client.shipping` does, with the usual arguments."""
    merged: dict[str, Any] = {"reference": "1001", "journal": stage.journal, "seller": SELLER, **options}
    return stage.client.shipping.ship(parcel, **merged)


def found(stage: Stage, reference: str = "1001", generation: int = 1) -> Any:
    """Return what the journal has of a reference."""
    return stage.purchases().find(reference, generation=generation)


class Late:
    """A choice that takes its time, the first times that it is made."""

    def __init__(self, waits: list[Callable[[], object]]) -> None:
        self.waits = waits

    def __call__(self, quote: GetRatesResult) -> Rate:
        if self.waits:
            self.waits.pop(0)()
        return quote.cheapest()
