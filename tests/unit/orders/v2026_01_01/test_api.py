"""The facade: what each method sends, what it refuses, and how pages follow each other."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from spshipping import BadRequestError, Effect, InvalidRequestError, PaginationError
from spshipping.cursor import call_from_cursor, cursor_of
from spshipping.orders.v2026_01_01 import (
    GET_ORDER,
    SEARCH_ORDERS,
    FulfilledBy,
    FulfillmentStatus,
    IncludedData,
    OrdersV20260101Api,
)
from tests.contract.facts import spec
from tests.kit import ScriptedTransport, answer, client_of, refusal
from tests.unit.orders.v2026_01_01.orders import ORDER_ID, facade, order, page, queries

SINCE = datetime(2026, 2, 1, 9, 30, tzinfo=UTC)
HOST = "https://sellingpartnerapi-eu.amazon.com"
PII = ("buyerInfo", "shippingAddress", "buyerTaxInformation")

Refused = Callable[..., object]


def test_one_search_is_one_request_with_every_parameter_as_amazon_writes_it() -> None:
    api, network = facade(page("1", token="next"))
    found = api.search_orders(
        last_updated_after=SINCE,
        last_updated_before=datetime(2026, 2, 1, 19, tzinfo=timezone(timedelta(hours=9)))
        + timedelta(hours=1),
        fulfillment_statuses=[FulfillmentStatus.UNSHIPPED, FulfillmentStatus.PARTIALLY_SHIPPED],
        marketplace_ids=("A1F83G8C2ARO7P", "A1PA6795UKMFR9"),
        fulfilled_by=[FulfilledBy.MERCHANT],
        max_results_per_page=50,
        pagination_token="a+b/c=",
        included_data=[IncludedData.FULFILLMENT, IncludedData("NOT_YET_KNOWN")],
    )
    (request,) = network.requests
    assert (request.method, request.body) == ("GET", None)
    assert request.url == (
        f"{HOST}/orders/2026-01-01/orders?lastUpdatedAfter=2026-02-01T09%3A30%3A00Z"
        "&lastUpdatedBefore=2026-02-01T11%3A00%3A00Z&fulfillmentStatuses=UNSHIPPED%2CPARTIALLY_SHIPPED"
        "&marketplaceIds=A1F83G8C2ARO7P%2CA1PA6795UKMFR9&fulfilledBy=MERCHANT&maxResultsPerPage=50"
        "&paginationToken=a%2Bb%2Fc%3D&includedData=FULFILLMENT%2CNOT_YET_KNOWN"
    )
    assert [each.order_id for each in found.orders] == ["1"]
    assert found.pagination is not None
    assert found.pagination.next_token == "next"


def test_one_order_is_fetched_by_its_id_with_the_datasets_asked_for() -> None:
    api, network = facade({"order": order(buyer={"buyerName": "Ada"})}, {"order": order()})
    assert api.get_order(ORDER_ID, included_data=[IncludedData.BUYER]).order.buyer is not None
    assert api.get_order(ORDER_ID, included_data=[]).order.buyer is None
    assert [request.url for request in network.requests] == [
        f"{HOST}/orders/2026-01-01/orders/{ORDER_ID}?includedData=BUYER",
        f"{HOST}/orders/2026-01-01/orders/{ORDER_ID}",
    ]


def test_pages_replay_the_first_query_byte_for_byte() -> None:
    api, network = facade(page("1", "2", token="t+1/="), page(token="t2"), page("3"))
    orders = api.iter_orders(created_after=SINCE, included_data=[IncludedData.TAX], max_results_per_page=2)
    assert next(orders).order_id == "1"
    assert len(network.requests) == 1, "a page is fetched only when it is needed"
    assert [each.order_id for each in orders] == ["2", "3"], "an empty page is not the last one"
    first = "createdAfter=2026-02-01T09%3A30%3A00Z&maxResultsPerPage=2&includedData=TAX"
    assert queries(network) == [
        first,
        f"{first}&paginationToken=t%2B1%2F%3D",
        f"{first}&paginationToken=t2",
    ]


def test_a_search_is_resumed_from_text_in_the_same_words() -> None:
    api, network = facade(page("1", token="t+1/="))
    reply = next(api.order_pages(created_after=SINCE, marketplace_ids=["A1F83G8C2ARO7P"], pii=PII))
    text = cursor_of(reply.next_call)
    assert text is not None

    other, later = facade(page("2", token="t2"), page("3"))
    replies = list(other.resume_order_pages(text))

    assert [each.order_id for reply in replies for each in reply.value.orders] == ["2", "3"]
    (first,) = queries(network)
    assert queries(later) == [f"{first}&paginationToken=t%2B1%2F%3D", f"{first}&paginationToken=t2"]
    assert cursor_of(replies[-1].next_call) is None


def test_a_token_that_amazon_no_longer_takes_is_an_error_with_its_cursor() -> None:
    network = ScriptedTransport(
        [answer(200, page("1", token="old")), refusal(400, "InvalidInput", "expired")]
    )
    pages = OrdersV20260101Api(client_of(network).context).order_pages(created_after=SINCE)
    cursor = next(pages).next_call
    with pytest.raises(PaginationError, match=r"searchOrders 400 InvalidInput: expired") as caught:
        next(pages)
    assert caught.value.cursor == cursor


def test_a_search_that_amazon_refuses_at_once_is_a_bad_request() -> None:
    api = OrdersV20260101Api(client_of(ScriptedTransport([refusal(400, "InvalidInput")])).context)
    with pytest.raises(BadRequestError):
        list(api.iter_orders(created_after=SINCE))


@pytest.mark.parametrize(
    ("query", "path", "remedy"),
    [
        ({}, "createdAfter", "exactly one of created_after and last_updated_after"),
        ({"created_before": SINCE}, "createdAfter", "exactly one"),
        ({"created_after": SINCE, "last_updated_after": SINCE}, "lastUpdatedAfter", "exactly one"),
        ({"created_after": SINCE, "last_updated_before": SINCE}, "lastUpdatedBefore", "use createdBefore"),
        ({"last_updated_after": SINCE, "created_before": SINCE}, "createdBefore", "use lastUpdatedBefore"),
        (
            {"created_after": SINCE, "created_before": SINCE - timedelta(1)},
            "createdBefore",
            "is earlier than",
        ),
        ({"created_after": datetime(2026, 2, 1)}, "createdAfter", "a naive datetime"),  # noqa: DTZ001 - the point
        ({"created_after": SINCE, "marketplace_ids": []}, "marketplaceIds", "leave it out"),
        ({"created_after": SINCE, "fulfilled_by": ()}, "fulfilledBy", "leave it out"),
        ({"created_after": SINCE, "fulfillment_statuses": []}, "fulfillmentStatuses", "leave it out"),
        (
            {"created_after": SINCE, "marketplace_ids": ["A"] * 51},
            "marketplaceIds",
            "has 51 entries; Amazon takes 1 to 50",
        ),
        ({"created_after": SINCE, "marketplace_ids": ["A,B"]}, "marketplaceIds", "a comma"),
        ({"created_after": SINCE, "max_results_per_page": 0}, "maxResultsPerPage", "from 1 to 100"),
        ({"created_after": SINCE, "max_results_per_page": 101}, "maxResultsPerPage", "from 1 to 100"),
        ({"created_after": SINCE, "max_results_per_page": True}, "maxResultsPerPage", "a bool"),
        ({"created_after": "2026-02-01T00:00:00"}, "createdAfter", "without an offset"),
        ({"created_after": SINCE, "pii": ["creditCard"]}, "pii", "it has: buyerInfo"),
    ],
    ids=str,
)
def test_what_amazon_would_refuse_is_refused_before_any_request(
    query: dict[str, Any], path: str, remedy: str
) -> None:
    api, network = facade()
    # iteration refuses where it is asked for, not where it begins; the pii only when the first page is sent
    methods: list[Refused] = [
        api.search_orders,
        lambda **query: list(api.iter_orders(**query)),
        api.order_pages,
    ]
    for method in methods[: 2 if "pii" in query else 3]:
        with pytest.raises(InvalidRequestError, match=remedy) as caught:
            method(**query)
        assert caught.value.path == path
    assert not network.requests


def test_what_is_just_within_the_limits_is_sent() -> None:
    api, network = facade(page(), page())
    api.search_orders(
        created_after=SINCE, created_before=SINCE, marketplace_ids=["A"] * 50, max_results_per_page=1
    )
    api.search_orders(last_updated_after=SINCE, last_updated_before=SINCE, max_results_per_page=100)
    assert len(network.requests) == 2


def test_amazons_magic_words_go_where_times_belong() -> None:
    api, network = facade(page())
    words: Any = "TEST_CASE_200"
    api.search_orders(created_after=words, created_before=words)
    assert queries(network) == ["createdAfter=TEST_CASE_200&createdBefore=TEST_CASE_200"]


def test_the_personal_data_of_v0_names_datasets_here() -> None:
    api, network = facade(page(), {"order": order()}, page())
    api.search_orders(created_after=SINCE, included_data=[IncludedData.RECIPIENT], pii=PII)
    api.get_order(ORDER_ID, pii={"buyerInfo"})
    api.search_orders(created_after=SINCE, included_data=[IncludedData.TAX], pii=None)
    assert [query.partition("includedData=")[2] for query in queries(network)] == [
        "RECIPIENT%2CBUYER%2CTAX",
        "BUYER",
        "TAX",
    ]
    assert all("/tokens/" not in request.url for request in network.requests), "no restricted token is minted"


def test_what_the_client_asks_for_by_default_names_datasets_too_through_all_pages() -> None:
    network = ScriptedTransport(
        [answer(200, page("1", token="t")), answer(200, page("2")), answer(200, {"order": order()})]
    )
    api = OrdersV20260101Api(client_of(network, pii={"shippingAddress"}).context)
    assert len(list(api.iter_orders(created_after=SINCE))) == 2
    api.get_order(ORDER_ID, pii=None)
    first, second, one = queries(network)
    assert first.endswith("&includedData=RECIPIENT")
    assert second == f"{first}&paginationToken=t"
    assert one == "", "a call that asks for none gets none"


def test_a_later_page_is_not_changed_by_what_another_client_asks_for() -> None:
    cursor = cursor_of(SEARCH_ORDERS(query={"createdAfter": SINCE, "paginationToken": "t"}))
    network = ScriptedTransport([answer(200, page())])
    list(OrdersV20260101Api(client_of(network, pii=PII).context).resume_order_pages(cursor, pii=PII))
    assert "includedData" not in network.requests[0].url


def test_only_the_search_reads_its_own_cursors() -> None:
    api, network = facade()
    with pytest.raises(InvalidRequestError, match="is no cursor"):
        api.resume_order_pages("{}")
    assert not network.requests
    assert call_from_cursor(SEARCH_ORDERS, cursor_of(SEARCH_ORDERS())) == SEARCH_ORDERS()


def test_the_datasets_and_filters_are_those_that_amazon_lists() -> None:
    described = spec("orders_2026-01-01")["operations"][SEARCH_ORDERS.route]["parameters"]
    listed = {facts["name"]: facts.get("items", {}).get("enum") for facts in described}
    for name, enum in (
        ("includedData", IncludedData),
        ("fulfillmentStatuses", FulfillmentStatus),
        ("fulfilledBy", FulfilledBy),
    ):
        assert listed[name] == sorted(member.value for member in enum)
    assert {each for parameter in SEARCH_ORDERS.query for each in (parameter.datasets or {}).values()} <= set(
        IncludedData
    )


def test_asking_changes_nothing_and_needs_no_restricted_token() -> None:
    for operation in (SEARCH_ORDERS, GET_ORDER):
        assert operation.effect is Effect.NONE
        assert operation.restricted is None
        assert operation.pii_elements == PII
        assert "Inventory and Order Tracking" in operation.roles
    assert [each.name for each in SEARCH_ORDERS.query if each.is_before] == [
        "createdBefore",
        "lastUpdatedBefore",
    ]
