from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spshipping.wire import text
from spshipping.wire.numbers import (
    read_decimal,
    read_money,
    repair_boolean,
    repair_decimal,
    repair_integer,
    repair_money,
    repair_text,
    without_decimals,
    write_decimal,
    write_money,
)


@pytest.mark.parametrize(
    ("value", "json"),
    [
        (5, "5"),
        (Decimal(5), "5"),
        (Decimal("12.50"), "12.50"),
        (Decimal("0.1"), "0.1"),
        (Decimal("1E+2"), "1E+2"),
        (Decimal("-3"), "-3"),
        (Decimal("1E-7"), "1E-7"),
        (Decimal("-0.0"), "-0.0"),
        (Decimal("7.046246533499542e+307"), "7.046246533499542E+307"),
        (Decimal("123456789.123456789"), "123456789.123456789"),
        (Decimal("1e999999999"), "1E+999999999"),
        (Decimal("9" * 5000), "9" * 5000 + "E0"),
    ],
)
def test_b4_decimals_are_written_digit_for_digit(value: Any, json: str) -> None:
    assert write_decimal(value) == json
    assert text.render(value).decode() == json
    assert text.render({"a": [value]}) == f'{{"a":[{json}]}}'.encode()
    assert Decimal(json) == value


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_what_is_written_is_read_back_as_the_same_number(value: Decimal) -> None:
    assert str(read_decimal(text.parse(text.render(value)))) == str(value) or value == value.to_integral()
    assert read_decimal(text.parse(text.render(value))) == value


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity")])
def test_what_is_no_number_is_refused(value: Decimal) -> None:
    with pytest.raises(ValueError):
        write_decimal(value)
    with pytest.raises(ValueError):
        write_money(value)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Decimal("12.50"), 12.5),
        (Decimal("-3"), -3),
        (Decimal("1E+2"), 100.0),
        (Decimal("19.99999999999999999"), Decimal("19.99999999999999999")),
        (Decimal("1E+400"), Decimal("1E+400")),
        (Decimal("1E-400"), Decimal("1E-400")),
        (Decimal("9" * 5000), Decimal("9" * 5000)),
    ],
)
def test_a_dictionary_holds_the_float_that_is_the_same_number_or_the_decimal(
    value: Decimal, plain: object
) -> None:
    made = without_decimals({"a": [value, "text"]})
    assert made == {"a": [plain, "text"]}
    assert type(made["a"][0]) is type(plain)


@pytest.mark.parametrize("value", [1.5, "1.5", None, True])
def test_only_exact_numbers_are_written(value: Any) -> None:
    with pytest.raises(TypeError):
        write_decimal(value)
    with pytest.raises(TypeError):
        write_money(value)


def test_a_float_is_told_what_to_write_instead() -> None:
    with pytest.raises(TypeError, match="Decimal"):
        write_decimal(1.5)


@pytest.mark.parametrize(
    ("value", "written"),
    [(Decimal("1.50"), "1.50"), (7, "7"), (Decimal("1E+3"), "1000"), (Decimal("1E+99"), "1E+99")],
)
def test_money_as_text_keeps_its_scale(value: Any, written: str) -> None:
    assert write_money(value) == written


def test_money_is_read_from_text_only() -> None:
    assert read_money("-1.99") == Decimal("-1.99")
    with pytest.raises(TypeError):
        read_money(5)
    for odd in ("nan", "1_000"):
        with pytest.raises(ValueError):
            read_money(odd)
    with pytest.raises(ArithmeticError):
        read_money("five")


@pytest.mark.parametrize("value", [None, "five", "inf", "1_000", [1]])
def test_what_is_no_number_is_not_repaired(value: Any) -> None:
    for repair in (repair_decimal, repair_money, repair_integer, repair_boolean):
        with pytest.raises(ValueError):
            repair(value)


@pytest.mark.parametrize(
    ("repair", "value", "repaired"),
    [
        (repair_text, True, "true"),
        (repair_text, False, "false"),
        (repair_text, 15786, "15786"),
        (repair_text, Decimal("1.50"), "1.50"),
        (repair_text, 1.5, "1.5"),
        (repair_boolean, " True ", True),
        (repair_boolean, "false", False),
        (repair_boolean, 1, True),
        (repair_boolean, Decimal("0.0"), False),
        (repair_boolean, "1", True),
        (repair_integer, True, 1),
        (repair_integer, " 7.0 ", 7),
        (repair_decimal, False, Decimal(0)),
        (repair_decimal, "12.50", Decimal("12.50")),
        (repair_money, 12, Decimal(12)),
    ],
)
def test_b2_text_numbers_and_booleans_become_each_other_where_nothing_is_lost(
    repair: Callable[[object], object], value: object, repaired: object
) -> None:
    made = repair(value)
    assert (made, type(made)) == (repaired, type(repaired))
    assert str(made) == str(repaired)


@pytest.mark.parametrize(
    ("repair", "value"),
    [
        (repair_text, None),
        (repair_text, "text"),
        (repair_text, []),
        (repair_text, float("nan")),
        (repair_boolean, 2),
        (repair_boolean, "yes"),
        (repair_integer, Decimal("1.5")),
        (repair_integer, Decimal("1E+1000000")),
        (repair_money, True),
    ],
)
def test_what_would_lose_something_is_not_converted(
    repair: Callable[[object], object], value: object
) -> None:
    with pytest.raises(ValueError):
        repair(value)


@pytest.mark.parametrize("value", ["1", True, None])
def test_only_a_number_becomes_a_decimal_without_more(value: Any) -> None:
    with pytest.raises(TypeError):
        read_decimal(value)


def test_a_float_of_plain_json_is_read_by_the_digits_it_shows() -> None:
    assert read_decimal(0.1) == Decimal("0.1")
    for odd in (float("nan"), float("inf")):
        with pytest.raises(ValueError):
            read_decimal(odd)
