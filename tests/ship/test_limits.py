"""What may be spent on a day: in the currency of the business, whatever the purchase, to the penny."""

from decimal import Decimal
from typing import Any

import pytest

from spshipping import (
    BadRequestError,
    ConfigurationError,
    OutcomeUnknownError,
    ShippingBusiness,
    SpendingLimitError,
    replace,
)
from spshipping.journal import Charge, Scope, SpendingLimit, State
from spshipping.shipping import Currency, GetRatesRequest
from tests.ship.conftest import SELLER, Stage, found, ship
from tests.ship.test_unquoted import both, broken, buy, unknown
from tests.ship.unquoted import DIRECT, ONE_CLICK, OPERATIONS, direct_of, one_click_of, request_of

TEN = SpendingLimit(Decimal("10.00"), "GBP")
FIVE = Charge(Decimal("5.00"), "GBP")


@both
def test_a_purchase_without_a_price_says_what_it_may_cost(
    stage: Stage, parcel: GetRatesRequest, way: str
) -> None:
    with pytest.raises(
        SpendingLimitError, match="Amazon names no price before this purchase: give max_charge"
    ):
        buy(stage, way, request_of(way, parcel), limit=TEN)
    assert found(stage) is None
    with pytest.raises(
        SpendingLimitError, match=r"10\.01 GBP; of the limit of 10\.00 for today, 10\.00 is left"
    ):
        buy(stage, way, request_of(way, parcel), limit=TEN, max_charge=Charge(Decimal("10.01"), "GBP"))
    with pytest.raises(SpendingLimitError, match="an amount in EUR, and the spending limit is in GBP"):
        buy(stage, way, request_of(way, parcel), limit=TEN, max_charge=Charge(Decimal("5.00"), "EUR"))
    assert (found(stage).state, stage.count(OPERATIONS[way])) == (State.RESERVED, 0)
    assert buy(stage, way, request_of(way, parcel), limit=TEN, max_charge=Charge(Decimal("10.00"), "GBP"))


def test_a_direct_purchase_counts_with_what_it_may_cost(stage: Stage, parcel: GetRatesRequest) -> None:
    for reference in ("a", "b"):
        shipment = buy(stage, DIRECT, direct_of(parcel), reference=reference, limit=TEN, max_charge=FIVE)
        assert shipment.charge == FIVE
    with pytest.raises(SpendingLimitError, match=r"0\.00 is left"):
        ship(stage, parcel, reference="c", limit=TEN)
    stage.purchases().cancel("a")
    assert ship(stage, parcel, reference="c", limit=TEN)


def test_one_click_counts_with_what_it_has_cost(stage: Stage, parcel: GetRatesRequest) -> None:
    for reference in ("a", "b"):
        shipment = buy(
            stage, ONE_CLICK, one_click_of(parcel), reference=reference, limit=TEN, max_charge=FIVE
        )
        assert shipment.charge == (Decimal("3.75"), "GBP")
    with pytest.raises(SpendingLimitError, match=r"2\.50 is left"):
        buy(stage, ONE_CLICK, one_click_of(parcel), reference="c", limit=TEN, max_charge=FIVE)
    stage.purchases().cancel("a")
    assert buy(stage, ONE_CLICK, one_click_of(parcel), reference="c", limit=TEN, max_charge=FIVE)
    assert stage.sandbox.ledger.spent == {"GBP": Decimal("7.50")}


@both
def test_an_unknown_outcome_counts_as_spent_and_a_refusal_gives_back(
    stage: Stage, parcel: GetRatesRequest, way: str
) -> None:
    limit = TEN._replace(amount=Decimal("5.00"))
    stage.fail("status", status=400, operation=OPERATIONS[way])
    with pytest.raises(BadRequestError):
        buy(stage, way, request_of(way, parcel), reference="refused", limit=limit, max_charge=FIVE)
    unknown(stage, way, request_of(way, parcel), kind="drop_before", limit=limit, max_charge=FIVE)
    with pytest.raises(SpendingLimitError, match=r"0\.00 is left"):
        ship(stage, parcel, reference="other", limit=limit)
    stage.purchases().settle("1001", not_bought=True)
    assert ship(stage, parcel, reference="other", limit=limit)


def test_a_total_in_another_unit_does_not_replace_what_was_reserved(
    stage: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = stage.client.context.sender
    send = type(sender).send

    async def in_dollars(self: Any, call: Any, **options: Any) -> Any:
        reply = await send(self, call, **options)
        return replace_value(reply, replace(reply.value, total_charge=Currency(value=Decimal(1), unit="USD")))

    def replace_value(reply: Any, value: Any) -> Any:
        reply.value = value
        return reply

    monkeypatch.setattr(type(sender), "send", in_dollars)
    assert buy(stage, ONE_CLICK, one_click_of(parcel), limit=TEN, max_charge=FIVE).charge == FIVE


@both
def test_a_limit_is_kept_when_it_is_resumed(
    stage: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    for reference, options in (("a", {}), ("b", {"max_charge": FIVE})):
        with monkeypatch.context() as patched:
            patched.setattr(stage.journal, "quote", broken)
            with pytest.raises(OSError, match="disk is full"):
                buy(stage, way, request_of(way, parcel), reference=reference, **options)
    resumed = stage.purchases(limit=TEN._replace(amount=Decimal("5.00"))).resume()
    assert [shipment.reference for shipment in resumed.shipments] == ["b"]
    assert [purchase.reference for purchase in resumed.waiting] == ["a"], "it does not say what it may cost"
    assert len(stage.purchases().resume().shipments) == 1, "without a limit"


def test_a_limit_is_in_the_currency_of_the_business(stage: Stage, parcel: GetRatesRequest) -> None:
    with pytest.raises(ConfigurationError, match=r"is in EUR, and AmazonShipping_UK charges in GBP: make it"):
        stage.purchases(limit=SpendingLimit(Decimal(9), "EUR"))
    euros = SpendingLimit.for_business(Decimal("4.31"), "IT", "Europe/Rome")
    assert euros == (Decimal("4.31"), "EUR", "Europe/Rome")
    assert ship(stage, parcel, business="IT", limit=euros).charge == (Decimal("4.31"), "EUR")
    with pytest.raises(ConfigurationError, match="is in EUR"):
        ship(stage, parcel, reference="1002", limit=euros)
    unlisted = "AmazonShipping_DE"
    assert stage.purchases(business=unlisted, limit=euros)
    with pytest.raises(ConfigurationError, match="the currency of AmazonShipping_DE is not listed"):
        SpendingLimit.for_business(Decimal(1), unlisted)
    with pytest.raises(ConfigurationError, match="is no business of Amazon Shipping"):
        SpendingLimit.for_business(Decimal(1), "Mars")


@pytest.mark.parametrize("amount", [Decimal("-0.01"), Decimal("NaN"), Decimal("Infinity"), 9.99, "9"])
def test_a_limit_is_an_amount(stage: Stage, amount: Any) -> None:
    with pytest.raises(ConfigurationError, match="a Decimal that is not below 0"):
        stage.purchases(limit=SpendingLimit(amount, "GBP"))


@pytest.mark.parametrize("limit", [Decimal(9), "9.00", 9, Charge(Decimal(9), "GBP")])
def test_what_is_no_limit_is_refused_before_anything_is_sent(
    stage: Stage, parcel: GetRatesRequest, limit: Any
) -> None:
    with pytest.raises(ConfigurationError, match="limit is a SpendingLimit: its amount, its currency"):
        stage.purchases(limit=limit)
    with pytest.raises(ConfigurationError, match="limit is a SpendingLimit"):
        ship(stage, parcel, limit=limit)


def test_a_charge_in_another_currency_than_the_limit_waits(stage: Stage, parcel: GetRatesRequest) -> None:
    stage.fail("status", status=400, operation="getRates")
    with pytest.raises(BadRequestError):
        ship(stage, parcel, business=ShippingBusiness.IT)
    resumed = stage.purchases(limit=TEN).resume()
    assert [purchase.reference for purchase in resumed.waiting] == ["1001"]
    assert stage.labels == []


def test_the_two_spellings_of_a_business_are_one(stage: Stage, parcel: GetRatesRequest) -> None:
    first = ship(stage, parcel, business="UK")
    assert ship(stage, parcel, business=ShippingBusiness.UK).shipment_id == first.shipment_id
    assert ship(stage, parcel).shipment_id == first.shipment_id
    assert stage.journal.find(Scope(stage.sandbox.url, SELLER, "AmazonShipping_UK", "1001"))
    with pytest.raises(ConfigurationError, match="is no business of Amazon Shipping"):
        ship(stage, parcel, business="Mars")


def test_what_is_unknown_by_a_quote_counts_too(stage: Stage, parcel: GetRatesRequest) -> None:
    stage.fail("drop_before", count=3)
    with pytest.raises(OutcomeUnknownError):
        ship(stage, parcel, limit=TEN._replace(amount=Decimal("3.75")))
    with pytest.raises(SpendingLimitError, match=r"0\.00 is left"):
        ship(stage, parcel, reference="1002", limit=TEN._replace(amount=Decimal("3.75")))
