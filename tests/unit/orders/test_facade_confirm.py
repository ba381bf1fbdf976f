"""`client.orders.confirm`: plain values, checked before the call."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from spshipping import DecodeError, InvalidRequestError, Marketplace, OutcomeUnknownError
from spshipping.orders.v0 import CodCollectionMethod
from tests.kit import ScriptedTransport, Step, answer, client_of, refusal
from tests.unit.orders.build import ONE

SHIPPED = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
PLAIN: dict[str, Any] = {"carrier_code": "Royal Mail", "tracking_number": "RM1", "ship_date": SHIPPED}


def line(order_item_id: str, **fulfillment: int) -> dict[str, Any]:
    return {
        "orderItemId": order_item_id,
        "quantityOrdered": 3,
        "product": {"asin": "A"},
        "fulfillment": fulfillment,
    }


def order(*lines: dict[str, Any], **more: Any) -> Step:
    body = {
        "orderId": ONE,
        "createdTime": "2026-02-27T00:00:00Z",
        "lastUpdatedTime": "2026-02-28T00:00:00Z",
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": Marketplace.DE.id},
        "orderItems": list(lines),
        **more,
    }
    return answer(200, {"order": body})


def sent(network: ScriptedTransport) -> Any:
    """Return the body of the last request."""
    return json.loads(network.requests[-1].body or b"null")


def test_a_package_is_confirmed_by_plain_values_in_one_call() -> None:
    network = ScriptedTransport([answer(204)])
    with client_of(network) as client:
        client.orders.confirm(ONE, **PLAIN, items={"A": 2, "B": 1})
    (request,) = network.requests
    assert request.method == "POST"
    assert request.url.endswith(f"/orders/v0/orders/{ONE}/shipmentConfirmation")
    assert sent(network) == {
        "packageDetail": {
            "packageReferenceId": "1",
            "carrierCode": "Royal Mail",
            "trackingNumber": "RM1",
            "shipDate": "2026-03-01T09:30:00Z",
            "orderItems": [{"orderItemId": "A", "quantity": 2}, {"orderItemId": "B", "quantity": 1}],
        },
        "marketplaceId": Marketplace.UK.id,
    }


def test_everything_that_may_be_said_is_said() -> None:
    network = ScriptedTransport([answer(204)])
    with client_of(network) as client:
        client.orders.confirm(
            ONE,
            **{**PLAIN, "carrier_code": "Other"},
            items={"A": 1, "B": 1},
            package_reference_id="12",
            carrier_name="My van",
            shipping_method="By hand",
            ship_from_supply_source_id="here",
            transparency_codes={"A": ("code",)},
            cod_collection_method=CodCollectionMethod.DIRECT_PAYMENT,
            marketplace_id=Marketplace.JP.id,
        )
    body = sent(network)
    assert body["codCollectionMethod"] == "DirectPayment"
    assert body["marketplaceId"] == Marketplace.JP.id
    detail = body["packageDetail"]
    assert detail["packageReferenceId"] == "12"
    assert detail["carrierName"] == "My van"
    assert detail["shippingMethod"] == "By hand"
    assert detail["shipFromSupplySourceId"] == "here"
    assert detail["orderItems"] == [
        {"orderItemId": "A", "quantity": 1, "transparencyCodes": ["code"]},
        {"orderItemId": "B", "quantity": 1},
    ]


def test_without_items_all_that_is_not_shipped_leaves_where_the_order_was_placed() -> None:
    lines = (
        line("A", quantityFulfilled=1, quantityUnfulfilled=2),
        line("B", quantityFulfilled=3, quantityUnfulfilled=0),
        line("C", quantityFulfilled=1),
        line("D") | {"fulfillment": None},
        line("E"),
    )
    packages = [{"packageReferenceId": "1"}]
    network = ScriptedTransport([order(*lines, packages=packages), answer(204)])
    with client_of(network, pii={"buyerInfo"}) as client:
        client.orders.confirm(ONE, **PLAIN, package_reference_id="2")
    read, _ = network.requests
    assert read.url.endswith(f"/orders/2026-01-01/orders/{ONE}?includedData=FULFILLMENT%2CPACKAGES")
    body = sent(network)
    assert body["marketplaceId"] == Marketplace.DE.id
    assert {one["orderItemId"]: one["quantity"] for one in body["packageDetail"]["orderItems"]} == {
        "A": 2,
        "C": 2,
        "D": 3,
        "E": 3,
    }


def test_the_marketplace_that_is_named_comes_first_and_the_clients_own_last() -> None:
    network = ScriptedTransport(
        [order(line("A")), answer(204), order(line("A"), salesChannel=None), answer(204)]
    )
    with client_of(network) as client:
        client.orders.confirm(ONE, **PLAIN, marketplace_id=Marketplace.FR.id)
        assert sent(network)["marketplaceId"] == Marketplace.FR.id
        client.orders.confirm(ONE, **PLAIN)
        assert sent(network)["marketplaceId"] == Marketplace.UK.id


def test_an_order_that_has_left_whole_is_not_confirmed_again() -> None:
    network = ScriptedTransport([order(line("A", quantityFulfilled=3, quantityUnfulfilled=0))])
    with client_of(network) as client, pytest.raises(InvalidRequestError, match="nothing left to ship"):
        client.orders.confirm(ONE, **PLAIN)
    assert len(network.requests) == 1


def test_the_rest_does_not_take_the_place_of_a_package_that_has_left() -> None:
    network = ScriptedTransport([order(line("A"), packages=[{"packageReferenceId": "1"}])])
    with client_of(network) as client, pytest.raises(InvalidRequestError, match="was confirmed already"):
        client.orders.confirm(ONE, **PLAIN)
    assert len(network.requests) == 1


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"ship_date": datetime(2026, 3, 1)}, "ship_date"),  # noqa: DTZ001 - what must be refused
        ({"ship_date": "2026-03-01"}, "ship_date"),
        ({"tracking_number": " "}, "tracking_number"),
        ({"carrier_code": None}, "carrier_code"),
        ({"carrier_code": "Other"}, "carrier_name"),
        ({"package_reference_id": "0"}, "package_reference_id"),
        ({"package_reference_id": "A1"}, "package_reference_id"),
        ({"package_reference_id": "²"}, "package_reference_id"),
        ({"package_reference_id": 1}, "package_reference_id"),
        ({"items": {}}, "items"),
        ({"items": {"A": 0}}, "items"),
        ({"items": {"A": 1.0}}, "items"),
        ({"items": {"A": True}}, "items"),
        ({"transparency_codes": {"B": ["code"]}}, "transparency_codes"),
    ],
)
def test_what_amazon_would_refuse_is_refused_before_any_call(wrong: dict[str, Any], path: str) -> None:
    network = ScriptedTransport()
    with client_of(network) as client, pytest.raises(InvalidRequestError, match=f"^{re.escape(path)}"):
        client.orders.confirm(ONE, **{**PLAIN, "items": {"A": 1}, **wrong})
    assert network.requests == []


def test_a_confirmation_whose_answer_is_lost_is_not_sent_again() -> None:
    network = ScriptedTransport([refusal(500, "InternalFailure")])
    with client_of(network) as client, pytest.raises(OutcomeUnknownError):
        client.orders.confirm(ONE, **PLAIN, items={"A": 1})
    assert len(network.requests) == 1


def test_a_misspelt_word_is_no_confirmation() -> None:
    network = ScriptedTransport()
    about: dict[str, Any] = {"carrier_nane": "Royal Mail"}
    with pytest.raises(TypeError, match="carrier_nane"):
        client_of(network).orders.confirm(
            ONE, carrier_code="Other", tracking_number="1", ship_date=datetime.now(UTC), **about
        )
    assert network.requests == []


@pytest.mark.parametrize(
    ("lacking", "path"),
    [("quantityOrdered", "orderItems[1].quantityOrdered"), ("orderItemId", "[1].orderItemId")],
)
def test_b5_an_item_without_quantity_or_id_has_to_be_named(lacking: str, path: str) -> None:
    network = ScriptedTransport([order(line("A"), {**line("B"), lacking: None})])
    with client_of(network) as client, pytest.raises(DecodeError, match=re.escape(path)) as caught:
        client.orders.confirm(ONE, **PLAIN)
    assert caught.value.remedy == "name the items of the package with items="
    assert (caught.value.operation, caught.value.request_id) == ("getOrder", "req-1")
    assert len(network.requests) == 1


def test_b5_an_item_that_states_what_is_left_needs_no_quantity() -> None:
    shipped = {**line("A", quantityUnfulfilled=2), "quantityOrdered": None}
    network = ScriptedTransport([order(shipped, packages=[{}]), answer(204)])
    with client_of(network) as client:
        client.orders.confirm(ONE, **PLAIN)
    assert [one["quantity"] for one in sent(network)["packageDetail"]["orderItems"]] == [2]


def test_b5_an_order_that_is_null_cannot_be_confirmed_without_items() -> None:
    network = ScriptedTransport([answer(200, {"order": None})])
    with client_of(network) as client, pytest.raises(DecodeError, match="the answer lacks order"):
        client.orders.confirm(ONE, **PLAIN)
