"""The warning that Amazon ends an operation: once for each, to the code that can be changed."""

from __future__ import annotations

import sys
import warnings
from types import FrameType

from spshipping.secret import discreet

_warned: set[str] = set()
"""The routes of the operations that were warned of."""

_OPERATION = __name__.rpartition(".")[0]


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def warn_of_end(route: str, text: str) -> None:
    """Warn at the line that called the operation or the facade's method; our own workflows never warn."""
    if route in _warned:
        return
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and _module(frame).startswith(f"{_OPERATION}."):
        level, frame = level + 1, frame.f_back
    if frame.f_back is not None and _is_ours(frame):
        level, frame = level + 1, frame.f_back  # it is the facade's method
        while frame.f_back is not None and _module(frame) == discreet.__module__:
            level, frame = level + 1, frame.f_back  # and the door before it
    if not _is_ours(frame):
        warnings.warn(text, DeprecationWarning, stacklevel=level)
        _warned.add(route)


def _is_ours(frame: FrameType) -> bool:
    return _module(frame).partition(".")[0] == "spshipping"
