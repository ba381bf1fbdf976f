"""`client.orders.retrieve_all` by default: all that both APIs have of an order, as fast as one of them."""

import asyncio
import math
from collections import Counter
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from spshipping import AsyncClient, Client, Credentials, Marketplace
from spshipping.auth.cache import TokenCache
from spshipping.orders import AmazonOrder, OrderSource
from spshipping.sandbox import Sandbox
from spshipping.sandbox.orders import OrderSupply
from spshipping.wire.model import Model
from spshipping.wire.shapes import fields_of
from tests.sandbox.test_connections import IS_FULL
from tests.virtual import VirtualClock

pytestmark = [pytest.mark.dates, pytest.mark.usefixtures("with_v0")]

PII = ("buyerInfo", "shippingAddress", "buyerTaxInformation")
SEARCH, LIST, MINT = "searchOrders", "getOrders", "createRestrictedDataToken"
PER_PAGE, BURST, SECONDS = 100, 20, 1 / 0.0056


class Run(NamedTuple):
    """One run: what came, and in which calls."""

    orders: list[AmazonOrder]
    seconds: float
    """How long it waited, in the sandbox's time."""
    calls: Counter[str | None]


def client_options(box: Sandbox) -> Any:
    """Return what a client of a sandbox is made of, on the sandbox's time."""
    clock = VirtualClock(box.clock)
    return {
        "endpoint": box.url,
        "token_url": box.token_url,
        "clock": clock,
        "token_cache": TokenCache(clock),
    }


def run(box: Sandbox, *, is_async: bool = False, **options: Any) -> Run:
    """Retrieve all orders of the last month with a client of its own."""
    where = client_options(box)
    search: Any = {
        "created_after": box.clock.now() - timedelta(days=31),
        "marketplaces": list(Marketplace),
        **options,
    }
    box.ledger.clear()
    credentials = Credentials(**box.credentials)

    async def listed() -> list[AmazonOrder]:
        async with AsyncClient(credentials, Marketplace.UK, **where) as client:
            return [order async for order in client.orders.retrieve_all(**search)]

    began = box.clock.offset
    if is_async:
        found = asyncio.run(listed())
    else:
        with Client(credentials, Marketplace.UK, **where) as client:
            found = list(client.orders.retrieve_all(**search))
    return Run(found, box.clock.offset - began, Counter(one.operation for one in box.ledger.requests()))


def allowed(count: int) -> float:
    """Return how long the searches for so many orders take by their quota alone."""
    return max(0, math.ceil(count / PER_PAGE) - BURST) * SECONDS


def leaves(model: Model | None, cls: Any, prefix: str = "") -> dict[str, bool]:
    """Return which fields of an order have a value, down to those without fields; not of its items."""
    found: dict[str, bool] = {}
    for field in fields_of(cls):
        value = getattr(model, field.name, None)
        if field.name in ("items", "incomplete"):
            continue
        if field.shape.kind == "model":
            found |= leaves(value, field.shape.cls, f"{prefix}{field.name}.")
        else:
            found[prefix + field.name] = value is not None
    return found


@pytest.fixture(params=[False, True], ids=["threads", "asyncio"])
def is_async(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def check_calls(found: Run, count: int) -> None:
    """Make sure that a run took the calls and the time of the searches alone."""
    ids = {order.amazon_order_id for order in found.orders}
    assert len(ids) == len(found.orders) > 0.9 * count
    pages = math.ceil(len(ids) / PER_PAGE)
    assert found.calls[SEARCH] == pages
    assert found.calls[LIST] in (pages, pages + 1)
    assert set(found.calls) <= {SEARCH, LIST, MINT}
    assert found.calls[MINT] <= 1 + found.seconds // 3_000
    assert found.seconds <= 1.02 * allowed(len(ids))


def check_leaves(box: Sandbox, found: Run, options: Any) -> None:
    """Make sure that every order has every field that either API has of it."""
    others = [run(box, source=source, **options) for source in (OrderSource.V2026, OrderSource.V0)]
    new, old = ({order.amazon_order_id: order for order in other.orders} for other in others)
    seen: Counter[str] = Counter()
    compared = 0
    for order in found.orders:
        parts = new[order.amazon_order_id], old[order.amazon_order_id]
        if {part.last_update_date for part in parts} != {order.last_update_date}:
            continue  # it changed while they were read
        compared += 1
        have, *parts_have = (leaves(one, AmazonOrder) for one in (order, *parts))
        wanted = {name for one in parts_have for name, is_there in one.items() if is_there}
        assert wanted - {name for name, is_there in have.items() if is_there} == set()
        seen.update(name for name, is_there in have.items() if is_there)
    assert compared > 0.9 * len(found.orders)
    if compared > 900:
        assert set(seen) == set(leaves(None, AmazonOrder))


@pytest.mark.parametrize("needs_date", [False, True])
def test_ids_are_listed_whether_amazon_wants_a_date_beside_them_or_not(needs_date: bool) -> None:
    with Sandbox(orders=OrderSupply(200, 3, needs_date=needs_date)) as box:
        ids = [order.id for order in box.orders()][:60]
        box.ledger.clear()
        with Client(Credentials(**box.credentials), Marketplace.UK, **client_options(box)) as client:
            found = list(client.orders.retrieve_many(ids))
        statuses = [one.status for one in box.ledger.requests(LIST)]
    assert {order.amazon_order_id for order in found} == set(ids)
    assert all(order.ship_service_level and order.incomplete is None for order in found)
    assert statuses == ([400, 200, 200] if needs_date else [200, 200])


def test_b6_the_estimate_is_the_total_but_where_amazon_withholds_the_tax() -> None:
    withheld = {Marketplace.US.id, Marketplace.FR.id}
    with Sandbox(orders=300, seed=3) as box:
        found = [order for order in run(box).orders if order.order_total and order.estimated_total]
    assert len(found) > 200
    wrong = [order.marketplace_id for order in found if order.order_total != order.estimated_total]
    assert set(wrong) == withheld


COUNTS = (200, 1_000, 2_000, 5_000) if IS_FULL else (20, 100, 200, 500)


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("count", COUNTS)
def test_c8_all_that_both_apis_have_comes_as_fast_as_the_searches_alone(count: int, is_async: bool) -> None:
    options: Any = {"items": False, "pii": PII}
    with Sandbox(orders=count, seed=3) as box:
        found = run(box, is_async=is_async, pii=PII)
        check_calls(found, count)
        assert all(order.items and order.incomplete is None for order in found.orders)
        check_leaves(box, found, options)


FAULTS: dict[str, tuple[str, int]] = {
    "500": (LIST, 500),
    "403": (LIST, 403),
    "no token": (MINT, 403),
    "bad token": (MINT, 400),
}


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("fault", FAULTS)
def test_c8_with_v0_down_all_orders_come_and_say_what_is_missing(
    count: int, fault: str, is_async: bool
) -> None:
    operation, status = FAULTS[fault]
    with Sandbox(orders=count, seed=3) as box:
        settled = box.clock.now().timestamp() - 180
        known = {order.id for order in box.orders() if order.created < settled}
        box.add_fault(operation, "status", status=status, count=1_000_000)
        found = run(box, is_async=is_async, pii=PII)
    assert {order.amazon_order_id for order in found.orders} >= known
    assert found.seconds <= 1.05 * allowed(len(found.orders))
    assert found.calls[SEARCH] == math.ceil(len(found.orders) / PER_PAGE)
    if operation == LIST:
        # with the token and, where that is refused, without it: two lists, and then no more
        assert found.calls[LIST] <= 3
        assert all("order_total" in lacking(order) for order in found.orders)
    else:
        assert found.calls[MINT] == 1
        assert all("buyer_info.buyer_county" in lacking(order) for order in found.orders if not county(order))
        assert not any("order_total" in lacking(order) for order in found.orders)


def lacking(order: AmazonOrder) -> set[str]:
    """Return the fields that an order says it lacks."""
    return {name for gap in order.incomplete or () for name in gap.fields}


def county(order: AmazonOrder) -> str | None:
    return order.buyer_info.buyer_county if order.buyer_info else None
