"""Locks after a fork: the child must not inherit one that another thread of its parent held."""

from __future__ import annotations

import contextlib
import os
from typing import Protocol
from weakref import WeakSet


class HasLocks(Protocol):
    """Something with locks."""

    def renew_locks(self) -> None:
        """Leave behind the locks that other threads held when the process was forked."""
        ...


_known: WeakSet[HasLocks] = WeakSet()


def renew_after_fork(owner: HasLocks) -> None:
    """Let *owner* renew its locks in every forked child, for as long as it lives."""
    _known.add(owner)


def _in_child() -> None:
    for owner in list(_known):
        owner.renew_locks()


with contextlib.suppress(AttributeError):  # Windows has no fork
    os.register_at_fork(after_in_child=_in_child)
