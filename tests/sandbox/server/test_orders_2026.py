"""Orders 2026-01-01 over HTTP: datasets, filters, pages."""

from typing import Any

import pytest

from spshipping.sandbox import Sandbox
from spshipping.sandbox.clock import write_time as text
from spshipping.sandbox.orders import response_v2026 as v2026
from tests.sandbox.server.order_world import (
    ALL_DATA,
    LONG_AGO,
    PLACES,
    V0,
    V2026,
    earlier,
    found,
    get,
    orders_2026,
    orders_v0,
    pages_2026,
)
from tests.sandbox.server.world import Json, Shop, refusal

pytestmark = pytest.mark.dates


@pytest.mark.long
def test_a_plain_token_has_everything_that_is_asked_for(shop: Shop) -> None:
    told = {
        order["orderId"]: order
        for order in orders_2026(shop, lastUpdatedAfter=LONG_AGO, includedData=ALL_DATA)
    }
    assert len(told) == 300
    for order in shop.sandbox.orders():
        assert told[order.id] == v2026.order(order)
        assert not order.is_ready or told[order.id]["recipient"]["deliveryAddress"]["name"]


def test_without_datasets_the_bare_bones_come(shop: Shop) -> None:
    orders = orders_2026(shop, createdAfter=LONG_AGO)
    assert orders == [v2026.order(order, ()) for order in shop.sandbox.orders()]
    one = orders[0]["orderId"]
    assert found(get(shop, f"{V2026}/{one}")) == {"order": orders[0]}
    told = found(get(shop, f"{V2026}/{one}", includedData="FULFILLMENT,PROCEEDS"))["order"]
    assert told.keys() - orders[0].keys() <= {"fulfillment", "proceeds"}


def test_both_apis_find_the_same(shop: Shop) -> None:
    before = earlier(shop.sandbox, 200)
    old = orders_v0(shop, LastUpdatedAfter=LONG_AGO, LastUpdatedBefore=before)
    new = orders_2026(shop, lastUpdatedAfter=LONG_AGO, lastUpdatedBefore=before)
    assert [order["AmazonOrderId"] for order in old] == [order["orderId"] for order in new]


@pytest.mark.parametrize(
    ("query", "path", "values"),
    [
        ({"fulfillmentStatuses": "UNSHIPPED,CANCELLED"}, "fulfillmentStatus", {"UNSHIPPED", "CANCELLED"}),
        ({"fulfilledBy": "MERCHANT"}, "fulfilledBy", {"MERCHANT"}),
    ],
)
def test_a_filter_lets_through_what_it_names(shop: Shop, query: Json, path: str, values: set[str]) -> None:
    base = {"lastUpdatedAfter": LONG_AGO, "includedData": "FULFILLMENT"}
    everything = orders_2026(shop, **base)
    wanted = [order for order in everything if order["fulfillment"][path] in values]
    assert 0 < len(wanted) < len(everything)
    assert orders_2026(shop, **base, **query) == wanted


def test_marketplaces_are_all_of_them_unless_named(shop: Shop) -> None:
    everything = orders_2026(shop, createdAfter=LONG_AGO)
    assert orders_2026(shop, createdAfter=LONG_AGO, marketplaceIds=PLACES) == everything
    some = orders_2026(shop, createdAfter=LONG_AGO, marketplaceIds=PLACES[:14])
    assert 0 < len(some) < len(everything)


def test_the_end_of_a_search_is_told_and_does_not_move(shop: Shop) -> None:
    pages = []
    for page in pages_2026(shop, lastUpdatedAfter=LONG_AGO, maxResultsPerPage=60):
        pages.append(page)
        shop.sandbox.clock.advance(300)
    assert [len(page["orders"]) for page in pages][:4] == [60] * 4
    assert len({page["lastUpdatedBefore"] for page in pages}) == 1
    assert "pagination" not in pages[-1]
    created = found(get(shop, V2026, createdAfter=LONG_AGO))
    assert created.keys() >= {"createdBefore"}
    assert "lastUpdatedBefore" not in created


def test_another_page_may_have_another_size_and_nothing_else_may_differ(shop: Shop) -> None:
    query: dict[str, Any] = {"lastUpdatedAfter": LONG_AGO, "includedData": "BUYER", "maxResultsPerPage": 10}
    token = found(get(shop, V2026, **query))["pagination"]["nextToken"]
    assert (
        len(found(get(shop, V2026, **{**query, "maxResultsPerPage": 3}, paginationToken=token))["orders"])
        == 3
    )
    for changes in ({"includedData": "TAX"}, {"lastUpdatedBefore": LONG_AGO}, {"fulfilledBy": "AMAZON"}):
        status, code, words = refusal(get(shop, V2026, **{**query, **changes}, paginationToken=token))
        assert (status, code) == (400, "InvalidInput")
        assert "All parameters must match the original request" in words


def test_a_page_token_lives_for_a_day(shop: Shop) -> None:
    query: dict[str, Any] = {"lastUpdatedAfter": LONG_AGO, "maxResultsPerPage": 10}
    token = found(get(shop, V2026, **query))["pagination"]["nextToken"]
    shop.sandbox.clock.advance(24 * 3600)
    other = Shop(shop.sandbox)
    assert get(other, V2026, **query, paginationToken=token).status_code == 400
    other.close()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, "Exactly one of"),
        ({"createdAfter": LONG_AGO, "lastUpdatedAfter": LONG_AGO}, "Exactly one of"),
        ({"lastUpdatedBefore": LONG_AGO}, "needs lastUpdatedAfter"),
        ({"createdAfter": LONG_AGO, "includedData": "buyer"}, "includedData: buyer is none of"),
        ({"createdAfter": LONG_AGO, "fulfilledBy": "MFN"}, "fulfilledBy: MFN is none of"),
        ({"createdAfter": LONG_AGO, "fulfillmentStatuses": "Canceled"}, "Canceled is none of"),
        ({"createdAfter": LONG_AGO, "marketplaceIds": "1"}, "marketplaceIds: 1 is none of"),
        ({"createdAfter": LONG_AGO, "maxResultsPerPage": 101}, "between 1 and 100"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused(shop: Shop, query: Json, words: str) -> None:
    assert words in refusal(get(shop, V2026, **query))[2]


def test_what_is_no_order_is_not_found(shop: Shop) -> None:
    assert get(shop, f"{V2026}/nonsense").status_code == 400
    assert get(shop, f"{V2026}/000-0000000-0000000").status_code == 404
    assert "is none of" in refusal(get(shop, f"{V2026}/000-0000000-0000000", includedData="x"))[2]


def test_the_same_name_is_two_operations(shop: Shop) -> None:
    sandbox, order = shop.sandbox, shop.sandbox.orders()[0].id
    sandbox.add_fault(f"GET {V2026}/{{orderId}}", "status")
    assert found(get(shop, f"{V0}/{order}"))
    assert get(shop, f"{V2026}/{order}").status_code == 500
    assert found(get(shop, f"{V2026}/{order}"))
    ledger = sandbox.ledger
    assert ledger.count("getOrder") == 3
    assert ledger.count(f"GET {V2026}/{{orderId}}") == len(ledger.requests(f"GET {V2026}/{{orderId}}")) == 2
    assert ledger.count(f"GET {V2026}/{{orderId}}", 500) == 1


def test_each_route_has_its_own_ration() -> None:
    with Sandbox(quotas={f"GET {V0}/{{orderId}}": (1, 1), "getOrder": (1, 2)}) as sandbox:
        shop, order = Shop(sandbox), sandbox.orders()[0].id
        assert [get(shop, f"{V0}/{order}").status_code for _ in range(2)] == [200, 429]
        assert [get(shop, f"{V2026}/{order}").status_code for _ in range(3)] == [200, 200, 429]
        shop.close()


def test_searches_are_rationed_to_one_in_three_minutes(shop: Shop) -> None:
    statuses = [get(shop, V2026, createdAfter=LONG_AGO).status_code for _ in range(21)]
    assert statuses == [200] * 20 + [429]
    shop.sandbox.clock.advance(120)
    assert get(shop, V2026, createdAfter=LONG_AGO).status_code == 429
    shop.sandbox.clock.advance(60)
    assert get(shop, V2026, createdAfter=text(0)).status_code == 200


def test_an_odd_field_strikes_an_answer_without_an_envelope(shop: Shop) -> None:
    shop.sandbox.add_fault("searchOrders", "unknown_enum", path="orders.0.fulfillment.fulfillmentStatus")
    told = found(get(shop, V2026, createdAfter=LONG_AGO, includedData="FULFILLMENT"))
    assert told["orders"][0]["fulfillment"]["fulfillmentStatus"] == "UNHEARD_OF"
