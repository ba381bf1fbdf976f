"""Reads single fields of an answer, whatever it lacks."""

from collections.abc import Callable
from typing import TypeVar

from spshipping.errors import MissingFieldError

T = TypeVar("T")


def text(value: str | None) -> str | None:
    """Return *value* as plain text; an empty one counts as missing."""
    return str(value) if value else None


def optional(read: Callable[[], T]) -> T | None:
    """Return what *read* reads, or None where the answer lacks a field that Amazon's contract promises."""
    try:
        return read()
    except MissingFieldError:
        return None
