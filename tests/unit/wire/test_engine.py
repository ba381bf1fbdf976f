"""Which reader reads JSON; and that both read the same, and refuse the same."""

import json
import sys
import tomllib
from decimal import Decimal
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spshipping import DecodeError
from spshipping.testing import strategies
from spshipping.wire import engine, text
from tests.at_once import both, digits
from tests.contract.mutations import broken_bytes, written

REFUSED = "refused"
NUMBERS = (
    *(
        "0",
        "-0",
        "7",
        "12345678901234567",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775809",
    ),
    *("9" * 30, "9" * 4300, "-" + "9" * 4300, "9" * 4301, "-" + "9" * 4301, "1" * 5000),
    *(
        "1.10",
        "-0.0",
        "-0e0",
        "0.1234567890123456789",
        "1e400",
        "1e-400",
        "1E5",
        "1E+5",
        "1.5e-7",
        "1e999999999",
    ),
    *("1e99999999999999999999", "1." + "0" * 5000, "9" * 20 + ".5", "19.99999999999999999"),
    *("01", "00", "-01", "1.", ".5", "1.e5", "1e", "1e+", "-", "+1", "1_0", "0x1F", "٣", "1 2"),
    *("NaN", "nan", "Infinity", "-Infinity", "-NaN", "inf", "None", "True", "tru", "nulls", "null", "true"),
)
TEXTS: tuple[bytes, ...] = (
    *(b'"a%cb"' % code for code in (*range(32), 127)),
    *(rb'"\u0000"', rb'"\ud800"', rb'"\ud83d\ude00"', rb'"\ude00\ud83d"', rb'"\ud83dx"', rb'"\uD83D\uDE00x"'),
    *(
        rb'"\u12G4"',
        rb'"\x"',
        rb'"\/"',
        rb'"\"',
        b'"',
        b"'a'",
        '"é漢😀"'.encode(),
        b'"\xed\xa0\x80"',
        b'"\xc0\xaf"',
    ),
    *(
        b'"\xff"',
        b'"\xf0\x80\x80\x80"',
        b'"\xf4\x90\x80\x80"',
        b'"\xf0\x9f\x98"',
        b'"a long text, then \xff"',
    ),
    *(rb'{"\ud800":1}', b'{"\xff":1}', b'{"a\x01":1}', b'{"\xed\xa0\x80":1}'),
)
WHOLES: tuple[bytes, ...] = (
    *(
        b"",
        b" ",
        b" [1 , 2 ] \n\r\t",
        b"\x0b1",
        b"\x0c1",
        b"\xc2\xa01",
        b"1\x00",
        b"[\x001]",
        b"[1,]",
        b"[,1]",
        b"[1 2]",
    ),
    *(
        b'{"a":1,"a":2}',
        b'{"a":{"b":1},"a":{"c":2}}',
        b'{"b":1,"a":2,"b":3}',
        b'{"a":1,}',
        b"{1:2}",
        b'{"a"}',
        b"{",
    ),
    *(
        b"\xef\xbb\xbf[1]",
        b"\xef\xbb\xbf" * 2 + b"[1]",
        b"\xef",
        b"\xff\xfe",
        b"<html>503</html>",
        b"[1]//x",
        b'"a" x',
    ),
    *('"😀"'.encode("utf-16"), '[1, "é"]'.encode("latin-1")),
    *(b"[" * depth + b"]" * depth for depth in (200, 201, 400, 200_000)),
    *(b'{"a":' * depth + b"1" + b"}" * depth for depth in (200, 201, 400, 200_000)),
)


def read(data: bytes) -> Any:
    try:
        return digits(text.parse(data))
    except DecodeError as error:
        return REFUSED, str(error), error.__context__


def is_alike(data: bytes) -> bool:
    """Say whether both readers read the same."""
    without, found = both(lambda: read(data))
    return bool(found == without)


def alike(data: bytes) -> Any:
    """Return what both readers read, and fail where they differ."""
    assert is_alike(data)
    return read(data)


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:20])
def test_both_readers_read_the_same_number_to_the_last_digit(number: str) -> None:
    for form in (number, f"[{number}]", f'{{"a":{number},"b":[{number},1]}}', f" {number}\n"):
        assert is_alike(form.encode())


@pytest.mark.parametrize("data", [*TEXTS, *WHOLES], ids=lambda data: str(data[:20]))
def test_both_readers_take_the_same_for_json(data: bytes) -> None:
    for form in (data, b"[%b]" % data, b'{"a":%b}' % data, data + b"]"):
        assert is_alike(form)


def test_the_last_of_two_fields_of_a_name_counts_and_an_integer_stays_one() -> None:
    assert alike(b'{"a":1,"a":[2]}') == {"a": [digits(2)]}
    assert alike(b"18446744073709551616") == digits(2**64)
    assert alike(b"1.10") == digits(Decimal("1.10"))


@pytest.mark.long
@settings(max_examples=300)
@given(
    strategies.json_values | st.recursive(st.floats() | st.text(), lambda inner: st.lists(inner)),
    st.randoms(),
)
def test_both_readers_agree_on_any_json_and_on_what_is_left_of_it(value: Any, chance: Random) -> None:
    body = written(value).encode("utf-8", "surrogatepass")
    assert is_alike(body)
    assert is_alike(broken_bytes(chance, body))


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Return what sets modules; the engine is that of a new process."""
    monkeypatch.setattr(engine, "_left", engine._WORTH)
    monkeypatch.setattr(engine, "_installed", engine._installed.__wrapped__)
    return monkeypatch


def test_msgspec_is_not_loaded_before_it_pays(fresh: pytest.MonkeyPatch) -> None:
    fresh.setitem(sys.modules, "msgspec", SimpleNamespace(__version__="0.20.0.post1"))
    assert engine.engine(engine._WORTH - 1) is None
    assert engine.engine(1) is None, "the one that makes it pay is read without"
    assert engine.engine(1) is sys.modules["msgspec"]


def test_msgspec_can_be_switched_off_and_on(fresh: pytest.MonkeyPatch) -> None:
    fresh.setitem(sys.modules, "msgspec", SimpleNamespace(__version__="1.0"))
    engine.switch(is_on=False)
    assert [engine.engine(10**9) for _ in range(3)] == [None] * 3
    engine.switch(is_on=True)
    assert engine.engine(0) is sys.modules["msgspec"]


@pytest.mark.parametrize(
    "module",
    [None, SimpleNamespace(), SimpleNamespace(__version__="0.18.6"), SimpleNamespace(__version__="unknown")],
    ids=["absent", "broken", "old", "odd"],
)
def test_without_a_msgspec_that_is_known_to_agree_the_standard_reader_reads(
    fresh: pytest.MonkeyPatch, module: Any
) -> None:
    fresh.setitem(sys.modules, "msgspec", module)
    engine.switch(is_on=True)
    assert engine.engine(0) is None
    fresh.setitem(sys.modules, "msgspec", SimpleNamespace(__version__="1.0"))
    assert engine.engine(10**9) is None, "it is not asked for again"
    assert text.parse(b'{"a":1.10}') == {"a": Decimal("1.10")}
    with pytest.raises(DecodeError):
        text.parse(b"NaN")


def test_the_oldest_version_is_the_one_of_the_extra() -> None:
    package = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))
    (needed,) = package["project"]["optional-dependencies"]["fast"]
    assert needed == f"msgspec>={'.'.join(map(str, engine._OLDEST))}"


def test_the_law_itself_can_say_no() -> None:
    assert digits(json.loads("1.10", parse_float=Decimal)) != digits(Decimal("1.1"))
    assert digits(1) != digits(True)
