"""Goods arrive, and what differs from the shipment confirmation is booked by the rule of the rule book."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from spshipping.sandbox import PurchaseOrderSupply, Sandbox
from spshipping.vendor.rules import RULES
from tests.sandbox.server.receiving_world import (
    DAY,
    arrived,
    clean,
    first_carton,
    large_order,
    receipts,
    rules,
    wrong_sum,
)
from tests.sandbox.server.vendor_world import (
    accepted_order,
    acknowledge,
    advance,
    answer,
    confirm,
    confirmation,
    errors,
    has_prices,
    item,
    lines,
    moment,
    new_order,
    status_of,
)
from tests.sandbox.server.world import Json, Shop

pytestmark = pytest.mark.dates


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(quotas=False, purchase_orders=PurchaseOrderSupply(60, days=20)) as running:
        yield running


def test_a_clean_shipment_is_received_without_a_defect(shop: Shop) -> None:
    for number in range(3):
        order = accepted_order(shop)
        assert arrived(shop, clean(shop, order, f"S-{number}", 1000 * (number + 1))) == []
        assert {status for status, _ in receipts(shop, order)} == {"RECEIVED"}
        assert status_of(shop, order)["purchaseOrderStatus"] == "CLOSED"
    assert shop.sandbox.receiving.defects() == []


def test_defects_are_booked_when_the_goods_arrive_and_not_before(shop: Shop) -> None:
    order = accepted_order(shop)
    late = clean(shop, order, shippedDate=moment(shop.sandbox, hours=-3))
    assert confirm(shop, late)["status"] == "Success"
    assert shop.sandbox.receiving.defects() == []
    advance(shop, 3 * DAY)
    (defect,) = shop.sandbox.receiving.defects()
    assert (defect.rule, defect.shipment, defect.path) == ("L-036", "S-1", "shipped_date")
    assert defect.time > shop.sandbox.clock.now().timestamp() - 2 * DAY


def test_cartons_hold_what_they_say_whatever_the_item_says(shop: Shop) -> None:
    order = large_order(shop)
    body = clean(shop, order)
    wrong_sum(body)
    (defect,) = arrived(shop, body)
    assert (defect.rule, defect.path) == ("L-051", "shipped_items[0].shipped_quantity.amount")
    amount = lines(order)[0]["orderedQuantity"]["amount"]
    assert receipts(shop, order)[0] == ("PARTIALLY_RECEIVED", amount - 1)


def test_cartons_can_be_stated_in_pieces_where_cases_are_shipped(shop: Shop) -> None:
    order = new_order(
        shop, lambda each: has_prices(each) and lines(each)[0]["orderedQuantity"]["unitOfMeasure"] == "Cases"
    )
    acknowledge(shop, order)
    body = clean(shop, order)
    quantity = lines(order)[0]["orderedQuantity"]
    pieces = {
        "amount": quantity["amount"] * quantity["unitSize"],
        "unitOfMeasure": "Eaches",
        "unitSize": 1,
    }
    first_carton(body)["items"][0]["shippedQuantity"] = pieces
    body["shippedItems"][0]["shippedQuantity"]["unitSize"] = quantity["unitSize"]
    assert arrived(shop, body) == []
    assert receipts(shop, order)[0] == ("RECEIVED", quantity["amount"])


def test_cartons_can_be_stated_in_cases_where_pieces_are_shipped(shop: Shop) -> None:
    order = new_order(
        shop,
        lambda each: (
            has_prices(each)
            and lines(each)[0]["orderedQuantity"]["unitOfMeasure"] == "Eaches"
            and lines(each)[0]["orderedQuantity"]["amount"] % 2 == 0
        ),
    )
    acknowledge(shop, order)
    body = clean(shop, order)
    amount = lines(order)[0]["orderedQuantity"]["amount"]
    cases = {"amount": amount // 2, "unitOfMeasure": "Cases", "unitSize": 2}
    first_carton(body)["items"][0]["shippedQuantity"] = cases
    assert arrived(shop, body) == []
    assert receipts(shop, order)[0] == ("RECEIVED", amount)


def test_perishable_goods_need_lot_and_expiry(shop: Shop) -> None:
    order = accepted_order(shop)
    line = lines(order)[0]
    shop.sandbox.receiving.perishable.add(line["amazonProductIdentifier"])
    body = clean(shop, order)
    body["shippedItems"][0]["amazonProductIdentifier"] = line["amazonProductIdentifier"]
    assert [defect.rule for defect in arrived(shop, body)] == ["L-067", "L-067"]
    dated = accepted_order(shop)
    line = lines(dated)[0]
    shop.sandbox.receiving.perishable.add(line["vendorProductIdentifier"])
    body = clean(shop, dated, "S-2", 500)
    expiry = {"expiryDate": moment(shop.sandbox, days=300)}
    body["shippedItems"][0]["itemDetails"] |= {"lotNumber": "L1", "expiry": expiry}
    assert arrived(shop, body) == []


PHYSICALLY_WRONG = {
    "short": ({"L-051"}, -1),
    "over": ({"L-051", "L-049"}, 1),
    "lost": ({"L-043", "L-051"}, None),
    "unlabelled": ({"L-053"}, 0),
    "mislabelled": ({"L-055"}, 0),
    "same_label": ({"L-057"}, 0),
}


@pytest.mark.parametrize("kind", PHYSICALLY_WRONG)
def test_goods_that_differ_from_the_notice_are_booked(shop: Shop, kind: str) -> None:
    expected, more = PHYSICALLY_WRONG[kind]
    order = large_order(shop)
    shop.sandbox.receiving.add_fault(kind, "S-1")
    found = arrived(shop, clean(shop, order))
    assert rules(found) == expected
    assert all(defect.path for defect in found if defect.rule != "L-049")
    ordered = lines(order)[0]["orderedQuantity"]["amount"]
    assert receipts(shop, order)[0][1] == (0 if more is None else ordered + more)
    assert {status for status, _ in receipts(shop, order)[1:]} == {"RECEIVED"}
    is_whole = more is not None and more >= 0
    assert status_of(shop, order)["purchaseOrderStatus"] == ("CLOSED" if is_whole else "OPEN")
    assert shop.sandbox.receiving.faults() == []


def test_a_defect_of_goods_names_order_line_and_carton(shop: Shop) -> None:
    order = large_order(shop)
    shop.sandbox.receiving.add_fault("short", amount=10**6)
    (defect,) = arrived(shop, clean(shop, order))
    first = lines(order)[0]
    assert defect.path == "cartons[0]"
    assert (defect.purchase_order, defect.line) == (order["purchaseOrderNumber"], first["itemSequenceNumber"])
    assert defect.message == f"cartons[0] holds 0, and {first['orderedQuantity']['amount']} were announced"
    assert receipts(shop, order)[0] == ("NOT_RECEIVED", 0)


def test_a_fault_waits_for_its_shipment_and_can_strike_several(shop: Shop) -> None:
    receiving = shop.sandbox.receiving
    receiving.add_fault("unlabelled", "S-9")
    receiving.add_fault("mislabelled", count=2)
    assert rules(arrived(shop, clean(shop, accepted_order(shop), "S-1", 100))) == {"L-055"}
    assert [(fault.kind, fault.count) for fault in receiving.faults()] == [
        ("unlabelled", 1),
        ("mislabelled", 1),
    ]
    assert rules(arrived(shop, clean(shop, accepted_order(shop), "S-2", 200))) == {"L-055"}
    assert arrived(shop, clean(shop, accepted_order(shop), "S-3", 300)) == []
    shop.sandbox.reset()
    assert receiving.faults() == []
    assert receiving.defects() == []


def test_a_fault_that_fits_nothing_changes_nothing(shop: Shop) -> None:
    order = accepted_order(shop)
    for kind in ("unlabelled", "mislabelled", "same_label"):
        shop.sandbox.receiving.add_fault(kind)
    body = confirmation(shop, order)  # it has no containers
    found = arrived(shop, body)
    assert not rules(found) & {"L-053", "L-055", "L-057"}
    assert {status for status, _ in receipts(shop, order)} == {"RECEIVED"}


def test_what_is_lost_of_a_shipment_without_containers_is_all_of_it(shop: Shop) -> None:
    order = accepted_order(shop)
    shop.sandbox.receiving.add_fault("lost")
    shop.sandbox.receiving.add_fault("short")  # nothing is left to which it could happen
    found = arrived(shop, confirmation(shop, order))
    assert "the shipment did not arrive" in {defect.message for defect in found}
    assert {status for status, _ in receipts(shop, order)} == {"NOT_RECEIVED"}


def test_goods_that_nobody_announced_are_received_and_booked(shop: Shop) -> None:
    order = accepted_order(shop)
    number = order["purchaseOrderNumber"]
    shop.sandbox.receiving.deliver(number)
    (defect,) = shop.sandbox.receiving.defects()
    assert (defect.rule, defect.shipment, defect.purchase_order) == ("L-036", None, number)
    assert {status for status, _ in receipts(shop, order)} == {"RECEIVED"}
    with pytest.raises(ValueError, match="nothing of it was accepted"):
        shop.sandbox.receiving.deliver(number)
    with pytest.raises(ValueError, match="no such purchase order"):
        shop.sandbox.receiving.deliver("NOTTHERE")
    late = errors(confirm(shop, clean(shop, order)))
    assert ("InvalidInput", "The purchase order is unconfirmed or closed.") in late


def test_only_what_was_not_announced_arrives_unannounced(shop: Shop) -> None:
    order = large_order(shop)
    body = clean(shop, order)
    first = {**body, "shippedItems": body["shippedItems"][:1], "cartons": body["cartons"][:1]}
    first["pallets"][0]["cartonReferenceDetails"] = {"cartonCount": 1, "cartonReferenceNumbers": ["001"]}
    first["shipmentMeasurements"] = {"cartonCount": 1, "palletCount": 1}
    assert confirm(shop, first)["status"] == "Success"
    shop.sandbox.receiving.deliver(order["purchaseOrderNumber"])
    assert receipts(shop, order)[0] == ("NOT_RECEIVED", 0)
    advance(shop, 3 * DAY)
    assert rules(shop.sandbox.receiving.defects()) == {"L-036"}
    assert {status for status, _ in receipts(shop, order)} == {"RECEIVED"}


def test_a_part_that_was_rejected_is_not_missed(shop: Shop) -> None:
    order = new_order(shop, lambda each: has_prices(each) and len(lines(each)) > 1)
    rejected, *others = lines(order)
    reason: Json = {"rejectionReason": "TemporarilyUnavailable"}
    acknowledge(
        shop, order, item(rejected, answer(rejected, "Rejected", **reason)), *(item(line) for line in others)
    )
    body = clean(shop, {**order, "orderDetails": {**order["orderDetails"], "items": others}})
    assert arrived(shop, body) == []
    assert status_of(shop, order)["purchaseOrderStatus"] == "CLOSED"


def test_a_replacement_is_what_arrives(shop: Shop) -> None:
    order = large_order(shop)
    body = clean(shop, order)
    assert confirm(shop, body)["status"] == "Success"
    less = clean(shop, order, shipmentConfirmationType="Replace")
    amount = lines(order)[0]["orderedQuantity"]["amount"] - 1
    less["shippedItems"][0]["shippedQuantity"]["amount"] = amount
    first_carton(less)["items"][0]["shippedQuantity"]["amount"] = amount
    assert arrived(shop, less) == [], "the code of a carton is its own, also in a replacement"
    assert receipts(shop, order)[0] == ("PARTIALLY_RECEIVED", amount)


def test_where_amazon_reports_no_success_the_rules_of_north_america_do_not_hold() -> None:
    supply = PurchaseOrderSupply(60, days=20, has_success=False)
    with Sandbox(quotas=False, purchase_orders=supply) as sandbox:
        shop = Shop(sandbox)
        body = clean(shop, accepted_order(shop))
        del body["transportationDetails"]["carrierScac"]
        del body["transportationDetails"]["carrierShipmentReferenceNumber"]
        assert confirm(shop, body)["status"] == "Processing"
        advance(shop, 3 * DAY)
        assert sandbox.receiving.defects() == []
        shop.close()


def test_a_ship_date_two_days_ahead_is_allowed(shop: Shop) -> None:
    order = accepted_order(shop)
    ahead = {
        "shippedDate": moment(shop.sandbox, days=1),
        "estimatedDeliveryDate": moment(shop.sandbox, days=2),
    }
    assert "L-032" not in rules(arrived(shop, clean(shop, order) | ahead))


def test_what_a_container_holds_of_an_unknown_order_is_not_received(shop: Shop) -> None:
    order = accepted_order(shop)
    body = clean(shop, order)
    first_carton(body)["items"][0]["itemDetails"] = {"purchaseOrderNumber": "NOTTHERE"}
    assert confirm(shop, body)["status"] == "Success"
    advance(shop, 3 * DAY)
    assert receipts(shop, order)[0] == ("NOT_RECEIVED", 0)


def test_every_defect_has_a_rule_of_the_rule_book(shop: Shop) -> None:
    for kind in PHYSICALLY_WRONG:
        shop.sandbox.receiving.add_fault(kind)
    arrived(shop, confirmation(shop, accepted_order(shop)))
    shop.sandbox.receiving.deliver(accepted_order(shop)["purchaseOrderNumber"])
    found = shop.sandbox.receiving.defects()
    assert len(found) > 5
    assert rules(found) <= RULES.keys()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"kind": "rain"}, "short, over, lost, unlabelled, mislabelled, same_label"),
        ({"kind": "short", "count": 0}, "above 0"),
        ({"kind": "short", "amount": True}, "above 0"),
        ({"kind": "short", "shipment": 3}, "identifier"),
        ({"kind": ["short"]}, "is one of"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(sandbox: Sandbox, arguments: Json, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        sandbox.receiving.add_fault(**arguments)
    answered = requests.post(f"{sandbox.url}/_sandbox/receiving/faults", json=arguments, timeout=5)
    assert answered.status_code == 400
    assert says in answered.json()["error"]


def control(shop: Shop, method: str, path: str = "", body: Json | None = None) -> Json:
    url = f"{shop.sandbox.url}/_sandbox/receiving{path}"
    answered = requests.request(method, url, json=body, timeout=5)
    assert answered.status_code == 200, answered.text
    return dict(answered.json())


def test_control_routes_show_and_change_what_is_received(shop: Shop) -> None:
    order = accepted_order(shop)
    assert control(shop, "GET") == {"defects": [], "faults": [], "perishable": []}
    added = control(shop, "POST", "/faults", {"kind": "unlabelled"})
    assert added["faults"] == [{"kind": "unlabelled", "shipment": None, "count": 1, "amount": 1}]
    assert control(shop, "POST", "/perishable", {"items": ["B0"]})["perishable"] == ["B0"]
    arrived(shop, clean(shop, order))
    (defect,) = control(shop, "GET")["defects"]
    assert defect == shop.sandbox.receiving.defects()[0].as_dict()
    assert defect["time"].endswith("Z")
    assert control(shop, "GET", "?seller=nobody")["defects"] == []
    number = accepted_order(shop)["purchaseOrderNumber"]
    assert control(shop, "POST", "", {"purchase_order": number})["defects"][-1]["rule"] == "L-036"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {"purchase_order": "NOTTHERE"}),
        ("", []),
        ("/faults", {"kind": "short", "colour": "red"}),
        ("/perishable", {"items": "B0"}),
        ("/perishable", {"items": [1]}),
    ],
)
def test_a_control_request_that_makes_no_sense_is_refused(sandbox: Sandbox, path: str, body: Any) -> None:
    answered = requests.post(f"{sandbox.url}/_sandbox/receiving{path}", json=body, timeout=5)
    assert answered.status_code == 400
    assert answered.json()["error"]
