"""What Amazon's model limits in a request, as annotations on the fields."""

import re

from spshipping.named import NamedTuple


class Length(NamedTuple):
    """How many characters a text may have."""

    least: int
    most: int

    def problem(self, value: str) -> str | None:
        """Say what is wrong with *value*, if anything."""
        if self.least <= len(value) <= self.most:
            return None
        return f"has {len(value)} characters; Amazon takes {self.least} to {self.most}"


class Count(NamedTuple):
    """How few entries a list may have."""

    least: int

    def problem(self, value: list[object]) -> str | None:
        """Say what is wrong with *value*, if anything."""
        if len(value) >= self.least:
            return None
        return f"has {len(value)} entries; at least {self.least} is needed"


class Range(NamedTuple):
    """Which whole numbers are allowed."""

    least: int
    most: int

    def problem(self, value: int) -> str | None:
        """Say what is wrong with *value*, if anything."""
        return None if self.least <= value <= self.most else f"must be from {self.least} to {self.most}"


class Pattern(NamedTuple):
    """The form that a text must have, as a regular expression over all of it."""

    regex: str

    def problem(self, value: str) -> str | None:
        """Say what is wrong with *value*, if anything."""
        return None if re.fullmatch(self.regex, value) else f"does not have the form {self.regex}"


Limit = Length | Count | Range | Pattern


class _AsText:
    """Marks a Decimal that Amazon carries as text."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "AS_TEXT"


AS_TEXT = _AsText()
