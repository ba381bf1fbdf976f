"""Shipment confirmations in which no rule finds anything, and what is received of them."""

from typing import Any

from spshipping.sandbox import Defect
from spshipping.vendor.sscc import Sscc
from tests.sandbox.server.vendor_world import (
    acknowledge,
    advance,
    confirm,
    confirmation,
    has_prices,
    lines,
    moment,
    new_order,
    status_of,
)
from tests.sandbox.server.world import Json, Shop

DAY = 86400
ADDRESS = {
    "name": "Mill",
    "addressLine1": "1 Mill Lane",
    "city": "Reno",
    "stateOrRegion": "NV",
    "postalCode": "89501",
    "countryCode": "US",
}


def sscc(serial: int) -> list[Json]:
    code = Sscc.of("9521234", serial).wire
    return [{"containerIdentificationType": "SSCC", "containerIdentificationNumber": code}]


def part(number: int, line: Json, amount: int | None = None) -> Json:
    quantity = line["orderedQuantity"]
    return {
        "itemReference": f"{number:03d}",
        "shippedQuantity": {**quantity, "amount": quantity["amount"] if amount is None else amount},
    }


def clean(shop: Shop, order: Json, name: str = "S-1", serial: int = 1, **changes: Any) -> Json:
    """Return a confirmation in which no rule finds anything: a carton for each line, all on one pallet."""
    cartons = [
        {
            "cartonIdentifiers": sscc(serial + number),
            "cartonSequenceNumber": f"{number:03d}",
            "items": [part(number, line)],
        }
        for number, line in enumerate(lines(order), 1)
    ]
    names = [carton["cartonSequenceNumber"] for carton in cartons]
    references = {"cartonCount": len(names), "cartonReferenceNumbers": names}
    whole = {
        "shipmentType": "LessThanTruckLoad",
        "shipmentStructure": "PalletizedStandardCase",
        "shippedDate": moment(shop.sandbox),
        "shipFromParty": {"partyId": "W-1", "address": ADDRESS},
        "transportationDetails": {
            "carrierScac": "SBXF",
            "carrierShipmentReferenceNumber": "4711",
            "billOfLadingNumber": f"SBX01000000{serial}",
        },
        "amazonReferenceNumber": "12345678901",
        "shipmentMeasurements": {"cartonCount": len(cartons), "palletCount": 1},
        "cartons": cartons,
        "pallets": [{"palletIdentifiers": sscc(serial), "cartonReferenceDetails": references}],
    }
    return confirmation(shop, order, name, **{**whole, **changes})


def large_order(shop: Shop) -> Json:
    """Return an order of several lines, with more than one of each, all of which was accepted."""
    order = new_order(shop, lambda order: has_prices(order) and len(lines(order)) > 1 and all_several(order))
    assert acknowledge(shop, order)["status"] == "Processing"
    return order


def all_several(order: Json) -> bool:
    return all(line["orderedQuantity"]["amount"] > 1 for line in lines(order))


def arrived(shop: Shop, body: Json) -> list[Defect]:
    """Ship, let the goods arrive, and return the defects of this shipment."""
    assert confirm(shop, body)["status"] == "Success"
    advance(shop, 3 * DAY)
    return [each for each in shop.sandbox.receiving.defects() if each.shipment == body["shipmentIdentifier"]]


def rules(defects: list[Defect]) -> set[str]:
    return {defect.rule for defect in defects}


def receipts(shop: Shop, order: Json) -> list[tuple[str, int]]:
    states = [line["receivingStatus"] for line in status_of(shop, order)["itemStatus"]]
    return [(state["receiveStatus"], state["receivedQuantity"]["amount"]) for state in states]


def first_carton(body: Json) -> Json:
    return dict.__getitem__(body, "cartons")[0]  # type: ignore[no-any-return]


def wrong_sum(body: Json) -> None:
    first_carton(body)["items"][0]["shippedQuantity"]["amount"] -= 1
