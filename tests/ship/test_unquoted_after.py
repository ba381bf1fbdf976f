"""What comes after a purchase without a quote: cancelled, returned, and not shipped again as many parcels."""

from decimal import Decimal

import pytest

from spshipping import InvalidRequestError, ReferenceConflictError, UnsettledPurchaseError, replace
from spshipping.journal import State
from spshipping.shipping import GetRatesRequest
from tests.ship.conftest import Stage
from tests.ship.test_unquoted import buy, unknown
from tests.ship.unquoted import DIRECT, ONE_CLICK, direct_of, one_click_of


def test_a_direct_purchase_in_doubt_is_settled_and_then_cancelled(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    unknown(stage, DIRECT, direct_of(parcel))
    assert stage.purchases().cancel("1001").state is State.CANCELLED
    assert [label.is_cancelled for label in stage.sandbox.ledger.labels] == [True]


def test_one_click_in_doubt_is_never_sent_again_to_be_cancelled(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    unknown(stage, ONE_CLICK, one_click_of(parcel))
    sent = stage.count("oneClickShipment")
    with pytest.raises(UnsettledPurchaseError, match=r"settle\(\) it first"):
        stage.purchases().cancel("1001")
    assert (stage.count("oneClickShipment"), stage.count("cancelShipment")) == (sent, 0)


@pytest.mark.parametrize("way", [DIRECT, ONE_CLICK])
def test_its_parcel_comes_back_where_it_is_given_as_a_request_for_rates(
    stage: Stage, parcel: GetRatesRequest, way: str
) -> None:
    buy(stage, way, direct_of(parcel) if way == DIRECT else one_click_of(parcel))
    purchases = stage.purchases()
    with pytest.raises(InvalidRequestError, match=r"^parcel: is needed"):
        purchases.ship_return("1001")
    (package,) = parcel.packages
    weight = replace(package.weight, value=Decimal(7))
    other = replace(parcel, packages=[replace(package, weight=weight)])
    with pytest.raises(ReferenceConflictError) as caught:
        purchases.ship_return("1001", parcel=other)
    assert caught.value.paths == ("packages[0].weight.value",)
    assert purchases.ship_return("1001", parcel=parcel).is_return
    assert len(stage.labels) == 2


@pytest.mark.parametrize("way", [DIRECT, ONE_CLICK])
def test_it_is_not_shipped_again_as_one_of_many_parcels(
    stage: Stage, parcel: GetRatesRequest, way: str
) -> None:
    request = direct_of(parcel) if way == DIRECT else one_click_of(parcel)
    buy(stage, way, request)
    with pytest.raises(ReferenceConflictError, match="belongs to one parcel"):
        stage.purchases().ship_parcels([parcel], reference="1001")
    buy(stage, way, request, reference="1002/1")
    shipped = stage.purchases().ship_parcels([parcel, parcel], reference="1002")
    assert [one.is_repeat for one in shipped.shipments] == [True, False]
    assert len(stage.labels) == 3
