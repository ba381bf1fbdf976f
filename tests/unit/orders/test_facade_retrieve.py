"""`client.orders`: which API is asked for what, and when."""

import subprocess
import sys
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from spshipping import Client, DecodeError, InvalidRequestError, Marketplace, NotFoundError, Region
from spshipping.notifications import NotificationsApi
from spshipping.operation import deprecation
from spshipping.orders import AmazonOrder, OrdersApi, OrderSource, OrderStatus
from spshipping.orders.v0 import OrdersV0Api
from spshipping.orders.v2026_01_01 import OrdersV20260101Api
from tests.kit import FakeClock, ScriptedTransport, answer, client_of, refusal
from tests.unit.orders.build import V0_ITEM, V0_ORDER, V2026_ORDER
from tests.unit.orders.schemas import problems

ID = "902-1845936-5435065"
SINCE = datetime(2026, 2, 1, tzinfo=UTC)
NEW = answer(200, {"order": V2026_ORDER})
OLD = answer(200, {"payload": V0_ORDER})
LINES = answer(200, {"payload": {"AmazonOrderId": ID, "OrderItems": [V0_ITEM]}})
NO_PAGE = answer(200, {"orders": []})


@pytest.fixture(autouse=True)
def nobody_was_told(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Start as a new process would, where a warning that nobody expects is an error."""
    monkeypatch.setattr(deprecation, "_warned", set())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def asked(network: ScriptedTransport) -> list[str]:
    """Return the paths that were asked for."""
    return [urlsplit(request.url).path for request in network.requests]


def datasets(network: ScriptedTransport) -> list[str]:
    """Return the datasets that the last request asked for."""
    return parse_qs(urlsplit(network.requests[-1].url).query)["includedData"][0].split(",")


def at(when: datetime, network: ScriptedTransport) -> Client:
    return client_of(network, FakeClock(when))


def test_until_v0_ends_an_order_is_read_from_both_and_nobody_is_warned() -> None:
    network = ScriptedTransport([NEW, OLD])
    with at(datetime(2027, 3, 26, 23, 59, 50, tzinfo=UTC), network) as client:
        order = client.orders.retrieve(ID)
    assert asked(network) == [f"/orders/2026-01-01/orders/{ID}", f"/orders/v0/orders/{ID}"]
    assert order.order_total
    assert order.items
    assert order.items[0].unit_price


def test_from_the_day_on_which_v0_ends_it_is_asked_only_by_name() -> None:
    day = datetime(2027, 3, 27, tzinfo=UTC)
    network = ScriptedTransport([NEW, NEW, OLD, OLD])
    with at(day, network) as client:
        assert client.orders.retrieve(ID).order_total is None
        assert len(network.requests) == 1
        assert client.orders.retrieve(ID, source=OrderSource.FULLEST, items=False).order_total
        with pytest.warns(DeprecationWarning, match="Amazon switches off") as caught:
            assert client.orders.retrieve(ID, source=OrderSource.V0, items=False).order_total
    assert [warning.filename for warning in caught] == [__file__]
    assert asked(network)[1:] == [
        f"/orders/2026-01-01/orders/{ID}",
        f"/orders/v0/orders/{ID}",
        f"/orders/v0/orders/{ID}",
    ]


def test_an_order_that_v0_does_not_know_is_what_2026_tells() -> None:
    network = ScriptedTransport([NEW, refusal(404, "NotFound")])
    with client_of(network) as client:
        assert client.orders.retrieve(ID).order_total is None
    with client_of(ScriptedTransport([refusal(404, "NotFound")])) as client, pytest.raises(NotFoundError):
        client.orders.retrieve(ID)


USUAL = {"FULFILLMENT", "PAYMENT"}
OF_ITEMS = {"PROCEEDS", "PROMOTION", "CANCELLATION"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"items": False}, USUAL),
        ({}, USUAL | OF_ITEMS),
        ({"pii": None}, USUAL | OF_ITEMS),
        ({"pii": {"buyerInfo"}}, USUAL | OF_ITEMS | {"BUYER", "TAX"}),
        ({"pii": {"shippingAddress"}}, USUAL | OF_ITEMS | {"RECIPIENT"}),
        ({"pii": {"buyerTaxInformation"}}, USUAL | OF_ITEMS | {"TAX"}),
    ],
)
def test_just_what_is_wanted_rides_along(options: dict[str, Any], expected: set[str]) -> None:
    network = ScriptedTransport([NEW, NO_PAGE])
    with client_of(network) as client:
        client.orders.retrieve(ID, source=OrderSource.V2026, **options)
        assert set(datasets(network)) == expected
        list(client.orders.retrieve_all(updated_after=SINCE, source=OrderSource.V2026, **options))
        assert set(datasets(network)) == expected


def test_what_the_client_asks_for_by_default_is_asked_for_unless_the_caller_says() -> None:
    network = ScriptedTransport([NEW, NEW])
    with client_of(network, pii={"shippingAddress", "elsewhere"}) as client:
        client.orders.retrieve(ID, source=OrderSource.V2026)
        assert "RECIPIENT" in datasets(network)
        client.orders.retrieve(ID, source=OrderSource.V2026, pii=None)
        assert "RECIPIENT" not in datasets(network)


def test_what_buyers_wrote_is_told_only_where_buyers_are_asked_for() -> None:
    with client_of(ScriptedTransport([NEW, NEW])) as client:
        quiet, full = (
            client.orders.retrieve(ID, source=OrderSource.V2026, pii=pii) for pii in (None, {"buyerInfo"})
        )
    assert quiet.items
    assert full.items
    assert quiet.items[0].gift_message_text is None
    assert quiet.items[0].customized_url is None
    assert full.items[0].gift_message_text
    assert full.items[0].customized_url


def test_items_that_were_not_asked_for_are_none() -> None:
    with client_of(ScriptedTransport([NEW, OLD])) as client:
        assert client.orders.retrieve(ID, items=False).items is None


def test_v0_is_asked_with_one_token_for_orders_and_one_for_items_and_with_none_where_none_is_needed() -> None:
    minted = answer(200, {"restrictedDataToken": "Atz.sprdt|1", "expiresIn": 3600})
    network = ScriptedTransport([minted, OLD, LINES, minted, OLD, minted, LINES, OLD])
    with client_of(network) as client, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client.orders.retrieve(ID, source=OrderSource.V0, pii={"shippingAddress"})
        client.orders.retrieve(ID, source=OrderSource.V0, pii={"buyerInfo", "shippingAddress"})
        client.orders.retrieve(ID, source=OrderSource.V0, pii={"shippingAddress"}, items=False)
    assert [path for path in asked(network) if path.startswith("/tokens")] == [
        "/tokens/2021-03-01/restrictedDataToken"
    ] * 3


@pytest.mark.parametrize("source", [OrderSource.FULLEST, OrderSource.V2026])
def test_statuses_are_translated(source: OrderSource) -> None:
    network = ScriptedTransport([NO_PAGE])
    with client_of(network) as client:
        statuses = [OrderStatus.CANCELED, OrderStatus.PARTIALLY_SHIPPED]
        assert list(client.orders.retrieve_all(updated_after=SINCE, statuses=statuses, source=source)) == []
    query = parse_qs(urlsplit(network.requests[-1].url).query)
    assert query["fulfillmentStatuses"] == ["CANCELLED,PARTIALLY_SHIPPED"]
    assert query["marketplaceIds"] == [Marketplace.UK.id]


def test_marketplaces_may_be_named_by_member_or_id_and_are_the_clients_own_else() -> None:
    network = ScriptedTransport([NO_PAGE, NO_PAGE])
    options: dict[str, Any] = {"marketplace_id": "AELSEWHERE", "region": Region.EU}
    elsewhere = Client(client_of(network)._credentials, None, transport=network, clock=FakeClock(), **options)
    named: list[Marketplace | str] = [Marketplace.DE, "AFUTURE"]
    for marketplaces in (None, named):
        list(elsewhere.orders.retrieve_all(created_after=SINCE, marketplaces=marketplaces))
    asked_for = [parse_qs(urlsplit(request.url).query)["marketplaceIds"] for request in network.requests]
    assert asked_for == [["AELSEWHERE"], [f"{Marketplace.DE.id},AFUTURE"]]
    assert repr(elsewhere.orders) == "<OrdersApi at AELSEWHERE>"


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({}, "updated_after"),
        ({"updated_after": SINCE, "created_after": SINCE}, "updated_after"),
        ({"updated_after": SINCE, "created_before": SINCE}, "created_before"),
        ({"created_after": SINCE, "updated_before": SINCE}, "updated_before"),
        ({"updated_after": SINCE, "updated_before": SINCE - timedelta(1)}, "updated_before"),
        ({"created_after": SINCE, "created_before": SINCE - timedelta(1)}, "created_before"),
        ({"updated_after": SINCE, "statuses": []}, "statuses"),
        ({"updated_after": SINCE, "statuses": [OrderStatus.INVOICE_UNCONFIRMED]}, "statuses"),
        ({"updated_after": SINCE, "marketplaces": ()}, "marketplaces"),
        ({"updated_after": SINCE, "marketplaces": "A1F83G8C2ARO7P"}, "marketplaces"),
        ({"updated_after": SINCE, "channels": []}, "channels"),
        ({"updated_after": SINCE, "pii": {"shoeSize"}}, "pii"),
    ],
)
def test_mistakes_are_told_at_once(wrong: dict[str, Any], path: str) -> None:
    with client_of(ScriptedTransport()) as client, pytest.raises(InvalidRequestError, match=f"^{path}"):
        client.orders.retrieve_all(**wrong)


def test_orders_that_v0_does_not_list_are_what_2026_tells() -> None:
    page = answer(200, {"orders": [V2026_ORDER]})
    nothing = answer(200, {"payload": {"Orders": []}})
    with client_of(ScriptedTransport([page, nothing])) as client:
        (order,) = client.orders.retrieve_all(updated_after=SINCE, source=OrderSource.FULLEST)
    assert (order.amazon_order_id, order.order_total) == (ID, None)


def test_further_pages_of_an_orders_items_are_fetched_too() -> None:
    first = {"AmazonOrderId": ID, "OrderItems": [{**V0_ITEM, "OrderItemId": "1"}], "NextToken": "a+b"}
    last = {"AmazonOrderId": ID, "OrderItems": [{**V0_ITEM, "OrderItemId": "2"}]}
    steps = [{"Orders": [V0_ORDER]}, first, last]
    network = ScriptedTransport([answer(200, {"payload": step}) for step in steps])
    with client_of(network) as client, pytest.warns(DeprecationWarning, match="Amazon"):
        (order,) = client.orders.retrieve_all(updated_after=SINCE, source=OrderSource.V0)
    assert [item.order_item_id for item in order.items or ()] == ["1", "2"]
    assert network.requests[-1].url.endswith("/orderItems?NextToken=a%2Bb")


def test_many_orders_and_orders_without_items_are_read_from_one_api() -> None:
    page = answer(200, {"payload": {"Orders": [V0_ORDER]}})
    with client_of(ScriptedTransport([NEW, page])) as client:
        (order,) = client.orders.retrieve_many([ID], source=OrderSource.V2026)
        assert (order.amazon_order_id, order.order_total) == (ID, None)
        with pytest.warns(DeprecationWarning, match="Amazon switches off"):
            (order,) = client.orders.retrieve_all(updated_after=SINCE, source=OrderSource.V0, items=False)
        assert (order.amazon_order_id, order.items) == (ID, None)


def test_each_api_is_there_by_itself() -> None:
    with client_of(ScriptedTransport()) as client:
        assert isinstance(client.orders, OrdersApi)
        assert client.orders is client.orders
        assert isinstance(client.orders.v0, OrdersV0Api)
        assert isinstance(client.orders.v2026_01_01, OrdersV20260101Api)
        assert isinstance(client.notifications, NotificationsApi)
        assert client.notifications is client.notifications


def test_the_facade_loads_neither_api_before_it_is_asked() -> None:
    code = (
        "import sys\n"
        "from tests.kit import ScriptedTransport, client_of\n"
        "client_of(ScriptedTransport()).orders\n"
        "print([name for name in sys.modules if name.startswith(('spshipping.orders.v'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize(
    ("body", "path"),
    [({"order": None}, "order"), ({"order": {"orderItems": []}}, "order.orderId")],
)
def test_b5_an_answer_without_the_order_is_a_decode_error(body: dict[str, Any], path: str) -> None:
    with client_of(ScriptedTransport([answer(200, body)])) as client, pytest.raises(DecodeError) as caught:
        client.orders.retrieve(ID)
    assert str(caught.value) == f"getOrder 200: the answer lacks {path} [request req-1]"
    assert caught.value.deviations


def test_b5_an_order_of_a_page_without_its_id_is_a_decode_error() -> None:
    page = answer(200, {"orders": [V2026_ORDER, {**V2026_ORDER, "orderId": None}]})
    with client_of(ScriptedTransport([page])) as client, pytest.raises(DecodeError, match="searchOrders 200"):
        list(client.orders.retrieve_all(updated_after=SINCE, source=OrderSource.V2026))


def test_b5_an_order_of_v0_without_its_id_is_a_decode_error() -> None:
    nameless = {**V0_ORDER, "AmazonOrderId": None}
    steps = [{"Orders": [nameless]}, nameless]
    network = ScriptedTransport([answer(200, {"payload": step}) for step in steps])
    with client_of(network) as client, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(DecodeError, match="getOrders 200: the answer lacks AmazonOrderId of an order"):
            list(client.orders.retrieve_all(updated_after=SINCE, source=OrderSource.V0))
        with pytest.raises(DecodeError, match="getOrder 200: the answer lacks AmazonOrderId"):
            client.orders.retrieve(ID, source=OrderSource.V0)


def test_b5_an_order_that_lacks_what_amazon_promises_is_retrieved_all_the_same() -> None:
    bare = {"orderId": ID, "fulfillment": {}, "orderItems": [{"proceeds": {"breakdowns": [{}]}}]}
    with client_of(ScriptedTransport([answer(200, {"order": bare})])) as client:
        order = client.orders.retrieve(ID, source=OrderSource.V2026)
    assert (order.purchase_date, order.marketplace_id, order.order_status) == (None, None, None)
    assert order.items
    assert (order.items[0].order_item_id, order.items[0].quantity_ordered) == ("", None)
    assert problems(order.to_dict(), AmazonOrder.json_schema()) == []


def test_an_end_that_is_not_earlier_or_is_text_is_sent() -> None:
    ends: list[Any] = [SINCE + timedelta(days=1), "TEST_CASE_200"]
    network = ScriptedTransport([NO_PAGE] * len(ends))
    with client_of(network) as client:
        for end in ends:
            assert list(client.orders.retrieve_all(updated_after=SINCE, updated_before=end)) == []
    queries = [parse_qs(urlsplit(request.url).query) for request in network.requests]
    assert [query["lastUpdatedBefore"] for query in queries] == [["2026-02-02T00:00:00Z"], ["TEST_CASE_200"]]
