"""Serial shipping container codes: their digits, as GS1 says they are."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spshipping import InvalidRequestError
from spshipping.vendor.sscc import Sscc, check_digit

EXAMPLES = [
    (0, "9521234", 1, "095212340000000013"),
    (0, "9521234", 2, "095212340000000020"),
    (3, "952123456", 42, "395212345600000426"),
    (9, "9521234567", 999999, "995212345679999999"),
    (1, "952123456789", 1, "195212345678900013"),
]


@pytest.mark.parametrize(("extension", "prefix", "serial", "digits"), EXAMPLES)
def test_a_code_is_made_of_extension_prefix_serial_and_check_digit(
    extension: int, prefix: str, serial: int, digits: str
) -> None:
    code = Sscc.of(prefix, serial, extension=extension)
    assert str(code) == code.digits == digits
    assert (code.wire, code.printed) == (f"00{digits}", f"(00){digits}")


@pytest.mark.parametrize("digits", ["095287654321012346", "504787440638918554"])
def test_codes_of_others_are_read(digits: str) -> None:
    read = [
        Sscc.read(text) for text in (digits, f"00{digits}", f"(00) {digits}", f" {digits[:9]} {digits[9:]} ")
    ]
    assert {one.digits for one in read} == {digits}


@pytest.mark.parametrize(
    "text",
    [
        "102234567666698888",
        "ATR123213216",
        "",
        "09521234000000001",
        "1095212340000000013",
        "0٩5212340000000013",
    ],
)
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        Sscc.read(text)
    assert text == "" or text not in str(caught.value)


def test_what_is_no_text_is_refused() -> None:
    number: Any = 95212340000000013
    with pytest.raises(InvalidRequestError, match="text"):
        Sscc.read(number)


prefixes = st.integers(4, 12).flatmap(lambda size: st.text("0123456789", min_size=size, max_size=size))


@given(prefixes, st.integers(0, 9), st.data())
def test_what_is_made_is_read_again_and_no_single_wrong_digit_is(
    prefix: str, extension: int, data: st.DataObject
) -> None:
    serial = data.draw(st.integers(0, 10 ** (16 - len(prefix)) - 1))
    code = Sscc.of(prefix, serial, extension=extension)
    assert len(code.digits) == 18
    assert Sscc.read(code.wire) == code
    place = data.draw(st.integers(0, 17))
    other = str((int(code.digits[place]) + data.draw(st.integers(1, 9))) % 10)
    with pytest.raises(InvalidRequestError):
        Sscc.read(code.digits[:place] + other + code.digits[place + 1 :])


@pytest.mark.parametrize(
    ("prefix", "serial", "extension"),
    [
        ("952", 0, 0),
        ("9521234567890", 0, 0),
        ("95212a4", 0, 0),
        (9521234, 0, 0),
        ("9521234", -1, 0),
        ("9521234", 10**9, 0),
        ("9521234", 1.0, 0),
        ("9521234", True, 0),
        ("9521234", 0, 10),
        ("9521234", 0, "1"),
    ],
)
def test_what_makes_no_code_is_refused(prefix: Any, serial: Any, extension: Any) -> None:
    with pytest.raises(InvalidRequestError):
        Sscc.of(prefix, serial, extension=extension)


def test_the_check_digit_is_of_digits_only() -> None:
    assert check_digit("09521234000000001") == "3"
    with pytest.raises(InvalidRequestError):
        check_digit("12 3")
