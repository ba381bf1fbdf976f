"""JSON text: UTF-8, exact decimals, nothing that is not JSON."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from json.encoder import encode_basestring
from typing import Any, NoReturn

from spshipping.errors import DecodeError
from spshipping.wire.engine import engine

JsonObject = dict[str, Any]
"""A free-form JSON object; its fractions are Decimals."""


class _Nothing:
    """The type of NOTHING."""

    __slots__ = ()


NOTHING = _Nothing()
"""Stands for the JSON of an answer without a body."""

LEVELS = 200
"""How deep what no model describes may be nested; what is deeper breaks copies and pickles."""


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


@functools.cache
def _decoder() -> json.JSONDecoder:
    from decimal import Decimal  # loaded with the first answer, not with a client

    return json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse)


@functools.cache
def _quick(msgspec: Any) -> Callable[[bytes], Any]:
    from decimal import Decimal

    read: Callable[[bytes], Any] = msgspec.json.Decoder(float_hook=Decimal).decode
    return read


class _Digits(Exception):  # noqa: N818 - a signal to take the slow way, never seen outside
    """A number has digits that no float shows."""


def _by_float(value: object) -> float:
    """Return the float that is written with the digits of *value*; the quick writer knows no Decimal."""
    from spshipping.wire.numbers import write_decimal

    text = write_decimal(value)
    number = float(text)
    if repr(number) != text:
        raise _Digits
    return number


_encoder = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":"), default=_by_float
)


quote: Callable[[str], str] = encode_basestring
"""Write text as a JSON string."""


_FAR = rb"\xf0[\x80-\xbf]{3}"
"""A character such as an emoji: a single one makes Python store a whole text in four bytes a letter."""


def _escape(found: re.Match[bytes]) -> bytes:
    """Write the character as JSON's two escapes, unless a backslash stands before it."""
    start = found.start()
    if found.string[start - 1 : start] == b"\\":
        return found[0]
    pair = found[0].decode().encode("utf-16-be")
    return b"\\u%b\\u%b" % (pair[:2].hex().encode(), pair[2:].hex().encode())


def parse(data: bytes) -> Any:
    """Parse JSON bytes; every number with a fraction or an exponent becomes a Decimal.

    Raises:
        DecodeError: not UTF-8, not JSON, nested too deep, or a number with thousands of digits.
    """
    msgspec = engine(len(data))
    if msgspec:
        try:
            return _quick(msgspec)(data)
        except Exception:  # noqa: S110 - what it does not read, the standard reader may, or names the reason
            pass
    try:
        if b"\xf0" in data:
            data = re.sub(_FAR, _escape, data)
        return _decoder().decode(data.decode("utf-8-sig" if data[:1] == b"\xef" else "utf-8"))
    except (ValueError, RecursionError, ArithmeticError) as error:
        reason = type(error).__name__
    # outside the handler: a JSONDecodeError holds the whole body, and tracebacks show contexts and variables
    del data
    raise DecodeError(f"the answer is no JSON ({reason})")


def is_shallow(value: Any) -> bool:
    """Say whether parsed JSON is nested no deeper than `LEVELS`, and so safe for whatever recurses."""
    level = [value] if value.__class__ is dict or value.__class__ is list else []
    left = LEVELS
    while level:
        if not left:
            return False
        left -= 1
        inner: list[Any] = []
        for parent in level:
            for part in parent.values() if parent.__class__ is dict else parent:
                if part.__class__ is dict or part.__class__ is list:
                    inner.append(part)  # noqa: PERF401 - a comprehension is slower for the few there are
        level = inner
    return True


def bounded(value: Any) -> Any:
    """Return parsed JSON as it is.

    Raises:
        ValueError: it is nested too deep.
    """
    if not is_shallow(value):
        raise ValueError("nested too deep")
    return value


def write(value: Any) -> str:
    """Write plain data as compact JSON; a Decimal is written digit for digit.

    Raises:
        TypeError: it holds something that JSON has no form for.
        ValueError: it holds NaN or an infinity.
    """
    try:
        return _encoder.encode(value)
    except _Digits:
        pass
    return _written(value)


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{','.join(f'{_key(key)}:{_written(item)}' for key, item in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_written, value))}]"
    if isinstance(value, str | int | float | None):  # a bool is an int
        return _encoder.encode(value)
    from spshipping.wire.numbers import write_decimal

    return write_decimal(value)


def _key(key: Any) -> str:
    """Write a key as the quick writer does, which makes text of numbers and None."""
    return quote(key) if isinstance(key, str) else _encoder.encode({key: 0})[1:-3]


_HALVES = "[\ud800-\udfff]"


def render(value: Any) -> bytes:
    """Write plain data as compact JSON in UTF-8; half of a surrogate pair is written as an escape.

    Raises:
        TypeError: it holds something that JSON has no form for.
        ValueError: it holds NaN or an infinity.
    """
    text = write(value)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return re.sub(_HALVES, lambda half: f"\\u{ord(half[0]):04x}", text).encode()
