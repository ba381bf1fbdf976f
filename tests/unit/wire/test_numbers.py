from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spshipping.wire import text
from spshipping.wire.numbers import (
    read_decimal,
    read_money,
    repair_decimal,
    write_decimal,
    write_decimal_text,
)


@pytest.mark.parametrize(
    ("value", "json"),
    [
        (5, "5"),
        (Decimal(5), "5"),
        (Decimal("12.50"), "12.5"),
        (Decimal("0.1"), "0.1"),
        (Decimal("1E+2"), "100.0"),
        (Decimal("-3"), "-3"),
        (Decimal("1E-7"), "1e-07"),
    ],
)
def test_decimals_are_written_exactly(value: Any, json: str) -> None:
    assert text.render(write_decimal(value)).decode() == json
    assert Decimal(json) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_what_is_written_is_read_back_as_the_same_number(value: Decimal) -> None:
    read = text.parse(text.render(write_decimal(value)))
    assert (read if isinstance(read, Decimal) else read_decimal(read)) == value


@pytest.mark.parametrize(
    "value", [Decimal("19.99999999999999999"), Decimal("NaN"), Decimal("Infinity"), Decimal("1E+99")]
)
def test_a_number_that_would_lose_digits_is_refused(value: Decimal) -> None:
    with pytest.raises(ValueError):
        write_decimal(value)


@pytest.mark.parametrize("value", [1.5, "1.5", None, True])
def test_only_exact_numbers_are_written(value: Any) -> None:
    with pytest.raises(TypeError):
        write_decimal(value)
    with pytest.raises(TypeError):
        write_decimal_text(value)


def test_a_float_is_told_what_to_write_instead() -> None:
    with pytest.raises(TypeError, match="Decimal"):
        write_decimal(1.5)


@pytest.mark.parametrize(
    ("value", "written"),
    [(Decimal("1.50"), "1.50"), (7, "7"), (Decimal("1E+3"), "1000"), (Decimal("1E-3"), "0.001")],
)
def test_money_as_text_keeps_its_scale(value: Any, written: str) -> None:
    assert write_decimal_text(value) == written


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("1E+99")])
def test_money_must_be_finite(value: Decimal) -> None:
    with pytest.raises(ValueError):
        write_decimal_text(value)


def test_money_is_read_from_text_only() -> None:
    assert read_money("-1.99") == Decimal("-1.99")
    with pytest.raises(TypeError):
        read_money(5)
    for odd in ("nan", "1_000"):
        with pytest.raises(ValueError):
            read_money(odd)
    with pytest.raises(ArithmeticError):
        read_money("five")


@pytest.mark.parametrize("value", [True, None, "five", "inf", "1_000", [1]])
def test_what_is_no_number_is_not_repaired(value: Any) -> None:
    with pytest.raises(ValueError):
        repair_decimal(value)


@pytest.mark.parametrize("value", ["1", True, None])
def test_only_a_number_becomes_a_decimal_without_more(value: Any) -> None:
    with pytest.raises(TypeError):
        read_decimal(value)


def test_a_float_of_plain_json_is_read_by_the_digits_it_shows() -> None:
    assert read_decimal(0.1) == Decimal("0.1")
    for odd in (float("nan"), float("inf")):
        with pytest.raises(ValueError):
            read_decimal(odd)
