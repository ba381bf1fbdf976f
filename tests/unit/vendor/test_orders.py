"""Vendor Orders: what each method sends, what it refuses, and which answers it takes out."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from spshipping import ConfigurationError, Effect, InvalidRequestError, loads, reveal
from spshipping.vendor.orders import (
    GET_PURCHASE_ORDERS,
    SUBMIT_ACKNOWLEDGEMENT,
    AcknowledgementCode,
    Address,
    ConfirmationStatus,
    ItemQuantity,
    Money,
    Order,
    OrderAcknowledgement,
    OrderAcknowledgementItem,
    OrderItemAcknowledgement,
    PartyIdentification,
    PurchaseOrderItemState,
    PurchaseOrderState,
    PurchaseOrderStatus,
    ReceiveStatus,
    SortOrder,
    SubmitAcknowledgementRequest,
    TaxRegistrationDetails,
    TaxRegistrationType,
    UnitOfMeasure,
    VendorOrdersApi,
)
from spshipping.wire.times import DateTimeInterval
from tests.kit import ScriptedTransport, answer, client_of, refusal
from tests.unit.vendor.build import (
    NUMBER,
    line,
    orders_api,
    orders_page,
    purchase_order,
    queries,
    status,
    status_line,
    statuses_page,
)

SINCE = datetime(2026, 2, 1, 9, 30, tzinfo=UTC)
WEEK = timedelta(days=7)
HOST = "https://sellingpartnerapi-eu.amazon.com"


def acknowledgement() -> SubmitAcknowledgementRequest:
    """Make the answer to a purchase order of one line."""
    quantity = ItemQuantity(amount=10, unit_of_measure=UnitOfMeasure.CASES, unit_size=6)
    answer = OrderItemAcknowledgement(
        acknowledgement_code=AcknowledgementCode.ACCEPTED, acknowledged_quantity=quantity
    )
    item = OrderAcknowledgementItem(
        item_sequence_number="1",
        ordered_quantity=quantity,
        net_cost=Money(currency_code="USD", amount=Decimal("346.27")),
        item_acknowledgements=[answer],
    )
    whole = OrderAcknowledgement(
        purchase_order_number=NUMBER,
        selling_party=PartyIdentification(party_id="ABCD1"),
        acknowledgement_date=SINCE,
        items=[item],
    )
    return SubmitAcknowledgementRequest(acknowledgements=[whole])


def test_one_page_is_one_request_with_every_filter_as_amazon_writes_it() -> None:
    api, network = orders_api(orders_page(purchase_order(), token="next"))
    page = api.get_purchase_orders(
        created_after=SINCE,
        created_before=SINCE + WEEK,
        is_po_changed=False,
        purchase_order_state=PurchaseOrderState.NEW,
        ordering_vendor_code="ABCD1",
        include_details=True,
        sort_order=SortOrder.DESC,
        limit=50,
        next_token="a+b/c=",
    )
    assert network.requests[0].url == (
        f"{HOST}/vendor/orders/v1/purchaseOrders?limit=50&createdAfter=2026-02-01T09%3A30%3A00Z"
        "&createdBefore=2026-02-08T09%3A30%3A00Z&sortOrder=DESC&nextToken=a%2Bb%2Fc%3D&includeDetails=true"
        "&isPOChanged=false&purchaseOrderState=New&orderingVendorCode=ABCD1"
    )
    assert page.orders == [loads(json.dumps(purchase_order()), Order)]
    assert page.pagination
    assert page.pagination.next_token == "next"


def test_what_an_order_says_has_its_types() -> None:
    api, network = orders_api({"payload": purchase_order()})
    order = api.get_purchase_order(NUMBER)
    assert network.requests[0].url == f"{HOST}/vendor/orders/v1/purchaseOrders/{NUMBER}"
    details = order.order_details
    assert details
    assert details.ship_window == DateTimeInterval(
        datetime(2026, 2, 21, 7, tzinfo=UTC), datetime(2026, 2, 27, 7, tzinfo=UTC)
    )
    assert details.items[0].net_cost == Money(currency_code="USD", amount=Decimal("346.27"))
    assert details.items[0].ordered_quantity.unit_of_measure is UnitOfMeasure.CASES


@pytest.mark.parametrize(
    "window", ["2026-02-21T07:00:00Z-2026-02-27T07:00:00Z", "2026-02-21T07:00:00/2026-02-27T07:00:00Z"]
)
def test_a_window_is_read_in_the_other_forms_that_were_seen(window: str) -> None:
    api, _ = orders_api({"payload": purchase_order(shipWindow=window)})
    details = api.get_purchase_order(NUMBER).order_details
    assert details
    assert str(details.ship_window) == "2026-02-21T07:00:00Z--2026-02-27T07:00:00Z"


def test_an_order_without_details_has_its_number_and_its_state() -> None:
    bare = {"purchaseOrderNumber": NUMBER, "purchaseOrderState": "Acknowledged"}
    api, network = orders_api(orders_page(bare, {"purchaseOrderNumber": "3TRD2ABC"}))
    orders = list(
        api.iter_purchase_orders(
            include_details=False,
            ordering_vendor_code="ABCD1",
            is_po_changed=True,
            po_item_state=PurchaseOrderItemState.CANCELLED,
        )
    )
    assert [(order.purchase_order_number, order.purchase_order_state) for order in orders] == [
        (NUMBER, PurchaseOrderState.ACKNOWLEDGED),
        ("3TRD2ABC", None),
    ]
    assert orders[0].order_details is None
    assert "includeDetails=false" in network.requests[0].url


def test_pages_follow_each_other_by_their_token() -> None:
    api, network = orders_api(
        orders_page(purchase_order("1"), token="t"), orders_page(token="t2"), orders_page(purchase_order("2"))
    )
    found = [
        order.purchase_order_number
        for reply in api.purchase_order_pages(created_after=SINCE)
        for order in reply.value.orders or ()
    ]
    assert found == ["1", "2"]
    first = "createdAfter=2026-02-01T09%3A30%3A00Z"
    assert queries(network) == [first, f"{first}&nextToken=t", f"{first}&nextToken=t2"]


@pytest.mark.parametrize("by", ["created", "changed"])
def test_a_span_of_more_than_seven_days_is_refused_before_it_is_sent(by: str) -> None:
    api, network = orders_api(orders_page())
    late: dict[str, Any] = {f"{by}_after": SINCE, f"{by}_before": SINCE + WEEK + timedelta(seconds=1)}
    for method in (api.get_purchase_orders, api.iter_purchase_orders, api.purchase_order_pages):
        with pytest.raises(InvalidRequestError, match="more than seven days") as caught:
            method(**late)
        assert caught.value.path == f"{by}Before"
    assert network.requests == []
    api.get_purchase_orders(**{**late, f"{by}_before": SINCE + WEEK})
    assert len(network.requests) == 1


def test_a_span_that_ends_before_it_begins_is_refused() -> None:
    api, _ = orders_api()
    with pytest.raises(InvalidRequestError, match="earlier than updatedAfter"):
        api.get_purchase_orders_status(updated_after=SINCE, updated_before=SINCE - WEEK)


def test_a_naive_time_is_refused_as_such_and_not_compared() -> None:
    api, _ = orders_api()
    with pytest.raises(InvalidRequestError, match="naive"):
        api.get_purchase_orders(created_after=SINCE, created_before=datetime(2027, 1, 1))  # noqa: DTZ001


def test_a_misspelt_filter_is_refused_where_amazon_would_answer_with_everything() -> None:
    api, network = orders_api()
    with pytest.raises(TypeError, match="did you mean 'ordering_vendor_code'"):
        api.get_purchase_orders(orderng_vendor_code="ABCD1")  # type: ignore[call-arg]
    assert network.requests == []


@pytest.mark.parametrize("limit", [0, 101])
def test_a_limit_outside_amazons_is_refused(limit: int) -> None:
    api, _ = orders_api()
    with pytest.raises(InvalidRequestError):
        api.get_purchase_orders_status(limit=limit)


@pytest.mark.parametrize(
    ("filters", "stays", "goes"),
    [
        (
            {"ordering_vendor_code": "ABCD1"},
            {"sellingParty": {"partyId": " ABCD1"}},
            {"sellingParty": {"partyId": "ABCD2"}},
        ),
        ({"ordering_vendor_code": "ABCD1"}, {"sellingParty": None}, {"sellingParty": {"partyId": "X"}}),
        ({"is_po_changed": True}, {"purchaseOrderChangedDate": "2026-02-21T15:51:00Z"}, {}),
        (
            {"po_item_state": PurchaseOrderItemState.CANCELLED},
            {"items": [line("1"), line("2", 0)]},
            {"items": [line("1"), line("2", 1)]},
        ),
        (
            {"po_item_state": PurchaseOrderItemState.CANCELLED},
            {"items": [{"itemSequenceNumber": "1"}]},
            {"items": [line()]},
        ),
        (
            {"changed_after": SINCE},
            {"purchaseOrderChangedDate": "2026-02-01T09:30:00Z"},
            {"purchaseOrderChangedDate": "2026-02-01T09:29:59Z"},
        ),
        ({"changed_after": SINCE}, {}, {"purchaseOrderChangedDate": "2026-01-01T00:00:00Z"}),
    ],
)
def test_orders_that_amazon_returns_against_a_filter_are_taken_out(
    filters: dict[str, Any], stays: dict[str, Any], goes: dict[str, Any]
) -> None:
    page = orders_page(purchase_order("STAYS", **stays), purchase_order("GOES", **goes))
    api, _ = orders_api(page, page)
    assert [order.purchase_order_number for order in api.iter_purchase_orders(**filters)] == ["STAYS"]
    assert len(list(api.iter_purchase_orders())) == 2


def test_orders_in_another_state_are_taken_out_and_the_raw_answer_has_them() -> None:
    api, _ = orders_api(orders_page(purchase_order("1", "Closed"), purchase_order("2", "New")))
    (reply,) = api.purchase_order_pages(purchase_order_state=PurchaseOrderState.NEW)
    assert [order.purchase_order_number for order in reply.value.orders or ()] == ["2"]
    assert b"Closed" in reply.raw


def test_no_filter_says_that_changed_orders_are_not_wanted() -> None:
    changed = purchase_order("1", purchaseOrderChangedDate="2026-02-21T15:51:00Z")
    api, _ = orders_api(orders_page(changed))
    assert len(list(api.iter_purchase_orders(is_po_changed=False))) == 1


@pytest.mark.parametrize(
    ("filters", "stays", "goes"),
    [
        ({"purchase_order_number": "STAYS"}, {}, {}),
        (
            {"purchase_order_status": PurchaseOrderStatus.OPEN},
            {},
            {"purchaseOrderStatus": "CLOSED"},
        ),
        ({"ship_to_party_id": "PHX3"}, {}, {"shipToParty": {"partyId": "TUS1"}}),
        ({"ordering_vendor_code": "ABCD1"}, {}, {"sellingParty": {"partyId": "ABCD2"}}),
        (
            {"item_confirmation_status": ConfirmationStatus.ACCEPTED},
            {"itemStatus": [status_line("REJECTED"), status_line("ACCEPTED")]},
            {"itemStatus": [status_line("REJECTED")]},
        ),
        (
            {"item_confirmation_status": ConfirmationStatus.ACCEPTED},
            {"itemStatus": [status_line(None)]},
            {"itemStatus": [status_line("UNCONFIRMED")]},
        ),
        (
            {"item_receive_status": ReceiveStatus.RECEIVED},
            {"itemStatus": [status_line(received=None)]},
            {"itemStatus": [status_line(received="NOT_RECEIVED")]},
        ),
        (
            {"updated_after": SINCE},
            {"lastUpdatedDate": "2026-02-01T09:30:00Z"},
            {"lastUpdatedDate": "2026-02-01T09:29:59Z"},
        ),
        ({"updated_after": SINCE}, {}, {"lastUpdatedDate": "2026-01-01T00:00:00Z"}),
    ],
)
def test_states_that_amazon_returns_against_a_filter_are_taken_out(
    filters: dict[str, Any], stays: dict[str, Any], goes: dict[str, Any]
) -> None:
    page = statuses_page(status("STAYS", **stays), status("GOES", **goes))
    api, _ = orders_api(page, page)
    found = [each.purchase_order_number for each in api.iter_purchase_orders_status(**filters)]
    assert found == ["STAYS"]
    (reply,) = api.purchase_orders_status_pages()
    assert len(reply.value.orders_status or ()) == 2


def test_a_time_that_only_amazons_sandbox_knows_takes_nothing_out() -> None:
    body = orders_page(purchase_order("1", purchaseOrderChangedDate="2026-02-01T09:30:00Z"))
    client = client_of(ScriptedTransport([answer(200, body)]))
    reply = client.send(GET_PURCHASE_ORDERS(query={"changedAfter": "2019-08-20T14:00:00"}))
    assert len(reply.value.orders or ()) == 1


def test_what_a_broken_answer_lacks_takes_nothing_out() -> None:
    api, _ = orders_api(
        statuses_page({}), orders_page({"orderDetails": {}}), {"payload": {}}, {"payload": {}}
    )
    filters: dict[str, Any] = {
        "purchase_order_number": "1",
        "purchase_order_status": PurchaseOrderStatus.OPEN,
        "ordering_vendor_code": "ABCD1",
        "ship_to_party_id": "PHX3",
        "item_confirmation_status": ConfirmationStatus.ACCEPTED,
        "item_receive_status": ReceiveStatus.RECEIVED,
    }
    assert len(list(api.iter_purchase_orders_status(**filters))) == 1
    cancelled = PurchaseOrderItemState.CANCELLED
    assert len(list(api.iter_purchase_orders(po_item_state=cancelled, ordering_vendor_code="1"))) == 1
    assert api.get_purchase_orders_status().orders_status is None
    assert api.get_purchase_orders().orders is None


def test_an_acknowledgement_is_sent_as_amazon_describes_it_and_gives_its_transaction() -> None:
    api, network = orders_api({"payload": {"transactionId": "20260201-1"}})
    assert api.submit_acknowledgement(acknowledgement()).transaction_id == "20260201-1"
    (request,) = network.requests
    assert (request.method, request.url) == ("POST", f"{HOST}/vendor/orders/v1/acknowledgements")
    assert request.body == (
        b'{"acknowledgements":[{"purchaseOrderNumber":"2JK3S9VC","sellingParty":{"partyId":"ABCD1"},'
        b'"acknowledgementDate":"2026-02-01T09:30:00Z","items":[{"itemSequenceNumber":"1",'
        b'"orderedQuantity":{"amount":10,"unitOfMeasure":"Cases","unitSize":6},'
        b'"netCost":{"currencyCode":"USD","amount":"346.27"},"itemAcknowledgements":'
        b'[{"acknowledgementCode":"Accepted","acknowledgedQuantity":'
        b'{"amount":10,"unitOfMeasure":"Cases","unitSize":6}}]}]}]}'
    )


def test_an_acknowledgement_is_repeated_after_an_unknown_outcome_since_that_is_harmless() -> None:
    assert SUBMIT_ACKNOWLEDGEMENT.effect is Effect.IDEMPOTENT
    network = ScriptedTransport(
        [refusal(500, "InternalFailure"), answer(202, {"payload": {"transactionId": "2"}})]
    )
    api = VendorOrdersApi(client_of(network).context)
    assert api.submit_acknowledgement(acknowledgement()).transaction_id == "2"
    assert network.requests[0].body == network.requests[1].body


def test_addresses_and_tax_numbers_of_parties_are_hidden() -> None:
    party = PartyIdentification(
        party_id="ABCD1",
        address=Address(name="Ada Lovelace", address_line1="12 St James's Square", country_code="GB"),
        tax_info=TaxRegistrationDetails(
            tax_registration_type=TaxRegistrationType.VAT, tax_registration_number="GB123"
        ),
    )
    for secret in ("Ada", "James", "GB123"):
        assert secret not in repr(party)
        assert secret in reveal(party)
    assert "ABCD1" in repr(party)


def test_the_vendor_code_of_the_client_is_meant_where_none_is_given() -> None:
    network = ScriptedTransport([answer(200, {"payload": {}}) for _ in range(7)])
    client = client_of(network, vendor_code="ABCD1")
    api = client.vendor.orders
    for method in (api.get_purchase_orders, api.get_purchase_orders_status):
        method()
        method(ordering_vendor_code="ABCD2")
        method(ordering_vendor_code=None)
    client.for_seller("Atzr|another").vendor.orders.get_purchase_orders()
    of_the_client, given = "orderingVendorCode=ABCD1", "orderingVendorCode=ABCD2"
    assert queries(network) == [of_the_client, given, "", of_the_client, given, "", ""]


@pytest.mark.parametrize("code", ["", " ABCD1", 5])
def test_a_vendor_code_that_is_none_is_refused_when_the_client_is_made(code: Any) -> None:
    with pytest.raises(ConfigurationError, match="vendor_code= takes a vendor code"):
        client_of(ScriptedTransport(), vendor_code=code)
