"""What an answer held beside the fields of a model, and how a field that did not come is read."""

import copy
from collections.abc import Mapping
from typing import Any

from spshipping.errors import MissingFieldError
from spshipping.named import NamedTuple
from spshipping.wire.text import bounded

Steps = tuple[Any, ...]
"""The indexes and keys that lead from a list or a map to something in it."""


class Partial(NamedTuple):
    """A list or map in a model that does not hold all that came, or stands for one that did not come."""

    value: list[Any] | dict[str, Any]
    """The list or map itself: where a user has put another, that one counts."""
    size: int
    """How much it held when it was read."""
    left_out: tuple[Steps, ...] = ()
    """Where in the original the members are that could not be read."""

    def is_in(self, model: Any, name: str) -> bool:
        """Say whether it is in the field still, and has not grown or shrunk."""
        return len(self.value) == self.size and getattr(model, name, None) is self.value


class Remainder(dict[str, Any]):
    """Unknown fields, and originals that could not be read, by their wire names; and what is to know of them.

    Made where an answer was repaired; where there are only unknown fields, a plain `dict` does.
    """

    __slots__ = ("partial", "request_id")

    def __init__(self, fields: Mapping[str, Any], request_id: str | None) -> None:
        super().__init__(fields)
        self.partial: dict[str, Partial] = {}
        """By the names of the fields."""
        self.request_id: str | None = request_id


def unknown(fields: dict[str, Any], known: frozenset[str]) -> dict[str, Any] | None:
    """Return the fields that are not known, if there are any."""
    found = {}
    for name in fields:
        if name not in known:
            found[name] = fields[name]
    return bounded(found) or None


def merged(fields: dict[str, Any], rest: Mapping[str, Any], model: Any) -> dict[str, Any]:
    """Put the written *fields* of *model* and its remainder together, as the answer had them.

    A field wins over an original of its name, unless it is as it was read.
    """
    found = {**rest, **fields}
    partial: Mapping[str, Partial] = rest.partial if isinstance(rest, Remainder) else {}
    for name, part in partial.items():
        if part.is_in(model, name):
            wire = model.__wire_names__[name]
            if part.left_out:
                found[wire] = _put_back(fields[wire], rest[wire], part.left_out)
            elif wire in rest:
                found[wire] = rest[wire]
            else:
                del found[wire]
    return found


def _put_back(written: Any, original: Any, left_out: tuple[Steps, ...]) -> Any:
    """Return *written* with the members of *original* that were left out, put back first to last."""
    written = copy.deepcopy(written)  # lists of text are the model's own
    for *outer, last in left_out:
        holder, source = written, original
        for step in outer:
            holder, source = holder[step], source[step]
        if isinstance(holder, list):
            holder.insert(last, source[last])
        else:
            holder[last] = source[last]
    return written


def make_incomplete(cls: Any) -> None:
    """Prepare *cls* for instances that lack a field: reading it raises `MissingFieldError`.

    Not done for all classes beforehand: where a class has a `__getattr__`, reading any attribute of an
    instance takes four times as long on Python 3.11.
    """
    if "__getattr__" not in vars(cls):
        cls.__getattr__ = _read_missing


def _read_missing(model: Any, name: str) -> Any:
    cls = type(model)
    found = next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)
    if isinstance(found, property) and found.fget:
        # it was called, and met a field that is missing: Python looks here for the property. Name the field.
        return found.fget(model)
    if name not in cls.__wire_names__:
        raise AttributeError(f"{cls.__name__!r} object has no attribute {name!r}", name=name, obj=model)
    rest = getattr(model, "_extra", None)
    raise MissingFieldError.of(
        cls.__name__, name, cls.__wire_names__[name], rest.request_id if isinstance(rest, Remainder) else None
    )
