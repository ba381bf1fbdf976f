"""Enums that stay open: a value that Amazon adds tomorrow is kept, not refused."""

from __future__ import annotations

from enum import Enum
from typing import Any, Self


class OpenEnum(str, Enum):
    """A `str` enum whose unlisted values become members too: equal to their text, picklable, not cached.

    `str()` and `format()` give the text that Amazon uses, on every Python.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = value
        member._value_ = value
        return member

    @property
    def is_known(self) -> bool:
        """Say whether this value is one that this version of the package lists."""
        return type(self)._value2member_map_.get(self._value_) is self

    def __repr__(self) -> str:
        name = f".{self._name_}" if self.is_known else ""
        return f"<{type(self).__name__}{name}: {self._value_!r}>"

    def __reduce_ex__(self, protocol: Any) -> tuple[type[Self], tuple[str]]:
        return type(self), (self._value_,)

    def __format__(self, format_spec: str) -> str:
        return str.__format__(self, format_spec)

    __str__ = str.__str__
    __hash__ = str.__hash__


class Members(dict[str, OpenEnum]):
    """The members of one enum by their text; an unlisted text gives a new open member."""

    def __init__(self, enum: type[OpenEnum]) -> None:
        super().__init__((member.value, member) for member in enum)
        self._enum = enum

    def __missing__(self, text: object) -> OpenEnum:
        if text.__class__ is not str:
            raise TypeError("not text")
        return self._enum(text)
