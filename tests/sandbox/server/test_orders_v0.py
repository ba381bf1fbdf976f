"""Orders v0 over HTTP: what is found, page by page, and what a token opens."""

from typing import Any

import pytest

from spshipping.sandbox import Sandbox
from spshipping.sandbox.clock import write_time as text
from spshipping.sandbox.orders import response_v0 as v0
from tests.sandbox.server.order_world import (
    LONG_AGO,
    PLACES,
    V0,
    earlier,
    found,
    get,
    orders_v0,
    pages_v0,
    unlock,
)
from tests.sandbox.server.world import Json, Shop, refusal

pytestmark = pytest.mark.dates

UK = "A1F83G8C2ARO7P"


def first(shop: Shop, **query: Any) -> Json:
    """Return the first page of a search."""
    page: Json = found(get(shop, V0, **{"MarketplaceIds": PLACES, "LastUpdatedAfter": LONG_AGO, **query}))
    return page


def test_all_orders_come_page_by_page_by_last_update(shop: Shop) -> None:
    pages = list(pages_v0(shop, LastUpdatedAfter=LONG_AGO, MaxResultsPerPage=100))
    assert [len(page["Orders"]) for page in pages] == [100, 100, 100]
    orders = [order for page in pages for order in page["Orders"]]
    assert {order["AmazonOrderId"] for order in orders} == {order.id for order in shop.sandbox.orders()}
    times = [order["LastUpdateDate"] for order in orders]
    assert times == sorted(times)
    assert len({page["LastUpdatedBefore"] for page in pages}) == 1


def test_orders_are_found_by_the_time_they_were_placed(shop: Shop) -> None:
    middle = sorted(order.created for order in shop.sandbox.orders())[150]
    orders = orders_v0(shop, CreatedAfter=text(middle))
    assert len(orders) == 150
    assert orders[0]["PurchaseDate"] == text(middle)
    older = orders_v0(shop, CreatedAfter=LONG_AGO, CreatedBefore=text(middle))
    assert len(older) == 151
    assert older[-1] == orders[0]


@pytest.mark.parametrize(
    ("query", "field", "values"),
    [
        ({"OrderStatuses": "Unshipped,Canceled"}, "OrderStatus", {"Unshipped", "Canceled"}),
        ({"FulfillmentChannels": "AFN"}, "FulfillmentChannel", {"AFN"}),
        ({"MarketplaceIds": UK}, "MarketplaceId", {UK}),
        ({"PaymentMethods": "COD,CVS"}, "PaymentMethod", {"COD", "CVS"}),
        ({"EasyShipShipmentStatuses": "OutForDelivery"}, "EasyShipShipmentStatus", {"OutForDelivery"}),
        ({"ElectronicInvoiceStatuses": "Accepted"}, "ElectronicInvoiceStatus", {"Accepted"}),
        ({"IsISPU": "true"}, "IsISPU", {True}),
    ],
)
def test_a_filter_lets_through_what_it_names(shop: Shop, query: Json, field: str, values: set[Any]) -> None:
    everything = orders_v0(shop, LastUpdatedAfter=LONG_AGO)
    wanted = [order for order in everything if order.get(field) in values]
    assert 0 < len(wanted) < len(everything)
    assert orders_v0(shop, LastUpdatedAfter=LONG_AGO, **query) == wanted


def test_orders_are_found_by_what_is_known_of_one(shop: Shop) -> None:
    order = next(o for o in shop.sandbox.orders() if o.is_ready and o.seller_order_id and o.supply_source)
    for query in (
        {"BuyerEmail": order.buyer.email},
        {"ActualFulfillmentSupplySourceId": order.supply_source},
        {"SellerOrderId": order.seller_order_id, "LastUpdatedAfter": None},
        {"AmazonOrderIds": order.id, "LastUpdatedAfter": None},
    ):
        (only,) = first(shop, **query)["Orders"]
        assert only["AmazonOrderId"] == order.id


def test_orders_are_found_by_the_promised_delivery(shop: Shop) -> None:
    merchant = [order for order in shop.sandbox.orders() if order.channel == "MFN"]
    middle = sorted(order.deliver_by[0] for order in merchant)[len(merchant) // 2]
    late = {order.id for order in merchant if order.deliver_by[0] >= middle}
    told = orders_v0(shop, LastUpdatedAfter=LONG_AGO, EarliestDeliveryDateAfter=text(middle))
    assert {order["AmazonOrderId"] for order in told} == late
    told = orders_v0(shop, LastUpdatedAfter=LONG_AGO, LatestDeliveryDateBefore=text(middle))
    assert 0 < len(told) < len(merchant)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"MarketplaceIds": None}, "MarketplaceIds cannot be null"),
        ({"MarketplaceIds": "UK"}, "MarketplaceIds: UK is none of"),
        ({"MarketplaceIds": ",".join([UK] * 51)}, "at most 50"),
        ({"LastUpdatedAfter": None}, "Exactly one of"),
        ({"CreatedAfter": LONG_AGO}, "Exactly one of"),
        ({"CreatedBefore": LONG_AGO}, "Exactly one of"),
        ({"LastUpdatedAfter": None, "CreatedBefore": LONG_AGO}, "CreatedBefore needs CreatedAfter"),
        ({"LastUpdatedAfter": "2020-01-01T00:00:00"}, "must be a date-time"),
        ({"LastUpdatedAfter": "2020-01-01T00:00:00 09:00"}, "must be a date-time"),
        ({"LastUpdatedBefore": "2019-12-31T23:59:59Z"}, "must not be before"),
        ({"OrderStatuses": "CANCELLED"}, "CANCELLED is none of"),
        ({"FulfillmentChannels": "MERCHANT"}, "MERCHANT is none of"),
        ({"PaymentMethods": "Cash"}, "Cash is none of"),
        ({"MaxResultsPerPage": 0}, "between 1 and 100"),
        ({"MaxResultsPerPage": 101}, "between 1 and 100"),
        ({"MaxResultsPerPage": "x"}, "must be an integer"),
        ({"AmazonOrderIds": ",".join(f"1-{number}" for number in range(51))}, "at most 50"),
        ({"SellerOrderId": "S-1"}, "SellerOrderId goes with none of"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused(shop: Shop, query: Json, words: str) -> None:
    asked = {"MarketplaceIds": PLACES, "LastUpdatedAfter": LONG_AGO, **query}
    status, _, said = refusal(get(shop, V0, **asked))
    assert status == 400
    assert words in said


def test_the_end_of_a_search_lies_two_minutes_back(shop: Shop) -> None:
    answer = get(
        shop, V0, MarketplaceIds=UK, LastUpdatedAfter=LONG_AGO, LastUpdatedBefore=earlier(shop.sandbox, 100)
    )
    assert "at least two minutes ago" in refusal(answer)[2]
    before = earlier(shop.sandbox, 121)
    assert first(shop, LastUpdatedBefore=before)["LastUpdatedBefore"] == before
    assert first(shop, LastUpdatedAfter=earlier(shop.sandbox, 10))["Orders"] == []


def test_a_page_token_must_be_escaped_and_come_with_the_same_parameters(shop: Shop) -> None:
    page = first(shop, MaxResultsPerPage=10)
    token = page["NextToken"]
    assert {"+", "/", "="} <= set(token)
    query = {"MarketplaceIds": PLACES, "LastUpdatedAfter": LONG_AGO, "MaxResultsPerPage": 10}
    assert found(get(shop, V0, **query, NextToken=token))["Orders"]
    null = {"errors": [{"code": "InvalidInput", "message": None, "details": ""}]}
    raw = f"{shop.sandbox.url}{V0}?MarketplaceIds={PLACES}&LastUpdatedAfter={LONG_AGO}&MaxResultsPerPage=10"
    for answer in (
        shop.session.get(f"{raw}&NextToken={token}"),
        get(shop, V0, **{**query, "MaxResultsPerPage": 11}, NextToken=token),
        get(shop, V0, **{**query, "LastUpdatedAfter": "2020-01-01T00:00:01Z"}, NextToken=token),
        get(shop, V0, **query, NextToken=token[:-3]),
        get(shop, V0, **query, NextToken="2Yg+Y/MQ=="),
        get(shop, V0, **query, NextToken="nonsense"),
    ):
        assert (answer.status_code, answer.json()) == (400, null)


def test_a_page_token_lives_for_a_day(shop: Shop) -> None:
    query = {"MarketplaceIds": PLACES, "LastUpdatedAfter": LONG_AGO, "MaxResultsPerPage": 10}
    token = first(shop, MaxResultsPerPage=10)["NextToken"]
    shop.sandbox.clock.advance(24 * 3600 - 60)
    other = Shop(shop.sandbox)
    try:
        assert found(get(other, V0, **query, NextToken=token))["Orders"]
        shop.sandbox.clock.advance(60)
        assert get(other, V0, **query, NextToken=token).status_code == 400
    finally:
        other.close()


def test_without_a_restricted_token_nobody_is_named(shop: Shop) -> None:
    order = next(o for o in shop.sandbox.orders() if o.is_ready and any(item.gift for item in o.items))
    for told in (found(get(shop, f"{V0}/{order.id}")), *first(shop)["Orders"]):
        assert told.keys().isdisjoint({"BuyerInfo", "ShippingAddress", "BuyerTaxInformation"})
    items = found(get(shop, f"{V0}/{order.id}/orderItems"))
    assert items == v0.items(order, ())
    for path in ("buyerInfo", "address", "orderItems/buyerInfo", "regulatedInfo"):
        assert get(shop, f"{V0}/{order.id}/{path}").status_code == 403


def test_a_restricted_token_opens_what_it_was_minted_for(shop: Shop) -> None:
    unlock(shop, V0, "buyerInfo")
    assert {"BuyerInfo", "ShippingAddress"} & {n for o in first(shop)["Orders"] for n in o} == {"BuyerInfo"}


@pytest.mark.parametrize(
    ("path", "elements", "tell"),
    [
        ("", ("buyerInfo", "shippingAddress", "buyerTaxInformation"), v0.order),
        ("/orderItems", ("buyerInfo",), v0.items),
        ("/buyerInfo", (), v0.buyer_info),
        ("/address", (), v0.address),
        ("/orderItems/buyerInfo", (), v0.items_buyer_info),
        ("/regulatedInfo", (), v0.regulated_info),
    ],
)
def test_one_token_opens_every_order(shop: Shop, path: str, elements: tuple[str, ...], tell: Any) -> None:
    orders = shop.sandbox.orders()[:5]
    unlock(shop, f"{V0}/{{orderId}}{path}", *elements)
    for order in orders:
        assert found(get(shop, f"{V0}/{order.id}{path}")) == tell(order)


def test_what_is_no_order_is_not_found(shop: Shop) -> None:
    assert refusal(get(shop, f"{V0}/1"))[:2] == (400, "InvalidInput")
    assert refusal(get(shop, f"{V0}/000-0000000-0000000"))[:2] == (404, "ResourceNotFound")
    order = shop.sandbox.orders()[0]
    answer = get(shop, f"{V0}/{order.id}/orderItems", NextToken="2Yg+Y/")
    assert answer.json()["errors"][0]["message"] is None


def test_a_seller_sees_their_own_orders(sandbox: Sandbox) -> None:
    account = sandbox.add_seller("Atzr|other")
    mine, theirs = Shop(sandbox), Shop(sandbox, "Atzr|other")
    try:
        order = sandbox.orders(seller=account.seller)[0]
        assert found(get(theirs, f"{V0}/{order.id}"))["AmazonOrderId"] == order.id
        assert get(mine, f"{V0}/{order.id}").status_code == 404
    finally:
        mine.close()
        theirs.close()


def test_searches_are_rationed(shop: Shop) -> None:
    statuses = [get(shop, V0, MarketplaceIds=UK, LastUpdatedAfter=LONG_AGO).status_code for _ in range(21)]
    assert statuses == [200] * 20 + [429]
    shop.sandbox.clock.advance(60)
    assert get(shop, V0, MarketplaceIds=UK, LastUpdatedAfter=LONG_AGO).status_code == 200
