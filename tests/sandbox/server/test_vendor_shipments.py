"""Shipment confirmations, transportation requests and labels over HTTP."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from spshipping.sandbox import PurchaseOrderSupply, Sandbox
from spshipping.vendor.shipments import LabelData
from spshipping.wire.convert import from_dict
from tests.contract.facts import routes
from tests.sandbox.server.schemas import problems
from tests.sandbox.server.vendor_world import (
    CONFIRMATIONS,
    LABELS,
    ORDERS,
    SHIPMENTS,
    accepted_order,
    acknowledge,
    advance,
    answer,
    confirm,
    confirmation,
    errors,
    found,
    get,
    has_prices,
    item,
    lines,
    moment,
    new_order,
    pages,
    pickup,
    request_pickup,
    shipped_item,
    status_of,
    submit,
    transaction,
)
from tests.sandbox.server.world import Json, Shop, refusal

pytestmark = pytest.mark.dates
DAY = 86400


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(quotas=False, purchase_orders=PurchaseOrderSupply(60, days=20)) as running:
        yield running


def received(state: Json) -> set[str]:
    """Return how much of the lines has arrived."""
    return {line["receivingStatus"]["receiveStatus"] for line in state["itemStatus"]}


def details(shop: Shop, **query: Any) -> list[Json]:
    """Return every transportation request of a search."""
    return [each for page in pages(shop, SHIPMENTS, **query) for each in page["shipments"]]


def labels(shop: Shop, **query: Any) -> list[Json]:
    """Return every set of labels of a search."""
    return [each for page in pages(shop, LABELS, **query) for each in page["transportLabels"]]


def test_a_shipment_is_confirmed_and_arrives(shop: Shop) -> None:
    order = accepted_order(shop)
    assert confirm(shop, confirmation(shop, order))["status"] == "Success"
    assert received(status_of(shop, order)) == {"NOT_RECEIVED"}
    advance(shop, 3 * DAY)
    state = status_of(shop, order)
    assert received(state) == {"RECEIVED"}
    assert state["purchaseOrderStatus"] == "CLOSED"
    assert state["itemStatus"][0]["receivingStatus"]["lastReceiveDate"] > moment(shop.sandbox, days=-2)


def test_a_part_arrives_and_the_order_stays_open(shop: Shop) -> None:
    order = accepted_order(shop)
    first, *_ = lines(order)
    part = shipped_item(order, first)
    amount = first["orderedQuantity"]["amount"]
    part["shippedQuantity"]["amount"] = amount - 1 or 1
    body = confirmation(shop, order, shippedItems=[part])
    body.pop("estimatedDeliveryDate")  # then it takes three days
    assert confirm(shop, body)["status"] == "Success"
    advance(shop, 2 * DAY)
    assert received(status_of(shop, order)) == {"NOT_RECEIVED"}
    advance(shop, 2 * DAY)
    state = status_of(shop, order)
    assert state["itemStatus"][0]["receivingStatus"]["receivedQuantity"]["amount"] == (amount - 1 or 1)
    is_all = amount == 1 and len(lines(order)) == 1
    assert state["purchaseOrderStatus"] == ("CLOSED" if is_all else "OPEN")


def test_in_the_far_east_a_confirmation_is_taken_without_success() -> None:
    supply = PurchaseOrderSupply(60, days=20, has_success=False)
    with Sandbox(quotas=False, purchase_orders=supply) as sandbox:
        shop = Shop(sandbox)
        order = accepted_order(shop)
        assert confirm(shop, confirmation(shop, order))["status"] == "Processing"
        advance(shop, 3 * DAY)
        assert received(status_of(shop, order)) == {"RECEIVED"}
        shop.close()


def test_what_containers_hold_counts_where_the_item_names_no_order(shop: Shop) -> None:
    order = accepted_order(shop)
    first = lines(order)[0]
    number, amount = order["purchaseOrderNumber"], first["orderedQuantity"]["amount"]
    inside = {
        "itemReference": "001",
        "shippedQuantity": {"amount": amount, "unitOfMeasure": "Eaches"},
        "itemDetails": {"purchaseOrderNumber": number},
    }
    other = {**inside, "itemReference": "002"}
    body = confirmation(
        shop,
        order,
        shippedItems=[shipped_item(order, first, itemDetails={})],
        cartons=[{"cartonSequenceNumber": "001", "items": [inside, other]}],
    )
    assert confirm(shop, body)["status"] == "Success"
    nowhere = confirmation(
        shop,
        order,
        "S-2",
        shippedItems=[shipped_item(order, first, itemDetails={})],
        pallets=[{"palletIdentifiers": [], "items": [{**inside, "itemDetails": {}}]}],
    )
    assert errors(confirm(shop, nowhere)) == [("INVALID_ORDER_ID", "Invalid order ID.")]


def _wrong(changes: Json) -> Callable[[Shop, Json], Json]:
    return lambda shop, order: confirmation(shop, order, **changes)


def _foreign_item(shop: Shop, order: Json) -> Json:
    item = {**shipped_item(order, lines(order)[0]), "vendorProductIdentifier": "9780000000002"}
    return confirmation(shop, order, shippedItems=[item])


def _excess(shop: Shop, order: Json) -> Json:
    item = shipped_item(order, lines(order)[0])
    item["shippedQuantity"]["amount"] += 1
    return confirmation(shop, order, shippedItems=[item])


def _unknown_order(shop: Shop, order: Json) -> Json:
    item = shipped_item(order, lines(order)[0], itemDetails={"purchaseOrderNumber": "NOTTHERE"})
    return confirmation(shop, order, shippedItems=[item])


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (
            _wrong({"shipmentConfirmationType": "Replace"}),
            "There is no shipment confirmation to replace.",
        ),
        (_wrong({"shipToParty": {"partyId": "XXX9"}}), "The order is for another fulfillment center."),
        (_wrong({"sellingParty": {"partyId": "XX"}}), "The selling party is not the vendor of the order."),
        (_foreign_item, "Invalid product identifiers."),
        (_excess, "Excess quantity."),
        (_unknown_order, "Invalid order ID."),
    ],
)
def test_a_confirmation_fails_for_a_reason(
    shop: Shop, broken: Callable[[Shop, Json], Json], message: str
) -> None:
    order = accepted_order(shop)
    failed = confirm(shop, broken(shop, order))
    assert failed["status"] == "Failure"
    assert {text for _, text in errors(failed)} == {message}
    assert confirm(shop, confirmation(shop, order))["status"] == "Success", "nothing was applied"


def test_an_order_that_was_not_acknowledged_cannot_be_shipped(shop: Shop) -> None:
    order = new_order(shop, has_prices)
    failed = errors(confirm(shop, confirmation(shop, order)))
    assert ("InvalidInput", "The purchase order is unconfirmed or closed.") in failed


def test_an_identifier_is_used_once_in_a_year(shop: Shop) -> None:
    order = accepted_order(shop)
    whole = confirmation(shop, order)
    part = {**whole, "shippedItems": whole["shippedItems"][:1]}
    assert confirm(shop, part)["status"] == "Success"
    again = confirmation(shop, accepted_order(shop))
    assert errors(confirm(shop, again)) == [("InvalidInput", "The shipment identifier was used before.")]
    assert confirm(shop, {**again, "shipmentIdentifier": "S-2"})["status"] == "Success"
    advance(shop, 366 * DAY)
    later = confirmation(shop, accepted_order(shop))
    assert confirm(shop, later)["status"] == "Success"


def test_a_replacement_lowers_and_never_raises(shop: Shop) -> None:
    order = new_order(shop, lambda each: has_prices(each) and lines(each)[0]["orderedQuantity"]["amount"] > 2)
    acknowledge(shop, order)
    first = shipped_item(order, lines(order)[0])
    amount = first["shippedQuantity"]["amount"]

    def with_amount(number: int, kind: str, **changes: Any) -> Json:
        quantity = {**first["shippedQuantity"], "amount": number}
        items = [{**first, "shippedQuantity": quantity}]
        return confirmation(shop, order, shipmentConfirmationType=kind, shippedItems=items, **changes)

    assert confirm(shop, with_amount(amount - 1, "Original"))["status"] == "Success"
    assert confirm(shop, with_amount(amount - 2, "Replace"))["status"] == "Success"
    raised = confirm(shop, with_amount(amount - 1, "Replace"))
    assert errors(raised) == [("InvalidInput", "A replacement cannot raise a quantity.")]
    foreign = confirm(shop, with_amount(amount - 2, "Replace", sellingParty={"partyId": "X"}))
    assert ("InvalidInput", "The selling party is not that of the original.") in errors(foreign)
    advance(shop, 3 * DAY)
    quantity = status_of(shop, order)["itemStatus"][0]["receivingStatus"]["receivedQuantity"]
    assert quantity["amount"] == amount - 2, "the original does not arrive as well"
    late = confirm(shop, with_amount(1, "Replace"))
    assert errors(late) == [("InvalidInput", "The shipment confirmation can no longer be replaced.")]


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        (CONFIRMATIONS, {}, "Invalid Shipment ID"),
        (SHIPMENTS, {"shipments": []}, "Invalid Vendor Shipment ID"),
    ],
)
def test_a_submission_of_nothing_is_refused_at_once(shop: Shop, path: str, body: Json, says: str) -> None:
    refused = shop.session.post(shop.sandbox.url + path, json=body)
    assert refusal(refused) == (400, "InvalidInput", f"{says} ")


def test_a_confirmation_without_identifier_and_a_request_without_type_are_refused_at_once(shop: Shop) -> None:
    order = accepted_order(shop)
    post, url = shop.session.post, shop.sandbox.url
    nameless = {"shipmentConfirmations": [confirmation(shop, order, " ")]}
    assert refusal(post(url + CONFIRMATIONS, json=nameless))[2] == "Invalid Shipment ID "
    untyped = {"shipments": [pickup(shop, order, transactionType=None)]}
    assert refusal(post(url + SHIPMENTS, json=untyped))[2] == "Invalid Vendor Shipment ID "


def test_a_pickup_is_requested_gets_a_carrier_and_labels_and_is_shipped(shop: Shop) -> None:
    order = accepted_order(shop)
    assert request_pickup(shop, pickup(shop, order))["status"] == "Success"
    (created,) = details(shop)
    assert created["currentShipmentStatus"] == "Created"
    assert "transactionType" not in created, "as in Amazon's own examples"
    assert refusal(get(shop, LABELS, vendorShipmentIdentifier="P-1"))[:2] == (404, "ResourceNotFound")
    advance(shop, 2 * 3600)
    (requested,) = details(shop, currentShipmentStatus="TransportationRequested")
    assert requested["buyerReferenceNumber"] == created["buyerReferenceNumber"]
    advance(shop, 5 * DAY)
    (assigned,) = details(shop, scheduledPickUpAfter=moment(shop.sandbox))
    assert assigned["transportationDetails"]["carrierDetails"]["code"] == "SBXF"
    (found_labels,) = labels(shop, vendorShipmentIdentifier="P-1")
    assert found_labels["shipmentInformation"]["totalLabelCount"] == 2
    for label in found_labels["labelData"]:
        assert from_dict(label, LabelData).data.startswith(b"%PDF-")
    advance(shop, 2 * DAY)
    (shipped,) = details(shop, shipmentConfirmedAfter=moment(shop.sandbox, days=-3), buyerWarehouseCode=None)
    reached = [each["shipmentStatus"] for each in shipped["shipmentStatusDetails"]]
    assert reached == ["Shipped", "CarrierAssigned", "TransportationRequested", "Created"]
    for path, page in ((SHIPMENTS, pages(shop, SHIPMENTS)[0]), (LABELS, pages(shop, LABELS)[0])):
        described = routes()[f"GET {path}"]
        lacking = set(problems(described.file, page, described.facts["success"]["payload"]))
        assert lacking <= {
            "$.shipments[]: transactionType is missing",
            "$.shipments[]: transactionDate is missing",
        }


def test_the_client_reads_labels_and_says_that_there_are_none_yet(shop: Shop) -> None:
    order = accepted_order(shop)
    request_pickup(shop, pickup(shop, order))
    with shop.sandbox.client("US") as client:
        api = client.vendor.shipments
        assert list(api.iter_shipment_labels()) == []
        (shipment,) = api.iter_shipment_details(vendor_shipment_identifier="P-1")
        assert shipment.currentshipment_status_date
        assert shipment.currentshipment_status_date.tzinfo
        assert (shipment.transaction_type, shipment.transaction_date) == (None, None)


def test_a_known_identifier_changes_the_request_until_a_carrier_is_assigned(shop: Shop) -> None:
    order = accepted_order(shop)
    request_pickup(shop, pickup(shop, order))
    request_pickup(shop, pickup(shop, order, shipmentMeasurements={"totalCartonCount": 3}))
    (found_one,) = details(shop)
    assert found_one["shipmentMeasurements"] == {"totalCartonCount": 3}
    advance(shop, 5 * DAY + 7200)
    later = moment(shop.sandbox, days=7)
    changed = pickup(
        shop,
        order,
        shipmentMeasurements={"totalCartonCount": 9},
        collectFreightPickupDetails={"requestedPickUp": later},
    )
    assert request_pickup(shop, changed)["status"] == "Success"
    (found_one,) = details(shop)
    assert found_one["shipmentMeasurements"] == {"totalCartonCount": 3}
    assert found_one["collectFreightPickupDetails"]["requestedPickUp"] == later


def test_a_request_is_cancelled_and_can_be_made_anew(shop: Shop) -> None:
    order = accepted_order(shop)
    assert errors(request_pickup(shop, pickup(shop, order, transactionType="Cancel"))) == [
        ("InvalidInput", "Invalid Vendor Shipment ID")
    ]
    request_pickup(shop, pickup(shop, order))
    assert request_pickup(shop, pickup(shop, order, transactionType="Cancel"))["status"] == "Success"
    assert details(shop) == []
    request_pickup(shop, pickup(shop, order))
    assert len(details(shop)) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shipmentFreightTerm": "Prepaid"}, "Transportation is requested for Collect shipments only."),
        ({"purchaseOrders": []}, "The purchase orders are missing."),
        ({"purchaseOrders": [{}]}, "Invalid order ID."),
        ({"collectFreightPickupDetails": None}, "The requested pickup is missing."),
    ],
)
def test_a_request_fails_for_a_reason(shop: Shop, changes: Json, message: str) -> None:
    order = accepted_order(shop)
    failed = request_pickup(shop, pickup(shop, order, **changes))
    assert [text for _, text in errors(failed)] == [message]
    assert details(shop) == []


def test_an_order_that_is_not_completely_confirmed_cannot_be_picked_up(shop: Shop) -> None:
    failed = request_pickup(shop, pickup(shop, new_order(shop, has_prices)))
    assert errors(failed) == [("InvalidInput", "The purchase order is not completely confirmed.")]


def test_another_vendor_code_cannot_take_a_request_over(shop: Shop) -> None:
    order = accepted_order(shop)
    request_pickup(shop, pickup(shop, order))
    failed = request_pickup(shop, pickup(shop, order, sellingParty={"partyId": "X"}))
    assert errors(failed) == [("InvalidInput", "The selling party cannot be changed.")]


def test_a_pickup_is_two_business_days_ahead(shop: Shop) -> None:
    order = accepted_order(shop)
    soon = {"requestedPickUp": moment(shop.sandbox, days=1)}
    failed = request_pickup(shop, pickup(shop, order, collectFreightPickupDetails=soon))
    assert errors(failed) == [("InvalidInput", "The requested pickup is less than two business days ahead.")]
    while datetime.fromisoformat(moment(shop.sandbox)).weekday() != 3:  # on a Thursday, that is on Monday
        advance(shop, DAY)
    sunday, monday = moment(shop.sandbox, days=3), moment(shop.sandbox, days=4, minutes=1)
    for day, status in ((sunday, "Failure"), (monday, "Success")):
        asked = pickup(shop, order, collectFreightPickupDetails={"requestedPickUp": day})
        assert request_pickup(shop, asked)["status"] == status


def test_requests_are_found_by_what_they_say_and_by_page(shop: Shop) -> None:
    order = accepted_order(shop)
    truck = {"shipMode": "TruckLoad", "estimatedDeliveryDate": moment(shop.sandbox, days=9)}
    for number in range(3):
        parts = truck if number else {"shipMode": "SmallParcel"}
        request_pickup(shop, pickup(shop, order, f"P-{number}", transportationDetails=parts))
    assert [len(page["shipments"]) for page in pages(shop, SHIPMENTS, limit=2)] == [2, 1]
    names = [each["vendorShipmentIdentifier"] for each in details(shop, limit=1, sortOrder="DESC")]
    assert names == ["P-2", "P-1", "P-0"]
    assert len(details(shop, estimatedDeliveryAfter=moment(shop.sandbox, days=8))) == 2
    assert len(details(shop, shipmentDeliveryAfter=moment(shop.sandbox))) == 0
    assert len(details(shop, requestedPickUpBefore=moment(shop.sandbox, days=30))) == 3
    assert len(details(shop, createdBefore=moment(shop.sandbox), sellerWarehouseCode="W-1")) == 3
    assert details(shop, sellerWarehouseCode="W-2") == []
    advance(shop, 7 * DAY)
    sizes = [len(page["transportLabels"]) for page in pages(shop, LABELS, limit=1)]
    assert sizes == [1, 0, 0], "a page may be empty although more follow"
    assert len(labels(shop, labelCreatedAfter=moment(shop.sandbox, days=-7))) == 1
    assert len(details(shop, packageLabelCreatedAfter=moment(shop.sandbox, days=-7))) == 1
    assert len(details(shop, shippedAfter=moment(shop.sandbox, days=-7))) == 3
    assert refusal(get(shop, SHIPMENTS, limit=51))[1] == "InvalidInput"


def test_a_submission_is_not_yet_known_where_it_was_just_taken(shop: Shop) -> None:
    order = accepted_order(shop)
    name = submit(shop, CONFIRMATIONS, {"shipmentConfirmations": [confirmation(shop, order)]})
    assert transaction(shop, name)["status"] == "Processing"
    assert (
        found(get(shop, f"{ORDERS}/{order['purchaseOrderNumber']}"))["purchaseOrderState"] == "Acknowledged"
    )


def test_an_order_is_closed_once_what_was_accepted_has_arrived(shop: Shop) -> None:
    order = new_order(shop, lambda each: has_prices(each) and len(lines(each)) > 2)
    first, *others = lines(order)
    acknowledge(shop, order, item(first), *(item(line, answer(line, "Rejected")) for line in others))
    confirm(shop, confirmation(shop, order, shippedItems=[shipped_item(order, first)]))
    advance(shop, 3 * DAY)
    assert status_of(shop, order)["purchaseOrderStatus"] == "CLOSED"
