"""Purchase orders over HTTP: what there is, filters, windows, pages, changes over time."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from spshipping.sandbox import PurchaseOrderSupply, Sandbox
from spshipping.vendor.orders import PurchaseOrderStatus
from tests.contract.facts import routes
from tests.sandbox.server.schemas import problems
from tests.sandbox.server.vendor_world import (
    ORDERS,
    STATUS,
    advance,
    found,
    get,
    last_week,
    lines,
    moment,
    new_order,
    of_half_a_year,
    pages,
    purchase_orders,
)
from tests.sandbox.server.world import Json, Shop, refusal

pytestmark = pytest.mark.dates


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(quotas=False) as running:
        yield running


def test_six_months_hold_some_hundred_orders_of_every_kind_and_state(shop: Shop) -> None:
    orders = of_half_a_year(shop)
    assert len(orders) == 300
    assert len({order["purchaseOrderNumber"] for order in orders}) == 300
    assert {order["purchaseOrderState"] for order in orders} == {"New", "Acknowledged", "Closed"}
    details = [order["orderDetails"] for order in orders]
    kinds = {"RegularOrder", "RushOrder", "NewProductIntroduction", "ConsignedOrder"}
    assert {each["purchaseOrderType"] for each in details} == kinds
    assert {each["sellingParty"]["partyId"] for each in details} == {"SBX01", "SBX02"}
    assert sum("importDetails" in each for each in details) > 5
    assert sum("purchaseOrderChangedDate" in each for each in details) > 20
    assert (
        sum("shipWindow" in each for each in details)
        > 100
        < sum("deliveryWindow" in each for each in details)
    )
    assert {len(each["items"]) for each in details} == {1, 3, 8, 20, 40}
    items = [line for order in orders for line in lines(order)]
    assert {line["orderedQuantity"]["unitOfMeasure"] for line in items} == {"Cases", "Eaches"}
    assert {line["itemSequenceNumber"] for line in items} > {"1", "00001"}
    assert any(line["orderedQuantity"]["amount"] == 0 for line in items), "cancelled by Amazon"
    assert all("netCost" in line or "listPrice" in line for line in items)


def test_their_states_tell_what_was_accepted_rejected_and_received(shop: Shop) -> None:
    states = of_half_a_year(shop, STATUS)
    assert Counter(state["purchaseOrderStatus"] for state in states).keys() == {"OPEN", "CLOSED"}
    items = [line for state in states for line in state["itemStatus"]]
    confirmed = {line["acknowledgementStatus"]["confirmationStatus"] for line in items}
    assert confirmed == {"ACCEPTED", "PARTIALLY_ACCEPTED", "REJECTED", "UNCONFIRMED"}
    received = {line["receivingStatus"]["receiveStatus"] for line in items}
    assert received == {"RECEIVED", "PARTIALLY_RECEIVED", "NOT_RECEIVED"}
    for line in items:
        changes = line["orderedQuantity"]["orderedQuantityDetails"]
        total = sum(
            each["orderedQuantity"]["amount"] - each["cancelledQuantity"]["amount"] for each in changes
        )
        assert total == line["orderedQuantity"]["orderedQuantity"]["amount"]
        assert all(one["updatedDate"] >= other["updatedDate"] for one, other in pairwise(changes))


@pytest.mark.parametrize("path", [ORDERS, STATUS])
def test_every_answer_is_as_amazon_describes_it(shop: Shop, path: str) -> None:
    described = routes()[f"GET {path}"]
    for page in pages(shop, path, limit=100):
        assert not list(problems(described.file, page, described.facts["success"]["payload"]))


def test_one_order_is_found_by_its_number_blanks_or_not(shop: Shop) -> None:
    order = purchase_orders(shop)[0]
    number = order["purchaseOrderNumber"]
    assert found(get(shop, f"{ORDERS}/{number}")) == order
    assert found(get(shop, f"{ORDERS}/%20{number}")) == order
    assert refusal(get(shop, f"{ORDERS}/NOTTHERE"))[:2] == (404, "ResourceNotFound")


def test_the_same_seed_gives_the_same_orders_and_every_vendor_has_others() -> None:
    numbers = []
    for seed in (1, 1, 2):
        with Sandbox(purchase_orders=PurchaseOrderSupply(30, days=6), seed=seed) as sandbox:
            supply = PurchaseOrderSupply(30, seed, days=6)
            assert supply.seed == seed
            shop = Shop(sandbox)
            numbers.append({order["purchaseOrderNumber"] for order in purchase_orders(shop)})
            shop.close()
    assert numbers[0] == numbers[1] == numbers[2], "the seed of a supply is its own"
    with Sandbox(purchase_orders=PurchaseOrderSupply(30, 2, days=6)) as sandbox:
        shop = Shop(sandbox)
        assert not {order["purchaseOrderNumber"] for order in purchase_orders(shop)} & numbers[0]
        sandbox.reset()
        assert len(purchase_orders(shop)) == 30
        shop.close()


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ({"purchaseOrderState": "Closed"}, lambda order: order["purchaseOrderState"] == "Closed"),
        (
            {"orderingVendorCode": "SBX02"},
            lambda order: order["orderDetails"]["sellingParty"]["partyId"] == "SBX02",
        ),
        ({"isPOChanged": "true"}, lambda order: "purchaseOrderChangedDate" in order["orderDetails"]),
        (
            {"poItemState": "Cancelled"},
            lambda order: any(line["orderedQuantity"]["amount"] == 0 for line in lines(order)),
        ),
        ({"isPOChanged": "false"}, lambda _: True),
        ({"orderingVendrCode": "SBX02"}, lambda _: True),
    ],
)
def test_a_filter_selects_and_a_misspelt_one_is_silently_ignored(
    shop: Shop, query: Json, matches: Any
) -> None:
    everything = of_half_a_year(shop)
    selected = of_half_a_year(shop, **query)
    assert selected == [order for order in everything if matches(order)]
    assert selected


@pytest.mark.long
def test_filters_of_states_select_but_for_those_that_amazon_ignores(shop: Shop) -> None:
    everything = of_half_a_year(shop, STATUS)
    received = of_half_a_year(shop, STATUS, itemReceiveStatus="PARTIALLY_RECEIVED")
    assert 0 < len(received) < len(everything)
    assert len(of_half_a_year(shop, STATUS, orderingVendorCode="SBX01", shipToPartyId="PHX3")) < 100
    for ignored in ({"purchaseOrderStatus": "OPEN"}, {"itemConfirmationStatus": "REJECTED"}):
        assert of_half_a_year(shop, STATUS, **ignored) == everything


def test_the_client_applies_the_ignored_filters_again(sandbox: Sandbox) -> None:
    with sandbox.client("US", vendor_code="SBX01") as client:
        wanted = PurchaseOrderStatus.OPEN
        found = list(client.vendor.orders.iter_purchase_orders_status(purchase_order_status=wanted))
    assert found
    assert {state.purchase_order_status for state in found} == {"OPEN"}
    assert {state.selling_party.party_id for state in found} == {"SBX01"}


def test_without_details_numbers_and_states_come(shop: Shop) -> None:
    orders = purchase_orders(shop)
    assert purchase_orders(shop, includeDetails="false") == [
        {name: order[name] for name in ("purchaseOrderNumber", "purchaseOrderState")} for order in orders
    ]


def test_without_a_window_the_last_seven_days_are_meant(shop: Shop) -> None:
    week = purchase_orders(shop, **last_week(shop.sandbox))
    assert purchase_orders(shop) == week
    assert purchase_orders(shop, createdBefore=moment(shop.sandbox)) == week
    assert 0 < len(purchase_orders(shop, createdAfter=moment(shop.sandbox, days=-2))) < len(week)


@pytest.mark.parametrize(
    ("path", "query", "says"),
    [
        (ORDERS, {"createdAfter": -8}, "must not exceed 7 days"),
        (ORDERS, {"changedAfter": -9, "changedBefore": -1}, "must not exceed 7 days"),
        (STATUS, {"updatedAfter": -8}, "must not exceed 7 days"),
        (STATUS, {"createdAfter": -1, "createdBefore": -2}, "must not be before"),
    ],
)
def test_a_window_that_is_too_long_or_backwards_is_refused(
    shop: Shop, path: str, query: dict[str, float], says: str
) -> None:
    times = {name: moment(shop.sandbox, days=days) for name, days in query.items()}
    status, code, text = refusal(get(shop, path, **times))
    assert (status, code) == (400, "InvalidInput")
    assert says in text


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (ORDERS, {"purchaseOrderState": "OPEN"}),
        (ORDERS, {"poItemState": "Open"}),
        (ORDERS, {"isPOChanged": "True"}),
        (ORDERS, {"limit": 101}),
        (ORDERS, {"nextToken": "broken"}),
        (STATUS, {"sortOrder": "UP"}),
        (STATUS, {"purchaseOrderStatus": "New"}),
        (STATUS, {"itemReceiveStatus": "LOST"}),
    ],
)
def test_a_value_that_amazon_does_not_list_is_refused(shop: Shop, path: str, query: Json) -> None:
    assert refusal(get(shop, path, **query))[:2] == (400, "InvalidInput")


@pytest.mark.parametrize("order", ["ASC", "DESC"])
def test_pages_follow_each_other_in_either_order(shop: Shop, order: str) -> None:
    window = {"createdAfter": moment(shop.sandbox, days=-6), "createdBefore": moment(shop.sandbox)}
    whole = purchase_orders(shop, **window)
    found_pages = pages(shop, ORDERS, limit=3, sortOrder=order, **window)
    assert [len(page["orders"]) for page in found_pages[:-1]] == [3] * (len(found_pages) - 1)
    orders = [each for page in found_pages for each in page["orders"]]
    assert orders == (whole if order == "ASC" else whole[::-1])


def test_changes_are_found_by_their_time_whenever_the_order_was_placed(shop: Shop) -> None:
    advance(shop, 3600)
    changed = purchase_orders(shop, changedAfter=moment(shop.sandbox, days=-6), limit=1)
    times = [order["orderDetails"]["purchaseOrderChangedDate"] for order in changed]
    assert times
    assert all(time >= moment(shop.sandbox, days=-7) for time in times)
    updated = pages(shop, STATUS, updatedAfter=moment(shop.sandbox, days=-6))
    assert len(updated[0]["ordersStatus"]) > len(changed)


def test_new_orders_come_and_amazon_changes_and_cancels_some_as_time_advances(shop: Shop) -> None:
    before = {order["purchaseOrderNumber"] for order in of_half_a_year(shop)}
    for _ in range(10):
        advance(shop, 5 * 86400)
        purchase_orders(shop)
    after = of_half_a_year(shop)
    fresh = [order for order in after if order["purchaseOrderNumber"] not in before]
    assert 60 < len(fresh) < 100
    assert {order["purchaseOrderState"] for order in fresh} == {"New", "Closed"}, "nobody acknowledged them"
    cancelled = [order for order in fresh if order["purchaseOrderState"] == "Closed"]
    assert all(not line["orderedQuantity"]["amount"] for order in cancelled for line in lines(order))
    assert all("purchaseOrderChangedDate" in order["orderDetails"] for order in cancelled)
    assert any("purchaseOrderChangedDate" in order["orderDetails"] for order in fresh)


def test_nothing_older_than_six_months_is_found(shop: Shop) -> None:
    oldest = of_half_a_year(shop)[0]["purchaseOrderNumber"]
    advance(shop, 30 * 86400)
    assert found(get(shop, STATUS, purchaseOrderNumber=oldest))["ordersStatus"] == []


def test_an_order_that_comes_is_not_there_before_its_time(shop: Shop) -> None:
    known = {order["purchaseOrderNumber"] for order in purchase_orders(shop)}
    fresh = new_order(shop, lambda order: order["purchaseOrderNumber"] not in known)
    assert fresh["orderDetails"]["purchaseOrderDate"] <= moment(shop.sandbox)
