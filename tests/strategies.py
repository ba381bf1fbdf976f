"""Any value that a model, a field or a JSON object may hold, for tests with hypothesis."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from spshipping.wire.enums import OpenEnum
from spshipping.wire.limits import Count, Length, Limit, Pattern, Range
from spshipping.wire.shapes import Field, Shape, fields_of
from spshipping.wire.times import DateTimeInterval

_MANY = 10**12

texts = st.text(st.characters(codec="utf-8"), max_size=8)
"""Short text, of any script, without halves of surrogate pairs."""

decimals = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places), st.integers(-_MANY, _MANY), st.integers(0, 4)
)
"""Decimals that a JSON number carries exactly."""

times = st.builds(
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
json_objects = st.dictionaries(texts, json_values, max_size=3)

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


def _limited(shape: Shape) -> SearchStrategy[Any] | None:
    """Values within the limits that shape a value from the start; the others are filtered."""
    for limit in shape.limits:
        if isinstance(limit, Pattern):
            return st.from_regex(limit.regex, fullmatch=True)
        if isinstance(limit, Length):
            characters = st.characters(codec="utf-8")
            return st.text(characters, min_size=limit.least, max_size=min(limit.most, limit.least + 8))
        if isinstance(limit, Range):
            return st.integers(limit.least, limit.most)
    return None


def _enums(enum: type[OpenEnum], *, unlisted: bool) -> SearchStrategy[OpenEnum]:
    listed = st.sampled_from(list(enum))
    return listed | texts.map(enum) if unlisted else listed


def _keeps(limits: tuple[Limit, ...], value: Any) -> bool:
    return all(limit.problem(value) is None for limit in limits)


def values(shape: Shape, *, unlisted: bool = True) -> SearchStrategy[Any]:
    """Return what a field of this shape may hold, within its limits.

    Args:
        shape: of the field, see `fields_of`.
        unlisted: enums take values that Amazon has not announced, too.
    """
    if shape.kind == "model":
        return models(shape.cls, unlisted=unlisted)
    if shape.kind == "enum":
        return _enums(shape.cls, unlisted=unlisted)
    if shape.item is not None:
        inner = values(shape.item, unlisted=unlisted)
        if shape.kind == "map":
            return st.dictionaries(texts, inner, max_size=2)
        least = max((limit.least for limit in shape.limits if isinstance(limit, Count)), default=0)
        return st.lists(inner, min_size=least, max_size=least + 1)
    limited = _limited(shape)
    made = _PLAIN[shape.kind] if limited is None else limited
    return made.filter(lambda value: _keeps(shape.limits, value)) if len(shape.limits) > 1 else made


def _field(field: Field, *, unlisted: bool) -> SearchStrategy[Any]:
    held = values(field.shape, unlisted=unlisted)
    return held if field.is_required else st.none() | held


@cache
def models(cls: Any, *, unlisted: bool = True) -> SearchStrategy[Any]:
    """Return instances of a model class: what is required always, what is optional sometimes.

    Args:
        cls: a class made with `camel` or `pascal`.
        unlisted: enums take values that Amazon has not announced, too.
    """
    parts = {field.name: _field(field, unlisted=unlisted) for field in fields_of(cls)}
    choice: tuple[str, ...] = cls.__exactly_one__
    if not choice:
        return st.fixed_dictionaries(parts).map(lambda fields: cls(**fields))
    shapes = {field.name: field.shape for field in fields_of(cls)}
    others = {name: part for name, part in parts.items() if name not in choice}
    return st.one_of(
        [
            st.fixed_dictionaries({**others, name: values(shapes[name], unlisted=unlisted)}).map(
                lambda fields: cls(**fields)
            )
            for name in choice
        ]
    )
