"""A query parameter or header: how it is spelled, written and limited."""

import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import cache
from typing import Any, Literal

from spshipping.errors import InvalidRequestError
from spshipping.named import NamedTuple
from spshipping.secret import Secret
from spshipping.wire.limits import Length, Pattern, Range
from spshipping.wire.times import write_time

Written = Literal["text", "integer", "boolean", "time", "list"]

_WORD_START = r"(?<=[a-z0-9])(?=[A-Z])"


class Items(NamedTuple):
    """How many entries a list may have."""

    least: int
    most: int

    def problem(self, value: Sequence[str]) -> str | None:
        """Say what is wrong with *value*, if anything."""
        if self.least <= len(value) <= self.most:
            return None
        return f"has {len(value)} entries; Amazon takes {self.least} to {self.most}"


ParameterLimit = Length | Pattern | Range | Items

LIMITS_OF: Mapping[Written, tuple[type[ParameterLimit], ...]] = {
    "text": (Length, Pattern),
    "integer": (Range,),
    "boolean": (),
    "time": (),
    "list": (Items,),
}
"""Which limits each kind of parameter can have."""


class Parameter(NamedTuple):
    """One query parameter or header."""

    name: str
    """As it is spelled on the wire."""
    written: Written = "text"
    is_required: bool = False
    from_client: bool = False
    """The client fills it in where the call leaves it out."""
    is_key: bool = False
    """It is the idempotency key."""
    is_before: bool = False
    """Amazon refuses a time later than two minutes ago."""
    is_personal: bool = False
    """It names a person: a call that has it cannot be saved as a cursor."""
    datasets: Mapping[str, str] | None = None
    """What the data elements of personal data are called in this list, where they need no token. An empty
    list is left out."""
    limits: tuple[ParameterLimit, ...] = ()
    """What Amazon limits; checked before the call is made."""
    spelling: Callable[[object], object] | None = None
    """Returns what is sent for a value, or for each entry of a list: an id for a name. It may refuse one by
    raising ValueError."""
    python: str = ""
    """The name of the methods' argument; the wire name in snake_case unless given."""

    @property
    def python_name(self) -> str:
        """The name of the argument in the facades' methods."""
        return self.python or _snake_case(self.name)

    def write(self, value: object) -> str:
        """Return *value* as the text that is sent.

        Raises:
            InvalidRequestError: the value is of the wrong kind, or outside Amazon's limits. Text is accepted
                for every kind: Amazon's own sandbox expects magic words where times belong.
        """
        if isinstance(value, Secret):
            value = value.reveal()
        try:
            if self.spelling is not None:
                value = self._spelled(self.spelling, value)
            if self.is_key:
                from spshipping.operation.keys import checked_key  # few operations have one

                return checked_key(value)
            if isinstance(value, str):
                return self._checked_text(str(value))
            return self._write(value)
        except (TypeError, ValueError) as error:
            reason = error.message if isinstance(error, InvalidRequestError) else str(error)
        del value  # a traceback shows local variables
        raise InvalidRequestError(reason, path=self.name)

    def refuse_naive(self, value: object) -> None:
        """Refuse a text that is a time without an offset, where a time belongs.

        Raises:
            InvalidRequestError: it is one. A text that is no time at all is left alone: Amazon's sandbox has
                magic words.
        """
        if self.written == "time" and isinstance(value, str) and _is_naive(value):
            del value
            raise InvalidRequestError(
                "is a time without an offset; give an aware datetime, or a text that ends with its offset",
                path=self.name,
            )

    def _spelled(self, spelling: Callable[[object], object], value: object) -> object:
        if self.written != "list":
            return spelling(value)
        if isinstance(value, str):
            value = value.split(",") if value else []
        return [spelling(item) for item in value] if isinstance(value, Sequence | AbstractSet) else value

    def _write(self, value: object) -> str:
        if self.written == "boolean" and isinstance(value, bool):
            return "true" if value else "false"
        if self.written == "integer" and isinstance(value, int) and not isinstance(value, bool):
            self._check(value)
            return str(value)
        if self.written == "time" and isinstance(value, datetime):
            return write_time(value)
        if self.written == "list" and isinstance(value, Sequence | AbstractSet):
            return self._write_list([item for item in value if isinstance(item, str)], len(value))
        raise TypeError(f"a {type(value).__name__} cannot be written as {self.written}")

    def _write_list(self, items: list[str], count: int) -> str:
        if len(items) != count or any("," in item for item in items):
            raise TypeError("holds something that is no text, or a comma")
        if not items:
            raise ValueError("is empty: leave it out to get all")
        self._check(items)
        return ",".join(str(item) for item in items)

    def _checked_text(self, text: str) -> str:
        if self.written == "text":
            self._check(text)
        elif self.written == "list":
            if not text:
                raise ValueError("is empty: leave it out to get all")
            self._check(text.split(","))
        elif self.written == "integer" and text.isdecimal() and text.isascii():
            self._check(int(text))
        return text

    def _check(self, value: Any) -> None:
        for limit in self.limits:
            problem = limit.problem(value)
            if problem:
                raise ValueError(problem)


@cache
def _snake_case(name: str) -> str:
    return re.sub(_WORD_START, "_", name).replace("-", "_").lower()


def _is_naive(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False
