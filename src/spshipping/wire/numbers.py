"""Numbers on the wire: exact, or refused."""

from decimal import Decimal
from typing import Any

_MOST_DIGITS = 40
"""A longer number is written with an exponent where it is text, and is no whole number of a model."""
_MOST_OF_AN_INT = 4300
"""Digits of the longest whole number that Python reads."""
_MOST_AMOUNTS, _LONGEST_AMOUNT = 1000, 16
"""How many amounts are shared, and how many characters each may have."""
_SMALL = tuple(Decimal(number) for number in range(256))
"""Sizes and weights are mostly small whole numbers: shared, they cost no memory of their own."""
_WORDS = {"true": True, "false": False}


def read_decimal(value: object) -> Decimal:
    """Make a Decimal of a JSON number, or of a float of plain `json.loads`.

    Raises:
        TypeError: it is no number.
        ValueError: it is not finite.
    """
    if value.__class__ is int:
        return _SMALL[value] if 0 <= value < len(_SMALL) else Decimal(value)
    if value.__class__ is Decimal:
        return value
    if value.__class__ is not float:
        raise TypeError("no number")
    return repair_money(value)


def read_money(value: object) -> Decimal:
    """Make a Decimal of the text that Amazon uses for money.

    Raises:
        TypeError: it is no text.
        ArithmeticError: it is no number.
        ValueError: it is no finite number.
    """
    if value.__class__ is not str:
        raise TypeError("no text")
    number = Decimal(value)
    if not number.is_finite() or "_" in value:
        raise ValueError("not finite, or written in Python's own way")
    return number


class _Amounts(dict[str, Decimal]):
    """Amounts by their text: prices repeat, and one number may stand in many models."""

    def __missing__(self, text: str) -> Decimal:
        number = read_money(text)
        if len(text) <= _LONGEST_AMOUNT:
            if len(self) >= _MOST_AMOUNTS:
                self.clear()
            self[text] = number
        return number


AMOUNTS = _Amounts()
"""Gives the Decimal of an amount, as `read_money` does."""


def repair_decimal(value: object) -> Decimal:
    """Make a Decimal of what came in place of a number: text, or a boolean, which is 0 or 1.

    Raises:
        ValueError: it is no finite number.
    """
    return Decimal(int(value)) if isinstance(value, bool) else repair_money(value)


def repair_money(value: object) -> Decimal:
    """Make a Decimal of a number that came as text or as a number; of a float by the digits it shows.

    Raises:
        ValueError: it is no finite number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError("no number")
    if isinstance(value, str) and "_" in value:
        raise ValueError("a number as only Python writes it")
    try:
        number = Decimal(value) if isinstance(value, int | Decimal) else Decimal(str(value).strip())
    except ArithmeticError:
        raise ValueError("no number") from None
    if not number.is_finite():
        raise ValueError("not finite")
    return number


def repair_integer(value: object) -> int:
    """Make a whole number of text, of a number with an empty fraction, or of a boolean.

    Raises:
        ValueError: it is no whole number.
    """
    number = repair_decimal(value)
    if number.adjusted() > _MOST_DIGITS or number != number.to_integral_value():
        raise ValueError("no whole number")
    return int(number)


def repair_boolean(value: object) -> bool:
    """Make a boolean of `true` or `false` as text, or of the numbers 1 and 0.

    Raises:
        ValueError: it is something else.
    """
    if isinstance(value, str):
        value = _WORDS.get(value.strip().lower(), value)
    if isinstance(value, bool):
        return value
    number = repair_money(value)
    if number not in (0, 1):
        raise ValueError("neither true nor false")
    return bool(number)


def repair_text(value: object) -> str:
    """Make text of a number, by its digits, or of a boolean, as JSON writes it.

    Raises:
        ValueError: it is something else.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        raise ValueError("text already")
    return str(value) if isinstance(value, int) else str(repair_money(value))


def exact(value: object) -> "int | Decimal":
    """Return *value*, a number that can be written exactly.

    Raises:
        TypeError: it is a float, or no number.
        ValueError: it is not finite.
    """
    if value.__class__ is int:
        return value
    if not isinstance(value, Decimal):
        raise TypeError(_no_decimal(value))
    if not value.is_finite():
        raise ValueError("not a number that JSON can carry")
    return value


def write_decimal(value: object) -> str:
    """Return the JSON number that is *value*, digit for digit.

    Raises:
        TypeError: it is a float, or no number.
        ValueError: it is not finite.
    """
    text = str(exact(value))
    # a whole number of so many digits is refused by Python's parser, ours too; one with an exponent is not
    is_long = len(text) > _MOST_OF_AN_INT and "." not in text and "E" not in text
    return f"{text}E0" if is_long else text


def plain_number(value: Decimal) -> "int | float | Decimal":
    """Return the number that `json.dumps` takes, if there is one that is exactly *value*."""
    text = str(value)
    if text.removeprefix("-").isdigit() and len(text) <= _MOST_OF_AN_INT:
        return int(text)
    number = float(text)
    return number if Decimal(repr(number)) == value else value


def without_decimals(value: Any) -> Any:
    """Return plain data with an int or a float for each Decimal, where one of these is exactly the same."""
    if value.__class__ is dict:
        return {key: without_decimals(item) for key, item in value.items()}
    if value.__class__ is list:
        return [without_decimals(item) for item in value]
    return plain_number(value) if value.__class__ is Decimal else value


def write_money(value: object) -> str:
    """Return *value* as the plain decimal text that Amazon uses for money.

    Raises:
        TypeError: it is a float, or no number.
        ValueError: it is not finite.
    """
    number = exact(value)
    if isinstance(number, int):
        return str(number)
    return format(number, "f") if abs(number.adjusted()) <= _MOST_DIGITS else str(number)


def _no_decimal(value: object) -> str:
    if isinstance(value, float):
        return 'a float, which is not exact; write Decimal("…") instead'
    return f"{type(value).__name__} where a Decimal belongs"
