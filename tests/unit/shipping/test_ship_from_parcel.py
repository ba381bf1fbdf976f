"""Requests of purchases without a quote, made from a parcel: nothing of it is lost."""

from decimal import Decimal
from typing import Any

import pytest

from spshipping import InvalidRequestError, extra, set_extra
from spshipping.journal import Charge, Scope
from spshipping.shipping import (
    CarrierAccount,
    GoodsOwner,
    ShipmentType,
    ShipperInstruction,
    direct_request,
    one_click_request,
)
from spshipping.shipping.ship.unquoted import (
    Kind,
    Unquoted,
    digests_of,
    kind_of,
    unquoted_of,
    wanted_from_json,
)
from spshipping.shipping.ship.wanted import Wanted
from tests.unit.shipping.build import NOON, address, rates_request, specification

SCOPE = Scope("https://example.test", "A1SELLER", "AmazonShipping_UK", "1001")


def test_a_parcel_becomes_a_direct_purchase() -> None:
    parcel = rates_request(return_to=address(name="Returns"), shipment_type=ShipmentType.FORWARD)
    set_extra(parcel, {"unheardOf": 1})
    made = direct_request(parcel, labels=specification())
    for name in ("ship_to", "ship_from", "return_to", "packages", "channel_details"):
        assert getattr(made, name) == getattr(parcel, name)
    assert made.label_specifications == specification()
    assert extra(made) == {"unheardOf": 1}
    assert direct_request(rates_request()).label_specifications is None


def test_a_parcel_becomes_a_one_click_purchase() -> None:
    parcel = rates_request(ship_date=NOON, shipper_instruction=ShipperInstruction(delivery_notes="Ring"))
    set_extra(parcel, {"unheardOf": 1})
    made = one_click_request(
        parcel,
        services=["B", "A", "B"],
        labels=specification(),
        goods_owner="A1MERCHANT",
        value_added_services=("SIGN",),
    )
    assert made.service_selection.service_id == ["B", "A"]
    assert made.goods_owner == GoodsOwner(merchant_id="A1MERCHANT")
    assert made.value_added_services_details is not None
    assert [service.id for service in made.value_added_services_details] == ["SIGN"]
    for name in ("ship_to", "ship_from", "packages", "channel_details", "ship_date", "shipper_instruction"):
        assert getattr(made, name) == getattr(parcel, name)
    assert extra(made) == {"unheardOf": 1}
    plain = one_click_request(rates_request(), services=("A",), labels=specification())
    assert (plain.goods_owner, plain.value_added_services_details) == (None, None)


@pytest.mark.parametrize(
    "field",
    [
        {"shipment_type": ShipmentType.RETURNS},
        {"carrier_accounts": [CarrierAccount(carrier_account_id="1", carrier_id="UPS")]},
    ],
)
def test_what_would_be_lost_is_refused(field: dict[str, Any]) -> None:
    parcel = rates_request(**field)
    with pytest.raises(
        InvalidRequestError, match=r"is not taken by DirectPurchaseRequest: leave it"
    ) as caught:
        direct_request(parcel)
    assert caught.value.path == next(iter(field))
    with pytest.raises(InvalidRequestError, match=r"is not taken by OneClickShipmentRequest"):
        one_click_request(parcel, services=("A",), labels=specification())


def test_a_date_is_not_taken_by_a_direct_purchase() -> None:
    with pytest.raises(InvalidRequestError, match=r"^ship_date: "):
        direct_request(rates_request(ship_date=NOON))


@pytest.mark.parametrize("kind", [Kind.DIRECT, Kind.ONE_CLICK])
@pytest.mark.parametrize("keeps", [True, False])
def test_what_is_wanted_survives_as_json(kind: Kind, keeps: bool) -> None:
    request: Any = direct_request(rates_request())
    options: dict[str, Any] = {"max_charge": Charge(Decimal("5.10"), "GBP"), "locale": "fr-CA"}
    if kind is Kind.ONE_CLICK:
        request = one_click_request(rates_request(), services=("B", "A"), labels=specification())
        options = {}
    wanted = unquoted_of(kind, request, SCOPE, options)
    text = wanted.to_json(keeps_personal=keeps)
    assert kind_of(text) is kind
    assert wanted_from_json(text) == (wanted if keeps else None)
    assert Wanted.from_json(text) is None, "it is of another kind"
    assert ("Jane Roe" in text) is keeps
    assert (
        digests_of(wanted, SCOPE, b"secret")
        .keys()
        .isdisjoint(
            {"max_charge", "locale", "service_selection.service_id[0]", "label_specifications.format"}
        )
    )


def test_what_was_erased_is_nothing_and_was_quoted() -> None:
    assert wanted_from_json(None) is None
    assert kind_of(None) is kind_of('{"version":1}') is Kind.QUOTED
    assert Unquoted.from_json('{"version":2,"request":"{}"}') is None


@pytest.mark.parametrize("services", [(), "SWA-UK-STD", ("",)])
def test_one_click_names_its_services(services: Any) -> None:
    with pytest.raises(InvalidRequestError, match=r"^services: "):
        one_click_request(rates_request(), services=services, labels=specification())
