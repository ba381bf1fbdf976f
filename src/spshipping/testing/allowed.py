"""What may stay of an operation's requests and answers: a list for each, derived from Amazon's models.

A place that is not in the list is unknown, and what is there is replaced.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import Any

from spshipping.operation import Operation, Parameter
from spshipping.testing.pseudonyms import digits_of
from spshipping.testing.words import shape_of_answer, words
from spshipping.wire.shapes import Shape, fields_of, shape_of


class Allowed(Enum):
    """What may stay in one place; everything else there is replaced."""

    NOTHING = "nothing"
    """It is personal, or free text."""
    WORD = "word"
    """A word that is public: of an enum, a currency, a country, a marketplace, a carrier, an error."""
    BOOLEAN = "boolean"
    NUMBER = "number"
    """An amount, a count or a measure of at most nine digits before the point."""
    TIME = "time"
    """A time, a date or an interval in Amazon's forms."""
    NAMES = "names"
    """Nothing itself; the names of what it holds are those of the API, or are replaced."""
    FREE = "free"
    """What JSON Schema itself says, in an object that no model describes."""


_KINDS = {
    **dict.fromkeys(("str", "enum"), Allowed.WORD),
    **dict.fromkeys(("int", "decimal", "money"), Allowed.NUMBER),
    **dict.fromkeys(("time", "date", "interval"), Allowed.TIME),
    **dict.fromkeys(("model", "list", "map"), Allowed.NAMES),
    **dict.fromkeys(("object", "any"), Allowed.FREE),
    "bool": Allowed.BOOLEAN,
}
_WRITTEN = {
    "text": Allowed.WORD,
    "list": Allowed.WORD,
    "boolean": Allowed.BOOLEAN,
    "integer": Allowed.NUMBER,
    "time": Allowed.TIME,
}
_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,9})?")
_MOST = 10**9
_MOST_EPOCH = 10**13
_MOMENT = r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?"
_TIME = re.compile(rf"{_MOMENT}(--{_MOMENT})?")
_ERROR_FIELDS = ("code", "message", "details")
_ERRORS = (
    *("response.body.errors", "response.body.errors[]", "response.body.payload.errors", "response.body[]"),
    "response.body.payload.errors[]",
)


@cache
def allowed(operation: Operation[Any]) -> Mapping[str, Allowed]:
    """Return what may stay of an operation, by place.

    A place is `path.NAME`, `query.NAME`, `headers.NAME`, or begins with `request.body` or `response.body` and
    goes on with `.NAME` for a field, `[]` for an item of a list and `{}` for an entry of a map.
    """
    found = {f"path.{name}": Allowed.WORD for name in operation.path_names}
    for where, parameters in (("query", operation.query), ("headers", operation.headers)):
        found |= {f"{where}.{parameter.name}": _of_parameter(parameter) for parameter in parameters}
    if operation.body:
        found |= _places(shape_of(operation.body)[0], "request.body")
    for place in _ERRORS:
        found[place] = Allowed.NAMES
        found |= {f"{place}.{name}": Allowed.WORD for name in _ERROR_FIELDS}
    answer = shape_of_answer(operation)
    for place in ("response.body", "response.body.payload"):
        found[place] = Allowed.NAMES
        if answer:
            found |= _places(answer, place)
    return MappingProxyType(found)


def _of_parameter(parameter: Parameter) -> Allowed:
    if parameter.is_personal or parameter.is_key:
        return Allowed.NOTHING
    return _WRITTEN[parameter.written]


def _places(shape: Shape, place: str, *, is_personal: bool = False) -> dict[str, Allowed]:
    return dict(_walk(shape, place, is_personal=is_personal))


def _walk(shape: Shape, place: str, *, is_personal: bool) -> Iterator[tuple[str, Allowed]]:
    kind = _KINDS[shape.kind]
    yield place, Allowed.NOTHING if is_personal and kind is not Allowed.NAMES else kind
    if shape.kind == "model":
        for field in fields_of(shape.cls):
            hidden = is_personal or field.is_personal
            yield from _walk(field.shape, f"{place}.{field.wire}", is_personal=hidden)
    elif shape.item is not None:
        mark = "[]" if shape.kind == "list" else "{}"
        yield from _walk(shape.item, place + mark, is_personal=is_personal)


def may_stay(rule: Allowed, value: Any) -> bool:
    """Say whether a text, a number or a boolean may stay where *rule* holds."""
    if isinstance(value, bool):
        return rule is Allowed.BOOLEAN
    if isinstance(value, int | Decimal):
        if rule is Allowed.TIME:
            return 0 <= value < _MOST_EPOCH
        return rule is Allowed.NUMBER and -_MOST < value < _MOST and _has_few_digits(value)
    if rule is Allowed.NUMBER:
        return _NUMBER.fullmatch(value) is not None and value.isascii()
    if rule is Allowed.TIME:
        return _TIME.fullmatch(value) is not None and value.isascii()
    if rule is Allowed.BOOLEAN:
        return value in ("true", "false")
    return rule is Allowed.WORD and value in words()


def _has_few_digits(value: int | Decimal) -> bool:
    return _NUMBER.fullmatch(digits_of(value)) is not None
