"""Makes, for each model class, a twin: a Struct of msgspec's, read from bytes and copied into the model.

msgspec fills a twin without making dictionaries, and refuses whatever is not of the very type. What it would
read in another way than `fast` does, it is not asked to read: money, times, days and spans come as text,
numbers with a fraction digit for digit, and the copy reads them as `fast` does. What needs a repair raises
anything at all; the caller then takes the way over parsed JSON.

A twin has no room for what is not in its table, so it is given the names of the unknown fields to expect.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from spshipping.wire.fast import decoding
from spshipping.wire.shapes import Field, Shape, fields_of
from spshipping.wire.source import Source
from spshipping.wire.text import LEVELS, bounded

_TYPES: dict[str, Any] = {
    "str": str,
    "int": int,
    "bool": bool,
    "decimal": Any,  # as Decimal, msgspec would take text too; what is no number, the copy refuses
    "money": str,
    "time": str,  # msgspec rounds the seventh digit of a second, Python cuts it
    "date": str,
    "interval": str,
    "object": dict[str, Any],
    "any": Any,
}


class Twins:
    """The twins of a class and of all classes in it, and the functions that copy them."""

    def __init__(self, msgspec: Any, unknown: Mapping[Any, Collection[str]]) -> None:
        """Begin with none.

        Args:
            msgspec: the module.
            unknown: the unknown fields for which a class has room.
        """
        self._msgspec = msgspec
        self._unknown = unknown
        self._twins: dict[Any, Any] = {}
        self._copiers: dict[Any, Callable[[Any], Any]] = {}

    def reader(self, cls: Any, *, is_enveloped: bool) -> Callable[[bytes], Any]:
        """Return the function from JSON to an instance of *cls*, within an envelope or by itself."""
        struct, opened = self._twin(cls), "decode(o)"
        if is_enveloped:
            struct, opened = self._struct("Envelope", [("payload", struct)]), "decode(o).payload"
        source = self.source(cls, opened)
        source.names["decode"] = self._msgspec.json.Decoder(struct, float_hook=Decimal).decode
        return _compiled(source, cls)

    def _struct(self, name: str, fields: list[Any], names: Mapping[str, str] | None = None) -> Any:
        # without a part in the collection of garbage: they are never in circles, and soon gone
        return self._msgspec.defstruct(
            name, fields, rename=names, kw_only=True, forbid_unknown_fields=True, gc=False
        )

    def _twin(self, cls: Any) -> Any:
        if cls not in self._twins:
            fields: list[Any] = []
            for field in fields_of(cls):
                type_ = self._type(field.shape)
                # None is what a model holds for both null and absent
                fields.append((field.name, type_) if field.is_required else (field.name, type_ | None, None))
            names = {field.name: field.wire for field in fields_of(cls)}
            for number, wire in enumerate(self._unknown.get(cls, ())):
                fields.append((f"unknown_{number}", Any, self._msgspec.UNSET))
                names[f"unknown_{number}"] = wire
            self._twins[cls] = self._struct(cls.__name__, fields, names)
        return self._twins[cls]

    def _type(self, shape: Shape) -> Any:
        if shape.kind == "model":
            return self._twin(shape.cls)
        if shape.item is not None:
            item = self._type(shape.item)
            return list[item] if shape.kind == "list" else dict[str, item]  # type: ignore[valid-type]  # made here
        # what an enum does not list, its own `_missing_` makes a member of
        return shape.cls if shape.kind == "enum" else _TYPES[shape.kind]

    def _copier(self, cls: Any) -> Callable[[Any], Any]:
        """Return the function from a twin to an instance of *cls*."""
        if cls not in self._copiers:
            self._copiers[cls] = _compiled(self.source(cls), cls)
        return self._copiers[cls]

    def source(self, cls: Any, opened: str = "") -> Source:
        """Return the text of that function; *opened* says how to get the twin, where it is not given one."""
        source = Source(
            "decode",
            Decimal=Decimal,
            iso=datetime.fromisoformat,
            bounded=bounded,
            UNSET=self._msgspec.UNSET,
            write=self._msgspec.json.encode,
        )
        source.lines.append("def copy(o):")
        if opened:
            source.lines.append(f"    o = {opened}")
        source.lines.append(f"    return {self._model(source, cls, 'o', '    ')}")
        return source

    def _model(self, source: Source, cls: Any, twin: str, indent: str) -> str:
        """Write the statements that copy *twin*; return the name of the model."""
        made = f"m{len(source.lines)}"
        new = source.name(partial(object.__new__, cls), "new")
        source.lines.append(f"{indent}{made} = {new}()")
        for field in fields_of(cls):
            self._field(source, field, f"{twin}.{field.name}", f"{made}.{field.name}", indent)
        source.lines += [f"{indent}{made}.{name} = {default!r}" for name, default in cls.__local__.items()]
        self._extra(source, self._unknown.get(cls, ()), twin, made, indent)
        if cls.__decoded__:
            source.lines.append(f"{indent}{made}.__decoded__()")
        return made

    def _extra(self, source: Source, unknown: Collection[str], twin: str, made: str, indent: str) -> None:
        if not unknown:
            source.lines.append(f"{indent}{made}._extra = None")
            return
        source.lines.append(f"{indent}r = {{}}")
        for number, wire in enumerate(unknown):
            source.lines.append(f"{indent}if (v := {twin}.unknown_{number}) is not UNSET: r[{wire!r}] = v")
        # what is so short cannot be nested too deep, and to write it costs less than to look
        source.lines.append(
            f"{indent}{made}._extra = (r if len(write(r)) < {2 * LEVELS} else bounded(r)) if r else None"
        )

    def _field(self, source: Source, field: Field, twin: str, made: str, indent: str) -> None:
        if _is_same(field.shape):
            source.lines.append(f"{indent}{made} = {twin}")
            return
        value = f"v{len(source.lines)}"
        source.lines.append(f"{indent}{value} = {twin}")
        if not field.is_required:
            source.lines += [f"{indent}if {value} is None: {made} = None", f"{indent}else:"]
            indent += "    "
        converted = self._converted(source, field.shape, value, indent)
        source.lines.append(f"{indent}{made} = {converted}")

    def _converted(self, source: Source, shape: Shape, value: str, indent: str) -> str:
        """Write the statements that *value* needs; return the expression of what it becomes in the model."""
        if shape.item is not None:
            return self._collection(source, shape, shape.item, value, indent)
        if shape.kind == "model":
            if _is_small(shape.cls):  # to call a function takes as long as to copy one
                return self._model(source, shape.cls, value, indent)
            return f"{source.name(self._copier(shape.cls), shape.cls.__name__)}({value})"
        return decoding(source, shape, value)

    def _collection(self, source: Source, shape: Shape, item: Shape, value: str, indent: str) -> str:
        part, key = f"{value}x", f"{value}k"
        pairs = f"{value}.items()" if shape.kind == "map" else f"enumerate({value})"
        # each twin is let go once it is copied, so that a page and its models are never all there at once
        source.lines.append(f"{indent}for {key}, {part} in {pairs}:")
        indent += "    "
        if item.kind == "model":
            converted = self._model(source, item.cls, part, indent)
        else:
            converted = self._converted(source, item, part, indent)
        source.lines.append(f"{indent}{value}[{key}] = {converted}")
        return value


def _compiled(source: Source, cls: Any) -> Callable[[Any], Any]:
    code = compile("\n".join(source.lines), f"<copy {cls.__module__}.{cls.__qualname__}>", "exec")
    exec(code, source.names)  # noqa: S102 - the text is ours alone, made of field names
    copied: Callable[[Any], Any] = source.names["copy"]
    return copied


def _is_same(shape: Shape) -> bool:
    """Say whether what msgspec makes of a value is what the model holds."""
    return shape.row.is_plain or shape.kind == "enum" if shape.item is None else _is_same(shape.item)


def _is_small(cls: Any) -> bool:
    """Say whether a model holds no others."""
    return all(field.shape.item is None and field.shape.kind != "model" for field in fields_of(cls))
