"""A worker while Amazon fails: for one order, which stops nothing else, or for all, which loses none."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest

from spshipping import ServerError
from spshipping.orders import AmazonOrder, OrderSync
from spshipping.sync import Batch, MemoryLeases, NewChange, StepOfChanges, Worker
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from tests.kit import FakeClock, answer
from tests.unit.sync.fake_amazon import FakeAmazon, client_at
from tests.unit.sync.test_worker import Shop

HOUR = 3600.0
SEARCHES = 6 * HOUR
BAD, GOOD, OTHER = (f"026-000000{number}-1234567" for number in (9, 1, 2))


class FailingAmazon(FakeAmazon):
    """Fails for the requests whose path is said to fail."""

    def __init__(self) -> None:
        super().__init__(100)
        self.fails: Callable[[str], bool] = lambda _: False
        self.failed = 0

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        path = request.url.split("?")[0]
        if "/orders/" in path and self.fails(path):
            request.was_sent = True
            self.failed += 1
            return answer(500, {"errors": [{"code": "InternalFailure", "message": "out of order"}]})
        return super().exchange(request, limits)


class Market:
    """A seller with changes that notifications name, and a worker."""

    def __init__(self) -> None:
        self.clock, self.amazon = FakeClock(), FailingAmazon()
        self.client = client_at(self.amazon, self.clock)
        self.leases = MemoryLeases(self.clock)
        self.leases.add(["a"])
        self.delivered: dict[str | None, float] = {}
        self.worker = Worker(self.leases, self.sync_of, self.deliver, every=SEARCHES, clock=self.clock)
        self.worker.step()

    def sync_of(self, name: str, store: object) -> OrderSync:
        client = self.client.for_seller(f"Atzr|{name}")
        return OrderSync(client.orders, store, since=timedelta(days=1))  # type: ignore[arg-type]

    def deliver(self, _: str, batch: Batch[AmazonOrder]) -> None:
        for order in batch:
            self.delivered.setdefault(order.amazon_order_id, self.clock.elapsed)

    def note(self, *order_ids: str) -> None:
        for order_id in order_ids:
            self.amazon.change("a", order_id, self.clock.now())
            self.leases.note(NewChange(f"note of {order_id}", "a", order_id))

    def serve(self, seconds: float) -> None:
        ends_at = self.clock.elapsed + seconds
        while self.clock.elapsed < ends_at:
            if not self.worker.step():
                wait = self.leases.next_in()
                assert wait is not None
                self.clock.elapsed = min(self.clock.elapsed + max(wait, 0.05), ends_at)

    def aside(self) -> list[str | None]:
        return [one.item_id for one in self.leases.quarantined()]


def test_an_order_for_which_amazon_fails_stops_neither_the_others_nor_the_search(
    caplog: pytest.LogCaptureFixture,
) -> None:
    market = Market()
    market.amazon.fails = lambda path: path.endswith(BAD)
    market.note(BAD, GOOD, OTHER)
    market.serve(180)
    assert set(market.delivered) == {GOOD, OTHER}
    searches = market.amazon.searches["a"]
    market.serve(HOUR)
    assert market.aside() == []
    market.serve(7 * HOUR)
    assert market.aside() == [BAD]
    assert market.leases.quarantined()[0].reason.startswith("getOrder 500")
    assert market.amazon.searches["a"] > searches
    assert set(market.delivered) == {GOOD, OTHER, BAD}, "the search finds it"
    assert market.worker.status.failures == 8
    assert "getOrder 500 InternalFailure: out of order" in caplog.text
    assert market.leases.sellers()[0].failures == 0


@pytest.mark.parametrize("orders", [[BAD], [BAD, GOOD, OTHER]])
def test_an_outage_of_hours_sets_nothing_aside_and_is_over_when_it_is_over(orders: list[str]) -> None:
    market = Market()
    market.amazon.fails = lambda _: True
    market.note(*orders)
    market.serve(20 * HOUR)
    assert market.amazon.failed < 40 * 8, "each time, after a longer pause"
    assert (market.aside(), market.delivered) == ([], {})
    assert market.leases.sellers()[0].failures > 20
    market.amazon.fails = lambda _: False
    market.serve(2 * HOUR)
    assert set(market.delivered) == set(orders)
    assert (market.aside(), market.leases.sellers()[0].failures) == ([], 0)


def test_while_no_order_can_be_fetched_the_searches_go_on_and_none_is_set_aside_for_an_hour() -> None:
    market = Market()
    market.amazon.fails = lambda path: path.endswith("-1234567")
    market.note(BAD, GOOD, OTHER)
    market.serve(HOUR)
    assert set(market.delivered) == {BAD, GOOD, OTHER}, "searches are made"
    assert market.aside() == []
    assert market.amazon.failed < 3 * 8 * 4


def test_the_failure_of_one_order_puts_off_no_seller_and_is_counted_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shop = Shop("a")
    worker = shop.worker()
    shop.drain(worker)
    shop.note("1", "2", "3")
    down = ServerError("out of order")
    shop.changes = [StepOfChanges(["1"], error=down, met_by="2"), StepOfChanges(["3"])]
    with caplog.at_level(logging.ERROR):
        shop.drain(worker)
    assert shop.named == ["1", "2", "3", "3"], "what was not met is tried at once"
    (row,) = shop.leases.sellers()
    assert (row.failures, row.changes, row.due_in) == (0, 1, 120)
    assert worker.status.failures == 1
    assert "a change of a failed: out of order" in caplog.text
    assert shop.searched == ["a"]


def test_where_nothing_works_the_seller_is_put_off_and_the_next_step_begins_with_another() -> None:
    shop = Shop("a")
    worker = shop.worker()
    shop.drain(worker)
    shop.note("1", "2")
    down = ServerError("out of order")
    shop.changes = [StepOfChanges(error=down, met_by="1"), StepOfChanges(error=down, met_by="2")]
    shop.drain(worker)
    (row,) = shop.leases.sellers()
    assert (row.failures, row.changes, row.due_in) == (1, 2, 60)
    shop.clock.elapsed += 60
    shop.drain(worker)
    assert shop.named == ["1", "2", "2"]
    assert shop.searched == ["a", "a"], "the search is not kept from its turn"
    assert shop.leases.sellers()[0].failures == 0
