"""What a client remembers: which keys are settled, which shipments it cancelled, and what else was said."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any, Self

from spshipping.forks import renew_after_fork

_MOST = 10_000
_MOST_NOTES = 500


class _Memory:
    """The shared part: bounded, and safe for threads and forks."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.settled: OrderedDict[tuple[str, str], str] = OrderedDict()
        self.undone: OrderedDict[tuple[str, str], None] = OrderedDict()
        self.notes: OrderedDict[tuple[str, str], Any] = OrderedDict()
        self.lock = threading.RLock()
        renew_after_fork(self)

    def renew_locks(self) -> None:
        """Replace the lock: another thread may have held it when the process was forked."""
        self.lock = threading.RLock()


class History:
    """A small memory that a client and all made from it share; the oldest entries are dropped.

    It helps to say early that something was done before. Nothing depends on it: another process has its own.
    """

    __slots__ = ("_memory", "_owner")

    def __init__(self, most: int = _MOST) -> None:
        self._memory = _Memory(most)
        self._owner = ""

    def of(self, owner: str) -> Self:
        """Return the part of this memory that belongs to *owner*, such as one seller."""
        part = type(self).__new__(type(self))
        part._memory, part._owner = self._memory, owner
        return part

    def settle(self, key: str, name: str) -> None:
        """Remember that the request with *key* was carried out, and made *name*."""
        memory = self._memory
        with memory.lock:
            memory.settled[self._owner, key] = name
            memory.settled.move_to_end((self._owner, key))
            if len(memory.settled) > memory.most:
                memory.settled.popitem(last=False)

    def undo(self, name: str) -> None:
        """Remember that *name* was cancelled."""
        memory = self._memory
        with memory.lock:
            memory.undone[self._owner, name] = None
            memory.undone.move_to_end((self._owner, name))
            if len(memory.undone) > memory.most:
                memory.undone.popitem(last=False)

    def note(self, name: str, value: Any) -> None:
        """Remember *value* under a name; there is room for a few hundred."""
        memory = self._memory
        with memory.lock:
            memory.notes[self._owner, name] = value
            memory.notes.move_to_end((self._owner, name))
            if len(memory.notes) > min(_MOST_NOTES, memory.most):
                memory.notes.popitem(last=False)

    def noted(self, name: str) -> Any:
        """Return what is remembered under a name; None where there is nothing."""
        with self._memory.lock:
            return self._memory.notes.get((self._owner, name))

    def is_settled(self, key: str) -> bool:
        """Say whether the request with *key* is known to have been carried out."""
        with self._memory.lock:
            return (self._owner, key) in self._memory.settled

    def is_undone(self, key: str) -> bool:
        """Say whether what the request with *key* made is known to have been cancelled."""
        memory = self._memory
        with memory.lock:
            name = memory.settled.get((self._owner, key))
            return name is not None and (self._owner, name) in memory.undone
