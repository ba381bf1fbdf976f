"""`client.orders` against the local SP-API: what comes, in how many calls, and when."""

import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest

from spshipping import AccessDeniedError, Client, InvalidRequestError, Marketplace
from spshipping.auth.cache import TokenCache
from spshipping.orders import AmazonOrder, FulfillmentChannel, OrderSource, OrderStatus
from spshipping.orders.bridge.complete import complete
from spshipping.sandbox import Sandbox
from tests.sandbox.conftest import MakeClient
from tests.virtual import VirtualClock

pytestmark = [pytest.mark.dates, pytest.mark.usefixtures("with_v0", "still_time")]

PII = ("buyerInfo", "shippingAddress", "buyerTaxInformation")
EVERYWHERE = list(Marketplace)
SOURCES = [OrderSource.FULLEST, OrderSource.V2026, OrderSource.V0]
SEARCH, NEW = "GET /orders/2026-01-01/orders", "GET /orders/2026-01-01/orders/{orderId}"
LIST, OLD = "GET /orders/v0/orders", "GET /orders/v0/orders/{orderId}"
ITEMS = "GET /orders/v0/orders/{orderId}/orderItems"
MINT = "POST /tokens/2021-03-01/restrictedDataToken"


@pytest.fixture(autouse=True)
def nobody_is_warned() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "Amazon switches off", DeprecationWarning)
        warnings.filterwarnings("ignore", "Amazon switches off reading", DeprecationWarning)
        yield


@pytest.fixture
def seller(make_client: MakeClient, sandbox: Sandbox) -> Client:
    """A client on virtual time."""
    clock = VirtualClock(sandbox.clock)
    return make_client(clock=clock, token_cache=TokenCache(clock))


def month(client: Client, **options: Any) -> list[AmazonOrder]:
    """Return all orders of the last month, wherever they were placed."""
    since = client.context.clock.now() - timedelta(days=31)
    options = {"created_after": since, "marketplaces": EVERYWHERE, **options}
    return list(client.orders.retrieve_all(**options))


def calls(sandbox: Sandbox) -> Counter[str | None]:
    """Return how often each route was asked; none was refused."""
    seen = sandbox.ledger.requests()
    assert {one.status for one in seen} <= {200, 204}
    return Counter(one.route for one in seen)


@pytest.mark.long
def test_all_sources_tell_the_same_orders_in_the_same_order(seller: Client) -> None:
    fullest, new, old = (month(seller, source=source, pii=PII) for source in SOURCES)
    ids = [order.amazon_order_id for order in new]
    assert len(ids) > 250
    assert [order.amazon_order_id for order in old] == ids
    for full, one, other in zip(fullest, new, old, strict=True):
        assert full == complete(one, other)
    assert all(order.items for order in fullest)


@pytest.mark.parametrize(
    ("source", "options", "expected"),
    [
        (None, {}, {SEARCH: 3, LIST: 3}),
        (None, {"pii": PII}, {SEARCH: 3, LIST: 3, MINT: 1}),
        (OrderSource.BOTH, {"items": False}, {SEARCH: 3, LIST: 3}),
        (OrderSource.V2026, {}, {SEARCH: 3}),
        (OrderSource.V2026, {"pii": PII}, {SEARCH: 3}),
        (OrderSource.V0, {"items": False}, {LIST: 3}),
        (OrderSource.V0, {"pii": PII}, {LIST: 3, ITEMS: 0, MINT: 2}),
        (OrderSource.FULLEST, {"items": False}, {SEARCH: 3, LIST: 6}),
        (OrderSource.FULLEST, {"pii": PII}, {SEARCH: 3, LIST: 6, ITEMS: 0, MINT: 2}),
    ],
)
def test_what_is_asked_for_decides_how_few_calls_are_made(
    seller: Client, sandbox: Sandbox, source: OrderSource | None, options: Any, expected: dict[str, int]
) -> None:
    found = month(seller, source=source, **options)
    if ITEMS in expected:
        expected = {**expected, ITEMS: len(found)}
    assert calls(sandbox) == expected


def test_items_are_fetched_as_fast_as_the_quota_allows_and_no_faster(
    seller: Client, sandbox: Sandbox
) -> None:
    began = sandbox.clock.monotonic()
    found = month(seller, source=OrderSource.V0)
    took = sandbox.clock.monotonic() - began
    allowed = (len(found) - 30) / 0.5
    assert calls(sandbox)[ITEMS] == len(found)
    assert allowed <= took <= 1.02 * allowed + 5


@pytest.mark.long
def test_a_year_of_orders_waits_for_its_turns_within_the_time_of_a_call(make_client: MakeClient) -> None:
    with Sandbox(orders=3000, seed=5) as box:
        clock = VirtualClock(box.clock)
        where: Any = {"endpoint": box.url, "token_url": box.token_url}
        client = make_client(clock=clock, token_cache=TokenCache(clock), **where)
        found = month(client, items=False)
        assert len({order.amazon_order_id for order in found}) == len(found) > 2900
        assert all(order.ship_service_level for order in found)
        # 20 searches at once, and one in three minutes from then on
        assert calls(box)[SEARCH] == 30


def test_filters_mean_the_same_in_both(seller: Client) -> None:
    options: Any = {
        "statuses": [OrderStatus.CANCELED, OrderStatus.UNSHIPPED],
        "channels": [FulfillmentChannel.MERCHANT],
        "items": False,
    }
    found = [[order.amazon_order_id for order in month(seller, source=one, **options)] for one in SOURCES]
    assert found[0] == found[1] == found[2] != []
    mine = month(seller, marketplaces=None, items=False)
    assert {order.marketplace_id for order in mine} == {Marketplace.UK.id}


def test_orders_of_v0_alone_have_words_that_2026_does_not_know(seller: Client) -> None:
    asked: Any = {"statuses": [OrderStatus.INVOICE_UNCONFIRMED], "items": False}
    found = month(seller, source=OrderSource.V0, **asked)
    assert {order.marketplace_id for order in found} <= {Marketplace.BR.id}
    with pytest.raises(InvalidRequestError, match="Shipped"):
        month(seller, **asked)


def test_a_failure_comes_in_its_turn_after_all_that_came_before(seller: Client, sandbox: Sandbox) -> None:
    ids = [order.amazon_order_id for order in month(seller, source=OrderSource.V2026)]
    sandbox.add_fault("getOrderItems", "status", status=403, at=None, count=1)
    got: list[str] = []
    with pytest.raises(AccessDeniedError):  # noqa: PT012 - the loop is the point
        for order in seller.orders.retrieve_all(
            created_after=sandbox.clock.now() - timedelta(days=31),
            marketplaces=EVERYWHERE,
            source=OrderSource.FULLEST,
        ):
            got.append(order.amazon_order_id)  # noqa: PERF401 - what came before is looked at
    assert got == ids[: len(got)]


def test_leaving_early_asks_for_little(seller: Client, sandbox: Sandbox) -> None:
    since = sandbox.clock.now() - timedelta(days=31)
    fullest = OrderSource.FULLEST
    found = seller.orders.retrieve_all(created_after=since, marketplaces=EVERYWHERE, source=fullest)
    assert len(list(islice(found, 3))) == 3
    del found
    seen = calls(sandbox)
    assert (seen[SEARCH], seen[LIST]) == (1, 2)
    assert seen[ITEMS] < 30


def test_one_order_is_read_from_each(seller: Client, sandbox: Sandbox) -> None:
    wanted = next(order for order in sandbox.orders() if order.status == "Shipped" and order.channel == "MFN")
    full, new, old = (seller.orders.retrieve(wanted.id, source=source, pii=PII) for source in SOURCES)
    assert calls(sandbox) == {NEW: 2, OLD: 2, ITEMS: 2, MINT: 2}
    assert full.shipping_address
    assert full.shipping_address.name == wanted.address.name
    assert new.order_total is None
    assert full.order_total == old.order_total
    assert full == complete(new, old)


@pytest.mark.long
def test_every_order_of_the_sandbox_is_the_same_through_both(seller: Client, sandbox: Sandbox) -> None:
    ids = [order.id for order in sandbox.orders()][-120:]
    for pii in (PII, None):
        sandbox.ledger.clear()
        found = seller.orders.compare(ids, pii=pii)
        assert [one.order_id for one in found] == ids
        assert [one.order_id for one in found if not one.is_as_expected] == []
        seen = calls(sandbox)
        assert (seen[NEW], seen[LIST], seen[ITEMS]) == (120, 3, 120)
    assert all(not one.path.startswith(("shipping_address", "buyer_info")) for one in found[0].differences)


def open_order(sandbox: Sandbox) -> Any:
    """Return an order of two pieces or more that its seller has yet to ship."""
    return next(
        order
        for order in sandbox.orders()
        if order.status == "Unshipped" and order.channel == "MFN" and order.units_unshipped > 1
    )


def test_an_order_leaves_in_parts(seller: Client, sandbox: Sandbox) -> None:
    order = open_order(sandbox)
    place = order.place.marketplace.id
    plain: Any = {"carrier_code": "Royal Mail", "ship_date": sandbox.clock.now(), "marketplace_id": place}
    first = {order.items[0].id: 1}
    seller.orders.confirm(order.id, **plain, tracking_number="RM1", items=first)
    read = seller.orders.retrieve(order.id, source=OrderSource.V2026)
    assert read.order_status is OrderStatus.PARTIALLY_SHIPPED
    assert read.number_of_items_shipped == 1

    with pytest.raises(InvalidRequestError, match="give this one another number"):
        seller.orders.confirm(order.id, **plain, tracking_number="RM2")
    del plain["marketplace_id"]
    seller.orders.confirm(order.id, **plain, tracking_number="RM2", package_reference_id="2")
    read = seller.orders.retrieve(order.id, source=OrderSource.V2026)
    assert (read.order_status, read.number_of_items_unshipped) == (OrderStatus.SHIPPED, 0)
    with pytest.raises(InvalidRequestError, match="nothing left to ship"):
        seller.orders.confirm(order.id, **plain, tracking_number="RM3", package_reference_id="3")


def test_what_was_said_of_a_package_can_be_corrected(seller: Client, sandbox: Sandbox) -> None:
    order = open_order(sandbox)
    plain: Any = {"ship_date": sandbox.clock.now(), "marketplace_id": order.place.marketplace.id}
    everything = {item.id: item.quantity for item in order.items}
    for carrier, number in (("Royal Mail", "RM1"), ("DHL", "D1")):
        seller.orders.confirm(
            order.id, **plain, carrier_code=carrier, tracking_number=number, items=everything
        )
    (told,) = [one for one in sandbox.orders() if one.id == order.id]
    assert [(parcel.carrier, parcel.tracking) for parcel in told.parcels] == [("DHL", "D1")]
