"""Factories: a valid instance of any model, with as little or as much as it may have."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from spshipping.testing.source import is_within, model_of
from spshipping.wire.limits import Length, Limit, Range
from spshipping.wire.model import Model, replace
from spshipping.wire.times import DateTimeInterval

M = TypeVar("M", bound=Model)

TIME = datetime(2026, 6, 15, 9, tzinfo=UTC)
"""The first time that factories use; it is where time stands in `sandbox()` too."""
_TEXTS: Mapping[str, str] = {
    "name": "Ada Example",
    "company_name": "Example Ltd",
    "address_line1": "12 Orchard Row",
    "address_line2": "Flat 3",
    "city": "Bristol",
    "county": "Avon",
    "state_or_region": "Avon",
    "postal_code": "BS1 5TR",
    "country_code": "GB",
    "currency": "GBP",
    "currency_code": "GBP",
    "unit": "GBP",
    "email": "ada@example.com",
    "phone": "+44 1632 960002",
    "phone_number": "+44 1632 960002",
    "marketplace_id": "A1F83G8C2ARO7P",
    "amazon_order_id": "026-1520163-6049104",
    "order_id": "026-1520163-6049104",
    "asin": "B000000000",
    "time_zone": "Europe/London",
    "locale": "en_GB",
    "url": "https://example.com/",
}
"""What texts say, by the name of the field; others say the name of the field."""
_PATTERNED = ("GB", "UN1234", "1.1", "arn:aws:sqs:eu-west-1:123456789012:orders")
"""Texts in the forms that some fields must have."""
_VALUES: Mapping[str, Callable[[int], Any]] = {
    "int": lambda number: 1 + number,
    "bool": lambda number: number % 2 == 0,
    "decimal": lambda number: Decimal(150 + number).scaleb(-2),
    "money": lambda number: Decimal(999 + number).scaleb(-2),
    "time": lambda number: TIME + timedelta(hours=number),
    "date": lambda number: date(2026, 6, 15) + timedelta(days=number),
    "interval": lambda number: DateTimeInterval(TIME, TIME + timedelta(hours=1 + number)),
    "object": lambda number: {"number": number},
    "any": lambda number: f"any {number}",
}
"""What other kinds hold; a factory with a seed gives them numbers up to 99, the others 0."""


def minimal(cls: type[M], /, **fields: Any) -> M:
    """Return an instance with what is required alone; lists are as short as they may be.

    Args:
        cls: any model of this package.
        fields: take the place of what the factory would choose.

    Raises:
        TypeError: the model has no such field.
    """
    return _made(cls, lambda: False, lambda: 0, fields)


def full(cls: type[M], /, **fields: Any) -> M:
    """Return an instance with every field, as deep as the model goes; the rest is as for `minimal`."""
    return _made(cls, lambda: True, lambda: 0, fields)


def valid(cls: type[M], /, *, seed: int = 0, **fields: Any) -> M:
    """Return an instance with some of the optional fields; equal seeds give equal instances.

    Args:
        cls: any model of this package.
        seed: determines what it has, and what that says.
        fields: take the place of what the factory would choose.
    """
    chance = Random(f"{seed}/{cls.__module__}.{cls.__qualname__}")  # noqa: S311 - not for secrets
    return _made(cls, lambda: chance.random() < 0.5, lambda: chance.randrange(100), fields)


def _made(cls: type[M], has: Callable[[], bool], number: Callable[[], int], fields: Mapping[str, Any]) -> M:
    made: M = model_of(cls, _Factory(has, number))
    return replace(made, **fields) if fields else made


class _Factory:
    """Builds values."""

    def __init__(self, has: Callable[[], bool], number: Callable[[], int]) -> None:
        """Build values.

        Args:
            has: whether the next thing that is optional is there.
            number: makes values differ.
        """
        self._has = has
        self._number = number

    def leaf(self, kind: str, limits: tuple[Limit, ...], name: str) -> Any:
        """A value that says what it is."""
        number = self._number()
        if kind == "str":
            return _text(limits, name, number)
        value = _VALUES[kind](number)
        for limit in (each for each in limits if isinstance(each, Range)):
            value = min(max(value, limit.least), limit.most)
        return value

    def enum(self, cls: Any) -> Any:
        """One of the listed values."""
        listed = list(cls)
        return listed[self._number() % len(listed)]

    def items(self, item: Any, least: int) -> Any:
        """A list of one item, or as short as it may be."""
        return [item] * max(least, self._has())

    def entries(self, item: Any) -> Any:
        """A dictionary with one entry, or none."""
        return {"key": item} if self._has() else {}

    def model(self, cls: Any, required: Mapping[str, Any], optional: Mapping[str, Any]) -> Any:
        """An instance."""
        return cls(**required, **{name: part for name, part in optional.items() if self._has()})

    def one_of(self, values: list[Any]) -> Any:
        """One of them."""
        return values[self._number() % len(values)]


def _text(limits: tuple[Limit, ...], name: str, number: int) -> str:
    known = _TEXTS.get(name)
    text = known or (f"{name.replace('_', ' ')} {number}" if number else name.replace("_", " "))
    for limit in limits:
        if isinstance(limit, Length):
            text = text[: limit.most].ljust(limit.least, "x")
    return next(each for each in (text, *_PATTERNED) if is_within(limits, each))
