"""The repairing decoder: reads what can be read of a broken answer, and names each repair."""

import functools
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, NamedTuple

from cattrs import Converter

from spshipping.meta import Deviation
from spshipping.wire.enums import OpenEnum
from spshipping.wire.kinds import KINDS, Kind
from spshipping.wire.model import MISSING, Model
from spshipping.wire.remainder import Partial, Remainder, Steps, make_incomplete
from spshipping.wire.shapes import Field, Shape, fields_of
from spshipping.wire.text import NOTHING, is_shallow


class _Reading(NamedTuple):
    """What is noted while one answer is read."""

    deviations: list[Deviation]
    left_out: list[Steps]
    """The members of the list or map at hand that could not be read."""
    request_id: str | None


_reading: ContextVar[_Reading] = ContextVar("reading")


class UnreadableError(ValueError):
    """Nothing of this value can be kept."""


def _note(path: str, kind: str) -> None:
    _reading.get().deviations.append(Deviation(path, kind))


def _leaf(value: Any, kind: Kind) -> Any:
    """Read a value that has no parts with a shape of their own."""
    try:
        return kind.fits(value)
    except Exception:
        if kind.repair is None:
            raise
    repaired = kind.repair(value)
    _note("", "converted")
    return repaired


def _within(prefix: str, read: Callable[[], Any]) -> Any:
    """Read a part, and put *prefix* before the path of every repair made in it."""
    deviations = _reading.get().deviations
    mark = len(deviations)
    try:
        return read()
    finally:
        for index in range(mark, len(deviations)):
            path, kind = deviations[index]
            joint = "" if not path or path.startswith("[") else "."
            deviations[index] = Deviation(f"{prefix}{joint}{path}", kind)


def read(value: Any, shape: Shape) -> Any:
    """Read one value of any shape.

    Raises:
        Exception: nothing of it can be kept.
    """
    if shape.kind in ("any", "money"):
        return _leaf(value, shape.row)
    if shape.item is not None:
        return _collection(value, shape, shape.item)
    return repairer().structure(value, shape.row.python or shape.cls)


def _collection(value: Any, shape: Shape, item: Shape) -> Any:
    """Read the members of a list or a map, and leave out those of which nothing can be kept."""
    shape.row.fits(value)
    is_list = shape.kind == "list"
    left_out = _reading.get().left_out
    kept: list[tuple[Any, Any]] = []
    for key, part in enumerate(value) if is_list else value.items():
        # the keys of a map may be personal data: they stay out of paths
        prefix = f"[{key}]" if is_list else "[*]"
        mark = len(left_out)
        try:
            kept.append((key, _within(prefix, functools.partial(read, part, item))))
        except Exception:
            left_out[mark:] = [(key,)]
            _note(prefix, "unreadable")
        else:
            left_out[mark:] = [(key, *steps) for steps in left_out[mark:]]
    return [part for _, part in kept] if is_list else dict(kept)


def _model(value: Any, cls: type[Model]) -> Model:
    KINDS["model"].fits(value)
    model = object.__new__(cls)
    rest = Remainder(value, _reading.get().request_id)
    for name, default in cls.__local__.items():
        setattr(model, name, default)
    is_whole = True
    for field in fields_of(cls):
        present = field.wire in rest
        found = _field(rest.pop(field.wire, None), field, rest, is_present=present)
        if found is MISSING:
            is_whole = False
        else:
            setattr(model, field.name, found)
    for name in [name for name, kept in rest.items() if not is_shallow(kept)]:
        # the one thing that is not kept: whatever copies or pickles the model would break on it
        del rest[name]
        if name not in cls.__wire_names__.values():
            _note("*", "unreadable")
    for name, part in [*rest.partial.items()]:
        if part.left_out and cls.__wire_names__[name] not in rest:
            del rest.partial[name]
    if not is_whole:
        make_incomplete(cls)
    model._extra = (dict(rest) or None) if is_whole and not rest.partial else rest  # type: ignore[misc]  # mypy does not see the slot
    if cls.__decoded__ is not None:
        cls.__decoded__(model)
    return model


def _field(raw: Any, field: Field, rest: Remainder, *, is_present: bool) -> Any:
    """Read a field; what cannot be read is kept in *rest*."""
    if raw is None:
        if not field.is_required:
            return None
        _note(field.wire, "null" if is_present else "missing")
        return _stand_in(field, rest, raw, is_kept=is_present)
    deviations, left_out, _ = _reading.get()
    mark, first = len(deviations), len(left_out)
    try:
        value = _within(field.wire, functools.partial(read, raw, field.shape))
    except Exception:  # whatever it was, the rest of the answer is kept
        del deviations[mark:], left_out[first:]
        _note(field.wire, "unreadable")
        return _stand_in(field, rest, raw, is_kept=True)
    if left_out[first:]:
        rest[field.wire] = raw
        rest.partial[field.name] = Partial(value, len(value), tuple(left_out[first:]))
        del left_out[first:]
    return value


def _stand_in(field: Field, rest: Remainder, raw: Any, *, is_kept: bool) -> Any:
    """Return what a field holds that cannot be read: None, an empty list, or nothing at all."""
    if is_kept:
        rest[field.wire] = raw
    if not field.is_required:
        return None
    if field.shape.kind != "list":
        return MISSING
    rest.partial[field.name] = Partial([], 0)
    return rest.partial[field.name].value


@functools.cache
def repairer() -> Converter:
    """Return the cattrs converter that repairs.

    A hook on `str` takes every `str` enum too, and one on `int` every bool: hence one for each of those.
    """
    converter = Converter(detailed_validation=True)
    for name, kind in KINDS.items():
        if kind.python and name not in ("money", "list", "map"):
            converter.register_structure_hook(kind.python, functools.partial(_hook, kind))
    converter.register_structure_hook(OpenEnum, _enum)
    converter.register_structure_hook_func(
        lambda seen: isinstance(seen, type) and issubclass(seen, Model), _model
    )
    return converter


def _hook(kind: Kind, value: Any, _: Any) -> Any:
    return _leaf(value, kind)


def _enum(value: Any, cls: type[OpenEnum]) -> OpenEnum:
    return cls(_leaf(value, KINDS["enum"]))


def repair(value: Any, shape: Shape, request_id: str | None = None) -> tuple[Any, tuple[Deviation, ...]]:
    """Read *value* as well as it can be; None where nothing can be kept."""
    reading = _Reading([], [], request_id)
    token = _reading.set(reading)
    try:
        if _is_foreign(value, shape):
            raise UnreadableError
        result = read(_filled(value, shape), shape)
    except Exception:  # nothing of the answer fits: the caller says what that means
        return None, (*reading.deviations, Deviation("", "unreadable"))
    finally:
        _reading.reset(token)
    return result, tuple(reading.deviations)


def _is_foreign(value: Any, shape: Shape) -> bool:
    """Say whether an object shares no field at all with a model that requires some."""
    if shape.kind != "model" or value.__class__ is not dict:
        return False
    fields = fields_of(shape.cls)
    return any(f.is_required for f in fields) and not any(f.wire in value for f in fields)


def _filled(value: Any, shape: Shape) -> Any:
    """Return an empty object or list for an answer that is empty in another way, if it may be empty."""
    is_possible = shape.kind != "model" or not any(field.is_required for field in fields_of(shape.cls))
    is_empty = value is NOTHING or value is None or (value.__class__ in (dict, list) and not value)
    empty = shape.row.json
    if not is_possible or not is_empty or empty not in (dict, list) or value.__class__ is empty:
        return value
    _note("", "missing" if value is NOTHING else "null" if value is None else "converted")
    return empty()
