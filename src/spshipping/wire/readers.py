"""Which classes are read from bytes by their twins, and which unknown fields the twins have room for."""

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

from spshipping.forks import renew_after_fork
from spshipping.wire.model import extra
from spshipping.wire.shapes import Shape, fields_of
from spshipping.wire.twins import Twins

_MOST_NAMES = 16
"""So many unknown fields a class learns."""
_MOST_LESSONS = 20
"""So often unknown fields are looked for where a class was not read at once: mostly there are none."""
_NAME = re.compile(r"[A-Za-z][\w.@-]{0,99}", re.ASCII)
"""Names that a Struct can have, and that are no data."""
_TO_SEE = "errors"
"""A field that is never learned: the transport must see it."""

Ready = dict[bool, dict[Any, Callable[[bytes], Any]]]
"""What reads each class, without an envelope and within one."""


class Readers:
    """Makes what reads a class, with its second answer."""

    def __init__(self, ready: Ready) -> None:
        """Begin with none.

        Args:
            ready: where it is put.
        """
        self._lock = threading.Lock()
        self._seen: set[tuple[Any, bool]] = set()
        self._ready = ready
        self._learned: dict[Any, list[str]] = {}
        self._lessons: dict[Any, int] = {}
        renew_after_fork(self)

    def renew_locks(self) -> None:
        """Leave behind the lock that another thread held when the process was forked."""
        self._lock = threading.Lock()

    def reader(self, cls: Any, msgspec: Any, *, is_enveloped: bool) -> Callable[[bytes], Any] | None:
        """Return what reads *cls*, and raises where it is not to be read at once; None for its first answer.

        Args:
            cls: a model class.
            msgspec: the module.
            is_enveloped: answers have it under `payload`, and nothing else.
        """
        if (cls, is_enveloped) not in self._seen:
            # a program that reads no second one would make twins for nothing
            self._seen.add((cls, is_enveloped))
            return None
        with self._lock:
            ready = self._ready[is_enveloped]
            if cls not in ready:
                ready[cls] = self._made(cls, msgspec, is_enveloped=is_enveloped)
            return ready[cls]

    def _made(self, cls: Any, msgspec: Any, *, is_enveloped: bool) -> Callable[[bytes], Any]:
        try:
            if is_enveloped or all(field.wire != _TO_SEE for field in fields_of(cls)):
                return Twins(msgspec, self._learned).reader(cls, is_enveloped=is_enveloped)
        except Exception:  # noqa: S110 - a user's class of which msgspec makes no twin
            pass
        return _refuse

    def learn(self, value: Any, cls: Any) -> None:
        """Look for unknown fields in what was not read at once; the twins made next have room for them."""
        with self._lock:
            self._lessons[cls] = self._lessons.get(cls, 0) + 1
            if self._lessons[cls] <= _MOST_LESSONS and self._has_new(value, cls):
                for made in self._ready.values():
                    made.clear()

    def _has_new(self, value: Any, cls: Any) -> bool:
        is_new = False
        for kind, name in _unknown(value, Shape("model", cls)):
            names = self._learned.setdefault(kind, [])
            if name not in names and len(names) < _MOST_NAMES and _NAME.fullmatch(name) and name != _TO_SEE:
                names.append(name)
                is_new = True
        return is_new


def _refuse(_: bytes) -> Any:
    raise TypeError("no twin")


def _unknown(value: Any, shape: Shape) -> Iterator[tuple[Any, str]]:
    """Yield the unknown fields of every model in *value*, each with its class."""
    if value is None:
        return
    if shape.kind == "model":
        for name in extra(value):
            yield shape.cls, name
        for field in fields_of(shape.cls):
            if field.shape.item is not None or field.shape.kind == "model":
                yield from _unknown(getattr(value, field.name), field.shape)
    elif shape.item is not None:
        for item in value if shape.kind == "list" else value.values():
            yield from _unknown(item, shape.item)
