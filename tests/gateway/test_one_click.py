"""Accounts that ship goods of others buy in one step: never sent again, and counted by what may be paid."""

from decimal import Decimal
from typing import Any

import pytest

from spshipping import OutcomeUnknownError, SpendingLimitError, UnsettledPurchaseError
from spshipping.journal import Charge
from spshipping.shipping import DocumentSize, GoodsOwner, LengthUnit
from tests.gateway.conftest import AMAZONS, OUTSIDE, Shop, shop

OWNER: dict[str, Any] = {"GoodsOwner": "A1OWNER", "ServiceIds": ["SWA-UK-2D", "SWA-UK-STD"]}


def test_a_parcel_is_bought_in_one_step_once(stage: Shop) -> None:
    gateway = stage.gateway(shop(**OWNER), save_to=stage.folder)
    first, again = gateway.on_order(OUTSIDE).shipment, gateway.on_order(OUTSIDE).shipment
    assert first.service_id == "SWA-UK-2D"
    assert again.shipment_id == first.shipment_id
    assert (stage.count("oneClickShipment"), stage.count("getRates")) == (1, 0)
    assert len(stage.labels) == 1
    other = gateway.on_order(OUTSIDE, generation=2, replaces=first.shipment_id).shipment
    assert (other.generation, len(stage.labels)) == (2, 2)


def test_what_is_said_names_the_owner_and_the_services_in_their_order(stage: Shop) -> None:
    page = shop(**OWNER, LabelLength=15, LabelWidth=10, LabelUnit="cm", Dpi=300, EnableOrderCreation=False)
    found = stage.gateway(page).on_order(AMAZONS).dry_run
    assert found.operation == "oneClickShipment"
    request = found.request
    assert request.goods_owner == GoodsOwner(merchant_id="A1OWNER")
    assert request.service_selection.service_id == ["SWA-UK-2D", "SWA-UK-STD"]
    label = request.label_specifications
    assert label.size == DocumentSize(width=Decimal(10), length=Decimal(15), unit=LengthUnit.CENTIMETER)
    assert (label.format, label.dpi, label.need_file_joining) == ("PDF", 300, False)
    assert request.ship_to is None
    own = stage.gateway(shop(ServiceIds="SWA-UK-STD", EnableOrderCreation=False)).on_order(OUTSIDE).dry_run
    assert own.request.goods_owner is None
    label = own.request.label_specifications
    assert (label.size.width, label.size.length, label.size.unit) == (Decimal(4), Decimal(6), "INCH")
    assert label.dpi == 203


def test_a_limit_needs_what_a_parcel_may_cost(stage: Shop) -> None:
    with pytest.raises(SpendingLimitError, match="max_charge"):
        stage.gateway(shop(**OWNER, DailyLimit=10)).on_order(OUTSIDE)
    assert stage.count("oneClickShipment") == 0
    gateway = stage.gateway(shop(**OWNER, DailyLimit=10, MaxCharge="6.00"))
    gateway.on_order(OUTSIDE)
    bought = gateway.find("1001")
    assert bought.charge.unit == "GBP"
    assert bought.charge < Charge(Decimal("6.00"), "GBP")


def test_what_may_have_been_bought_in_one_step_is_never_sent_again(stage: Shop) -> None:
    gateway = stage.gateway(shop(**OWNER))
    stage.fail("drop_after", operation="oneClickShipment")
    with pytest.raises((OutcomeUnknownError, UnsettledPurchaseError)):
        gateway.on_order(OUTSIDE)
    with pytest.raises(UnsettledPurchaseError):
        gateway.on_order(OUTSIDE)
    assert [one.reference for one in gateway.unsettled()] == ["1001"]
    assert stage.count("oneClickShipment") == 1
