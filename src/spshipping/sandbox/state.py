"""Saves the state of a sandbox, and brings it back."""

import io
import pickle
import threading
from collections.abc import Iterable, Mapping
from typing import Any

_LOCKS: tuple[type, ...] = (type(threading.Lock()), type(threading.RLock()))


class Snapshot:
    """The state of a sandbox at one time, for `restore` of the same sandbox."""

    __slots__ = ("_data", "owner")

    def __init__(self, owner: object, data: bytes) -> None:
        self.owner: object = owner
        self._data = data

    @property
    def data(self) -> bytes:
        """The state, as only `State` reads it."""
        return self._data

    def __repr__(self) -> str:
        return f"<Snapshot of {len(self._data)} bytes>"


class State:
    """The parts of a sandbox, each an object that stays the same while what it holds changes."""

    def __init__(self, parts: Iterable[object], fixed: frozenset[str]) -> None:
        """Name the parts.

        Args:
            parts: the objects; a dictionary and a set are parts too. What one part holds of another is a
                reference, and stays one.
            fixed: the names of attributes that are no state.
        """
        self._parts = list(parts)
        self._fixed = fixed
        self._places = {id(part): place for place, part in enumerate(self._parts)}

    def save(self) -> Snapshot:
        """Return the state of all parts. No request may be under way.

        Raises:
            ValueError: one was, and has changed what was being saved.
        """
        file = io.BytesIO()
        try:
            _Pickler(file, self._places).dump([self._held(part) for part in self._parts])
        except RuntimeError:  # a collection has changed while it was read
            raise ValueError("a request is under way: wait until it has been answered") from None
        return Snapshot(self, file.getvalue())

    def load(self, snapshot: Snapshot) -> None:
        """Bring a state back. No request may be under way.

        Raises:
            ValueError: it is of another sandbox.
        """
        if snapshot.owner is not self:
            raise ValueError("the snapshot is of another sandbox")
        found = _Unpickler(io.BytesIO(snapshot.data), self._parts).load()
        for part, held in zip(self._parts, found, strict=True):
            if isinstance(part, dict | set):
                part.clear()
                part.update(held)
            else:
                vars(part).update(held)

    def _held(self, part: object) -> Any:
        """Return what a part holds, without its locks."""
        if isinstance(part, dict | set):
            return type(part)(part)
        return {
            name: value
            for name, value in vars(part).items()
            if name not in self._fixed and not isinstance(value, _LOCKS)
        }


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, places: Mapping[int, int]) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._places = places

    def persistent_id(self, obj: object) -> int | None:
        """Name a part by its number, and a lock by -1."""
        return -1 if isinstance(obj, _LOCKS) else self._places.get(id(obj))


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, parts: list[object]) -> None:
        super().__init__(file)
        self._parts = parts

    def persistent_load(self, pid: int) -> object:
        """Return a part, or a new lock."""
        return threading.RLock() if pid < 0 else self._parts[pid]
