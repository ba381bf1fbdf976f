"""Names what is wrong with a request, field by field: the slow way, taken only when there is a fault."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from spshipping.errors import InvalidRequestError
from spshipping.wire.model import MISSING, Model, extra
from spshipping.wire.shapes import Shape, fields_of
from spshipping.wire.text import write

_BY_WRITER = ("decimal", "money")
"""Kinds whose writer says it better where the type is wrong."""

Problem = tuple[str, str]


def stated_of_one(model: Model) -> int:
    """Return how many a request states of the fields of which it must state one; 1 where there are none."""
    names = model.__exactly_one__
    return sum(getattr(model, name) is not None for name in names) if names else 1


def problems(model: Model, path: str = "", *, is_request: bool = True) -> Iterator[Problem]:
    """Yield every fault in *model*: the field's path, and what to do; a value is never shown."""
    for field in fields_of(type(model)):
        where = f"{path}.{field.name}" if path else field.name
        value = getattr(model, field.name, MISSING)
        if value is not None and value is not MISSING:
            yield from _faults(value, field.shape, where, is_request=is_request)
        elif field.is_required and is_request:
            yield where, "is required, and is " + ("None" if value is None else "missing")
    if is_request and stated_of_one(model) != 1:
        names = model.__exactly_one__
        yield path or type(model).__name__, f"states {stated_of_one(model)} of {', '.join(names)}; give one"
    for name, value in extra(model).items():
        text = _json_fault({name: value}, is_request=is_request)
        if text:
            shown = str(name).encode("ascii", "backslashreplace").decode()
            yield f"{path}.{shown}" if path else shown, text


def _faults(value: Any, shape: Shape, path: str, *, is_request: bool) -> Iterator[Problem]:
    fault = _kind_fault(value, shape, is_request=is_request)
    if fault:
        yield path, fault
        return
    if shape.kind == "model":
        yield from problems(value, path, is_request=is_request)
    elif shape.kind in ("list", "map"):
        assert shape.item is not None  # noqa: S101 - every list and map has one
        if shape.kind == "map" and any(
            type(key) is not str or _json_fault(key, is_request=is_request) for key in value
        ):
            yield path, "has a key that is no text"
        pairs = enumerate(value) if shape.kind == "list" else (("*", item) for item in value.values())
        for key, item in pairs:
            yield from _faults(item, shape.item, f"{path}[{key}]", is_request=is_request)
    if is_request:
        for limit in shape.limits:
            text = limit.problem(value)
            if text:
                yield path, text


def _kind_fault(value: Any, shape: Shape, *, is_request: bool) -> str | None:
    kind, row = shape.kind, shape.row
    if kind in ("model", "enum"):
        fits = type(value) is shape.cls or (kind == "enum" and type(value) is str)
        if not fits:
            return f"is a {type(value).__name__}; give a {shape.cls.__name__}"
    elif row.python and kind not in _BY_WRITER and not _is_a(row.python, value):
        return f"is a {type(value).__name__}; give a {row.python.__name__}"
    if kind in ("model", "list", "map"):
        return None
    try:
        plain = row.write(value) if row.write else value
    except (TypeError, ValueError) as error:
        return f"is {error}"
    except Exception as error:  # whatever is inside an interval, say
        return f"cannot be written ({type(error).__name__})"
    return _json_fault(plain, is_request=is_request)


def _is_a(python: type, value: Any) -> bool:
    return type(value) is python or (python is datetime and isinstance(value, datetime))


def _json_fault(value: Any, *, is_request: bool) -> str | None:
    try:
        text = write(value)
    except Exception:  # no JSON, nested too deep, or a number with thousands of digits
        return "cannot be written as JSON"
    try:
        if is_request:
            text.encode()
    except UnicodeEncodeError:
        return "holds half of a surrogate pair"
    return None


def fault(model: Model, *, is_request: bool) -> InvalidRequestError:
    """Return the error that names what is wrong with *model*."""
    found = list(problems(model, is_request=is_request)) or [(type(model).__name__, "cannot be written")]
    (path, text), *others = found
    more = f" (and {', '.join(path for path, _ in others)})" if others else ""
    return InvalidRequestError(f"{text}{more}", path=path)
