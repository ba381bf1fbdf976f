"""What is wrong in a shipment confirmation that Amazon took is booked when the goods arrive."""

from collections.abc import Callable, Iterator

import pytest

from spshipping.sandbox import PurchaseOrderSupply, Sandbox
from tests.sandbox.server.receiving_world import (
    DAY,
    arrived,
    clean,
    first_carton,
    large_order,
    rules,
    wrong_sum,
)
from tests.sandbox.server.vendor_world import acknowledge, advance, confirm, has_prices, moment, new_order
from tests.sandbox.server.world import Json, Shop

pytestmark = pytest.mark.dates


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(quotas=False, purchase_orders=PurchaseOrderSupply(60, days=20)) as running:
        yield running


def wrong_digit(body: Json) -> None:
    code = first_carton(body)["cartonIdentifiers"][0]
    last = int(code["containerIdentificationNumber"][-1])
    code["containerIdentificationNumber"] = code["containerIdentificationNumber"][:-1] + str((last + 1) % 10)


def twice(body: Json) -> None:
    body["pallets"][0]["palletIdentifiers"] = first_carton(body)["cartonIdentifiers"]


def dated(body: Json, **expiry: str) -> None:
    """State until when the first item keeps."""
    body["shippedItems"][0]["itemDetails"] |= {"lotNumber": "L1", "expiry": expiry}


def two_lots(body: Json) -> None:
    """Put two lots of one item into a carton; one of its two parts is empty."""
    parts = first_carton(body)["items"]
    parts[0]["itemDetails"] = {"lotNumber": "L1"}
    second = {**parts[0], "itemDetails": {"lotNumber": "L2"}}
    half = parts[0]["shippedQuantity"]["amount"] - 1
    parts[0]["shippedQuantity"] = {**parts[0]["shippedQuantity"], "amount": half}
    parts.append({**second, "shippedQuantity": {**second["shippedQuantity"], "amount": 1}})


def unknown_item(body: Json) -> None:
    part = first_carton(body)["items"][0]
    first_carton(body)["items"].append({**part, "itemReference": "999"})


def coded(body: Json, kind: str, number: str) -> None:
    """Give the first carton a further code."""
    code = {"containerIdentificationType": kind, "containerIdentificationNumber": number}
    first_carton(body)["cartonIdentifiers"].append(code)


ANNOUNCED_WRONG: dict[str, Callable[[Json], object]] = {
    "L-032": lambda body: body.pop("shippedDate"),
    "L-034": lambda body: body.pop("estimatedDeliveryDate"),
    "L-037": lambda body: body["transportationDetails"].pop("billOfLadingNumber"),
    "L-038": lambda body: body["transportationDetails"].update(billOfLadingNumber="20261129"),
    "L-040": lambda body: body["transportationDetails"].update(carrierScac="UPSN - UNITED PARCEL"),
    "L-043": lambda body: body["shipmentMeasurements"].update(cartonCount=99),
    "L-045": lambda body: body.update(shipFromParty={"partyId": "W-1"}),
    "L-051": wrong_sum,
    "L-052": unknown_item,
    "L-053": lambda body: first_carton(body).pop("cartonIdentifiers"),
    "L-055": wrong_digit,
    "L-057": twice,
    "L-058": lambda body: coded(body, "AMZNCC", "20000000000000000001"),
    "L-059": lambda body: coded(body, "GTIN", "09521234000011"),
    "L-060": lambda body: body.update(shipmentType="SmallParcel"),
    "L-062": lambda body: body["pallets"][0]["cartonReferenceDetails"]["cartonReferenceNumbers"].pop(),
    "L-064": lambda body: body.update(shipmentStructure="PalletOfItems"),
    "L-065": lambda body: body["cartons"][1].update(cartonSequenceNumber=" 001"),
    "L-069": two_lots,
    "L-070": lambda body: dated(body, expiryDate=body["estimatedDeliveryDate"]),
    "L-071": lambda body: dated(body, expiryDate="2206-01-01T00:00:00Z"),
    "L-073": lambda body: first_carton(body).update(weight={"unitOfMeasure": "Kg", "value": "0"}),
    "L-081": lambda body: body["shippedItems"][0]["itemDetails"].update(lotNumberSourceReference="1"),
}
BESIDES = {"L-052": {"L-064"}, "L-060": {"L-064"}, "L-062": {"L-043"}, "L-065": {"L-062"}, "L-069": {"L-064"}}
"""What such a mistake breaks as well."""


@pytest.mark.parametrize("rule", ANNOUNCED_WRONG)
def test_what_is_announced_wrong_is_booked_and_nothing_else(shop: Shop, rule: str) -> None:
    body = clean(shop, large_order(shop))
    ANNOUNCED_WRONG[rule](body)
    found = confirm(shop, body)
    assert found["status"] == "Success", "it is taken, and Amazon charges it later"
    advance(shop, 5 * DAY)
    booked = rules(shop.sandbox.receiving.defects())
    assert rule in booked
    assert booked <= {rule} | BESIDES.get(rule, set())


def accepted(shop: Shop, window: str) -> Json:
    """Return an order with this window, all of which was accepted."""
    order = new_order(shop, lambda order: has_prices(order) and window in order["orderDetails"])
    assert acknowledge(shop, order)["status"] == "Processing"
    return order


def test_who_pays_the_freight_decides_whether_amazons_reference_is_missed(shop: Shop) -> None:
    for number, (window, expected) in enumerate({"shipWindow": {"L-042"}, "deliveryWindow": set()}.items()):
        body = clean(shop, accepted(shop, window), f"S-{number}", 100 * (number + 1))
        del body["amazonReferenceNumber"]
        assert rules(arrived(shop, body)) == expected


def test_goods_after_the_delivery_window_are_booked(shop: Shop) -> None:
    order = accepted(shop, "deliveryWindow")
    body = clean(shop, order, estimatedDeliveryDate=moment(shop.sandbox, days=30))
    assert confirm(shop, body)["status"] == "Success"
    advance(shop, 31 * DAY)
    assert rules(shop.sandbox.receiving.defects()) == {"L-035"}


def test_a_code_of_an_earlier_shipment_is_booked(shop: Shop) -> None:
    first, second = large_order(shop), large_order(shop)
    assert arrived(shop, clean(shop, first, "S-1", 100)) == []
    found = arrived(shop, clean(shop, second, "S-2", 100))
    assert rules(found) >= {"L-057"}
    assert all(defect.shipment == "S-2" for defect in found)


def test_a_trade_number_is_no_label(shop: Shop) -> None:
    body = clean(shop, large_order(shop))
    coded(body, "GTIN", "09521234000013")
    gtins = first_carton(body)["cartonIdentifiers"][1:]
    body["cartons"][0]["cartonIdentifiers"] = gtins
    (defect,) = arrived(shop, body)
    assert (defect.rule, defect.path) == ("L-053", "cartons[0].carton_identifiers")
