"""The repairing decoder: reads what can be read of a broken answer, and names each repair."""

import functools
from collections.abc import Callable
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from cattrs import Converter

from spshipping.meta import Deviation
from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import Model
from spshipping.wire.numbers import repair_decimal
from spshipping.wire.shapes import Field, Shape, fields_of
from spshipping.wire.text import bounded, is_shallow
from spshipping.wire.times import DateTimeInterval, read_date, read_time, repair_time

_log: ContextVar[list[Deviation]] = ContextVar("repairs")
_WORDS = {"true": True, "false": False}


class UnreadableError(ValueError):
    """Nothing of this value can be kept."""


def _converted() -> None:
    _log.get().append(Deviation("", "converted"))


def _text(value: Any, _: Any) -> str:
    if value.__class__ is str:
        return value
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise UnreadableError
    _converted()
    return str(value)


def _integer(value: Any, _: Any) -> int:
    if value.__class__ is int:
        return value
    number = repair_decimal(value)
    if number.adjusted() > 30 or number != number.to_integral_value():
        raise UnreadableError
    _converted()
    return int(number)


def _boolean(value: Any, _: Any) -> bool:
    if value.__class__ is bool:
        return value
    if not isinstance(value, str) or value.lower() not in _WORDS:
        raise UnreadableError
    _converted()
    return _WORDS[value.lower()]


def _decimal(value: Any, _: Any) -> Decimal:
    if value.__class__ is str:
        _converted()
    return repair_decimal(value)


def _money(value: Any) -> Decimal:
    if value.__class__ is not str:
        _converted()
    return repair_decimal(value)


def _time(value: Any, _: Any) -> datetime:
    try:
        return read_time(value)
    except (ValueError, TypeError):
        time = repair_time(value)
    _converted()
    return time


def _date(value: Any, _: Any) -> date:
    try:
        return read_date(value)
    except (ValueError, TypeError):
        day = repair_time(value).date()
    _converted()
    return day


def _interval(value: Any, _: Any) -> DateTimeInterval:
    if not isinstance(value, str):
        raise UnreadableError
    try:
        return DateTimeInterval.parse(value)
    except ValueError:
        start, _mark, end = value.partition("--")
    interval = DateTimeInterval(repair_time(start), repair_time(end))
    _converted()
    return interval


def _enum(value: Any, cls: type[OpenEnum]) -> OpenEnum:
    return cls(_text(value, str))


def _object(value: Any, _: Any) -> dict[str, Any]:
    if value.__class__ is not dict:
        raise UnreadableError
    return bounded(value)  # type: ignore[no-any-return]  # it is what it was


def _within(prefix: str, read: Callable[[], Any]) -> Any:
    """Read a part, and put *prefix* before the path of every repair made in it."""
    log = _log.get()
    mark = len(log)
    try:
        return read()
    finally:
        for index in range(mark, len(log)):
            path, kind = log[index]
            joint = "" if not path or path.startswith("[") else "."
            log[index] = Deviation(f"{prefix}{joint}{path}", kind)


def read(value: Any, shape: Shape) -> Any:
    """Read one value of any shape.

    Raises:
        Exception: nothing of it can be kept.
    """
    if shape.kind == "any":
        return bounded(value)
    if shape.kind == "money":
        return _money(value)
    if shape.kind == "list":
        return _list(value, shape)
    if shape.kind == "map":
        return _map(value, shape)
    return repairer().structure(value, _TYPES.get(shape.kind, shape.cls))


def _list(value: Any, shape: Shape) -> list[Any]:
    if value.__class__ is not list:
        raise UnreadableError
    return [item for _, item in _readable(enumerate(value), shape)]


def _map(value: Any, shape: Shape) -> dict[str, Any]:
    if value.__class__ is not dict:
        raise UnreadableError
    return dict(_readable(value.items(), shape))


def _readable(pairs: Any, shape: Shape) -> list[tuple[Any, Any]]:
    """Read the members of a list or a map, and leave out those of which nothing can be kept."""
    assert shape.item is not None  # noqa: S101 - every list and map has one
    kept = []
    for key, item in pairs:
        try:
            # the keys of a map may be anybody's words: they stay out of paths
            prefix = f"[{key}]" if shape.kind == "list" else "[*]"
            kept.append((key, _within(prefix, functools.partial(read, item, shape.item))))
        except Exception:
            _log.get().append(Deviation(prefix, "unreadable"))
    return kept


def _model(value: Any, cls: type[Model]) -> Model:
    if value.__class__ is not dict:
        raise UnreadableError
    model = object.__new__(cls)
    rest = dict(value)
    for name in cls.__local__:
        setattr(model, name, None)
    for field in fields_of(cls):
        present = field.wire in rest
        raw = rest.pop(field.wire, None)
        setattr(model, field.name, _field(raw, field, rest, is_present=present))
    for name in [name for name, kept in rest.items() if not is_shallow(kept)]:
        # the one thing that is not kept: whatever copies or pickles the model would break on it
        del rest[name]
        if all(field.wire != name for field in fields_of(cls)):
            _log.get().append(Deviation("*", "unreadable"))
    model._extra = rest or None
    return model


def _field(raw: Any, field: Field, rest: dict[str, Any], *, is_present: bool) -> Any:
    absent: Any = [] if field.is_required and field.shape.kind == "list" else None
    if raw is None:
        if field.is_required:
            _log.get().append(Deviation(field.wire, "null" if is_present else "missing"))
        return absent
    log = _log.get()
    mark = len(log)
    try:
        value = _within(field.wire, functools.partial(read, raw, field.shape))
    except Exception:  # whatever it was, the rest of the answer is kept
        del log[mark:]
        log.append(Deviation(field.wire, "unreadable"))
        rest[field.wire] = raw
        return absent
    # members left out of this very list: where the path goes on with a dot, a model further in keeps them
    if any(kind == "unreadable" and path.endswith("]") and "." not in path for path, kind in log[mark:]):
        rest[field.wire] = raw
    return value


_TYPES: dict[str, Any] = {
    "str": str,
    "int": int,
    "bool": bool,
    "decimal": Decimal,
    "time": datetime,
    "date": date,
    "interval": DateTimeInterval,
    "object": dict,
}


@functools.cache
def repairer() -> Converter:
    """Return the cattrs converter that repairs.

    A hook on `str` takes every `str` enum too, and one on `int` every bool: hence one for each of those.
    """
    converter = Converter(detailed_validation=True)
    hooks: dict[Any, Callable[[Any, Any], Any]] = {
        str: _text,
        OpenEnum: _enum,
        int: _integer,
        bool: _boolean,
        Decimal: _decimal,
        datetime: _time,
        date: _date,
        DateTimeInterval: _interval,
        dict: _object,
    }
    for type_, hook in hooks.items():
        converter.register_structure_hook(type_, hook)
    converter.register_structure_hook_func(
        lambda seen: isinstance(seen, type) and issubclass(seen, Model), _model
    )
    return converter


def repair(value: Any, shape: Shape) -> tuple[Any, tuple[Deviation, ...]]:
    """Read *value* as well as it can be; None where nothing can be kept."""
    log: list[Deviation] = []
    token = _log.set(log)
    try:
        if _is_foreign(value, shape):
            raise UnreadableError
        result = read(value, shape)
    except Exception:  # nothing of the answer fits: the caller says what that means
        return None, (*log, Deviation("", "unreadable"))
    finally:
        _log.reset(token)
    return result, tuple(log)


def _is_foreign(value: Any, shape: Shape) -> bool:
    """Say whether an object shares no field at all with a model that requires some."""
    if shape.kind != "model" or value.__class__ is not dict:
        return False
    fields = fields_of(shape.cls)
    return any(f.is_required for f in fields) and not any(f.wire in value for f in fields)
