"""Collection forms: what is on none yet, how one comes to be, and the history."""

import base64
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest

from spshipping.sandbox import Sandbox
from tests.sandbox.server.schemas import problems
from tests.sandbox.server.test_carrier_accounts import FEDEX, UPS, link
from tests.sandbox.server.world import BUSINESS, KEY, Json, Shop, address, refusal

HERE = address(name="Charles Babbage", companyName="Engines Ltd", addressLine1="1 Dorset Street")
THERE = address(addressLine1="9 Harbour Road", postalCode="LE1 1AA")
SERVICES = {"FEDEX": "FEDEX-UK-ECONOMY", "UPS": "UPS-UK-GROUND"}


@pytest.fixture
def shop(sandbox: Sandbox) -> Iterator[Shop]:
    """Return a seller with an account of each carrier."""
    seller = Shop(sandbox)
    link(seller, "FEDEX", FEDEX)
    link(seller, "UPS", UPS)
    yield seller
    seller.close()


def ship(shop: Shop, carrier: str = "FEDEX", place: Json = HERE) -> Json:
    """Buy a shipment, and return it."""
    answer: Json = shop.one_click([SERVICES[carrier]], shipFrom=place).json()["payload"]
    return answer


def unmanifested(shop: Shop, **headers: str) -> list[tuple[str, str, str | None]]:
    """Return carrier, first line of the place, and time of the last form, of all that is on no form."""
    answer = shop.call("PUT", "/unmanifestedShipments", json={}, headers=headers).json()
    assert not list(problems("shippingV2", answer, {"ref": "GetUnmanifestedShipmentsResponse"}))
    return [
        (carrier["carrierId"], place["address"]["addressLine1"], place.get("lastManifestDate"))
        for carrier in answer["unmanifestedCarrierInformationList"]
        for place in carrier["unmanifestedShipmentLocationList"]
    ]


def generate(shop: Shop, carrier: str = "FEDEX", place: Json | None = HERE, key: str | None = None) -> Any:
    """Generate a form."""
    body = {"carrierId": carrier, **({"shipFromAddress": place} if place else {})}
    return shop.call("POST", "/collectionForms", json=body, headers={KEY: key} if key else {})


def history(shop: Shop, **body: Any) -> list[Json]:
    """Return the entries of the history."""
    answer = shop.call("PUT", "/collectionForms/history", json=body).json()
    assert not list(problems("shippingV2", answer, {"ref": "GetCollectionFormHistoryResponse"}))
    assert answer["lastRefreshedDate"].endswith("M UTC")
    records: list[Json] = answer["collectionFormsHistoryRecordList"]
    return records


def pages_of(answer: Json) -> int:
    """Return the number of pages of the form in *answer*."""
    document = answer["collectionsFormDocument"]
    assert document["documentFormat"] == "application/pdf"
    return len(pypdfium2.PdfDocument(base64.b64decode(document["base64EncodedContent"])))


def test_what_third_parties_carry_is_unmanifested_until_a_form_has_it(shop: Shop) -> None:
    shop.bought()  # Amazon's own carrier needs no form
    ship(shop), ship(shop), ship(shop, place=THERE), ship(shop, "UPS")
    assert unmanifested(shop) == [
        ("FEDEX", "1 Dorset Street", None),
        ("FEDEX", "9 Harbour Road", None),
        ("UPS", "1 Dorset Street", None),
    ]
    assert unmanifested(shop, **{BUSINESS: "AmazonShipping_US"}) == []

    assert generate(shop).status_code == 200
    assert [each[:2] for each in unmanifested(shop)] == [
        ("FEDEX", "9 Harbour Road"),
        ("UPS", "1 Dorset Street"),
    ]

    ship(shop)
    ((*_, last), *_) = [each for each in unmanifested(shop) if each[:2] == ("FEDEX", "1 Dorset Street")]
    assert last == history(shop)[0]["creationDate"]


def test_a_cancelled_shipment_is_collected_by_nobody(shop: Shop) -> None:
    shop.cancel(ship(shop)["shipmentId"])
    assert unmanifested(shop) == []


def test_without_a_place_a_form_has_all_shipments_of_the_carrier(shop: Shop) -> None:
    ship(shop), ship(shop, place=THERE), ship(shop, "UPS")
    assert generate(shop, place=None).status_code == 200
    assert [each[0] for each in unmanifested(shop)] == ["UPS"]


def test_a_form_is_in_progress_first_and_then_completed(shop: Shop) -> None:
    for _ in range(24):
        ship(shop)
    assert generate(shop, key="k").json() == {}
    (record,) = history(shop)
    path = f"/collectionForms/{record['collectionFormId']}"
    assert (record["generationStatus"], record["carrierName"]) == ("InProgress", "FedEx")
    assert record["shipFromAddress"] == HERE
    assert shop.call("GET", path).json() == {}

    shop.sandbox.clock.advance(30)
    assert history(shop)[0]["generationStatus"] == "Completed"
    answer = shop.call("GET", path).json()
    assert not list(problems("shippingV2", answer, {"ref": "GetCollectionFormResponse"}))
    assert pages_of(answer) == 2
    assert generate(shop, key="k").json() == answer
    assert len(history(shop)) == 1


def test_a_key_is_one_form_and_no_key_is_another(shop: Shop) -> None:
    ship(shop)
    assert generate(shop, key="k").status_code == 200
    ship(shop)
    assert generate(shop, key="k").status_code == 200
    assert len(unmanifested(shop)) == 1
    assert generate(shop, key="other").status_code == 200
    assert len(history(shop)) == 2


def test_there_must_be_something_to_collect(shop: Shop) -> None:
    shop.bought()
    assert "needs no collection form" in refusal(generate(shop, "AMZN_UK"))[2]
    assert "no unmanifested shipments" in refusal(generate(shop))[2]
    ship(shop)
    assert "no unmanifested shipments" in refusal(generate(shop, place=THERE))[2]
    assert refusal(generate(shop, "NONE"))[:2] == (404, "ResourceNotFound")
    assert history(shop) == []


def test_the_history_is_narrowed_by_carrier_place_time_and_number(shop: Shop) -> None:
    start = shop.sandbox.clock.now()
    ship(shop), ship(shop, "UPS"), ship(shop, place=THERE)
    generate(shop, "FEDEX", HERE), generate(shop, "UPS", HERE), generate(shop, "FEDEX", THERE)
    ids = [record["collectionFormId"] for record in history(shop)]
    day = timedelta(days=1)

    def found(**body: Any) -> list[int]:
        return [ids.index(record["collectionFormId"]) for record in history(shop, **body)]

    assert found(carrierId="FEDEX") == [0, 2]
    assert found(shipFromAddress=HERE) == [1, 2]
    assert found(maxResults=2) == [0, 1]
    assert found(dateRange={"startDate": (start - day).isoformat(timespec="seconds")}) == [0, 1, 2]
    assert found(dateRange={"startDate": (start + day).isoformat(timespec="seconds")}) == []
    assert found(dateRange={"endDate": (start - day).isoformat(timespec="seconds")}) == []
    assert found(dateRange={"endDate": (start + day).isoformat(timespec="seconds")}) == [0, 1, 2]


def test_another_sellers_form_is_not_found(shop: Shop) -> None:
    ship(shop)
    generate(shop)
    (record,) = history(shop)
    shop.sandbox.add_seller("Atzr|other")
    other = Shop(shop.sandbox, "Atzr|other")
    assert history(other) == []
    assert refusal(other.call("GET", f"/collectionForms/{record['collectionFormId']}"))[0] == 404
    assert refusal(shop.call("GET", "/collectionForms/none"))[0] == 404
    other.close()


def test_a_reset_removes_every_form(shop: Shop) -> None:
    ship(shop)
    generate(shop)
    shop.sandbox.reset()
    assert history(shop) == []
