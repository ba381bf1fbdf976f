"""What sellers report of their orders: parcels, pickups, reviews; and what becomes of the orders."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from spshipping.sandbox import OrderSupply, Sandbox
from spshipping.sandbox.clock import write_time as text
from spshipping.sandbox.orders.record import Order
from tests.sandbox.server.order_world import V0, V2026, found, get, unlock
from tests.sandbox.server.world import Json, Shop, refusal

pytestmark = pytest.mark.dates


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox where many orders wait for their seller."""
    with Sandbox(orders=OrderSupply(600, seed=11, days=2), quotas=False) as running:
        yield running


def one(shop: Shop, fits: Callable[[Order], Any]) -> Order:
    """Return the first order of what the seller ships, and has not shipped, that fits."""
    return next(o for o in shop.sandbox.orders() if (o.channel, o.status) == ("MFN", "Unshipped") and fits(o))


def parcel(order: Order, *quantities: int, **changes: Any) -> Json:
    """Return the body that reports a parcel with so many units of each item."""
    items = [
        {"orderItemId": item.id, "quantity": quantity}
        for item, quantity in zip(order.items, quantities, strict=False)
        if quantity
    ]
    detail = {
        "packageReferenceId": "1",
        "carrierCode": "Royal Mail",
        "trackingNumber": "RR123456789GB",
        "shipDate": text(order.created + 3600),
        "orderItems": items,
    }
    return {"marketplaceId": order.place.marketplace.id, "packageDetail": {**detail, **changes}}


def confirm(shop: Shop, order: Order, body: Json) -> requests.Response:
    return shop.session.post(f"{shop.sandbox.url}{V0}/{order.id}/shipmentConfirmation", json=body)


def report(shop: Shop, order: Order, status: str, **rest: Any) -> requests.Response:
    body = {"marketplaceId": order.place.marketplace.id, "shipmentStatus": status, **rest}
    return shop.session.post(f"{shop.sandbox.url}{V0}/{order.id}/shipment", json=body)


def review(shop: Shop, order: Order, **rest: Any) -> requests.Response:
    body = {"regulatedOrderVerificationStatus": {"externalReviewerId": "vet-1", **rest}}
    return shop.session.patch(f"{shop.sandbox.url}{V0}/{order.id}/regulatedInfo", json=body)


def now(shop: Shop, order: Order) -> Json:
    """Return the order as v0 returns it now."""
    told: Json = found(get(shop, f"{V0}/{order.id}"))
    return told


def test_an_order_leaves_in_one_parcel(shop: Shop) -> None:
    order = one(shop, lambda o: len(o.items) > 1)
    answer = confirm(shop, order, parcel(order, *(item.quantity for item in order.items)))
    assert (answer.status_code, answer.content) == (204, b"")
    told = now(shop, order)
    units = sum(item.quantity for item in order.items)
    assert (told["OrderStatus"], told["NumberOfItemsShipped"], told["NumberOfItemsUnshipped"]) == (
        "Shipped",
        units,
        0,
    )
    assert told["LastUpdateDate"] > text(order.updated)
    change = shop.sandbox.order_changes()[-1]
    assert (change.order_id, change.status) == (order.id, "Shipped")
    assert text(change.time) == told["LastUpdateDate"]
    (package,) = found(get(shop, f"{V2026}/{order.id}", includedData="PACKAGES"))["order"]["packages"]
    assert (package["carrier"], package["trackingNumber"]) == ("Royal Mail", "RR123456789GB")


def test_an_order_leaves_in_parts(shop: Shop) -> None:
    order = one(shop, lambda o: o.items[0].quantity == 3 and len(o.items) == 1)
    codes = [{"orderItemId": order.items[0].id, "quantity": 2, "transparencyCodes": ["T1", "T2"]}]
    assert confirm(shop, order, parcel(order, orderItems=codes)).status_code == 204
    assert now(shop, order)["OrderStatus"] == "PartiallyShipped"
    assert found(get(shop, f"{V0}/{order.id}/orderItems"))["OrderItems"][0]["QuantityShipped"] == 2
    too_many = confirm(shop, order, parcel(order, 2, packageReferenceId="2"))
    assert "Only 3 of item" in refusal(too_many)[2]
    other = parcel(order, 1, packageReferenceId="2", carrierCode="Other", carrierName="By bike")
    assert confirm(shop, order, other).status_code == 204
    assert now(shop, order)["OrderStatus"] == "Shipped"
    packages = found(get(shop, f"{V2026}/{order.id}", includedData="PACKAGES"))["order"]["packages"]
    assert [package["carrier"] for package in packages] == ["Royal Mail", "By bike"]
    assert packages[0]["packageItems"][0]["transparencyCodes"] == ["T1", "T2"]
    assert len(shop.sandbox.order_changes()) - shop.sandbox.order_changes()[-2].number == 1


def test_the_same_reference_corrects_a_parcel(shop: Shop) -> None:
    order = one(shop, lambda o: o.items[0].quantity == 2)
    assert confirm(shop, order, parcel(order, 1)).status_code == 204
    assert confirm(shop, order, parcel(order, 2, trackingNumber="NEW")).status_code == 204
    packages = found(get(shop, f"{V2026}/{order.id}", includedData="PACKAGES"))["order"]["packages"]
    assert [package["trackingNumber"] for package in packages] == ["NEW"]
    assert found(get(shop, f"{V0}/{order.id}/orderItems"))["OrderItems"][0]["QuantityShipped"] == 2


def test_what_the_seller_has_changed_changes_no_more_by_itself(shop: Shop) -> None:
    order = one(shop, lambda o: o.items[0].quantity == 2)
    confirm(shop, order, parcel(order, 1))
    shop.sandbox.clock.advance(3000)
    told = now(shop, order)
    shop.sandbox.clock.advance(30 * 86400)
    (found_now,) = [o for o in shop.sandbox.orders() if o.id == order.id]
    assert (found_now.status, text(found_now.updated)) == ("PartiallyShipped", told["LastUpdateDate"])


def test_two_reports_in_one_second_are_two_updates(shop: Shop) -> None:
    order = one(shop, lambda o: o.items[0].quantity == 2)
    confirm(shop, order, parcel(order, 1))
    confirm(shop, order, parcel(order, 1, packageReferenceId="2"))
    times = [change.time for change in shop.sandbox.order_changes() if change.order_id == order.id]
    assert len(set(times)) == len(times)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"packageReferenceId": "0"}, "positive number"),
        ({"packageReferenceId": "A1"}, "positive number"),
        ({"carrierCode": "Other"}, "carrierName is required"),
        ({"trackingNumber": " "}, "trackingNumber cannot be empty"),
        ({"shipDate": "2020-01-01T00:00:00Z"}, "shipDate must be"),
        ({"shipDate": "2099-01-01T00:00:00Z"}, "shipDate must be"),
        ({"shipDate": "02/21/2022"}, "shipDate must be a date-time"),
        ({"orderItems": []}, "orderItems cannot be empty"),
        ({"orderItems": [{"orderItemId": "1", "quantity": 1}]}, "1 is not an item of the order"),
    ],
)
def test_a_parcel_that_makes_no_sense_is_refused(shop: Shop, changes: Json, words: str) -> None:
    order = one(shop, lambda _: True)
    status, _, text_ = refusal(confirm(shop, order, parcel(order, 1, **changes)))
    assert status == 400
    assert words in text_
    assert now(shop, order)["OrderStatus"] == "Unshipped"


def test_no_units_are_no_parcel(shop: Shop) -> None:
    order = one(shop, lambda _: True)
    item = {"orderItemId": order.items[0].id, "quantity": 0}
    assert "at least 1" in refusal(confirm(shop, order, parcel(order, orderItems=[item])))[2]
    item["quantity"] = 1
    assert "named twice" in refusal(confirm(shop, order, parcel(order, orderItems=[item, item])))[2]


def test_only_what_the_seller_ships_can_be_confirmed(shop: Shop) -> None:
    for order in (
        next(o for o in shop.sandbox.orders() if o.channel == "AFN" and o.is_ready),
        next(o for o in shop.sandbox.orders() if o.channel == "MFN" and o.status == "Pending"),
    ):
        assert "cannot be confirmed" in refusal(confirm(shop, order, parcel(order, 1)))[2]
    order = one(shop, lambda o: o.place.currency != "JPY")
    body = parcel(order, 1)
    assert "marketplaceId" in refusal(confirm(shop, order, {**body, "marketplaceId": "X"}))[2]
    cash = {**body, "codCollectionMethod": "DirectPayment"}
    assert "codCollectionMethod" in refusal(confirm(shop, order, cash))[2]


def test_cash_is_collected_in_japan(shop: Shop) -> None:
    order = one(shop, lambda o: o.place.currency == "JPY")
    body = {**parcel(order, 1), "codCollectionMethod": "DirectPayment"}
    assert confirm(shop, order, body).status_code == 204


def test_an_order_is_fetched_from_the_store(shop: Shop) -> None:
    order = one(shop, lambda o: o.is_pickup)
    assert "cannot become PickedUp" in refusal(report(shop, order, "PickedUp"))[2]
    items = [{"orderItemId": order.items[0].id, "quantity": 1}]
    assert report(shop, order, "ReadyForPickup", orderItems=items).status_code == 204
    assert now(shop, order)["OrderStatus"] == "Unshipped"
    wrong = [{"orderItemId": "1"}]
    assert "1 is not an item" in refusal(report(shop, order, "PickedUp", orderItems=wrong))[2]
    assert report(shop, order, "PickedUp").status_code == 204
    assert now(shop, order)["OrderStatus"] == "Shipped"


def test_an_order_is_left_in_the_store(shop: Shop) -> None:
    order = one(shop, lambda o: o.is_pickup)
    report(shop, order, "ReadyForPickup")
    assert report(shop, order, "RefusedPickup").status_code == 204
    assert now(shop, order)["OrderStatus"] == "Canceled"
    sent = one(shop, lambda o: not o.is_pickup)
    assert "cannot become" in refusal(report(shop, sent, "ReadyForPickup"))[2]


def regulated(shop: Shop, order: Order) -> Json:
    """Return the regulated information of an order."""
    unlock(shop, f"{V0}/{{orderId}}/regulatedInfo")
    told: Json = found(get(shop, f"{V0}/{order.id}/regulatedInfo"))
    return told


def test_regulated_goods_are_approved(shop: Shop) -> None:
    order = one(shop, lambda o: o.review)
    assert review(shop, order, status="Approved").status_code == 204
    assert "waits for a review" in refusal(review(shop, order, status="Approved"))[2]
    judged = regulated(shop, order)["RegulatedOrderVerificationStatus"]
    assert (judged["Status"], judged["ExternalReviewerId"]) == ("Approved", "vet-1")
    assert judged["RequiresMerchantAction"] is False
    assert "ReviewDate" in judged


def test_regulated_goods_are_rejected_with_a_reason(shop: Shop) -> None:
    order = one(shop, lambda o: o.review)
    prescription = {
        "prescriptionId": "Rx-1",
        "expirationDate": "2030-01-01T00:00:00Z",
        "writtenQuantity": 3,
        "totalRefillsAuthorized": 10,
        "refillsRemaining": 10,
        "clinicId": "C-1",
        "usageInstructions": "One a day",
    }
    answer = review(shop, order, status="Rejected", verificationDetails={"prescriptionDetail": prescription})
    errors = [error["message"] for error in answer.json()["errors"]]
    assert answer.status_code == 400
    assert len(errors) == 2
    assert "must be Approved or Rejected" in refusal(review(shop, order, status="Cancelled"))[2]
    reason = "shield_pom_vps_reject_incorrect_weight"
    assert review(shop, order, status="Rejected", rejectionReasonId=reason).status_code == 204
    assert now(shop, order)["OrderStatus"] == "Canceled"
    judged = regulated(shop, order)["RegulatedOrderVerificationStatus"]
    assert judged["RejectionReason"]["RejectionReasonId"] == reason


def test_where_nothing_is_regulated_there_is_nothing_to_judge(shop: Shop) -> None:
    order = one(shop, lambda o: not o.review)
    assert "waits for a review" in refusal(review(shop, order, status="Approved"))[2]
