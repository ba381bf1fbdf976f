import json
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
        '"😀"',
        '{"😀": ["a😀b", "𐍈", "\U0010ffff", "é漢"]}',
        r'"\\😀"',
        r'"\ud83d😀\ude00"',
        r'"\u0041😀\n😀😀"',
    ],
)
def test_rare_characters_are_read_wherever_they_stand(data: str) -> None:
    assert text.parse(data.encode()) == json.loads(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        "😀".encode(),
        '"\\😀"'.encode(),
        b'"\xf0\x80\x80\x80"',
        b'"\xf0\x9f\x98"',
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


def nested(depth: int, *, of: type) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value] if of is list else {"a": 1, "b": value}
    return value


@pytest.mark.parametrize("kind", [list, dict])
def test_what_is_nested_deeper_than_200_is_out_of_bounds(kind: type) -> None:
    for shallow in (1, "text", None, nested(1, of=kind), nested(text.LEVELS, of=kind)):
        assert text.bounded(shallow) is shallow
    for deep in (nested(text.LEVELS + 1, of=kind), nested(100_000, of=kind)):
        assert not text.is_shallow(deep)
        with pytest.raises(ValueError, match="nested too deep"):
            text.bounded(deep)


def test_a_long_flat_answer_is_not_a_deep_one() -> None:
    assert text.is_shallow([{"a": [number]} for number in range(1000)])


def test_json_is_compact_utf8_and_writes_decimals() -> None:
    assert text.render({"a": ["é", Decimal("1.5")]}) == '{"a":["é",1.5]}'.encode()


def test_b4_numbers_and_text_that_no_float_and_no_utf8_can_hold_are_written_all_the_same() -> None:
    value = {"a": Decimal("2.00000"), 'k"': ["é", True, None, 7, 1.5, ()], "half": "\ud800"}
    written = text.render({**value, "o": {"b": Decimal("0.1234567890123456789")}})
    assert written.decode().startswith('{"a":2.00000,"k\\"":["é",true,null,7,1.5,[]],"half":"\\ud800"')
    assert text.parse(written) == {
        **value,
        'k"': ["é", True, None, 7, Decimal("1.5"), []],
        "o": {"b": Decimal("0.1234567890123456789")},
    }


@pytest.mark.parametrize("key", [1, None, True])
def test_a_key_that_is_no_text_is_written_as_json_writes_it(key: object) -> None:
    odd, plain = Decimal("2.00000"), Decimal("2.5")
    assert text.write({key: odd}) == text.write({key: plain}).replace("2.5", "2.00000")


@pytest.mark.parametrize("value", [float("nan"), object(), [Decimal("2.00"), object()]])
def test_what_json_cannot_carry_is_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        text.render(value)
