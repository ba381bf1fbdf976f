"""Strategies of hypothesis: any value that a model, a field or a JSON object may hold."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache, partial
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from spshipping.testing.source import is_within, value_of
from spshipping.wire.enums import OpenEnum
from spshipping.wire.limits import Length, Limit, Pattern, Range
from spshipping.wire.model import Model
from spshipping.wire.shapes import Shape, fields_of
from spshipping.wire.times import DateTimeInterval

M = TypeVar("M", bound=Model)
_MANY = 10**12

texts: SearchStrategy[str] = st.text(st.characters(codec="utf-8"), max_size=8)
"""Short text, of any script, without halves of surrogate pairs."""

decimals: SearchStrategy[Decimal] = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places), st.integers(-_MANY, _MANY), st.integers(0, 4)
)
"""Decimals that a JSON number carries exactly."""

times: SearchStrategy[datetime] = st.builds(
    lambda time, minutes, unit: time.replace(
        microsecond=time.microsecond // unit * unit,
        tzinfo=timezone(timedelta(minutes=minutes)) if minutes else UTC,
    ),
    st.datetimes(datetime(1900, 1, 2), datetime(2200, 1, 1)),  # noqa: DTZ001 - the zone is put on above
    st.sampled_from((0, 0, 60, 330, -480)),
    st.sampled_from((1, 1_000, 1_000_000)),
)
"""Aware times, in several zones: whole seconds, milliseconds, microseconds."""

_fractions = st.builds(lambda digits: Decimal(digits).scaleb(-2), st.integers(-_MANY, _MANY))
json_values: SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-_MANY, _MANY) | _fractions | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
json_objects: SearchStrategy[dict[str, Any]] = st.dictionaries(texts, json_values, max_size=3)

_PLAIN: dict[str, SearchStrategy[Any]] = {
    "str": texts,
    "int": st.integers(-_MANY, _MANY),
    "bool": st.booleans(),
    "decimal": decimals,
    "money": decimals,
    "time": times,
    "date": st.dates(),
    "interval": st.builds(DateTimeInterval, times, times),
    "object": json_objects,
    "any": json_values.filter(lambda value: value is not None),
}


def _limited(limits: tuple[Limit, ...]) -> SearchStrategy[Any] | None:
    """Values within the limits that shape a value from the start; the others are filtered."""
    for limit in limits:
        if isinstance(limit, Pattern):
            return st.from_regex(limit.regex, fullmatch=True)
        if isinstance(limit, Length):
            characters = st.characters(codec="utf-8")
            return st.text(characters, min_size=limit.least, max_size=min(limit.most, limit.least + 8))
        assert isinstance(limit, Range)  # noqa: S101 - what a list may count is for its members
        return st.integers(limit.least, limit.most)
    return None


class _Strategies:
    """Builds strategies."""

    def __init__(self, *, unlisted: bool) -> None:
        self._unlisted = unlisted

    def leaf(self, kind: str, limits: tuple[Limit, ...], name: str) -> SearchStrategy[Any]:  # noqa: ARG002 - the protocol's
        """Any value within the limits."""
        limited = _limited(limits)
        made = _PLAIN[kind] if limited is None else limited
        return made.filter(partial(is_within, limits)) if len(limits) > 1 else made

    def enum(self, cls: type[OpenEnum]) -> SearchStrategy[Any]:
        """Listed values, and perhaps others."""
        listed = st.sampled_from(list(cls))
        return listed | texts.map(cls) if self._unlisted else listed

    def items(self, item: SearchStrategy[Any], least: int) -> SearchStrategy[Any]:
        """Short lists."""
        return st.lists(item, min_size=least, max_size=least + 1)

    def entries(self, item: SearchStrategy[Any]) -> SearchStrategy[Any]:
        """Small dictionaries."""
        return st.dictionaries(texts, item, max_size=2)

    def model(
        self,
        cls: Any,
        required: Mapping[str, SearchStrategy[Any]],
        optional: Mapping[str, SearchStrategy[Any]],
    ) -> SearchStrategy[Any]:
        """Instances with and without what is optional."""
        parts = {**required, **{name: st.none() | part for name, part in optional.items()}}
        ordered = {field.name: parts[field.name] for field in fields_of(cls) if field.name in parts}
        return st.fixed_dictionaries(ordered).map(lambda fields: cls(**fields))

    def one_of(self, values: list[SearchStrategy[Any]]) -> SearchStrategy[Any]:
        """Any of them."""
        return st.one_of(values)


@cache
def values(shape: Shape, *, unlisted: bool = True) -> SearchStrategy[Any]:
    """Return what a field of this shape may hold, within its limits.

    Args:
        shape: of the field, see `spshipping.wire.shapes`.
        unlisted: enums take values that Amazon has not announced, too.
    """
    return value_of(shape, _Strategies(unlisted=unlisted))


def models(cls: type[M], *, unlisted: bool = True) -> SearchStrategy[M]:
    """Return instances of a model class: what is required always, what is optional sometimes.

    Args:
        cls: any model of this package, such as `GetRatesRequest`.
        unlisted: enums take values that Amazon has not announced, too.
    """
    return values(Shape("model", cls), unlisted=unlisted)
