from decimal import Decimal

import pytest

from spshipping import DecodeError
from spshipping.wire import text


def test_fractions_are_decimals_and_whole_numbers_integers() -> None:
    assert text.parse(b'{"a": 19.99999999999999999, "b": 5, "c": 1e2}') == {
        "a": Decimal("19.99999999999999999"),
        "b": 5,
        "c": Decimal("1e2"),
    }


def test_a_byte_order_mark_is_tolerated() -> None:
    assert text.parse(b"\xef\xbb\xbf[1]") == [1]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>503</html>",
        b'{"a": NaN}',
        b'{"a": 1} trailing',
        b"\xff\xfe",
        b"\xef",
        b"9" * 5000,
        b"[" * 200_000,
        b'{"name": "Ada Example", ',
    ],
)
def test_what_is_no_json_is_a_decode_error_without_the_text(data: bytes) -> None:
    with pytest.raises(DecodeError, match="no JSON") as caught:
        text.parse(data)
    assert caught.value.__context__ is None
    assert "Ada" not in str(caught.value)


def test_json_is_compact_utf8_and_writes_decimals() -> None:
    assert text.render({"a": ["é", Decimal("1.5")]}) == '{"a":["é",1.5]}'.encode()


@pytest.mark.parametrize("value", [float("nan"), "\ud800", object()])
def test_what_json_cannot_carry_is_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        text.render(value)
