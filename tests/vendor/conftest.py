"""A vendor on the local SP-API: one clock for client, ledger and sandbox, under threads and under asyncio."""

from collections.abc import Callable, Coroutine, Iterator
from decimal import Decimal
from typing import Any, TypeVar

import pytest

from spshipping import AsyncClient, Client, Credentials, Marketplace, RetryPolicy
from spshipping.auth.cache import TokenCache
from spshipping.sandbox import Fault, PurchaseOrderSupply, Sandbox
from spshipping.transport.io import run
from spshipping.vendor.acknowledge import Acknowledgement, Submission
from spshipping.vendor.ledger import MemoryLedger, SubmissionLedger
from spshipping.vendor.orders import Money, Order, OrderItem
from tests.kit import FakeClock
from tests.onloop import Loop, OnLoop

T = TypeVar("T")

MINUTE, HOUR, DAY = 60, 3600, 86_400


class Office:
    """A sandbox with new purchase orders, a ledger, and clients of both kinds."""

    def __init__(self, way: str, marketplace: Marketplace = Marketplace.US, **supply: Any) -> None:
        found = {"count": 40, "days": 1.5, "late": 0.0, **supply}
        self.sandbox = Sandbox(purchase_orders=PurchaseOrderSupply(**found))
        self.sandbox.start()
        self.clock = FakeClock(self.sandbox.clock.now())
        self.ledger: SubmissionLedger = MemoryLedger(clock=self.clock)
        self.loop = Loop() if way == "asyncio" else None
        self._marketplace = marketplace
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
            "retry": RetryPolicy(attempts=2, base=0.001, throttled_attempts=2, throttled_base=0.001),
        }
        merged = {**defaults, **options}
        credentials = Credentials(**self.sandbox.credentials)
        if self.loop is None:
            client: Any = Client(credentials, self._marketplace, **merged)
        else:
            client = OnLoop(AsyncClient(credentials, self._marketplace, **merged), self.loop)
        self._closed.append(client)
        return client

    def orders(self) -> list[Order]:
        """Return the purchase orders that nobody has answered, as Amazon has them now."""
        return list(self.client.vendor.orders.iter_purchase_orders(purchase_order_state="New"))

    def order(self, fits: Callable[[Order], bool] = lambda _: True) -> Order:
        """Return a new order with a cost on every line that was not cancelled."""
        return next(order for order in self.orders() if has_costs(order) and fits(order))

    def submit(self, acknowledgement: Acknowledgement, **options: Any) -> Any:
        """Submit answers."""
        return self.client.vendor.submit(acknowledgement, ledger=self.ledger, **options)

    def check(self, submission: Submission, client: Any = None) -> Any:
        """Look once at what has become of a submission."""
        return (client or self.client).vendor.check(submission, ledger=self.ledger)

    def after(self, submission: Submission, minutes: float) -> Any:
        """Look at a submission after a time."""
        self.pass_time(minutes * MINUTE)
        return self.check(submission)

    def fail(self, kind: str, count: int = 1, operation: str = "submitAcknowledgement", **more: Any) -> None:
        """Let the next requests fail."""
        self.sandbox.faults.add(Fault(operation, kind, count=count, **more))

    def drive(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a workflow as the client does."""
        return run(work) if self.loop is None else self.loop.run(work)

    def pass_time(self, seconds: float) -> None:
        """Let time pass for everything."""
        self.clock.elapsed += seconds
        self.sandbox.clock.advance(seconds)

    def count(self, operation: str) -> int:
        """Return how many requests there were."""
        return self.sandbox.ledger.count(operation)

    def close(self) -> None:
        """Close the clients and the sandbox."""
        for client in self._closed:
            client.close()
        if self.loop is not None:
            self.loop.close()
        self.sandbox.close()


def lines(order: Order) -> list[OrderItem]:
    """Return the lines of an order."""
    assert order.order_details is not None
    return order.order_details.items


def amount(line: OrderItem) -> int:
    """Return how much of a line is ordered."""
    return line.ordered_quantity.amount or 0


def has_costs(order: Order) -> bool:
    """Say whether every line has a cost, and is still wanted."""
    return all(line.net_cost and amount(line) for line in lines(order))


def priced(line: OrderItem, cost: str) -> None:
    """Give a line another cost."""
    line.net_cost = Money(currency_code="USD", amount=Decimal(cost))


MakeOffice = Callable[..., Office]


@pytest.fixture(params=["threads", "asyncio"])
def make_office(request: pytest.FixtureRequest) -> Iterator[MakeOffice]:
    made: list[Office] = []

    def make(**options: Any) -> Office:
        made.append(Office(request.param, **options))
        return made[-1]

    yield make
    for office in made:
        office.close()


@pytest.fixture
def office(make_office: MakeOffice) -> Office:
    return make_office()
