"""Writes, for each model class, the Python functions that decode it, encode it, and write a request's JSON.

The functions assume a well-formed value and raise anything at all when it is not; the callers then take the
slow way, which repairs an answer (`lenient`) or names the fault in a request (`check`). `source` shows what
was written.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from spshipping.wire.enums import Members
from spshipping.wire.numbers import AMOUNTS
from spshipping.wire.remainder import merged, unknown
from spshipping.wire.shapes import Field, Shape, fields_of
from spshipping.wire.source import Mode, Source
from spshipping.wire.text import quote, write

_QUICK = {
    "decimal": "{value} if {value}.__class__ is Decimal else {read}({value})",
    "time": "t if (t := iso({value})).tzinfo is not None else {read}({value})",
}
"""How most values are read without calling the reader."""
_FEW = 5
"""Binding a method costs as much as finding it so many times."""


def _expression(source: Source, shape: Shape, value: str) -> str:
    """Return the expression that converts *value*; for guarded kinds the guard stands elsewhere."""
    if shape.kind == "model":
        return f"{_function_of(source, shape.cls)}({value})"
    if shape.item is not None:
        return _collection(source, shape, value, _expression(source, shape.item, "x"))
    if source.mode == "decode":
        return decoding(source, shape, value)
    if shape.kind == "enum" and source.mode == "encode":
        return f"{value} if {value}.__class__ is str else {value}._value_"
    write = None if shape.kind == "enum" else shape.row.write
    written = f"{source.name(write, shape.kind)}({value})" if write else value
    return shape.row.text.format(written) if source.mode == "checked" else written


def _function_of(source: Source, cls: Any) -> str:
    """Return the name of the function for *cls*, made at its first call: few answers hold every class."""

    def first(value: Any) -> Any:
        made = source.names[name] = function(cls, source.mode)
        return made(value)

    name = source.name(first, cls.__name__)
    return name


def _collection(source: Source, shape: Shape, value: str, inner: str) -> str:
    is_json = source.mode == "checked"
    if shape.kind == "list":
        each = f"[{inner} for x in {value}]"
        if is_json:
            return f"'[' + ','.join({each}) + ']'"
        # a list of the model is not handed out
        return each if inner != "x" else f"{value}.copy()" if source.mode == "whole" else value
    if is_json:
        return f"'{{' + ','.join([quote(k) + ':' + {inner} for k, x in {value}.items()]) + '}}'"
    return f"{{k: {inner} for k, x in {value}.items()}}"


def decoding(source: Source, shape: Shape, value: str) -> str:
    """Return the expression that reads *value*; for guarded kinds the guard stands elsewhere."""
    if shape.kind == "enum":
        return f"{source.name(Members(shape.cls), shape.cls.__name__)}[{value}]"
    if shape.kind == "str":
        return f"{value} + ''"  # refuses all but text, in less time than a look at the class takes
    if shape.kind == "money":
        return f"{source.name(AMOUNTS, 'amounts')}[{value}]"
    if not shape.row.read:
        return value
    read = source.name(shape.row.read, shape.kind)
    # where it can be seen without a call
    quick = _QUICK.get(shape.kind, "{read}({value})")
    return quick.format(value=value, read=read)


def _is_small(fields: tuple[Field, ...]) -> bool:
    """Return whether to write it inside what holds it: a call would take as long as a few fields."""
    return len(fields) <= _FEW and all(field.shape.kind not in ("model", "list", "map") for field in fields)


def _decoded(source: Source, shape: Shape, value: str, indent: str, *, uses_up: bool = False) -> str:
    """Write the statements that check *value*, and read a list; return the expression of what it becomes."""
    if shape.kind == "model" and _is_small(parts := fields_of(shape.cls)):
        return _made_of(source, shape.cls, parts, value, indent, uses_up=uses_up)
    if shape.kind != "list" or shape.item is None or shape.item.row.is_plain:
        source.guards(shape, value, indent)
        return _expression(source, shape, value)
    # a loop of its own costs less than a comprehension, most of all where there is one item
    item, place, made = f"{value}x", f"{value}k", value if uses_up else f"{value}s"
    source.lines.append(f"{indent}if {source.odd(shape, value)}: raise Odd")
    if uses_up:
        source.lines.append(f"{indent}for {place}, {item} in enumerate({value}):")
        put = f"{value}[{place}] = {{}}"
    else:
        source.lines += [f"{indent}{made} = []", f"{indent}for {item} in {value}:"]
        put = f"{made}.append({{}})"
    inner = indent + "    "
    source.lines.append(inner + put.format(_decoded(source, shape.item, item, inner)))
    return made


def _decode(cls: Any, fields: tuple[Field, ...], *, uses_up: bool = False) -> Source:
    """Write a function from parsed JSON to an instance; its lists become the model's if it *uses_up* them."""
    source = Source("decode", Decimal=Decimal, iso=datetime.fromisoformat, unknown=unknown)
    source.lines.append("def decode(o):")
    source.lines.append(f"    return {_made_of(source, cls, fields, 'o', '    ', uses_up=uses_up)}")
    return source


def _made_of(
    source: Source, cls: Any, fields: tuple[Field, ...], value: str, indent: str, *, uses_up: bool
) -> str:
    """Write the statements that make an instance of the object *value*; return the name that it has."""
    made, count, v = f"i{value}", f"n{value}", f"v{value}"
    lines = source.lines
    new, known = source.name(partial(object.__new__, cls), "new"), source.name(_wire_names(fields), "known")
    lines += [f"{indent}{made} = {new}()", f"{indent}{count} = {len(fields)}"]
    # bound once where it is called often, and where nothing else would find out that it is no object
    is_bound = sum(not field.is_required for field in fields) > _FEW or not fields
    if is_bound:
        lines.append(f"{indent}g{value} = {value}.get")
    for field in fields:
        attribute = f"{made}.{field.name}"
        if field.is_required:
            lines.append(f"{indent}{v} = {value}[{field.wire!r}]")
            converted = _decoded(source, field.shape, v, indent, uses_up=uses_up)
            lines.append(f"{indent}{attribute} = {converted}")
            continue
        get = f"g{value}" if is_bound else f"{value}.get"
        lines.append(f"{indent}{v} = {get}({field.wire!r})")
        if field.shape.kind in ("int", "bool"):
            lines += [
                f"{indent}if {source.odd(field.shape, v)}:",
                f"{indent}    if {v} is not None: raise Odd",
                f"{indent}    {count} -= 1",
                f"{indent}{attribute} = {v}",
            ]
            continue
        lines += [
            f"{indent}if {v} is None:",
            f"{indent}    {attribute} = None",
            f"{indent}    {count} -= 1",
            f"{indent}else:",
        ]
        converted = _decoded(source, field.shape, v, indent + "    ", uses_up=uses_up)
        lines.append(f"{indent}    {attribute} = {converted}")
    lines += [f"{indent}{made}.{name} = {default!r}" for name, default in cls.__local__.items()]
    lines += [
        # it counts the known fields that are there: only where that is not all there is, look closer
        f"{indent}if len({value}) == {count}: {made}._extra = None",
        f"{indent}else: {made}._extra = unknown({value}, {known})",
        *([f"{indent}{made}.__decoded__()"] if cls.__decoded__ else []),
    ]
    return made


def _wire_names(fields: tuple[Field, ...]) -> frozenset[str]:
    return frozenset(field.wire for field in fields)


def _encode(cls: Any, fields: tuple[Field, ...]) -> Source:
    """Write a function from an instance to plain data; what is None or missing does not travel."""
    source = Source("encode", T=cls, merged=merged)
    source.lines += ["def encode(i):", "    if i.__class__ is not T: raise Odd", "    d = {}"]
    for field in fields:
        converted = _expression(source, field.shape, "v")
        if field.is_required:
            source.lines += [f"    try: v = i.{field.name}", "    except AttributeError: v = None"]
        else:
            source.lines.append(f"    v = i.{field.name}")
        source.lines.append("    if v is not None:")
        source.guards(field.shape, "v", "        ")
        source.lines.append(f"        d[{field.wire!r}] = {converted}")
    source.lines += ["    v = i._extra", "    return d if v is None else merged(d, v, i)"]
    return source


def _whole(cls: Any, fields: tuple[Field, ...]) -> Source:
    """Write a function from an instance to plain data with every key, None where there is nothing.

    One with unknown fields is left to `encode`, as is what holds numbers that are not whole, or any JSON.
    """
    source = Source("whole", T=cls)
    source.lines += ["def whole(i):", "    if i.__class__ is not T or i._extra is not None: raise Odd"]
    entries = []
    for place, field in enumerate(fields):
        value, shape = f"v{place}", field.shape
        entries.append(f"{field.wire!r}: {value}")
        if field.is_required:
            source.lines += [
                f"    try: {value} = i.{field.name}",
                f"    except AttributeError: {value} = None",
            ]
        else:
            source.lines.append(f"    {value} = i.{field.name}")
        if shape.row.is_plain:
            source.lines.append(f"    if {source.odd(shape, value)} and {value} is not None: raise Odd")
            continue
        if shape.kind == "enum":
            enum = source.name(shape.cls, shape.cls.__name__)
            source.lines += [
                f"    if {value}.__class__ is {enum}: {value} = {value}._value_",
                f"    elif {value}.__class__ is not str and {value} is not None: raise Odd",
            ]
            continue
        source.lines.append(f"    if {value} is not None:")
        source.guards(shape, value, "        ")
        source.lines.append(f"        {value} = {_expression(source, shape, value)}")
        if shape.cls in cls.__sections__:
            nothing = {inner.wire: None for inner in fields_of(shape.cls)}
            source.lines += ["    else:", f"        {value} = {nothing!r}"]
    source.lines.append(f"    return {{{', '.join(entries)}}}")
    return source


def _checked(cls: Any, fields: tuple[Field, ...]) -> Source:
    """Write a function from a request's instance to its JSON; what is None does not travel, or is refused."""
    plain = function(cls, "encode")
    source = Source("checked", T=cls, quote=quote, write=write, plain=plain)
    source.lines += ["def checked(i):", "    if i.__class__ is not T: raise Odd"]
    text = ""
    for field in fields:
        converted, part = _expression(source, field.shape, "v"), f"{field.name}_"
        key = f",{quote(field.wire)}:"
        source.lines.append(f"    v = i.{field.name}")
        if field.is_required:
            source.lines.append("    if v is None: raise Odd")
            source.guards(field.shape, "v", "    ")
            source.lines.append(f"    {part} = {converted}")
            text += f"{key}{{{part}}}"
        else:
            source.lines += [f"    {part} = ''", "    if v is not None:"]
            source.guards(field.shape, "v", "        ")
            source.lines.append(f"        {part} = {key!r} + {converted}")
            text += f"{{{part}}}"
    if cls.__exactly_one__:
        stated = " + ".join(f"({name}_ != '')" for name in cls.__exactly_one__)
        source.lines.append(f"    if {stated} != 1: raise Odd")
    # each part begins with a comma, the first one too
    source.lines += [f"    t = f{text!r}", "    return write(plain(i)) if i._extra else f'{{{t[1:]}}}'"]
    return source


_WAYS: dict[Mode, Callable[[Any, tuple[Field, ...]], Source]] = {
    "decode": _decode,
    "consume": partial(_decode, uses_up=True),
    "encode": _encode,
    "whole": _whole,
    "checked": _checked,
}
_made: dict[tuple[Any, Mode], Callable[[Any], Any]] = {}


def source(cls: Any, mode: Mode) -> str:
    """Return the text of the function for *cls*."""
    return "\n".join(_WAYS[mode](cls, fields_of(cls)).lines) + "\n"


def function(cls: Any, mode: Mode) -> Callable[[Any], Any]:
    """Return the function for *cls*, made when first needed."""
    made = _made.get((cls, mode))
    if made is None:
        written = _WAYS[mode](cls, fields_of(cls))
        code = compile("\n".join(written.lines), f"<{mode} {cls.__module__}.{cls.__qualname__}>", "exec")
        exec(code, written.names)  # noqa: S102 - the text is ours alone, made of field names
        made = _made[cls, mode] = written.names[written.mode]
    return made
