"""Orders of 2026-01-01, completed from Orders v0, which may fail: under threads and under asyncio."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from spshipping import AccessDeniedError, InvalidRequestError, NotFoundError
from spshipping.orders import AmazonOrder, OrderSource, OrderStatus, RetrievalPlan, workflows
from spshipping.orders.bridge.completion import Completion
from spshipping.orders.selection import OrderFilters, Selection
from spshipping.transport.retry import RetryBudget
from tests.drives import DRIVES, Drive, RoutedTransport, listed
from tests.kit import FakeClock, Step, answer, refusal
from tests.unit.orders.build import ONE, TWO, V0_ITEM, V0_ORDER, V2026_ORDER, id_of

NEW, OLD, MINT = "/orders/2026-01-01/orders", "/orders/v0/orders", "/tokens/2021-03-01/restrictedDataToken"
SINCE = datetime(2026, 2, 1, tzinfo=UTC)
SPAN = OrderFilters(SINCE)
PII = ("buyerInfo", "shippingAddress")
MINTING = "createRestrictedDataToken"
PERSONAL = {"shipping_address.district", "buyer_info.buyer_county", "buyer_info.buyer_tax_info.taxing_region"}


def new(order_id: str) -> dict[str, Any]:
    return {**V2026_ORDER, "orderId": order_id}


def old(order_id: str) -> dict[str, Any]:
    return {**V0_ORDER, "AmazonOrderId": order_id, "OrderChannel": f"channel of {order_id}"}


def pages(*ids: str) -> list[Step]:
    """Return an answer of searchOrders for each text of ids."""
    made: list[Step] = []
    for number, page in enumerate(ids, 1):
        more = {"pagination": {"nextToken": f"t{number}"}} if number < len(ids) else {}
        made.append(answer(200, {"orders": list(map(new, page.split())), **more}))
    return made


def lists(*ids: str, is_last: bool = True) -> list[Step]:
    """Return an answer of getOrders for each text of ids, each but the last with a token for the next."""
    made: list[Step] = []
    for number, page in enumerate(ids, 1):
        more = {"NextToken": f"t{number}"} if number < len(ids) or not is_last else {}
        made.append(answer(200, {"payload": {"Orders": list(map(old, page.split())), **more}}))
    return made


FAILED = refusal(500, "InternalFailure")
REFUSED = refusal(403, "Unauthorized")
MINTED = answer(200, {"restrictedDataToken": "Atz.sprdt|1", "expiresIn": 3600})


@pytest.fixture(params=DRIVES)
def drive(request: pytest.FixtureRequest) -> Drive:
    make: Callable[[], Drive] = request.param
    return make()


def retrieved(drive: Drive, network: RoutedTransport, **options: Any) -> list[AmazonOrder]:
    filters = options.pop("filters", SPAN)
    return drive.run(listed(workflows.retrieve_all(drive.context(network), filters, **options)))


def queries(network: RoutedTransport, path: str = OLD) -> list[dict[str, str]]:
    """Return the parameters of every request for a path."""
    urls = [urlsplit(request.url) for request in network.requests]
    return [{k: v[0] for k, v in parse_qs(url.query).items()} for url in urls if url.path == path]


def channels(orders: list[AmazonOrder]) -> list[str | None]:
    return [order.order_channel for order in orders]


def test_orders_are_joined_by_their_ids_whatever_the_pages(drive: Drive) -> None:
    network = RoutedTransport({NEW: pages("1 2", "3 4"), OLD: lists("2", "1 4", "3")})
    orders = retrieved(drive, network)
    assert channels(orders) == [f"channel of {number}" for number in "1234"]
    assert all(order.incomplete is None and order.order_total for order in orders)
    assert all(order.items and order.items[0].unit_price for order in orders)
    assert [query.get("NextToken") for query in queries(network)] == [None, "t1", "t2"]
    assert queries(network)[0]["LastUpdatedAfter"] == "2026-02-01T00:00:00Z"


def test_what_the_search_lacks_is_requested_by_id_and_no_page_far_ahead(drive: Drive) -> None:
    # v0 lists them the other way round: at most one page is read ahead
    routes = {NEW: pages("1", "2", "3"), OLD: lists("6", "5", is_last=False) + lists("1", "4", "2", "3")}
    network = RoutedTransport(routes)
    orders = retrieved(drive, network)
    assert channels(orders) == ["channel of 1", "channel of 2", "channel of 3"]
    ids = [query.get("AmazonOrderIds") for query in queries(network)]
    assert ids == [None, None, "1", None, "2", None]
    assert queries(network)[2]["MarketplaceIds"] == V2026_ORDER["salesChannel"]["marketplaceId"]


def test_fifty_ids_are_requested_at_once(drive: Drive) -> None:
    ids = [str(number) for number in range(120)]
    routes = {
        NEW: pages(" ".join(ids)),
        OLD: lists("") + lists(*(" ".join(ids[at : at + 50]) for at in (0, 50, 100))),
    }
    network = RoutedTransport(routes)
    assert all(order.order_channel for order in retrieved(drive, network))
    assert [len(query["AmazonOrderIds"].split(",")) for query in queries(network)[1:]] == [50, 50, 20]


def test_ids_are_requested_with_a_date_once_amazon_wants_one(drive: Drive) -> None:
    wants_date = refusal(400, "InvalidInput")
    routes = {NEW: pages("1", "2"), OLD: [*lists(""), wants_date, *lists("1", "2")]}
    network = RoutedTransport(routes)
    orders = retrieved(drive, network)
    assert channels(orders) == ["channel of 1", "channel of 2"]
    asked = [query.get("CreatedAfter") for query in queries(network)[1:]]
    assert asked == [None, "2026-09-30T09:15:00Z", "2026-09-30T09:15:00Z"]


def test_an_order_without_a_date_is_requested_as_if_it_were_the_oldest(drive: Drive) -> None:
    undated = {name: value for name, value in new("1").items() if name != "createdTime"}
    page: list[Step] = [answer(200, {"orders": [undated]})]
    network = RoutedTransport({NEW: page, OLD: [*lists(""), refusal(400, "InvalidInput"), *lists("1")]})
    (order,) = retrieved(drive, network)
    assert order.order_channel == "channel of 1"
    assert queries(network)[-1]["CreatedAfter"] < "2025"


def test_c8_after_two_failed_lists_v0_is_left_alone(drive: Drive, caplog: pytest.LogCaptureFixture) -> None:
    network = RoutedTransport({NEW: pages("1", "2", "3"), OLD: [FAILED, FAILED]})
    context = drive.context(network)
    budget: RetryBudget = context.sender.parts.repeats.budget  # type: ignore[attr-defined]  # its own
    left = budget.left
    with caplog.at_level(logging.WARNING, "spshipping"):
        orders = drive.run(listed(workflows.retrieve_all(context, SPAN)))
    assert [order.amazon_order_id for order in orders] == ["1", "2", "3"]
    assert all(order.items for order in orders)
    assert len(queries(network)) == 2
    assert budget.left == left
    for order in orders:
        (gap,) = order.incomplete or []
        assert gap.reason == "getOrders: ServerError 500 InternalFailure"
        assert {"order_total", "order_channel", "fulfillment_instruction"} <= set(gap.fields)
        assert PERSONAL.isdisjoint(gap.fields)
        assert all(getattr(order, name, None) is None for name in gap.fields)
    assert [record.getMessage() for record in caplog.records] == [
        "orders are not completed, or not wholly, from Orders v0: getOrders: ServerError 500 InternalFailure"
    ]


def test_c8_one_failed_list_costs_nothing(drive: Drive) -> None:
    network = RoutedTransport({NEW: pages("1", "2"), OLD: [FAILED, *lists("1", "1 2")]})
    assert channels(retrieved(drive, network)) == ["channel of 1", "channel of 2"]
    assert [query.get("AmazonOrderIds") for query in queries(network)] == [None, "1", None]


def test_c8_a_list_without_orders_beside_errors_failed(drive: Drive) -> None:
    odd = answer(200, {"payload": {"Orders": []}, "errors": [{"code": "InternalFailure"}]})
    network = RoutedTransport({NEW: pages("1"), OLD: [odd, odd]})
    (order,) = retrieved(drive, network)
    assert order.incomplete
    assert order.incomplete[0].reason == "getOrders: DecodeError 200 InternalFailure"


def test_an_order_that_v0_does_not_have_says_so(drive: Drive) -> None:
    network = RoutedTransport({NEW: pages("1 2"), OLD: lists("1", "", "")})
    first, second = retrieved(drive, network)
    assert first.incomplete is None
    assert second.incomplete
    assert second.incomplete[0].reason == "Orders v0 does not have this order"


def test_an_order_that_comes_again_is_completed_again(drive: Drive) -> None:
    network = RoutedTransport({NEW: pages("1 1", "1"), OLD: lists("1", "1")})
    assert channels(retrieved(drive, network)) == ["channel of 1"] * 3


def test_a_token_is_requested_only_for_personal_data(drive: Drive) -> None:
    network = RoutedTransport({NEW: pages("1"), OLD: lists("1")})
    (order,) = retrieved(drive, network)
    assert order.buyer_info is None or order.buyer_info.buyer_county is None
    assert {urlsplit(request.url).path for request in network.requests} == {NEW, OLD}

    network = RoutedTransport({NEW: pages("1"), OLD: lists("1"), MINT: [MINTED]})
    (order,) = retrieved(drive, network, pii=PII)
    assert order.buyer_info
    assert order.buyer_info.buyer_county == "Wayne"
    assert order.incomplete is None


IMPOSSIBLE = refusal(400, "InvalidInput")


@pytest.mark.parametrize(
    ("mint", "before", "reason"),
    [
        (REFUSED, [], f"{MINTING}: AccessDeniedError 403 Unauthorized"),
        (IMPOSSIBLE, [], f"{MINTING}: BadRequestError 400 InvalidInput"),
        (MINTED, [REFUSED], "getOrders: AccessDeniedError 403 Unauthorized"),
    ],
    ids=["token refused", "token impossible", "list refused"],
)
def test_c8_a_refused_token_is_done_without(
    drive: Drive, mint: Step, before: list[Step], reason: str
) -> None:
    def bare(order: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in order.items() if name not in people}

    people = ("recipient", "tax", "BuyerInfo", "ShippingAddress")
    found = [answer(200, {"orders": [bare(new("1"))], "pagination": {"nextToken": "t"}})]
    found.append(answer(200, {"orders": [bare(new("2"))]}))
    listed = [answer(200, {"payload": {"Orders": [bare(old("1"))], "NextToken": "t"}})]
    listed.append(answer(200, {"payload": {"Orders": [bare(old("2"))]}}))
    network = RoutedTransport({NEW: [*found], OLD: [*before, *listed], MINT: [mint]})
    orders = retrieved(drive, network, pii=PII)
    assert all(order.order_total for order in orders)
    for order in orders:
        (gap,) = order.incomplete or []
        assert gap.reason == reason
        assert set(gap.fields) >= PERSONAL
        assert all("." in name for name in gap.fields)


def test_statuses_that_go_together_are_searched_for_together(drive: Drive) -> None:
    network = RoutedTransport({NEW: pages("1"), OLD: lists("1")})
    retrieved(drive, network, filters=SPAN._replace(statuses=[OrderStatus.UNSHIPPED, OrderStatus.CANCELED]))
    assert queries(network, NEW)[0]["fulfillmentStatuses"] == "UNSHIPPED,CANCELLED"
    assert queries(network)[0]["OrderStatuses"] == "Unshipped,Canceled,PartiallyShipped"


def test_one_order_is_one_call_on_each(drive: Drive) -> None:
    def routes(step: Step) -> RoutedTransport:
        return RoutedTransport({f"{NEW}/{ONE}": [answer(200, {"order": new(ONE)})], f"{OLD}/{ONE}": [step]})

    network = routes(answer(200, {"payload": old(ONE)}))
    order = drive.run(workflows.retrieve(drive.context(network), ONE))
    assert (order.order_channel, order.incomplete) == (f"channel of {ONE}", None)
    assert len(network.requests) == 2
    reasons = {
        refusal(404, "NotFound"): "Orders v0 does not have this order",
        FAILED: "getOrder: ServerError 500 InternalFailure",
        answer(200, {"payload": {"OrderStatus": "Shipped"}}): "getOrder: DecodeError 200",
    }
    for step, reason in reasons.items():
        network = routes(step)
        order = drive.run(workflows.retrieve(drive.context(network), ONE))
        assert order.items
        assert [gap.reason for gap in order.incomplete or ()] == [reason]
        assert len(network.requests) == 2


def test_c8_a_failure_that_is_no_refusal_says_nothing_of_the_token(drive: Drive) -> None:
    network = RoutedTransport({NEW: pages("1"), OLD: [FAILED, *lists("1")], MINT: [MINTED]})
    (order,) = retrieved(drive, network, pii=PII)
    assert order.buyer_info
    assert (order.buyer_info.buyer_county, order.incomplete) == ("Wayne", None)
    assert [query.get("AmazonOrderIds") for query in queries(network)] == [None, "1"]


def test_an_order_that_lacks_nothing_is_not_incomplete_whatever_v0_answers(drive: Drive) -> None:
    whole = retrieved(drive, RoutedTransport({NEW: pages("1"), OLD: lists("1")}))[0]
    completion = Completion(drive.context(RoutedTransport({OLD: [FAILED]})), Selection(frozenset(), True, {}))
    (order,) = drive.run(completion.listed([whole]))
    assert order.incomplete is None


def test_many_orders_are_a_call_each_and_a_list_for_fifty(drive: Drive) -> None:
    ids = [id_of(number) for number in range(60)]
    routes: dict[str, list[Step]] = {f"{NEW}/{one}": [answer(200, {"order": new(one)})] for one in ids}
    routes[f"{NEW}/{id_of(7)}"] = [REFUSED]
    routes[f"{NEW}/{id_of(8)}"] = [refusal(404, "NotFound")]
    # one answer with all of them: what it has of others is not requested again
    routes[OLD] = [answer(200, {"payload": {"Orders": list(map(old, ids))}})]
    network = RoutedTransport(routes)
    context = drive.context(network)
    found: list[AmazonOrder] = []

    async def main() -> None:
        async for order in workflows.retrieve_many(context, [*ids, ONE]):
            found.append(order)  # noqa: PERF401 - what came before the error is looked at

    with pytest.raises((AccessDeniedError, NotFoundError)):
        drive.run(main())
    assert sorted(int(order.amazon_order_id[-7:]) for order in found) == [
        n for n in range(60) if n not in (7, 8)
    ]
    assert all(order.order_channel == f"channel of {order.amazon_order_id}" for order in found)
    assert [len(query["AmazonOrderIds"].split(",")) for query in queries(network)] == [50]


def test_many_orders_are_read_from_any_source(drive: Drive) -> None:
    for source, count in ((OrderSource.V2026, 2), (OrderSource.FULLEST, 6)):
        routes: dict[str, list[Step]] = {}
        for one in (ONE, TWO):
            lines = {"AmazonOrderId": one, "OrderItems": [V0_ITEM]}
            routes[f"{NEW}/{one}"] = [answer(200, {"order": new(one)})]
            routes[f"{OLD}/{one}"] = [answer(200, {"payload": old(one)})]
            routes[f"{OLD}/{one}/orderItems"] = [answer(200, {"payload": lines})]
        network = RoutedTransport(routes)
        many = workflows.retrieve_many(drive.context(network), [ONE, TWO, ONE], source=source)
        orders = drive.run(listed(many))
        assert sorted(order.amazon_order_id for order in orders) == [ONE, TWO]
        assert len(network.requests) == count


@pytest.mark.filterwarnings("ignore:Amazon switches off:DeprecationWarning")
def test_the_first_error_is_raised_after_all_others(drive: Drive) -> None:
    routes: dict[str, list[Step]] = {
        f"{OLD}/{ONE}": [REFUSED],
        f"{OLD}/{TWO}": [answer(200, {"payload": old(TWO)})],
    }
    context = drive.context(RoutedTransport(routes))
    found: list[AmazonOrder] = []

    async def main() -> None:
        async for order in workflows.retrieve_many(context, [ONE, TWO], source=OrderSource.V0, items=False):
            found.append(order)  # noqa: PERF401 - what came before the error is looked at

    with pytest.raises(AccessDeniedError):
        drive.run(main())
    assert [order.amazon_order_id for order in found] == [TWO]


def test_one_text_is_no_list_of_ids(drive: Drive) -> None:
    context = drive.context(RoutedTransport({}))
    with pytest.raises(InvalidRequestError, match="takes a list"):
        workflows.retrieve_many(context, "123-1234567-1234567")


IDS = [str(number) for number in range(100)]


def hundred() -> dict[str, list[Step]]:
    """Return what v0 answers of a hundred orders."""
    routes: dict[str, list[Step]] = {OLD: [answer(200, {"payload": {"Orders": list(map(old, IDS))}})] * 2}
    for one in IDS:
        lines = answer(200, {"payload": {"AmazonOrderId": one, "OrderItems": [V0_ITEM]}})
        routes[f"{OLD}/{one}/orderItems"] = [lines]
    return routes


NOW = datetime(2026, 10, 2, 9, 15, tzinfo=UTC)


def plan_of(drive: Drive, page: Step, **options: Any) -> RetrievalPlan:
    plans: list[RetrievalPlan] = []
    network = RoutedTransport({NEW: [page], **hundred()})
    orders = workflows.retrieve_all(
        drive.context(network, FakeClock(NOW)),
        OrderFilters(created_after=datetime(2026, 9, 30, 9, 15, tzinfo=UTC)),
        source=OrderSource.FULLEST,
        on_progress=plans.append,
        **options,
    )

    async def first() -> None:
        await anext(orders)
        await orders.aclose()

    drive.run(first())
    (plan,) = plans
    return plan


def test_the_fullest_source_says_what_it_costs(drive: Drive, caplog: pytest.LogCaptureFixture) -> None:
    whole = answer(200, {"orders": list(map(new, IDS))})
    with caplog.at_level(logging.INFO, "spshipping"):
        plan = plan_of(drive, whole)
    assert plan == RetrievalPlan(100, 103, 140.0, is_estimate=False)
    assert "100 orders take 103 calls and 0:02:20" in caplog.text
    assert plan_of(drive, whole, items=False) == RetrievalPlan(100, 3, 0.0, is_estimate=False)

    # the first page ends where half of the span is over, so that as many follow
    half = answer(200, {"orders": list(map(new, IDS)), "pagination": {"nextToken": "t"}})
    plan = plan_of(drive, half)
    assert (plan.orders, plan.calls, plan.is_estimate) == (200, 206, True)


def test_the_fullest_source_reads_what_v0_does_not_have_as_it_is(drive: Drive) -> None:
    gone: list[Step] = [refusal(404, "NotFound")]
    network = RoutedTransport({f"{NEW}/{ONE}": [answer(200, {"order": new(ONE)})], f"{OLD}/{ONE}": gone})
    fullest = OrderSource.FULLEST
    order = drive.run(workflows.retrieve(drive.context(network), ONE, source=fullest))
    assert (order.amazon_order_id, order.order_channel) == (ONE, None)


@pytest.mark.parametrize("is_dated", [True, False])
def test_the_fullest_source_announces_once_and_reads_every_page(drive: Drive, is_dated: bool) -> None:
    plans: list[RetrievalPlan] = []
    changes = {} if is_dated else {"createdTime": None, "lastUpdatedTime": None}
    first = {"orders": [{**new("1"), **changes}] * 2, "pagination": {"nextToken": "t"}}
    found: list[Step] = [answer(200, first), answer(200, {"orders": [new("2")]})]
    routes = {NEW: found, OLD: lists("1") + lists("2")}
    fullest: Any = {"source": OrderSource.FULLEST, "on_progress": plans.append, "items": False}
    orders = retrieved(drive, RoutedTransport(routes), **fullest)
    assert channels(orders) == ["channel of 1", "channel of 1", "channel of 2"]
    assert [(plan.is_estimate, plan.orders > 2) for plan in plans] == [(True, True)]


def test_the_fullest_source_guesses_nothing_of_an_empty_page(drive: Drive) -> None:
    plans: list[RetrievalPlan] = []
    network = RoutedTransport({NEW: [answer(200, {"orders": []})]})
    fullest: Any = {"source": OrderSource.FULLEST, "on_progress": plans.append}
    assert drive.run(listed(workflows.retrieve_all(drive.context(network), SPAN, **fullest))) == []
    assert plans == [RetrievalPlan(0, 1, 0.0, is_estimate=False)]
