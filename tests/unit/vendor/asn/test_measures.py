"""Sizes and weights in Amazon's units."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spshipping.errors import InvalidRequestError
from spshipping.vendor.asn import Mass, Size
from spshipping.vendor.asn.measures import sum_of, volume_of
from spshipping.vendor.shipments import (
    Dimensions,
    DimensionUnit,
    TotalWeightUnit,
    VolumeUnit,
    Weight,
    WeightUnit,
)
from spshipping.wire.convert import to_dict


@pytest.mark.parametrize(
    ("unit", "expected", "amazon_unit"),
    [
        ("mm", "0.04", DimensionUnit.METER),
        ("cm", "0.4", DimensionUnit.METER),
        ("m", "40", DimensionUnit.METER),
        ("In", "40", DimensionUnit.IN),
        ("ft", "40", DimensionUnit.FT),
        ("Yard", "40", DimensionUnit.YARD),
    ],
)
def test_a_size_is_converted_exactly(unit: str, expected: str, amazon_unit: DimensionUnit) -> None:
    size = Size.of(40, "40", Decimal(40), unit)
    assert size == (Decimal(expected), Decimal(expected), Decimal(expected), amazon_unit)


@given(st.decimals("0.01", "9999.99", places=2))
def test_centimetres_come_back_digit_for_digit(length: Decimal) -> None:
    size = Size.of(length, 1, 1, "cm")
    assert size.length * 100 == length


def test_what_is_written_has_no_exponent() -> None:
    assert to_dict(Size.of("1E+3", 2, 3, "m").to_model()) == {
        "length": "1000",
        "width": "2",
        "height": "3",
        "unitOfMeasure": "Meter",
    }
    assert to_dict(Mass.of(2, "t").to_model()) == {"unitOfMeasure": "Kg", "value": "2000"}


def test_a_size_and_a_weight_become_amazons() -> None:
    assert Size.of(1, 2, 3, "in").to_model() == Dimensions(
        length=Decimal(1), width=Decimal(2), height=Decimal(3), unit_of_measure=DimensionUnit.IN
    )
    assert Mass.of("7.5", "LB").to_model() == Weight(unit_of_measure=WeightUnit.LB, value=Decimal("7.5"))
    assert Mass.of("7.5", "oz").to_total().unit_of_measure is TotalWeightUnit.OUNCES


@pytest.mark.parametrize(
    "value", [0, -1, "NaN", "Infinity", "x", 1.5, True, None, "1.0000000000001", "1E+13"]
)
def test_what_is_no_measure_is_refused_by_name(value: Any) -> None:
    with pytest.raises(InvalidRequestError, match="height"):
        Size.of(1, 1, value, "cm")
    with pytest.raises(InvalidRequestError, match="value"):
        Mass.of(value, "kg")


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="unit: is one of mm, cm, m"):
        Size.of(1, 1, 1, "inch")
    with pytest.raises(InvalidRequestError, match="unit: is one of g, kg"):
        Mass.of(1, "stone")


def test_weights_are_summed_in_their_unit_and_else_in_kilograms() -> None:
    assert sum_of([Mass.of(1, "lb"), Mass.of("2.5", "lb")]) == (Decimal("3.5"), WeightUnit.LB)
    mixed = sum_of([Mass.of(1, "lb"), Mass.of(500, "g"), Mass.of(16, "oz"), Mass.of(1, "kg")])
    assert mixed == (2 * Decimal("0.45359237") + Decimal("1.5"), WeightUnit.KG)


def test_volumes_are_summed_in_one_unit_only() -> None:
    volume = volume_of([Size.of(100, 50, 20, "cm"), Size.of(1, 1, 1, "m")])
    assert volume is not None
    assert (volume.value, volume.unit_of_measure) == (Decimal("1.1"), VolumeUnit.CU_M)
    assert volume_of([Size.of(1, 1, 1, "m"), Size.of(1, 1, 1, "in")]) is None
