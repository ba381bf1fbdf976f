"""The text of one generated function: its statements, the names it uses, and guards against odd values."""

import re
from typing import Any, Literal

from spshipping.wire.limits import Count, Length, Limit, Pattern, Range
from spshipping.wire.shapes import Shape

Mode = Literal["decode", "consume", "encode", "whole", "checked"]
"""`consume` decodes, and makes the object's own lists those of the model; `encode` gives plain data, and
`whole` plain data with every key; `checked` gives a request's JSON, held to Amazon's limits on the way."""


class Odd(Exception):  # noqa: N818 - a signal to take the slow way, never seen outside
    """The value is not well-formed."""


class Source:
    """Statements, line by line, and what their names stand for."""

    def __init__(self, mode: Mode, **names: Any) -> None:
        self.mode = mode
        self.names: dict[str, Any] = {"Odd": Odd, **names}
        self.lines: list[str] = []

    def name(self, value: Any, hint: str) -> str:
        """Make *value* available to the function under a readable name."""
        name = f"{hint}_{len(self.names)}"
        self.names[name] = value
        return name

    def guards(self, shape: Shape, value: str, indent: str) -> None:
        """Write the statements that refuse a value of the wrong kind, or outside its limits."""
        kind = shape.kind
        condition = self.odd(shape, value)
        if condition:
            self._refuse(condition, indent)
        if shape.item is not None:
            before = len(self.lines)
            self.guards(shape.item, "x", indent + "    ")
            if len(self.lines) > before:
                source = value if kind == "list" else f"{value}.values()"
                self.lines.insert(before, f"{indent}for x in {source}:")
        if self.mode == "checked":
            for limit in shape.limits:
                self._refuse(f"not ({self._limit(limit, value)})", indent)

    def odd(self, shape: Shape, value: str) -> str | None:
        """Return the condition under which *value* is of the wrong kind; None where its reader finds out."""
        kind, row = shape.kind, shape.row
        if kind == "bool":
            return f"{value} is not True and {value} is not False"
        if kind == "enum" and self.mode != "decode":
            enum = self.name(shape.cls, shape.cls.__name__)
            return f"{value}.__class__ is not {enum} and {value}.__class__ is not str"
        if kind in ("model", "enum") or (row.write if self.mode != "decode" else kind == "str"):
            return None
        expected = row.json if self.mode == "decode" else row.python
        return f"{value}.__class__ is not {expected.__name__}" if expected else None

    def _refuse(self, condition: str, indent: str) -> None:
        self.lines.append(f"{indent}if {condition}: raise Odd")

    def _limit(self, limit: Limit, value: str) -> str:
        if isinstance(limit, Length):
            return f"{limit.least} <= len({value}) <= {limit.most}"
        if isinstance(limit, Count):
            return f"len({value}) >= {limit.least}"
        if isinstance(limit, Range):
            return f"{limit.least} <= {value} <= {limit.most}"
        assert isinstance(limit, Pattern)  # noqa: S101 - the last kind of limit there is
        return f"{self.name(re.compile(limit.regex).fullmatch, 'pattern')}({value})"
