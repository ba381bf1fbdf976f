"""The facade: what each method sends, page by page, and with which token."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from spshipping import Effect, InvalidRequestError, Marketplace, OutcomeUnknownError
from spshipping.operation import Operation
from spshipping.orders import v0
from spshipping.orders.v0 import (
    CONFIRM_SHIPMENT,
    GET_ORDERS,
    ConfirmShipmentOrderItem,
    ConfirmShipmentRequest,
    EasyShipShipmentStatus,
    FulfillmentChannel,
    Order,
    OrderFilters,
    OrderItemQuantity,
    OrderStatus,
    OrdersV0Api,
    PackageDetail,
    ShipmentStatus,
    UpdateShipmentStatusRequest,
    UpdateVerificationStatusRequest,
    UpdateVerificationStatusRequestBody,
    VerificationStatus,
)
from tests.kit import ScriptedTransport, answer, client_of, refusal

ID = "902-3159896-1390916"
ORDER = {
    "AmazonOrderId": ID,
    "PurchaseDate": "2026-02-01T10:00:00Z",
    "LastUpdateDate": "2026-02-02T10:00:00Z",
    "OrderStatus": "Unshipped",
}
ITEM = {"ASIN": "B01", "OrderItemId": "1", "QuantityOrdered": 2}
WISH = {"OrderItemId": "1", "GiftMessageText": "For Ada"}
NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
UK = [Marketplace.UK.value]

PICKED_UP = UpdateShipmentStatusRequest(
    marketplace_id=UK[0],
    shipment_status=ShipmentStatus.PICKED_UP,
    order_items=[OrderItemQuantity(order_item_id="1", quantity=2)],
)
APPROVED = UpdateVerificationStatusRequest(
    regulated_order_verification_status=UpdateVerificationStatusRequestBody(
        status=VerificationStatus.APPROVED, external_reviewer_id="vet-7"
    )
)
SENT_OFF = ConfirmShipmentRequest(
    package_detail=PackageDetail(
        package_reference_id="1",
        carrier_code="Royal Mail",
        tracking_number="AB123456789GB",
        ship_date=NOON,
        order_items=[ConfirmShipmentOrderItem(order_item_id="1", quantity=2)],
    ),
    marketplace_id=UK[0],
)


def page(of: str, *entries: object, token: str | None = None, **rest: object) -> Any:
    """Make the answer that is one page."""
    return answer(200, {"payload": {of: entries, **({"NextToken": token} if token else {}), **rest}})


def facade(*steps: Any) -> tuple[OrdersV0Api, ScriptedTransport]:
    network = ScriptedTransport(steps)
    return OrdersV0Api(client_of(network).context), network


def asked(network: ScriptedTransport) -> list[tuple[str, str]]:
    """Return the verb and the address of each request, without the host."""
    return [
        (r.method, r.url.removeprefix("https://sellingpartnerapi-eu.amazon.com")) for r in network.requests
    ]


@pytest.mark.parametrize(
    ("use", "reply", "path"),
    [
        (lambda api: api.get_order(ID), ORDER, ""),
        (lambda api: api.get_order_buyer_info(ID), {"AmazonOrderId": ID}, "/buyerInfo"),
        (lambda api: api.get_order_address(ID), {"AmazonOrderId": ID}, "/address"),
        (
            lambda api: api.get_order_items(ID),
            {"OrderItems": [ITEM], "AmazonOrderId": ID},
            "/orderItems",
        ),
        (
            lambda api: api.get_order_items(ID, next_token="a+b/c=="),
            {"OrderItems": [ITEM], "AmazonOrderId": ID},
            "/orderItems?NextToken=a%2Bb%2Fc%3D%3D",
        ),
        (
            lambda api: api.get_order_items_buyer_info(ID),
            {"OrderItems": [WISH], "AmazonOrderId": ID},
            "/orderItems/buyerInfo",
        ),
        (
            lambda api: api.get_order_items_buyer_info(ID, next_token="t"),
            {"OrderItems": [WISH], "AmazonOrderId": ID},
            "/orderItems/buyerInfo?NextToken=t",
        ),
        (
            lambda api: api.get_order_regulated_info(ID),
            {
                "AmazonOrderId": ID,
                "RegulatedInformation": {"Fields": []},
                "RequiresDosageLabel": True,
                "RegulatedOrderVerificationStatus": {
                    "Status": "Pending",
                    "RequiresMerchantAction": True,
                    "ValidRejectionReasons": [],
                },
            },
            "/regulatedInfo",
        ),
    ],
)
def test_a_reading_method_is_one_get_of_its_address(
    use: Callable[[OrdersV0Api], Any], reply: dict[str, Any], path: str
) -> None:
    personal = "uyerInfo" in path or path.startswith(("/address", "/regulated"))
    api, network = facade(*[token_answer()] * personal, answer(200, {"payload": reply}))
    assert use(api).amazon_order_id == ID
    assert asked(network)[personal:] == [("GET", f"/orders/v0/orders/{ID}{path}")]
    assert network.requests[-1].body is None


EVERY_FILTER: OrderFilters = {
    "marketplace_ids": [*UK, "A1PA6795UKMFR9"],
    "created_after": NOON.astimezone(timezone(timedelta(hours=9))),
    "created_before": NOON + timedelta(hours=1),
    "last_updated_after": NOON + timedelta(hours=2),
    "last_updated_before": NOON + timedelta(hours=3),
    "order_statuses": [OrderStatus.UNSHIPPED, OrderStatus.PARTIALLY_SHIPPED],
    "fulfillment_channels": (FulfillmentChannel.MFN,),
    "payment_methods": ["COD"],
    "buyer_email": "ada@example.com",
    "seller_order_id": "A 1",
    "max_results_per_page": 50,
    "easy_ship_shipment_statuses": [EasyShipShipmentStatus.LOST],
    "electronic_invoice_statuses": ["NotFound"],
    "next_token": "a+b/c==",
    "amazon_order_ids": [ID, "902-0000000-0000000"],
    "actual_fulfillment_supply_source_id": "source",
    "is_ispu": False,
    "store_chain_store_id": "shop",
    "earliest_delivery_date_before": NOON + timedelta(days=1),
    "earliest_delivery_date_after": NOON + timedelta(days=2),
    "latest_delivery_date_before": NOON + timedelta(days=3),
    "latest_delivery_date_after": NOON + timedelta(days=4),
}
AS_SENT = {
    "CreatedAfter": "2026-02-01T12:00:00Z",
    "CreatedBefore": "2026-02-01T13:00:00Z",
    "LastUpdatedAfter": "2026-02-01T14:00:00Z",
    "LastUpdatedBefore": "2026-02-01T15:00:00Z",
    "OrderStatuses": "Unshipped,PartiallyShipped",
    "MarketplaceIds": "A1F83G8C2ARO7P,A1PA6795UKMFR9",
    "FulfillmentChannels": "MFN",
    "PaymentMethods": "COD",
    "BuyerEmail": "ada@example.com",
    "SellerOrderId": "A 1",
    "MaxResultsPerPage": "50",
    "EasyShipShipmentStatuses": "Lost",
    "ElectronicInvoiceStatuses": "NotFound",
    "NextToken": "a+b/c==",
    "AmazonOrderIds": f"{ID},902-0000000-0000000",
    "ActualFulfillmentSupplySourceId": "source",
    "IsISPU": "false",
    "StoreChainStoreId": "shop",
    "EarliestDeliveryDateBefore": "2026-02-02T12:00:00Z",
    "EarliestDeliveryDateAfter": "2026-02-03T12:00:00Z",
    "LatestDeliveryDateBefore": "2026-02-04T12:00:00Z",
    "LatestDeliveryDateAfter": "2026-02-05T12:00:00Z",
}


def test_orders_are_asked_for_by_every_filter_that_amazon_has() -> None:
    assert set(EVERY_FILTER) == set(OrderFilters.__annotations__)
    api, network = facade(page("Orders", ORDER))
    assert len(api.get_orders(**EVERY_FILTER).orders) == 1
    url = urlsplit(network.requests[0].url)
    assert url.path == "/orders/v0/orders"
    assert "+" not in url.query
    assert dict(parse_qsl(url.query)) == AS_SENT


def test_a_filter_that_is_none_is_left_out() -> None:
    api, network = facade(page("Orders"))
    api.get_orders(marketplace_ids=UK, created_after=NOON, created_before=None, is_ispu=None, deadline=5.0)
    assert urlsplit(network.requests[0].url).query == (
        "CreatedAfter=2026-02-01T12%3A00%3A00Z&MarketplaceIds=A1F83G8C2ARO7P"
    )


@pytest.mark.parametrize("method", ["get_orders", "iter_orders", "order_pages"])
def test_a_misspelt_filter_is_an_error_at_once(method: str) -> None:
    api, network = facade()
    with pytest.raises(TypeError, match=r"no argument 'created_afer'; did you mean 'created_after'\?"):
        getattr(api, method)(marketplace_ids=UK, created_afer=NOON)
    with pytest.raises(TypeError, match=r"no argument 'tiemout'; did you mean 'timeout'\?"):
        getattr(api, method)(marketplace_ids=UK, tiemout=3)
    with pytest.raises(TypeError, match=r"no argument 'qqq'$"):
        getattr(api, method)(marketplace_ids=UK, qqq=3)
    with pytest.raises(InvalidRequestError, match="MarketplaceIds: getOrders needs this parameter"):
        getattr(api, method)(created_after=NOON)
    assert network.requests == []


def test_a_time_without_a_zone_is_refused() -> None:
    api, _ = facade()
    with pytest.raises(InvalidRequestError, match="CreatedAfter"):
        api.get_orders(marketplace_ids=UK, created_after=NOON.replace(tzinfo=None))


@pytest.mark.parametrize("method", ["get_orders", "iter_orders", "order_pages"])
@pytest.mark.parametrize("text", ["2026-02-01T12:00:00", "2026-02-01", "20260201T120000"])
def test_d4_a_time_as_text_needs_its_offset(method: str, text: str) -> None:
    api, network = facade()
    with pytest.raises(InvalidRequestError, match="CreatedAfter: is a time without an offset"):
        getattr(api, method)(marketplace_ids=UK, created_after=text)
    assert network.requests == []
    assert GET_ORDERS(query={"MarketplaceIds": UK, "CreatedAfter": text}).query["CreatedAfter"] == text


def test_d4_amazons_magic_words_and_times_with_an_offset_are_sent_as_they_are() -> None:
    api, network = facade(page("Orders"), page("Orders"))
    for text in ("TEST_CASE_200", "2026-02-01T12:00:00+01:00"):
        words: Any = text
        api.get_orders(marketplace_ids=UK, created_after=words)
        assert dict(parse_qsl(urlsplit(network.requests[-1].url).query))["CreatedAfter"] == text


@pytest.mark.parametrize(
    ("filters", "wire"),
    [({"amazon_order_ids": [ID] * 51}, "AmazonOrderIds"), ({"marketplace_ids": UK * 51}, "MarketplaceIds")],
)
def test_d4_more_ids_than_amazon_takes_are_refused_before_the_call(filters: Any, wire: str) -> None:
    api, network = facade()
    with pytest.raises(InvalidRequestError, match=f"{wire}: has 51 entries; Amazon takes 1 to 50"):
        api.get_orders(**{"marketplace_ids": UK, **filters})
    assert network.requests == []


def test_d4_a_list_that_is_empty_is_no_filter() -> None:
    api, network = facade()
    with pytest.raises(InvalidRequestError, match="OrderStatuses: is empty: leave it out"):
        api.get_orders(marketplace_ids=UK, order_statuses=[])
    assert network.requests == []


def test_an_email_that_is_no_text_is_refused_without_its_value() -> None:
    api, _ = facade()
    wrong: Any = ["ada@example.com"]
    with pytest.raises(InvalidRequestError, match="BuyerEmail: is no text") as caught:
        api.get_orders(marketplace_ids=UK, buyer_email=wrong)
    assert "ada" not in str(caught.value)


def test_which_times_must_lie_back_and_which_filter_names_a_person() -> None:
    assert [p.name for p in GET_ORDERS.query if p.is_before] == ["CreatedBefore", "LastUpdatedBefore"]
    assert [p.name for p in GET_ORDERS.query if p.is_personal] == ["BuyerEmail"]


def test_orders_are_gone_through_page_by_page_with_the_same_filters() -> None:
    api, network = facade(
        page("Orders", ORDER, token="a+b/c=="),
        page("Orders", token="d e&f"),
        page("Orders", {**ORDER, "AmazonOrderId": "2"}),
    )
    orders = api.iter_orders(marketplace_ids=UK, last_updated_after=NOON)
    assert network.requests == []
    assert next(orders).amazon_order_id == ID
    assert len(network.requests) == 1
    assert [order.amazon_order_id for order in orders] == ["2"]
    first = "/orders/v0/orders?LastUpdatedAfter=2026-02-01T12%3A00%3A00Z&MarketplaceIds=A1F83G8C2ARO7P"
    assert [url for _, url in asked(network)] == [
        first,
        f"{first}&NextToken=a%2Bb%2Fc%3D%3D",
        f"{first}&NextToken=d%20e%26f",
    ]


def test_a_page_of_orders_knows_where_to_go_on() -> None:
    api, _ = facade(
        page("Orders", ORDER, token="a+b"), page("Orders", ORDER, CreatedBefore="2026-02-01T12:00:00Z")
    )
    first, last = api.order_pages(marketplace_ids=UK, amazon_order_ids=[ID])
    assert first.next_call == GET_ORDERS(
        query={"MarketplaceIds": UK, "AmazonOrderIds": [ID], "NextToken": "a+b"}
    )
    assert last.next_call is None
    assert last.value.created_before == NOON


@pytest.mark.parametrize(
    ("each", "pages", "entry", "path"),
    [
        ("iter_order_items", "order_item_pages", ITEM, "orderItems"),
        ("iter_order_items_buyer_info", "order_item_buyer_info_pages", WISH, "orderItems/buyerInfo"),
    ],
)
def test_the_lines_of_an_order_are_gone_through_page_by_page(
    each: str, pages: str, entry: dict[str, Any], path: str
) -> None:
    steps = [
        page("OrderItems", entry, AmazonOrderId=ID, token="a+b/c=="),
        page("OrderItems", {**entry, "OrderItemId": "2"}, AmazonOrderId=ID),
    ]
    personal = "buyer" in each
    for method in (each, pages):
        api, network = facade(*[token_answer()] * personal, *steps)
        found = list(getattr(api, method)(ID))
        lines = found if method == each else [line for reply in found for line in reply.value.order_items]
        assert [line.order_item_id for line in lines] == ["1", "2"]
        assert asked(network)[personal:] == [
            ("GET", f"/orders/v0/orders/{ID}/{path}"),
            ("GET", f"/orders/v0/orders/{ID}/{path}?NextToken=a%2Bb%2Fc%3D%3D"),
        ]


def token_answer() -> Any:
    return answer(200, {"restrictedDataToken": "Atz.sprdt|1", "expiresIn": 3600})


def resources(network: ScriptedTransport, at: int = 0) -> Any:
    """Return what a token was minted for."""
    request = network.requests[at]
    assert request.url.endswith("/tokens/2021-03-01/restrictedDataToken")
    assert request.body is not None
    return json.loads(request.body)["restrictedResources"]


def tokens(network: ScriptedTransport) -> list[str]:
    return [request.headers["x-amz-access-token"] for request in network.requests]


def test_every_page_comes_with_the_personal_data_that_was_asked_for() -> None:
    api, network = facade(
        token_answer(),
        page("Orders", ORDER, token="2"),
        page("Orders", ORDER, token="3"),
        page("Orders", ORDER),
    )
    found = api.iter_orders(
        marketplace_ids=UK, created_after=NOON, pii={"buyerInfo", "shippingAddress", "buyerTaxInformation"}
    )
    assert len(list(found)) == 3
    assert resources(network) == [
        {
            "method": "GET",
            "path": "/orders/v0/orders",
            "dataElements": ["buyerInfo", "buyerTaxInformation", "shippingAddress"],
        }
    ]
    assert tokens(network) == ["Atza|1", *["Atz.sprdt|1"] * 3]


def test_the_cursor_of_a_page_still_asks_for_the_personal_data() -> None:
    api, _ = facade(token_answer(), page("Orders", ORDER, token="2"))
    following = next(api.order_pages(marketplace_ids=UK, pii={"buyerInfo"})).next_call
    assert following is not None
    network = ScriptedTransport([token_answer(), page("Orders", ORDER)])
    client_of(network).send(following)
    assert tokens(network) == ["Atza|1", "Atz.sprdt|1"]


@pytest.mark.parametrize(
    ("use", "path", "elements"),
    [
        (lambda api: api.get_order(ID, pii={"shippingAddress"}), "", ["shippingAddress"]),
        (lambda api: api.get_order_items(ID, pii={"buyerInfo"}), "/orderItems", ["buyerInfo"]),
        (lambda api: api.get_order_buyer_info(ID), "/buyerInfo", None),
        (lambda api: api.get_order_address(ID), "/address", None),
        (lambda api: api.get_order_items_buyer_info(ID), "/orderItems/buyerInfo", None),
        (lambda api: api.get_order_regulated_info(ID), "/regulatedInfo", None),
    ],
)
def test_one_token_is_minted_for_all_orders_of_an_operation(
    use: Callable[[OrdersV0Api], Any], path: str, elements: list[str] | None
) -> None:
    thing = answer(200, {"payload": {**ORDER, "OrderItems": [], "RegulatedInformation": {"Fields": []}}})
    api, network = facade(token_answer(), thing, thing)
    use(api)
    use(api)
    resource: dict[str, Any] = {"method": "GET", "path": "/orders/v0/orders/{orderId}" + path}
    assert resources(network) == [resource | ({"dataElements": elements} if elements else {})]
    assert tokens(network) == ["Atza|1", "Atz.sprdt|1", "Atz.sprdt|1"]


def test_a_data_element_that_the_operation_lacks_is_refused() -> None:
    api, network = facade()
    with pytest.raises(InvalidRequestError, match="shippingAddress"):
        api.get_order_items(ID, pii={"shippingAddress"})
    assert network.requests == []


@pytest.mark.parametrize(
    ("use", "request_line", "body"),
    [
        (
            lambda api: api.update_shipment_status(PICKED_UP, order_id=ID),
            ("POST", f"/orders/v0/orders/{ID}/shipment"),
            {
                "marketplaceId": UK[0],
                "shipmentStatus": "PickedUp",
                "orderItems": [{"orderItemId": "1", "quantity": 2}],
            },
        ),
        (
            lambda api: api.update_verification_status(APPROVED, order_id=ID),
            ("PATCH", f"/orders/v0/orders/{ID}/regulatedInfo"),
            {"regulatedOrderVerificationStatus": {"status": "Approved", "externalReviewerId": "vet-7"}},
        ),
        (
            lambda api: api.confirm_shipment(SENT_OFF, order_id=ID),
            ("POST", f"/orders/v0/orders/{ID}/shipmentConfirmation"),
            {
                "packageDetail": {
                    "packageReferenceId": "1",
                    "carrierCode": "Royal Mail",
                    "trackingNumber": "AB123456789GB",
                    "shipDate": "2026-02-01T12:00:00Z",
                    "orderItems": [{"orderItemId": "1", "quantity": 2}],
                },
                "marketplaceId": UK[0],
            },
        ),
    ],
)
def test_a_telling_method_sends_its_body_and_gives_nothing_back(
    use: Callable[[OrdersV0Api], Any], request_line: tuple[str, str], body: dict[str, Any]
) -> None:
    api, network = facade(answer(204, b""))
    assert use(api) is None
    assert asked(network) == [request_line]
    assert network.requests[0].body is not None
    assert json.loads(network.requests[0].body) == body


def test_a_confirmation_that_may_have_arrived_is_not_sent_again() -> None:
    api, network = facade(refusal(500, "InternalFailure"))
    with pytest.raises(OutcomeUnknownError) as caught:
        api.confirm_shipment(SENT_OFF, order_id=ID)
    assert len(network.requests) == 1
    assert caught.value.call == CONFIRM_SHIPMENT(path={"orderId": ID}, body=SENT_OFF)


def test_reading_is_repeated_and_telling_is_not() -> None:
    effects = {name: value.effect for name, value in vars(v0).items() if isinstance(value, Operation)}
    telling = {"UPDATE_SHIPMENT_STATUS", "UPDATE_VERIFICATION_STATUS", "CONFIRM_SHIPMENT"}
    assert {name for name, effect in effects.items() if effect is Effect.ONCE} == telling
    assert {name for name, effect in effects.items() if effect is Effect.NONE} == set(effects) - telling
    assert len(effects) == 10


def test_the_facade_gives_models() -> None:
    api, _ = facade(answer(200, {"payload": ORDER}))
    assert api.get_order(ID) == Order(
        amazon_order_id=ID,
        purchase_date=datetime(2026, 2, 1, 10, tzinfo=UTC),
        last_update_date=datetime(2026, 2, 2, 10, tzinfo=UTC),
        order_status=OrderStatus.UNSHIPPED,
    )


def test_a_buyers_email_that_is_none_is_left_out() -> None:
    network = ScriptedTransport([answer(200, {"payload": {"Orders": []}})])
    OrdersV0Api(client_of(network).context).get_orders(
        marketplace_ids=UK, created_after=NOON, buyer_email=None
    )
    (request,) = network.requests
    assert "BuyerEmail" not in request.url
