"""Where a model or an enum differs from Amazon's definition of it: one small law for each of its facts."""

import keyword
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from spshipping.wire.limits import Count, Length, Limit, Pattern, Range
from spshipping.wire.shapes import Shape, fields_of
from tests.contract.differences import Difference
from tests.contract.facts import Json, resolved


class Pair(NamedTuple):
    """A class of ours, and the definition that it stands for."""

    cls: Any
    file: str
    schema: Json
    definition: str | None
    """None where Amazon describes it on the spot, without a name."""

    @property
    def name(self) -> str:
        """Return what messages and known deviations call it."""
        return f"{self.file} {self.definition or self.cls.__name__}"


Law = Callable[[Pair], Iterator[Difference]]

_KINDS = {"array": "list", "boolean": "bool", "integer": "int", "number": "decimal", "string": "str"}
_TEXT_FORMATS = {"date-time": "time", "dateTime": "time", "date": "date"}
_CARRIED_AS_TEXT = ("money", "interval")


def free_form(schema: Json) -> bool:
    """Say whether Amazon describes any object at all."""
    return (
        schema.get("type") == "object"
        and not schema.get("properties")
        and not schema.get("additionalProperties")
    )


def kind(schema: Json) -> str:
    """Return the kind of shape that a resolved schema asks for."""
    if not schema:
        return "any"
    if "enum" in schema:
        return "enum"
    if schema["type"] == "object":
        return "model" if schema.get("properties") else "object" if free_form(schema) else "map"
    if schema["type"] == "string":
        return _TEXT_FORMATS.get(schema.get("format", ""), "str")
    return _KINDS[schema["type"]]


def _inner(schema: Json) -> Json:
    inner: Json = schema["items"] if schema["type"] == "array" else schema["additionalProperties"]
    return inner


def _layers(
    file: str, shape: Shape, schema: Json, where: str
) -> Iterator[tuple[Shape, Json, str | None, str]]:
    """Yield a shape and its schema, then what they hold, and so on, as long as both hold something."""
    end, name = resolved(file, schema)
    yield shape, end, name, where
    if shape.item is not None and kind(end) == shape.kind:
        yield from _layers(file, shape.item, _inner(end), f"{where}[]")


def pairs_below(shape: Shape, file: str, schema: Json) -> Iterator[Pair]:
    """Yield the class that is in *shape*, if there is one, with its definition."""
    *_, (innermost, end, name, _) = _layers(file, shape, schema, "")
    if innermost.kind in ("model", "enum"):
        yield Pair(innermost.cls, file, end, name)


def _shared(pair: Pair) -> Iterator[tuple[Any, Json, str]]:
    """Yield the fields that both have."""
    for field in fields_of(pair.cls):
        schema = pair.schema.get("properties", {}).get(field.wire)
        if schema is not None:
            yield field, schema, f"{pair.name}.{field.wire}"


def inner_pairs(pair: Pair) -> Iterator[Pair]:
    """Yield the classes in the fields of a model."""
    for field, schema, _ in _shared(pair):
        yield from pairs_below(field.shape, pair.file, schema)


def its_name(pair: Pair) -> Iterator[Difference]:
    """A class is named as Amazon's definition; an alias has no class."""
    if pair.definition is not None and pair.cls.__name__ != pair.definition:
        yield Difference(f"{pair.name} name", pair.cls.__name__, pair.definition)


def its_fields(pair: Pair) -> Iterator[Difference]:
    """Its fields are the properties, under the same wire names, in the same order."""
    ours = [field.wire for field in fields_of(pair.cls)]
    amazons = list(pair.schema.get("properties", {}))
    for name in sorted({*ours} ^ {*amazons}):
        yield Difference(f"{pair.name}.{name}", str(name in ours), str(name in amazons))
    ours, amazons = [name for name in ours if name in amazons], [name for name in amazons if name in ours]
    if ours != amazons:
        yield Difference(f"{pair.name} order", ", ".join(ours), ", ".join(amazons))


def its_kinds(pair: Pair) -> Iterator[Difference]:
    """Every field is of Amazon's type, through lists, maps and aliases; listed values may be an enum."""
    for field, schema, where in _shared(pair):
        for shape, end, _, place in _layers(pair.file, field.shape, schema, where):
            is_listed = shape.kind == "enum" and "values" in end
            is_text = kind(end) == "str" and (shape.kind in _CARRIED_AS_TEXT or is_listed)
            if shape.kind != kind(end) and not is_text:
                yield Difference(f"{place} kind", shape.kind, kind(end))


def its_required_fields(pair: Pair) -> Iterator[Difference]:
    """A field is required if, and only if, the property is."""
    required = pair.schema.get("required", [])
    for field, _, where in _shared(pair):
        if field.is_required is not (field.wire in required):
            yield Difference(f"{where} required", str(field.is_required), str(field.wire in required))


def _form(limit: Limit) -> str:
    return (
        f"Pattern {limit.regex.removeprefix('^').removesuffix('$')}"
        if isinstance(limit, Pattern)
        else repr(limit)
    )


def _limits(schema: Json) -> Iterator[Limit]:
    if "minLength" in schema or "maxLength" in schema:
        yield Length(schema.get("minLength", 0), schema["maxLength"])
    if "pattern" in schema:
        yield Pattern(schema["pattern"])
    if "minItems" in schema:
        yield Count(schema["minItems"])
    if "minimum" in schema:
        yield Range(schema["minimum"], schema.get("maximum", 2**31 - 1))


def its_limits(pair: Pair) -> Iterator[Difference]:
    """Every length, pattern, count and range of Amazon's is an annotation."""
    for field, schema, where in _shared(pair):
        for shape, end, _, place in _layers(pair.file, field.shape, schema, where):
            ours, amazons = sorted(map(_form, shape.limits)), sorted(map(_form, _limits(end)))
            if ours != amazons:
                yield Difference(f"{place} limits", ", ".join(ours), ", ".join(amazons))


def snake_case(wire: str) -> str | None:
    """Return the field name that a wire name gives by rule; None where it has an acronym."""
    if re.search("[A-Z]{2}|[A-Z]$", wire):
        return None
    name = re.sub("(?<!^)([A-Z])", r"_\1", wire).lower()
    return f"{name}_" if keyword.iskeyword(name) else name


def its_field_names(pair: Pair) -> Iterator[Difference]:
    """A field is named by rule, or, where the wire name has an acronym, with the same letters."""
    for field, _, where in _shared(pair):
        regular = snake_case(field.wire)
        by_letters = field.name.replace("_", "") == field.wire.lower()
        if not (by_letters if regular is None else field.name == regular):
            yield Difference(f"{where} name", field.name, regular or field.wire)


def its_members(pair: Pair) -> Iterator[Difference]:
    """The members of an enum are Amazon's values."""
    amazons = {*pair.schema.get("enum", ()), *pair.schema.get("values", ())}
    ours = {member.value for member in pair.cls}
    for value in sorted(ours ^ amazons):
        yield Difference(f"{pair.name} {value}", str(value in ours), str(value in amazons))


MODEL_LAWS: tuple[Law, ...] = (
    its_name,
    its_fields,
    its_kinds,
    its_required_fields,
    its_limits,
    its_field_names,
)
ENUM_LAWS: tuple[Law, ...] = (its_name, its_members)
