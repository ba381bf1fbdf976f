"""A label has the size that is wanted, or nothing is bought."""

from decimal import Decimal
from typing import Any

import pytest

from spshipping import InvalidRequestError
from spshipping.shipping import DocumentSize, GetRatesRequest, LengthUnit
from tests.ship.conftest import Stage, found, ship

FOUR_BY_SIX = DocumentSize(width=Decimal(4), length=Decimal(6), unit=LengthUnit.INCH)
TEN_BY_FIFTEEN = DocumentSize(width=Decimal(10), length=Decimal(15), unit=LengthUnit.CENTIMETER)


def test_the_size_that_is_wanted_is_bought_once(stage: Stage, parcel: GetRatesRequest) -> None:
    first = ship(stage, parcel, size=FOUR_BY_SIX)
    assert ship(stage, parcel).shipment_id == first.shipment_id
    assert len(stage.labels) == 1


def test_a_size_that_no_rate_supports_is_refused(stage: Stage, parcel: GetRatesRequest) -> None:
    with pytest.raises(InvalidRequestError, match="size: is not supported; this rate supports: 4 x 6 INCH"):
        ship(stage, parcel, size=TEN_BY_FIFTEEN)
    assert stage.labels == []


def test_the_size_is_kept_for_what_is_quoted_anew(stage: Stage, parcel: GetRatesRequest) -> None:
    with pytest.raises(InvalidRequestError):
        ship(stage, parcel, size=TEN_BY_FIFTEEN)
    (purchase,) = stage.purchases().resume().waiting
    assert purchase == found(stage)
    assert stage.labels == []
    assert stage.count("getRates") == 2


@pytest.mark.parametrize("size", ["4x6", (4, 6)])
def test_what_is_no_size_is_refused_before_anything_is_sent(
    stage: Stage, parcel: GetRatesRequest, size: Any
) -> None:
    with pytest.raises(InvalidRequestError, match="size: is a DocumentSize"):
        ship(stage, parcel, size=size)
    assert stage.count("getRates") == 0
