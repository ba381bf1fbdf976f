"""What a parcel is bought by: its times, benefits and required services, also after a crash."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from spshipping import BadRequestError, InvalidRequestError, SpendingLimitError, replace
from spshipping.journal import SpendingLimit, State
from spshipping.shipping import GetRatesRequest, GetRatesResult, Rate, ServicePolicy
from tests.ship.conftest import Stage, found, ship

SENDER, RECIPIENT = "DUTIES_PAID_BY_SENDER", "DUTIES_PAID_BY_RECIPIENT"


@pytest.fixture
def abroad(parcel: GetRatesRequest) -> GetRatesRequest:
    """Return a parcel for which a group of services is required."""
    assert parcel.ship_to is not None
    return replace(parcel, ship_to=replace(parcel.ship_to, country_code="FR"))


def test_the_cheapest_in_time_is_bought(stage: Stage, parcel: GetRatesRequest) -> None:
    now = stage.sandbox.clock.now()
    soon = ship(stage, parcel, reference="soon", deliver_by=now + timedelta(days=2, minutes=1))
    assert soon.service_name == "Amazon Shipping Two-Day"
    late = ship(stage, parcel, reference="late", deliver_by=now + timedelta(days=9))
    assert late.service_name == "Amazon Shipping Standard"
    with pytest.raises(
        InvalidRequestError, match=r"none of 3 .* promises the delivery after deliver_by \(3\)"
    ):
        ship(stage, parcel, deliver_by=now + timedelta(hours=1))
    with pytest.raises(InvalidRequestError, match=r"promises the pickup after ship_by \(3\)"):
        ship(stage, parcel, ship_by=now)
    assert found(stage).state is State.RESERVED
    assert len(stage.labels) == 2
    assert ship(stage, parcel, reference="soon", ship_by=now).is_repeat, "what is bought is not chosen again"


def test_a_benefit_that_no_rate_has_is_named(stage: Stage, parcel: GetRatesRequest) -> None:
    assert ship(stage, parcel, require_benefits=("CLAIMS_PROTECTED",))
    with pytest.raises(InvalidRequestError, match=r"lacks the benefit FREE_LUNCH \(3\)"):
        ship(stage, parcel, reference="1002", require_benefits=("CLAIMS_PROTECTED", "FREE_LUNCH"))
    assert len(stage.labels) == 1


def test_a_function_gets_only_what_may_be_bought(stage: Stage, parcel: GetRatesRequest) -> None:
    shown: list[list[str]] = []

    def dearest(quote: GetRatesResult) -> Rate:
        shown.append([rate.service_name for rate in quote.rates])
        return max(quote.rates, key=lambda rate: rate.total_charge.value)

    limit = stage.sandbox.clock.now() + timedelta(days=2, minutes=1)
    shipment = ship(stage, parcel, choose=dearest, deliver_by=limit)
    assert shown == [["Amazon Shipping Two-Day", "Amazon Shipping One-Day"]]
    assert shipment.service_name == "Amazon Shipping One-Day"


def test_a_function_cannot_name_what_was_left_out(stage: Stage, parcel: GetRatesRequest) -> None:
    quotes: list[GetRatesResult] = []

    def noted(quote: GetRatesResult) -> Rate:
        quotes.append(quote)
        return replace(quote.rates[0], rate_id=quote.rates[0].rate_id.replace("2D", "STD"))

    limit = stage.sandbox.clock.now() + timedelta(days=2, minutes=1)
    with pytest.raises(InvalidRequestError, match="is not one of this result's rates"):
        ship(stage, parcel, choose=noted, deliver_by=limit)
    assert stage.labels == []


def test_a_required_group_is_answered_by_the_policy(stage: Stage, abroad: GetRatesRequest) -> None:
    with pytest.raises(
        InvalidRequestError, match=rf"requires one of group IMPORT_DUTIES \({SENDER}, {RECIPIENT}\)"
    ):
        ship(stage, abroad)
    assert stage.count("purchaseShipment") == 0
    with pytest.raises(InvalidRequestError, match="or a policy that answers it"):
        ship(stage, abroad, policy=ServicePolicy(prefer=("NO_CONFIRMATION",)))
    paid = ship(stage, abroad, policy=ServicePolicy(prefer=("NO_CONFIRMATION", SENDER)))
    assert paid.charge == (Decimal("7.75"), "GBP"), "4.00 of it are the duties"
    cheap = ship(stage, abroad, reference="1002", policy=ServicePolicy(otherwise="cheapest"))
    assert cheap.charge == (Decimal("3.75"), "GBP")
    both = ServicePolicy(groups={"IMPORT_DUTIES": RECIPIENT}, always=("SIGNATURE_CONFIRMATION",))
    signed = ship(stage, abroad, reference="1003", policy=both)
    assert signed.charge == (Decimal("4.95"), "GBP")
    assert stage.sandbox.ledger.spent == {"GBP": Decimal("16.45")}


def test_what_a_policy_buys_counts_for_the_limit(stage: Stage, abroad: GetRatesRequest) -> None:
    policy = ServicePolicy(prefer=(SENDER,))
    with pytest.raises(SpendingLimitError, match=r"the rate costs 7\.75 GBP"):
        ship(stage, abroad, policy=policy, limit=SpendingLimit(Decimal("7.74"), "GBP"))
    assert ship(stage, abroad, policy=policy, limit=SpendingLimit(Decimal("7.75"), "GBP"))


def test_what_is_resumed_is_decided_alike(stage: Stage, abroad: GetRatesRequest) -> None:
    options: dict[str, Any] = {
        "policy": ServicePolicy(groups={"IMPORT_DUTIES": (SENDER,)}),
        "deliver_by": stage.sandbox.clock.now() + timedelta(days=2, minutes=1),
        "require_benefits": ("CLAIMS_PROTECTED",),
    }
    stage.fail("status", status=400, operation="getRates")
    with pytest.raises(BadRequestError):
        ship(stage, abroad, **options)
    (shipment,) = stage.purchases().resume().shipments
    assert shipment.service_name == "Amazon Shipping Two-Day"
    assert shipment.charge == (Decimal("8.95"), "GBP")
    other = {**options, "policy": ServicePolicy(), "require_benefits": ("ELSE",)}
    assert ship(stage, abroad, **other).shipment_id == shipment.shipment_id, "they make no other parcel"


def test_what_can_no_longer_be_bought_in_time_waits(stage: Stage, parcel: GetRatesRequest) -> None:
    limit = stage.sandbox.clock.now() + timedelta(days=3, minutes=1)
    stage.fail("status", status=400, operation="getRates")
    with pytest.raises(BadRequestError):
        ship(stage, parcel, deliver_by=limit)
    stage.pass_time(3 * 24 * 3600)
    resumed = stage.purchases().resume()
    assert [purchase.reference for purchase in resumed.waiting] == ["1001"]
    assert stage.labels == []


@pytest.mark.parametrize("name", ["ship_by", "deliver_by"])
def test_a_time_says_its_zone(stage: Stage, parcel: GetRatesRequest, name: str) -> None:
    with pytest.raises(InvalidRequestError, match=rf"^{name}: is a datetime with a time zone"):
        ship(stage, parcel, **{name: stage.clock.now().replace(tzinfo=None)})
    assert found(stage) is None
