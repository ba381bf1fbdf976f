"""`OrderSync`: what it asks for, and what it makes of the answers."""

from datetime import UTC, datetime, timedelta
from typing import Any, Unpack
from urllib.parse import parse_qs, urlsplit

import pytest

from spshipping import (
    Client,
    DecodeError,
    InvalidRequestError,
    Marketplace,
    NotFoundError,
    PaginationError,
    QuotaError,
    ServerError,
)
from spshipping.client import ClientOptions
from spshipping.orders import FulfillmentChannel, OrderSource, OrderStatus, OrderSync
from spshipping.orders.v2026_01_01 import SEARCH_ORDERS
from spshipping.sync import Checkpoint, MemoryCheckpoint
from spshipping.wire.times import write_time
from tests.kit import FakeClock, ScriptedTransport, answer, client_of, refusal
from tests.unit.orders.build import ONE, THREE, TWO, V0_ORDER
from tests.unit.orders.v2026_01_01.orders import order

SINCE = datetime(2026, 2, 1, tzinfo=UTC)
UK = Marketplace.UK.id
FULL = [order(f"o{number}") for number in range(100)]


def page(*orders: Any, token: str | None = None) -> Any:
    return answer(200, {"orders": list(orders), **({"pagination": {"nextToken": token}} if token else {})})


class World:
    """A sync over a network that follows a script."""

    def __init__(self, *steps: Any, **options: Unpack[ClientOptions]) -> None:
        self.clock = FakeClock()
        self.network = ScriptedTransport(steps)
        self.client: Client = client_of(self.network, self.clock, **options)
        self.store = MemoryCheckpoint()

    def sync(self, **options: Any) -> OrderSync:
        return OrderSync(self.client.orders, self.store, **{"since": SINCE, **options})

    def ids(self, **options: Any) -> list[list[str]]:
        """Take every batch, commit it, and return the ids."""
        found = []
        for batch in self.sync(**options).batches():
            found.append([one.amazon_order_id for one in batch])
            batch.commit()
        return found

    @property
    def queries(self) -> list[dict[str, str]]:
        urls = [urlsplit(request.url) for request in self.network.requests]
        return [{name: value for name, (value,) in parse_qs(url.query).items()} for url in urls]


def test_a_search_asks_for_the_changes_of_a_window_and_a_hundred_orders_a_page() -> None:
    world = World(page(order("a")))
    assert world.ids() == [["a"]]
    (query,) = world.queries
    assert query == {
        "lastUpdatedAfter": "2026-01-31T23:50:00Z",
        "lastUpdatedBefore": "2026-03-01T11:57:55Z",
        "marketplaceIds": UK,
        "maxResultsPerPage": "100",
        "includedData": "FULFILLMENT,PAYMENT,PROCEEDS,PROMOTION,CANCELLATION",
    }


def test_filters_are_asked_for_and_kept_in_the_checkpoint() -> None:
    world = World(page())
    world.ids(
        marketplaces=[Marketplace.UK, "A1PA6795UKMFR9"],
        channels=[FulfillmentChannel.MERCHANT],
        page_size=20,
        pii={"buyerInfo", "shippingAddress"},
    )
    (query,) = world.queries
    assert query["includedData"].endswith("CANCELLATION,BUYER,RECIPIENT,TAX")
    assert query["maxResultsPerPage"] == "20"
    filters = {"marketplaceIds": f"{UK},A1PA6795UKMFR9", "fulfilledBy": "MERCHANT"}
    assert filters.items() <= query.items()
    assert world.store.checkpoint is not None
    assert world.store.checkpoint.filters == filters


def test_personal_data_is_asked_for_where_the_client_always_does() -> None:
    world = World(page(), page(), pii={"buyerInfo"})
    world.ids()
    world.clock.elapsed += 300
    world.ids(pii=None)
    assert ["BUYER" in query["includedData"] for query in world.queries] == [True, False]


def test_orders_come_as_amazon_orders() -> None:
    world = World(page(order("a", fulfillment={"fulfillmentStatus": "CANCELLED", "fulfilledBy": "AMAZON"})))
    ((found,),) = (list(batch) for batch in world.sync().batches())
    assert found.order_status is OrderStatus.CANCELED


def test_a_pass_goes_on_in_another_process_with_the_words_of_its_first_page() -> None:
    world = World(page(order("a"), token="t+1"), answer(500), answer(500), answer(500), answer(500))
    with pytest.raises(Exception, match="500"):
        world.ids()
    assert world.store.checkpoint is not None
    other = World(page(order("b")), page())
    other.clock.elapsed += 3600
    other.store = MemoryCheckpoint(Checkpoint.from_json(world.store.checkpoint.to_json()))
    # what else is asked for by then is asked for in the next pass
    assert other.ids(page_size=50) == [["b"]]
    assert other.queries[0] == {**world.queries[0], "paginationToken": "t+1"}
    assert other.queries[1]["maxResultsPerPage"] == "50"


def test_a_token_that_has_expired_begins_the_window_anew() -> None:
    gone = refusal(400, "InvalidInput", "Invalid paginationToken")
    world = World(page(order("a"), token="t"), gone, page(order("a"), order("b")))
    assert world.ids() == [["a"], ["a", "b"]]
    assert ["paginationToken" in query for query in world.queries] == [False, True, False]


def test_a_search_may_take_as_long_as_its_turns_whatever_the_client_allows() -> None:
    burst = SEARCH_ORDERS.quota.burst
    world = World(*[page()] * burst, page(token="t"), page(), max_wait=1.0, deadline=5.0)
    for _ in range(burst):
        world.client.orders.v2026_01_01.search_orders(last_updated_after=SINCE)
    assert world.ids(deadline=1.0, timeout=2.0) == []
    assert [round(nap) for nap in world.clock.slept] == [179, 179]
    limits = world.network.limits[burst]
    assert limits.read == 2.0
    assert limits.ends_at - world.clock.monotonic() > 5 / 0.0056


def test_a_full_page_that_names_no_other_is_asked_for_once_more() -> None:
    world = World(page(*FULL), page(*FULL, token="t"), page(order("last")))
    assert [len(ids) for ids in world.ids()] == [100, 1]
    assert world.queries[0] == world.queries[1]


def test_a_full_page_that_is_the_last_ends_the_pass() -> None:
    world = World(page(*FULL), page(*FULL))
    assert [len(ids) for ids in world.ids()] == [100]
    assert len(world.queries) == 2


def test_a_page_that_is_requested_once_more_is_so_in_another_process_too() -> None:
    world = World(
        page(order("a"), token="t"), page(*FULL), answer(500), answer(500), answer(500), answer(500)
    )
    with pytest.raises(ServerError):
        world.ids()
    assert world.store.checkpoint is not None
    other = World(page(*FULL))
    other.store = MemoryCheckpoint(Checkpoint.from_json(world.store.checkpoint.to_json()))
    assert [len(ids) for ids in other.ids()] == [100]
    assert other.queries == [world.queries[1]]
    assert other.store.checkpoint is not None
    assert other.store.checkpoint.window is None


@pytest.mark.parametrize("follows", [[], ["last"]])
def test_steps_without_quota_get_past_a_full_page_that_names_no_other(follows: list[str]) -> None:
    more = [page(*FULL, token="t"), page(order("last"))] if follows else [page(*FULL)]
    world = World(*[page()] * SEARCH_ORDERS.quota.burst, page(*FULL), *more)
    for _ in range(SEARCH_ORDERS.quota.burst):
        world.client.orders.v2026_01_01.search_orders(last_updated_after=SINCE)
    sync, found = world.sync(), list[str | None]()
    for _ in range(2 + len(more)):  # the first one finds no quota
        due = sync.step(lambda batch: found.extend(one.amazon_order_id for one in batch), every=300)
        world.clock.elapsed += (due - world.clock.now()).total_seconds()
    assert set(found[:100]) == {f"o{number}" for number in range(100)}
    assert found[100:] == follows
    assert world.clock.slept == []
    assert len(world.queries) == SEARCH_ORDERS.quota.burst + 1 + len(more)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"orders": None}, "orders"),
        ({"orders": [order("a"), None]}, r"orders\[1\]"),
        ({"orders": [order("a", orderId=None)]}, r"orders\[0\].orderId"),
        ({"orders": [], "pagination": 7}, "pagination"),
    ],
)
def test_a_page_of_which_an_order_may_be_lost_is_not_taken(body: Any, path: str) -> None:
    world = World(answer(200, body), page(order("a")))
    with pytest.raises(
        DecodeError, match=rf"searchOrders 200: the answer's {path} is .* may be lost"
    ) as caught:
        world.ids()
    assert caught.value.deviations
    assert caught.value.value is None
    assert world.ids() == [["a"]]


@pytest.mark.parametrize("found", [[], [order("b")]])
def test_b7_a_page_with_errors_is_not_taken_whatever_is_beside_them(found: list[Any]) -> None:
    errors = [{"code": "InternalFailure", "message": "some orders could not be read"}]
    failed = answer(200, {"orders": found, "errors": errors})
    # beside nothing it is no answer, and is requested again at once
    world = World(*[failed] * (1 if found else 2), page(order("a"), order("b")))
    with pytest.raises(DecodeError, match="InternalFailure") as caught:
        world.ids()
    assert (caught.value.code, caught.value.status) == ("InternalFailure", 200)
    assert [entry.message for entry in caught.value.errors] == ["some orders could not be read"]
    assert world.ids() == [["a", "b"]]


AHEAD = {"date": "Sun, 01 Mar 2026 11:58:20 GMT"}
"""The clock of the machine is 100 seconds ahead."""


def test_c3_a_search_up_to_the_future_moves_the_checkpoint_as_far_as_amazon_has_come() -> None:
    world = World(page(order("a"), token="t"), page(order("b")))
    for step in world.network.steps:
        step.headers = {**step.headers, **AHEAD}  # type: ignore[union-attr]
    assert world.ids() == [["a"], ["b"]]
    assert world.store.checkpoint is not None
    assert write_time(world.store.checkpoint.until) == "2026-03-01T11:56:15Z"
    # a page is searched for as its first one was
    assert [query["lastUpdatedBefore"] for query in world.queries] == ["2026-03-01T11:57:55Z"] * 2


def test_c3_a_search_that_is_refused_for_its_end_is_sent_again_with_the_right_one() -> None:
    late = refusal(400, "InvalidInput", "lastUpdatedBefore must be at least two minutes ago", **AHEAD)
    found = page(order("a"))
    world = World(late, found)
    world.network.exchange = _slowly(world)  # type: ignore[method-assign]
    assert world.ids() == [["a"]]
    assert [query["lastUpdatedBefore"] for query in world.queries] == [
        "2026-03-01T11:57:55Z",
        "2026-03-01T11:56:15Z",
    ]
    # as it was sent, however long the answer took
    assert world.store.checkpoint is not None
    assert write_time(world.store.checkpoint.until) == "2026-03-01T11:56:15Z"


def _slowly(world: World) -> Any:
    exchange = world.network.exchange

    def slowly(request: Any, limits: Any) -> Any:
        found = exchange(request, limits)
        if len(world.network.requests) == 2:
            world.clock.elapsed += 30
        return found

    return slowly


def test_an_order_without_the_time_of_its_change_is_delivered_all_the_same() -> None:
    world = World(page(order("a", lastUpdatedTime=None), order("b", orderId=7)))
    assert world.ids() == [["7", "a"]]


def test_missing_orders_are_those_placed_in_a_span_that_nobody_knows() -> None:
    world = World(page(order("a"), order("b"), token="t"), page(order("c"), order("d")))
    found = world.sync().missing({"a", "d"}, after=SINCE, before=SINCE + timedelta(days=7))
    assert [one.amazon_order_id for one in found] == ["b", "c"]
    first, second = world.queries
    assert (first["createdAfter"], first["createdBefore"]) == ("2026-02-01T00:00:00Z", "2026-02-08T00:00:00Z")
    assert second == {**first, "paginationToken": "t"}
    assert world.store.checkpoint is None


def test_missing_orders_are_looked_for_up_to_two_minutes_ago() -> None:
    world = World(page())
    assert list(world.sync().missing((), after=SINCE)) == []
    assert world.queries[0]["createdBefore"] == "2026-03-01T11:57:55Z"


def test_missing_orders_are_searched_for_as_the_quota_allows() -> None:
    burst = SEARCH_ORDERS.quota.burst
    world = World(*[page()] * burst, page(order("a")))
    for _ in range(burst):
        world.client.orders.v2026_01_01.search_orders(last_updated_after=SINCE)
    assert [one.amazon_order_id for one in world.sync().missing((), after=SINCE)] == ["a"]
    assert [round(nap) for nap in world.clock.slept] == [179]


def test_missing_orders_in_a_circle_of_pages_are_noticed() -> None:
    world = World(page(token="t"), page(token="t"))
    with pytest.raises(PaginationError, match="names a page again"):
        list(world.sync().missing((), after=SINCE))


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="after: takes a datetime with a time zone"):
        list(World().sync().missing((), after=datetime(2026, 2, 1)))  # noqa: DTZ001 - naive on purpose


def test_a_changed_order_costs_one_call_and_no_search() -> None:
    world = World(*[answer(200, {"order": order(id_)}) for id_ in (ONE, TWO)])
    found = world.sync(pii={"shippingAddress"}).changed([ONE, TWO, ONE])
    assert sorted(one.amazon_order_id for one in found) == [ONE, TWO]
    assert len(world.network.requests) == 2
    assert all("RECIPIENT" in query["includedData"] for query in world.queries)


def test_a_changed_order_that_fails_holds_up_no_other_and_is_told_in_the_end() -> None:
    world = World(refusal(404, "NotFound"), *[answer(200, {"order": order(id_)}) for id_ in (TWO, THREE)])
    found: list[str] = []

    def fetch() -> None:
        for one in world.sync().changed([ONE, TWO, THREE]):
            found.append(one.amazon_order_id)  # noqa: PERF401 - what came before the error is kept

    with pytest.raises(NotFoundError):
        fetch()
    assert sorted(found) == [TWO, THREE]


def test_b5_a_changed_order_that_is_null_holds_up_no_other() -> None:
    world = World(answer(200, {"order": None}), answer(200, {"order": order(TWO)}))
    changed = world.sync().changed([ONE, TWO])
    assert next(changed).amazon_order_id == TWO
    with pytest.raises(DecodeError, match="the answer lacks order"):
        next(changed)


def test_one_text_is_no_list_of_marketplaces() -> None:
    with pytest.raises(InvalidRequestError, match=r"^marketplaces"):
        World().sync(marketplaces=UK)


def test_personal_data_that_orders_do_not_have_is_refused_at_once() -> None:
    with pytest.raises(InvalidRequestError, match="pii"):
        World().sync(pii={"shoeSize"})


def test_only_who_wants_it_reads_v0_as_well() -> None:
    found = answer(200, {"payload": {"Orders": [{**V0_ORDER, "AmazonOrderId": "a"}]}})
    world = World(page(order("a")), found)
    (batch,) = world.sync(source=OrderSource.BOTH).batches()
    assert [one.order_channel for one in batch] == ["Web"]
    assert world.queries[1]["AmazonOrderIds"] == "a"

    down = refusal(500, "InternalFailure")
    world = World(page(order("a")), down)
    (batch,) = world.sync(source=OrderSource.BOTH).batches()
    assert [gap.reason for one in batch for gap in one.incomplete or ()] == [
        "getOrders: ServerError 500 InternalFailure"
    ]


def test_after_the_end_of_v0_a_sync_reads_one_api() -> None:
    world = World(page(order("a")))
    world.clock.elapsed = timedelta(days=365 * 2).total_seconds()
    (batch,) = world.sync(source=OrderSource.BOTH).batches()
    assert [one.amazon_order_id for one in batch] == ["a"]


def test_orders_by_id_are_completed_where_the_sync_is() -> None:
    one, listed = answer(200, {"order": order(ONE)}), {**V0_ORDER, "AmazonOrderId": ONE}
    world = World(one, answer(200, {"payload": {"Orders": [listed]}}))
    assert [made.order_channel for made in world.sync(source=OrderSource.BOTH).changed([ONE, ONE])] == ["Web"]


@pytest.mark.parametrize("source", [OrderSource.FULLEST, OrderSource.V0])
def test_a_sync_has_no_other_source(source: OrderSource) -> None:
    with pytest.raises(InvalidRequestError, match="V2026, or BOTH"):
        World().sync(source=source)


BEHIND = {"date": "Sun, 01 Mar 2026 13:00:00 GMT"}
"""The clock of the machine is an hour behind."""


@pytest.mark.parametrize("is_behind", [True, False])
def test_c3_where_the_checkpoint_seems_to_lie_in_the_future_amazon_is_asked_for_the_time(
    is_behind: bool, caplog: pytest.LogCaptureFixture
) -> None:
    found = page(order("b"))
    found.headers = {**found.headers, **(BEHIND if is_behind else {"date": "Sun, 01 Mar 2026 12:00:00 GMT"})}
    world = World(found, page(order("a")))
    filters = {"marketplaceIds": UK}
    world.store = MemoryCheckpoint(Checkpoint(datetime(2026, 3, 1, 12, 50, tzinfo=UTC), filters))
    assert world.ids() == ([["a"]] if is_behind else [])
    ends = [(query["lastUpdatedAfter"], query["lastUpdatedBefore"]) for query in world.queries]
    assert ends[0] == ("2026-03-01T11:55:50Z", "2026-03-01T11:57:55Z")
    assert ends[1:] == ([("2026-03-01T12:40:00Z", "2026-03-01T12:57:55Z")] if is_behind else [])
    assert ("lies in the future" in caplog.text) is not is_behind
    world.ids()  # it is asked once only
    assert len(world.queries) == 1 + is_behind


def test_c3_a_stop_ends_the_wait_for_the_time_as_well() -> None:
    burst = SEARCH_ORDERS.quota.burst
    world = World(*[page()] * burst)
    for _ in range(burst):
        world.client.orders.v2026_01_01.search_orders(last_updated_after=SINCE)
    world.store = MemoryCheckpoint(
        Checkpoint(datetime(2026, 3, 1, 12, 50, tzinfo=UTC), {"marketplaceIds": UK})
    )

    class Stop:
        def is_set(self) -> bool:
            return world.clock.elapsed >= 60

    world.sync().run(print, every=300, stop=Stop())
    assert len(world.queries) == burst
    assert world.clock.elapsed == 60


def test_a_pass_ends_with_an_error_where_others_leave_no_quota_for_long() -> None:
    world = World(*[refusal(429, "QuotaExceeded")] * 10, page(order("a")))
    with pytest.raises(QuotaError, match="later than max_wait or the deadline") as caught:
        world.ids()
    assert caught.value.status == 429
    assert sum(world.clock.slept) > 2 / SEARCH_ORDERS.quota.rate
    world.network.steps[:-1] = []
    assert world.ids() == [["a"]]


def test_a_step_does_not_wait_until_others_have_left_some_of_the_quota() -> None:
    world = World(refusal(429, "QuotaExceeded"), page(order("a")))
    delivered: list[str] = []

    def deliver(batch: Any) -> None:
        delivered.extend(one.amazon_order_id for one in batch)

    sync = world.sync()
    due = sync.step(deliver, every=timedelta(minutes=5)) - world.clock.now()
    interval = 1 / SEARCH_ORDERS.quota.rate
    assert interval - 2 < due.total_seconds() < interval + 2
    assert sum(world.clock.slept) < 2
    world.clock.sleep(due.total_seconds())
    sync.step(deliver, every=timedelta(minutes=5))
    assert delivered == ["a"]
