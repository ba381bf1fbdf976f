"""Numbers on the wire: exact, or refused."""

from decimal import Decimal

_MOST_DIGITS = 40
_SMALL = tuple(Decimal(number) for number in range(256))
"""Sizes and weights are mostly small whole numbers: shared, they cost no memory of their own."""
_ALWAYS_EXACT = 16
"""Characters, the point among them: a float holds any fifteen digits without loss."""


def read_decimal(value: object) -> Decimal:
    """Make a Decimal of a number that is none yet: a whole one, or a float of plain `json.loads`.

    Raises:
        TypeError: it is no number.
        ValueError: it is not finite.
    """
    if value.__class__ is int:
        return _SMALL[value] if 0 <= value < len(_SMALL) else Decimal(value)
    if value.__class__ is not float:
        raise TypeError("no number")
    return repair_decimal(value)


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


def repair_decimal(value: object) -> Decimal:
    """Make a Decimal of a number that came as text, or as a float: that one by the digits it shows.

    Raises:
        ValueError: it is no finite number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError("no number")
    if isinstance(value, str) and "_" in value:
        raise ValueError("Python's way of writing a number, nobody else's")
    try:
        number = Decimal(value) if isinstance(value, int | Decimal) else Decimal(str(value).strip())
    except ArithmeticError:
        raise ValueError("no number") from None
    if not number.is_finite():
        raise ValueError("not finite")
    return number


def write_decimal(value: object) -> int | float:
    """Return the JSON number that is exactly *value*.

    Raises:
        TypeError: it is a float, or no number.
        ValueError: no JSON number of ordinary precision is exactly this.
    """
    if value.__class__ is int:
        return value
    if not isinstance(value, Decimal):
        raise TypeError(_no_decimal(value))
    text = str(value)
    if len(text) <= _ALWAYS_EXACT and "E" not in text:
        if "." in text:
            return float(text)
        if text.isdigit():
            return int(text)
    if not value.is_finite() or abs(value.adjusted()) > _MOST_DIGITS:
        raise ValueError("not a number that JSON can carry")
    if "." not in text and "E" not in text:
        return int(value)
    number = float(value)
    if repr(number) != text and Decimal(repr(number)) != value:
        raise ValueError("more digits than a JSON number carries exactly; round it first")
    return number


def write_decimal_text(value: object) -> str:
    """Return *value* as the plain decimal text that Amazon uses for money.

    Raises:
        TypeError: it is a float, or no number.
        ValueError: it is not finite.
    """
    if not isinstance(value, Decimal):
        if value.__class__ is int:
            return str(value)
        raise TypeError(_no_decimal(value))
    if not value.is_finite() or abs(value.adjusted()) > _MOST_DIGITS:
        raise ValueError("not a number that can be written")
    return format(value, "f")


def _no_decimal(value: object) -> str:
    if isinstance(value, float):
        return 'a float, which is not exact; write Decimal("…") instead'
    return f"{type(value).__name__} where a Decimal belongs"
