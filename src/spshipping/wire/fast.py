"""Writes, for each model class, the Python function that decodes it and the ones that encode it.

The functions assume a well-formed value and raise anything at all when it is not; the callers then take the
slow way, which repairs an answer (`lenient`) or names the fault in a request (`check`). `source` shows what
was written.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

from spshipping.wire.enums import Members
from spshipping.wire.limits import Count, Length, Limit, Pattern, Range
from spshipping.wire.numbers import read_decimal, read_money, write_decimal, write_decimal_text
from spshipping.wire.shapes import Field, Shape, fields_of
from spshipping.wire.times import (
    DateTimeInterval,
    read_date,
    read_time,
    write_date,
    write_interval,
    write_time,
)

Mode = Literal["decode", "encode", "checked"]
"""`checked` encodes a request, and holds it to Amazon's limits on the way."""

_GUARDED = {"str": "str", "int": "int", "object": "dict"}
_READERS: dict[str, Any] = {
    "time": read_time,
    "date": read_date,
    "interval": DateTimeInterval.parse,
    "money": read_money,
}


class Odd(Exception):  # noqa: N818 - a signal to take the slow way, never seen outside
    """The value is not well-formed."""


_WRITERS: dict[str, Any] = {
    "decimal": write_decimal,
    "money": write_decimal_text,
    "time": write_time,
    "date": write_date,
    "interval": write_interval,
}


def _with_extra(fields: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    """Put both together; a field wins over an original of its name, unless nothing of it could be read."""
    return {**extra, **{name: value for name, value in fields.items() if value != [] or name not in extra}}


class _Source:
    """The text of one function, and the names that it uses."""

    def __init__(self, cls: Any, mode: Mode) -> None:
        self.mode = mode
        self.names: dict[str, Any] = {"Odd": Odd, "T": cls, "new": object.__new__, "Decimal": Decimal}
        self.lines: list[str] = []

    def name(self, value: Any, hint: str) -> str:
        """Make *value* available to the function under a readable name."""
        name = f"{hint}_{len(self.names)}"
        self.names[name] = value
        return name

    def expression(self, shape: Shape, value: str) -> str:
        """Return the expression that converts *value*; for guarded kinds the guard stands elsewhere."""
        if shape.kind == "model":
            return f"{self.name(function(shape.cls, self.mode), shape.cls.__name__)}({value})"
        if shape.kind in ("list", "map"):
            assert shape.item is not None  # noqa: S101 - every list and map has one
            inner = self.expression(shape.item, "x")
            if shape.kind == "list":
                return value if inner == "x" else f"[{inner} for x in {value}]"
            return f"{{k: {inner} for k, x in {value}.items()}}"
        if self.mode == "decode":
            return self._decoding(shape, value)
        if shape.kind == "enum":
            return f"{value} if {value}.__class__ is str else {value}._value_"
        writer = _WRITERS.get(shape.kind)
        return f"{self.name(writer, shape.kind)}({value})" if writer else value

    def _decoding(self, shape: Shape, value: str) -> str:
        if shape.kind == "enum":
            return f"{self.name(Members(shape.cls), shape.cls.__name__)}[{value}]"
        if shape.kind == "decimal":
            reader = self.name(read_decimal, "whole")
            return f"{value} if {value}.__class__ is Decimal else {reader}({value})"
        read = _READERS.get(shape.kind)
        return f"{self.name(read, shape.kind)}({value})" if read else value

    def guards(self, shape: Shape, value: str, indent: str) -> None:
        """Write the statements that refuse a value of the wrong kind, or outside its limits."""
        kind = shape.kind
        if kind in _GUARDED:
            self.lines.append(f"{indent}if {value}.__class__ is not {_GUARDED[kind]}: raise Odd")
        elif kind == "bool":
            self.lines.append(f"{indent}if {value} is not True and {value} is not False: raise Odd")
        elif kind == "enum" and self.mode != "decode":
            enum = self.name(shape.cls, shape.cls.__name__)
            self.lines.append(
                f"{indent}if {value}.__class__ is not {enum} and {value}.__class__ is not str: raise Odd"
            )
        elif kind in ("list", "map"):
            self.lines.append(
                f"{indent}if {value}.__class__ is not {'list' if kind == 'list' else 'dict'}: raise Odd"
            )
            before = len(self.lines)
            assert shape.item is not None  # noqa: S101 - every list and map has one
            self.guards(shape.item, "x", indent + "    ")
            if len(self.lines) > before:
                source = value if kind == "list" else f"{value}.values()"
                self.lines.insert(before, f"{indent}for x in {source}:")
        if self.mode == "checked":
            for limit in shape.limits:
                self.lines.append(f"{indent}if not ({self._limit(limit, value)}): raise Odd")

    def _limit(self, limit: Limit, value: str) -> str:
        if isinstance(limit, Length):
            return f"{limit.least} <= len({value}) <= {limit.most}"
        if isinstance(limit, Count):
            return f"len({value}) >= {limit.least}"
        if isinstance(limit, Range):
            return f"{limit.least} <= {value} <= {limit.most}"
        assert isinstance(limit, Pattern)  # noqa: S101 - the last kind of limit there is
        return f"{self.name(re.compile(limit.regex).fullmatch, 'pattern')}({value})"

    def decode(self, fields: tuple[Field, ...]) -> None:
        """Write a function from a parsed JSON object to an instance."""
        known = self.name(frozenset(field.wire for field in fields), "known")
        self.lines += ["def decode(o):", "    g = o.get", "    i = new(T)", f"    n = {len(fields)}"]
        for field in fields:
            converted = self.expression(field.shape, "v")
            if field.is_required:
                self.lines.append(f"    v = o[{field.wire!r}]")
                self.guards(field.shape, "v", "    ")
                self.lines.append(f"    i.{field.name} = {converted}")
            else:
                self.lines += [
                    f"    v = g({field.wire!r})",
                    "    if v is None:",
                    f"        i.{field.name} = None",
                    "        n -= 1",
                    "    else:",
                ]
                self.guards(field.shape, "v", "        ")
                self.lines.append(f"        i.{field.name} = {converted}")
        self.lines += [f"    i.{name} = None" for name in self.names["T"].__local__]
        self.lines += [
            # n counts the known fields that are there: only where that is not all there is, look closer
            f"    i._extra = None if len(o) == n else {{k: o[k] for k in o if k not in {known}}} or None",
            "    return i",
        ]

    def encode(self, fields: tuple[Field, ...]) -> None:
        """Write a function from an instance to plain data; what is None does not travel."""
        self.lines += ["def encode(i):", "    if i.__class__ is not T: raise Odd", "    d = {}"]
        for field in fields:
            converted = self.expression(field.shape, "v")
            # an answer may lack what its type requires; a request may not
            is_firm = field.is_required and self.mode == "checked"
            self.lines.append(f"    v = i.{field.name}")
            self.lines.append("    if v is None: raise Odd" if is_firm else "    if v is not None:")
            indent = "    " if is_firm else "        "
            self.guards(field.shape, "v", indent)
            self.lines.append(f"{indent}d[{field.wire!r}] = {converted}")
        self.lines += ["    v = i._extra", f"    return {self.name(_with_extra, 'both')}(d, v) if v else d"]


_made: dict[tuple[Any, Mode], Callable[[Any], Any]] = {}


def _write(cls: Any, mode: Mode) -> _Source:
    text = _Source(cls, mode)
    (text.decode if mode == "decode" else text.encode)(fields_of(cls))
    return text


def source(cls: Any, mode: Mode) -> str:
    """Return the text of the function for *cls*."""
    return "\n".join(_write(cls, mode).lines) + "\n"


def function(cls: Any, mode: Mode) -> Callable[[Any], Any]:
    """Return the function for *cls*, made when first asked for."""
    made = _made.get((cls, mode))
    if made is None:
        text = _write(cls, mode)
        code = compile("\n".join(text.lines), f"<{mode} {cls.__module__}.{cls.__qualname__}>", "exec")
        scope = text.names
        exec(code, scope)  # noqa: S102 - the text is ours alone, made of field names
        made = _made[cls, mode] = scope["decode" if mode == "decode" else "encode"]
    return made
