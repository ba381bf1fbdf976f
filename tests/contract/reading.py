"""What must come of any JSON whatsoever, told without the package's decoder: the judge of the fuzz."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from spshipping.meta import Deviation
from spshipping.wire.model import Model, extra
from spshipping.wire.shapes import Field, Shape, fields_of
from spshipping.wire.text import NOTHING
from spshipping.wire.times import DateTimeInterval
from tests.contract.wellformed import exact, fits

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND = 253402300799
_MILLISECONDS_FROM = 10**11
_GONE = object()
_TYPES: dict[str, type] = {"time": datetime, "date": date, "interval": DateTimeInterval}


class Leaf(NamedTuple):
    """What becomes of a plain value."""

    kind: str
    """`fits`, `converted`, `unreadable`, or `open` where either of the last two is right."""
    value: Any = None


UNREADABLE = Leaf("unreadable")
OPEN = Leaf("open")


def _number(raw: Any) -> Decimal | None:
    if isinstance(raw, bool) or not isinstance(raw, int | str | Decimal):
        return None
    try:
        # Python alone writes 1_000, and no answer is Python
        number = Decimal(raw.strip().replace("_", "?") if isinstance(raw, str) else raw)
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def _text(raw: Any, shape: Shape) -> Leaf:
    make = shape.cls if shape.kind == "enum" else str
    if isinstance(raw, str):
        return Leaf("fits", make(raw))
    if not isinstance(raw, int | Decimal):
        return UNREADABLE
    return Leaf("converted", make(str(raw).lower() if isinstance(raw, bool) else str(raw)))


def _whole(raw: Any) -> Leaf:
    if type(raw) is int:
        return Leaf("fits", raw)
    number = Decimal(raw) if isinstance(raw, bool) else _number(raw)
    if number is None or number.adjusted() > 40:
        return UNREADABLE
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    if exponent < 0 and any(digits[exponent:]):
        return UNREADABLE
    return Leaf("converted", int(number))


def _boolean(raw: Any) -> Leaf:
    if isinstance(raw, bool):
        return Leaf("fits", raw)
    word = raw.strip().lower() if isinstance(raw, str) else None
    if word in ("true", "false"):
        return Leaf("converted", word == "true")
    number = _number(raw)
    return Leaf("converted", number == 1) if number in (0, 1) else UNREADABLE


def _decimal(raw: Any, own: tuple[type, ...]) -> Leaf:
    if isinstance(raw, bool) and str not in own:
        return Leaf("converted", Decimal(raw))
    number = _number(raw)
    if number is None:
        return UNREADABLE
    return Leaf("fits" if isinstance(raw, own) else "converted", number)


def _time(raw: Any) -> Leaf:
    if isinstance(raw, str):
        try:
            time = datetime.fromisoformat(raw)
        except ValueError:
            return OPEN
        return Leaf("fits", time) if time.tzinfo else Leaf("converted", time.replace(tzinfo=UTC))
    if type(raw) is int and 0 <= raw < _LAST_SECOND * 1000:
        unit = 1000 if raw >= _MILLISECONDS_FROM else 1
        return Leaf("converted", _EPOCH + timedelta(microseconds=raw * 1_000_000 // unit))
    return OPEN if isinstance(raw, int | Decimal) and not isinstance(raw, bool) else UNREADABLE


def _of_text(raw: Any, shape: Shape) -> Leaf:
    if not isinstance(raw, str):
        return OPEN if shape.kind == "date" else UNREADABLE
    if not fits(raw, shape):
        return OPEN
    return Leaf("fits", date.fromisoformat(raw) if shape.kind == "date" else DateTimeInterval.parse(raw))


def leaf(raw: Any, shape: Shape) -> Leaf:
    """Tell what becomes of a value that has no parts with a shape of their own."""
    kind = shape.kind
    if kind == "any":
        return Leaf("fits", raw)
    if raw is None:
        return UNREADABLE
    if kind in ("str", "enum"):
        return _text(raw, shape)
    if kind == "int":
        return _whole(raw)
    if kind == "bool":
        return _boolean(raw)
    if kind in ("decimal", "money"):
        return _decimal(raw, (int, Decimal) if kind == "decimal" else (str,))
    if kind == "time":
        return _time(raw)
    if kind == "object":
        return Leaf("fits", raw) if isinstance(raw, dict) else UNREADABLE
    return _of_text(raw, shape)


def is_empty(data: Any, shape: Shape) -> bool:
    """Say whether an answer is empty in another way than an object or a list that may be empty."""
    if shape.kind == "model" and any(field.is_required for field in fields_of(shape.cls)):
        return False
    return data is NOTHING or data in (None, {} if shape.kind == "list" else [])


def is_foreign(data: Any, shape: Shape) -> bool:
    """Say whether nothing at all can be made of a whole answer."""
    if is_empty(data, shape):
        return False
    if shape.kind == "model" and isinstance(data, dict):
        fields = fields_of(shape.cls)
        return any(f.is_required for f in fields) and not any(f.wire in data for f in fields)
    return type(data) is not (dict if shape.kind in ("model", "object", "map") else list)


class Judge:
    """Walks through JSON and what was made of it, and asserts that each value is what it must be."""

    def __init__(self, deviations: Iterable[Deviation]) -> None:
        self._told: Counter[tuple[str, str]] = Counter(deviations)
        self._due: Counter[tuple[str, str]] = Counter()

    def judge(self, data: Any, shape: Shape, got: Any) -> None:
        """Assert that *got* is what must come of *data*, and the deviations just the repairs it took."""
        if is_foreign(data, shape):
            assert got is None
            self._due["", "unreadable"] += 1
        elif is_empty(data, shape):
            kind = "missing" if data is NOTHING else "null" if data is None else "converted"
            self._due["", kind] += 1
            self._part([] if shape.kind == "list" else {}, shape, got, "")
        else:
            self._part(data, shape, got, "")
        assert self._told == self._due

    def _part(self, raw: Any, shape: Shape, got: Any, path: str) -> bool:
        """Judge what is not unreadable; say whether something in it was left out that its owner keeps."""
        if shape.kind == "model":
            self._model(raw, shape.cls, got, path)
        elif shape.kind == "list":
            assert type(got) is list
            return self._members(enumerate(raw), shape, iter(got), path)
        elif shape.kind == "map":
            assert [key for key in raw if key in got] == list(got)
            return self._members(raw.items(), shape, iter(got.values()), path)
        else:
            self._leaf(raw, shape, got, path)
        return False

    def _leaf(self, raw: Any, shape: Shape, got: Any, path: str) -> None:
        expected = leaf(raw, shape)
        if expected is OPEN:
            assert type(got) is _TYPES[shape.kind]
            assert not isinstance(got, datetime) or got.utcoffset() is not None
        else:
            assert exact(got) == exact(expected.value), path
        if expected.kind != "fits":
            self._due[path, "converted"] += 1

    def _is_unreadable(self, raw: Any, shape: Shape, path: str) -> bool:
        if shape.kind in ("model", "map", "list"):
            return type(raw) is not (list if shape.kind == "list" else dict)
        expected = leaf(raw, shape)
        return bool(self._told[path, "unreadable"]) if expected is OPEN else expected is UNREADABLE

    def _members(self, pairs: Iterable[tuple[Any, Any]], shape: Shape, got: Iterator[Any], path: str) -> bool:
        assert shape.item is not None
        has_left_out = False
        for key, raw in pairs:
            here = f"{path}[{key if shape.kind == 'list' else '*'}]"
            if self._is_unreadable(raw, shape.item, here):
                self._due[here, "unreadable"] += 1
                has_left_out = True
            elif self._part(raw, shape.item, next(got, _GONE), here):
                has_left_out = True
        assert list(got) == []
        return has_left_out

    def _model(self, data: dict[str, Any], cls: type[Model], got: Any, path: str) -> None:
        assert type(got) is cls
        fields = fields_of(cls)
        known = {field.wire for field in fields}
        kept = {name: value for name, value in data.items() if name not in known}
        for field in fields:
            here = f"{path}.{field.wire}" if path else field.wire
            if self._field(data, field, getattr(got, field.name, _GONE), here):
                kept[field.wire] = data[field.wire]
        assert exact(dict(extra(got))) == exact(kept), path

    def _field(self, data: dict[str, Any], field: Field, got: Any, path: str) -> bool:
        """Judge one field; say whether its original must be kept."""
        raw = data.get(field.wire)
        absent: Any = None if not field.is_required else [] if field.shape.kind == "list" else _GONE
        if raw is None:
            if field.is_required:
                self._due[path, "null" if field.wire in data else "missing"] += 1
            assert exact(got) == exact(absent)
            return field.is_required and field.wire in data
        if self._is_unreadable(raw, field.shape, path):
            self._due[path, "unreadable"] += 1
            assert exact(got) == exact(absent)
            return True
        return self._part(raw, field.shape, got, path)


def leads_somewhere(holder: Any, path: str) -> bool:
    """Say whether an error's path names a place in a model: a field, a member, or what came beside."""
    if not path:
        return True
    if isinstance(holder, Model):
        path = path.removeprefix(".")
        if path in (str(name).encode("ascii", "backslashreplace").decode() for name in extra(holder)):
            return True
        name, rest = re.fullmatch(r"(\w*)(.*)", path, re.DOTALL).groups()  # type: ignore[union-attr]  # it matches anything
        return name in holder.__wire_names__ and leads_somewhere(getattr(holder, name, None), rest)
    found = re.match(r"\[(\d+|\*)\]", path)
    if not found or not isinstance(holder, list | dict):
        return False
    if isinstance(holder, dict):  # by which key is not said: any value may be the one
        members = list(holder.values())
    else:
        members = [member for index, member in enumerate(holder) if str(index) == found[1]]
    return any(leads_somewhere(member, path[found.end() :]) for member in members)
